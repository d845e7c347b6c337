/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of complex coefficients and of their phases: in closed form, and by surrogates.
 */
#include "methods_i.h"
#include <string.h>

/* Coefficients in the columns of two inputs, real and imaginary parts. */
typedef struct coefficients {
  const nax_c64 *z;
  nax_index n, columns;
  const nax_view *re; /* for further axes */
} coefficients;

static nax_status
coefficients_of(nxb_call *c, int re, int im, int most, coefficients *out)
{
  nax_view x = nxb_view(c, re), y = nxb_view(c, im);
  nax_status s = nxb_dense(c, re, 1, most);
  s = s == NAX_OK ? nxb_dense(c, im, 1, most) : s;
  nax_index n = s == NAX_OK ? nax_view_size(&x) : 0;
  if (s == NAX_OK && nax_view_size(&y) != n) {
    s = nxb_fail(c, NAX_EDIM, "`%s` has %lld values, expected %lld as `%s`",
                 c->method->in[im].name, (long long)nax_view_size(&y), (long long)n,
                 c->method->in[re].name);
  }
  nax_c64 *z = s == NAX_OK ? nxb_room(c, n, sizeof *z) : NULL;
  s = s == NAX_OK && z == NULL ? NAX_ENOMEM : s;
  for (nax_index i = 0; s == NAX_OK && i < n; i++) {
    z[i] = (nax_c64){((const double *)x.data)[i], ((const double *)y.data)[i]};
  }
  nax_index rows = s == NAX_OK ? x.dim[0] : 0;
  *out = (coefficients){z, rows, rows > 0 ? n / rows : 0, &c->in[re].view};
  return s;
}

static nax_freqtag_moments
moments_of(const coefficients *x, nax_index column)
{
  return nax_freqtag_moments_of(x->n, x->z + column * x->n);
}

/* Rows of a table as they are made; `x` is row by column. */
static void
put_row(double *x, nax_index row, nax_index rows, int n, const double *values)
{
  for (int i = 0; i < n; i++) {
    x[row + i * rows] = values[i];
  }
}

/* ---- tests in closed form --------------------------------------------------------- */

static nax_status
run_circular_tests(nxb_call *c)
{
  static const char *const names[] = {
      "n",         "mean_re",         "mean_im",          "total",    "evoked",
      "induced",   "evoked_unbiased", "induced_unbiased", "itpc",     "itpc_squared",
      "ppc",       "radius_95",       "t2circ_f",         "t2circ_p", "t2_f",
      "t2_p",      "condition",       "sphericity_p",     "auto_f",   "auto_p",
      "auto_used", "rayleigh_p",      "real_f",           "real_p",   "real_sign_p"};
  enum { N = sizeof names / sizeof names[0] };
  coefficients at;
  const double *given;
  nax_index n_given;
  nax_c64 mu = {0.0, 0.0};
  nax_status s = coefficients_of(c, 0, 1, 2, &at);
  s = s == NAX_OK ? nxb_numbers(c, 2, &given, &n_given) : s;
  if (s == NAX_OK && given != NULL) {
    if (n_given != 2) {
      return nxb_fail(c, NAX_EDIM, "`mu` has %lld values, expected 2",
                      (long long)n_given);
    }
    mu = (nax_c64){given[0], given[1]};
  }
  double *x = s == NAX_OK ? nxb_doubles(c, N * at.columns) : NULL;
  s = s == NAX_OK && x == NULL ? NAX_ENOMEM : s;
  for (nax_index k = 0; s == NAX_OK && k < at.columns; k++) {
    int32_t used = 0;
    nax_freqtag_moments of = moments_of(&at, k);
    nax_freqtag_power power = nax_freqtag_power_of(&of);
    nax_freqtag_test t2circ = nax_freqtag_t2circ(&of, mu);
    nax_freqtag_test t2 = nax_freqtag_hotelling(&of, mu);
    nax_freqtag_test best = nax_freqtag_auto(&of, mu, 0.05, &used);
    nax_freqtag_test round = nax_freqtag_sphericity(&of);
    nax_freqtag_test real = nax_freqtag_real_t(&of);
    nax_freqtag_test phases =
        nax_freqtag_rayleigh(of.n - of.n_zero, power.itpc, NAX_FREQTAG_RAYLEIGH_AUTO);
    const double row[N] = {(double)of.n,
                           of.mean.re,
                           of.mean.im,
                           power.total,
                           power.evoked,
                           power.induced,
                           power.evoked_unbiased,
                           power.induced_unbiased,
                           power.itpc,
                           power.itpc_squared,
                           power.ppc,
                           nax_freqtag_t2circ_radius(&of, 0.05),
                           t2circ.statistic,
                           t2circ.p,
                           t2.statistic,
                           t2.p,
                           round.statistic,
                           round.p,
                           best.statistic,
                           best.p,
                           (double)used,
                           phases.p,
                           real.statistic,
                           real.p,
                           nax_freqtag_real_sign(&of).p};
    put_row(x, k, at.columns, N, row);
  }
  return s == NAX_OK ? nxb_give_columns(c, "tests", "column", at.columns, N, names, x)
                     : s;
}

