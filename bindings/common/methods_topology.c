/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which distances carry the information, and which holes the geometry has. */
#include "methods_i.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static nax_status
run_topology(nxb_call *c)
{
  nax_rdms *r = NULL;
  double *d = NULL;
  int what = nxb_choice(c, "what", nxb_text(c, 1, "matrix"), "matrix|geodesics");
  nax_status s = what > 0 ? nxb_vectors_of(c, 0, &r, &d) : NAX_EINVAL;
  if (s == NAX_OK) {
    nax_index n = nax_rdms_n_conditions(r), count = nax_rdms_count(r);
    double *out = calloc((size_t)(nax_rdm_pairs(n) * count) + 1, sizeof *out);
    s = out == NULL ? nxb_fail(c, NAX_ENOMEM, "out of memory")
        : what == 1 ? nax_trsa_rgtm(c->ctx, n, count, d, c->opts[0], out)
                    : nax_trsa_rgdm(c->ctx, n, count, d, c->opts[0], out, NULL);
    for (nax_index k = 0; s == NAX_OK && k < nax_rdm_pairs(n) * count; k++) {
      out[k] = isinf(out[k]) ? (double)NAN : out[k]; /* no path */
    }
    if (s == NAX_OK) {
      s = nxb_give_vectors(c, "rdm", r, out);
    }
    free(out);
  }
  free(d);
  nax_rdms_free(r);
  return s;
}

/* The page shows the matrices beside the windows. */
static nax_status
write_windows_page(nxb_call *c, const nax_rdms *r, const double *d,
                   const nax_dataset *found, const char *page)
{
  nax_index n = nax_rdms_n_conditions(r), count = nax_rdms_count(r);
  nax_index m = nax_rdm_pairs(n);
  nax_dataset *all = NULL;
  double *out = calloc((size_t)(m * count) + 1, sizeof *out);
  nax_status s = out != NULL ? nax_trsa_rgtm(c->ctx, n, count, d, NULL, out)
                             : nxb_fail(c, NAX_ENOMEM, "out of memory");
  nax_dataset *mine = c->out;
  s = s == NAX_OK ? nax_dataset_create(c->ctx, &all) : s;
  if (s == NAX_OK) { /* members go to the dataset of the page instead of the result */
    c->out = all;
    s = nxb_give_vectors(c, "rgtm", r, out);
    c->out = mine;
  }
  static const char *const tables[] = {"windows", "groups"};
  for (int k = 0; s == NAX_OK && k < 2; k++) {
    const nax_table *t = nax_dataset_table(found, tables[k]);
    nax_table *copy = NULL;
    if (t == NULL) {
      continue;
    }
    s = nax_table_create(c->ctx, nax_table_dim(t), nax_table_n_rows(t), &copy);
    for (int32_t j = 0; s == NAX_OK && j < nax_table_n_columns(t); j++) {
      const char *name = nax_table_column_name(t, j);
      s = nax_table_numbers(t, j) != NULL
              ? nax_table_add_numbers(c->ctx, copy, name, nax_table_column_unit(t, j),
                                      nax_table_numbers(t, j))
              : nax_table_add_text(c->ctx, copy, name, nax_table_text(t, j));
    }
    s = s == NAX_OK ? nax_dataset_add_table(c->ctx, all, tables[k], copy) : s;
    if (s != NAX_OK) {
      nax_table_free(copy);
    }
  }
  for (int32_t k = 0; s == NAX_OK && k < nax_dataset_n_attrs(found); k++) {
    const char *key = nax_dataset_attr_key(found, k);
    const char *text = nax_dataset_text(found, key);
    s = text != NULL
            ? nax_dataset_set_text(c->ctx, all, key, text)
            : nax_dataset_set_number(c->ctx, all, key, nax_dataset_number(found, key));
  }
  s = s == NAX_OK ? nax_report_trsa(c->ctx, all, NULL, nxb_opts(c, "report"), page) : s;
  nax_dataset_free(all);
  free(out);
  return s;
}

static nax_status
run_identify(nxb_call *c)
{
  nax_rdms *r = NULL;
  double *d = NULL;
  int64_t *group = NULL, *label = NULL;
  nax_dataset *result = NULL;
  const char *page;
  nax_status s = nxb_page(c, 3, &page);
  s = s == NAX_OK ? nxb_vectors_of(c, 0, &r, &d) : s;
  if (s == NAX_OK) {
    s = nxb_codes(c, 1, nax_rdms_count(r), &group, NULL);
  }
  if (s == NAX_OK) {
    s = nxb_codes(c, 2, nax_rdms_count(r), &label, NULL);
  }
  if (s == NAX_OK) {
    s = nax_trsa_identify(c->ctx, nax_rdms_n_conditions(r), nax_rdms_count(r), d, group,
                          label, c->opts[0], NULL, &result);
  }
  if (s == NAX_OK && page != NULL) {
    s = write_windows_page(c, r, d, result, page);
  }
  free(group);
  free(label);
  free(d);
  nax_rdms_free(r);
  return nxb_give_dataset(c, s, result);
}

