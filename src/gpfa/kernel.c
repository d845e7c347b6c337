/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Covariance of a latent over time, and the M-step of its parameters.
 *
 * The covariance matrices of all trial lengths are leading blocks of one Toeplitz matrix,
 * and so are the inverses of their Cholesky factors: row i of the factor's inverse is the
 * filter that predicts bin i from those before it. One Durbin-Levinson recursion gives
 * all rows, and its derivatives those of the objective. */
#include "gpfa_i.h"
#include <math.h>

/* Correlation at scaled lag s = lag sqrt(gamma), and derivatives in u = log gamma. */
static void
correlation(nax_gpfa_kernel kind, double s, double *r, double *du, double *du2)
{
  static const double r3 = 1.7320508075688772, r5 = 2.2360679774997898;
  double s2 = s * s, e;
  switch (kind) {
  case NAX_GPFA_MATERN32:
    e = exp(-r3 * s);
    *r = (1.0 + r3 * s) * e;
    *du = -1.5 * s2 * e;
    *du2 = (-1.5 * s2 + 0.75 * r3 * s2 * s) * e;
    return;
  case NAX_GPFA_MATERN52:
    e = exp(-r5 * s);
    *r = (1.0 + r5 * s + 5.0 / 3.0 * s2) * e;
    *du = -5.0 / 6.0 * s2 * (1.0 + r5 * s) * e;
    *du2 = -5.0 / 12.0 * s2 * (2.0 + 2.0 * r5 * s - 5.0 * s2) * e;
    return;
  case NAX_GPFA_RBF:
  case NAX_GPFA_KERNEL_FORCE_INT:
    break;
  }
  e = exp(-0.5 * s2);
  *r = e;
  *du = -0.5 * s2 * e;
  *du2 = (-0.5 * s2 + 0.25 * s2 * s2) * e;
}

void
nax_i_gpfa_kernel(nax_gpfa_kernel kind, nax_index n, double u, double noise, double *k,
                  double *du, double *du2)
{
  double scale = exp(0.5 * u);
  for (nax_index t = 0; t < n; t++) {
    double r, d, d2;
    correlation(kind, scale * (double)t, &r, &d, &d2);
    k[t] = t == 0 ? 1.0 : (1.0 - noise) * r;
    if (du != NULL) {
      du[t] = (1.0 - noise) * d;
      du2[t] = (1.0 - noise) * d2;
    }
  }
}

void
nax_i_gpfa_kernel_noise(nax_gpfa_kernel kind, nax_index n, double u, double noise,
                        double *k, double *dv, double *dv2)
{
  double slope = noise * (1.0 - noise);
  nax_i_gpfa_kernel(kind, n, u, noise, k, NULL, NULL);
  for (nax_index t = 0; t < n; t++) {
    double r = t == 0 ? 0.0 : k[t] / (1.0 - noise);
    dv[t] = -slope * r;
    dv2[t] = -slope * (1.0 - 2.0 * noise) * r;
  }
}

/* The filters of all bins: column i of `a` predicts bin i (entry i is 1), v[i] is the
 * variance of what remains; index 1 and 2 are the derivatives. */
typedef struct levinson {
  nax_index n;
  double *a[3], *v[3], *phi[3], *next[3];
} levinson;

static void
free_levinson(levinson *s)
{
  for (int j = 0; j < 3; j++) {
    nax_i_free(s->a[j]);
    nax_i_free(s->v[j]);
    nax_i_free(s->phi[j]);
    nax_i_free(s->next[j]);
  }
}

static nax_status
init_levinson(nax_ctx *ctx, nax_index n, levinson *s)
{
  nax_status status = NAX_OK;
  s->n = n;
  for (int j = 0; j < 3; j++) {
    NAX_TRY_ALLOC(s->a[j], n, (size_t)n * sizeof(double));
    NAX_TRY_ALLOC(s->v[j], n, sizeof(double));
    NAX_TRY_ALLOC(s->phi[j], n + 1, sizeof(double));
    NAX_TRY_ALLOC(s->next[j], n + 1, sizeof(double));
  }
done:
  return status;
}

