# SPDX-License-Identifier: GPL-3.0-or-later
pkginclude_HEADERS += include/neuraxis/signal.h
libnaxall_la_SOURCES += \
	src/signal/align.c \
	src/signal/detrend.c \
	src/signal/dff.c \
	src/signal/kernel.c \
	src/signal/options.c \
	src/signal/psth.c \
	src/signal/resample.c \
	src/signal/rolling.c \
	src/signal/signal_i.h \
	src/signal/smooth.c \
	src/signal/traces.c \
	src/signal/welch.c

check_PROGRAMS += tests/unit/test_signal
tests_unit_test_signal_SOURCES = tests/unit/test_signal.c tests/reference/signal_scipy.h
EXTRA_DIST += tests/reference/make_signal_scipy.py
check_PROGRAMS += tests/unit/test_welch
tests_unit_test_welch_SOURCES = tests/unit/test_welch.c
check_PROGRAMS += tests/unit/test_trials
tests_unit_test_trials_SOURCES = tests/unit/test_trials.c
check_PROGRAMS += tests/unit/test_recording
tests_unit_test_recording_SOURCES = tests/unit/test_recording.c \
	tests/reference/suite2p_fissa.h
EXTRA_DIST += tests/reference/make_suite2p_fissa.py