/* One table of bars for all dimensions. */
static nax_status
run_homology(nxb_call *c)
{
  nax_rdms *r = NULL;
  double *d = NULL, *column = NULL;
  nax_ph *p = NULL;
  nax_table *t = NULL;
  nax_index total = 0;
  nax_status s = nxb_vectors_of(c, 0, &r, &d);
  if (s == NAX_OK && nax_rdms_count(r) != 1) {
    s = nxb_fail(c, NAX_EDIM, "`x` has %lld matrices, expected one",
                 (long long)nax_rdms_count(r));
  }
  if (s == NAX_OK) {
    s = nax_ph_rips(c->ctx, nax_rdms_n_conditions(r), d, c->opts[0], &p);
  }
  for (int64_t k = 0; s == NAX_OK && k <= nax_ph_max_dim(p); k++) {
    nax_index n;
    (void)nax_ph_bars(p, k, &n);
    total += n;
  }
  if (s == NAX_OK) {
    column = calloc((size_t)total + 1, sizeof *column);
    s = column != NULL ? nax_table_create(c->ctx, "bar", total, &t)
                       : nxb_fail(c, NAX_ENOMEM, "out of memory");
  }
  static const char *const names[] = {"dimension", "birth", "death"};
  for (int col = 0; s == NAX_OK && col < 3; col++) {
    nax_index at = 0;
    for (int64_t k = 0; k <= nax_ph_max_dim(p); k++) {
      nax_index n;
      const double *bars = nax_ph_bars(p, k, &n);
      for (nax_index i = 0; i < n; i++) {
        column[at++] = col == 0 ? (double)k : bars[2 * i + col - 1];
      }
    }
    s = nax_table_add_numbers(c->ctx, t, names[col], "", column);
  }
  if (s == NAX_OK) {
    s = nxb_give_table(c, "bars", t);
    t = NULL;
  }
  s = s == NAX_OK
          ? nax_dataset_set_number(c->ctx, c->out, "threshold", nax_ph_threshold(p))
          : s;
  for (int64_t k = 0; s == NAX_OK && k <= nax_ph_max_dim(p); k++) {
    char key[32];
    nax_index n;
    const double *bars = nax_ph_bars(p, k, &n);
    (void)snprintf(key, sizeof key, "entropy_%d", (int)k);
    s = nax_dataset_set_number(c->ctx, c->out, key, nax_ph_entropy(n, bars));
  }
  nax_table_free(t);
  nax_ph_free(p);
  free(column);
  free(d);
  nax_rdms_free(r);
  return s;
}

/* The bars of one dimension in input i, a result of persistent_homology: 2 x n. Free. */
static nax_status
bars_of(nxb_call *c, int i, double dimension, double **out, nax_index *n)
{
  const nax_table *t = nax_dataset_table(c->in[i].dataset, "bars");
  const double *x[3] = {NULL, NULL, NULL};
  static const char *const names[] = {"dimension", "birth", "death"};
  *out = NULL;
  *n = 0;
  for (int k = 0; t != NULL && k < 3; k++) {
    x[k] = nax_table_numbers(t, nax_table_find(t, names[k]));
  }
  if (x[0] == NULL || x[1] == NULL || x[2] == NULL) {
    return nxb_fail(c, NAX_EINVAL,
                    "`%s` has no table of bars, expected a result of "
                    "persistent_homology",
                    c->method->in[i].name);
  }
  nax_index rows = nax_table_n_rows(t);
  *out = calloc(2 * (size_t)rows + 2, sizeof **out);
  if (*out == NULL) {
    return nxb_fail(c, NAX_ENOMEM, "out of memory");
  }
  for (nax_index k = 0; k < rows; k++) {
    if (x[0][k] == dimension) {
      (*out)[2 * *n] = x[1][k];
      (*out)[2 * (*n)++ + 1] = x[2][k];
    }
  }
  return NAX_OK;
}

static nax_status
run_diagram_distance(nxb_call *c)
{
  double dimension, q, p, *a = NULL, *b = NULL, found = 0.0;
  nax_index n_a = 0, n_b = 0, one = 1;
  nax_status s = nxb_number(c, 2, 1.0, &dimension);
  s = s == NAX_OK ? nxb_number(c, 3, (double)INFINITY, &q) : s;
  s = s == NAX_OK ? nxb_number(c, 4, (double)INFINITY, &p) : s;
  s = s == NAX_OK ? bars_of(c, 0, dimension, &a, &n_a) : s;
  s = s == NAX_OK ? bars_of(c, 1, dimension, &b, &n_b) : s;
  if (s == NAX_OK) {
    s = isinf(q) ? nax_ph_bottleneck(c->ctx, n_a, a, n_b, b, &found)
                 : nax_ph_wasserstein(c->ctx, n_a, a, n_b, b, q, p, &found);
  }
  if (s == NAX_OK) {
    const char *const axis[] = {"distance"};
    s = nxb_give_numbers(c, "distance", 1, axis, &one, &found);
  }
  free(a);
  free(b);
  return s;
}

