# SPDX-License-Identifier: GPL-3.0-or-later
# manifest.tsv says which command made each recording; tests/cli/datasets.tap repeats it.
datasetsdir = $(pkgdatadir)/datasets
dist_datasets_DATA = \
	datasets/README.md \
	datasets/assemblies.nc \
	datasets/calcium.nc \
	datasets/manifest.tsv \
	datasets/spikes.nc
