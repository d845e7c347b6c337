/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dissimilarity matrices from responses. */
#include "rsa_i.h"
#include <math.h>

nax_status
nax_i_rdm_load_precision(nax_ctx *ctx, const char *fn, nax_index p, const nax_view *v,
                         double **out, nax_index *folds)
{
  nax_status status = NAX_OK;
  nax_index size = nax_view_size(v);
  *folds = v->ndim == 3 ? v->dim[2] : 0;
  if ((v->ndim != 2 && v->ndim != 3) || v->dim[0] != p || v->dim[1] != p) {
    return nax_i_fail(ctx, NAX_EDIM, fn,
                      "`precision` must be %lld x %lld, or that for each fold",
                      (long long)p, (long long)p);
  }
  NAX_TRY_ALLOC(*out, size, sizeof **out);
  NAX_TRY(nax_view_copy_to(ctx, v, NAX_F64, *out));
  for (nax_index k = 0; k < size; k++) {
    if (!isfinite((*out)[k])) {
      status =
          nax_i_fail(ctx, NAX_EDATA, fn, "`precision` has a value that is not finite");
      goto done;
    }
  }
done:
  return status;
}

/* The precision asked for by the options, from the residuals of the data. */
static nax_status
estimate_precision(nax_ctx *ctx, const nax_view *x, const int64_t *condition,
                   nax_rdm_covariance method, double **out)
{
  nax_status status = NAX_OK;
  nax_index p = x->dim[0];
  NAX_TRY_ALLOC(*out, p * p, sizeof **out);
  NAX_TRY(nax_rdm_noise(ctx, x, condition, method, NAX_NOT_GIVEN, 0, *out));
  NAX_TRY(nax_rdm_precision(ctx, p, *out, *out));
done:
  return status;
}

const char *
nax_i_rdm_measure_name(int32_t measure)
{
  static const char *const names[] = {"euclidean",   "correlation", "cosine",
                                      "mahalanobis", "crossnobis",  "poisson",
                                      "poisson-cv",  "cosine-cv",   "correlation-cv",
                                      "ldt",         "van-rossum",  "victor-purpura"};
  return names[measure - 1];
}

int
nax_i_rdm_of_spikes(int32_t measure)
{
  return measure >= NAX_RDM_VAN_ROSSUM;
}

nax_status
nax_i_rdms_name(nax_ctx *ctx, nax_rdms *r, const nax_i_design *g, int32_t measure)
{
  nax_status status = NAX_OK;
  nax_axis *axis = NULL;
  double *values = NULL;
  NAX_TRY_ALLOC(values, g->n, sizeof *values);
  for (nax_index c = 0; c < g->n; c++) {
    values[c] = (double)g->value[c];
  }
  NAX_TRY(nax_axis_create_coords(ctx, "condition", "", g->n, values, &axis));
  NAX_TRY(nax_rdms_describe(ctx, r, axis, NULL, nax_i_rdm_measure_name(measure)));
done:
  nax_axis_free(axis);
  nax_i_free(values);
  return status;
}

nax_status
nax_i_rdms_number(nax_ctx *ctx, nax_rdms *r, const char *name, double step)
{
  nax_status status = NAX_OK;
  nax_axis *axis = NULL;
  double *first = NULL;
  NAX_TRY_ALLOC(first, r->count, sizeof *first);
  for (nax_index k = 0; k < r->count; k++) {
    first[k] = (double)k * step;
  }
  NAX_TRY(nax_axis_create_coords(ctx, name, "", r->count, first, &axis));
  NAX_TRY(nax_rdms_describe(ctx, r, NULL, axis, NULL));
done:
  nax_axis_free(axis);
  nax_i_free(first);
  return status;
}

/* The way the observations are put together, from the option and the data. */
static nax_status
settle_design(nax_ctx *ctx, const char *fn, nax_rdm_opts *o, int missing)
{
  int can = o->measure <= NAX_RDM_POISSON_CV;
  if (o->design == NAX_RDM_DESIGN_AUTO) {
    o->design = missing && can ? NAX_RDM_DESIGN_NUMBER : NAX_RDM_DESIGN_MEANS;
  }
  if (o->design == NAX_RDM_DESIGN_MEANS) {
    return missing
               ? nax_i_fail(ctx, NAX_EDATA, fn, "`x` has missing values, for which %s",
                            can ? "`design` must be number or equal"
                                : "this measure has no definition")
               : NAX_OK;
  }
  return can ? NAX_OK
             : nax_i_fail(ctx, NAX_EINVAL, fn,
                          "measure %s is defined by means only, not by pairs of "
                          "observations",
                          nax_i_rdm_measure_name(o->measure));
}

