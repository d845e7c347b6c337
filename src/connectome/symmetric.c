/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pair factors that are made of memberships: the motif of component r is the sum over its
 * communities q of h_q h_q', off the diagonal.
 *
 * The diagonal being no part of the tensor, the model is linear in what belongs to one
 * neuron, given the others: its memberships in all components are the solution of one
 * least-squares problem with a bound, so that going from neuron to neuron never makes the
 * fit worse. With m the product of the tensor with the other factors and G the Gram
 * matrix of these, row i solves min 1/2 z'Kz - c'z, c_rq = sum_j m_(ij)r h_jq and K_rq,sp
 * = sum_j G_rs h_jq h_jp. */
#include "connectome_i.h"
#include <math.h>

static nax_i_symmetric *
of(nax_i_ntf_made *x)
{
  return (nax_i_symmetric *)x;
}

/* Memberships of start `start`: neuron by neuron, component by component. */
static double *
of_start(const nax_i_symmetric *s, int64_t start)
{
  return s->h + (start % s->n_starts) * s->n * s->rank * s->q;
}

/* Pair factor of component r. */
static double
entry(const nax_i_symmetric *s, const double *h, nax_index p, int64_t r)
{
  const double *a = h + (s->e->i[p] * s->rank + r) * s->q;
  const double *b = h + (s->e->j[p] * s->rank + r) * s->q;
  double sum = 0.0;
  for (int64_t k = 0; k < s->q; k++) {
    sum += a[k] * b[k];
  }
  return sum;
}

static void
make(const nax_i_symmetric *s, const double *h, int64_t ld, double *f)
{
  for (nax_index p = 0; p < s->e->n_pairs; p++) {
    for (int64_t r = 0; r < s->rank; r++) {
      f[p * ld + r] = entry(s, h, p, r);
    }
  }
}

static void
multiply(const nax_i_symmetric *s, double *h, int64_t r, double by)
{
  for (nax_index i = 0; i < s->n; i++) {
    for (int64_t k = 0; k < s->q; k++) {
      h[(i * s->rank + r) * s->q + k] *= by;
    }
  }
}

static void
draw(const nax_i_symmetric *s, nax_rng *rng, double *h, int64_t r)
{
  for (nax_index i = 0; i < s->n; i++) {
    for (int64_t k = 0; k < s->q; k++) {
      h[(i * s->rank + r) * s->q + k] = nax_rng_uniform_pos(rng);
    }
  }
}

static nax_status
begin(nax_i_ntf_made *x, nax_ctx *ctx, int64_t start, uint64_t seed, int64_t ld,
      double *f)
{
  nax_i_symmetric *s = of(x);
  double *h = of_start(s, start);
  nax_rng rng;
  (void)ctx;
  s->seed = seed;
  if (s->init != NULL) {
    memcpy(h, s->init, (size_t)(s->n * s->rank * s->q) * sizeof *h);
  } else {
    nax_i_rng_init(&rng, seed, ((uint64_t)1 << 33) + (uint64_t)start);
    for (int64_t r = 0; r < s->rank; r++) {
      draw(s, &rng, h, r);
    }
  }
  make(s, h, ld, f);
  return NAX_OK;
}

/* Follow what happened to the columns since: they were scaled, or begun anew. */
static void
follow(const nax_i_symmetric *s, const nax_i_ntf_update *u, double *h)
{
  for (int64_t r = 0; r < s->rank; r++) {
    double now = 0.0, made = 0.0;
    for (nax_index p = 0; p < s->e->n_pairs; p++) {
      double a = u->a[p * u->ld + r], b = entry(s, h, p, r);
      now += a * a;
      made += b * b;
    }
    if (!(made > 0.0) && now > 0.0) {
      nax_rng rng;
      nax_i_rng_init(&rng, s->seed,
                     ((uint64_t)1 << 34) + (uint64_t)(u->start * s->rank + r));
      draw(s, &rng, h, r);
      for (nax_index p = 0; p < s->e->n_pairs; p++) {
        double b = entry(s, h, p, r);
        made += b * b;
      }
    }
    multiply(s, h, r, made > 0.0 ? pow(now / made, 0.25) : 0.0);
  }
}

/* Least squares of one neuron: coordinate descent on z from where it is. Returns what it
 * gained. */
