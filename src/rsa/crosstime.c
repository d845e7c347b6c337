/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dissimilarities between patterns at two times: does a difference between conditions
 * last, come back, or turn into another. */
#include "rsa_i.h"
#include <math.h>

/* What all pairs of times share. */
typedef struct crossing {
  nax_index n, times, rows, bin;
  const nax_view *x;
  const nax_i_design *g;
  const nax_rdm_opts *o;
  const double *l; /* factor of the precision, or NULL */
  int folds;
  double scale;
  double *a, *b; /* rows x (n times); b is a without folds */
  char *flat;    /* n x times */
  double *out;   /* n x n x times x times */
} crossing;

static double
at(const nax_view *v, nax_index offset)
{
  return v->dtype == NAX_F64 ? ((const double *)v->data)[offset]
                             : (double)((const float *)v->data)[offset];
}

/* Patterns of one time. */
static nax_status
patterns_at(int64_t t, void *arg)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  const crossing *c = arg;
  const nax_view *x = c->x;
  nax_index p = x->dim[0], n_obs = x->dim[2];
  double *data = NULL, *work = NULL;
  NAX_TRY_ALLOC(data, p * n_obs, sizeof *data);
  NAX_TRY_ALLOC(work, p * c->n, sizeof *work);
  for (nax_index o = 0; o < n_obs; o++) {
    for (nax_index i = 0; i < p; i++) {
      double sum = 0.0;
      for (nax_index s = t * c->bin; s < (t + 1) * c->bin; s++) {
        sum += at(x, i * x->stride[0] + s * x->stride[1] + o * x->stride[2]);
      }
      if (!isfinite(sum)) {
        status = nax_i_fail(NULL, NAX_EDATA, "nax_rdm_time_by_time",
                            "`x` is not finite at channel %lld, observation %lld, time "
                            "%lld to %lld",
                            (long long)i, (long long)o, (long long)(t * c->bin),
                            (long long)((t + 1) * c->bin - 1));
        goto done;
      }
      data[i + o * p] = sum / (double)c->bin;
    }
  }
  nax_i_rdm_job j = {NULL, "nax_rdm_time_by_time", c->g, c->o, p, data, NULL, 0, NULL};
  NAX_TRY(nax_i_rdm_patterns(&j, c->l, work, c->a + t * c->rows * c->n,
                             c->folds ? c->b + t * c->rows * c->n : NULL,
                             c->flat + t * c->n));
done:
  nax_i_free(data);
  nax_i_free(work);
  return status;
}

/* RDMs of time t with all times. */
static nax_status
cross(int64_t t, void *arg)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  const crossing *c = arg;
  nax_index n = c->n;
  const char *flat = c->flat + t * n;
  double *g = NULL;
  NAX_TRY_ALLOC(g, n * n * c->times, sizeof *g);
  NAX_TRY(nax_i_gemm(NULL, NAX_I_TRANS, NAX_I_PLAIN, n, n * c->times, c->rows, 1.0,
                     c->a + t * c->rows * n, c->rows, c->b, c->rows, 0.0, g, n));
  for (nax_index u = 0; u < c->times; u++) {
    const double *k = g + u * n * n;
    const char *flat_u = c->flat + u * n;
    double *d = c->out + (t + u * c->times) * n * n;
    for (nax_index i = 0; i < n; i++) {
      for (nax_index j = 0; j < n; j++) {
        int missing = flat[i] || flat[j] || flat_u[i] || flat_u[j];
        double v =
            (k[i + i * n] + k[j + j * n] - (k[i + j * n] + k[j + i * n])) * c->scale;
        d[i + j * n] = i == j ? 0.0 : missing ? (double)NAN : v;
      }
    }
  }
done:
  nax_i_free(g);
  return status;
}

/* condition x condition_2 x time x time_2 without numbers. */
static nax_status
make_array(nax_ctx *ctx, const crossing *c, nax_array **out)
{
  nax_status status = NAX_OK;
  nax_axis *axis[4] = {NULL, NULL, NULL, NULL};
  double *value = NULL;
  const char *const names[] = {"condition", "condition_2", "time", "time_2"};
  NAX_TRY_ALLOC(value, c->n + c->times, sizeof *value);
  for (nax_index i = 0; i < c->n; i++) {
    value[i] = (double)c->g->value[i];
  }
  for (nax_index t = 0; t < c->times; t++) {
    value[c->n + t] = (double)(t * c->bin);
  }
  for (int k = 0; k < 4; k++) {
    NAX_TRY(nax_axis_create_coords(ctx, names[k], "", k < 2 ? c->n : c->times,
                                   value + (k < 2 ? 0 : c->n), &axis[k]));
  }
  NAX_TRY(nax_array_create(ctx, NAX_F64, 4,
                           (const nax_axis *[]){axis[0], axis[1], axis[2], axis[3]}, "1",
                           out));
  NAX_TRY(nax_array_set_description(ctx, *out, nax_i_rdm_measure_name(c->o->measure)));
done:
  for (int k = 0; k < 4; k++) {
    nax_axis_free(axis[k]);
  }
  nax_i_free(value);
  return status;
}

