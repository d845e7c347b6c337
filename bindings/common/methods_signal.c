/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a recording to the array that a method takes. */
#include "methods_i.h"
#include <stdlib.h>
#include <string.h>

/* A function of one array. */
typedef nax_status (*array_fn)(nax_ctx *, const nax_array *, const void *, nax_array **);

static nax_status
map_array(nxb_call *c, array_fn fn)
{
  nax_array *a = NULL, *out = NULL;
  nax_status s = nxb_array(c, 0, &a);
  if (s == NAX_OK) {
    s = fn(c->ctx, a, c->opts[0], &out);
  }
  nax_array_free(a);
  return s == NAX_OK ? nxb_give_array(c, "x", out) : s;
}

/* The library's functions take their own option struct; the table says it is that one. */
#define RUN_MAP(name, call)                                                              \
  static nax_status name##_void(nax_ctx *ctx, const nax_array *a, const void *o,         \
                                nax_array **out)                                         \
  {                                                                                      \
    return call(ctx, a, o, out);                                                         \
  }                                                                                      \
  static nax_status run_##name(nxb_call *c)                                              \
  {                                                                                      \
    return map_array(c, name##_void);                                                    \
  }

RUN_MAP(smooth, nax_signal_smooth)
RUN_MAP(dff, nax_signal_dff)
RUN_MAP(detrend, nax_signal_detrend)
RUN_MAP(resample, nax_signal_resample)
RUN_MAP(psth, nax_signal_psth)
RUN_MAP(welch, nax_signal_welch)

static nax_status
run_bin(nxb_call *c)
{
  const double *edges;
  nax_index n;
  nax_array *out = NULL;
  nax_status s = nxb_numbers(c, 1, &edges, &n);
  if (s == NAX_OK) {
    s = edges != NULL
            ? nax_spikes_bin_edges(c->ctx, c->in[0].spikes, n, edges, NULL, &out)
            : nax_spikes_bin(c->ctx, c->in[0].spikes, c->opts[0], NULL, &out);
  }
  return s == NAX_OK ? nxb_give_array(c, "counts", out) : s;
}

static nax_status
run_neuropil(nxb_call *c)
{
  nax_array *f = NULL, *fneu = NULL, *out = NULL;
  nax_status s = nxb_array(c, 0, &f);
  if (s == NAX_OK) {
    s = nxb_array(c, 1, &fneu);
  }
  if (s == NAX_OK) {
    s = nax_signal_neuropil(c->ctx, f, fneu, c->opts[0], &out);
  }
  nax_array_free(f);
  nax_array_free(fneu);
  return s == NAX_OK ? nxb_give_array(c, "x", out) : s;
}

static nax_status
run_align(nxb_call *c)
{
  const double *events;
  nax_index n;
  nax_array *a = NULL, *out = NULL;
  nax_status s = nxb_numbers(c, 1, &events, &n);
  if (s == NAX_OK && c->in[0].kind == NXB_SPIKES) {
    s = nax_signal_align_spikes(c->ctx, c->in[0].spikes, n, events, c->opts[0], &out);
  } else if (s == NAX_OK) {
    s = nxb_array(c, 0, &a);
    if (s == NAX_OK) {
      s = nax_signal_align(c->ctx, a, n, events, c->opts[0], &out);
    }
    nax_array_free(a);
  }
  return s == NAX_OK ? nxb_give_array(c, "x", out) : s;
}

/* Trials of unequal length; the lengths go back beside the padded array. */
static nax_status
run_cut(nxb_call *c)
{
  const double *start, *stop, *bin;
  nax_index n, n_stop, n_bin;
  nax_array *a = NULL, *out = NULL;
  nax_status s = nxb_numbers(c, 1, &start, &n);
  if (s == NAX_OK) {
    s = nxb_numbers(c, 2, &stop, &n_stop);
  }
  if (s == NAX_OK) {
    s = nxb_numbers(c, 3, &bin, &n_bin);
  }
  if (s == NAX_OK && n != n_stop) {
    s = nxb_fail(c, NAX_EDIM, "`stop` has %lld values, expected %lld as `start`",
                 (long long)n_stop, (long long)n);
  }
  if (s == NAX_OK && c->in[0].kind == NXB_SPIKES && (bin == NULL || n_bin != 1)) {
    s = nxb_fail(c, NAX_EINVAL, "`bin` is missing, expected the width of a bin in s");
  }
  if (s != NAX_OK) {
    return s;
  }
  nax_index *length = calloc((size_t)n + 1, sizeof *length);
  double *numbers = calloc((size_t)n + 1, sizeof *numbers);
  nax_table *t = NULL;
  if (length == NULL || numbers == NULL) {
    s = nxb_fail(c, NAX_ENOMEM, "out of memory");
  } else if (c->in[0].kind == NXB_SPIKES) {
    s = nax_signal_cut_spikes(c->ctx, c->in[0].spikes, n, start, stop, *bin, length,
                              &out);
  } else {
    s = nxb_array(c, 0, &a);
    if (s == NAX_OK) {
      s = nax_signal_cut(c->ctx, a, n, start, stop, length, &out);
    }
  }
  if (s == NAX_OK) {
    for (nax_index i = 0; i < n; i++) {
      numbers[i] = (double)length[i];
    }
    s = nax_table_create(c->ctx, "trial", n, &t);
  }
  if (s == NAX_OK) {
    s = nax_table_add_numbers(c->ctx, t, "bins", "", numbers);
  }
  if (s == NAX_OK) {
    s = nxb_give_array(c, "x", out);
    out = NULL;
  }
  if (s == NAX_OK) {
    s = nxb_give_table(c, "trials", t);
    t = NULL;
  }
  nax_table_free(t);
  nax_array_free(a);
  nax_array_free(out);
  free(length);
  free(numbers);
  return s;
}

static nax_status
run_zscore(nxb_call *c)
{
  const double *ddof;
  nax_index n;
  nax_array *a = NULL, *out = NULL;
  const char *axis = nxb_text(c, 1, "time");
  nax_status s = nxb_numbers(c, 2, &ddof, &n);
  if (s == NAX_OK) {
    s = nxb_array(c, 0, &a);
  }
  if (s == NAX_OK && nax_array_find_axis(a, axis) < 0) {
    s = nxb_fail(c, NAX_EINVAL, "`x` has no axis `%s`", axis);
  }
  if (s == NAX_OK) {
    s = nax_array_zscore(c->ctx, a, nax_array_find_axis(a, axis), n > 0 ? ddof[0] : 0.0,
                         &out);
  }
  nax_array_free(a);
  return s == NAX_OK ? nxb_give_array(c, "x", out) : s;
}

static nax_status
run_transform(nxb_call *c)
{
  nax_array *a = NULL, *out = NULL;
  int what = nxb_choice(c, "what", nxb_text(c, 1, "sqrt"),
                        "sqrt|square|abs|log|log1p|exp|rectify");
  nax_status s = what > 0 ? nxb_array(c, 0, &a) : NAX_EINVAL;
  if (s == NAX_OK) {
    s = nax_array_map(c->ctx, a, (nax_map)what, &out);
  }
  nax_array_free(a);
  return s == NAX_OK ? nxb_give_array(c, "x", out) : s;
}

static nax_status
run_rescale(nxb_call *c)
{
  nax_array *a = NULL, *out = NULL;
  const char *axis = nxb_text(c, 2, "neuron");
  int how = nxb_choice(c, "by", nxb_text(c, 1, "max"), "max|norm|sd|range");
  nax_status s = how > 0 ? nxb_array(c, 0, &a) : NAX_EINVAL;
  if (s == NAX_OK && nax_array_find_axis(a, axis) < 0) {
    s = nxb_fail(c, NAX_EINVAL, "`x` has no axis `%s`", axis);
  }
  if (s == NAX_OK) {
    s = nax_array_scale(c->ctx, a, nax_array_find_axis(a, axis), (nax_scale)how, &out);
  }
  nax_array_free(a);
  return s == NAX_OK ? nxb_give_array(c, "x", out) : s;
}

static nax_status
run_gaps(nxb_call *c)
{
  double longest;
  nax_array *out = NULL;
  nax_status s = nxb_number(c, 1, NAX_NOT_GIVEN, &longest);
  const nax_axis *time = NULL;
  for (int k = 0; k < c->in[0].view.ndim; k++) {
    time = strcmp(nax_axis_name(c->in[0].axis[k]), "time") == 0 ? c->in[0].axis[k] : time;
  }
  if (s == NAX_OK && time == NULL) {
    s = nxb_fail(c, NAX_EDIM, "`x` has no axis `time`");
  }
  s = s == NAX_OK ? nax_signal_gaps(c->ctx, time, longest, &out) : s;
  return s == NAX_OK ? nxb_give_array(c, "gaps", out) : s;
}

static nax_status
run_slice(nxb_call *c)
{
  double start, stop;
  nax_array *a = NULL, *out = NULL;
  nax_spikes *spikes = NULL;
  nax_status s = nxb_number(c, 1, 0.0, &start);
  s = s == NAX_OK ? nxb_number(c, 2, 0.0, &stop) : s;
  if (s == NAX_OK && c->in[0].kind == NXB_SPIKES) {
    s = nax_spikes_slice(c->ctx, c->in[0].spikes, start, stop, &spikes);
    return s == NAX_OK ? nxb_give_spikes(c, "x", spikes) : s;
  }
  s = s == NAX_OK ? nxb_array(c, 0, &a) : s;
  if (s == NAX_OK && nax_array_find_axis(a, "time") < 0) {
    s = nxb_fail(c, NAX_EDIM, "`x` has no axis `time`");
  }
  s = s == NAX_OK ? nax_array_slice_coord(c->ctx, a, nax_array_find_axis(a, "time"),
                                          start, stop, &out)
                  : s;
  nax_array_free(a);
  return s == NAX_OK ? nxb_give_array(c, "x", out) : s;
}

#define TRACES                                                                           \
  {                                                                                      \
    "x", NXB_IN_ARRAY, 0, "neuron,time,trial", "array with an axis called time"          \
  }
#define SAME "an array like `x`"

const nxb_method nxb_signal_methods[] = {
    {.name = "bin_spikes",
     .title = "Count spikes in bins",
     .details =
         "Half-open bins of equal width, or between given edges. Every spike is "
         "counted once or reported; bins in which nothing was recorded are missing.",
     .value = "an array unit x time of counts",
     .result = "",
     .r = {R_COUNTS, "bin_spikes(x, bin = 0.1)"},
     .m = {M_COUNTS, "neuraxis.bin_spikes(x, 'bin', 0.1)"},
     .in = {{"x", NXB_IN_SPIKES, 0, NULL, "spike trains"},
            {"edges", NXB_IN_ARRAY, 1, "edge",
             "edges of the bins in s, ascending; not given: bins of `width`"}},
     .tables = {"bin"},
     .run = run_bin},
    {.name = "smooth_time",
     .title = "Smooth along time",
     .details = "Local weighted averages; missing samples take no part.",
     .value = SAME,
     .result = "",
     .r = {R_CALCIUM, "smooth_time(x, width = 0.2)"},
     .m = {M_CALCIUM, "neuraxis.smooth_time(x, 'width', 0.2)"},
     .in = {TRACES},
     .tables = {"smooth"},
     .run = run_smooth},
    {.name = "subtract_neuropil",
     .title = "Take away the neuropil signal",
     .details = "F less a share of the fluorescence around each cell.",
     .value = SAME,
     .result = "",
     .r = {"d <- simulate_recording(units = 4, trials = 4, raw = TRUE)",
           "subtract_neuropil(d$F, d$Fneu)"},
     .m = {"d = neuraxis.simulate_recording('units', 4, 'raw', true);",
           "neuraxis.subtract_neuropil(d.F, d.Fneu)"},
     .in = {TRACES,
            {"neuropil", NXB_IN_ARRAY, 0, "neuron,time,trial",
             "fluorescence around each cell, of the same shape"}},
     .tables = {"neuropil"},
     .run = run_neuropil},
    {.name = "dff",
     .title = "Relative change of fluorescence",
     .details = "(F - F0) / F0 with F0 from a rolling percentile, the maximin filter of "
                "Suite2p, one percentile or a constant.",
     .value = SAME,
     .result = "",
     .r = {"x <- simulate_recording(units = 4, trials = 4, raw = TRUE)$F", "dff(x)"},
     .m = {"d = neuraxis.simulate_recording('units', 4, 'raw', true); x = d.F;",
           "neuraxis.dff(x)"},
     .in = {TRACES},
     .tables = {"dff"},
     .run = run_dff},
    {.name = "detrend_time",
     .title = "Take a polynomial away along time",
     .details = "Least squares of each trace on a polynomial of time.",
     .value = SAME,
     .result = "",
     .r = {R_CALCIUM, "detrend_time(x)"},
     .m = {M_CALCIUM, "neuraxis.detrend_time(x)"},
     .in = {TRACES},
     .tables = {"detrend"},
     .run = run_detrend},
    {.name = "resample_time",
     .title = "Bring a recording to a regular grid",
     .details =
         "From irregular timestamps, or to another rate; long gaps become missing.",
     .value = "an array with a regular time axis",
     .result = "",
     .r = {R_CALCIUM, "resample_time(x, rate = 10, method = \"average\")"},
     .m = {M_CALCIUM, "neuraxis.resample_time(x, 'rate', 10, 'method', 'average')"},
     .in = {TRACES},
     .tables = {"resample"},
     .run = run_resample},
    {.name = "align_events",
     .title = "Cut windows around events",
     .details = "Traces or spike counts around each event, with time 0 at the event.",
     .value = "an array neuron x time x trial",
     .result = "",
     .r = {R_CALCIUM, "align_events(x, c(5, 10), start = -1, stop = 2)"},
     .m = {M_CALCIUM, "neuraxis.align_events(x, [5 10], 'start', -1, 'stop', 2)"},
     .in = {{"x", NXB_IN_ARRAY | NXB_IN_SPIKES, 0, "neuron,time",
             "traces (neuron x time) or spike trains"},
            {"events", NXB_IN_ARRAY, 0, "event", "times of the events in s"}},
     .tables = {"align"},
     .run = run_align},
    {.name = "cut_trials",
     .title = "Cut trials of unequal length",
     .details =
         "The samples, or spike counts in whole bins, from each start to its stop, "
         "padded with missing values up to the longest trial.",
     .value = "a dataset: `x` (neuron x time x trial) and the table `trials` with the "
              "number of bins of each",
     .result = "dataset",
     .r = {R_CALCIUM, "cut_trials(x, start = c(1, 8), stop = c(3, 12))"},
     .m = {M_CALCIUM, "neuraxis.cut_trials(x, [1 8], [3 12])"},
     .in = {{"x", NXB_IN_ARRAY | NXB_IN_SPIKES, 0, "neuron,time",
             "traces (neuron x time) or spike trains"},
            {"start", NXB_IN_ARRAY, 0, "trial", "start of each trial in s"},
            {"stop", NXB_IN_ARRAY, 0, "trial", "end of each trial in s"},
            {"bin", NXB_IN_ARRAY, 1, "bin", "width of a bin in s, for spike trains"}},
     .run = run_cut},
    {.name = "psth",
     .title = "Average over trials",
     .details = "Peri-stimulus time histogram: mean over the trial axis of what was "
                "recorded.",
     .value = "an array neuron x time",
     .result = "",
     .r = {R_CALCIUM "\nx <- align_events(x, c(5, 10))", "psth(x)"},
     .m = {M_CALCIUM " x = neuraxis.align_events(x, [5 10]);", "neuraxis.psth(x)"},
     .in = {TRACES},
     .tables = {"psth"},
     .run = run_psth},
    {.name = "power_spectrum",
     .title = "Power spectral density (Welch)",
     .details = "Average of the periodograms of overlapping segments.",
     .value = "an array with the axis frequency in place of time",
     .result = "",
     .r = {R_CALCIUM, "power_spectrum(x)"},
     .m = {M_CALCIUM, "neuraxis.power_spectrum(x)"},
     .in = {TRACES},
     .tables = {"welch"},
     .run = run_welch},
    {.name = "find_gaps",
     .title = "Where a recording pauses",
     .details = "Steps of the time axis that are longer than `max_gap`.",
     .value = "an array bound (start, stop) x gap, in s",
     .result = "",
     .r = {"x <- nax_array(matrix(0, 1, 5), c(\"neuron\", \"time\"),\n"
           "  coords = list(time = c(0, 1, 2, 9, 10)))",
           "find_gaps(x)"},
     .m = {"x = neuraxis.array(zeros(1, 5), {'neuron', 'time'}, 'time', [0 1 2 9 10]);",
           "neuraxis.find_gaps(x)"},
     .in = {TRACES,
            {"max_gap", NXB_IN_ARRAY, 1, "value",
             "longest step in s that is no gap; not given: 2.5 median steps"}},
     .run = run_gaps},
    {.name = "slice_time",
     .title = "A part of a recording",
     .details = "Samples or spikes from `start` to before `stop`, in seconds.",
     .value = SAME,
     .result = "",
     .r = {R_CALCIUM, "slice_time(x, 2, 5)"},
     .m = {M_CALCIUM, "neuraxis.slice_time(x, 2, 5)"},
     .in = {{"x", NXB_IN_ARRAY | NXB_IN_SPIKES, 0, "neuron,time,trial",
             "array with an axis called time, or spike trains"},
            {"start", NXB_IN_ARRAY, 0, "value", "first time in s"},
            {"stop", NXB_IN_ARRAY, 0, "value", "end in s"}},
     .run = run_slice},
    {.name = "zscore",
     .title = "Standard scores along an axis",
     .details = "(x - mean) / sd of each line's values that are not missing; lines that "
                "do not vary become 0.",
     .value = SAME,
     .result = "",
     .r = {R_CALCIUM, "zscore(x)"},
     .m = {M_CALCIUM, "neuraxis.zscore(x)"},
     .in = {TRACES,
            {"axis", NXB_IN_TEXT, 1, NULL, "name of the axis; not given: time"},
            {"ddof", NXB_IN_ARRAY, 1, "value",
             "the divisor of the variance is n less this; not given: 0"}},
     .run = run_zscore},
    {.name = "transform_values",
     .title = "Apply a function to every value",
     .details = "Square root (steadies the variance of counts), square, abs, log, log1p, "
                "exp, or rectify: the larger of x and 0.",
     .value = SAME,
     .result = "",
     .r = {R_CALCIUM, "transform_values(x, \"rectify\")"},
     .m = {M_CALCIUM, "neuraxis.transform_values(x, 'what', 'rectify')"},
     .in = {TRACES,
            {"what", NXB_IN_TEXT, 1, NULL,
             "sqrt, square, abs, log, log1p, exp or rectify; not given: sqrt"}},
     .run = run_transform},
    {.name = "rescale",
     .title = "Give neurons comparable sizes",
     .details = "Divides each position of an axis by one number: its largest absolute "
                "value, norm, standard deviation or range.",
     .value = SAME,
     .result = "",
     .r = {R_CALCIUM, "rescale(x, \"sd\")"},
     .m = {M_CALCIUM, "neuraxis.rescale(x, 'by', 'sd')"},
     .in = {TRACES,
            {"by", NXB_IN_TEXT, 1, NULL, "max, norm, sd or range; not given: max"},
            {"axis", NXB_IN_TEXT, 1, NULL, "name of the axis; not given: neuron"}},
     .run = run_rescale},
    {.name = NULL},
};