/* Moments of pairs are those of the differences. */
static nax_freqtag_moments
differences(const coefficients *a, const coefficients *b, nax_index column, nax_c64 *z)
{
  for (nax_index i = 0; i < a->n; i++) {
    const nax_c64 x = a->z[i + column * a->n], y = b->z[i + column * a->n];
    z[i] = (nax_c64){x.re - y.re, x.im - y.im};
  }
  return nax_freqtag_moments_of(a->n, z);
}

static nax_status
run_circular_compare(nxb_call *c)
{
  static const char *const names[] = {"t2circ_f", "t2circ_df2", "t2circ_p", "t2_f",
                                      "t2_df2",   "t2_p",       "real_f",   "real_df2",
                                      "real_p",   "mahalanobis"};
  enum { N = sizeof names / sizeof names[0] };
  coefficients a, b;
  double pairs = 0.0;
  nax_status s = coefficients_of(c, 0, 1, 2, &a);
  s = s == NAX_OK ? coefficients_of(c, 2, 3, 2, &b) : s;
  s = s == NAX_OK ? nxb_number(c, 4, 0.0, &pairs) : s;
  int paired = pairs != 0.0 && !isnan(pairs);
  if (s == NAX_OK && (a.columns != b.columns || (paired && a.n != b.n))) {
    s = nxb_fail(c, NAX_EDIM, "`re_2` is %lld x %lld, expected %s%lld columns as `re`",
                 (long long)b.n, (long long)b.columns, paired ? "as many rows and " : "",
                 (long long)a.columns);
  }
  nax_c64 *z = s == NAX_OK ? nxb_room(c, a.n, sizeof *z) : NULL;
  double *x = z != NULL ? nxb_doubles(c, N * a.columns) : NULL;
  s = s == NAX_OK && x == NULL ? NAX_ENOMEM : s;
  for (nax_index k = 0; s == NAX_OK && k < a.columns; k++) {
    const nax_c64 zero = {0.0, 0.0};
    nax_freqtag_moments p = moments_of(&a, k), q = moments_of(&b, k), d = p;
    if (paired) {
      d = differences(&a, &b, k, z);
    }
    nax_freqtag_test t[] = {
        paired ? nax_freqtag_t2circ(&d, zero) : nax_freqtag_t2circ_two(&p, &q),
        paired ? nax_freqtag_hotelling(&d, zero) : nax_freqtag_hotelling_two(&p, &q),
        paired ? nax_freqtag_real_t(&d) : nax_freqtag_real_t_two(&p, &q)};
    double row[N];
    for (int i = 0; i < 3; i++) {
      row[3 * i] = t[i].statistic;
      row[3 * i + 1] = t[i].df2;
      row[3 * i + 2] = t[i].p;
    }
    row[N - 1] = nax_freqtag_mahalanobis(&p, &q);
    put_row(x, k, a.columns, N, row);
  }
  return s == NAX_OK ? nxb_give_columns(c, "tests", "column", a.columns, N, names, x) : s;
}

