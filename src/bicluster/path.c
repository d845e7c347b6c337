/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gaussian recursions given the Polya-Gamma variables: a path by Cholesky of its block
 * tridiagonal precision, and the states one bin at a time with the paths integrated out
 * (Fox et al. 2011). Each recursion is written once for any q and compiled for small q.
 */
#include "bicluster_i.h"
#include <math.h>

#define INLINE static inline __attribute__((always_inline))

/* Call fn(q, ...) with q a constant where it is small. */
#define FOR_Q(fn, q, ...)                                                                \
  switch (q) {                                                                           \
  case 1:                                                                                \
    fn(1, __VA_ARGS__);                                                                  \
    break;                                                                               \
  case 2:                                                                                \
    fn(2, __VA_ARGS__);                                                                  \
    break;                                                                               \
  case 3:                                                                                \
    fn(3, __VA_ARGS__);                                                                  \
    break;                                                                               \
  case 4:                                                                                \
    fn(4, __VA_ARGS__);                                                                  \
    break;                                                                               \
  default:                                                                               \
    fn((q), __VA_ARGS__);                                                                \
  }

/* --- information of the data ---------------------------------------------------------
 */

/* What a neuron with these loadings says about the q rows from `row` on of a group that
 * has `rows`. */
INLINE void
add_neuron(int q, int rows, int row, const nax_i_bic_data *d, const double *load,
           const double *w, const double *l, double *rt, double *ht)
{
  enum { Q = NAX_I_BIC_P + 1 };
  double h[Q], hh[Q * Q];
  for (int a = 0; a < q; a++) {
    h[a] = a == 0 ? 1.0 : load[a];
  }
  for (int a = 0; a < q; a++) {
    for (int b = 0; b < q; b++) {
      hh[a * q + b] = h[a] * h[b];
    }
  }
  rt += row * rows + row;
  ht += row;
  for (nax_index t = 0; t < d->t; t++) {
    for (int a = 0; a < q; a++) {
      for (int b = 0; b < q; b++) {
        rt[t * rows * rows + a * rows + b] += w[t] * hh[a * q + b];
      }
    }
    for (int a = 0; a < q; a++) {
      ht[t * rows + a] += l[t] * h[a];
    }
  }
}

INLINE void
add_alone(int q, const nax_i_bic_data *d, const double *b, const double *w,
          const double *l, double *rt, double *ht)
{
  add_neuron(q, q, 0, d, b, w, l, rt, ht);
}

void
nax_i_bic_add_information(const nax_i_bic_data *d, int q, const double *b,
                          const double *omega, const double *linear, double *rt,
                          double *ht)
{
  FOR_Q(add_alone, q, d, b, omega, linear, rt, ht)
}

double *
nax_i_bic_information_matrix(const nax_i_bic_chain *c, nax_index g)
{
  return c->rt + g * c->d->t * c->d->rows * c->d->rows;
}

double *
nax_i_bic_information_vector(const nax_i_bic_chain *c, nax_index g)
{
  return c->ht + g * c->d->t * c->d->rows;
}

static void
add_to_group(nax_i_bic_chain *c, nax_index i)
{
  int row, q = c->cluster[c->z[i]]->q;
  const nax_i_bic_cluster *x = nax_i_bic_group_of(c, c->z[i], &row);
  nax_index g = c->joint != NULL ? 0 : c->z[i];
  double *rt = nax_i_bic_information_matrix(c, g),
         *ht = nax_i_bic_information_vector(c, g);
  const double *b = c->b + i * c->d->q;
  const double *w = c->omega + i * c->d->tp, *l = c->linear + i * c->d->tp;
  if (c->joint != NULL) {
    add_neuron(q, x->q, row, c->d, b, w, l, rt, ht);
  } else {
    nax_i_bic_add_information(c->d, q, b, w, l, rt, ht);
  }
}

void
nax_i_bic_information(nax_i_bic_chain *c)
{
  for (nax_index g = 0; g < nax_i_bic_n_groups(c); g++) {
    size_t q = (size_t)nax_i_bic_group(c, g)->q, size = (size_t)c->d->t * q;
    memset(nax_i_bic_information_matrix(c, g), 0, size * q * sizeof *c->rt);
    memset(nax_i_bic_information_vector(c, g), 0, size * sizeof *c->ht);
  }
  for (nax_index i = 0; i < c->d->n; i++) {
    add_to_group(c, i);
  }
}

