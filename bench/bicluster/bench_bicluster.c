/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cost of a sweep of the bi-clustering and of its moves, effective draws per second, and
 * the share of a sweep that its Polya-Gamma variates, exponentials and products of small
 * matrices would take by themselves: the bound. The variates and exponentials of a sweep
 * are counted as they are asked for (the linker puts the functions below before those of
 * the library).
 * usage: bench_bicluster Y.csv SWEEPS   rows of Y are neurons
 *        bench_bicluster N T K SWEEPS   simulated: K clusters of N / K neurons
 *        bench_bicluster pg             ns per variate for several (h, z) */
#include "bicluster/bicluster_i.h"
#include "linalg/linalg_i.h"
#include "stats/stats_i.h"
#include <neuraxis.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double
cpu(void)
{
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void
must(nax_status s)
{
  if (s != NAX_OK) {
    fprintf(stderr, "%s\n", nax_ctx_error(NULL));
    exit(1);
  }
}

/* --- what a sweep asks for
 * -------------------------------------------------------------- */

typedef enum kind { VARIATE, EXPONENTIAL, LOGISTIC, SOFTPLUS, KINDS } kind;
static double asked[KINDS];

double __real_nax_i_bic_pg(nax_rng *r, double h, double z, int exact);
void __real_nax_i_bic_exp(nax_index n, const double *x, double *y);
void __real_nax_i_bic_logistic(nax_index n, const double *x, double *p, double *soft);
double __wrap_nax_i_bic_pg(nax_rng *r, double h, double z, int exact);
void __wrap_nax_i_bic_exp(nax_index n, const double *x, double *y);
void __wrap_nax_i_bic_logistic(nax_index n, const double *x, double *p, double *soft);

double
__wrap_nax_i_bic_pg(nax_rng *r, double h, double z, int exact)
{
  asked[VARIATE]++;
  return __real_nax_i_bic_pg(r, h, z, exact);
}

void
__wrap_nax_i_bic_exp(nax_index n, const double *x, double *y)
{
  asked[EXPONENTIAL] += (double)n;
  __real_nax_i_bic_exp(n, x, y);
}

void
__wrap_nax_i_bic_logistic(nax_index n, const double *x, double *p, double *soft)
{
  asked[soft != NULL ? SOFTPLUS : LOGISTIC] += (double)n;
  __real_nax_i_bic_logistic(n, x, p, soft);
}

/* ns of one, at what the chain has come to. */
static double
ns_of(kind what, const nax_i_bic_chain *c)
{
  const nax_i_bic_data *d = c->d;
  nax_index n = d->tp, reps = what == VARIATE ? 200 : 20000;
  double *x = calloc((size_t)n, sizeof *x), *y = calloc((size_t)n, sizeof *y), sum = 0.0;
  nax_rng r;
  nax_i_rng_init(&r, 1, 0);
  for (nax_index t = 0; t < n; t++) {
    x[t] = c->eta[t] - log(c->r[0]);
  }
  double t0 = cpu();
  for (nax_index k = 0; k < reps; k++) {
    if (what == VARIATE) {
      for (nax_index t = 0; t < n; t++) {
        sum += __real_nax_i_bic_pg(&r, d->y[t] + c->r[0], x[t], 0);
      }
    } else if (what == EXPONENTIAL) {
      __real_nax_i_bic_exp(n, x, y);
    } else {
      __real_nax_i_bic_logistic(n, x, y, what == SOFTPLUS ? y : NULL);
    }
  }
  double out = (cpu() - t0) * 1e9 / (double)(reps * n);
  free(x);
  free(y);
  return sum < 0.0 ? -1.0 : out;
}

/* Arithmetic of a sweep (multiplications and additions): information of the data and the
 * paths, states with the paths integrated out, curvatures of the neurons' modes. */
static double
flops_of(const nax_i_bic_chain *c, double modes)
{
  const nax_i_bic_data *d = c->d;
  double q = d->q, n = (double)d->n, t = (double)d->t, k = (double)c->k, l = d->l;
  double paths = n * t * q * (q + 1.0) + k * t * q * q * q * 14.0 / 3.0;
  return paths + t * l * k * q * q * q * 12.0 + modes * q * (q + 1.0);
}

/* Per second, of a product of square matrices. */
static double
product_rate(void)
{
  enum { M = 384, REPS = 20 };
  double *a = calloc(3 * M * M, sizeof *a), t0 = 0.0;
  for (int i = 0; i < 2 * M * M; i++) {
    a[i] = 1.0 / (1 + i % 7);
  }
  for (int k = -2; k < REPS; k++) {
    if (k == 0) {
      t0 = cpu();
    }
    must(nax_i_gemm(NULL, NAX_I_PLAIN, NAX_I_PLAIN, M, M, M, 1.0, a, M, a + M * M, M, 0.0,
                    a + 2 * M * M, M));
  }
  double out = 2.0 * M * M * M * REPS / (cpu() - t0);
  free(a);
  return out;
}

static void
bench_pg(void)
{
  const double h[] = {1.0, 2.0, 5.0, 11.64, 50.0}, z[] = {0.0, 2.0, 8.0};
  printf("h\tz\tns fast\tns exact\n");
  for (int i = 0; i < 5; i++) {
    for (int j = 0; j < 3; j++) {
      double ns[2], sum = 0.0;
      for (int exact = 0; exact < 2; exact++) {
        int n = exact ? 20000 : 200000;
        nax_rng r;
        nax_i_rng_init(&r, 1, 0);
        double t0 = cpu();
        for (int k = 0; k < n; k++) {
          sum += nax_i_bic_pg(&r, h[i], z[j], exact);
        }
        ns[exact] = (cpu() - t0) * 1e9 / n;
      }
      printf("%g\t%g\t%.0f\t%.0f%s\n", h[i], z[j], ns[0], ns[1], sum < 0.0 ? "?" : "");
    }
  }
}

/* Log rates of cluster k: two sinusoids of their own. */
static void
simulate(nax_i_bic_data *d, nax_index k)
{
  nax_rng r;
  nax_i_rng_init(&r, 2, 0);
  for (nax_index i = 0; i < d->n; i++) {
    double w = 0.05 + 0.013 * (double)(i % k), base = nax_rng_normal(&r, 0.0, 0.5);
    for (nax_index t = 0; t < d->t; t++) {
      double eta = base + 0.8 * sin(w * (double)t) + 0.5 * sin(2.7 * w * (double)t);
      d->y[i * d->tp + t] =
          (double)nax_rng_poisson(&r, nax_rng_gamma(&r, 10.0, exp(eta) / 10.0));
    }
  }
}

static void
read_rows(const char *path, nax_i_bic_data *d, double **y)
{
  nax_source *s = NULL;
  nax_array *a = NULL;
  nax_source_opts o = NAX_SOURCE_OPTS_INIT;
  o.rows = "neuron";
  must(nax_source_open(NULL, path, &o, &s));
  must(nax_source_load_array(NULL, s, nax_source_main(s), NAX_F64, &a));
  d->n = nax_array_dim(a, 0);
  d->t = nax_array_dim(a, 1);
  *y = malloc((size_t)(d->n * d->t) * sizeof **y);
  memcpy(*y, nax_array_f64(a), (size_t)(d->n * d->t) * sizeof **y);
  nax_array_free(a);
  nax_source_close(s);
}

int
main(int argc, char **argv)
{
  nax_bicluster_opts o = NAX_BICLUSTER_OPTS_INIT;
  nax_i_bic_data d = {.n = 0};
  double *y = NULL, score, gain, spent[11] = {0.0};
  nax_index k = 3;
  if (argc == 2) {
    bench_pg();
    return 0;
  }
  if (argc != 3 && argc != 5) {
    fprintf(stderr, "usage: bench_bicluster Y.csv SWEEPS | N T K SWEEPS | pg\n");
    return 2;
  }
  int sweeps = atoi(argv[argc - 1]);
  if (argc == 3) {
    read_rows(argv[1], &d, &y);
  } else {
    d.n = atoll(argv[1]);
    d.t = atoll(argv[2]);
    k = atoll(argv[3]);
  }
  o.burn_in = 0; /* jumps as often as after it */
  d.o = o;
  d.tp = (d.t + 7) / 8 * 8;
  d.q = d.rows = (int)o.latent_dim + 1;
  d.l = (int)o.max_states;
  d.n_first = 1;
  d.y = nax_i_calloc((size_t)(d.n * d.tp), sizeof(double));
  d.mask = nax_i_calloc((size_t)(d.n * d.tp), sizeof(double));
  d.first = nax_i_calloc((size_t)d.t, 1);
  d.first[0] = 1;
  for (nax_index i = 0; i < d.n; i++) {
    for (nax_index t = 0; t < d.t; t++) {
      d.mask[i * d.tp + t] = 1.0;
      d.y[i * d.tp + t] = y != NULL ? y[i + t * d.n] : 0.0;
    }
  }
  if (y == NULL) {
    simulate(&d, k);
  }
  must(nax_i_bic_data_refresh(NULL, &d));
  nax_index *label = malloc((size_t)d.n * sizeof *label);
  double t0 = cpu();
  if (y != NULL) {
    must(nax_i_bic_agglomerate(NULL, &d, 300.0, 0.0, label, &k, &score, &gain));
  }
  for (nax_index i = 0; y == NULL && i < d.n; i++) {
    label[i] = i % k;
  }
  double start = cpu() - t0;
  nax_i_bic_chain *c = NULL;
  must(nax_i_bic_chain_new(NULL, &d, 0, &c));
  must(nax_i_bic_begin(NULL, c, label, k));
  for (int s = 0; s < NAX_I_BIC_STARTING + sweeps / 4; s++) {
    must(s < NAX_I_BIC_STARTING ? nax_i_bic_start_sweep(NULL, c)
                                : nax_i_bic_sweep(NULL, c));
  }
  double *trace = calloc((size_t)((d.n + 1) * sweeps), sizeof *trace);
  memset(asked, 0, sizeof asked);
  double begun = cpu();
  for (int s = 0; s < sweeps; s++) {
    must(nax_i_bic_sweep(NULL, c));
    trace[s] = c->loglik;
    for (nax_index i = 0; i < d.n; i++) {
      trace[(i + 1) * sweeps + s] = c->r[i];
    }
  }
  double all = cpu() - begun, of_sweep[KINDS];
  for (int j = 0; j < KINDS; j++) {
    of_sweep[j] = asked[j] / sweeps;
  }
  for (int s = 0; s < 20; s++) { /* move by move */
    nax_rng r;
    double t[12];
    nax_i_bic_stream(c, NAX_I_BIC_STATES, 0, &r);
    t[0] = cpu();
    nax_i_bic_omega(c);
    t[1] = cpu();
    nax_i_bic_information(c);
    nax_i_bic_scan(c, &r, s % 2);
    t[2] = cpu();
    for (nax_index j = 0; j < c->k; j++) {
      nax_i_bic_draw_path(c, j, &r, c->cluster[j]->u);
      nax_i_bic_transpose(c, j);
    }
    nax_i_bic_eta(c);
    t[3] = cpu();
    nax_i_bic_state_sequence(c, &r);
    nax_i_bic_transitions(c, &r);
    nax_i_bic_dynamics(c);
    t[4] = cpu();
    nax_i_bic_dispersion(c);
    t[5] = cpu();
    must(nax_i_bic_members(NULL, c));
    t[6] = cpu();
    nax_i_bic_shift(c);
    nax_i_bic_rescale(c);
    nax_i_bic_eta(c);
    t[7] = cpu();
    must(nax_i_bic_transfer(NULL, c));
    t[8] = cpu();
    must(nax_i_bic_split_merge(NULL, c));
    t[9] = cpu();
    must(nax_i_bic_regroup(NULL, c));
    t[10] = cpu();
    nax_i_bic_omega(c);
    nax_i_bic_information(c);
    double from = cpu();
    nax_i_bic_pieces(c, &r, nax_i_bic_piece_length(&r));
    t[11] = t[10] + cpu() - from;
    for (int j = 0; j < 11; j++) {
      spent[j] += (t[j + 1] - t[j]) * 1e3 / 20.0;
    }
    c->sweep++;
  }
  double worst = HUGE_VAL, rhat, bulk, tail, rows[2] = {0.0, 0.0};
  for (nax_index i = 0; i <= d.n; i++) {
    must(nax_i_mcmc_summary(NULL, sweeps, 1, trace + i * sweeps, &rhat, &bulk, &tail));
    if (i == 0) {
      rows[0] = bulk / all;
    }
    worst = bulk < worst ? bulk : worst;
  }
  rows[1] = worst / all;
  printf("neurons\t%lld\nbins\t%lld\nclusters\t%lld\n", (long long)d.n, (long long)d.t,
         (long long)c->k);
  printf("start\t%.3f s\nsweep\t%.2f ms\n", start, all * 1e3 / sweeps);
  const char *const names[] = {"polya-gamma",
                               "collapsed states",
                               "paths",
                               "states, dynamics",
                               "dispersion",
                               "members",
                               "shift, rescale",
                               "a neuron's jump, in each 8th sweep",
                               "split or merge, in each 64th",
                               "states with dynamics integrated out",
                               "whole pieces of states"};
  for (int j = 0; j < 11; j++) {
    printf("  %s\t%.2f ms\n", names[j], spent[j]);
  }
  const char *const kinds[] = {"polya-gamma variates", "exponentials",
                               "logistic functions", "logistic functions and logarithms"};
  double bound = 0.0;
  for (int j = 0; j < KINDS; j++) {
    double ns = ns_of(j, c);
    bound += of_sweep[j] * ns * 1e-6;
    printf("  %s\t%.0f a sweep, %.2f ns each\n", kinds[j], of_sweep[j], ns);
  }
  double flops = flops_of(c, of_sweep[LOGISTIC]), rate = product_rate();
  bound += flops / rate * 1e3;
  printf("  products\t%.1f million operations a sweep at %.1f GF/s\n", flops * 1e-6,
         rate * 1e-9);
  printf("bound\t%.2f ms, %.0f %% of a sweep\n", bound,
         100.0 * bound / (all * 1e3 / sweeps));
  printf("effective draws of the log likelihood\t%.1f per s\n", rows[0]);
  printf("effective draws of the slowest of r and log likelihood\t%.1f per s\n", rows[1]);
  nax_i_bic_chain_free(c);
  nax_i_bic_data_free(&d);
  free(label);
  free(trace);
  free(y);
  return 0;
}
