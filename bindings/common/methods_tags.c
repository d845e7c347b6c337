/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Units that follow the rhythm of a stimulus. */
#include "methods_i.h"

static nax_status
run_freqtag(nxb_call *c)
{
  nax_array *x = NULL, *control = NULL;
  nax_freqtag *f = NULL;
  nax_dataset *d = NULL;
  nax_freqtag_events events = {.n = 0};
  nax_status s = nxb_numbers(c, 2, &events.start, &events.n);
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
  nax_freqtag_free(f);
  nax_array_free(x);
  nax_array_free(control);
  return nxb_give_dataset(c, s, d);
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
             "starts of the trials of the control condition in `x`"}},
     .tables = {"freqtag"},
     .run = run_freqtag},
    {.name = NULL},
};
