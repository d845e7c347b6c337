# SPDX-License-Identifier: GPL-3.0-or-later
# Pages for people are in git; the reference is made from the headers by `make doc`.
EXTRA_DIST += doc/Doxyfile.in doc/conventions.md doc/errors.md doc/mainpage.md \
	doc/papers.bib doc/releasing.md doc/report.png doc/reproducibility.md doc/threads.md

doc: doc/Doxyfile
	@test -n "$(DOXYGEN)" || { echo "make doc needs doxygen" >&2; exit 1; }
	$(AM_V_GEN)$(DOXYGEN) doc/Doxyfile
.PHONY: doc
# tests/lint/doxygen.tap reads it
check_DATA += doc/Doxyfile