/* --- one path ------------------------------------------------------------------------
 */

INLINE int
chol_q(int q, const double *a, double *l)
{
  int repaired = 0;
  for (int i = 0; i < q; i++) {
    for (int j = 0; j <= i; j++) {
      double s = a[i * q + j];
      for (int k = 0; k < j; k++) {
        s -= l[i * q + k] * l[j * q + k];
      }
      if (i == j) {
        double least = 1e-14 * fabs(a[i * q + i]) + 1e-290;
        if (!(s > least)) {
          s = least;
          repaired++;
        }
        l[i * q + i] = sqrt(s);
      } else {
        l[i * q + j] = s / l[j * q + j];
      }
    }
  }
  return repaired;
}

INLINE void
forward_q(int q, const double *l, double *x)
{
  for (int i = 0; i < q; i++) {
    double s = x[i];
    for (int k = 0; k < i; k++) {
      s -= l[i * q + k] * x[k];
    }
    x[i] = s / l[i * q + i];
  }
}

INLINE void
backward_q(int q, const double *l, double *x)
{
  for (int i = q - 1; i >= 0; i--) {
    double s = x[i];
    for (int k = i + 1; k < q; k++) {
      s -= l[k * q + i] * x[k];
    }
    x[i] = s / l[i * q + i];
  }
}

INLINE void
system_of(int q, nax_i_bic_chain *c, const nax_i_bic_dyn *dyn, const double *rt,
          const double *ht, nax_i_bic_system *out)
{
  const nax_i_bic_data *d = c->d;
  double *state = c->filter + d->t * (2 * q * q + q); /* P A, A' P A, P b, A' P b */
  int step = 2 * q * q + 2 * q;
  out->diagonal = c->filter;
  out->below = out->diagonal + d->t * q * q;
  out->linear = out->below + d->t * q * q;
  for (int s = 0; s < d->l; s++) {
    double *pa = state + s * step, *apa = pa + q * q, *pb = apa + q * q, *apb = pb + q;
    for (int i = 0; i < q; i++) {
      pb[i] = 0.0;
      for (int j = 0; j < q; j++) {
        pa[i * q + j] = 0.0;
        for (int m = 0; m < q; m++) {
          pa[i * q + j] += dyn[s].p[i * q + m] * dyn[s].a[m * q + j];
        }
        pb[i] += dyn[s].p[i * q + j] * dyn[s].b[j];
      }
    }
    for (int i = 0; i < q; i++) {
      apb[i] = 0.0;
      for (int m = 0; m < q; m++) {
        apb[i] += dyn[s].a[m * q + i] * pb[m];
      }
      for (int j = 0; j < q; j++) {
        apa[i * q + j] = 0.0;
        for (int m = 0; m < q; m++) {
          apa[i * q + j] += dyn[s].a[m * q + i] * pa[m * q + j];
        }
      }
    }
  }
  for (nax_index t = 0; t < d->t; t++) {
    double *a = out->diagonal + t * q * q, *w = out->below + t * q * q;
    double *yt = out->linear + t * q;
    for (int i = 0; i < q * q; i++) {
      a[i] = rt[t * q * q + i];
      w[i] = 0.0;
    }
    for (int i = 0; i < q; i++) {
      yt[i] = ht[t * q + i];
    }
    if (d->first[t]) {
      for (int i = 0; i < q; i++) {
        a[i * q + i] += 1.0;
      }
    } else {
      const double *pa = state + c->xi[t] * step, *pb = pa + 2 * q * q;
      const double *p = dyn[c->xi[t]].p;
      for (int i = 0; i < q * q; i++) {
        a[i] += p[i];
        w[i] = -pa[i];
      }
      for (int i = 0; i < q; i++) {
        yt[i] += pb[i];
      }
    }
    if (t + 1 < d->t && !d->first[t + 1]) {
      const double *apa = state + c->xi[t + 1] * step + q * q, *apb = apa + q * q + q;
      for (int i = 0; i < q * q; i++) {
        a[i] += apa[i];
      }
      for (int i = 0; i < q; i++) {
        yt[i] -= apb[i];
      }
    }
  }
}