/* Reflection coefficient of step i with derivatives. */
static void
reflection(const levinson *s, const double *const k[3], nax_index i, double out[3])
{
  double num[3] = {k[0][i], k[1][i], k[2][i]};
  for (nax_index j = 1; j < i; j++) {
    const double p = s->phi[0][j], p1 = s->phi[1][j], p2 = s->phi[2][j];
    num[0] -= p * k[0][i - j];
    num[1] -= p1 * k[0][i - j] + p * k[1][i - j];
    num[2] -= p2 * k[0][i - j] + 2.0 * p1 * k[1][i - j] + p * k[2][i - j];
  }
  double v = s->v[0][i - 1], v1 = s->v[1][i - 1], v2 = s->v[2][i - 1];
  out[0] = num[0] / v;
  out[1] = (num[1] - out[0] * v1) / v;
  out[2] = (num[2] - 2.0 * out[1] * v1 - out[0] * v2) / v;
}

static nax_status
run_levinson(nax_ctx *ctx, levinson *s, const double *const k[3])
{
  nax_index n = s->n;
  for (int j = 0; j < 3; j++) {
    s->v[j][0] = k[j][0];
    s->a[j][0] = j == 0;
  }
  for (nax_index i = 1; i < n; i++) {
    double r[3];
    reflection(s, k, i, r);
    for (nax_index j = 1; j < i; j++) {
      const double *p = s->phi[0], *p1 = s->phi[1], *p2 = s->phi[2];
      s->next[0][j] = p[j] - r[0] * p[i - j];
      s->next[1][j] = p1[j] - r[1] * p[i - j] - r[0] * p1[i - j];
      s->next[2][j] = p2[j] - r[2] * p[i - j] - 2.0 * r[1] * p1[i - j] - r[0] * p2[i - j];
    }
    for (int j = 0; j < 3; j++) {
      double *swap = s->phi[j];
      s->next[j][i] = r[j];
      s->phi[j] = s->next[j];
      s->next[j] = swap;
      double *a = s->a[j] + i * n;
      for (nax_index t = 0; t < i; t++) {
        a[t] = -s->phi[j][i - t];
      }
      a[i] = j == 0;
    }
    double v = s->v[0][i - 1], v1 = s->v[1][i - 1], v2 = s->v[2][i - 1];
    double rest = 1.0 - r[0] * r[0];
    s->v[0][i] = v * rest;
    s->v[1][i] = v1 * rest - 2.0 * v * r[0] * r[1];
    s->v[2][i] =
        v2 * rest - 4.0 * v1 * r[0] * r[1] - 2.0 * v * (r[1] * r[1] + r[0] * r[2]);
    if (!(s->v[0][i] > 1e-14 * k[0][0])) {
      return nax_i_fail(ctx, NAX_ENUMERIC, "nax_gpfa_fit",
                        "the covariance of a latent over %lld bins is singular to "
                        "rounding: use a larger `noise` or a shorter `tau`",
                        (long long)n);
    }
  }
  return NAX_OK;
}

static double
dot(nax_index n, const double *a, const double *b)
{
  double sum = 0.0;
  for (nax_index i = 0; i < n; i++) {
    sum += a[i] * b[i];
  }
  return sum;
}

/* Moments of the trials that go on beyond each length: what the rows between two lengths
 * are weighed with. */
typedef struct cumulated {
  nax_index n;
  const nax_index *length;
  nax_index *trials; /* of at least this length */
  double **q;        /* T x T, in `mem` */
  double *mem;
} cumulated;

static void
free_cumulated(cumulated *c)
{
  nax_i_free(c->trials);
  nax_i_free(c->q);
  nax_i_free(c->mem);
}

