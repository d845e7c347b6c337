# SPDX-License-Identifier: GPL-3.0-or-later
# Benchmarks are built on request only: make bench/ntf/bench_ntf
EXTRA_DIST += bench/own.sh
EXTRA_PROGRAMS += bench/ntf/bench_ntf bench/ntf/bench_mttkrp bench/ntf/bench_scaling
bench_ntf_bench_ntf_SOURCES = bench/ntf/bench_ntf.c
bench_ntf_bench_ntf_LDADD = libneuraxis.la
bench_ntf_bench_mttkrp_SOURCES = bench/ntf/bench_mttkrp.c
bench_ntf_bench_mttkrp_LDADD = libnaxall.la
bench_ntf_bench_scaling_SOURCES = bench/ntf/bench_scaling.c
bench_ntf_bench_scaling_LDADD = libneuraxis.la
EXTRA_DIST += bench/ntf/README.md bench/ntf/peers.py bench/ntf/run.sh
EXTRA_PROGRAMS += bench/gpfa/bench_gpfa
bench_gpfa_bench_gpfa_SOURCES = bench/gpfa/bench_gpfa.c
bench_gpfa_bench_gpfa_LDADD = libneuraxis.la
EXTRA_DIST += bench/gpfa/README.md bench/gpfa/peers.py bench/gpfa/run.sh
EXTRA_PROGRAMS += bench/gpvae/bench_gpvae
bench_gpvae_bench_gpvae_SOURCES = bench/gpvae/bench_gpvae.c
bench_gpvae_bench_gpvae_LDADD = libneuraxis.la
EXTRA_DIST += bench/gpvae/README.md bench/gpvae/peer.py bench/gpvae/run.sh
EXTRA_PROGRAMS += bench/trsa/bench_trsa
bench_trsa_bench_trsa_SOURCES = bench/trsa/bench_trsa.c
bench_trsa_bench_trsa_LDADD = libneuraxis.la
EXTRA_DIST += bench/trsa/peers.py bench/trsa/run.sh

EXTRA_PROGRAMS += bench/bicluster/bench_bicluster
bench_bicluster_bench_bicluster_SOURCES = bench/bicluster/bench_bicluster.c
bench_bicluster_bench_bicluster_LDADD = libnaxall.la
bench_bicluster_bench_bicluster_LDFLAGS = -Wl,--wrap=nax_i_bic_pg \
	-Wl,--wrap=nax_i_bic_exp -Wl,--wrap=nax_i_bic_logistic
EXTRA_DIST += bench/bicluster/README.md bench/bicluster/run.sh
EXTRA_PROGRAMS += bench/rsa/bench_rsa
bench_rsa_bench_rsa_SOURCES = bench/rsa/bench_rsa.c
bench_rsa_bench_rsa_LDADD = libneuraxis.la
EXTRA_DIST += bench/rsa/peers.py bench/rsa/run.sh
EXTRA_DIST += bench/bindings/README.md bench/bindings/call.R bench/bindings/call_cost.m bench/bindings/looks.R \
	bench/bindings/looks.c bench/bindings/looks.m bench/bindings/looks.sh bench/bindings/run.sh
