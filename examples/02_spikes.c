/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spike trains: two units in contiguous ragged arrays, ten seconds of recording. */
#include <neuraxis.h>
#include <stdio.h>

int
main(void)
{
  nax_axis *units = NULL;
  nax_spikes *s = NULL;
  const char *labels[2] = {"unit 7", "unit 12"};
  const nax_index offsets[3] = {0, 3, 5};
  const double times[5] = {0.5, 1.25, 9.0, 2.0, 4.0};
  const double interval[2] = {0.0, 10.0};
  int rc = 1;

  /* Without a context: defaults, and the text of an error in nax_ctx_error(NULL). */
  if (nax_axis_create_labels(NULL, "neuron", 2, labels, &units) != NAX_OK ||
      nax_spikes_create(NULL, units, offsets, times, 1, interval, &s) != NAX_OK) {
    fprintf(stderr, "%s\n", nax_ctx_error(NULL));
    goto done;
  }
  const nax_index *first = nax_spikes_offsets(s);
  for (nax_index u = 0; u < nax_spikes_n_units(s); u++) {
    printf("%s: %.1f spikes/s\n", nax_axis_label(nax_spikes_units(s), u),
           (double)(first[u + 1] - first[u]) / nax_spikes_duration(s));
  }
  rc = 0;
done:
  nax_spikes_free(s);
  nax_axis_free(units);
  return rc;
}