static nax_status
cumulate(nax_ctx *ctx, const nax_i_gpfa_moments *m, cumulated *c)
{
  nax_status status = NAX_OK;
  nax_index size = 0;
  *c = (cumulated){.n = m->n_lengths, .length = m->length};
  for (nax_index u = 0; u < c->n; u++) {
    size += m->length[u] * m->length[u];
  }
  NAX_TRY_ALLOC(c->trials, c->n, sizeof *c->trials);
  NAX_TRY_ALLOC(c->q, c->n, sizeof *c->q);
  NAX_TRY_ALLOC(c->mem, size, sizeof *c->mem);
  for (nax_index u = 0, at = 0; u < c->n; u++) {
    c->q[u] = c->mem + at;
    at += m->length[u] * m->length[u];
  }
  for (nax_index u = c->n - 1; u >= 0; u--) {
    nax_index t = m->length[u], above = u + 1 < c->n ? m->length[u + 1] : 0;
    c->trials[u] = m->count[u] + (above > 0 ? c->trials[u + 1] : 0);
    memcpy(c->q[u], m->p[u], (size_t)(t * t) * sizeof(double));
    for (nax_index j = 0; above > 0 && j < t; j++) {
      for (nax_index i = 0; i < t; i++) {
        c->q[u][i + j * t] += c->q[u + 1][i + j * above];
      }
    }
  }
done:
  return status;
}

/* The recursion is done: sum over the bins of all trials. */
static nax_status
accumulate(nax_ctx *ctx, const cumulated *m, const levinson *s, double out[3])
{
  nax_status status = NAX_OK;
  nax_index n = s->n;
  double *a = NULL, *b = NULL;
  NAX_TRY_ALLOC(a, n, (size_t)(2 * n) * sizeof *a);
  NAX_TRY_ALLOC(b, n, (size_t)(2 * n) * sizeof *b);
  out[0] = out[1] = out[2] = 0.0;
  for (nax_index u = m->n - 1; u >= 0; u--) {
    nax_index t = m->length[u], from = u > 0 ? m->length[u - 1] : 0, rows = t - from;
    double trials = (double)m->trials[u];
    for (nax_index i = 0; i < rows; i++) { /* filters and their slopes: one product */
      memcpy(a + i * t, s->a[0] + (from + i) * n, (size_t)t * sizeof *a);
      memcpy(a + (rows + i) * t, s->a[1] + (from + i) * n, (size_t)t * sizeof *a);
    }
    NAX_TRY(nax_i_gemm(ctx, NAX_I_PLAIN, NAX_I_PLAIN, t, 2 * rows, t, 1.0, m->q[u], t, a,
                       t, 0.0, b, t));
    for (nax_index i = from; i < t; i++) {
      const double *qa = b + (i - from) * t, *qd = qa + rows * t;
      double s0 = dot(i + 1, s->a[0] + i * n, qa);
      double s1 = 2.0 * dot(i + 1, s->a[1] + i * n, qa);
      double s2 =
          2.0 * dot(i + 1, s->a[1] + i * n, qd) + 2.0 * dot(i + 1, s->a[2] + i * n, qa);
      double v = s->v[0][i], v1 = s->v[1][i] / v, v2 = s->v[2][i] / v;
      out[0] += 0.5 * (trials * log(v) + s0 / v);
      out[1] += 0.5 * (trials * v1 + (s1 - s0 * v1) / v);
      out[2] += 0.5 * (trials * (v2 - v1 * v1) +
                       (s2 - 2.0 * s1 * v1 - s0 * v2 + 2.0 * s0 * v1 * v1) / v);
    }
  }
done:
  nax_i_free(a);
  nax_i_free(b);
  return status;
}

static nax_status
objective(nax_ctx *ctx, const cumulated *m, const double *const k[3], double out[3])
{
  nax_status status = NAX_OK;
  levinson s = {.n = 0};
  NAX_TRY(init_levinson(ctx, m->length[m->n - 1], &s));
  NAX_TRY(run_levinson(ctx, &s, k));
  NAX_TRY(accumulate(ctx, m, &s, out));
done:
  free_levinson(&s);
  return status;
}

nax_status
nax_i_gpfa_kernel_objective(nax_ctx *ctx, const nax_i_gpfa_moments *m, const double *k,
                            const double *dk, const double *dk2, double *f, double *df,
                            double *df2)
{
  nax_status status = NAX_OK;
  cumulated c = {.n = 0};
  double out[3];
  const double *const all[3] = {k, dk, dk2};
  NAX_TRY(cumulate(ctx, m, &c));
  NAX_TRY(objective(ctx, &c, all, out));
  *f = out[0];
  *df = out[1];
  *df2 = out[2];
done:
  free_cumulated(&c);
  return status;
}