/* Trials in groups, or, without groups, subject x condition. */
static nax_status
run_circular_anova(nxb_call *c)
{
  static const char *const names[] = {"f", "df1", "df2", "p", "log_p"};
  coefficients at;
  int64_t *group = NULL;
  nax_index groups = 0;
  nax_status s = coefficients_of(c, 0, 1, 3, &at);
  s = s == NAX_OK ? nxb_groups(c, 2, at.n, &group, &groups) : s;
  nax_index conditions = group != NULL || at.re->ndim < 2 ? 1 : at.re->dim[1];
  nax_index rows = conditions > 0 ? at.columns / conditions : 0;
  if (s == NAX_OK && group != NULL && at.re->ndim > 2) {
    s = nxb_fail(c, NAX_EDIM, "`re` has 3 axes, expected trial (x column) with `group`");
  }
  nax_freqtag_moments *of = s == NAX_OK ? nxb_room(c, groups, sizeof *of) : NULL;
  nax_c64 *some = of != NULL ? nxb_room(c, at.n, sizeof *some) : NULL;
  double *x = some != NULL ? nxb_doubles(c, 5 * rows) : NULL;
  s = s == NAX_OK && x == NULL ? NAX_ENOMEM : s;
  for (nax_index k = 0; s == NAX_OK && k < rows; k++) {
    for (nax_index g = 0; g < groups; g++) {
      nax_index n = 0;
      for (nax_index i = 0; i < at.n; i++) {
        if (group[i] == g) {
          some[n++] = at.z[i + k * at.n];
        }
      }
      of[g] = nax_freqtag_moments_of(n, some);
    }
    nax_freqtag_test t =
        group != NULL
            ? nax_freqtag_anova((int32_t)(groups < 1000000 ? groups : 0), of)
            : nax_freqtag_anova_repeated(at.n, conditions, at.z + k * at.n * conditions);
    const double row[] = {t.statistic, t.df1, t.df2, t.p, t.log_p};
    put_row(x, k, rows, 5, row);
  }
  return s == NAX_OK ? nxb_give_columns(c, "anova", "column", rows, 5, names, x) : s;
}

static nax_status
run_phase_tests(nxb_call *c)
{
  static const char *const names[] = {"n", "mean",  "resultant", "rayleigh",
                                      "p", "log_p", "v",         "v_p"};
  nax_view v = nxb_view(c, 0);
  double expected;
  int how =
      nxb_choice(c, "method", nxb_text(c, 2, "auto"), "auto|exact|zar|first|series");
  nax_status s = how > 0 ? nxb_dense(c, 0, 1, 2) : NAX_EINVAL;
  s = s == NAX_OK ? nxb_number(c, 1, NAX_NOT_GIVEN, &expected) : s;
  nax_index n = v.dim[0], columns = v.ndim > 1 ? v.dim[1] : 1;
  double *x = s == NAX_OK ? nxb_doubles(c, 8 * columns) : NULL;
  s = s == NAX_OK && x == NULL ? NAX_ENOMEM : s;
  for (nax_index k = 0; s == NAX_OK && k < columns; k++) {
    const double *phase = (const double *)v.data + k * n;
    double mean, r;
    nax_index kept = 0;
    for (nax_index i = 0; i < n; i++) {
      kept += isfinite(phase[i]);
    }
    nax_stats_circular(n, phase, NULL, &mean, &r);
    nax_freqtag_test t = nax_freqtag_rayleigh(kept, r, (nax_freqtag_rayleigh_method)how);
    nax_freqtag_test one = nax_freqtag_v_test(kept, r, mean, expected);
    const double row[] = {(double)kept, mean,          r,    t.statistic, t.p,
                          t.log_p,      one.statistic, one.p};
    put_row(x, k, columns, 8, row);
  }
  return s == NAX_OK ? nxb_give_columns(c, "phases", "column", columns, 8, names, x) : s;
}

static nax_status
run_combine_p(nxb_call *c)
{
  static const char *const names[] = {"chi_squared", "df", "p", "log_p"};
  const double *log_p;
  nax_index n;
  nax_status s = nxb_numbers(c, 0, &log_p, &n);
  if (s == NAX_OK) {
    nax_freqtag_test t = nax_freqtag_fisher(n, log_p);
    const double row[] = {t.statistic, t.df1, t.p, t.log_p};
    s = nxb_give_columns(c, "combined", "test", 1, 4, names, row);
  }
  return s;
}

/* ---- surrogates ------------------------------------------------------------------- */

