# SPDX-License-Identifier: GPL-3.0-or-later
pkginclude_HEADERS += \
	include/neuraxis/decls.h \
	include/neuraxis/status.h \
	include/neuraxis/types.h \
	include/neuraxis/context.h \
	include/neuraxis/options.h
libnaxall_la_SOURCES += \
	src/core/ahead_i.h \
	src/core/alloc.c \
	src/core/context.c \
	src/core/exp.c \
	src/core/log.c \
	src/core/core_i.h \
	src/core/options.c \
	src/core/order.c \
	src/core/status.c \
	src/core/text.c \
	src/core/threads.c \
	src/core/version.c
EXTRA_DIST += include/neuraxis/version.h.in
check_PROGRAMS += tests/unit/test_core
tests_unit_test_core_SOURCES = tests/unit/test_core.c
check_PROGRAMS += tests/unit/test_options tests/unit/test_text tests/unit/test_threads
tests_unit_test_options_SOURCES = tests/unit/test_options.c
tests_unit_test_text_SOURCES = tests/unit/test_text.c
tests_unit_test_threads_SOURCES = tests/unit/test_threads.c

# Every INIT macro of the public headers, for the test that compares it with its table.
nodist_tests_unit_test_options_SOURCES = tests/unit/option_inits.h
tests/unit/test_options.$(OBJEXT): tests/unit/option_inits.h
CLEANFILES += tests/unit/option_inits.h
tests/unit/option_inits.h: $(pkginclude_HEADERS)
	$(AM_V_GEN)$(MKDIR_P) tests/unit; \
	for h in $(pkginclude_HEADERS); do cat $(srcdir)/$$h; done | $(AWK) ' \
	  /^#define NAX_[A-Z0-9_]*_OPTS_INIT/ { \
	    macro = $$2; type = tolower(macro); sub(/_init$$/, "", type); \
	    print "static const " type " init_" type " = " macro ";"; \
	    list = list "    {\"" type "\", &init_" type ", sizeof(" type ")},\n" } \
	  END { printf "static const option_init inits[] = {\n%s};\n", list }' >$@.tmp && \
	mv $@.tmp $@