static double
solve(int64_t n, const double *k, const double *c, double *z)
{
  enum { SWEEPS = 50 };
  double total = 0.0, first = 0.0;
  for (int sweep = 0; sweep < SWEEPS; sweep++) {
    double gain = 0.0;
    for (int64_t a = 0; a < n; a++) {
      double curve = k[a * n + a], slope = -c[a];
      if (!(curve > 0.0)) {
        continue;
      }
      for (int64_t b = 0; b < n; b++) {
        slope += k[a * n + b] * z[b];
      }
      double to = fmax(0.0, z[a] - slope / curve), step = to - z[a];
      gain -= step * slope + 0.5 * step * step * curve;
      z[a] = to;
    }
    total += gain;
    first = sweep == 0 ? gain : first;
    if (gain <= 1e-3 * first) {
      break;
    }
  }
  return total;
}

typedef struct scratch {
  double *k, *c, *all; /* all: sum over all neurons of h h' */
} scratch;

/* K and c of neuron i. */
static void
problem(const nax_i_symmetric *s, const nax_i_ntf_update *u, const double *gram,
        const nax_index *group, const double *h, nax_index i, const scratch *t)
{
  int64_t q = s->q, n = s->rank * q, ld = u->ld;
  int whole = group == NULL && s->e->n_pairs == nax_i_n_pairs(s->n);
  memset(t->c, 0, (size_t)n * sizeof *t->c);
  memset(t->k, 0, (size_t)(n * n) * sizeof *t->k);
  for (nax_index j = 0; j < s->n; j++) {
    nax_index p = s->pair[i + s->n * j];
    if (p < 0) {
      continue;
    }
    const double *hj = h + j * n, *m = u->m + p * ld;
    for (int64_t r = 0; r < s->rank; r++) {
      for (int64_t k = 0; k < q; k++) {
        t->c[r * q + k] += m[r] * hj[r * q + k];
      }
    }
    const double *g = gram + (group != NULL ? group[p] * ld * ld : 0);
    for (int64_t a = 0; !whole && a < n; a++) {
      for (int64_t b = 0; b < n; b++) {
        t->k[a * n + b] += g[a / q * ld + b / q] * hj[a] * hj[b];
      }
    }
  }
  const double *hi = h + i * n;
  for (int64_t a = 0; whole && a < n; a++) {
    for (int64_t b = 0; b < n; b++) {
      t->k[a * n + b] = gram[a / q * ld + b / q] * (t->all[a * n + b] - hi[a] * hi[b]);
    }
  }
}

static void
sum_all(const nax_i_symmetric *s, const double *h, double *all)
{
  int64_t n = s->rank * s->q;
  memset(all, 0, (size_t)(n * n) * sizeof *all);
  for (nax_index i = 0; i < s->n; i++) {
    const double *hi = h + i * n;
    for (int64_t a = 0; a < n; a++) {
      for (int64_t b = 0; b < n; b++) {
        all[a * n + b] += hi[a] * hi[b];
      }
    }
  }
}

/* One neuron; `first` (a round): count how far its row was from the optimum. */
static double
one_neuron(const nax_i_symmetric *s, const nax_i_ntf_update *u, const double *gram,
           const nax_index *group, double *h, nax_index i, int first, const scratch *t,
           double *bad, double *all)
{
  int64_t n = s->rank * s->q;
  double *z = h + i * n;
  problem(s, u, gram, group, h, i, t);
  for (int64_t a = 0; first && a < n; a++) {
    double slope = -t->c[a];
    for (int64_t b = 0; b < n; b++) {
      slope += t->k[a * n + b] * z[b];
    }
    double v = fmin(z[a], slope);
    *bad += v * v;
    *all += t->c[a] * t->c[a];
  }
  for (int64_t a = 0; a < n; a++) {
    for (int64_t b = 0; b < n; b++) {
      t->all[a * n + b] -= z[a] * z[b];
    }
  }
  double gain = solve(n, t->k, t->c, z);
  for (int64_t a = 0; a < n; a++) {
    for (int64_t b = 0; b < n; b++) {
      t->all[a * n + b] += z[a] * z[b];
    }
  }
  return gain;
}