/* Inputs x, y, dimension and one number. */
static nax_status
run_sliced(nxb_call *c)
{
  double dimension = 0.0, *a = NULL, *b = NULL, found = 0.0;
  nax_index n_a = 0, n_b = 0, slices = 0, one = 1;
  const char *const axis[] = {"distance"};
  nax_status s = nxb_number(c, 2, 1.0, &dimension);
  s = s == NAX_OK ? nxb_whole(c, 3, 50.0, 1.0, 1e6, &slices) : s;
  s = s == NAX_OK ? bars_of(c, 0, dimension, &a, &n_a) : s;
  s = s == NAX_OK ? bars_of(c, 1, dimension, &b, &n_b) : s;
  s = s == NAX_OK ? nax_ph_sliced(c->ctx, n_a, a, n_b, b, slices, &found) : s;
  free(a);
  free(b);
  return s == NAX_OK ? nxb_give_numbers(c, "distance", 1, axis, &one, &found) : s;
}

static nax_status
run_heat_kernel(nxb_call *c)
{
  double dimension = 0.0, sigma = 0.0, *a = NULL, *b = NULL, found = 0.0;
  nax_index n_a = 0, n_b = 0, one = 1;
  const char *const axis[] = {"kernel"};
  nax_status s = nxb_number(c, 2, 1.0, &dimension);
  s = s == NAX_OK ? nxb_number(c, 3, 1.0, &sigma) : s;
  s = s == NAX_OK ? bars_of(c, 0, dimension, &a, &n_a) : s;
  s = s == NAX_OK ? bars_of(c, 1, dimension, &b, &n_b) : s;
  s = s == NAX_OK ? nax_ph_heat_kernel(c->ctx, n_a, a, n_b, b, sigma, &found) : s;
  free(a);
  free(b);
  return s == NAX_OK ? nxb_give_numbers(c, "kernel", 1, axis, &one, &found) : s;
}

static nax_status
run_diagram_distances(nxb_call *c)
{
  nax_rdms *r = NULL;
  double *d = NULL, *out = NULL, *square = NULL, q, p;
  nax_index dimension = 1;
  nax_ph **set = NULL;
  nax_status s = nxb_vectors_of(c, 0, &r, &d);
  s = s == NAX_OK ? nxb_whole(c, 1, 1.0, 0.0, 2.0, &dimension) : s;
  s = s == NAX_OK ? nxb_number(c, 2, (double)INFINITY, &q) : s;
  s = s == NAX_OK ? nxb_number(c, 3, (double)INFINITY, &p) : s;
  nax_index n = s == NAX_OK ? nax_rdms_n_conditions(r) : 0;
  nax_index count = s == NAX_OK ? nax_rdms_count(r) : 0;
  nax_ph_opts o = *(const nax_ph_opts *)nxb_opts(c, "ph");
  o.max_dim = dimension > o.max_dim ? dimension : o.max_dim;
  if (s == NAX_OK) {
    set = calloc((size_t)count + 1, sizeof(nax_ph *));
    out = calloc((size_t)nax_rdm_pairs(count) + 1, sizeof *out);
    square = calloc((size_t)(count * count) + 1, sizeof *square);
    s = set != NULL && out != NULL && square != NULL
            ? NAX_OK
            : nxb_fail(c, NAX_ENOMEM, "out of memory");
  }
  for (nax_index k = 0; s == NAX_OK && k < count; k++) {
    s = nax_ph_rips(c->ctx, n, d + k * nax_rdm_pairs(n), &o, &set[k]);
  }
  s = s == NAX_OK ? nax_ph_distances(c->ctx, count, (const nax_ph *const *)set, dimension,
                                     q, p, out)
                  : s;
  s = s == NAX_OK ? nax_rdm_to_square(c->ctx, count, out, square) : s;
  if (s == NAX_OK) {
    const char *const axes[] = {"rdm", "rdm_2"};
    const nax_index dim[] = {count, count};
    s = nxb_give_numbers(c, "distance", 2, axes, dim, square);
  }
  for (nax_index k = 0; set != NULL && k < count; k++) {
    nax_ph_free(set[k]);
  }
  free(set);
  free(out);
  free(square);
  free(d);
  nax_rdms_free(r);
  return s;
}