void
nax_i_bic_path_system(nax_i_bic_chain *c, int q, const nax_i_bic_dyn *dyn,
                      const double *rt, const double *ht,
                      nax_i_bic_system *out){FOR_Q(system_of, q, c, dyn, rt, ht, out)}

INLINE void factor_of(int q, nax_i_bic_chain *c, nax_i_bic_system *x)
{
  enum { Q = NAX_I_BIC_Q };
  const nax_i_bic_data *d = c->d;
  for (nax_index t = 0; t < d->t; t++) {
    double a[Q * Q], *l = x->diagonal + t * q * q, *w = x->below + t * q * q;
    double *yt = x->linear + t * q;
    memcpy(a, l, (size_t)(q * q) * sizeof *a);
    if (!d->first[t]) {
      for (int i = 0; i < q; i++) {
        forward_q(q, l - q * q, w + i * q);
      }
      for (int i = 0; i < q; i++) {
        for (int j = 0; j <= i; j++) {
          for (int m = 0; m < q; m++) {
            a[i * q + j] -= w[i * q + m] * w[j * q + m];
          }
        }
        for (int m = 0; m < q; m++) {
          yt[i] -= w[i * q + m] * yt[m - q];
        }
      }
    }
    c->repaired += chol_q(q, a, l);
    forward_q(q, l, yt);
  }
}

void
nax_i_bic_factor_system(nax_i_bic_chain *c, int q,
                        nax_i_bic_system *x){FOR_Q(factor_of, q, c, x)}

INLINE void draw_of(int q, const nax_i_bic_data *d, const nax_i_bic_system *x, nax_rng *r,
                    double *u)
{
  enum { Q = NAX_I_BIC_Q };
  for (nax_index t = d->t - 1; t >= 0; t--) {
    double e[Q];
    for (int i = 0; i < q; i++) {
      e[i] = x->linear[t * q + i] + nax_rng_normal(r, 0.0, 1.0);
    }
    if (t + 1 < d->t && !d->first[t + 1]) {
      const double *w = x->below + (t + 1) * q * q;
      for (int i = 0; i < q; i++) {
        for (int m = 0; m < q; m++) {
          e[m] -= w[i * q + m] * u[(t + 1) * q + i];
        }
      }
    }
    backward_q(q, x->diagonal + t * q * q, e);
    for (int i = 0; i < q; i++) {
      u[t * q + i] = e[i];
    }
  }
}

void
nax_i_bic_draw_system(const nax_i_bic_data *d, int q, const nax_i_bic_system *x,
                      nax_rng *r, double *u)
{
  FOR_Q(draw_of, q, d, x, r, u)
}

void
nax_i_bic_draw_path(nax_i_bic_chain *c, nax_index group, nax_rng *r, double *u)
{
  const nax_i_bic_cluster *g = nax_i_bic_group(c, group);
  nax_i_bic_system x;
  nax_i_bic_path_system(c, g->q, g->dyn, nax_i_bic_information_matrix(c, group),
                        nax_i_bic_information_vector(c, group), &x);
  nax_i_bic_factor_system(c, g->q, &x);
  nax_i_bic_draw_system(c->d, g->q, &x, r, u);
}

/* --- states with the paths integrated out ---------------------------------------------
 */

/* out = log of the integral of N(x; A m + b, A V A' + Q) exp(th' x - x' La x / 2); lower
 * triangles of V and La are read. */
