/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a program in C gets: parity DIR writes DIR/input.nc, and the result of each method
 * to DIR/NAME.nc. parity.R and parity.m read the input, call the same method with the
 * same options, and compare every number with the file. */
#include "parity.h"

static void
signals(const nax_array *dff, const nax_spikes *spikes)
{
  nax_array *a;
  nax_signal_smooth_opts smooth = NAX_SIGNAL_SMOOTH_OPTS_INIT;
  smooth.width = 0.2;
  must(nax_signal_smooth(NULL, dff, &smooth, &a), "smooth_time");
  save(one("smooth_time", a), "smooth_time");
  nax_bin_opts bin = NAX_BIN_OPTS_INIT;
  bin.width = 0.25;
  must(nax_spikes_bin(NULL, spikes, &bin, NULL, &a), "bin_spikes");
  save(one("bin_spikes", a), "bin_spikes");
  nax_signal_welch_opts welch = NAX_SIGNAL_WELCH_OPTS_INIT;
  must(nax_signal_welch(NULL, dff, &welch, &a), "power_spectrum");
  save(one("power_spectrum", a), "power_spectrum");
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

/* Four trials of 2 s of the same recording. */
static nax_array *
trials_of(const nax_array *dff)
{
  const double start[] = {0.0, 4.0, 8.0, 12.0};
  nax_array *a;
  nax_signal_align_opts o = NAX_SIGNAL_ALIGN_OPTS_INIT;
  o.start = 0.0;
  o.stop = 2.0;
  must(nax_signal_align(NULL, dff, 4, start, &o, &a), "trials");
  return a;
}

static void
latents(const nax_array *trials)
{
  nax_gpfa_opts o = NAX_GPFA_OPTS_INIT;
  nax_gpfa *m;
  nax_gpfa_posterior *p;
  nax_dataset *d;
  nax_view view[4], all = nax_array_view(trials);
  double explained[2];
  o.n_latents = 2;
  o.max_iter = 10;
  o.seed = 3;
  o.bin = 1.0 / nax_axis_rate(nax_array_axis(trials, 1));
  for (int k = 0; k < 4; k++) {
    view[k] = all;
    view[k].ndim = 2;
    view[k].data = nax_array_f64(trials) + k * all.stride[2];
  }
  must(nax_gpfa_fit(NULL, 4, view, NULL, &o, &m), "gpfa");
  must(nax_gpfa_infer(NULL, m, 4, view, NULL, &p), "gpfa");
  must(nax_gpfa_explained(NULL, m, 4, view, explained), "gpfa");
  nax_trial_labels labels = {nax_array_axis(trials, 0), nax_array_axis(trials, 2),
                             nax_axis_coord(nax_array_axis(trials, 1), 0)};
  must(nax_gpfa_dataset(NULL, m, p, &labels, explained, &d), "gpfa");
  nax_gpfa_posterior_free(p);
  nax_gpfa_free(m);
  save(d, "gpfa");
}

static void
geometry(const nax_array *patterns)
{
  const int64_t condition[] = {1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6};
  nax_rdm_opts o = NAX_RDM_OPTS_INIT;
  nax_rsa_opts ro = NAX_RSA_OPTS_INIT;
  nax_rdms *r, *several;
  nax_rsa *fit;
  nax_array *a;
  nax_dataset *d;
  nax_view x = nax_array_view(patterns);
  o.measure = NAX_RDM_CROSSNOBIS;
  must(nax_rdm_fit(NULL, &x, condition, NULL, NULL, &o, &r), "rdm");
  must(nax_rdms_array(NULL, r, &a), "rdm");
  save(one("rdm", a), "rdm");
  const nax_rdms *const sets[] = {r, r, r, r};
  must(nax_rdms_concat(NULL, 4, sets, &several), "rsa");
  must(nax_rdms_array(NULL, several, &a), "rsa");
  nax_rdms *data;
  double *v = nax_array_data_mut(a);
  for (int s = 0; s < 4; s++) { /* subjects that differ */
    for (int i = 0; i < 6; i++) {
      for (int j = 0; j < 6; j++) {
        v[36 * s + 6 * i + j] += i == j ? 0.0 : 0.01 * s * (i + j);
      }
    }
  }
  must(nax_rdms_from_array(NULL, a, &data), "rsa");
  save(one("subjects", a), "subjects");
  const nax_rsa_model models[] = {{"first", r, NAX_RSA_FIXED}};
  ro.seed = 9;
  ro.n_samples = 50;
  ro.n_permutations = 50;
  must(nax_rsa_fit(NULL, data, 1, models, NULL, &ro, &fit), "rsa");
  must(nax_rsa_dataset(NULL, fit, nax_rdms_axis(data), &d), "rsa");
  save(d, "rsa");
  nax_rsa_free(fit);
  nax_rdms_free(data);
  nax_rdms_free(several);
  nax_rdms_free(r);
}

/* How many components, latents; quality. */
static void
choices(const nax_array *rectified, const nax_array *trials, const nax_array *dff)
{
  nax_view x = nax_array_view(rectified), view[4], all = nax_array_view(trials);
  nax_ntf_opts no = NAX_NTF_OPTS_INIT;
  nax_ntf_select_opts ns = NAX_NTF_SELECT_OPTS_INIT;
  nax_ntf_selection found;
  nax_table *t;
  no.n_restarts = 2;
  no.seed = 4;
  ns.rank_max = 2;
  ns.n_folds = 2;
  must(nax_ntf_select(NULL, &x, &no, &ns, &t, &found), "ntf_select");
  table_in("ntf_select", "ranks", t);
  nax_ntf_null_opts null = NAX_NTF_NULL_OPTS_INIT;
  nax_ntf *m;
  no.rank = 2;
  null.n_draws = 5;
  must(nax_ntf_fit(NULL, &x, NULL, &no, &m), "ntf_null");
  must(nax_ntf_null(NULL, &x, m, &null, &t), "ntf_null");
  nax_ntf_free(m);
  table("ntf_null", t);
  nax_gpfa_opts go = NAX_GPFA_OPTS_INIT;
  nax_gpfa_select_opts gs = NAX_GPFA_SELECT_OPTS_INIT;
  nax_gpfa_selection best;
  go.seed = 4;
  go.bin = 1.0 / nax_axis_rate(nax_array_axis(trials, 1));
  gs.latents_max = 2;
  gs.n_folds = 2;
  gs.fold_iter = 5;
  for (int k = 0; k < 4; k++) {
    view[k] = all;
    view[k].ndim = 2;
    view[k].data = nax_array_f64(trials) + k * all.stride[2];
  }
  must(nax_gpfa_select(NULL, 4, view, &go, &gs, &t, &best), "gpfa_select");
  table_in("gpfa_select", "dimensions", t);
  must(nax_quality_array(NULL, dff, NULL, &t), "unit_quality");
  table("unit_quality", t);
}

static void
connectomes(const nax_array *dff)
{
  nax_connectome_opts o = NAX_CONNECTOME_OPTS_INIT;
  nax_ntf_opts fit = NAX_NTF_OPTS_INIT;
  nax_connectome *m;
  nax_array *u;
  nax_dataset *d;
  nax_table *t;
  nax_ntf_selection chosen;
  nax_ntf_select_opts select = NAX_NTF_SELECT_OPTS_INIT;
  fit.rank = 2;
  fit.n_restarts = 1;
  fit.seed = 6;
  select.rank_max = 2;
  select.n_folds = 2;
  must(nax_connectome_derivatives(NULL, dff, &o, &u), "connectome");
  must(nax_connectome_select(NULL, u, &o, &fit, &select, &t, &chosen),
       "connectome_select");
  table_in("connectome_select", "ranks", t);
  must(nax_connectome_fit(NULL, u, &o, &fit, &m), "connectome");
  must(nax_connectome_dataset(NULL, m, u, &d), "connectome");
  nax_connectome_free(m);
  nax_array_free(u);
  save(d, "connectome");
}

/* Chains over the counts, and the multi-modal model with the traces as behaviour. */
static void
chains(const nax_array *counts, const nax_array *trials)
{
  nax_bicluster_opts o = NAX_BICLUSTER_OPTS_INIT;
  nax_bicluster *m;
  nax_dataset *d;
  nax_view y = nax_array_view(counts);
  o.n_chains = 2;
  o.n_sweeps = 60;
  o.rates = 1;
  o.seed = 8;
  must(nax_bicluster_fit(NULL, &y, NULL, &o, &m), "bicluster");
  must(nax_bicluster_dataset(NULL, m, nax_array_axis(counts, 0),
                             nax_array_axis(counts, 1), &d),
       "bicluster");
  nax_bicluster_free(m);
  save(d, "bicluster");

  nax_gpvae_opts g = NAX_GPVAE_OPTS_INIT;
  nax_gpvae *model;
  nax_gpvae_posterior *p;
  nax_view view[4], all = nax_array_view(trials);
  for (int k = 0; k < 4; k++) {
    view[k] = all;
    view[k].ndim = 2;
    view[k].data = nax_array_f64(trials) + k * all.stride[2];
  }
  nax_gpvae_trials t = {4, view, NULL};
  g.likelihood = NAX_GPVAE_GAUSSIAN;
  g.n_shared = g.n_behaviour = 0;
  g.epochs = g.neural_epochs = 1;
  g.seed = 2;
  g.bin = 1.0 / nax_axis_rate(nax_array_axis(trials, 1));
  must(nax_gpvae_fit(NULL, &t, &g, &model), "gpvae");
  must(nax_gpvae_infer(NULL, model, &t, &p), "gpvae");
  nax_trial_labels labels = {nax_array_axis(trials, 0), nax_array_axis(trials, 2),
                             nax_axis_coord(nax_array_axis(trials, 1), 0)};
  must(nax_gpvae_dataset(NULL, model, p, &labels, &d), "gpvae");
  nax_array *rates;
  const nax_axis *axes[] = {nax_array_axis(trials, 0), nax_array_axis(trials, 1),
                            nax_array_axis(trials, 2)};
  must(nax_array_create(NULL, NAX_F64, 3, axes, "", &rates), "gpvae");
  for (int k = 0; k < 4; k++) {
    must(nax_gpvae_predict(NULL, model, p, k,
                           (double *)nax_array_data_mut(rates) +
                               k * nax_array_view(rates).stride[2],
                           NULL),
         "gpvae");
  }
  must(nax_dataset_add_array(NULL, d, "rates", rates), "gpvae");
  nax_gpvae_posterior_free(p);
  nax_gpvae_free(model);
  save(d, "gpvae");
}

static void
tags(const nax_array *trials)
{
  nax_freqtag_opts o = NAX_FREQTAG_OPTS_INIT;
  nax_freqtag *f;
  nax_dataset *d;
  o.tags = "3,5";
  must(nax_freqtag_fit(NULL, trials, NULL, NULL, &o, &f), "freqtag");
  must(nax_freqtag_dataset(NULL, f, &d), "freqtag");
  nax_freqtag_free(f);
  save(d, "freqtag");
}

/* Geo-topological form, bars, and similarity of an RDM of 6 conditions. */
static void
topology(const nax_array *weights)
{
  nax_trsa_opts o = NAX_TRSA_OPTS_INIT;
  nax_rdms *r, *other;
  nax_ph *p;
  nax_array *a;
  nax_table *t;
  must(nax_rdms_from_array(NULL, weights, &r), "trsa_transform");
  nax_index n = nax_rdms_n_conditions(r), n_bars[2], total = 0;
  double out[66];
  must(nax_trsa_rgtm(NULL, n, 1, nax_rdms_vector(r, 0), &o, out), "trsa_transform");
  must(nax_rdms_create(NULL, n, 1, out, &other), "trsa_transform");
  must(nax_rdms_array(NULL, other, &a), "trsa_transform");
  save(one("trsa_transform", a), "trsa_transform");
  const char *const names[] = {"rdm", "rdm_2"};
  const nax_index dim[] = {1, 1};
  must(nax_array_create_dims(NULL, NAX_F64, 2, names, dim, "", &a), "rdm_compare");
  must(nax_rsa_compare(NULL, r, other, NAX_RSA_SPEARMAN, NULL, 0, nax_array_data_mut(a)),
       "rdm_compare");
  save(one("rdm_compare", a), "rdm_compare");
  must(nax_ph_rips(NULL, n, nax_rdms_vector(r, 0), NULL, &p), "persistent_homology");
  for (int k = 0; k < 2; k++) {
    (void)nax_ph_bars(p, k, &n_bars[k]);
    total += n_bars[k];
  }
  must(nax_table_create(NULL, "bar", total, &t), "persistent_homology");
  static const char *const columns[] = {"dimension", "birth", "death"};
  for (int c = 0; c < 3; c++) {
    double column[256];
    nax_index at = 0;
    for (int k = 0; k < 2; k++) {
      const double *bars = nax_ph_bars(p, k, &n_bars[k]);
      for (nax_index i = 0; i < n_bars[k] && at < 256; i++) {
        column[at++] = c == 0 ? k : bars[2 * i + c - 1];
      }
    }
    must(nax_table_add_numbers(NULL, t, columns[c], "", column), "persistent_homology");
  }
  table_in("persistent_homology", "bars", t);
  nax_ph_free(p);
  nax_rdms_free(other);
  nax_rdms_free(r);
}

/* New slices, sparse tensors, files in bounded memory. */
static void
more_factors(const nax_array *rectified)
{
  nax_ntf_opts o = NAX_NTF_OPTS_INIT;
  nax_ntf *m;
  nax_array *a;
  nax_dataset *d;
  nax_view x = nax_array_view(rectified);
  o.rank = 2;
  o.n_restarts = 2;
  o.seed = 12;
  must(nax_ntf_fit(NULL, &x, NULL, &o, &m), "ntf_project");
  must(nax_ntf_project(NULL, m, &x, 1, &a), "ntf_project");
  save(one("ntf_project", a), "ntf_project");
  nax_ntf_free(m);
  /* every entry of a 4 x 3 x 2 tensor in which i + j + k is even */
  nax_index at[36], n = 0;
  double value[12];
  for (int i = 0; i < 4; i++) {
    for (int j = 0; j < 3; j++) {
      for (int k = 0; k < 2; k++) {
        if ((i + j + k) % 2 == 0) {
          at[n] = i;
          at[n + 12] = j;
          at[n + 24] = k;
          value[n++] = 1.0 + i * j + k;
        }
      }
    }
  }
  nax_ntf_coo coo = {.index = at, .value = value, .n = n, .dim = {4, 3, 2}, .n_modes = 3};
  must(nax_ntf_fit_sparse(NULL, &coo, NULL, &o, &m), "ntf_sparse");
  must(nax_ntf_dataset(NULL, m, NULL, &d), "ntf_sparse");
  nax_ntf_free(m);
  save(d, "ntf_sparse");
}

/* What a model tells of trials, and trials drawn from it. */
static void
more_latents(const nax_array *trials)
{
  nax_gpfa_opts o = NAX_GPFA_OPTS_INIT;
  nax_gpfa *m, *kept;
  nax_gpfa_posterior *p;
  nax_dataset *d;
  nax_view view[4], all = nax_array_view(trials);
  nax_index bins = nax_array_dim(trials, 1), n = nax_array_dim(trials, 0);
  const nax_index drawn[2] = {5, 7};
  double explained[2], reduced[2];
  nax_gpfa_lno lno;
  o.n_latents = 2;
  o.max_iter = 5;
  o.seed = 3;
  o.bin = 1.0 / nax_axis_rate(nax_array_axis(trials, 1));
  for (int k = 0; k < 4; k++) {
    view[k] = all;
    view[k].ndim = 2;
    view[k].data = nax_array_f64(trials) + k * all.stride[2];
  }
  must(nax_gpfa_fit(NULL, 4, view, NULL, &o, &m), "gpfa_infer");
  must(nax_gpfa_infer(NULL, m, 4, view, NULL, &p), "gpfa_infer");
  must(nax_gpfa_dataset(NULL, m, p, NULL, NULL, &d), "gpfa_infer");
  must(nax_gpfa_from_dataset(NULL, d, &kept), "gpfa_infer");
  nax_dataset_free(d);
  nax_gpfa_posterior_free(p);
  nax_gpfa_infer_opts with = NAX_GPFA_INFER_OPTS_INIT;
  with.covariances = 1;
  must(nax_gpfa_infer(NULL, kept, 4, view, &with, &p), "gpfa_infer");
  must(nax_gpfa_explained(NULL, kept, 4, view, explained), "gpfa_infer");
  nax_trial_labels labels = {nax_array_axis(trials, 0), nax_array_axis(trials, 2),
                             nax_axis_coord(nax_array_axis(trials, 1), 0)};
  must(nax_gpfa_dataset(NULL, kept, p, &labels, explained, &d), "gpfa_infer");
  save(d, "gpfa_infer");
  nax_gpfa_posterior_free(p);
  double *told = calloc((size_t)(4 * n * bins), sizeof *told);
  must(nax_gpfa_leave_neuron_out(NULL, kept, 4, view, told, reduced, &lno),
       "gpfa_leave_neuron_out");
  numbers("gpfa_leave_neuron_out", 3, (nax_index[]){n, bins, 4}, told);
  free(told);
  double *x = calloc((size_t)(12 * n), sizeof *x);
  must(nax_gpfa_sample(NULL, kept, 2, drawn, 4, NULL, x), "gpfa_sample");
  double *padded = calloc((size_t)(14 * n), sizeof *padded);
  for (nax_index i = 0; i < 14 * n; i++) {
    padded[i] = i < 5 * n ? x[i] : i < 7 * n ? (double)NAN : x[i - 2 * n];
  }
  numbers("gpfa_sample", 3, (nax_index[]){n, 7, 2}, padded);
  free(padded);
  free(x);
  nax_gpfa_free(kept);
  nax_gpfa_free(m);
}

/* Matrices over time and places, their noise, layouts, transforms. */
static void
more_geometry(const nax_array *patterns, const nax_array *weights)
{
  const int64_t condition[] = {1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6};
  nax_rdm_opts o = NAX_RDM_OPTS_INIT;
  nax_rdms *r, *s;
  nax_array *a;
  nax_view x = nax_array_view(patterns), cube = x;
  double c[144], k[36], v[225], p[30];
  nax_index n = nax_array_dim(patterns, 0);
  /* channel x time x observation: the observations as six times of two */
  cube.ndim = 3;
  cube.dim[1] = 2;
  cube.dim[2] = 6;
  cube.stride[1] = n;
  cube.stride[2] = 2 * n;
  must(nax_rdm_movie(NULL, &cube, condition, NULL, NULL, 1, &o, &r), "rdm_movie");
  must(nax_rdms_array(NULL, r, &a), "rdm_movie");
  save(one("rdm_movie", a), "rdm_movie");
  nax_rdms_free(r);
  const nax_index offset[] = {0, 6, 12}, index[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  const nax_rdm_places places = {offset, index, 2};
  must(nax_rdm_searchlight(NULL, &x, condition, NULL, NULL, &places, &o, &r),
       "rdm_searchlight");
  must(nax_rdms_array(NULL, r, &a), "rdm_searchlight");
  save(one("rdm_searchlight", a), "rdm_searchlight");
  nax_rdms_free(r);
  must(nax_rdm_noise(NULL, &x, condition, NAX_RDM_COV_SHRINKAGE_EYE, (double)NAN, 0, c),
       "rdm_noise");
  numbers("rdm_noise", 2, (nax_index[]){n, n}, c);
  must(nax_rdm_precision(NULL, n, c, c), "rdm_precision");
  numbers("rdm_precision", 2, (nax_index[]){n, n}, c);
  must(nax_rdm_sigma_k(NULL, &x, condition, NULL, NULL, k), "rdm_sigma_k");
  numbers("rdm_sigma_k", 2, (nax_index[]){6, 6}, k);
  must(nax_rdm_fit(NULL, &x, condition, NULL, NULL, &o, &r), "rdm_variance");
  must(nax_rdm_variance(NULL, 6, nax_rdms_vector(r, 0), k, 2, n, v), "rdm_variance");
  numbers("rdm_variance", 2, (nax_index[]){15, 15}, v);
  must(nax_rdms_map(NULL, r, NAX_RDM_RANK_AVERAGE, &s), "rdm_map");
  must(nax_rdms_array(NULL, s, &a), "rdm_map");
  save(one("rdm_map", a), "rdm_map");
  must(nax_rdm_mds(NULL, 6, nax_rdms_vector(r, 0), NAX_RDM_MDS_METRIC, 2, NULL, p, NULL),
       "rdm_mds");
  numbers("rdm_mds", 2, (nax_index[]){6, 2}, p);
  nax_rdms *both, *scaled;
  const nax_rdms *const sets[] = {r, s};
  must(nax_rdms_concat(NULL, 2, sets, &both), "rdm_rescale");
  must(nax_rdms_rescale(NULL, both, NAX_RDM_WEIGHTS_SIMPLE, NULL, &scaled),
       "rdm_rescale");
  must(nax_rdms_array(NULL, scaled, &a), "rdm_rescale");
  save(one("rdm_rescale", a), "rdm_rescale");
  double out[4], pool[15];
  must(nax_rsa_partial(NULL, r, both, NAX_RSA_REGRESSION, out), "rsa_partial");
  numbers("rsa_partial", 2, (nax_index[]){2, 1}, out);
  must(nax_rsa_pool(NULL, both, NAX_RSA_CORR, pool), "rsa_ceiling");
  nax_rdms *pooled;
  must(nax_rdms_create(NULL, 6, 1, pool, &pooled), "rsa_ceiling");
  must(nax_rdms_array(NULL, pooled, &a), "rsa_ceiling");
  save(one("rsa_ceiling", a), "rsa_ceiling");
  must(nax_rsa_model_fit(NULL, both, NAX_RSA_NONNEGATIVE, r, NAX_RSA_CORR, NULL, 0.01,
                         out),
       "rsa_model_fit");
  numbers("rsa_model_fit", 1, (nax_index[]){2}, out);
  must(nax_rdms_array(NULL, both, &a), "both");
  save(one("both", a), "both");
  nax_rdms_free(pooled);
  nax_rdms_free(scaled);
  nax_rdms_free(both);
  nax_rdms_free(s);
  nax_rdms_free(r);

  /* windows, diagrams, paths */
  nax_trsa_agtic_opts ao = NAX_TRSA_AGTIC_OPTS_INIT;
  nax_trsa_agtic_result found;
  nax_ph_image_opts io = NAX_PH_IMAGE_OPTS_INIT;
  nax_ph *ph;
  double map[9], image[30], curve[12];
  const double t[] = {0.0, 1.0, 2.0, 3.0};
  must(nax_rdms_from_array(NULL, weights, &r), "trsa_agtic");
  const double *w = nax_rdms_vector(r, 0);
  nax_index nodes = nax_rdms_n_conditions(r);
  ao.levels = 3;
  ao.n_permutations = 10;
  must(nax_trsa_agtic(NULL, nodes, w, w, &ao, map, &found), "trsa_agtic");
  numbers("trsa_agtic", 2, (nax_index[]){3, 3}, map);
  must(nax_ph_rips(NULL, nodes, w, NULL, &ph), "persistence_image");
  nax_index bars;
  const double *b = nax_ph_bars(ph, 0, &bars);
  io.n_birth = 6;
  io.n_persistence = 5;
  must(nax_ph_image(NULL, bars, b, &io, image), "persistence_image");
  numbers("persistence_image", 2, (nax_index[]){6, 5}, image);
  must(nax_ph_landscape(NULL, bars, b, 4, t, 3, curve), "persistence_landscape");
  numbers("persistence_landscape", 2, (nax_index[]){4, 3}, curve);
  must(nax_ph_betti(NULL, bars, b, 4, t, curve), "betti_curve");
  numbers("betti_curve", 1, (nax_index[]){4}, curve);
  nax_ph_free(ph);
  double *paths = calloc((size_t)nax_rdm_pairs(nodes), sizeof *paths);
  must(nax_trsa_geodesics(NULL, nodes, w, paths), "shortest_paths");
  must(nax_rdms_create(NULL, nodes, 1, paths, &s), "shortest_paths");
  must(nax_rdms_array(NULL, s, &a), "shortest_paths");
  save(one("shortest_paths", a), "shortest_paths");
  free(paths);
  nax_rdms_free(s);
  nax_rdms_free(r);
}

/* Statistics and single tests of tagging. */
static void
more_tests(const nax_array *dff, const nax_array *trials)
{
  nax_array *a;
  double amount;
  must(nax_stats_correlation(NULL, dff, NULL, &a), "correlations");
  save(one("correlations", a), "correlations");
  must(nax_stats_covariance(NULL, dff, NULL, NAX_SHRINKAGE_OAS, &amount, &a),
       "covariance");
  save(one("covariance", a), "covariance");
  const double t[] = {0.1, 0.2, 0.4, 0.5, 0.9, 1.1, 1.2, 1.8}, f[] = {1.0, 2.0};
  const double y[] = {0.3, -0.1, 0.8, 0.2, -0.5, 0.4, 0.1, -0.9};
  nax_freqtag_line line[2];
  must(nax_freqtag_lomb_scargle(NULL, 8, t, y, 2, f, 1, line), "lomb_scargle");
  double rows[14];
  for (int k = 0; k < 2; k++) {
    const double row[] = {f[k],
                          hypot(line[k].coefficient.re, line[k].coefficient.im),
                          atan2(line[k].coefficient.im, line[k].coefficient.re),
                          line[k].r_squared,
                          line[k].test.statistic,
                          line[k].test.p,
                          line[k].test.log_p};
    for (int i = 0; i < 7; i++) {
      rows[k + 2 * i] = row[i];
    }
  }
  static const char *const names[] = {"frequency", "amplitude", "phase", "r_squared",
                                      "f",         "p",         "log_p"};
  columns("lomb_scargle", 2, 7, names, rows);
  double z[6];
  for (int k = 0; k < 2; k++) {
    nax_freqtag_test test = nax_freqtag_z2(8, t, f[k], 2);
    z[k] = f[k];
    z[k + 2] = test.statistic;
    z[k + 4] = test.p;
  }
  static const char *const z_names[] = {"frequency", "z2", "p"};
  columns("z2_test", 2, 3, z_names, z);
  nax_view x = nax_array_view(trials);
  nax_index n = x.dim[0], bins = x.dim[1];
  nax_freqtag_ress_spec spec = {.rate = nax_axis_rate(nax_array_axis(trials, 1)),
                                .frequency = 3.0,
                                .width = 0.5,
                                .distance = 1.0,
                                .distance_width = 1.0,
                                .shrinkage = 0.01};
  double *component = calloc((size_t)(4 * bins), sizeof *component);
  must(nax_freqtag_ress(NULL, n, bins, 4, x.data, &spec, NULL, NULL, NULL, NULL, NULL,
                        component),
       "freqtag_ress");
  numbers("freqtag_ress", 2, (nax_index[]){bins, 4}, component);
  free(component);
  nax_freqtag_spec at = {.n_units = n,
                         .n_samples = bins,
                         .n_freqs = 2,
                         .freqs = f,
                         .rate = nax_axis_rate(nax_array_axis(trials, 1))};
  nax_c64 *c = calloc((size_t)(8 * n), sizeof *c);
  double *parts = calloc((size_t)(16 * n), sizeof *parts);
  must(nax_freqtag_coefficients(NULL, &at, &x, c), "freqtag_coefficients");
  for (nax_index i = 0; i < 8 * n; i++) {
    parts[i] = c[i].re;
    parts[i + 8 * n] = c[i].im;
  }
  numbers("freqtag_coefficients", 4, (nax_index[]){2, 4, n, 2}, parts);
  free(parts);
  free(c);
}

const char *parity_dir;

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
  parity_dir = argv[1];
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
  nax_array *trials = trials_of(dff), *patterns;
  latents(trials);
  must(nax_array_slice(NULL, dff, 1, 100, 112, 1, &patterns), "patterns");
  geometry(patterns);
  choices(rectified, trials, dff);
  connectomes(dff);
  nax_array *counts;
  nax_bin_opts bin = NAX_BIN_OPTS_INIT;
  bin.width = 0.25;
  must(nax_spikes_bin(NULL, spikes, &bin, NULL, &counts), "counts");
  chains(counts, trials);
  nax_array_free(counts);
  tags(trials);
  topology(weights);
  more_factors(rectified);
  more_latents(trials);
  more_geometry(patterns, weights);
  more_tests(dff, trials);
  const parity_input all = {dff, rectified, weights, trials, patterns, spikes};
  parity_more(&all);
  parity_tags(&all);
  parity_rdms(&all);
  must(nax_dataset_create(NULL, &in), "input");
  must(nax_dataset_add_array(NULL, in, "dff", dff), "dff");
  must(nax_dataset_add_array(NULL, in, "rectified", rectified), "rectified");
  must(nax_dataset_add_array(NULL, in, "weights", weights), "weights");
  must(nax_dataset_add_array(NULL, in, "trials", trials), "trials");
  must(nax_dataset_add_array(NULL, in, "patterns", patterns), "patterns");
  must(nax_dataset_add_spikes(NULL, in, "spikes", spikes), "spikes");
  save(in, "input");
  save(s, "simulate_recording");
  parity_files();
  nax_dataset_free(d);
  return 0;
}