/* An axis of the result from its first to its last value. */
static nax_status
spread(nxb_call *c, nax_array *a, int32_t k, const char *name, double from, double to)
{
  nax_index n = nax_array_dim(a, k);
  double *x = calloc((size_t)n + 1, sizeof *x);
  nax_axis *axis = NULL;
  for (nax_index i = 0; x != NULL && i < n; i++) {
    x[i] = n > 1 ? from + (to - from) * (double)i / (double)(n - 1) : from;
  }
  nax_status s = x != NULL ? nax_axis_create_coords(c->ctx, name, NULL, n, x, &axis)
                           : nxb_fail(c, NAX_ENOMEM, "out of memory");
  s = s == NAX_OK ? nax_array_set_axis(c->ctx, a, k, axis) : s;
  nax_axis_free(axis);
  free(x);
  return s;
}

static nax_status
run_image(nxb_call *c)
{
  double dimension, *bars = NULL;
  nax_index n = 0;
  nax_array *a = NULL;
  const nax_ph_image_opts *o = nxb_opts(c, "ph-image");
  const char *const names[] = {"birth", "persistence"};
  const nax_index dim[] = {o->n_birth, o->n_persistence};
  nax_status s = nxb_number(c, 1, 1.0, &dimension);
  s = s == NAX_OK ? bars_of(c, 0, dimension, &bars, &n) : s;
  s = s == NAX_OK ? nax_array_create_dims(c->ctx, NAX_F64, 2, names, dim, "", &a) : s;
  s = s == NAX_OK ? nax_ph_image(c->ctx, n, bars, o, nax_array_data_mut(a)) : s;
  /* a pixel stands for its middle, or, for densities, for its point */
  double half_b =
      o->integral ? (o->birth_max - o->birth_min) / (2.0 * (double)dim[0]) : 0.0;
  double half_p = o->integral
                      ? (o->persistence_max - o->persistence_min) / (2.0 * (double)dim[1])
                      : 0.0;
  s = s == NAX_OK ? spread(c, a, 0, "birth", o->birth_min + half_b, o->birth_max - half_b)
                  : s;
  s = s == NAX_OK ? spread(c, a, 1, "persistence", o->persistence_min + half_p,
                           o->persistence_max - half_p)
                  : s;
  free(bars);
  if (s != NAX_OK) {
    nax_array_free(a);
    return s;
  }
  return nxb_give_array(c, "image", a);
}

/* Positions of a curve as its first axis. */
static nax_status
give_curve(nxb_call *c, const char *name, int ndim, nax_index n, const double *t,
           nax_index levels, const double *x)
{
  nax_array *a = NULL;
  nax_axis *axis = NULL;
  const char *const names[] = {"distance", "level"};
  const nax_index dim[] = {n, levels};
  nax_status s = nax_array_create_dims(c->ctx, NAX_F64, ndim, names, dim, "", &a);
  s = s == NAX_OK ? nax_axis_create_coords(c->ctx, "distance", NULL, n, t, &axis) : s;
  s = s == NAX_OK ? nax_array_set_axis(c->ctx, a, 0, axis) : s;
  nax_axis_free(axis);
  if (s != NAX_OK) {
    nax_array_free(a);
    return s;
  }
  memcpy(nax_array_data_mut(a), x, (size_t)nax_array_size(a) * sizeof *x);
  return nxb_give_array(c, name, a);
}

static nax_status
run_landscape(nxb_call *c)
{
  double dimension, *bars = NULL, *out = NULL;
  const double *t;
  nax_index n = 0, n_t, levels = 3;
  nax_status s = nxb_numbers(c, 1, &t, &n_t);
  s = s == NAX_OK ? nxb_whole(c, 2, 3.0, 1.0, 1e6, &levels) : s;
  s = s == NAX_OK ? nxb_number(c, 3, 1.0, &dimension) : s;
  s = s == NAX_OK ? bars_of(c, 0, dimension, &bars, &n) : s;
  if (s == NAX_OK) {
    out = calloc((size_t)(n_t * levels) + 1, sizeof *out);
    s = out != NULL ? nax_ph_landscape(c->ctx, n, bars, n_t, t, levels, out)
                    : nxb_fail(c, NAX_ENOMEM, "out of memory");
  }
  s = s == NAX_OK ? give_curve(c, "landscape", 2, n_t, t, levels, out) : s;
  free(out);
  free(bars);
  return s;
}

static nax_status
run_betti(nxb_call *c)
{
  double dimension, *bars = NULL, *out = NULL;
  const double *t;
  nax_index n = 0, n_t;
  nax_status s = nxb_numbers(c, 1, &t, &n_t);
  s = s == NAX_OK ? nxb_number(c, 2, 1.0, &dimension) : s;
  s = s == NAX_OK ? bars_of(c, 0, dimension, &bars, &n) : s;
  if (s == NAX_OK) {
    out = calloc((size_t)n_t + 1, sizeof *out);
    s = out != NULL ? nax_ph_betti(c->ctx, n, bars, n_t, t, out)
                    : nxb_fail(c, NAX_ENOMEM, "out of memory");
  }
  s = s == NAX_OK ? give_curve(c, "betti", 1, n_t, t, 1, out) : s;
  free(out);
  free(bars);
  return s;
}