INLINE double
log_integral(int q, const nax_i_bic_dyn *x, const double *m, const double *v,
             const double *la, const double *th)
{
  enum { Q = NAX_I_BIC_Q };
  double av[Q * Q], s[Q * Q], l[Q * Q], lc[Q * Q], ms[Q], g[Q], out = 0.0, det = 1.0;
  for (int i = 0; i < q; i++) {
    ms[i] = x->b[i];
    for (int j = 0; j < q; j++) {
      ms[i] += x->a[i * q + j] * m[j];
      av[i * q + j] = 0.0;
      for (int k = 0; k < q; k++) {
        av[i * q + j] += x->a[i * q + k] * v[k * q + j];
      }
    }
  }
  for (int i = 0; i < q; i++) {
    for (int j = 0; j <= i; j++) {
      double sum = x->q[i * q + j];
      for (int k = 0; k < q; k++) {
        sum += av[i * q + k] * x->a[j * q + k];
      }
      s[i * q + j] = sum;
    }
  }
  chol_q(q, s, l);
  for (int i = 0; i < q; i++) { /* g = th - La ms; lc = La L */
    double lm = 0.0;
    for (int k = 0; k < q; k++) {
      lm += la[i * q + k] * ms[k];
    }
    g[i] = th[i] - lm;
    out += ms[i] * (th[i] - 0.5 * lm);
    for (int j = 0; j < q; j++) {
      lc[i * q + j] = 0.0;
      for (int k = j; k < q; k++) {
        lc[i * q + j] += la[i * q + k] * l[k * q + j];
      }
    }
  }
  for (int i = 0; i < q; i++) { /* s = I + L' La L; ms = L' g */
    ms[i] = 0.0;
    for (int k = i; k < q; k++) {
      ms[i] += l[k * q + i] * g[k];
    }
    for (int j = 0; j <= i; j++) {
      double sum = i == j ? 1.0 : 0.0;
      for (int k = i; k < q; k++) {
        sum += l[k * q + i] * lc[k * q + j];
      }
      s[i * q + j] = sum;
    }
  }
  chol_q(q, s, av);
  forward_q(q, av, ms);
  for (int i = 0; i < q; i++) {
    det *= av[i * q + i];
    out += 0.5 * ms[i] * ms[i];
  }
  return out - log(det);
}

/* x (q x n, rows of length n) = M^-1 x, M is spoilt: Gauss with row exchange. */
INLINE void
solve_general(int q, double *m, int n, double *x)
{
  for (int k = 0; k < q; k++) {
    int best = k;
    for (int i = k + 1; i < q; i++) {
      best = fabs(m[i * q + k]) > fabs(m[best * q + k]) ? i : best;
    }
    for (int j = 0; j < q && best != k; j++) {
      double swap = m[k * q + j];
      m[k * q + j] = m[best * q + j];
      m[best * q + j] = swap;
    }
    for (int j = 0; j < n && best != k; j++) {
      double swap = x[k * n + j];
      x[k * n + j] = x[best * n + j];
      x[best * n + j] = swap;
    }
    for (int i = k + 1; i < q; i++) {
      double f = m[i * q + k] / m[k * q + k];
      for (int j = k; j < q; j++) {
        m[i * q + j] -= f * m[k * q + j];
      }
      for (int j = 0; j < n; j++) {
        x[i * n + j] -= f * x[k * n + j];
      }
    }
  }
  for (int i = q - 1; i >= 0; i--) {
    for (int j = 0; j < n; j++) {
      double s = x[i * n + j];
      for (int k = i + 1; k < q; k++) {
        s -= m[i * q + k] * x[k * n + j];
      }
      x[i * n + j] = s / m[i * q + i];
    }
  }
}

/* What bin t and all after it say about the bin before: (La, th) = A' (I + La* Q)^-1
 * [La* A, th* - La* b] with the starred ones those of bin t and its data. */
INLINE void
step_back(int q, const nax_i_bic_dyn *x, const double *la, const double *th, double *la1,
          double *th1)
{
  enum { Q = NAX_I_BIC_Q };
  double m[Q * Q], rhs[Q * (Q + 1)];
  for (int i = 0; i < q; i++) {
    double lb = 0.0;
    for (int j = 0; j < q; j++) {
      double lq = i == j ? 1.0 : 0.0, lx = 0.0;
      for (int k = 0; k < q; k++) {
        lq += la[i * q + k] * x->q[k * q + j];
        lx += la[i * q + k] * x->a[k * q + j];
      }
      m[i * q + j] = lq;
      rhs[i * (q + 1) + j] = lx;
      lb += la[i * q + j] * x->b[j];
    }
    rhs[i * (q + 1) + q] = th[i] - lb;
  }
  solve_general(q, m, q + 1, rhs);
  for (int i = 0; i < q; i++) {
    th1[i] = 0.0;
    for (int k = 0; k < q; k++) {
      th1[i] += x->a[k * q + i] * rhs[k * (q + 1) + q];
    }
    for (int j = 0; j <= i; j++) {
      double s = 0.0, t = 0.0;
      for (int k = 0; k < q; k++) {
        s += x->a[k * q + i] * rhs[k * (q + 1) + j];
        t += x->a[k * q + j] * rhs[k * (q + 1) + i];
      }
      la1[i * q + j] = la1[j * q + i] = 0.5 * (s + t);
    }
  }
}