/* The surrogate of no turn is what was observed. */
static nax_status
run_rotation_null(nxb_call *c)
{
  coefficients at;
  const nax_view *turns = nxb_optional(c, 3);
  double alone = 0.0;
  nax_index n = 0;
  nax_status s = coefficients_of(c, 0, 1, 2, &at);
  s = s == NAX_OK
          ? nxb_whole(c, 2, turns != NULL ? (double)turns->dim[0] : 999.0, 1.0, 1e8, &n)
          : s;
  s = s == NAX_OK ? nxb_number(c, 4, 1.0, &alone) : s;
  int32_t normalised = alone != 0.0;
  if (s == NAX_OK && turns != NULL) {
    s = nxb_dense(c, 3, 2, 2);
    if (s == NAX_OK && (turns->dim[0] != n || turns->dim[1] != at.n)) {
      s = nxb_fail(c, NAX_EDIM, "`angle` is %lld x %lld, expected %lld x %lld",
                   (long long)turns->dim[0], (long long)turns->dim[1], (long long)n,
                   (long long)at.n);
    }
  }
  double *null = s == NAX_OK ? nxb_doubles(c, n * at.columns) : NULL;
  double *none = null != NULL ? nxb_doubles(c, at.n) : NULL;
  double *x = none != NULL ? nxb_doubles(c, 2 * at.columns) : NULL;
  s = s == NAX_OK && x == NULL ? NAX_ENOMEM : s;
  s = s == NAX_OK ? nax_freqtag_null_rotation(c->ctx, at.n, at.columns, at.z, normalised,
                                              1, none, 0, x)
                  : s;
  s = s == NAX_OK ? nax_freqtag_null_rotation(c->ctx, at.n, at.columns, at.z, normalised,
                                              n, turns != NULL ? turns->data : NULL,
                                              nxb_seed(c), null)
                  : s;
  for (nax_index k = 0; s == NAX_OK && k < at.columns; k++) {
    x[at.columns + k] = nax_freqtag_p_of_null(n, null + k * n, x[k]);
    s = nxb_look(c, k, 64);
  }
  static const char *const names[] = {"observed", "p"};
  const char *const axes[] = {"surrogate", "column"};
  const nax_index dim[] = {n, at.columns};
  s = s == NAX_OK ? nxb_give_columns(c, "tests", "column", at.columns, 2, names, x) : s;
  return s == NAX_OK ? nxb_give_numbers(c, "null", 2, axes, dim, null) : s;
}

static nax_status
run_surrogate_test(nxb_call *c)
{
  const nax_freqtag_opts *o = nxb_opts(c, "freqtag");
  coefficients at;
  double alone = 0.0;
  nax_index n_freqs = 0;
  nax_freqtag_surrogate_spec spec = {.n_surrogates = (nax_index)o->surrogates,
                                     .enough = (nax_index)o->stop,
                                     .seed = (uint64_t)o->seed};
  int kind = nxb_choice(c, "kind", nxb_text(c, 2, "phase"), "phase|shift|sign|label");
  nax_status s = kind > 0 ? coefficients_of(c, 0, 1, 3, &at) : NAX_EINVAL;
  s = s == NAX_OK ? nxb_whole(c, 3, 0.0, 0.0, 1e15, &spec.n_control) : s;
  s = s == NAX_OK ? nxb_numbers(c, 4, &spec.freqs, &n_freqs) : s;
  s = s == NAX_OK ? nxb_number(c, 5, 1.0, &spec.rate) : s;
  s = s == NAX_OK ? nxb_whole(c, 6, 0.0, 0.0, 1e15, &spec.n_samples) : s;
  s = s == NAX_OK ? nxb_number(c, 7, 0.0, &alone) : s;
  spec.kind = kind + 1;
  spec.n = at.n;
  spec.n_lines = s == NAX_OK && at.re->ndim > 2 ? at.re->dim[2] : 1;
  spec.normalised = alone != 0.0;
  nax_index series = s == NAX_OK && spec.n_lines > 0 ? at.columns / spec.n_lines : 0;
  if (s == NAX_OK && spec.freqs != NULL && n_freqs != spec.n_lines) {
    s = nxb_fail(c, NAX_EDIM, "`frequencies` has %lld values, expected %lld",
                 (long long)n_freqs, (long long)spec.n_lines);
  }
  double *x = s == NAX_OK ? nxb_doubles(c, 3 * series) : NULL;
  double *most = x != NULL ? nxb_doubles(c, spec.n_surrogates) : NULL;
  if (s == NAX_OK) {
    s = most != NULL ? nax_freqtag_surrogates(c->ctx, &spec, series, at.z, x, x + series,
                                              spec.enough > 0 ? NULL : most)
                     : NAX_ENOMEM;
  }
  for (nax_index k = 0; s == NAX_OK && k < series; k++) {
    x[2 * series + k] = spec.enough > 0 || isnan(x[series + k])
                            ? (double)NAN
                            : nax_freqtag_p_of_null(spec.n_surrogates, most, x[k]);
  }
  static const char *const names[] = {"statistic", "p", "p_max"};
  return s == NAX_OK ? nxb_give_columns(c, "series", "series", series, 3, names, x) : s;
}

