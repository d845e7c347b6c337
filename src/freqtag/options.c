/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "freqtag_i.h"

#define S nax_freqtag_opts
static const nax_opt_info entries[] = {
    NAX_I_STRING(S, tags, "tags", "tagged frequencies in Hz, comma-separated"),
    NAX_I_STRING(
        S, levels, "levels",
        "a name for each tag, comma-separated, e.g. sentence,phrase,phrase: tags "
        "of one name are one level of structure"),
    NAX_I_INT(S, harmonics, "harmonics", "", 1, 1, 100,
              "harmonics of each tag that are tested together; 1: the tag alone"),
    NAX_I_POSITIVE(
        S, window, "window", "s", NAX_NOT_GIVEN, 1,
        "length of the window in each trial; not given: the longest with whole "
        "cycles of every tag"),
    NAX_I_REAL(S, skip, "skip", "s", 0.0, 0.0, 1e9,
               "left out at the start of each trial, where the response builds up"),
    NAX_I_POSITIVE(
        S, rate, "sampling", "Hz", NAX_NOT_GIVEN, 1,
        "samples per second; not given: of the time axis, which may be uneven"),
    NAX_I_ENUM(
        S, test, "test", "t2circ|t2|rayleigh|snr|power|auto|thomson|line|z2",
        NAX_FREQTAG_TEST_T2CIRC, 9,
        "what decides on a unit: mean coefficient, the same for any covariance, "
        "phases, power of the mean or of single trials against neighbours, the mean "
        "coefficient by t2 where its scatter is no circle, Thomson's harmonic F, a line by "
        "least squares (Lomb-Scargle), phases of all spikes"),
    NAX_I_REAL(S, q, "q", "", 0.05, 1e-12, 1.0,
               "false discovery rate over units, for each tag"),
    NAX_I_ENUM(
        S, fdr, "fdr", "bh|by|max", 1, 3,
        "procedure: Benjamini-Hochberg, Benjamini-Yekutieli for any dependence, or the "
        "largest statistic of all units in each surrogate, which controls the family-wise "
        "error"),
    NAX_I_ENUM(S, null, "null", "none|phase|shift|sign|label", NAX_FREQTAG_NULL_NONE, 5,
               "surrogates that p values come from, instead of the closed form: trials "
               "are turned by random angles, shifted by random samples, change their "
               "sign, or (with a control) exchange their condition"),
    NAX_I_INT(S, surrogates, "surrogates", "", 999, 1, 1e8, "number of surrogates"),
    NAX_I_INT(S, stop, "stop", "", 0, 0, 1e8,
              "a unit is done when so many surrogates reach its value; 0: all are drawn"),
    NAX_I_INT(S, seed, "seed", "", 1, 0, 9e15, "seed of the surrogates"),
    NAX_I_INT(
        S, item_length, "item-length", "samples", 0, 0, 1e9,
        "length of an item, such as a sentence: p values are over items, not trials, "
        "so that they speak of items like these; 0: trials"),
    NAX_I_FLAG(S, paired, "paired", 0,
               "trial (or item) i of the control belongs to trial i: the differences are "
               "tested"),
    NAX_I_REAL(S, bandwidth, "bandwidth", "", 2.0, 0.5, 100.0,
               "time-bandwidth product of the tapers of test thomson"),
    NAX_I_INT(S, tapers, "tapers", "", 3, 2, 200, "tapers of test thomson"),
    NAX_I_FLAG(S, keep, "keep", 0, "keep the coefficients of single trials (or items)"),
    NAX_I_INT(
        S, side, "neighbours", "", 4, 0, 10000,
        "neighbouring bins on each side of a line, where no tag, harmonic or sum or "
        "difference of two (up to order 4) lies; 0: none"),
    NAX_I_INT(S, gap, "gap", "", 1, 0, 1000, "bins left out next to the line"),
    NAX_I_STRING(
        S, exclude, "exclude",
        "other lines that are no neighbours, e.g. mains, in Hz, comma-separated"),
    NAX_I_ENUM(S, trend, "trend", "none|constant|linear", NAX_FREQTAG_TREND_CONSTANT, 3,
               "what is taken out of each trial"),
    NAX_I_ENUM(S, taper, "taper", "boxcar|hann", NAX_FREQTAG_TAPER_BOXCAR, 2,
               "window function; boxcar is right for whole cycles"),
    NAX_I_ENUM(S, engine, "engine", "auto|fft|dft|fold", NAX_FREQTAG_ENGINE_AUTO, 4,
               "how coefficients are computed"),
    NAX_I_FLAG(S, off_grid, "off-grid", 0,
               "use a window without whole cycles, by least squares"),
    NAX_I_FLAG(S, spectrum, "spectrum", 0,
               "keep mean spectra and those of the best units"),
    NAX_I_FLAG(S, ress, "ress", 0,
               "add components of all channels, one for each tag: rhythmic entrainment "
               "source separation, each trial by a filter that has not seen it"),
    NAX_I_POSITIVE(S, ress_width, "ress-width", "Hz", 0.5, 0,
                   "width of its filter at the tag (full, at half maximum)"),
    NAX_I_POSITIVE(S, ress_distance, "ress-distance", "Hz", NAX_NOT_GIVEN, 1,
                   "distance of its references; not given: 1 Hz, or half the way to 0 or "
                   "half the rate"),
    NAX_I_POSITIVE(S, ress_reference, "ress-reference", "Hz", NAX_NOT_GIVEN, 1,
                   "width of its references; not given: their distance"),
    NAX_I_REAL(S, ress_shrinkage, "ress-shrinkage", "", 0.01, 0.0, 1.0,
               "share of the identity in the covariance of its references"),
    NAX_I_INT(S, memory, "memory", "MB", 256, 1, 1e9, "data and spectra held at once"),
};
#undef S

const nax_opt_table nax_i_freqtag_table =
    NAX_I_TABLE("freqtag", nax_freqtag_opts, sizeof(nax_freqtag_opts), entries);