/* Mean and covariance of a bin given the data up to it, from its prediction (m, v) and
 * its data (rt, ht): in place. */
INLINE void
absorb(int q, const double *rt, const double *ht, double *m, double *v)
{
  enum { Q = NAX_I_BIC_Q };
  double g[Q * Q], rhs[Q * (Q + 1)];
  for (int i = 0; i < q; i++) {
    double vh = m[i];
    for (int j = 0; j < q; j++) {
      double s = i == j ? 1.0 : 0.0;
      for (int k = 0; k < q; k++) {
        s += v[i * q + k] * rt[k * q + j];
      }
      g[i * q + j] = s;
      rhs[i * (q + 1) + j] = v[i * q + j];
      vh += v[i * q + j] * ht[j];
    }
    rhs[i * (q + 1) + q] = vh;
  }
  solve_general(q, g, q + 1, rhs);
  for (int i = 0; i < q; i++) {
    m[i] = rhs[i * (q + 1) + q];
    for (int j = 0; j <= i; j++) {
      v[i * q + j] = v[j * q + i] = 0.5 * (rhs[i * (q + 1) + j] + rhs[j * (q + 1) + i]);
    }
  }
}

INLINE void
predict(int q, const nax_i_bic_dyn *x, const double *m, const double *v, double *m1,
        double *v1)
{
  enum { Q = NAX_I_BIC_Q };
  double av[Q * Q];
  for (int i = 0; i < q; i++) {
    m1[i] = x->b[i];
    for (int j = 0; j < q; j++) {
      m1[i] += x->a[i * q + j] * m[j];
      av[i * q + j] = 0.0;
      for (int k = 0; k < q; k++) {
        av[i * q + j] += x->a[i * q + k] * v[k * q + j];
      }
    }
  }
  for (int i = 0; i < q; i++) {
    for (int j = 0; j <= i; j++) {
      double s = x->q[i * q + j];
      for (int k = 0; k < q; k++) {
        s += av[i * q + k] * x->a[j * q + k];
      }
      v1[i * q + j] = v1[j * q + i] = s;
    }
  }
}

/* One group: its dynamics, its data and its messages. */
typedef struct messages {
  const nax_i_bic_dyn *dyn;
  const double *rt, *ht;
  double *m, *v, *th, *la;
  int q;
} messages;

static messages
messages_of(const nax_i_bic_chain *c, nax_index g)
{
  const nax_i_bic_cluster *x = nax_i_bic_group(c, g);
  nax_index vector = c->d->t * c->d->rows, matrix = vector * c->d->rows;
  nax_index n = nax_i_bic_n_groups(c);
  messages out = {.dyn = x->dyn,
                  .rt = nax_i_bic_information_matrix(c, g),
                  .ht = nax_i_bic_information_vector(c, g),
                  .q = x->q};
  out.m = c->filter + g * vector;
  out.v = c->filter + n * vector + g * matrix;
  out.th = c->filter + n * (vector + matrix) + g * vector;
  out.la = c->filter + n * (2 * vector + matrix) + g * matrix;
  return out;
}

/* Forward messages of bin t under the state it has. */
INLINE void
forward_of(int q, const nax_i_bic_chain *c, const messages *x, nax_index t)
{
  double *m = x->m + t * q, *v = x->v + t * q * q;
  if (c->d->first[t]) {
    for (int i = 0; i < q; i++) {
      m[i] = 0.0;
      for (int j = 0; j < q; j++) {
        v[i * q + j] = i == j ? 1.0 : 0.0;
      }
    }
  } else {
    predict(q, &x->dyn[c->xi[t]], m - q, v - q * q, m, v);
  }
  absorb(q, x->rt + t * q * q, x->ht + t * q, m, v);
}

