/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What evaluations and samples say of models: errors, intervals, tests. */
#include "infer_i.h"
#include <math.h>

static double
contrast(const double *c, nax_index q, nax_index i, nax_index j)
{
  return c[i + i * q] + (j < 0 ? 0.0 : c[j + j * q] - 2.0 * c[i + j * q]);
}

/* Variance of the value i, or of i minus j (>= 0), with the correction for the number of
 * subjects and conditions that the resampling calls for. */
static double
variance(const nax_i_rsa_work *w, nax_index i, nax_index j)
{
  double v[3], n_s = (double)w->r->n_subjects, n_c = (double)w->r->n;
  nax_index q = w->n_out;
  for (int k = 0; k < w->n_kinds; k++) {
    v[k] = contrast(w->cov[k], q, i, j);
    /* A difference of estimates may come out negative: then the larger one stands. */
    v[k] = v[k] > 0.0 || w->raw[k] == NULL ? v[k] : contrast(w->raw[k], q, i, j);
    v[k] = v[k] > 0.0 ? v[k] : 0.0;
  }
  double least = n_s < n_c ? n_s : n_c;
  switch (w->o.resampling) {
  case NAX_RSA_RESAMPLE_SUBJECTS:
    return v[0] * n_s / (n_s - 1.0);
  case NAX_RSA_RESAMPLE_CONDITIONS:
    return v[0] * n_c / (n_c - 1.0);
  case NAX_RSA_RESAMPLE_BOTH:
    return v[0] * least / (least - 1.0);
  case NAX_RSA_RESAMPLE_DUAL:
    return nax_i_dual_variance(v[0], v[1], v[2], n_s, n_c);
  default:
    return v[0];
  }
}

/* p values from the samples: share at or below 0, and of those of the other order. */
static double
sample_value(const nax_i_rsa_work *w, int64_t b, nax_index k)
{
  const double *x = w->sample + w->n_out * w->n_each * w->n_kinds * b;
  double sum = 0.0;
  for (int64_t t = 0; t < w->n_each; t++) {
    sum += x[k + t * w->n_out];
  }
  return sum;
}

static double
bootstrap_zero(const nax_i_rsa_work *w, nax_index k)
{
  double below = 1.0;
  for (int64_t b = 0; b < w->o.n_samples; b++) {
    below += w->valid[b] && sample_value(w, b, k) <= 0.0;
  }
  double p = below / (double)w->r->n_valid;
  return p < 1.0 ? p : 1.0;
}

static double
bootstrap_pair(const nax_i_rsa_work *w, nax_index i, nax_index j)
{
  double less = 0.0, untied = 0.0, n = (double)w->r->n_valid;
  for (int64_t b = 0; b < w->o.n_samples; b++) {
    double a = w->valid[b] ? sample_value(w, b, i) : 0.0;
    double c = w->valid[b] ? sample_value(w, b, j) : 0.0;
    less += a < c;
    untied += a != c;
  }
  if (untied == 0.0) {
    return 1.0;
  }
  double q = less / untied;
  return (n - 1.0) / n * 2.0 * (q < 0.5 ? q : 1.0 - q) + 1.0 / n;
}

static void
set_estimates(nax_i_rsa_work *w, nax_i_keyed *keyed, double *x)
{
  nax_rsa *r = w->r;
  nax_index k_models = r->n_models, s = r->n_subjects;
  double quantile = nax_i_student_quantile(0.5 * (1.0 - w->o.level), r->dof);
  for (nax_index k = 0; k < k_models; k++) {
    nax_rsa_estimate *e = &r->estimate[k];
    for (nax_index a = 0; a < s; a++) {
      x[a] = r->eval[k + a * k_models];
    }
    e->mean = nax_i_sum(x, s) / (double)s;
    e->se = sqrt(variance(w, k, -1));
    e->lower = e->mean - quantile * e->se;
    e->upper = e->mean + quantile * e->se;
    e->p_zero = nax_i_t_p(e->mean, e->se, r->dof, 0);
    e->p_ceiling = isnan(r->ceiling[0])
                       ? NAX_NOT_GIVEN
                       : nax_i_t_p(e->mean - r->ceiling[0],
                                   sqrt(variance(w, k, k_models)), r->dof, 1);
    e->p_signed_rank = s > 1 ? nax_i_signed_rank(s, x, keyed) : NAX_NOT_GIVEN;
    e->p_bootstrap = w->sample != NULL ? bootstrap_zero(w, k) : NAX_NOT_GIVEN;
    e->p_permutation = e->p_max = NAX_NOT_GIVEN;
  }
}

