/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Units that follow the rhythm of a stimulus. */
#include "methods_i.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The profile over groups of units, when there are any, and the page. */
static nax_status
finish(nxb_call *c, const nax_freqtag *f, nax_dataset *d, const char *page)
{
  int64_t *group = NULL;
  nax_index groups = 0, n = nax_freqtag_n_units(f);
  nax_table *t = NULL;
  nax_status s = nxb_codes(c, 4, n, &group, NULL);
  for (nax_index u = 0; s == NAX_OK && group != NULL && u < n; u++) {
    if (group[u] < -1 || group[u] >= n) {
      s = nxb_fail(c, NAX_EINVAL,
                   "`group` is %lld at %lld, expected 0 to %lld, or -1 for none",
                   (long long)group[u], (long long)u + 1, (long long)n - 1);
    } else {
      groups = group[u] >= groups ? group[u] + 1 : groups;
    }
  }
  if (s == NAX_OK && group != NULL) {
    s = nax_freqtag_profile(c->ctx, f, groups, group, NULL, &t);
  }
  if (s == NAX_OK && page != NULL) {
    nax_report_freqtag_info info = {.profile = t};
    s = nax_report_freqtag(c->ctx, f, &info, nxb_opts(c, "report"), page);
  }
  if (s == NAX_OK && t != NULL) {
    s = nax_dataset_add_table(c->ctx, d, "profile", t);
    t = s == NAX_OK ? NULL : t;
  }
  nax_table_free(t);
  free(group);
  return s;
}

static nax_status
run_freqtag(nxb_call *c)
{
  nax_array *x = NULL, *control = NULL;
  nax_freqtag *f = NULL;
  nax_dataset *d = NULL;
  nax_freqtag_events events = {.n = 0};
  const char *page;
  nax_status s = nxb_page(c, 5, &page);
  s = s == NAX_OK ? nxb_numbers(c, 2, &events.start, &events.n) : s;
  if (s == NAX_OK) {
    s = nxb_numbers(c, 3, &events.control, &events.n_control);
  }
  if (s == NAX_OK) {
    s = nxb_array(c, 0, &x);
  }
  if (s == NAX_OK && c->in[1].kind == NXB_ARRAY) {
    s = nxb_array(c, 1, &control);
  }
  if (s == NAX_OK) {
    s = nax_freqtag_fit(c->ctx, x, control, events.n > 0 ? &events : NULL, c->opts[0],
                        &f);
  }
  if (s == NAX_OK) {
    s = nax_freqtag_dataset(c->ctx, f, &d);
  }
  if (s == NAX_OK) {
    s = finish(c, f, d, page);
  }
  if (s != NAX_OK) {
    nax_dataset_free(d);
    d = NULL;
  }
  nax_freqtag_free(f);
  nax_array_free(x);
  nax_array_free(control);
  return nxb_give_dataset(c, s, d);
}

/* Frequencies of the option `tags`; free. */
static nax_status
tags_of(nxb_call *c, double **out, nax_index *n)
{
  const char *list = ((const nax_freqtag_opts *)nxb_opts(c, "freqtag"))->tags;
  size_t most = 1;
  *n = 0;
  for (const char *p = list; p != NULL && *p != '\0'; p++) {
    most += *p == ',';
  }
  *out = calloc(most + 1, sizeof **out);
  if (*out == NULL) {
    return nxb_fail(c, NAX_ENOMEM, "out of memory");
  }
  while (list != NULL && *list != '\0') {
    /* read as the library reads numbers, whatever the locale */
    char one[64];
    size_t k = strcspn(list, ",");
    nax_source_opts read = NAX_SOURCE_OPTS_INIT;
    (void)snprintf(one, sizeof one, "%.*s", (int)(k < 60 ? k : 60), list);
    if (nax_options_set(c->ctx, nax_options_table("source"), &read, "rate", one) !=
        NAX_OK) {
      return nxb_fail(c, NAX_EINVAL,
                      "`tags` has \"%s\", expected frequencies such as "
                      "\"1,2,4\"",
                      one);
    }
    (*out)[(*n)++] = read.rate;
    list += k + (list[k] == ',');
  }
  return *n > 0 ? NAX_OK
                : nxb_fail(c, NAX_EINVAL,
                           "`tags` is missing, expected frequencies such as "
                           "\"1,2,4\"");
}