/* Backward message of bin t under the state of the next. */
INLINE void
back_of(int q, const nax_i_bic_chain *c, const messages *x, nax_index t)
{
  enum { Q = NAX_I_BIC_Q };
  const nax_i_bic_data *d = c->d;
  double *th = x->th + t * q, *la = x->la + t * q * q, ls[Q * Q], ts[Q];
  if (t + 1 >= d->t || d->first[t + 1]) {
    memset(th, 0, (size_t)q * sizeof *th);
    memset(la, 0, (size_t)(q * q) * sizeof *la);
    return;
  }
  for (int i = 0; i < q * q; i++) {
    ls[i] = la[q * q + i] + x->rt[(t + 1) * q * q + i];
  }
  for (int i = 0; i < q; i++) {
    ts[i] = th[q + i] + x->ht[(t + 1) * q + i];
  }
  step_back(q, &x->dyn[c->xi[t + 1]], ls, ts, la, th);
}

static void
go_forward(const nax_i_bic_chain *c, nax_index t)
{
  for (nax_index g = 0; g < nax_i_bic_n_groups(c); g++) {
    messages x = messages_of(c, g);
    FOR_Q(forward_of, x.q, c, &x, t)
  }
}

static void
go_back(const nax_i_bic_chain *c, nax_index t)
{
  for (nax_index g = 0; g < nax_i_bic_n_groups(c); g++) {
    messages x = messages_of(c, g);
    FOR_Q(back_of, x.q, c, &x, t)
  }
}

/* What one group adds to the log weight of each state of bin t. */
INLINE void
weigh_of(int q, const nax_i_bic_chain *c, const messages *x, nax_index t, double *weight)
{
  enum { Q = NAX_I_BIC_Q };
  double ls[Q * Q], ts[Q];
  for (int i = 0; i < q * q; i++) {
    ls[i] = x->la[t * q * q + i] + x->rt[t * q * q + i];
  }
  for (int i = 0; i < q; i++) {
    ts[i] = x->th[t * q + i] + x->ht[t * q + i];
  }
  for (int s = 0; s < c->d->l; s++) {
    if (weight[s] > -HUGE_VAL) {
      double y =
          log_integral(q, &x->dyn[s], x->m + (t - 1) * q, x->v + (t - 1) * q * q, ls, ts);
      weight[s] = y == y && y < HUGE_VAL ? weight[s] + y : -HUGE_VAL;
    }
  }
}

static void
one_state(nax_i_bic_chain *c, nax_index t, nax_rng *r)
{
  const nax_i_bic_data *d = c->d;
  double weight[NAX_I_BIC_L];
  int l = d->l, inner = !d->first[t - 1], next = t + 1 < d->t && !d->first[t + 1];
  for (int s = 0; s < l; s++) {
    weight[s] = inner ? log(c->pi[c->xi[t - 1] * l + s]) : 0.0;
    weight[s] += next ? log(c->pi[s * l + c->xi[t + 1]]) : 0.0;
  }
  for (nax_index g = 0; g < nax_i_bic_n_groups(c); g++) {
    messages x = messages_of(c, g);
    FOR_Q(weigh_of, x.q, c, &x, t, weight)
  }
  nax_index s = nax_i_bic_pick(r, l, weight);
  if (s >= 0) {
    c->xi[t] = (uint8_t)s;
  }
}

