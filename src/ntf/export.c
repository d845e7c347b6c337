/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A factorisation as a dataset. */
#include "ntf_i.h"
#include <math.h>
#include <stdio.h>

static nax_status
component_axis(nax_ctx *ctx, int64_t rank, nax_axis **out)
{
  return nax_axis_create_index(ctx, "component", rank, out);
}

/* One factor: the tensor's own axis (or mode1, mode2 ...) x component. */
static nax_status
add_factor(nax_ctx *ctx, const nax_ntf *m, int32_t k, const nax_axis *axis,
           nax_dataset *d)
{
  nax_status status = NAX_OK;
  nax_axis *own[2] = {NULL, NULL};
  nax_array *a = NULL;
  char name[300], number[16];
  nax_index n = nax_ntf_dim(m, k);
  int64_t rank = nax_ntf_rank(m);
  snprintf(number, sizeof number, "mode%d", (int)k + 1);
  if (axis != NULL) {
    NAX_REQUIRE(nax_axis_length(axis) == n, NAX_EDIM,
                "axis `%s` has %lld positions, mode %d has %lld", nax_axis_name(axis),
                (long long)nax_axis_length(axis), (int)k, (long long)n);
    NAX_TRY(nax_axis_copy(ctx, axis, &own[0]));
  } else {
    NAX_TRY(nax_axis_create_index(ctx, number, n, &own[0]));
  }
  snprintf(name, sizeof name, "factor_%.280s", nax_axis_name(own[0]));
  NAX_TRY(component_axis(ctx, rank, &own[1]));
  NAX_TRY(nax_i_array_adopt(ctx, NAX_F64, 2, own, "1", &a));
  own[0] = own[1] = NULL;
  memcpy(nax_array_data_mut(a), nax_ntf_factor(m, k),
         (size_t)(n * rank) * sizeof(double));
  NAX_TRY(nax_array_set_description(ctx, a, "profile of each component, unit l2 norm"));
  NAX_TRY(nax_dataset_add_array(ctx, d, name, a));
  a = NULL;
done:
  nax_axis_free(own[0]);
  nax_axis_free(own[1]);
  nax_array_free(a);
  return status;
}

static nax_status
add_numbers(nax_ctx *ctx, nax_dataset *d, const char *name, const char *dim,
            const char *description, nax_index n, const double *values)
{
  nax_status status = NAX_OK;
  nax_array *a = NULL;
  NAX_TRY(nax_array_create_dims(ctx, NAX_F64, 1, &dim, &n, "1", &a));
  if (n > 0) {
    memcpy(nax_array_data_mut(a), values, (size_t)n * sizeof *values);
  }
  NAX_TRY(nax_array_set_description(ctx, a, description));
  NAX_TRY(nax_dataset_add_array(ctx, d, name, a));
  a = NULL;
done:
  nax_array_free(a);
  return status;
}

static nax_status
add_restarts(nax_ctx *ctx, const nax_ntf *m, nax_dataset *d)
{
  nax_status status = NAX_OK;
  nax_table *t = NULL;
  double *column = NULL;
  int64_t n = nax_ntf_n_restarts(m);
  NAX_TRY_ALLOC(column, n, sizeof *column);
  NAX_TRY(nax_table_create(ctx, "restart", n, &t));
  for (int64_t i = 0; i < n; i++) {
    column[i] = nax_ntf_restart_error(m, i);
  }
  NAX_TRY(nax_table_add_numbers(ctx, t, "error", "1", column));
  for (int32_t product = 0; product < 2; product++) {
    for (int64_t i = 0; i < n; i++) {
      column[i] = nax_ntf_restart_similarity(m, i, product);
    }
    NAX_TRY(nax_table_add_numbers(
        ctx, t, product ? "similarity_product" : "similarity_mean_cosine", "1", column));
  }
  NAX_TRY(nax_dataset_add_table(ctx, d, "restarts", t));
  t = NULL;
done:
  nax_i_free(column);
  nax_table_free(t);
  return status;
}

static nax_status
add_options(nax_ctx *ctx, const nax_ntf *m, nax_dataset *d)
{
  nax_status status = NAX_OK;
  const nax_ntf_opts *o = nax_i_ntf_options(m);
  for (int32_t i = 0; i < nax_i_ntf_table.n_opts; i++) {
    char key[64], value[256];
    snprintf(key, sizeof key, "ntf_%.50s", nax_i_ntf_table.opts[i].name);
    nax_options_format(&nax_i_ntf_table, o, i, value, sizeof value);
    NAX_TRY(nax_dataset_set_text(ctx, d, key, value));
  }
  NAX_TRY(nax_dataset_set_number(ctx, d, "ntf_error", nax_ntf_error(m)));
  NAX_TRY(nax_dataset_set_number(ctx, d, "ntf_loss_value", nax_ntf_loss(m)));
  NAX_TRY(nax_dataset_set_number(ctx, d, "ntf_kkt", nax_ntf_kkt(m)));
  NAX_TRY(nax_dataset_set_number(ctx, d, "ntf_converged",
                                 nax_ntf_stop(m) == NAX_STOP_TOL ? 1.0 : 0.0));
done:
  return status;
}

nax_status
nax_ntf_dataset(nax_ctx *ctx, const nax_ntf *m, const nax_axis *const *axes,
                nax_dataset **out)
{
  nax_status status = NAX_OK;
  nax_dataset *d = NULL;
  nax_index n = 0;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_dataset_create(ctx, &d));
  for (int32_t k = 0; k < nax_ntf_n_modes(m); k++) {
    NAX_TRY(add_factor(ctx, m, k, axes != NULL ? axes[k] : NULL, d));
  }
  NAX_TRY(add_numbers(ctx, d, "weights", "component", "norm of each component",
                      nax_ntf_rank(m), nax_ntf_weights(m)));
  const double *trace = nax_ntf_trace(m, &n);
  NAX_TRY(add_numbers(ctx, d, "trace", "sweep",
                      nax_i_ntf_options(m)->loss == NAX_NTF_FROBENIUS
                          ? "relative error after each sweep of the best start"
                          : "loss after each sweep of the best start",
                      n, trace));
  NAX_TRY(add_restarts(ctx, m, d));
  NAX_TRY(add_options(ctx, m, d));
  *out = d;
  d = NULL;
done:
  nax_dataset_free(d);
  return status;
}
