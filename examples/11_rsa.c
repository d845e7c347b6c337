/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which model explains the geometry: five subjects see eight conditions that lie on a
 * ring; a ring, a line and two groups are compared with their dissimilarities. */
#include <neuraxis.h>
#include <stdio.h>

enum { CONDITIONS = 8, RUNS = 4, CHANNELS = 30, SUBJECTS = 5 };

/* Cosines of the eight angles of the ring. */
static const double ring[CONDITIONS] = {
    1.0,  0.7071067811865476,  0.0, -0.7071067811865476,
    -1.0, -0.7071067811865476, 0.0, 0.7071067811865476};

/* One subject: a pattern for each condition, noise in each run. */
static nax_status
subject(nax_ctx *ctx, uint64_t number, nax_rdms **out)
{
  static double x[CHANNELS * CONDITIONS * RUNS];
  double a[CHANNELS], b[CHANNELS];
  int64_t condition[CONDITIONS * RUNS], run[CONDITIONS * RUNS];
  nax_rng *rng = NULL;
  if (nax_rng_create(ctx, 1, number, &rng) != NAX_OK) {
    return NAX_ENOMEM;
  }
  for (int i = 0; i < CHANNELS; i++) {
    a[i] = nax_rng_uniform(rng) - 0.5;
    b[i] = nax_rng_uniform(rng) - 0.5;
  }
  for (int o = 0; o < CONDITIONS * RUNS; o++) {
    condition[o] = o % CONDITIONS;
    run[o] = o / CONDITIONS;
    double cosine = ring[condition[o]], sine = ring[(condition[o] + 6) % CONDITIONS];
    for (int i = 0; i < CHANNELS; i++) {
      x[i + o * CHANNELS] = a[i] * cosine + b[i] * sine + nax_rng_uniform(rng);
    }
  }
  nax_rng_free(rng);
  nax_view v = nax_view_f64(x, 2, (nax_index[]){CHANNELS, CONDITIONS * RUNS});
  nax_rdm_opts opts = NAX_RDM_OPTS_INIT;
  opts.measure = NAX_RDM_CROSSNOBIS;
  return nax_rdm_fit(ctx, &v, condition, run, NULL, &opts, out);
}

int
main(void)
{
  static const char *const names[] = {"ring", "line", "groups"};
  nax_ctx *ctx = NULL;
  nax_rdms *each[SUBJECTS] = {NULL}, *data = NULL, *rdm[3] = {NULL};
  nax_rsa_model models[3];
  nax_rsa *r = NULL;
  int rc = 1;

  if (nax_ctx_create(&ctx) != NAX_OK) {
    return 1;
  }
  for (int s = 0; s < SUBJECTS; s++) {
    if (subject(ctx, (uint64_t)s, &each[s]) != NAX_OK) {
      goto done;
    }
  }
  for (int k = 0; k < 3; k++) {
    double d[CONDITIONS * (CONDITIONS - 1) / 2];
    for (int i = 0; i < CONDITIONS; i++) {
      for (int j = i + 1; j < CONDITIONS; j++) {
        d[nax_rdm_pair(CONDITIONS, i, j)] = k == 0   ? 1.0 - ring[j - i]
                                            : k == 1 ? (double)((j - i) * (j - i))
                                                     : (i < 4) != (j < 4);
      }
    }
    if (nax_rdms_create(ctx, CONDITIONS, 1, d, &rdm[k]) != NAX_OK) {
      goto done;
    }
    models[k] = (nax_rsa_model){names[k], rdm[k], NAX_RSA_FIXED};
  }

  nax_rsa_opts opts = NAX_RSA_OPTS_INIT;
  opts.comparator = NAX_RSA_COSINE_COV;
  opts.resampling = NAX_RSA_RESAMPLE_NONE; /* new subjects, these conditions */
  if (nax_rdms_concat(ctx, SUBJECTS, (const nax_rdms *const *)each, &data) != NAX_OK ||
      nax_rsa_fit(ctx, data, 3, models, NULL, &opts, &r) != NAX_OK) {
    goto done;
  }
  double lower, upper;
  nax_rsa_get_ceiling(r, &lower, &upper);
  for (int64_t k = 0; k < nax_rsa_n_models(r); k++) {
    nax_rsa_estimate e = nax_rsa_get(r, k);
    printf("%-6s %.1f, %s\n", nax_rsa_model_name(r, k), e.mean,
           e.mean > lower - 0.02 ? "reaches the noise ceiling"
                                 : "below the noise ceiling");
  }
  printf("ring above line: %s\n", nax_rsa_get_difference(r, 0, 1).p < 0.05
                                      ? "beyond chance"
                                      : "perhaps by chance");
  rc = 0;

done:
  if (rc != 0) {
    fprintf(stderr, "%s\n", nax_ctx_error(ctx));
  }
  nax_rsa_free(r);
  nax_rdms_free(data);
  for (int k = 0; k < 3; k++) {
    nax_rdms_free(rdm[k]);
  }
  for (int s = 0; s < SUBJECTS; s++) {
    nax_rdms_free(each[s]);
  }
  nax_ctx_free(ctx);
  return rc;
}
