/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times dissimilarities, comparisons and bootstraps on the arrays that peers.py wrote:
 * prints problem and CPU seconds (best of several), tab-separated. One thread.
 * usage: bench_rsa DIR */
#include <neuraxis.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static nax_ctx *ctx;
static const char *dir;

static void
must(nax_status s)
{
  if (s != NAX_OK) {
    fprintf(stderr, "bench_rsa: %s\n", nax_ctx_error(ctx));
    exit(1);
  }
}

static double *
load(const char *name, size_t n)
{
  char path[4096];
  snprintf(path, sizeof path, "%s/%s.f64", dir, name);
  double *x = malloc(n * sizeof *x);
  FILE *f = fopen(path, "rb");
  if (x == NULL || f == NULL || fread(x, sizeof *x, n, f) != n) {
    fprintf(stderr, "bench_rsa: cannot read %s\n", path);
    exit(1);
  }
  fclose(f);
  return x;
}

static double
cpu(void)
{
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static nax_rdms *
rdms(const char *name, nax_index n, nax_index count)
{
  double *x = load(name, (size_t)(nax_rdm_pairs(n) * count));
  nax_rdms *r = NULL;
  must(nax_rdms_create(ctx, n, count, x, &r));
  free(x);
  return r;
}

/* Best CPU time of `reps` runs of a statement. */
#define TIME(name, reps, ...)                                                            \
  do {                                                                                   \
    double best = 1e300;                                                                 \
    for (int rep = 0; rep < (reps); rep++) {                                             \
      double t0 = cpu();                                                                 \
      __VA_ARGS__;                                                                       \
      double t = cpu() - t0;                                                             \
      best = t < best ? t : best;                                                        \
    }                                                                                    \
    printf("%s\t%.6f\n", (name), best);                                                  \
    fflush(stdout);                                                                      \
  } while (0)

static void
measures(void)
{
  double *x = load("x", 1000 * 5000), *f = load("folds", (size_t)8 * 200 * 500);
  int64_t condition[1600], fold[1600];
  nax_view v = nax_view_f64(x, 2, (nax_index[]){5000, 1000});
  nax_view w = nax_view_f64(f, 2, (nax_index[]){500, 1600});
  const char *names[] = {"euclidean 1000 x 5000", "correlation 1000 x 5000",
                         "poisson 1000 x 5000"};
  const nax_rdm_measure kinds[] = {NAX_RDM_EUCLIDEAN, NAX_RDM_CORRELATION,
                                   NAX_RDM_POISSON};
  for (int i = 0; i < 1600; i++) {
    condition[i] = i % 200;
    fold[i] = i / 200;
  }
  int64_t own[1000];
  for (int i = 0; i < 1000; i++) {
    own[i] = i;
  }
  for (int k = 0; k < 3; k++) {
    nax_rdm_opts o = NAX_RDM_OPTS_INIT;
    o.measure = kinds[k];
    TIME(names[k], 5, {
      nax_rdms *r = NULL;
      must(nax_rdm_fit(ctx, &v, own, NULL, NULL, &o, &r));
      nax_rdms_free(r);
    });
  }
  double *cov = malloc(sizeof *cov * 500 * 500), *n = malloc(sizeof *n * 500 * 500);
  nax_view residuals = nax_view_f64(f, 2, (nax_index[]){500, 1000});
  const char *cov_names[] = {"noise full 1000 x 500", "noise shrinkage-eye 1000 x 500",
                             "noise shrinkage-diag 1000 x 500"};
  const nax_rdm_covariance covs[] = {NAX_RDM_COV_FULL, NAX_RDM_COV_SHRINKAGE_EYE,
                                     NAX_RDM_COV_SHRINKAGE_DIAG};
  for (int k = 0; k < 3; k++) {
    TIME(cov_names[k], 5,
         must(nax_rdm_noise(ctx, &residuals, NULL, covs[k], NAX_NOT_GIVEN, 0, cov)));
  }
  must(nax_rdm_precision(ctx, 500, cov, n));
  nax_view nv = nax_view_f64(n, 2, (nax_index[]){500, 500});
  nax_rdm_opts o = NAX_RDM_OPTS_INIT;
  o.measure = NAX_RDM_CROSSNOBIS;
  for (int k = 0; k < 2; k++) {
    TIME(k ? "crossnobis 8 x 200 x 500, identity" : "crossnobis 8 x 200 x 500, precision",
         5, {
           nax_rdms *r = NULL;
           must(nax_rdm_fit(ctx, &w, condition, fold, k ? NULL : &nv, &o, &r));
           nax_rdms_free(r);
         });
  }
  free(x);
  free(f);
  free(cov);
  free(n);
}

static void
comparators(void)
{
  nax_rdms *a = rdms("a", 100, 10), *b = rdms("b", 100, 1000);
  double *out = malloc(sizeof *out * 1000 * 1000);
  const char *names[] = {"compare 10 x 1000, cosine",     "compare 10 x 1000, corr",
                         "compare 10 x 1000, spearman",   "compare 10 x 1000, rho-a",
                         "compare 10 x 1000, tau-a",      "compare 10 x 1000, tau-b",
                         "compare 10 x 1000, cosine_cov", "compare 10 x 1000, corr_cov"};
  for (int c = NAX_RSA_COSINE; c <= NAX_RSA_CORR_COV; c++) {
    TIME(names[c - 1], 3,
         must(nax_rsa_compare(ctx, a, b, (nax_rsa_comparator)c, NULL, 0, out)));
  }
  TIME("compare 1000 x 1000, cosine", 3,
       must(nax_rsa_compare(ctx, b, b, NAX_RSA_COSINE, NULL, 0, out)));
  TIME("compare 1000 x 1000, spearman", 3,
       must(nax_rsa_compare(ctx, b, b, NAX_RSA_SPEARMAN, NULL, 0, out)));
  double *s = load("sigma", 100 * 100);
  nax_view sigma = nax_view_f64(s, 2, (nax_index[]){100, 100});
  TIME("compare 10 x 1000, cosine_cov, full sigma_k", 3,
       must(nax_rsa_compare(ctx, a, b, NAX_RSA_COSINE_COV, &sigma, 0, out)));
  nax_rdms *l = rdms("long", 1000, 2);
  nax_rdms *one = NULL, *two = NULL;
  must(nax_rdms_take(ctx, l, 1, (nax_index[]){0}, &one));
  must(nax_rdms_take(ctx, l, 1, (nax_index[]){1}, &two));
  TIME("tau-a of 499500 pairs", 3,
       must(nax_rsa_compare(ctx, one, two, NAX_RSA_TAU_A, NULL, 0, out)));
  nax_rdms_free(a);
  nax_rdms_free(b);
  nax_rdms_free(l);
  nax_rdms_free(one);
  nax_rdms_free(two);
  free(out);
  free(s);
}

static void
bootstraps(void)
{
  nax_rdms *data = rdms("data", 99, 20), *models = rdms("models", 99, 5), *each[5];
  nax_rsa_model m[5];
  const char *names[] = {
      "dual bootstrap 1000, cosine",     "dual bootstrap 1000, corr",
      "dual bootstrap 1000, spearman",   "dual bootstrap 1000, rho-a",
      "dual bootstrap 1000, tau-a",      NULL,
      "dual bootstrap 1000, cosine_cov", "dual bootstrap 1000, corr_cov"};
  for (nax_index k = 0; k < 5; k++) {
    must(nax_rdms_take(ctx, models, 1, &k, &each[k]));
    m[k] = (nax_rsa_model){NULL, each[k], NAX_RSA_FIXED};
  }
  for (int c = NAX_RSA_COSINE; c <= NAX_RSA_CORR_COV; c++) {
    if (names[c - 1] == NULL) {
      continue;
    }
    nax_rsa_opts o = NAX_RSA_OPTS_INIT;
    o.comparator = c;
    o.resampling = NAX_RSA_RESAMPLE_DUAL;
    o.n_permutations = 0;
    TIME(names[c - 1], c == NAX_RSA_TAU_A ? 1 : 2, {
      nax_rsa *r = NULL;
      must(nax_rsa_fit(ctx, data, 5, m, NULL, &o, &r));
      nax_rsa_free(r);
    });
  }
  for (int k = 0; k < 5; k++) {
    nax_rdms_free(each[k]);
  }
  nax_rdms_free(data);
  nax_rdms_free(models);
}

int
main(int argc, char **argv)
{
  if (argc != 2) {
    fprintf(stderr, "usage: bench_rsa DIR\n");
    return 2;
  }
  dir = argv[1];
  must(nax_ctx_create(&ctx));
  must(nax_ctx_set_threads(ctx, 1));
  measures();
  comparators();
  bootstraps();
  nax_ctx_free(ctx);
  return 0;
}