static nax_status
run_plan(nxb_call *c)
{
  const nax_freqtag_opts *o = nxb_opts(c, "freqtag");
  nax_freqtag_neighbours around = {o->gap, o->side, 0, NULL, 0};
  double *tag = NULL, trials, miss = 0.0;
  nax_index n_tags, n = 0;
  nax_table *t = NULL;
  nax_status s = tags_of(c, &tag, &n_tags);
  s = s == NAX_OK ? nxb_number(c, 0, NAX_NOT_GIVEN, &trials) : s;
  if (s == NAX_OK && (isnan(o->rate) || isnan(o->window))) {
    s = nxb_fail(c, NAX_EINVAL, "`%s` is missing",
                 isnan(o->rate) ? "sampling" : "window");
  }
  s = s == NAX_OK ? nax_freqtag_window(c->ctx, o->rate, n_tags, tag,
                                       (nax_index)floor(o->window * o->rate + 0.5), 1e-3,
                                       &n, &miss)
                  : s;
  s = s == NAX_OK
          ? nax_freqtag_plan(c->ctx, o->rate, n, n_tags, tag, o->harmonics, &around, &t)
          : s;
  free(tag);
  s = s == NAX_OK ? nxb_give_table(c, "lines", t) : s;
  s = s == NAX_OK ? nax_dataset_set_number(c->ctx, c->out, "samples", (double)n) : s;
  s = s == NAX_OK ? nax_dataset_set_number(c->ctx, c->out, "window", (double)n / o->rate)
                  : s;
  s = s == NAX_OK
          ? nax_dataset_set_number(c->ctx, c->out, "bin_width", o->rate / (double)n)
          : s;
  s = s == NAX_OK ? nax_dataset_set_number(c->ctx, c->out, "residual_cycles", miss) : s;
  if (s == NAX_OK && !isnan(trials)) {
    /* amplitude that is found with power 0.8 at level 0.05, in sd of white noise */
    double kappa = nax_freqtag_detectable((nax_index)trials, 0.05, 0.8);
    s = nax_dataset_set_number(c->ctx, c->out, "detectable_amplitude",
                               2.0 * sqrt(kappa / (double)n));
  }
  return s;
}

#define TRIALS "array with the axis time, trials where there are some, and units"

const nxb_method nxb_tag_methods[] = {
    {.name = "freqtag",
     .title = "Which units follow the tagged frequencies",
     .details =
         "Effect sizes and p values of each unit at each tagged frequency: amplitude and "
         "phase locked to the stimulus, coherence between trials, power against the "
         "neighbouring frequencies; units that follow a tag at a controlled false "
         "discovery rate. With a control condition the tests compare the two.",
     .value =
         "one array unit x frequency per measure, `tagged` (1 or 0), and the options",
     .result = "freqtag",
     .r = {"d <- simulate_recording(kind = \"field\", units = 6, trials = 12,\n"
           "  trial_length = 4, tags = \"2,3\")\n"
           "x <- cut_trials(d$field, d$trials$start_time, d$trials$stop_time)$x",
           "freqtag(x, tags = \"2,3\")"},
     .m =
         {"d = neuraxis.simulate_recording('kind', 'field', 'units', 6, 'tags', '2,3'); x "
          "= neuraxis.cut_trials(d.field, d.trials.start_time, d.trials.stop_time);",
          "neuraxis.freqtag(x.x, 'tags', '2,3')"},
     .in = {{"x", NXB_IN_ARRAY, 0, "neuron,time,trial", TRIALS},
            {"control", NXB_IN_ARRAY, 1, "neuron,time,trial",
             "the same units in a control condition"},
            {"events", NXB_IN_ARRAY, 1, "event",
             "starts of the trials, for a recording without a trial axis"},
            {"control_events", NXB_IN_ARRAY, 1, "event",
             "starts of the trials of the control condition in `x`"},
            {"group", NXB_IN_ARRAY, 1, "neuron",
             "group of each unit, whole numbers from 0, or -1: adds the table `profile`"},
            NXB_REPORT},
     .tables = {"freqtag", "report"},
     .hidden = ",command,signal,no_hash,",
     .run = run_freqtag},
    {.name = "freqtag_plan",
     .title = "A tagging design looked through before anything is recorded",
     .details =
         "The longest window with whole cycles of every tag, the bin of each tag and "
         "harmonic, what they share or are too near to, and the amplitude that so many "
         "trials find.",
     .value = "the table `lines`, and samples, window, bin_width and "
              "detectable_amplitude (standard deviations of white noise) as attributes",
     .result = "freqtag_plan",
     .r = {NULL,
           "freqtag_plan(trials = 20, tags = \"1,2,4\", window = 9, sampling = 512)"},
     .m = {NULL, "neuraxis.freqtag_plan('trials', 20, 'tags', '1,2,4', 'window', 9, "
                 "'sampling', 512)"},
     .in = {{"trials", NXB_IN_ARRAY, 1, "value", "number of trials"}},
     .tables = {"freqtag"},
     .shown = ",tags,window,sampling,harmonics,neighbours,gap,",
     .run = run_plan},
    {.name = NULL},
};
