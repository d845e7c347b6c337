/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "quality_i.h"

static const nax_opt_info entries[] = {
    NAX_I_POSITIVE(nax_quality_opts, isi_threshold, "isi-threshold", "s", 0.0015, 0,
                   "Hill: shorter intervals between spikes are violations"),
    NAX_I_REAL(nax_quality_opts, isi_min, "isi-min", "s", 0.0, 0.0, 1.0,
               "Hill: shortest interval that the sorter can report"),
    NAX_I_POSITIVE(nax_quality_opts, refractory, "refractory", "s", 0.001, 0,
                   "Llobet: refractory period"),
    NAX_I_REAL(nax_quality_opts, censored, "censored", "s", 0.0, 0.0, 1.0,
               "Llobet: censored period after a spike"),
    NAX_I_POSITIVE(nax_quality_opts, presence_bin, "presence-bin", "s", 60.0, 0,
                   "bin of the presence ratio"),
    NAX_I_POSITIVE(nax_quality_opts, fano_window, "fano-window", "s", 1.0, 0,
                   "window in which spikes are counted for the Fano factor"),
    NAX_I_POSITIVE(nax_quality_opts, range_bin, "range-bin", "s", 5.0, 0,
                   "bin of the firing range"),
    NAX_I_REAL(nax_quality_opts, lvr_refractory, "lvr-refractory", "s", 0.005, 0.0, 1.0,
               "refractoriness constant of LvR"),
    NAX_I_REAL(nax_quality_opts, baseline_percentile, "baseline-percentile", "%", 8.0,
               0.0, 100.0, "percentile of the values in a window that is the baseline"),
    NAX_I_POSITIVE(nax_quality_opts, baseline_window, "baseline-window", "s", 60.0, 0,
                   "window of the baseline"),
    NAX_I_POSITIVE(nax_quality_opts, event_threshold, "event-threshold", "", 5.0, 0,
                   "height of an event above baseline in units of the noise"),
    NAX_I_REAL(nax_quality_opts, duplicate, "duplicate", "", 0.9, 0.0, 1.0,
               "correlation above which two units are called duplicates"),
    NAX_I_INT(nax_quality_opts, fano_ddof, "fano-ddof", "", 1, 0, 1,
              "1: unbiased variance in the Fano factor, 0: divided by the count"),
    NAX_I_INT(nax_quality_opts, memory, "memory", "MB", 128, 1, 1000000,
              "traces held at once when reading from a file"),
    NAX_I_ENUM(nax_quality_opts, signal, "signal",
               "auto|dff|fluorescence|inferred|potential|counts|other", NAX_SIGNAL_AUTO,
               7, "what the values of a trace are"),
};

const nax_opt_table nax_i_quality_table_opts =
    NAX_I_TABLE("quality", nax_quality_opts, sizeof(nax_quality_opts), entries);