nax_status
nax_rdm_fit(nax_ctx *ctx, const nax_view *x, const int64_t *condition,
            const int64_t *fold, const nax_view *precision, const nax_rdm_opts *opts,
            nax_rdms **out)
{
  nax_status status = NAX_OK;
  nax_rdm_opts o;
  nax_i_design g = {0};
  nax_rdms *r = NULL;
  const double *data = NULL;
  double *owned = NULL, *n_matrix = NULL;
  int missing = 0;
  nax_index n_folds = 0;
  nax_i_stage st;
  nax_i_begin(ctx);
  *out = NULL;
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_rdm_table, &o, opts));
  NAX_TRY(nax_i_stage_begin(&st, ctx, __func__, "rdm", 1));
  NAX_REQUIRE(!nax_i_rdm_of_spikes(o.measure), NAX_EINVAL,
              "measure %s is one of spike trains, `x` is an array",
              nax_i_rdm_measure_name(o.measure));
  int folds = nax_i_rdm_folds(o.measure), whitens = nax_i_rdm_whitens(o.measure);
  NAX_REQUIRE(!o.remove_mean ||
                  (o.measure != NAX_RDM_POISSON && o.measure != NAX_RDM_POISSON_CV),
              NAX_EINVAL, "rates without their mean are not rates: no `remove-mean`");
  NAX_REQUIRE(precision == NULL || whitens, NAX_EINVAL, "measure %s takes no `precision`",
              nax_i_rdm_measure_name(o.measure));
  NAX_TRY(nax_i_rdm_borrow(ctx, __func__, x, &data, &owned, &missing));
  NAX_TRY(nax_i_design_init(ctx, __func__, x->dim[1], condition, folds ? fold : NULL,
                            folds, &g));
  NAX_TRY(settle_design(ctx, __func__, &o, missing));
  if (precision != NULL) {
    NAX_TRY(nax_i_rdm_load_precision(ctx, __func__, x->dim[0], precision, &n_matrix,
                                     &n_folds));
    NAX_REQUIRE(n_folds == 0 || (o.measure == NAX_RDM_CROSSNOBIS && n_folds == g.folds &&
                                 o.design == NAX_RDM_DESIGN_MEANS),
                NAX_EDIM,
                "a precision for each of %lld folds is for crossnobis by means of %lld "
                "folds",
                (long long)n_folds, (long long)g.folds);
  } else if (whitens && o.noise != NAX_RDM_COV_NONE) {
    NAX_REQUIRE(!missing, NAX_EDATA,
                "`x` has missing values: give the precision, it is not estimated then");
    NAX_TRY(
        estimate_precision(ctx, x, condition, (nax_rdm_covariance)o.noise, &n_matrix));
  }
  NAX_TRY(nax_i_rdms_new(ctx, __func__, g.n, 1, &r));
  nax_i_rdm_job j = {ctx, __func__, &g, &o, x->dim[0], data, n_matrix, n_folds > 0, r->d};
  NAX_TRY(o.design == NAX_RDM_DESIGN_MEANS ? nax_i_rdm_means(&j)
                                           : nax_i_rdm_by_pairs(&j));
  NAX_TRY(nax_i_rdms_name(ctx, r, &g, o.measure));
  NAX_TRY(nax_i_stage_poll(&st, 1, NAX_NOT_GIVEN));
  *out = r;
  r = NULL;
done:
  nax_rdms_free(r);
  nax_i_design_clear(&g);
  nax_i_free(owned);
  nax_i_free(n_matrix);
  return status;
}

nax_status
nax_rdm_memory(nax_ctx *ctx, nax_index n_channels, nax_index n_observations,
               nax_index n_conditions, nax_index n_folds, const nax_rdm_opts *opts,
               size_t *bytes)
{
  nax_status status = NAX_OK;
  nax_rdm_opts o;
  nax_i_begin(ctx);
  *bytes = 0;
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_rdm_table, &o, opts));
  NAX_REQUIRE(!nax_i_rdm_of_spikes(o.measure), NAX_EINVAL,
              "measure %s is one of spike trains", nax_i_rdm_measure_name(o.measure));
  NAX_REQUIRE(n_channels >= 1 && n_observations >= 2 && n_conditions >= 2 && n_folds >= 0,
              NAX_EDIM, "sizes must be positive");
  double p = (double)n_channels, t = (double)n_observations, n = (double)n_conditions;
  double f = nax_i_rdm_folds(o.measure) ? (double)(n_folds > 1 ? n_folds : 2) : 1.0;
  double total = p * t + n * n * 2.0 + 8.0 * t + n * f;
  if (o.design == NAX_RDM_DESIGN_NUMBER || o.design == NAX_RDM_DESIGN_EQUAL) {
    total += 4.0 * t * t + 2.0 * p * t + 2.0 * n * n;
  } else {
    total += p * n * (f + 4.0) + (n <= 1024.0 ? 17.0 : 1.0) * n * n; /* parts */
  }
  if (nax_i_rdm_whitens(o.measure)) {
    total += p * p * (f + 2.0) + (o.noise != NAX_RDM_COV_NONE ? p * t + p * p : 0.0);
  }
  NAX_REQUIRE(total < 1e18, NAX_EOVERFLOW, "%g bytes do not fit", total * 8.0);
  *bytes = (size_t)(total * 8.0);