/* The table of options that a seed comes from when a function has no table of its own. */
static nax_status
run_ph_null(nxb_call *c)
{
  nax_rdms *r = NULL;
  double *d = NULL;
  nax_index shuffles;
  nax_table *t = NULL;
  nax_status s = nxb_vectors_of(c, 0, &r, &d);
  s = s == NAX_OK ? nxb_whole(c, 1, 199.0, 19.0, 1e9, &shuffles) : s;
  if (s == NAX_OK && nax_rdms_count(r) != 1) {
    s = nxb_fail(c, NAX_EDIM, "`x` has %lld matrices, expected one",
                 (long long)nax_rdms_count(r));
  }
  s = s == NAX_OK ? nax_ph_null(c->ctx, nax_rdms_n_conditions(r), d, nxb_opts(c, "ph"),
                                shuffles, nxb_seed(c), &t)
                  : s;
  free(d);
  nax_rdms_free(r);
  return s == NAX_OK ? nxb_give_table(c, "null", t) : s;
}

static nax_status
run_agtic(nxb_call *c)
{
  nax_rdms *r[2] = {NULL, NULL};
  double *d[2] = {NULL, NULL}, *map = NULL;
  nax_trsa_agtic_result f;
  const nax_trsa_agtic_opts *o = nxb_opts(c, "agtic");
  nax_status s = NAX_OK;
  for (int k = 0; s == NAX_OK && k < 2; k++) {
    s = nxb_vectors_of(c, k, &r[k], &d[k]);
    if (s == NAX_OK && nax_rdms_count(r[k]) != 1) {
      s = nxb_fail(c, NAX_EDIM, "`%s` has %lld matrices, expected one",
                   c->method->in[k].name, (long long)nax_rdms_count(r[k]));
    }
  }
  if (s == NAX_OK && nax_rdms_n_conditions(r[0]) != nax_rdms_n_conditions(r[1])) {
    s = nxb_fail(c, NAX_EDIM, "`y` has %lld conditions, expected %lld as `x`",
                 (long long)nax_rdms_n_conditions(r[1]),
                 (long long)nax_rdms_n_conditions(r[0]));
  }
  nax_index w = o->levels * (o->levels - 1) / 2;
  if (s == NAX_OK) {
    map = calloc((size_t)(w * w) + 1, sizeof *map);
    s = map != NULL
            ? nax_trsa_agtic(c->ctx, nax_rdms_n_conditions(r[0]), d[0], d[1], o, map, &f)
            : nxb_fail(c, NAX_ENOMEM, "out of memory");
  }
  if (s == NAX_OK) {
    const char *const axes[] = {"window_y", "window_x"};
    const nax_index dim[] = {w, w};
    s = nxb_give_numbers(c, "map", 2, axes, dim, map);
  }
  if (s == NAX_OK) {
    static const char *const names[] = {
        "plain",   "max",          "x_lower", "x_upper", "y_lower",
        "y_upper", "standardised", "p_plain", "p_max",   "p_standardised"};
    const double x[] = {f.plain,   f.max,           f.x_lower,      f.x_upper,
                        f.y_lower, f.y_upper,       f.standardised, f.p_plain,
                        f.p_max,   f.p_standardised};
    s = nxb_give_columns(c, "test", "test", 1, 10, names, x);
  }
  for (int k = 0; k < 2; k++) {
    free(d[k]);
    nax_rdms_free(r[k]);
  }
  free(map);
  return s;
}

static nax_status
run_geodesic_sweep(nxb_call *c)
{
  nax_rdms *r = NULL, *found = NULL;
  nax_axis *axis = NULL;
  double *d = NULL, *out = NULL, lower;
  const double *upper;
  nax_index n_upper;
  nax_status s = nxb_vectors_of(c, 0, &r, &d);
  s = s == NAX_OK ? nxb_numbers(c, 1, &upper, &n_upper) : s;
  s = s == NAX_OK ? nxb_number(c, 2, 0.0, &lower) : s;
  if (s == NAX_OK && nax_rdms_count(r) != 1) {
    s = nxb_fail(c, NAX_EDIM, "`x` has %lld matrices, expected one",
                 (long long)nax_rdms_count(r));
  }
  nax_index n = s == NAX_OK ? nax_rdms_n_conditions(r) : 0, m = nax_rdm_pairs(n);
  if (s == NAX_OK) {
    out = calloc((size_t)(m * n_upper) + 1, sizeof *out);
    s = out != NULL ? nax_trsa_geodesic_sweep(c->ctx, n, d, lower, n_upper, upper, out)
                    : nxb_fail(c, NAX_ENOMEM, "out of memory");
  }
  for (nax_index k = 0; s == NAX_OK && k < m * n_upper; k++) {
    out[k] = isinf(out[k]) ? (double)NAN : out[k]; /* no path */
  }
  s = s == NAX_OK ? nax_rdms_create(c->ctx, n, n_upper, out, &found) : s;
  s = s == NAX_OK ? nax_axis_create_coords(c->ctx, "upper", NULL, n_upper, upper, &axis)
                  : s;
  s = s == NAX_OK
          ? nax_rdms_describe(c->ctx, found, nax_rdms_condition_axis(r), axis, NULL)
          : s;
  s = s == NAX_OK ? nxb_give_rdms(c, "paths", found) : s;
  nax_axis_free(axis);
  nax_rdms_free(found);
  nax_rdms_free(r);
  free(out);
  free(d);
  return s;
}

