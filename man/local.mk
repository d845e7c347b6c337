# SPDX-License-Identifier: GPL-3.0-or-later
# Pages in section 1 are made by help2man from --help and, where it exists, an include
# file man/NAME.h2m; they go into the tarball. The others are written by hand.
if DOCS
dist_man3_MANS = man/libneuraxis.3
else
EXTRA_DIST += man/libneuraxis.3
endif
