/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A recording whose structure is known: do the members of an assembly fire in its events?
 * The truth is in the same dataset, so the answer can be counted. */
#include <neuraxis.h>
#include <stdio.h>

int
main(void)
{
  nax_simulate_opts o = NAX_SIMULATE_OPTS_INIT;
  nax_dataset *d = NULL;
  o.seed = 1;
  o.kind = NAX_SIMULATE_SPIKES;
  o.assemblies = 1;
  if (nax_simulate(NULL, &o, &d) != NAX_OK) {
    fprintf(stderr, "%s\n", nax_ctx_error(NULL));
    return 1;
  }
  const nax_spikes *s = nax_dataset_spikes(d, "spikes");
  const double *weight = nax_array_f64(nax_dataset_array(d, "truth_assemblies"));
  const nax_table *events = nax_dataset_table(d, "truth_events");
  const double *start = nax_table_numbers(events, nax_table_find(events, "time"));
  nax_index n_events = nax_table_n_rows(events);
  double inside[2] = {0.0, 0.0}, all[2] = {0.0, 0.0}; /* others, members */
  for (nax_index u = 0; u < nax_spikes_n_units(s); u++) {
    nax_index n;
    const double *t = nax_spikes_times(s, u, &n);
    int member = weight[u] > 0.0;
    for (nax_index k = 0; k < n; k++) {
      all[member] += 1.0;
      for (nax_index e = 0; e < n_events; e++) {
        inside[member] += t[k] >= start[e] && t[k] < start[e] + o.event_length;
      }
    }
  }
  double share = (double)n_events * o.event_length / nax_spikes_duration(s);
  printf("%lld events take %.0f %% of the time\n", (long long)n_events, 100.0 * share);
  printf("members fire %.0f %% of their spikes in them, others %.0f %%\n",
         100.0 * inside[1] / all[1], 100.0 * inside[0] / all[0]);
  nax_dataset_free(d);
  return 0;
}
