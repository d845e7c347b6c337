/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The axes of results of trials of neurons. */
#include "array_i.h"

nax_status
nax_i_trial_labels_check(nax_ctx *ctx, const char *fn, const nax_trial_labels *l,
                         nax_index n, nax_index trials)
{
  if (l != NULL && l->neurons != NULL && nax_axis_length(l->neurons) != n) {
    return nax_i_fail(ctx, NAX_EDIM, fn,
                      "the axis of the neurons has %lld positions, expected %lld",
                      (long long)nax_axis_length(l->neurons), (long long)n);
  }
  if (trials >= 0 && l != NULL && l->trials != NULL &&
      nax_axis_length(l->trials) != trials) {
    return nax_i_fail(ctx, NAX_EDIM, fn,
                      "the axis of the trials has %lld positions, expected %lld",
                      (long long)nax_axis_length(l->trials), (long long)trials);
  }
  return NAX_OK;
}

nax_status
nax_i_neuron_axis(nax_ctx *ctx, const nax_trial_labels *l, nax_index n, nax_axis **out)
{
  return l != NULL && l->neurons != NULL ? nax_axis_copy(ctx, l->neurons, out)
                                         : nax_axis_create_index(ctx, "neuron", n, out);
}

nax_status
nax_i_trial_axis(nax_ctx *ctx, const nax_trial_labels *l, nax_index n, nax_axis **out)
{
  return l != NULL && l->trials != NULL ? nax_axis_copy(ctx, l->trials, out)
                                        : nax_axis_create_index(ctx, "trial", n, out);
}

nax_status
nax_i_bin_axis(nax_ctx *ctx, const nax_trial_labels *l, nax_index n, double width,
               nax_axis **out)
{
  return nax_axis_create_regular(ctx, "time", "s", n, l != NULL ? l->start : 0.0,
                                 1.0 / width, out);
}
