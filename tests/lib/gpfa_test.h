/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of Gaussian-process factor analysis share: the reference numbers, data
 * with known structure, random parameters. */
#ifndef GPFA_TEST_H
#define GPFA_TEST_H
#include "nax_test.h"
#include "gpfa/gpfa_i.h"

static const double pi = 3.14159265358979323846;

/* ------------------------------------------------------------------- reference */

/* A reference file: arrays by name, and trials cut from Y by T. */
typedef struct reference {
  nax_dataset *d;
  nax_index n_trials, n, q;
  nax_view *trials;
} reference;

static inline const nax_array *
get(const reference *r, const char *name)
{
  const nax_array *a = nax_dataset_array(r->d, name);
  if (a == NULL) {
    fail_msg("the reference has no `%s`", name);
  }
  return a;
}

/* Numbers of an array in our order (first index fastest). */
static inline const double *
numbers(const reference *r, const char *name)
{
  const nax_array *a = get(r, name);
  assert_int_equal(nax_array_dtype(a), NAX_F64);
  return nax_array_data(a);
}

static inline reference
open_reference(const char *name)
{
  char path[256];
  reference r = {.d = NULL};
  snprintf(path, sizeof path, "ref/gpfa/%s.npz", name);
  assert_ok(nax_dataset_load(NULL, nax_t_shared(path), NULL, &r.d));
  const nax_array *y = get(&r, "Y"), *t = get(&r, "T");
  nax_view v = nax_array_view(t);
  r.n = nax_array_dim(y, 0);
  r.n_trials = nax_array_dim(t, 0);
  r.trials = calloc((size_t)r.n_trials, sizeof *r.trials);
  const double *data = nax_array_data(y);
  for (nax_index k = 0, at = 0; k < r.n_trials; k++) {
    nax_index length = (nax_index)nax_view_get(&v, &k);
    r.trials[k] = nax_view_f64(data + at * r.n, 2, (nax_index[]){r.n, length});
    at += length;
  }
  r.q = nax_array_dim(get(&r, "C0"), 1);
  return r;
}

static inline void
close_reference(reference *r)
{
  nax_dataset_free(r->d);
  free(r->trials);
}

/* Parameters of the reference for the internal functions. */
static inline nax_i_gpfa_par
start_of(const reference *r)
{
  nax_i_gpfa_par p;
  assert_ok(nax_i_gpfa_par_init(NULL, r->n, r->q, &p));
  memcpy(p.c, numbers(r, "C0"), (size_t)(r->n * r->q) * sizeof(double));
  memcpy(p.d, numbers(r, "d0"), (size_t)r->n * sizeof(double));
  memcpy(p.r, numbers(r, "R0"), (size_t)r->n * sizeof(double));
  for (nax_index l = 0; l < r->q; l++) {
    p.u[l] = log(0.04);
    p.noise[l] = 1e-3;
  }
  return p;
}

static inline nax_i_gpfa_data
data_of(const reference *r)
{
  nax_i_gpfa_data d;
  assert_ok(nax_i_gpfa_data_init(NULL, __func__, r->n_trials, r->trials, NULL, 0, &d));
  return d;
}

/* ------------------------------------------------------------------------ simulation */

typedef struct simulated {
  nax_index n, q, n_trials, bins;
  nax_index *length;
  double *y;
  nax_view *trials;
} simulated;

static inline double
normal(uint64_t *seed)
{
  double u = 1.0 - nax_t_uniform(seed), v = nax_t_uniform(seed);
  return sqrt(-2.0 * log(u)) * cos(2.0 * pi * v);
}

/* Sums of slow waves through random loadings, plus noise. */
static inline simulated
simulate(nax_index n, nax_index q, nax_index n_trials, const nax_index *length,
         uint64_t *seed)
{
  simulated s = {.n = n, .q = q, .n_trials = n_trials};
  double *c = calloc((size_t)(n * q), sizeof *c), *phase = calloc((size_t)q, sizeof *c);
  for (nax_index k = 0; k < n_trials; k++) {
    s.bins += length[k];
  }
  s.y = calloc((size_t)(s.bins * n), sizeof *s.y);
  s.trials = calloc((size_t)n_trials, sizeof *s.trials);
  s.length = calloc((size_t)n_trials, sizeof *s.length);
  for (nax_index i = 0; i < n * q; i++) {
    c[i] = normal(seed);
  }
  double *y = s.y;
  for (nax_index k = 0; k < n_trials; k++) {
    s.length[k] = length[k];
    s.trials[k] = nax_view_f64(y, 2, (nax_index[]){n, length[k]});
    for (nax_index l = 0; l < q; l++) {
      phase[l] = 2.0 * pi * nax_t_uniform(seed);
    }
    for (nax_index t = 0; t < length[k]; t++) {
      for (nax_index i = 0; i < n; i++) {
        *y = 1.0 + 0.5 * normal(seed);
        for (nax_index l = 0; l < q; l++) {
          *y += c[i + l * n] * sin(0.3 * (double)((l + 1) * t) + phase[l]);
        }
        y++;
      }
    }
  }
  free(c);
  free(phase);
  return s;
}

