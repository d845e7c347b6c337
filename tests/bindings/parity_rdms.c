/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Matrices from spike times, from files and between times; sessions and clusters;
 * distances of diagrams; representations and encoding models; quality of a file. */
#include "parity.h"

static void
give_rdms(const char *name, nax_rdms *r)
{
  nax_array *a;
  must(nax_rdms_array(NULL, r, &a), name);
  nax_rdms_free(r);
  save(one(name, a), name);
}

static nax_source *
open_file(const char *name)
{
  char path[4096];
  nax_source *s;
  (void)snprintf(path, sizeof path, "%s/%s.nc", parity_dir, name);
  must(nax_source_open(NULL, path, NULL, &s), name);
  return s;
}

static void
matrices(const parity_input *in)
{
  const int64_t condition[] = {1, 2, 1, 2};
  const int64_t of_six[] = {1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6};
  const double at[] = {0.0, 3.0, 6.0, 9.0};
  nax_rdm_opts o = NAX_RDM_OPTS_INIT;
  nax_rdms *r;
  nax_array *a;
  o.measure = NAX_RDM_VAN_ROSSUM;
  o.subtract_within = 1;
  must(nax_rdm_spikes(NULL, in->spikes, 4, at, 0.5, 2.0, condition, &o, &r),
       "rdm_spikes");
  give_rdms("rdm_spikes", r);
  o = (nax_rdm_opts)NAX_RDM_OPTS_INIT;
  o.measure = NAX_RDM_VICTOR_PURPURA;
  o.shift_cost = 20.0;
  must(nax_rdm_spikes(NULL, in->spikes, 4, at, 0.0, 1.0, condition, &o, &r), "rdm_edits");
  give_rdms("rdm_edits", r);

  o = (nax_rdm_opts)NAX_RDM_OPTS_INIT;
  o.measure = NAX_RDM_CROSSNOBIS;
  nax_view x = nax_array_view(in->trials);
  must(nax_rdm_time_by_time(NULL, &x, condition, NULL, NULL, 8, &o, &a),
       "rdm_time_by_time");
  save(one("rdm_time_by_time", a), "rdm_time_by_time");
  nax_source *s = open_file("trials");
  must(nax_rdm_movie_source(NULL, s, nax_source_main(s), (const int32_t[]){0, 1, 2},
                            condition, NULL, NULL, 5, 0, &o, &r),
       "rdm_movie_file");
  nax_source_close(s);
  give_rdms("rdm_movie_file", r);

  const nax_index offset[] = {0, 6, 12}, index[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  const nax_rdm_places places = {offset, index, 2};
  must(nax_array_copy(NULL, in->patterns, &a), "observations");
  save(one("observations", a), "observations");
  s = open_file("observations");
  must(nax_rdm_searchlight_source(NULL, s, nax_source_main(s), (const int32_t[]){0, 1},
                                  of_six, NULL, &places, 0, &o, &r),
       "rdm_searchlight_file");
  nax_source_close(s);
  give_rdms("rdm_searchlight_file", r);
}

static void
inference(const parity_input *in)
{
  char path[4096];
  nax_dataset *subjects, *d;
  nax_rdms *data, *model;
  nax_rsa *fit;
  nax_rsa_opts o = NAX_RSA_OPTS_INIT;
  const nax_index first = 0;
  const int64_t subject[] = {1, 1, 2, 3};
  (void)snprintf(path, sizeof path, "%s/subjects.nc", parity_dir);
  must(nax_dataset_load(NULL, path, NULL, &subjects), "rsa_sessions");
  must(nax_rdms_from_array(NULL, nax_dataset_array(subjects, "subjects"), &data),
       "rsa_sessions");
  must(nax_rdms_take(NULL, data, 1, &first, &model), "rsa_sessions");
  const nax_rsa_model models[] = {{"first", model, NAX_RSA_FIXED}};
  o.n_permutations = 50;
  o.seed = 9;
  must(nax_rsa_fit_sessions(NULL, data, subject, 1, models, NULL, &o, &fit),
       "rsa_sessions");
  must(nax_rsa_dataset(NULL, fit, NULL, &d), "rsa_sessions");
  nax_rsa_free(fit);
  nax_rdms_free(model);
  nax_rdms_free(data);
  nax_dataset_free(subjects);
  save(d, "rsa_sessions");

  /* 12 points of 12 subjects, in a plane of lines of 4 */
  int64_t cluster[12];
  double number[12], rows[72];
  nax_table *t;
  static const char *const names[] = {"points", "first", "last", "peak", "sum_t", "p"};
  must(nax_rsa_clusters(NULL, 12, 12, nax_array_f64(in->patterns), NULL, 4, 0.2, 1, 64, 5,
                        cluster, &t),
       "rsa_clusters");
  nax_index n = nax_table_n_rows(t);
  for (int k = 0; k < 6; k++) {
    for (nax_index i = 0; i < n; i++) {
      rows[i + k * n] = nax_table_numbers(t, nax_table_find(t, names[k]))[i] +
                        (k >= 1 && k <= 3 ? 1.0 : 0.0);
    }
  }
  for (int i = 0; i < 12; i++) {
    number[i] = (double)cluster[i] + 1.0;
  }
  nax_table_free(t);
  must(nax_dataset_create(NULL, &d), "rsa_clusters");
  add_columns(d, "clusters", n, 6, names, rows);
  add_numbers(d, "cluster", 1, (nax_index[]){12}, number);
  save(d, "rsa_clusters");
}

static void
diagrams(const parity_input *in)
{
  nax_rdms *r;
  nax_ph *a, *b;
  double scaled[66], found;
  nax_index n_a, n_b;
  must(nax_rdms_from_array(NULL, in->weights, &r), "diagram_sliced");
  for (int i = 0; i < 66; i++) {
    scaled[i] = 2.0 * nax_rdms_vector(r, 0)[i];
  }
  must(nax_ph_rips(NULL, 12, nax_rdms_vector(r, 0), NULL, &a), "diagram_sliced");
  must(nax_ph_rips(NULL, 12, scaled, NULL, &b), "diagram_sliced");
  const double *x = nax_ph_bars(a, 0, &n_a), *y = nax_ph_bars(b, 0, &n_b);
  must(nax_ph_sliced(NULL, n_a, x, n_b, y, 20, &found), "diagram_sliced");
  numbers("diagram_sliced", 1, (nax_index[]){1}, &found);
  must(nax_ph_heat_kernel(NULL, n_a, x, n_b, y, 0.3, &found), "diagram_kernel");
  numbers("diagram_kernel", 1, (nax_index[]){1}, &found);
  nax_ph_free(a);
  nax_ph_free(b);
  nax_rdms_free(r);
}

static void
representations(const parity_input *in)
{
  nax_view set[] = {nax_array_view(in->patterns), nax_array_view(in->weights)};
  nax_similarity_opts o = NAX_SIMILARITY_OPTS_INIT;
  double out[4], rho[12];
  nax_index n;
  o.measure = NAX_SIMILARITY_PROCRUSTES;
  must(nax_similarity_matrix(NULL, 2, set, &o, out), "similarity_matrix");
  numbers("similarity_matrix", 2, (nax_index[]){2, 2}, out);
  must(nax_similarity_cca(NULL, &set[0], &set[1], 0.9, 12, rho, &n),
       "canonical_correlations");
  numbers("canonical_correlations", 1, &n, rho);

  /* the first 3 neurons of the traces from the others */
  nax_view x = nax_array_view(in->dff), y = x;
  const double alphas[] = {0.1, 1.0, 10.0};
  double weights[27], intercept[3], alpha[3];
  nax_dataset *d;
  x.data = (const double *)x.data + 3;
  x.dim[0] = 9;
  y.dim[0] = 3;
  must(nax_ridge_loo(NULL, &x, &y, 3, alphas, 1, weights, intercept, alpha, NULL),
       "ridge_regression");
  must(nax_dataset_create(NULL, &d), "ridge_regression");
  add_numbers(d, "weights", 2, (nax_index[]){9, 3}, weights);
  add_numbers(d, "intercept", 1, (nax_index[]){3}, intercept);
  add_numbers(d, "alpha", 1, (nax_index[]){3}, alpha);
  save(d, "ridge_regression");

  /* trials as repetitions of the bins */
  nax_view all = nax_array_view(in->trials), repeated = all;
  double ceiling[12];
  repeated.dim[1] = all.dim[2];
  repeated.dim[2] = all.dim[1];
  repeated.stride[1] = all.stride[2];
  repeated.stride[2] = all.stride[1];
  must(nax_encoding_ceiling(NULL, &repeated, 3, ceiling), "encoding_ceiling");
  numbers("encoding_ceiling", 1, (nax_index[]){12}, ceiling);
}

void
parity_rdms(const parity_input *in)
{
  nax_table *t;
  matrices(in);
  inference(in);
  diagrams(in);
  representations(in);
  nax_source *s = open_file("trials");
  must(nax_quality_source(NULL, s, nax_source_main(s), NULL, &t), "quality_file");
  nax_source_close(s);
  table("quality_file", t);
}