static nax_status
run_sequential_test(nxb_call *c)
{
  coefficients at;
  nax_index enough = 0, most = 0;
  nax_status s = coefficients_of(c, 0, 1, 2, &at);
  s = s == NAX_OK ? nxb_whole(c, 2, 10.0, 1.0, 1e8, &enough) : s;
  s = s == NAX_OK ? nxb_whole(c, 3, 9999.0, 1.0, 1e8, &most) : s;
  double *x = s == NAX_OK ? nxb_doubles(c, 2 * at.columns) : NULL;
  s = s == NAX_OK && x == NULL ? NAX_ENOMEM : s;
  for (nax_index k = 0; s == NAX_OK && k < at.columns; k++) {
    nax_index used = 0;
    s = nax_freqtag_itpc_sequential(c->ctx, at.n, at.z + k * at.n, enough, most,
                                    nxb_seed(c), (uint64_t)k, &x[k], &used);
    x[at.columns + k] = (double)used;
  }
  static const char *const names[] = {"p", "surrogates"};
  return s == NAX_OK ? nxb_give_columns(c, "tests", "column", at.columns, 2, names, x)
                     : s;
}

static nax_status
run_phase_scramble(nxb_call *c)
{
  const double *x, *phase;
  nax_index n, n_phases;
  nax_rng *r = NULL;
  nax_status s = nxb_numbers(c, 0, &x, &n);
  s = s == NAX_OK ? nxb_numbers(c, 1, &phase, &n_phases) : s;
  nax_index half = n > 0 ? (n - 1) / 2 : 0;
  if (s == NAX_OK && phase != NULL && n_phases != half) {
    s = nxb_fail(c, NAX_EDIM, "`phase` has %lld values, expected %lld",
                 (long long)n_phases, (long long)half);
  }
  double *drawn = s == NAX_OK ? nxb_doubles(c, half) : NULL;
  double *y = drawn != NULL ? nxb_doubles(c, n) : NULL;
  s = s == NAX_OK && y == NULL ? NAX_ENOMEM : s;
  s = s == NAX_OK ? nax_rng_create(c->ctx, nxb_seed(c), 0, &r) : s;
  for (nax_index k = 0; s == NAX_OK && k < half; k++) {
    drawn[k] = phase != NULL ? phase[k] : 2.0 * acos(-1.0) * nax_rng_uniform(r);
  }
  nax_rng_free(r);
  s = s == NAX_OK ? nax_freqtag_phase_scramble(c->ctx, n, x, drawn, y) : s;
  const char *const axis[] = {"time"};
  return s == NAX_OK ? nxb_give_numbers(c, "y", 1, axis, &n, y) : s;
}

/* ---- clusters --------------------------------------------------------------------- */