/* What one group adds to the log weight of bins a to b - 1 being in state s. */
INLINE void
piece_of(int q, const messages *x, nax_index a, nax_index b, int s, double *out)
{
  enum { Q = NAX_I_BIC_Q };
  double mean[Q], cov[Q * Q], next_m[Q], next_v[Q * Q], ls[Q * Q], ts[Q];
  const nax_i_bic_dyn *dyn = &x->dyn[s];
  nax_index last = b - 1, at = a - 1;
  for (int i = 0; i < q * q; i++) {
    ls[i] = x->la[last * q * q + i] + x->rt[last * q * q + i];
    cov[i] = x->v[at * q * q + i];
  }
  for (int i = 0; i < q; i++) {
    ts[i] = x->th[last * q + i] + x->ht[last * q + i];
    mean[i] = x->m[at * q + i];
  }
  for (at++; at < last; at++) {
    const double *rt = x->rt + at * q * q, *ht = x->ht + at * q;
    *out += log_integral(q, dyn, mean, cov, rt, ht);
    predict(q, dyn, mean, cov, next_m, next_v);
    memcpy(mean, next_m, (size_t)q * sizeof *mean);
    memcpy(cov, next_v, (size_t)(q * q) * sizeof *cov);
    absorb(q, rt, ht, mean, cov);
  }
  *out += log_integral(q, dyn, mean, cov, ls, ts);
}

/* Log weight of bins a to b - 1 being in state s, paths integrated out. */
static double
piece_weight(const nax_i_bic_chain *c, nax_index a, nax_index b, int s)
{
  const nax_i_bic_data *d = c->d;
  int l = d->l;
  double out = (double)(b - a - 1) * log(c->pi[s * l + s]);
  out += d->first[a - 1] ? 0.0 : log(c->pi[c->xi[a - 1] * l + s]);
  out += b == d->t || d->first[b] ? 0.0 : log(c->pi[s * l + c->xi[b]]);
  for (nax_index g = 0; g < nax_i_bic_n_groups(c); g++) {
    messages x = messages_of(c, g);
    FOR_Q(piece_of, x.q, &x, a, b, s, &out)
  }
  return out == out && out < HUGE_VAL ? out : -HUGE_VAL;
}

/* Bins a to b - 1, all in one state, get a common new one. It is proposed by how many of
 * the bins elsewhere (`count`) are in it, which the move does not change. */
static void
one_piece(nax_i_bic_chain *c, nax_index a, nax_index b, double *count, nax_rng *r)
{
  int l = c->d->l, old = c->xi[a];
  count[old] -= (double)(b - a);
  int new = (int)nax_rng_choice(r, l, count);
  double log_u = log(nax_rng_uniform_pos(r));
  if (new != old) {
    double ratio = piece_weight(c, a, b, new) - piece_weight(c, a, b, old) +
                   log(count[old]) - log(count[new]);
    c->piece.proposed += 1.0;
    if (log_u < ratio) {
      c->piece.accepted += 1.0;
      memset(c->xi + a, new, (size_t)(b - a));
    }
  }
  count[c->xi[a]] += (double)(b - a);
}

void
nax_i_bic_scan(nax_i_bic_chain *c, nax_rng *r, int backwards)
{
  const nax_i_bic_data *d = c->d;
  for (nax_index t = d->t - 1; t >= 0 && !backwards; t--) {
    go_back(c, t);
  }
  for (nax_index t = 0; t < d->t && backwards; t++) {
    go_forward(c, t);
  }
  for (nax_index i = 0; i < d->t; i++) {
    nax_index t = backwards ? d->t - 1 - i : i;
    if (backwards) {
      go_back(c, t);
    }
    if (!d->first[t]) {
      one_state(c, t, r);
    }
    if (!backwards) {
      go_forward(c, t);
    }
  }
}

void
nax_i_bic_pieces(nax_i_bic_chain *c, nax_rng *r, double length)
{
  const nax_i_bic_data *d = c->d;
  double count[NAX_I_BIC_L];
  for (int s = 0; s < d->l; s++) {
    count[s] = 1.0;
  }
  for (nax_index t = 1; t < d->t; t++) {
    count[c->xi[t]] += !d->first[t];
  }
  for (nax_index t = d->t - 1; t >= 0; t--) {
    go_back(c, t);
  }
  for (nax_index a = 0, b; a < d->t; a = b) {
    int same = !d->first[a];
    b = a + 1;
    while (same && b < d->t && !d->first[b] && nax_rng_uniform(r) * length >= 1.0) {
      b++;
    }
    for (nax_index t = a; t < b; t++) {
      same = same && c->xi[t] == c->xi[a];
    }
    if (same && b - a > 1) {
      one_piece(c, a, b, count, r);
    }
    for (nax_index t = a; t < b; t++) {
      go_forward(c, t);
    }
  }
}
