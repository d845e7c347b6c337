/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spectra of blocks of trials as geometries: layers of a model against channels of a
 * brain. */
#include "freqtag_i.h"
#include <math.h>
#include <neuraxis/rsa.h>
#include <stdlib.h>

/* RDMs of `count` sets of spectra (n_bins x n_blocks each). */
static nax_status
make_rdms(nax_ctx *ctx, nax_index n_bins, nax_index n_blocks, nax_index count,
          const double *x, double *rdm, nax_rdms **out)
{
  nax_status status = NAX_OK;
  nax_index m = nax_rdm_pairs(n_blocks);
  int64_t *condition = NULL;
  nax_rdm_opts o = NAX_RDM_OPTS_INIT;
  nax_rdms *one = NULL;
  o.measure = NAX_RDM_COSINE;
  NAX_TRY_ALLOC(condition, n_blocks, sizeof *condition);
  for (nax_index b = 0; b < n_blocks; b++) {
    condition[b] = b;
  }
  for (nax_index k = 0; k < count; k++) {
    nax_view v =
        nax_view_f64(x + k * n_bins * n_blocks, 2, (nax_index[]){n_bins, n_blocks});
    NAX_TRY(nax_rdm_fit(ctx, &v, condition, NULL, NULL, &o, &one));
    memcpy(rdm + k * m, nax_rdms_vector(one, 0), (size_t)m * sizeof *rdm);
    nax_rdms_free(one);
    one = NULL;
  }
  NAX_TRY(nax_rdms_create(ctx, n_blocks, count, rdm, out));
done:
  nax_rdms_free(one);
  nax_i_free(condition);
  return status;
}

static int
descending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x < y) - (x > y);
}

nax_status
nax_freqtag_alignment(nax_ctx *ctx, nax_index n_bins, nax_index n_blocks,
                      nax_index n_models, const double *model, nax_index n_channels,
                      const double *brain, nax_index n_top, double *model_rdm,
                      double *brain_rdm, double *rho, double *top)
{
  nax_status status = NAX_OK;
  nax_rdms *a = NULL, *b = NULL;
  double *own_a = NULL, *own_b = NULL, *own_rho = NULL, *row = NULL;
  nax_index m = nax_rdm_pairs(n_blocks);
  nax_i_begin(ctx);
  NAX_REQUIRE(
      n_bins >= 2 && n_blocks >= 3 && n_models >= 1 && n_channels >= 1, NAX_EDIM,
      "%lld bins, %lld blocks, %lld models, %lld channels, expected at least 2, 3, "
      "1 and 1",
      (long long)n_bins, (long long)n_blocks, (long long)n_models, (long long)n_channels);
  NAX_REQUIRE(n_top >= 1 && n_top <= n_channels, NAX_EINVAL,
              "n_top, expected 1 to %lld, got %lld", (long long)n_channels,
              (long long)n_top);
  NAX_TRY_ALLOC(own_a, m * n_models, sizeof *own_a);
  NAX_TRY_ALLOC(own_b, m * n_channels, sizeof *own_b);
  NAX_TRY_ALLOC(own_rho, n_models * n_channels, sizeof *own_rho);
  NAX_TRY_ALLOC(row, n_channels, sizeof *row);
  NAX_TRY(make_rdms(ctx, n_bins, n_blocks, n_models, model, own_a, &a));
  NAX_TRY(make_rdms(ctx, n_bins, n_blocks, n_channels, brain, own_b, &b));
  NAX_TRY(nax_rsa_compare(ctx, a, b, NAX_RSA_SPEARMAN, NULL, 0, own_rho));
  for (nax_index i = 0; i < n_models && top != NULL; i++) {
    for (nax_index k = 0; k < n_channels; k++) {
      row[k] = own_rho[i + k * n_models];
    }
    qsort(row, (size_t)n_channels, sizeof *row, descending);
    top[i] = nax_i_sum(row, n_top) / (double)n_top;
  }
  if (rho != NULL) {
    memcpy(rho, own_rho, (size_t)(n_models * n_channels) * sizeof *rho);
  }
  if (model_rdm != NULL) {
    memcpy(model_rdm, own_a, (size_t)(m * n_models) * sizeof *own_a);
  }
  if (brain_rdm != NULL) {
    memcpy(brain_rdm, own_b, (size_t)(m * n_channels) * sizeof *own_b);
  }
done:
  nax_rdms_free(a);
  nax_rdms_free(b);
  nax_i_free(own_a);
  nax_i_free(own_b);
  nax_i_free(own_rho);
  nax_i_free(row);
  return status;
}