static nax_status
run_cluster_test(nxb_call *c)
{
  nax_view v = nxb_view(c, 0);
  const nax_view *signs = nxb_optional(c, 6);
  coefficients z = {NULL, 0, 0, NULL};
  nax_freqtag_adjacency near;
  const nax_freqtag_adjacency *given = NULL;
  double threshold = 0.0;
  nax_index flips = 0, control = 0, n_clusters = 0;
  nax_status s = nxb_dense(c, 0, 2, 2);
  nax_index n = v.dim[0], m = v.ndim > 1 ? v.dim[1] : 1;
  s = s == NAX_OK ? nxb_number(c, 1, 0.0, &threshold) : s;
  s = s == NAX_OK ? nxb_whole(c, 2, signs != NULL ? (double)signs->dim[0] : 1000.0, 1.0,
                              1e7, &flips)
                  : s;
  s = s == NAX_OK && c->in[3].kind == NXB_ARRAY ? coefficients_of(c, 0, 3, 2, &z) : s;
  s = s == NAX_OK ? nxb_whole(c, 4, 0.0, 0.0, 1e9, &control) : s;
  s = s == NAX_OK ? nxb_adjacency(c, 5, m, &near, &given) : s;
  if (s == NAX_OK && signs != NULL) {
    s = nxb_dense(c, 6, 2, 2);
    if (s == NAX_OK && (signs->dim[0] != flips || signs->dim[1] != n)) {
      s = nxb_fail(c, NAX_EDIM, "`sign` is %lld x %lld, expected %lld x %lld",
                   (long long)signs->dim[0], (long long)signs->dim[1], (long long)flips,
                   (long long)n);
    }
  }
  double *x = s == NAX_OK ? nxb_doubles(c, 3 * m) : NULL;
  int64_t *label = x != NULL ? nxb_room(c, m, sizeof *label) : NULL;
  nax_freqtag_cluster *cluster = label != NULL ? nxb_room(c, m, sizeof *cluster) : NULL;
  double *rows = cluster != NULL ? nxb_doubles(c, 4 * m) : NULL;
  double *null = rows != NULL ? nxb_doubles(c, flips) : NULL;
  if (s == NAX_OK) {
    s = null != NULL
            ? nax_freqtag_cluster_test(c->ctx, n, control, m,
                                       z.z != NULL ? (const void *)z.z : v.data,
                                       z.z != NULL, threshold, given, flips,
                                       signs != NULL ? signs->data : NULL, nxb_seed(c), x,
                                       label, cluster, &n_clusters, x + 2 * m, null)
            : NAX_ENOMEM;
  }
  for (nax_index i = 0; s == NAX_OK && i < m; i++) {
    x[m + i] = (double)(label[i] + 1); /* 0: none */
  }
  for (nax_index k = 0; s == NAX_OK && k < n_clusters; k++) {
    const double row[] = {(double)(cluster[k].first + 1), (double)cluster[k].n,
                          cluster[k].mass, cluster[k].p};
    put_row(rows, k, n_clusters, 4, row);
  }
  static const char *const cells[] = {"statistic", "cluster", "p_max"};
  static const char *const clusters[] = {"first", "cells", "mass", "p"};
  const char *const axis[] = {"flip"};
  s = s == NAX_OK
          ? nxb_give_columns(c, "clusters", "cluster", n_clusters, 4, clusters, rows)
          : s;
  s = s == NAX_OK ? nxb_give_columns(c, "cells", "cell", m, 3, cells, x) : s;
  return s == NAX_OK ? nxb_give_numbers(c, "null", 1, axis, &flips, null) : s;
}

#define RE                                                                               \
  {                                                                                      \
    "re", NXB_IN_ARRAY, 0, "trial,column", "real parts, trial (x column)"                \
  }
#define IM                                                                               \
  {                                                                                      \
    "im", NXB_IN_ARRAY, 0, "trial,column", "imaginary parts"                             \
  }
#define R_Z "re <- matrix(rnorm(20, 1), 10)\nim <- matrix(rnorm(20), 10)"
#define M_Z "re = randn(10, 2) + 1; im = randn(10, 2);"