static nax_status
run_shortest_paths(nxb_call *c)
{
  nax_rdms *r = NULL;
  double *d = NULL;
  nax_status s = nxb_vectors_of(c, 0, &r, &d);
  nax_index n = s == NAX_OK ? nax_rdms_n_conditions(r) : 0, m = nax_rdm_pairs(n);
  for (nax_index k = 0; s == NAX_OK && k < nax_rdms_count(r); k++) {
    s = nax_trsa_geodesics(c->ctx, n, d + k * m, d + k * m);
  }
  for (nax_index k = 0; s == NAX_OK && k < m * nax_rdms_count(r); k++) {
    d[k] = isinf(d[k]) ? (double)NAN : d[k]; /* no path */
  }
  s = s == NAX_OK ? nxb_give_vectors(c, "paths", r, d) : s;
  nax_rdms_free(r);
  free(d);
  return s;
}

#define R_RING "x <- persistent_homology(as.matrix(dist(cbind(cos(1:12), sin(1:12)))))"
#define M_RING                                                                           \
  "a = 1:12; x = neuraxis.persistent_homology(abs(exp(1i * a) - exp(1i * a.')));"
#define HOLES                                                                            \
  {                                                                                      \
    "x", NXB_IN_DATASET, 0, NULL, "result of persistent_homology"                        \
  }
#define OTHER_HOLES                                                                      \
  {                                                                                      \
    "y", NXB_IN_DATASET, 0, NULL, "another result of persistent_homology"                \
  }
#define DIMENSION                                                                        \
  {                                                                                      \
    "dimension", NXB_IN_ARRAY, 1, "value",                                               \
        "0 components, 1 loops, 2 voids; not given: 1"                                   \
  }
#define ORDER                                                                            \
  {                                                                                      \
    "order", NXB_IN_ARRAY, 1, "value",                                                   \
        "of the Wasserstein distance; infinite, as when not given: the bottleneck "      \
        "distance"                                                                       \
  }
#define NORM                                                                             \
  {                                                                                      \
    "norm", NXB_IN_ARRAY, 1, "value", "p of the norm of the plane; not given: infinite"  \
  }

#define RDMS "condition,condition_2,rdm"