static void
set_differences(nax_i_rsa_work *w, nax_i_keyed *keyed, double *x)
{
  nax_rsa *r = w->r;
  nax_index k_models = r->n_models, s = r->n_subjects;
  double pairs = 0.5 * (double)(k_models * (k_models - 1));
  for (nax_index j = 0; j < k_models; j++) {
    for (nax_index i = 0; i < k_models; i++) {
      nax_rsa_difference *d = &r->difference[i + j * k_models];
      if (i == j) {
        *d = (nax_rsa_difference){NAX_NOT_GIVEN, NAX_NOT_GIVEN, NAX_NOT_GIVEN,
                                  NAX_NOT_GIVEN, NAX_NOT_GIVEN, NAX_NOT_GIVEN,
                                  NAX_NOT_GIVEN};
        continue;
      }
      for (nax_index a = 0; a < s; a++) {
        x[a] = r->eval[i + a * k_models] - r->eval[j + a * k_models];
      }
      d->difference = r->estimate[i].mean - r->estimate[j].mean;
      d->se = sqrt(variance(w, i, j));
      d->p = nax_i_t_p(d->difference, d->se, r->dof, 1);
      d->p_bonferroni = d->p * pairs < 1.0 ? d->p * pairs : 1.0;
      d->p_signed_rank = s > 1 ? nax_i_signed_rank(s, x, keyed) : NAX_NOT_GIVEN;
      d->p_bootstrap = w->sample != NULL ? bootstrap_pair(w, i, j) : NAX_NOT_GIVEN;
    }
  }
}

/* False discovery rates over models and over pairs of models. */
static nax_status
adjust(nax_i_rsa_work *w)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = w->ctx;
  nax_rsa *r = w->r;
  nax_index k_models = r->n_models, n = 0;
  double *p = NULL;
  NAX_TRY_ALLOC(p, k_models * k_models, sizeof *p);
  for (nax_index k = 0; k < k_models; k++) {
    p[k] = r->estimate[k].p_zero;
  }
  NAX_TRY(nax_stats_fdr(ctx, k_models, p, NAX_FDR_BH, p));
  for (nax_index k = 0; k < k_models; k++) {
    r->estimate[k].p_zero_fdr = p[k];
  }
  for (nax_index j = 0; j < k_models; j++) {
    for (nax_index i = 0; i < j; i++) {
      p[n++] = r->difference[i + j * k_models].p;
    }
  }
  NAX_TRY(nax_stats_fdr(ctx, n, p, NAX_FDR_BH, p));
  n = 0;
  for (nax_index j = 0; j < k_models; j++) {
    for (nax_index i = 0; i < j; i++, n++) {
      r->difference[i + j * k_models].p_fdr = p[n];
      r->difference[j + i * k_models].p_fdr = p[n];
    }
  }
done:
  nax_i_free(p);
  return status;
}

static nax_status
permute(nax_i_rsa_work *w)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = w->ctx;
  nax_rsa *r = w->r;
  double *p = NULL;
  NAX_TRY_ALLOC(p, 2 * r->n_models, sizeof *p);
  NAX_TRY(nax_i_rsa_permute(ctx, w->fn, w->data, w->weight, w->all,
                            (nax_rsa_comparator)w->o.comparator, w->sigma,
                            w->o.n_permutations, w->o.seed, p, p + r->n_models));
  for (nax_index k = 0; k < r->n_models; k++) {
    r->estimate[k].p_permutation = p[k];
    r->estimate[k].p_max = p[k + r->n_models];
  }
done:
  nax_i_free(p);
  return status;
}

/* Skewness of the values that leaving out each subject or condition gives, over 6: how
 * fast the standard error grows with the value. */
static double
acceleration(nax_index n, const double *left_out)
{
  double mean = nax_i_sum(left_out, n) / (double)n, square = 0.0, cube = 0.0;
  for (nax_index i = 0; i < n; i++) {
    double e = mean - left_out[i];
    square += e * e;
    cube += e * e * e;
  }
  return square > 0.0 ? cube / (6.0 * square * sqrt(square)) : 0.0;
}

/* Means of the models without each subject or condition in turn, n x n_models. */
static nax_status
leave_out(nax_i_rsa_work *w, nax_index n, double *out)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = w->ctx;
  nax_rsa *r = w->r;
  nax_i_table t = {0};
  double *one = NULL, *v = NULL, *weight = NULL;
  if (w->o.resampling == NAX_RSA_RESAMPLE_SUBJECTS) {
    for (nax_index k = 0; k < r->n_models; k++) {
      for (nax_index i = 0; i < n; i++) {
        double sum = 0.0;
        for (nax_index s = 0; s < n; s++) {
          sum += s != i ? r->eval[k + s * r->n_models] : 0.0;
        }
        out[i + k * n] = sum / (double)(n - 1);
      }
    }
    return NAX_OK;
  }
  NAX_TRY_ALLOC(one, w->n_out, sizeof *one);
  NAX_TRY_ALLOC(v, w->engine.n_groups, sizeof *v);
  NAX_TRY_ALLOC(weight, n, sizeof *weight);
  NAX_TRY(nax_i_table_init(ctx, &w->engine, &t));
  for (nax_index g = 0; g < w->engine.n_groups; g++) {
    v[g] = 1.0;
  }
  for (nax_index i = 0; i < n; i++) {
    for (nax_index j = 0; j < n; j++) {
      weight[j] = j != i;
    }
    NAX_TRY(nax_i_table_fill(ctx, &t, weight));
    NAX_TRY(nax_i_table_evaluate(ctx, &t, v, one));
    for (nax_index k = 0; k < r->n_models; k++) {
      out[i + k * n] = one[k];
    }
  }
