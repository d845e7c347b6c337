/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a program in C gets: parity DIR writes DIR/input.nc, and the result of each method
 * to DIR/NAME.nc. parity.R and parity.m read the input, call the same method with the
 * same options, and compare every number with the file. */
#include <neuraxis.h>
#include <stdio.h>
#include <stdlib.h>

static const char *dir;

static void
must(nax_status s, const char *what)
{
  if (s != NAX_OK) {
    (void)fprintf(stderr, "parity: %s: %s\n", what, nax_ctx_error(NULL));
    exit(1);
  }
}

static void
save(nax_dataset *d, const char *name)
{
  char path[4096];
  nax_save_opts o = NAX_SAVE_OPTS_INIT;
  o.force = 1;
  (void)snprintf(path, sizeof path, "%s/%s.nc", dir, name);
  must(nax_dataset_save(NULL, d, path, &o), name);
  nax_dataset_free(d);
}

static nax_dataset *
one(const char *name, nax_array *a)
{
  nax_dataset *d;
  must(nax_dataset_create(NULL, &d), name);
  must(nax_dataset_add_array(NULL, d, name, a), name);
  return d;
}

static void
signals(const nax_array *dff, const nax_spikes *spikes)
{
  nax_array *a;
  nax_signal_smooth_opts smooth = NAX_SIGNAL_SMOOTH_OPTS_INIT;
  smooth.width = 0.2;
  must(nax_signal_smooth(NULL, dff, &smooth, &a), "smooth");
  save(one("smooth", a), "smooth");
  nax_bin_opts bin = NAX_BIN_OPTS_INIT;
  bin.width = 0.25;
  must(nax_spikes_bin(NULL, spikes, &bin, NULL, &a), "bin");
  save(one("bin", a), "bin");
  nax_signal_welch_opts welch = NAX_SIGNAL_WELCH_OPTS_INIT;
  must(nax_signal_welch(NULL, dff, &welch, &a), "welch");
  save(one("welch", a), "welch");
}

static void
factors(const nax_array *rectified)
{
  nax_ntf_opts o = NAX_NTF_OPTS_INIT;
  nax_ntf *m;
  nax_dataset *d;
  nax_view x = nax_array_view(rectified);
  const nax_axis *axes[] = {nax_array_axis(rectified, 0), nax_array_axis(rectified, 1)};
  o.rank = 3;
  o.n_restarts = 3;
  o.seed = 11;
  must(nax_ntf_fit(NULL, &x, NULL, &o, &m), "ntf");
  must(nax_ntf_dataset(NULL, m, axes, &d), "ntf");
  nax_ntf_free(m);
  save(d, "ntf");
}

static void
communities(const nax_array *weights)
{
  nax_sbm_opts o = NAX_SBM_OPTS_INIT;
  nax_sbm *m;
  nax_dataset *d;
  nax_view w = nax_array_view(weights);
  o.n_restarts = 2;
  o.seed = 5;
  must(nax_sbm_fit(NULL, &w, &o, &m), "sbm");
  must(nax_sbm_dataset(NULL, m, nax_array_axis(weights, 0), &d), "sbm");
  nax_sbm_free(m);
  save(d, "sbm");
}

int
main(int argc, char **argv)
{
  nax_simulate_opts calcium = NAX_SIMULATE_OPTS_INIT, spiking = NAX_SIMULATE_OPTS_INIT;
  nax_dataset *d, *s, *in;
  nax_array *rectified, *weights, *dff;
  nax_spikes *spikes;
  if (argc != 2) {
    (void)fputs("usage: parity DIR\n", stderr);
    return 2;
  }
  dir = argv[1];
  calcium.units = spiking.units = 12;
  calcium.trials = spiking.trials = 4;
  calcium.seed = spiking.seed = 7;
  spiking.kind = NAX_SIMULATE_SPIKES;
  must(nax_simulate(NULL, &calcium, &d), "simulate");
  must(nax_simulate(NULL, &spiking, &s), "simulate");
  /* The hosts have doubles only. */
  must(nax_array_convert(NULL, nax_dataset_array(d, "dff"), NAX_F64, &dff), "dff");
  must(nax_spikes_copy(NULL, nax_dataset_spikes(s, "spikes"), &spikes), "spikes");
  must(nax_array_map(NULL, dff, NAX_MAP_RECTIFY, &rectified), "rectify");
  const nax_index dim[] = {12, 12};
  const char *const names[] = {"node", "node_other"};
  must(nax_array_create_dims(NULL, NAX_F64, 2, names, dim, "", &weights), "weights");
  double *w = nax_array_data_mut(weights);
  for (int i = 0; i < 12; i++) {
    for (int j = 0; j < 12; j++) {
      w[12 * j + i] = i == j ? 0.0 : i / 6 == j / 6 ? 3.0 + 0.1 * (i + j) : 0.2;
    }
  }
  signals(dff, spikes);
  factors(rectified);
  communities(weights);
  must(nax_dataset_create(NULL, &in), "input");
  must(nax_dataset_add_array(NULL, in, "dff", dff), "dff");
  must(nax_dataset_add_array(NULL, in, "rectified", rectified), "rectified");
  must(nax_dataset_add_array(NULL, in, "weights", weights), "weights");
  must(nax_dataset_add_spikes(NULL, in, "spikes", spikes), "spikes");
  save(in, "input");
  nax_dataset_free(d);
  nax_dataset_free(s);
  return 0;
}