const nxb_method nxb_topology_methods[] = {
    {.name = "trsa_transform",
     .title = "Geo-topological forms of dissimilarity matrices",
     .details =
         "Distances below a lower threshold become 0, those above an upper one 1, with a "
         "ramp between (RGTM); or the geodesic distances over the graph that the "
         "thresholds leave (RGDM). Lin and Kriegeskorte 2024.",
     .value = "an array condition x condition x rdm",
     .result = "",
     .r = {"x <- rdm(matrix(rnorm(100), 10), condition = 1:10)",
           "trsa_transform(x, lower = 0.2, upper = 0.8)"},
     .m = {"x = neuraxis.rdm(randn(10, 10), 1:10);", "neuraxis.trsa_transform(x)"},
     .in = {{"x", NXB_IN_ARRAY, 0, RDMS, "condition x condition (x rdm)"},
            {"what", NXB_IN_TEXT, 1, NULL, "matrix or geodesics; not given: matrix"}},
     .tables = {"trsa"},
     .run = run_topology},
    {.name = "trsa_identify",
     .title = "Regions or layers told from their geometry and topology",
     .details =
         "Each group (subject, seed) is left out in turn and its matrices get the label of "
         "the nearest centroid of the others; for the matrices as they are, their ranks, "
         "and every window of thresholds, chosen within the other groups.",
     .value = "the tables `windows`, `groups` and `rdms`, accuracies and p values",
     .result = "trsa_identify",
     .in = {{"x", NXB_IN_ARRAY, 0, RDMS, "condition x condition x rdm"},
            {"group", NXB_IN_ARRAY, 0, "rdm", "group of each matrix, whole numbers"},
            {"label", NXB_IN_ARRAY, 0, "rdm", "label of each matrix, whole numbers"},
            NXB_REPORT},
     .tables = {"trsa-identify", "report"},
     .hidden = NXB_REPORT_HIDDEN,
     .r = {"group <- rep(1:6, each = 2)\nlabel <- rep(1:2, 6)\nx <- sapply(label, "
           "function(l) as.matrix(dist(cbind(1:8, (1:8)^l) + rnorm(16))), simplify = "
           "\"array\")",
           "trsa_identify(x, group, label, steps = 4, permutations = 20)"},
     .m = {"x = rand(8, 8, 12); x = x + permute(x, [2 1 3]); g = ceil((1:12) / 2);",
           "neuraxis.trsa_identify(x, g, repmat(1:2, 1, 6), 'steps', 4, "
           "'permutations', 20)"},
     .run = run_identify},
    {.name = "persistent_homology",
     .title = "Persistent homology of a dissimilarity matrix",
     .details =
         "Components, loops and voids of the Vietoris-Rips filtration: at distance t "
         "all sets of conditions whose distances are at most t.",
     .value = "the table `bars` with dimension, birth and death",
     .result = "persistent_homology",
     .r = {"x <- as.matrix(dist(cbind(cos(1:12), sin(1:12))))", "persistent_homology(x)"},
     .m = {"a = 1:12; x = abs(exp(1i * a) - exp(1i * a.'));",
           "neuraxis.persistent_homology(x)"},
     .in = {{"x", NXB_IN_ARRAY, 0, RDMS, "condition x condition"}},
     .tables = {"ph"},
     .run = run_homology},
    {.name = "diagram_distance",
     .title = "Distance between two persistence diagrams",
     .details = "Bottleneck or Wasserstein: how far the bars of one have to be moved to "
                "become those of the other.",
     .value = "a number",
     .result = "",
     .r = {R_RING, "diagram_distance(x, x)"},
     .m = {M_RING, "neuraxis.diagram_distance(x, x)"},
     .in = {HOLES, OTHER_HOLES, DIMENSION, ORDER, NORM},
     .run = run_diagram_distance},
    {.name = "diagram_sliced",
     .title = "Sliced Wasserstein distance between two persistence diagrams",
     .details =
         "The mean over directions of the distance on a line between the projections of "
         "both; classes that never die are left out. Carriere and others 2017.",
     .value = "a number",
     .result = "",
     .r = {R_RING, "diagram_sliced(x, x)"},
     .m = {M_RING, "neuraxis.diagram_sliced(x, x)"},
     .in = {HOLES,
            OTHER_HOLES,
            DIMENSION,
            {"slices", NXB_IN_ARRAY, 1, "value", "directions; not given: 50"}},
     .run = run_sliced},
    {.name = "diagram_kernel",
     .title = "Heat kernel of two persistence diagrams",
     .details =
         "The inner product of the heat that their points spread within a time; the "
         "distance that it stands for is sqrt(k(a,a) + k(b,b) - 2 k(a,b)). Classes that "
         "never die are left out. Reininghaus and others 2015.",
     .value = "a number",
     .result = "",
     .r = {R_RING, "diagram_kernel(x, x, sigma = 0.5)"},
     .m = {M_RING, "neuraxis.diagram_kernel(x, x, 'sigma', 0.5)"},
     .in = {HOLES,
            OTHER_HOLES,
            DIMENSION,
            {"sigma", NXB_IN_ARRAY, 1, "value", "the time; not given: 1"}},
     .run = run_heat_kernel},
    {.name = "diagram_distances",
     .title = "What differs in the topology of several matrices",
     .details = "The distance between the persistence diagrams of each pair of "
                "dissimilarity matrices.",
     .value = "an array rdm x rdm",
     .result = "",
     .r = {"x <- array(dim = c(8, 8, 3))\nfor (k in 1:3) x[, , k] <- "
           "as.matrix(dist(matrix(rnorm(16), 8)))",
           "diagram_distances(x)"},
     .m = {"x = rand(8, 8, 3); x = x + permute(x, [2 1 3]);",
           "neuraxis.diagram_distances(x)"},
     .in = {{"x", NXB_IN_ARRAY, 0, RDMS, "condition x condition x rdm"},
            DIMENSION,
            ORDER,
            NORM},
     .tables = {"ph"},
     .hidden = ",max_dim,",
     .run = run_diagram_distances},
    {.name = "persistence_image",
     .title = "Persistence image",
     .details = "A sum of Gaussians over birth and persistence, each weighted by its "
                "persistence: a diagram as a picture of fixed size.",
     .value = "an array birth x persistence",
     .result = "",
     .r = {R_RING, "persistence_image(x, birth_max = 2, persistence_max = 2)"},
     .m = {M_RING, "neuraxis.persistence_image(x, 'birth_max', 2, 'persistence_max', 2)"},
     .in = {HOLES, DIMENSION},
     .tables = {"ph-image"},
     .run = run_image},
    {.name = "persistence_landscape",
     .title = "Persistence landscape",
     .details = "Function k at t is the k-th largest over bars of min(t - birth, death - "
                "t), at least 0.",
     .value = "an array distance x level",
     .result = "",
     .r = {R_RING, "persistence_landscape(x, seq(0, 2, 0.1))"},
     .m = {M_RING, "neuraxis.persistence_landscape(x, 0:0.1:2)"},
     .in = {HOLES,
            {"at", NXB_IN_ARRAY, 0, "distance", "distances t"},
            {"levels", NXB_IN_ARRAY, 1, "value", "how many functions; not given: 3"},
            DIMENSION},
     .run = run_landscape},
    {.name = "betti_curve",
     .title = "Betti curve",
     .details = "How many bars are alive at each distance.",
     .value = "an array along distance",
     .result = "",
     .r = {R_RING, "betti_curve(x, seq(0, 2, 0.1))"},
     .m = {M_RING, "neuraxis.betti_curve(x, 0:0.1:2)"},
     .in = {HOLES, {"at", NXB_IN_ARRAY, 0, "distance", "distances"}, DIMENSION},
     .run = run_betti},
    {.name = "persistence_null",
     .title = "Are the bars longer than chance",
     .details = "The distances are shuffled among the pairs and the diagrams made again.",
     .value = "a table with one row per dimension from 1",
     .result = "",
     .r = {"x <- as.matrix(dist(cbind(cos(1:12), sin(1:12))))",
           "persistence_null(x, shuffles = 19)"},
     .m = {"a = 1:12; x = abs(exp(1i * a) - exp(1i * a.'));",
           "neuraxis.persistence_null(x, 'shuffles', 19)"},
     .in = {{"x", NXB_IN_ARRAY, 0, RDMS, "condition x condition"},
            {"shuffles", NXB_IN_ARRAY, 1, "value",
             "how many, 19 or more; not given: 199"}},
     .tables = {"ph", "agtic"},
     .shown = ",threshold,max_dim,memory,seed,",
     .run = run_ph_null},
    {.name = "trsa_agtic",
     .title = "Are two geometries related in some window of distances",
     .details = "The distance correlation of two matrices for all pairs of windows of "
                "thresholds, with permutation tests that make the search anew (adaptive "
                "geo-topological independence criterion). Lin and Kriegeskorte 2018.",
     .value = "`map`, windows of y x windows of x, and the table `test`",
     .result = "trsa_agtic",
     .r = {"x <- as.matrix(dist(1:10))\ny <- as.matrix(dist((1:10)^2 + rnorm(10)))",
           "trsa_agtic(x, y, levels = 4, permutations = 20)"},
     .m = {"x = abs((1:10)' - (1:10)); y = x .^ 2;",
           "neuraxis.trsa_agtic(x, y, 'levels', 4, 'permutations', 20)"},
     .in = {{"x", NXB_IN_ARRAY, 0, RDMS, "condition x condition"},
            {"y", NXB_IN_ARRAY, 0, RDMS, "the same conditions in another region"}},
     .tables = {"agtic"},
     .run = run_agtic},
    {.name = "geodesic_sweep",
     .title = "Geodesic distances for many thresholds",
     .details = "Shortest paths over the pairs below each upper threshold, as long as a "
                "ramp from the lower one says.",
     .value = "an array condition x condition x upper; missing where there is no path",
     .result = "",
     .r = {"x <- as.matrix(dist(1:8))", "geodesic_sweep(x, upper = c(2, 4))"},
     .m = {"x = abs((1:8)' - (1:8));", "neuraxis.geodesic_sweep(x, [2 4])"},
     .in = {{"x", NXB_IN_ARRAY, 0, RDMS, "condition x condition"},
            {"upper", NXB_IN_ARRAY, 0, "upper", "upper thresholds, ascending"},
            {"lower", NXB_IN_ARRAY, 1, "value",
             "distance at or below which a link has length 0; not given: 0"}},
     .run = run_geodesic_sweep},
    {.name = "shortest_paths",
     .title = "Shortest paths of a graph",
     .details = "All pairs of nodes, over the links given; missing: no link.",
     .value = "an array node x node; missing where there is no path",
     .result = "",
     .r = {"x <- as.matrix(dist(1:8))\nx[x > 1] <- NA", "shortest_paths(x)"},
     .m = {"x = abs((1:8)' - (1:8)); x(x > 1) = NaN;", "neuraxis.shortest_paths(x)"},
     .in = {{"x", NXB_IN_ARRAY, 0, RDMS, "lengths of links, node x node"}},
     .run = run_shortest_paths},
    {.name = NULL},
};