/* --- the step --------------------------------------------------------------------------
 */

typedef struct target {
  nax_gpfa_kernel kind;
  cumulated m;
  int on_noise; /* 1: x is logit(noise) and `other` is u; 0: x is u, `other` noise */
  double other;
  double *k[3];
} target;

static double
sigmoid(double x)
{
  return 1.0 / (1.0 + exp(-x));
}

static nax_status
evaluate(nax_ctx *ctx, const target *t, double x, double out[3])
{
  nax_index n = t->m.length[t->m.n - 1];
  if (t->on_noise) {
    nax_i_gpfa_kernel_noise(t->kind, n, t->other, sigmoid(x), t->k[0], t->k[1], t->k[2]);
  } else {
    nax_i_gpfa_kernel(t->kind, n, x, t->other, t->k[0], t->k[1], t->k[2]);
  }
  const double *const all[3] = {t->k[0], t->k[1], t->k[2]};
  return objective(ctx, &t->m, all, out);
}

static nax_status
newton(nax_ctx *ctx, target *t, int64_t steps, double lo, double hi, double *x)
{
  enum { HALVINGS = 30 };
  nax_status status = NAX_OK;
  nax_index n = t->m.length[t->m.n - 1];
  double now[3], next[3];
  for (int j = 0; j < 3; j++) {
    NAX_TRY_ALLOC(t->k[j], n, sizeof(double));
  }
  *x = fmin(fmax(*x, lo), hi);
  NAX_TRY(evaluate(ctx, t, *x, now));
  for (int64_t i = 0; i < steps; i++) {
    /* Newton where the function is convex, else a step downhill; at most one unit, that
     * is a factor 1.65 in the length scale. */
    double step = now[2] > 0.0 ? -now[1] / now[2] : now[1] > 0.0 ? -0.5 : 0.5;
    step = fmin(fmax(step, -1.0), 1.0);
    int moved = 0;
    for (int h = 0; h < HALVINGS && !moved; h++, step *= 0.5) {
      double to = fmin(fmax(*x + step, lo), hi);
      if (fabs(to - *x) <= 1e-15 * (1.0 + fabs(*x))) {
        break;
      }
      status = evaluate(ctx, t, to, next);
      if (status == NAX_ENUMERIC) { /* beyond what can be factorised: nearer */
        status = NAX_OK;
        continue;
      }
      NAX_TRY(status);
      /* Near the optimum f is flat to rounding, but its slope still tells. */
      moved = next[0] < now[0] || (next[0] <= now[0] + 1e-13 * (1.0 + fabs(now[0])) &&
                                   fabs(next[1]) < 0.5 * fabs(now[1]));
      *x = moved ? to : *x;
    }
    if (!moved) {
      break;
    }
    memcpy(now, next, sizeof now);
  }
done:
  for (int j = 0; j < 3; j++) {
    nax_i_free(t->k[j]);
    t->k[j] = NULL;
  }
  return status;
}

nax_status
nax_i_gpfa_kernel_step(nax_ctx *ctx, nax_gpfa_kernel kind, const nax_i_gpfa_moments *m,
                       int64_t steps, double lo, double hi, double noise, double *u)
{
  target t = {.kind = kind, .other = noise};
  nax_status status = cumulate(ctx, m, &t.m);
  status = status == NAX_OK ? newton(ctx, &t, steps, lo, hi, u) : status;
  free_cumulated(&t.m);
  return status;
}

nax_status
nax_i_gpfa_noise_step(nax_ctx *ctx, nax_gpfa_kernel kind, const nax_i_gpfa_moments *m,
                      int64_t steps, double u, double *noise)
{
  target t = {.kind = kind, .on_noise = 1, .other = u};
  double x = log(*noise / (1.0 - *noise));
  nax_status status = cumulate(ctx, m, &t.m);
  status = status == NAX_OK ? newton(ctx, &t, steps, -13.8, 4.6, &x) : status;
  *noise = 1.0 / (1.0 + exp(-x)); /* from 1e-6 to 0.99 */
  free_cumulated(&t.m);
  return status;
}