static inline void
free_simulated(simulated *s)
{
  free(s->y);
  free(s->trials);
  free(s->length);
}

static inline nax_i_gpfa_par
random_par(nax_index n, nax_index q, uint64_t *seed)
{
  nax_i_gpfa_par p;
  assert_ok(nax_i_gpfa_par_init(NULL, n, q, &p));
  for (nax_index i = 0; i < n * q; i++) {
    p.c[i] = normal(seed);
  }
  for (nax_index i = 0; i < n; i++) {
    p.d[i] = normal(seed);
    p.r[i] = 0.2 + nax_t_uniform(seed);
  }
  for (nax_index l = 0; l < q; l++) {
    p.u[l] = -5.0 + 3.0 * nax_t_uniform(seed);
    p.noise[l] = 0.001 + 0.1 * nax_t_uniform(seed);
  }
  return p;
}

static inline nax_gpfa_params
params_of(const reference *r, double *tau, double *noise, double bin)
{
  for (nax_index l = 0; l < r->q; l++) {
    tau[l] = bin / sqrt(0.04);
    noise[l] = 1e-3;
  }
  return (nax_gpfa_params){
      sizeof(nax_gpfa_params), r->n, r->q, numbers(r, "C0"), numbers(r, "d0"),
      numbers(r, "R0"),        tau,  noise};
}

static inline nax_gpfa *
model_of(const nax_i_gpfa_par *p)
{
  nax_gpfa *m;
  nax_gpfa_opts o = NAX_GPFA_OPTS_INIT;
  double tau[16];
  for (nax_index l = 0; l < p->q; l++) {
    tau[l] = o.bin * exp(-0.5 * p->u[l]);
  }
  o.kernel = p->kernel;
  nax_gpfa_params par = {sizeof par, p->n, p->q, p->c, p->d, p->r, tau, p->noise};
  assert_ok(nax_gpfa_create(NULL, &par, &o, &m));
  return m;
}

/* Trials drawn from a random model. */
typedef struct drawn {
  nax_i_gpfa_par p;
  nax_gpfa *truth;
  nax_index n_trials, bins, *length;
  double *x, *y;
  nax_view *trials;
} drawn;

static inline drawn
draw(nax_index n, nax_index q, nax_index n_trials, nax_index t_min, nax_index t_max,
     nax_gpfa_likelihood likelihood, uint64_t seed)
{
  drawn d = {.n_trials = n_trials};
  nax_gpfa_opts o = NAX_GPFA_OPTS_INIT;
  double tau[16];
  d.p = random_par(n, q, &seed);
  for (nax_index i = 0; i < n; i++) {
    d.p.d[i] *= 0.3;
  }
  for (nax_index l = 0; l < q; l++) {
    tau[l] = o.bin * (3.0 + 3.0 * (double)l);
    d.p.noise[l] = 1e-3;
    for (nax_index i = 0; i < n && likelihood == NAX_GPFA_POISSON; i++) {
      d.p.c[i + l * n] *= 0.6;
    }
  }
  o.likelihood = likelihood;
  nax_gpfa_params par = {sizeof par, n, q, d.p.c, d.p.d, d.p.r, tau, d.p.noise};
  assert_ok(nax_gpfa_create(NULL, &par, &o, &d.truth));
  d.length = calloc((size_t)n_trials, sizeof *d.length);
  d.trials = calloc((size_t)n_trials, sizeof *d.trials);
  for (nax_index k = 0; k < n_trials; k++) {
    d.length[k] =
        t_min + (nax_index)(nax_t_random(&seed) % (uint64_t)(t_max - t_min + 1));
    d.bins += d.length[k];
  }
  d.x = calloc((size_t)(q * d.bins), sizeof *d.x);
  d.y = calloc((size_t)(n * d.bins), sizeof *d.y);
  assert_ok(nax_gpfa_sample(NULL, d.truth, n_trials, d.length, seed, d.x, d.y));
  for (nax_index k = 0, at = 0; k < n_trials; at += d.length[k], k++) {
    d.trials[k] = nax_view_f64(d.y + at * n, 2, (nax_index[]){n, d.length[k]});
  }
  return d;
}

static inline void
free_drawn(drawn *d)
{
  nax_gpfa_free(d->truth);
  nax_i_gpfa_par_free(&d->p);
  free(d->length);
  free(d->trials);
  free(d->x);
  free(d->y);
}

#endif
