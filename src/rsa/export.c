/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A comparison as a dataset. */
#include "infer_i.h"
#include <stdio.h>

static nax_status
add_models(nax_ctx *ctx, const nax_rsa *r, nax_dataset *d)
{
  nax_status status = NAX_OK;
  nax_table *t = NULL;
  nax_index k = nax_rsa_n_models(r);
  const char **name = NULL;
  double *x = NULL;
  static const struct {
    const char *name;
    size_t offset;
  } columns[] = {{"mean", offsetof(nax_rsa_estimate, mean)},
                 {"se", offsetof(nax_rsa_estimate, se)},
                 {"lower", offsetof(nax_rsa_estimate, lower)},
                 {"upper", offsetof(nax_rsa_estimate, upper)},
                 {"p_zero", offsetof(nax_rsa_estimate, p_zero)},
                 {"p_zero_fdr", offsetof(nax_rsa_estimate, p_zero_fdr)},
                 {"p_ceiling", offsetof(nax_rsa_estimate, p_ceiling)},
                 {"p_signed_rank", offsetof(nax_rsa_estimate, p_signed_rank)},
                 {"p_bootstrap", offsetof(nax_rsa_estimate, p_bootstrap)},
                 {"p_permutation", offsetof(nax_rsa_estimate, p_permutation)},
                 {"p_max", offsetof(nax_rsa_estimate, p_max)}};
  NAX_TRY_ALLOC(name, k, sizeof *name);
  NAX_TRY_ALLOC(x, k, sizeof *x);
  NAX_TRY(nax_table_create(ctx, "model", k, &t));
  for (nax_index i = 0; i < k; i++) {
    name[i] = nax_rsa_model_name(r, i);
  }
  NAX_TRY(nax_table_add_text(ctx, t, "model", name));
  for (size_t c = 0; c < sizeof columns / sizeof columns[0]; c++) {
    int any = 0;
    for (nax_index i = 0; i < k; i++) {
      nax_rsa_estimate e = nax_rsa_get(r, i);
      memcpy(&x[i], (const char *)&e + columns[c].offset, sizeof *x);
      any = any || x[i] == x[i];
    }
    if (any) { /* a test that was not made has no column */
      NAX_TRY(nax_table_add_numbers(ctx, t, columns[c].name, NULL, x));
    }
  }
  NAX_TRY(nax_dataset_add_table(ctx, d, "models", t));
  t = NULL;
done:
  nax_table_free(t);
  nax_i_free(name);
  nax_i_free(x);
  return status;
}

static nax_status
add_differences(nax_ctx *ctx, const nax_rsa *r, nax_dataset *d)
{
  nax_status status = NAX_OK;
  nax_table *t = NULL;
  nax_index k = nax_rsa_n_models(r), n = k * (k - 1) / 2;
  const char **a = NULL, **b = NULL;
  double *x = NULL;
  static const struct {
    const char *name;
    size_t offset;
  } columns[] = {{"difference", offsetof(nax_rsa_difference, difference)},
                 {"se", offsetof(nax_rsa_difference, se)},
                 {"p", offsetof(nax_rsa_difference, p)},
                 {"p_bonferroni", offsetof(nax_rsa_difference, p_bonferroni)},
                 {"p_fdr", offsetof(nax_rsa_difference, p_fdr)},
                 {"p_signed_rank", offsetof(nax_rsa_difference, p_signed_rank)},
                 {"p_bootstrap", offsetof(nax_rsa_difference, p_bootstrap)}};
  if (n == 0) {
    return NAX_OK;
  }
  NAX_TRY_ALLOC(a, n, sizeof *a);
  NAX_TRY_ALLOC(b, n, sizeof *b);
  NAX_TRY_ALLOC(x, n, sizeof *x);
  NAX_TRY(nax_table_create(ctx, "difference", n, &t));
  for (nax_index i = 0, p = 0; i < k; i++) {
    for (nax_index j = i + 1; j < k; j++, p++) {
      a[p] = nax_rsa_model_name(r, i);
      b[p] = nax_rsa_model_name(r, j);
    }
  }
  NAX_TRY(nax_table_add_text(ctx, t, "model", a));
  NAX_TRY(nax_table_add_text(ctx, t, "other", b));
  for (size_t c = 0; c < sizeof columns / sizeof columns[0]; c++) {
    int any = 0;
    for (nax_index i = 0, p = 0; i < k; i++) {
      for (nax_index j = i + 1; j < k; j++, p++) {
        nax_rsa_difference e = nax_rsa_get_difference(r, i, j);
        memcpy(&x[p], (const char *)&e + columns[c].offset, sizeof *x);
        any = any || x[p] == x[p];
      }
    }
    if (any) {
      NAX_TRY(nax_table_add_numbers(ctx, t, columns[c].name, NULL, x));
    }
  }
  NAX_TRY(nax_dataset_add_table(ctx, d, "differences", t));
  t = NULL;
done:
  nax_table_free(t);
  nax_i_free(a);
  nax_i_free(b);
  nax_i_free(x);
  return status;
}