static nax_status
update(nax_i_ntf_made *x, nax_ctx *ctx, const nax_i_ntf_update *u, const double *gram,
       const nax_index *group, double *bad, double *all)
{
  enum { ROUNDS = 10 };
  nax_status status = NAX_OK;
  const nax_i_symmetric *s = of(x);
  int64_t n = s->rank * s->q;
  double *h = of_start(s, u->start), first = 0.0;
  scratch t = {NULL, NULL, NULL};
  NAX_TRY_ALLOC(t.k, n, (size_t)n * sizeof(double));
  NAX_TRY_ALLOC(t.c, n, sizeof(double));
  NAX_TRY_ALLOC(t.all, n, (size_t)n * sizeof(double));
  follow(s, u, h);
  for (int round = 0; round < ROUNDS; round++) {
    double gain = 0.0;
    sum_all(s, h, t.all); /* anew: what is taken off and put on leaves rounding */
    for (nax_index i = 0; i < s->n; i++) {
      gain += one_neuron(s, u, gram, group, h, i, round == 0, &t, bad, all);
    }
    first = round == 0 ? gain : first;
    if (gain <= 1e-2 * first) {
      break;
    }
  }
  make(s, h, u->ld, u->a);
done:
  nax_i_free(t.k);
  nax_i_free(t.c);
  nax_i_free(t.all);
  return status;
}

/* --- from outside --------------------------------------------------------------------
 */

void
nax_i_symmetric_free(nax_i_symmetric *s)
{
  nax_i_free(s->h);
  nax_i_free(s->pair);
  *s = (nax_i_symmetric){.n = 0};
}

nax_status
nax_i_symmetric_init(nax_ctx *ctx, nax_index n, const nax_i_extent *e, int64_t rank,
                     int64_t q, int64_t n_starts, const double *init, nax_i_symmetric *s)
{
  nax_status status = NAX_OK;
  *s = (nax_i_symmetric){.made = {begin, update},
                         .e = e,
                         .n = n,
                         .rank = rank,
                         .q = q,
                         .n_starts = n_starts,
                         .init = init};
  NAX_TRY_ALLOC(s->h, n * rank, (size_t)(q * n_starts) * sizeof *s->h);
  NAX_TRY_ALLOC(s->pair, n, (size_t)n * sizeof *s->pair);
  for (nax_index k = 0; k < n * n; k++) {
    s->pair[k] = -1;
  }
  for (nax_index p = 0; p < e->n_pairs; p++) {
    s->pair[e->i[p] + n * e->j[p]] = s->pair[e->j[p] + n * e->i[p]] = p;
  }
done:
  if (status != NAX_OK) {
    nax_i_symmetric_free(s);
  }
  return status;
}

size_t
nax_i_symmetric_memory(nax_index n, int64_t rank, int64_t q, int64_t n_starts)
{
  return (size_t)(n * rank * q * n_starts) * sizeof(double) +
         (size_t)(n * n) * sizeof(nax_index);
}

nax_status
nax_i_symmetric_take(nax_ctx *ctx, const nax_i_symmetric *s, const nax_ntf *m,
                     double **out)
{
  nax_status status = NAX_OK;
  double *gain = NULL, *norm = NULL, *to = NULL;
  int64_t *match = NULL, rank = s->rank;
  const double *h = of_start(s, nax_i_ntf_best(m));
  NAX_TRY_ALLOC(gain, rank * rank, sizeof *gain);
  NAX_TRY_ALLOC(norm, rank, sizeof *norm);
  NAX_TRY_ALLOC(match, rank, sizeof *match);
  NAX_TRY_ALLOC(to, s->n * rank, (size_t)s->q * sizeof *to);
  for (nax_index p = 0; p < s->e->n_pairs; p++) {
    for (int64_t k = 0; k < rank; k++) {
      double v = entry(s, h, p, k);
      norm[k] += v * v;
      for (int64_t r = 0; r < rank; r++) {
        gain[r * rank + k] += v * nax_ntf_factor(m, 2)[p + s->e->n_pairs * r];
      }
    }
  }
  for (int64_t k = 0; k < rank * rank; k++) {
    double size = sqrt(norm[k % rank]);
    gain[k] = size > 0.0 ? gain[k] / size : 0.0;
  }
  NAX_TRY(nax_i_assign(ctx, rank, gain, match));
  for (int64_t r = 0; r < rank; r++) {
    double by = norm[match[r]] > 0.0 ? pow(norm[match[r]], -0.25) : 0.0;
    for (nax_index i = 0; i < s->n; i++) {
      for (int64_t k = 0; k < s->q; k++) {
        to[(i * rank + r) * s->q + k] = by * h[(i * rank + match[r]) * s->q + k];
      }
    }
  }
  *out = to;
  to = NULL;
done:
  nax_i_free(gain);
  nax_i_free(norm);
  nax_i_free(match);
  nax_i_free(to);
  return status;
}