nax_status
nax_rdm_time_by_time(nax_ctx *ctx, const nax_view *x, const int64_t *condition,
                     const int64_t *fold, const nax_view *precision, nax_index bin,
                     const nax_rdm_opts *opts, nax_array **out)
{
  nax_status status = NAX_OK;
  nax_rdm_opts o;
  nax_i_design g = {0};
  crossing c = {.x = x, .g = &g, .o = &o, .bin = bin};
  nax_array *r = NULL;
  double *l = NULL;
  nax_index n_folds = 0, size;
  nax_i_stage st;
  nax_i_begin(ctx);
  *out = NULL;
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_rdm_table, &o, opts));
  NAX_REQUIRE(nax_i_rdm_has_patterns(o.measure), NAX_EINVAL,
              "measure %s is not one of inner products of patterns: expected euclidean, "
              "correlation, cosine, mahalanobis or crossnobis",
              nax_i_rdm_measure_name(o.measure));
  NAX_REQUIRE(
      o.noise == NAX_RDM_COV_NONE || precision != NULL || !nax_i_rdm_whitens(o.measure),
      NAX_EINVAL, "the noise differs between times: give the precision that all share");
  NAX_REQUIRE(o.design == NAX_RDM_DESIGN_AUTO || o.design == NAX_RDM_DESIGN_MEANS,
              NAX_EINVAL, "two times are compared by means of conditions only");
  NAX_REQUIRE(x != NULL && (x->dtype == NAX_F64 || x->dtype == NAX_F32) && x->ndim == 3 &&
                  x->dim[0] >= 1 && x->dim[1] >= 1,
              NAX_EDIM, "`x` must be channel x time x observation");
  NAX_REQUIRE(bin >= 1 && bin <= x->dim[1], NAX_EINVAL,
              "`bin` must be 1 to %lld samples, got %lld", (long long)x->dim[1],
              (long long)bin);
  c.folds = nax_i_rdm_folds(o.measure);
  NAX_TRY(nax_i_design_init(ctx, __func__, x->dim[2], condition, c.folds ? fold : NULL,
                            c.folds, &g));
  if (c.folds) {
    NAX_TRY(nax_i_design_complete(ctx, __func__, &g));
  }
  if (precision != NULL) {
    NAX_REQUIRE(nax_i_rdm_whitens(o.measure), NAX_EINVAL,
                "measure %s takes no `precision`", nax_i_rdm_measure_name(o.measure));
    NAX_TRY(nax_i_rdm_load_precision(ctx, __func__, x->dim[0], precision, &l, &n_folds));
    NAX_REQUIRE(n_folds == 0, NAX_EDIM, "two times share one precision");
    NAX_TRY(
        nax_i_potrf(ctx, __func__, "noise precision", x->dim[0], l, x->dim[0], 0, NULL));
  }
  c.l = l;
  c.n = g.n;
  c.times = x->dim[1] / bin;
  c.rows = x->dim[0] * (c.folds ? g.folds : 1);
  c.scale = o.measure == NAX_RDM_CORRELATION || o.measure == NAX_RDM_COSINE
                ? 0.5
                : 1.0 / (double)c.rows;
  NAX_REQUIRE(
      nax_i_size_product(3, (nax_index[]){c.rows, c.n, c.times}, sizeof(double), &size),
      NAX_EOVERFLOW, "the patterns do not fit into memory");
  NAX_TRY(make_array(ctx, &c, &r));
  c.out = nax_array_data_mut(r);
  NAX_TRY_ALLOC(c.a, size, sizeof *c.a);
  if (c.folds) {
    NAX_TRY_ALLOC(c.b, size, sizeof *c.b);
  } else {
    c.b = c.a;
  }
  NAX_TRY_ALLOC(c.flat, c.n * c.times, 1);
  NAX_TRY(nax_i_stage_begin(&st, ctx, __func__, "rdm/patterns", c.times));
  NAX_TRY(nax_i_parallel(ctx, &st, c.times, patterns_at, &c));
  NAX_TRY(nax_i_stage_begin(&st, ctx, __func__, "rdm", c.times));
  NAX_TRY(nax_i_parallel(ctx, &st, c.times, cross, &c));
  nax_index flat = 0;
  for (nax_index k = 0; k < c.n * c.times; k++) {
    flat += c.flat[k];
  }
  if (flat > 0) {
    nax_i_warn(ctx, NAX_VIOLATION, "rsa.constant-pattern",
               "%lld of %lld patterns do not vary over channels: their dissimilarities "
               "are NaN",
               (long long)flat, (long long)(c.n * c.times));
  }
  *out = r;
  r = NULL;
done:
  nax_array_free(r);
  nax_i_design_clear(&g);
  nax_i_free(l);
  nax_i_free(c.a);
  nax_i_free(c.folds ? c.b : NULL);
  nax_i_free(c.flat);
  return status;
}
