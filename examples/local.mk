# SPDX-License-Identifier: GPL-3.0-or-later
# NN_topic.c or .sh prints NN_topic.txt; tests/abi/examples.tap compiles and runs each as a
# user would.
examplesdir = $(docdir)/examples
dist_examples_DATA =
dist_examples_DATA += examples/01_array.c examples/01_array.txt
dist_examples_DATA += examples/02_spikes.c examples/02_spikes.txt
dist_examples_DATA += examples/03_recording.c examples/03_recording.txt
dist_examples_DATA += examples/04_signal.c examples/04_signal.txt
dist_examples_DATA += examples/05_simulate.c examples/05_simulate.txt
dist_examples_DATA += examples/06_session.sh examples/06_session.txt
dist_examples_DATA += examples/07_ntf.c examples/07_ntf.txt
dist_examples_DATA += examples/08_gpfa.c examples/08_gpfa.txt
dist_examples_DATA += examples/10_freqtag.c examples/10_freqtag.txt
dist_examples_DATA += examples/13_gpvae.c examples/13_gpvae.txt
dist_examples_DATA += examples/12_trsa.c examples/12_trsa.txt
dist_examples_DATA += examples/09_bicluster.c examples/09_bicluster.txt
dist_examples_DATA += examples/10_connectome.c examples/10_connectome.txt
dist_examples_DATA += examples/analysis.R examples/analysis.c examples/analysis.m examples/analysis.sh examples/analysis.txt
dist_examples_DATA += examples/11_rsa.c examples/11_rsa.txt