static nax_status
add_evaluations(nax_ctx *ctx, const nax_rsa *r, const nax_axis *subjects, nax_dataset *d)
{
  nax_status status = NAX_OK;
  nax_index k = nax_rsa_n_models(r), s = nax_rsa_n_subjects(r);
  const char **name = NULL;
  nax_axis *models = NULL, *index = NULL;
  nax_array *a = NULL;
  NAX_REQUIRE(subjects == NULL || nax_axis_length(subjects) == s, NAX_EDIM,
              "axis `%s` has %lld positions, there are %lld subjects",
              nax_axis_name(subjects), (long long)nax_axis_length(subjects),
              (long long)s);
  NAX_TRY_ALLOC(name, k, sizeof *name);
  for (nax_index i = 0; i < k; i++) {
    name[i] = nax_rsa_model_name(r, i);
  }
  NAX_TRY(nax_axis_create_labels(ctx, "model", k, name, &models));
  NAX_TRY(nax_axis_create_index(ctx, "rdm", s, &index));
  NAX_TRY(nax_array_create(
      ctx, NAX_F64, 2, (const nax_axis *[]){models, subjects != NULL ? subjects : index},
      "", &a));
  memcpy(nax_array_data_mut(a), nax_rsa_evaluations(r), (size_t)(k * s) * sizeof(double));
  NAX_TRY(nax_array_set_description(ctx, a, "similarity of each model to each RDM"));
  NAX_TRY(nax_dataset_add_array(ctx, d, "evaluations", a));
  a = NULL;
done:
  nax_i_free(name);
  nax_axis_free(models);
  nax_axis_free(index);
  nax_array_free(a);
  return status;
}

nax_status
nax_rsa_dataset(nax_ctx *ctx, const nax_rsa *r, const nax_axis *subjects,
                nax_dataset **out)
{
  nax_status status = NAX_OK;
  nax_dataset *d = NULL;
  nax_array *cov = NULL;
  double lower, upper;
  nax_i_begin(ctx);
  *out = NULL;
  nax_index q = nax_rsa_n_models(r) + 2;
  NAX_TRY(nax_dataset_create(ctx, &d));
  NAX_TRY(add_models(ctx, r, d));
  NAX_TRY(add_differences(ctx, r, d));
  NAX_TRY(add_evaluations(ctx, r, subjects, d));
  NAX_TRY(nax_array_create_dims(ctx, NAX_F64, 2, (const char *[]){"value", "value_2"},
                                (nax_index[]){q, q}, "", &cov));
  memcpy(nax_array_data_mut(cov), nax_rsa_covariance(r),
         (size_t)(q * q) * sizeof(double));
  NAX_TRY(nax_array_set_description(
      ctx, cov, "covariance of the models, then of lower and upper noise ceiling"));
  NAX_TRY(nax_dataset_add_array(ctx, d, "covariance", cov));
  cov = NULL;
  NAX_TRY(nax_dataset_set_main(ctx, d, "evaluations"));
  nax_rsa_get_ceiling(r, &lower, &upper);
  NAX_TRY(nax_dataset_set_number(ctx, d, "ceiling_lower", lower));
  NAX_TRY(nax_dataset_set_number(ctx, d, "ceiling_upper", upper));
  NAX_TRY(nax_dataset_set_number(ctx, d, "degrees_of_freedom", nax_rsa_dof(r)));
  NAX_TRY(
      nax_dataset_set_number(ctx, d, "bootstrap_samples", (double)nax_rsa_n_samples(r)));
  for (int32_t i = 0; i < nax_i_rsa_table.n_opts; i++) {
    char value[64], key[64];
    nax_options_format(&nax_i_rsa_table, nax_i_rsa_options(r), i, value, sizeof value);
    snprintf(key, sizeof key, "option_%s", nax_i_rsa_table.opts[i].name);
    NAX_TRY(nax_dataset_set_text(ctx, d, key, value));
  }
  *out = d;
  d = NULL;
done:
  nax_dataset_free(d);
  nax_array_free(cov);
  return status;
}