const nxb_method nxb_circular_methods[] = {
    {.name = "circular_tests",
     .title = "Is the mean coefficient different from 0",
     .details =
         "T2circ, Hotelling's T2, the test of the circularity that T2circ assumes, the "
         "one of the two that it recommends, and Rayleigh's test of the phases, for each "
         "column of coefficients; t and sign tests for frequencies at which coefficients "
         "are real. Victor and Mast 1991.",
     .value = "a table with one row per column: effect sizes and tests",
     .result = "",
     .r = {R_Z, "circular_tests(re, im)"},
     .m = {M_Z, "neuraxis.circular_tests(re, im)"},
     .in = {RE,
            IM,
            {"mu", NXB_IN_ARRAY, 1, "part",
             "mean to test against, real and imaginary part; not given: 0"}},
     .run = run_circular_tests},
    {.name = "circular_compare",
     .title = "Have two sets of trials the same mean coefficient",
     .details =
         "T2circ and Hotelling's T2 for two samples or for pairs, t for real "
         "coefficients, and the Mahalanobis distance between the means. Victor and Mast "
         "1991.",
     .value = "a table with one row per column",
     .result = "",
     .r = {R_Z, "circular_compare(re, im, re - 1, im)"},
     .m = {M_Z, "neuraxis.circular_compare(re, im, re - 1, im)"},
     .in = {RE,
            IM,
            {"re_2", NXB_IN_ARRAY, 0, "trial,column", "real parts of the other set"},
            {"im_2", NXB_IN_ARRAY, 0, "trial,column", "and imaginary parts"},
            {"paired", NXB_IN_ARRAY, 1, "value",
             "1: row i of both belongs together; not given: 0"}},
     .run = run_circular_compare},
    {.name = "circular_anova",
     .title = "Have several sets of trials the same mean coefficient",
     .details = "ANOVA2circ: one-way over groups of trials, or, without groups, with "
                "repeated measures over subjects. Baker 2021.",
     .value = "a table with one row per column",
     .result = "",
     .r = {R_Z, "circular_anova(re, im, group = rep(0:1, 5))"},
     .m = {M_Z, "neuraxis.circular_anova(re, im, 'group', repmat(0:1, 1, 5))"},
     .in = {{"re", NXB_IN_ARRAY, 0, "trial,column",
             "real parts, trial (x column), or subject x condition (x column)"},
            IM,
            {"group", NXB_IN_ARRAY, 1, "trial",
             "group of each trial, whole numbers from 0, or -1 for none; not given: "
             "rows are subjects and columns conditions"}},
     .run = run_circular_anova},
    {.name = "phase_tests",
     .title = "Have phases a preferred direction",
     .details = "Rayleigh's test, exact for few phases, and, for a direction that is "
                "expected, the V test.",
     .value = "a table with one row per column",
     .result = "",
     .r = {"x <- matrix(rnorm(20, 0, 0.5), 10)", "phase_tests(x, expected = 0)"},
     .m = {"x = 0.5 * randn(10, 2);", "neuraxis.phase_tests(x, 'expected', 0)"},
     .in = {{"phase", NXB_IN_ARRAY, 0, "trial,column", "radians, trial (x column)"},
            {"expected", NXB_IN_ARRAY, 1, "value",
             "direction that is expected, radians; not given: no V test"},
            {"method", NXB_IN_TEXT, 1, NULL,
             "of Rayleigh's p: auto, exact, zar, first or series; not given: auto"}},
     .run = run_phase_tests},
    {.name = "combine_p",
     .title = "Independent p values combined",
     .details = "Fisher's method, from logarithms, which do not underflow.",
     .value = "a table: chi_squared, df, p, log_p",
     .result = "",
     .r = {NULL, "combine_p(log(c(0.04, 0.1, 0.02)))"},
     .m = {NULL, "neuraxis.combine_p(log([0.04 0.1 0.02]))"},
     .in = {{"log_p", NXB_IN_ARRAY, 0, "test",
             "natural logarithms of p; missing ones take no part"}},
     .run = run_combine_p},
    {.name = "rotation_null",
     .title = "Phase coherence when no phase is preferred",
     .details = "Each trial is turned by an angle of its own, at random or as given: "
                "-2 pi f tau is a circular shift by tau.",
     .value = "`tests` with the observed value and p of each column, and `null`, "
              "surrogate x column",
     .result = "rotation_null",
     .r = {R_Z, "rotation_null(re, im, surrogates = 199)"},
     .m = {M_Z, "neuraxis.rotation_null(re, im, 'surrogates', 199)"},
     .in = {RE,
            IM,
            {"surrogates", NXB_IN_ARRAY, 1, "value",
             "how many; not given: those of `angle`, or 999"},
            {"angle", NXB_IN_ARRAY, 1, "surrogate,trial",
             "angles in radians; not given: random"},
            {"phases", NXB_IN_ARRAY, 1, "value",
             "1: ITPC, 0: amplitude of the mean; not given: 1"}},
     .tables = {"agtic"},
     .shown = ",seed,",
     .run = run_rotation_null},
    {.name = "surrogate_test",
     .title = "p values of many series by surrogates",
     .details = "Trials are turned, shifted, change their sign or their condition, the "
                "same for all series, so that the largest statistic of each surrogate "
                "controls the family-wise error. A series may have several lines, which "
                "are tested together.",
     .value =
         "a table: statistic (-ln p of T2circ, or n ITPC^2, added up over lines), p, "
         "and p_max",
     .result = "",
     .r = {R_Z, "surrogate_test(re, im, kind = \"sign\", surrogates = 199)"},
     .m = {M_Z, "neuraxis.surrogate_test(re, im, 'kind', 'sign', 'surrogates', 199)"},
     .in = {{"re", NXB_IN_ARRAY, 0, "trial,series,line",
             "real parts, trial x series (x line)"},
            IM,
            {"kind", NXB_IN_TEXT, 1, NULL,
             "phase, shift, sign or label; not given: phase"},
            {"control", NXB_IN_ARRAY, 1, "value",
             "of the trials the last so many are the control's (label)"},
            {"frequencies", NXB_IN_ARRAY, 1, "line",
             "of the lines in Hz; not given: coefficients are complex"},
            {"rate", NXB_IN_ARRAY, 1, "value", "samples per second; not given: 1"},
            {"samples", NXB_IN_ARRAY, 1, "value", "of a trial (shift)"},
            {"phases", NXB_IN_ARRAY, 1, "value", "1: phases alone (ITPC); not given: 0"}},
     .tables = {"freqtag"},
     .shown = ",surrogates,stop,seed,",
     .run = run_surrogate_test},
    {.name = "sequential_test",
     .title = "Phase coherence tested with as few surrogates as will do",
     .details = "Drawing ends as soon as `enough` surrogates reach the observed ITPC. "
                "Besag and Clifford 1991.",
     .value = "a table: p and the surrogates drawn, one row per column",
     .result = "",
     .r = {R_Z, "sequential_test(re, im, most = 999)"},
     .m = {M_Z, "neuraxis.sequential_test(re, im, 'most', 999)"},
     .in = {RE,
            IM,
            {"enough", NXB_IN_ARRAY, 1, "value", "not given: 10"},
            {"most", NXB_IN_ARRAY, 1, "value", "surrogates at most; not given: 9999"}},
     .tables = {"agtic"},
     .shown = ",seed,",
     .run = run_sequential_test},
    {.name = "phase_scramble",
     .title = "A series of the same power spectrum with other phases",
     .details = "Keeps power at every frequency, so it says nothing about power.",
     .value = "as many values",
     .result = "",
     .r = {"x <- sin(1:50) + rnorm(50)", "phase_scramble(x)"},
     .m = {"x = sin(1:50) + randn(1, 50);", "neuraxis.phase_scramble(x)"},
     .in = {{"x", NXB_IN_ARRAY, 0, "time", "evenly spaced samples"},
            {"phase", NXB_IN_ARRAY, 1, "frequency",
             "(n - 1) / 2 angles in radians, rounded down; not given: random"}},
     .tables = {"agtic"},
     .shown = ",seed,",
     .run = run_phase_scramble},
    {.name = "cluster_test",
     .title = "Cluster-mass test by sign flips",
     .details =
         "Neighbouring cells beyond a threshold, against the largest of each flip of "
         "signs, or, with a control, of each exchange of labels. Cells have t of real, F "
         "of T2circ of complex observations. Maris and Oostenveld 2007.",
     .value = "the tables `clusters` and `cells`, and `null`, the largest of each flip",
     .result = "cluster_test",
     .r = {"x <- matrix(rnorm(200), 10)\nx[, 5:9] <- x[, 5:9] + 1.5",
           "cluster_test(x, 2.3, flips = 200)"},
     .m = {"x = randn(10, 20); x(:, 5:9) = x(:, 5:9) + 1.5;",
           "neuraxis.cluster_test(x, 2.3, 'flips', 200)"},
     .in = {{"x", NXB_IN_ARRAY, 0, "observation,cell", "observation x cell"},
            {"threshold", NXB_IN_ARRAY, 0, "value", "t (or F) that a cell must reach"},
            {"flips", NXB_IN_ARRAY, 1, "value", "not given: rows of `sign`, or 1000"},
            {"im", NXB_IN_ARRAY, 1, "observation,cell",
             "imaginary parts; not given: observations are real"},
            {"control", NXB_IN_ARRAY, 1, "value",
             "of the observations the last so many are the control's; not given: 0"},
            {"adjacency", NXB_IN_ARRAY, 1, "pair,end",
             "pairs of cells that are neighbours, two columns of numbers from 1; not "
             "given: cells in a row"},
            {"sign", NXB_IN_ARRAY, 1, "flip,observation", "1 and -1; not given: random"}},
     .tables = {"agtic"},
     .shown = ",seed,",
     .run = run_cluster_test},
    {.name = NULL},
};