done:
  nax_i_table_clear(&t);
  nax_i_free(one);
  nax_i_free(v);
  nax_i_free(weight);
  return status;
}

/* Intervals from the quantiles of the samples, which for bca are those that bias and
 * acceleration call for (Efron 1987). */
static nax_status
intervals_from_samples(nax_i_rsa_work *w)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = w->ctx;
  nax_rsa *r = w->r;
  nax_index n = w->o.resampling == NAX_RSA_RESAMPLE_SUBJECTS ? r->n_subjects : r->n;
  double *x = NULL, *left_out = NULL, at[2], ends[2];
  int bca = w->o.interval == NAX_RSA_INTERVAL_BCA;
  NAX_TRY_ALLOC(x, w->o.n_samples, sizeof *x);
  if (bca) {
    NAX_TRY_ALLOC(left_out, n * r->n_models, sizeof *left_out);
    NAX_TRY(leave_out(w, n, left_out));
  }
  for (nax_index k = 0; k < r->n_models; k++) {
    nax_rsa_estimate *e = &r->estimate[k];
    nax_index m = 0;
    double below = 0.0;
    for (int64_t b = 0; b < w->o.n_samples; b++) {
      if (w->valid[b]) {
        double v = sample_value(w, b, k) / (double)w->n_each;
        x[m++] = v;
        double slack = 1e-12 * fabs(e->mean); /* a sample of each once is the data */
        below += v < e->mean - slack ? 1.0 : v > e->mean + slack ? 0.0 : 0.5;
      }
    }
    at[0] = 0.5 * (1.0 - w->o.level);
    at[1] = 1.0 - at[0];
    /* All samples on one side say only that the bias is beyond half a sample. */
    double md = (double)m, share = below < 0.5        ? 0.5 / md
                                   : below > md - 0.5 ? 1.0 - 0.5 / md
                                                      : below / md;
    for (int side = 0; bca && side < 2; side++) {
      double z0 = nax_i_normal_quantile(share), z = z0 + nax_i_normal_quantile(at[side]);
      double a = acceleration(n, left_out + k * n);
      double moved = z0 + z / (1.0 - a * z);
      at[side] = 0.5 * erfc(-moved / sqrt(2.0));
    }
    NAX_TRY(nax_stats_quantile(ctx, m, x, 2, at, ends));
    e->lower = ends[0];
    e->upper = ends[1];
  }
done:
  nax_i_free(x);
  nax_i_free(left_out);
  return status;
}

nax_status
nax_i_rsa_conclude(nax_i_rsa_work *w)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = w->ctx;
  nax_rsa *r = w->r;
  nax_index q = w->n_out;
  nax_i_keyed *keyed = NULL;
  double *x = NULL, n_s = (double)r->n_subjects, n_c = (double)r->n;
  NAX_TRY_ALLOC(keyed, 2 * r->n_subjects, sizeof *keyed);
  NAX_TRY_ALLOC(x, r->n_subjects, sizeof *x);
  r->dof = (!nax_i_over_conditions(w)                        ? n_s
            : w->o.resampling == NAX_RSA_RESAMPLE_CONDITIONS ? n_c
            : n_s < n_c                                      ? n_s
                                                             : n_c) -
           1.0;
  set_estimates(w, keyed, x);
  set_differences(w, keyed, x);
  if (w->o.interval != NAX_RSA_INTERVAL_T) {
    NAX_TRY(intervals_from_samples(w));
  }
  for (nax_index i = 0; i < q; i++) {
    for (nax_index j = 0; j < q; j++) {
      double vi = variance(w, i, -1), vj = variance(w, j, -1);
      r->cov[i + j * q] = i == j ? vi : 0.5 * (vi + vj - variance(w, i, j));
    }
  }
  NAX_TRY(adjust(w));
  if (w->o.n_permutations > 0 && !w->flexible) {
    NAX_TRY(permute(w));
  }
  double least = ldexp(2.0, (int)-r->n_subjects);
  if (r->n_subjects > 1 && r->n_subjects < 6) {
    nax_i_warn(ctx, NAX_INFO, "rsa.few-subjects",
               "signed rank tests of %lld subjects cannot fall below p = %g",
               (long long)r->n_subjects, least);
  }
done:
  nax_i_free(keyed);
  nax_i_free(x);
  return status;
}