done:
  return status;
}

nax_status
nax_rdm_sigma_k(nax_ctx *ctx, const nax_view *x, const int64_t *condition,
                const int64_t *fold, const nax_view *precision, double *sigma_k)
{
  nax_status status = NAX_OK;
  nax_i_design g = {0};
  double *data = NULL, *n_matrix = NULL, *u = NULL, *mean = NULL, *y = NULL, *k_f = NULL;
  nax_index n_folds = 0;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_rdm_pack(ctx, __func__, x, &data, NULL));
  NAX_TRY(nax_i_design_init(ctx, __func__, x->dim[1], condition, fold, 1, &g));
  nax_index p = x->dim[0], n = g.n;
  if (precision != NULL) {
    NAX_TRY(nax_i_rdm_load_precision(ctx, __func__, p, precision, &n_matrix, &n_folds));
    NAX_REQUIRE(n_folds == 0, NAX_EDIM, "sigma_k takes one precision for all folds");
    NAX_TRY(nax_i_potrf(ctx, __func__, "noise precision", p, n_matrix, p, 0, NULL));
  }
  NAX_TRY_ALLOC(u, p * n * g.folds, sizeof *u);
  NAX_TRY_ALLOC(y, p * n, sizeof *y);
  NAX_TRY_ALLOC(k_f, n * n, sizeof *k_f);
  NAX_TRY_ALLOC(mean, p * n, sizeof *mean);
  for (nax_index k = 0; k < g.n_obs; k++) {
    for (nax_index i = 0; i < p; i++) {
      u[i + (g.cond[k] + g.fold[k] * n) * p] += data[i + k * p];
    }
  }
  for (nax_index c = 0; c < n; c++) {
    double present = 0.0;
    for (nax_index f = 0; f < g.folds; f++) {
      nax_index count = g.count[c + f * n];
      double *from = u + (c + f * n) * p;
      for (nax_index i = 0; count > 0 && i < p; i++) {
        from[i] /= (double)count;
        mean[i + c * p] += from[i];
      }
      present += count > 0;
    }
    for (nax_index i = 0; i < p; i++) {
      mean[i + c * p] /= present;
    }
  }
  memset(sigma_k, 0, (size_t)(n * n) * sizeof *sigma_k);
  for (nax_index f = 0; f < g.folds; f++) {
    double *from = u + f * n * p;
    for (nax_index c = 0; c < n; c++) {
      for (nax_index i = 0; i < p; i++) {
        from[i + c * p] =
            g.count[c + f * n] > 0 ? from[i + c * p] - mean[i + c * p] : 0.0;
      }
    }
    if (n_matrix != NULL) {
      NAX_TRY(nax_i_gemm(ctx, NAX_I_TRANS, NAX_I_PLAIN, p, n, p, 1.0, n_matrix, p, from,
                         p, 0.0, y, p));
      from = y;
    }
    NAX_TRY(nax_i_syrk(ctx, NAX_I_TRANS, n, p, 1.0, from, p, 0.0, k_f, n));
    for (nax_index k = 0; k < n * n; k++) {
      sigma_k[k] += k_f[k];
    }
  }
  for (nax_index a = 0; a < n; a++) {
    for (nax_index b = 0; b < n; b++) {
      double both = 0.0;
      for (nax_index f = 0; f < g.folds; f++) {
        both += g.count[a + f * n] > 0 && g.count[b + f * n] > 0;
      }
      sigma_k[a + b * n] =
          both > 1.0 ? sigma_k[a + b * n] / ((both - 1.0) * (double)p) : 0.0;
    }
  }
  for (nax_index c = 0; c < n; c++) {
    NAX_REQUIRE(sigma_k[c + c * n] > 0.0, NAX_EDATA,
                "condition %lld is in fewer than 2 folds, or does not vary between them",
                (long long)g.value[c]);
  }
done:
  nax_i_design_clear(&g);
  nax_i_free(data);
  nax_i_free(n_matrix);
  nax_i_free(u);
  nax_i_free(mean);
  nax_i_free(y);
  nax_i_free(k_f);
  return status;
}
