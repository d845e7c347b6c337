/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The evidence lower bound of a batch of trials and its gradient, written out by hand.
 *
 *   total = sum over trials of beta KL(q || p) - E_q log p(neurons) - E_q log
 * p(behaviour)
 *
 * The first two are in closed form (quadrature for the negative binomial); the last is
 * taken at one sample of the latents. Trials are independent and are worked on in
 * parallel; what they share is summed afterwards in their order. */
#include "gpvae_i.h"
#include "rng/rng_i.h"
#include <math.h>

static const double log_two_pi = 1.83787706640934548356;

struct nax_i_gpvae_work {
  const nax_i_gpvae_model *m;
  nax_index cols, trials; /* room */
  nax_index now;          /* columns of the batch in hand: stride of the latents */
  nax_i_mlp_run run[3];
  void *back, *spare; /* widest layer x cols */
  void *zin, *dzin;   /* inputs of the decoder */
  double *head[2];    /* 2 told x cols */
  double *dhead[2];
  double *h, *lam;           /* cols x q: potentials of all arms together */
  double *mean, *var, *z;    /* cols x q */
  double *dmean, *dvar, *dz; /* cols x q */
  double *d;                 /* f x t_max x q: basis times prior sd */
  double *c, *dlog;          /* f x q */
  nax_i_post *post;          /* trials x q */
  double *post_room, *noise; /* for them */
  double *coef;              /* fourier: f x q x trials of mean, log sd, sample */
  double *dcoef;             /* the same of the gradients: mean, log sd */
  double *scratch;           /* per trial */
  nax_index scratch_size;
  double *dpar; /* per trial: W, d, noise, log len, maps */
  nax_index dpar_size;
  double *terms; /* per trial: kl, neural */
  double *sse, *n_pixels;
};

/* Sizes that both allocation and the memory estimate need. */
typedef struct sizes {
  nax_index f, t, q, cq, told[2], widest, post, scratch, dpar, in_dec;
} sizes;

static sizes
measure(const nax_i_gpvae_model *m, nax_index cols)
{
  const nax_i_gpvae_shape *s = &m->shape;
  sizes z = {.f = m->basis.f, .t = m->basis.t, .q = s->q, .cq = cols * s->q};
  nax_index first;
  for (int arm = 0; arm < 2; arm++) {
    nax_i_gpvae_told(s, arm, &first, &z.told[arm]);
  }
  for (int k = 0; k < 3; k++) {
    nax_index wide = nax_i_mlp_widest(&m->mlp[k]);
    z.widest = wide > z.widest ? wide : z.widest;
  }
  z.post = nax_i_post_room(z.f, z.t) + z.f + z.t;
  z.scratch = nax_i_post_work(z.f, z.t) + 5 * s->n_neurons + 4 * (z.t + s->q) + 2 * z.f;
  z.dpar = m->n_small;
  z.in_dec = s->n_features > 0 ? s->q - s->dec_from : 0;
  return z;
}

size_t
nax_i_gpvae_work_bytes(const nax_i_gpvae_model *m, nax_index cols, nax_index trials)
{
  sizes z = measure(m, cols);
  nax_index real = 2 * z.widest + 2 * z.in_dec, doubles = 4 * (z.told[0] + z.told[1]);
  for (int k = 0; k < 3; k++) {
    for (int i = 0; i < m->mlp[k].n; i++) {
      real += m->mlp[k].layer[i].out;
    }
  }
  doubles = cols * doubles + 8 * z.cq + z.f * z.q * (z.t + 2) +
            trials * (z.q * (z.post + 5 * z.f) + z.scratch + z.dpar + 2) + 2 * cols;
  return (size_t)(real * cols) * m->net.real->size + (size_t)doubles * sizeof(double) +
         (size_t)(trials * z.q) * sizeof(nax_i_post);
}

nax_status
nax_i_gpvae_work_new(nax_ctx *ctx, const nax_i_gpvae_model *m, nax_index cols,
                     nax_index trials, nax_i_gpvae_work **out)
{
  nax_status status = NAX_OK;
  nax_i_gpvae_work *w = NULL;
  sizes z = measure(m, cols);
  const nax_i_real *real = m->net.real;
  *out = NULL;
  NAX_TRY_ALLOC(w, 1, sizeof *w);
  w->m = m;
  w->cols = cols;
  w->trials = trials;
  for (int k = 0; k < 3; k++) {
    NAX_TRY(nax_i_mlp_run_init(ctx, real, &m->mlp[k], cols, &w->run[k]));
  }
  NAX_TRY_ALLOC(w->back, z.widest * cols, real->size);
  NAX_TRY_ALLOC(w->spare, z.widest * cols, real->size);
  NAX_TRY_ALLOC(w->zin, z.in_dec * cols, real->size);
  NAX_TRY_ALLOC(w->dzin, z.in_dec * cols, real->size);
  for (int arm = 0; arm < 2; arm++) {
    NAX_TRY_ALLOC(w->head[arm], 2 * z.told[arm] * cols, sizeof(double));
    NAX_TRY_ALLOC(w->dhead[arm], 2 * z.told[arm] * cols, sizeof(double));
  }
  double **per_col[8] = {&w->h, &w->lam,   &w->mean, &w->var,
                         &w->z, &w->dmean, &w->dvar, &w->dz};
  for (int i = 0; i < 8; i++) {
    NAX_TRY_ALLOC(*per_col[i], z.cq, sizeof(double));
  }
  NAX_TRY_ALLOC(w->d, z.f * z.t * z.q, sizeof(double));
  NAX_TRY_ALLOC(w->c, z.f * z.q, sizeof(double));
  NAX_TRY_ALLOC(w->dlog, z.f * z.q, sizeof(double));
  NAX_TRY_ALLOC(w->post, trials * z.q, sizeof *w->post);
  NAX_TRY_ALLOC(w->post_room, trials * z.q * z.post, sizeof(double));
  NAX_TRY_ALLOC(w->coef, 3 * z.f * z.q * trials, sizeof(double));
  NAX_TRY_ALLOC(w->dcoef, 2 * z.f * z.q * trials, sizeof(double));
  w->scratch_size = z.scratch;
  w->dpar_size = z.dpar;
  NAX_TRY_ALLOC(w->scratch, trials * z.scratch, sizeof(double));
  NAX_TRY_ALLOC(w->dpar, trials * z.dpar, sizeof(double));
  NAX_TRY_ALLOC(w->terms, 2 * trials, sizeof(double));
  NAX_TRY_ALLOC(w->sse, cols, sizeof(double));
  NAX_TRY_ALLOC(w->n_pixels, cols, sizeof(double));
  *out = w;
  w = NULL;
done:
  nax_i_gpvae_work_free(w);
  return status;
}

void
nax_i_gpvae_work_free(nax_i_gpvae_work *w)
{
  if (w == NULL) {
    return;
  }
  for (int k = 0; k < 3; k++) {
    nax_i_mlp_run_free(&w->run[k]);
  }
  for (int arm = 0; arm < 2; arm++) {
    nax_i_free(w->head[arm]);
    nax_i_free(w->dhead[arm]);
  }
  void *all[] = {w->back,    w->spare, w->zin,   w->dzin,      w->h,        w->lam,
                 w->mean,    w->var,   w->z,     w->dmean,     w->dvar,     w->dz,
                 w->d,       w->c,     w->dlog,  w->post_room, w->post,     w->coef,
                 w->scratch, w->dpar,  w->terms, w->sse,       w->n_pixels, w->dcoef};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
    nax_i_free(all[i]);
  }
  nax_i_free(w);
}

nax_i_gpvae_view
nax_i_gpvae_look(const nax_i_gpvae_work *w)
{
  int n = w->m->mlp[2].n;
  return (nax_i_gpvae_view){w->mean, w->var, n > 0 ? w->run[2].out[n - 1] : NULL};
}

/* --- one run ------------------------------------------------------------------------ */

typedef struct run {
  nax_i_gpvae_model *m;
  const nax_i_gpvae_batch *b;
  const nax_i_gpvae_how *how;
  nax_i_gpvae_work *w;
  double scale; /* of the gradients: 1 / trials */
} run;

/* Basis times prior standard deviation, and prior variances, of each latent. */
static void
prepare_prior(run *r)
{
  nax_i_gpvae_work *w = r->w;
  const nax_i_basis *basis = &r->m->basis;
  nax_index f = basis->f;
  for (nax_index l = 0; l < r->m->shape.q; l++) {
    double *c = w->c + l * f, *d = w->d + l * f * basis->t;
    nax_i_basis_prior(basis, exp(r->m->small[r->m->at_len + l]), c, w->dlog + l * f);
    for (nax_index j = 0; j < basis->t; j++) {
      for (nax_index k = 0; k < f; k++) {
        d[k + j * f] = sqrt(c[k]) * basis->b[k + j * f];
      }
    }
  }
}

/* Latent l is told of by the arm: its place among those, or -1. */
static nax_index
place(const nax_i_gpvae_shape *s, int arm, nax_index l, nax_index *told)
{
  nax_index first;
  nax_i_gpvae_told(s, arm, &first, told);
  return l >= first && l < first + *told ? l - first : -1;
}

/* Logarithms of precisions are kept within bounds where exp neither overflows nor leaves
 * a matrix that is numerically singular. */
static double
precision(double a, double *slope)
{
  double e = exp(a < -20.0 ? -20.0 : a > 12.0 ? 12.0 : a);
  *slope = a > -20.0 && a < 12.0 ? e : 0.0;
  return e;
}

static void
gather_potential(const run *r, nax_index l, nax_index c0, nax_index t)
{
  nax_i_gpvae_work *w = r->w;
  double *h = w->h + l * w->now + c0, *lam = w->lam + l * w->now + c0, slope;
  memset(h, 0, (size_t)t * sizeof *h);
  memset(lam, 0, (size_t)t * sizeof *lam);
  for (int arm = 0; arm < 2; arm++) {
    nax_index told, at = place(&r->m->shape, arm, l, &told);
    for (nax_index j = 0; j < t && at >= 0; j++) {
      const double *head = w->head[arm] + 2 * told * (c0 + j);
      if (r->b->has[arm][c0 + j]) {
        h[j] += head[at];
        lam[j] += precision(head[told + at], &slope);
      }
    }
  }
}

static nax_status
potential_forward(const run *r, nax_index k, double *scratch)
{
  nax_status status = NAX_OK;
  nax_i_gpvae_work *w = r->w;
  const nax_i_basis *basis = &r->m->basis;
  nax_index q = r->m->shape.q, f = basis->f, c0 = r->b->first[k];
  nax_index t = r->b->first[k + 1] - c0;
  nax_index room = nax_i_post_room(f, basis->t) + f + basis->t;
  nax_rng rng;
  nax_i_rng_init(&rng, r->how->seed, r->b->stream[k]);
  for (nax_index l = 0; l < q; l++) {
    nax_i_post *p = &w->post[k * q + l];
    double *own = w->post_room + (k * q + l) * room, kl;
    double *e = own + nax_i_post_room(f, basis->t);
    nax_i_post_place(p, f, basis->t, own);
    for (nax_index i = 0; i < f + t; i++) {
      e[i] = nax_rng_normal(&rng, 0.0, 1.0);
    }
    p->t = t;
    p->d = w->d + l * f * basis->t;
    p->e0 = e;
    p->e1 = e + f;
    gather_potential(r, l, c0, t);
    nax_index at = l * w->now + c0;
    NAX_TRY(nax_i_post_forward(p, w->h + at, w->lam + at, w->mean + at, w->var + at,
                               w->z + at, &kl, scratch));
    w->terms[2 * k] += kl;
  }
done:
  return status;
}

/* Number of arms that tell of latent l in trial k. */
static int
tellers(const run *r, nax_index k, nax_index l, int tells[2])
{
  int n = 0;
  for (int arm = 0; arm < 2; arm++) {
    nax_index told;
    tells[arm] = 0;
    if (place(&r->m->shape, arm, l, &told) >= 0) {
      for (nax_index j = r->b->first[k]; j < r->b->first[k + 1]; j++) {
        tells[arm] = tells[arm] || r->b->has[arm][j];
      }
    }
    n += tells[arm];
  }
  return n;
}

static void
fourier_forward(const run *r, nax_index k)
{
  nax_i_gpvae_work *w = r->w;
  const nax_i_basis *basis = &r->m->basis;
  nax_index q = r->m->shape.q, f = basis->f, c0 = r->b->first[k];
  nax_index t = r->b->first[k + 1] - c0, size = f * q * w->trials;
  int released = r->m->shape.objective == NAX_GPVAE_RELEASED;
  nax_rng rng;
  nax_i_rng_init(&rng, r->how->seed, r->b->stream[k]);
  for (nax_index l = 0; l < q; l++) {
    double *mu = w->coef + (k * q + l) * f, *ls = mu + size, *zeta = ls + size;
    const double *c = w->c + l * f;
    int tells[2], n = tellers(r, k, l, tells);
    for (nax_index i = 0; i < f; i++) {
      mu[i] = 0.0;
      ls[i] = n > 0 ? 0.0 : 0.5 * log(c[i]);
    }
    for (int arm = 0; arm < 2; arm++) {
      nax_index told, at = place(&r->m->shape, arm, l, &told);
      if (!tells[arm]) {
        continue;
      }
      const double *map = r->m->small + r->m->at_map[arm], *bias = map + basis->t * f;
      const double *sd = bias + f;
      for (nax_index i = 0; i < f; i++) {
        double a = bias[i], b = 0.0;
        for (nax_index j = 0; j < t; j++) {
          const double *head = w->head[arm] + 2 * told * (c0 + j);
          a += map[j + i * basis->t] * head[at];
          b += sd[j + i * basis->t] * head[told + at];
        }
        mu[i] += a / n;
        ls[i] += b / n;
      }
    }
    double kl = 0.0;
    for (nax_index i = 0; i < f; i++) {
      double s = exp(ls[i]);
      double e = r->how->noise != NULL ? r->how->noise[(k * q + l) * f + i]
                                       : nax_rng_normal(&rng, 0.0, 1.0);
      zeta[i] = mu[i] + s * e;
      double quad = released ? (mu[i] + s) * (mu[i] + s) : mu[i] * mu[i] + s * s;
      kl += 0.5 * (quad / c[i] + log(c[i]) + (released ? log_two_pi : -1.0)) - ls[i];
    }
    w->terms[2 * k] += kl;
    for (nax_index j = 0; j < t; j++) {
      const double *b = basis->b + j * f;
      double m = 0.0, v = 0.0, z = 0.0;
      for (nax_index i = 0; i < f; i++) {
        m += b[i] * mu[i];
        v += b[i] * b[i] * exp(released ? ls[i] : 2.0 * ls[i]);
        z += b[i] * zeta[i];
      }
      nax_index at = l * w->now + c0 + j;
      w->mean[at] = m;
      w->var[at] = v;
      w->z[at] = z;
    }
  }
}

/* Likelihood of the neurons in one trial, with the gradients by W, d, noise (into dpar)
 * and by means and variances of the latents. */
static void
neural_trial(const run *r, nax_index k, double *scratch, double *dpar)
{
  nax_i_gpvae_work *w = r->w;
  const nax_i_gpvae_shape *s = &r->m->shape;
  nax_index n = s->n_neurons, q = s->q_neural;
  const double *weight = r->m->small + r->m->at_w, *d = r->m->small + r->m->at_d;
  const double *noise = r->m->small + r->m->at_noise;
  double *eta = scratch, *u = eta + n, *deta = u + n, *du = deta + n, *dnoise = du + n;
  double *m = dnoise + n, *v = m + q, *dm = v + q, *dv = dm + q;
  double scale = r->scale * r->how->weight[0], sum = 0.0;
  double *dw = dpar + r->m->at_w, *dd = dpar + r->m->at_d;
  memset(dnoise, 0, (size_t)n * sizeof *dnoise);
  for (nax_index j = r->b->first[k]; j < r->b->first[k + 1]; j++) {
    for (nax_index l = 0; l < q; l++) {
      m[l] = w->mean[l * w->now + j];
      v[l] = w->var[l * w->now + j];
    }
    nax_i_gpvae_mix(n, q, weight, d, m, v, eta, u);
    memset(deta, 0, (size_t)n * sizeof *deta);
    memset(du, 0, (size_t)n * sizeof *du);
    sum += nax_i_gpvae_neural(s->likelihood, n, r->b->y + j * n, eta, u, noise, deta, du,
                              dnoise);
    if (!r->how->gradient) {
      continue;
    }
    nax_i_gpvae_unmix(n, q, weight, m, v, scale, deta, du, dm, dv, dw, dd);
    for (nax_index l = 0; l < q; l++) {
      w->dmean[l * w->now + j] = dm[l];
      w->dvar[l * w->now + j] = dv[l];
    }
  }
  for (nax_index i = 0; i < n && s->likelihood != NAX_GPVAE_POISSON; i++) {
    dpar[r->m->at_noise + i] += scale * dnoise[i];
  }
  w->terms[2 * k + 1] = sum;
}

static nax_status
forward_trial(int64_t k, void *arg)
{
  nax_status status = NAX_OK;
  const run *r = arg;
  nax_i_gpvae_work *w = r->w;
  double *scratch = w->scratch + k * w->scratch_size;
  double *dpar = w->dpar + k * w->dpar_size;
  nax_index c0 = r->b->first[k], t = r->b->first[k + 1] - c0;
  w->terms[2 * k] = w->terms[2 * k + 1] = 0.0;
  memset(dpar, 0, (size_t)w->dpar_size * sizeof *dpar);
  for (nax_index l = 0; l < r->m->shape.q; l++) {
    double *clear[3] = {w->dmean, w->dvar, w->dz};
    for (int i = 0; i < 3; i++) {
      memset(clear[i] + l * w->now + c0, 0, (size_t)t * sizeof(double));
    }
  }
  if (r->m->shape.encoder == NAX_GPVAE_FOURIER) {
    fourier_forward(r, k);
  } else {
    NAX_TRY(potential_forward(r, k, scratch));
  }
  if (r->m->shape.n_neurons > 0) {
    neural_trial(r, k, scratch, dpar);
  }
done:
  return status;
}

/* --- behaviour ---------------------------------------------------------------------- */

enum { COLUMNS = 64 };

static nax_status
residual_block(int64_t block, void *arg)
{
  const run *r = arg;
  nax_i_gpvae_work *w = r->w;
  const nax_i_real *real = r->m->net.real;
  const nax_i_components *c = r->b->components;
  nax_index n = r->m->shape.n_features, p = c != NULL ? c->p : n, lo = block * COLUMNS;
  nax_index hi = lo + COLUMNS < r->b->cols ? lo + COLUMNS : r->b->cols;
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  double *told = NULL;
  double inverse = exp(-r->m->small[r->m->at_v]) * r->scale * r->how->weight[1];
  const char *out = w->run[2].out[r->m->mlp[2].n - 1];
  for (nax_index j = lo; j < hi; j++) {
    size_t at = (size_t)(j * n) * real->size, bytes = (size_t)n * real->size;
    void *o = (char *)w->back + at;
    const char *x = (const char *)r->b->x + at;
    const unsigned char *seen = r->b->seen != NULL ? r->b->seen + j * p : NULL;
    w->sse[j] = w->n_pixels[j] = 0.0;
    if (!r->b->has[1][j]) {
      memset(o, 0, bytes);
      continue;
    }
    memcpy(o, out + at, bytes);
    w->n_pixels[j] = (double)p;
    for (nax_index i = 0; i < p && seen != NULL; i++) {
      w->n_pixels[j] -= !seen[i];
    }
    if (c == NULL) {
      w->sse[j] = real->residual(n, o, x, seen, NULL, inverse);
      continue;
    }
    w->sse[j] = real->residual(n, o, x, NULL, c->square, inverse) + r->b->rest[j];
    if (w->n_pixels[j] < (double)p) {
      NAX_TRY_ALLOC(told, 3 * n, sizeof *told);
      double *slope = told + n, *sum = slope + n;
      real->to_double(n, out + at, told);
      w->sse[j] -= nax_i_components_missing(c, seen, told, slope);
      real->to_double(n, o, sum);
      for (nax_index i = 0; i < n; i++) {
        sum[i] -= inverse * slope[i];
      }
      real->from_double(n, sum, o);
      nax_i_free(told);
      told = NULL;
    }
  }
done:
  nax_i_free(told);
  return status;
}

/* Decoder forwards, likelihood, and (with a gradient) backwards; the gradient of the
 * output is made in `back`. */
static nax_status
behaviour(nax_ctx *ctx, run *r, nax_i_gpvae_terms *terms)
{
  nax_status status = NAX_OK;
  nax_i_gpvae_work *w = r->w;
  const nax_i_gpvae_shape *s = &r->m->shape;
  const nax_i_real *real = r->m->net.real;
  nax_i_mlp *net = &r->m->mlp[2];
  nax_index n_in = s->q - s->dec_from, cols = r->b->cols;
  const double *from = r->how->mean ? w->mean : w->z;
  double *column = w->scratch;
  for (nax_index j = 0; j < cols; j++) {
    for (nax_index l = 0; l < n_in; l++) {
      column[l] = from[(s->dec_from + l) * w->now + j];
    }
    real->from_double(n_in, column, (char *)w->zin + (size_t)(j * n_in) * real->size);
  }
  NAX_TRY(nax_i_mlp_forward(ctx, &r->m->net, net, cols, w->zin, &w->run[2]));
  NAX_TRY(nax_i_parallel(ctx, NULL, nax_i_n_blocks(cols, COLUMNS), residual_block, r));
  terms->sse = nax_i_sum(w->sse, cols);
  terms->n_pixels = nax_i_sum(w->n_pixels, cols);
  double log_v = r->m->small[r->m->at_v];
  terms->behaviour = 0.5 * terms->sse * exp(-log_v) + 0.5 * terms->n_pixels * log_v;
  if (s->objective != NAX_GPVAE_RELEASED) {
    terms->behaviour += 0.5 * terms->n_pixels * log_two_pi;
  }
  if (!r->how->gradient) {
    goto done;
  }
  r->m->small_g[r->m->at_v] +=
      r->scale * r->how->weight[1] * 0.5 * (terms->n_pixels - terms->sse * exp(-log_v));
  NAX_TRY(nax_i_mlp_backward(ctx, &r->m->net, net, cols, w->zin, &w->run[2], w->back,
                             w->spare, w->dzin));
  for (nax_index j = 0; j < cols; j++) {
    real->to_double(n_in, (const char *)w->dzin + (size_t)(j * n_in) * real->size,
                    column);
    for (nax_index l = 0; l < n_in; l++) {
      w->dz[(s->dec_from + l) * w->now + j] = column[l];
    }
  }
done:
  return status;
}

/* --- backwards ---------------------------------------------------------------------- */

static nax_status
potential_backward(const run *r, nax_index k, double *scratch, double *dpar)
{
  nax_status status = NAX_OK;
  nax_i_gpvae_work *w = r->w;
  const nax_i_gpvae_shape *s = &r->m->shape;
  nax_index f = r->m->basis.f, t_max = r->m->basis.t, c0 = r->b->first[k];
  nax_index t = r->b->first[k + 1] - c0;
  double *work = scratch, *dh = work + nax_i_post_work(f, t_max), *dlam = dh + t_max;
  double *dd = dlam + t_max, kl = r->scale * r->how->beta;
  for (nax_index l = 0; l < s->q; l++) {
    const nax_i_post *p = &w->post[k * s->q + l];
    nax_index at = l * w->now + c0;
    NAX_TRY(nax_i_post_backward(p, w->h + at, w->lam + at, w->dmean + at, w->dvar + at,
                                w->dz + at, kl, dh, dlam, dd, work));
    for (nax_index i = 0; i < f; i++) { /* D is the root of c: half of d log c */
      dpar[r->m->at_len + l] += 0.5 * dd[i] * w->dlog[i + l * f];
    }
    for (int arm = 0; arm < 2; arm++) {
      nax_index told, i = place(s, arm, l, &told);
      for (nax_index j = 0; j < t && i >= 0; j++) {
        double *dhead = w->dhead[arm] + 2 * told * (c0 + j), slope;
        int has = r->b->has[arm][c0 + j];
        precision(w->head[arm][2 * told * (c0 + j) + told + i], &slope);
        dhead[i] = has ? dh[j] : 0.0;
        dhead[told + i] = has ? dlam[j] * slope : 0.0;
      }
    }
  }
done:
  return status;
}

static void
fourier_backward(const run *r, nax_index k, double *dpar)
{
  nax_i_gpvae_work *w = r->w;
  const nax_i_basis *basis = &r->m->basis;
  const nax_i_gpvae_shape *s = &r->m->shape;
  nax_index f = basis->f, c0 = r->b->first[k], t = r->b->first[k + 1] - c0;
  nax_index size = f * s->q * w->trials;
  int released = s->objective == NAX_GPVAE_RELEASED;
  double kl = r->scale * r->how->beta;
  for (nax_index l = 0; l < s->q; l++) {
    const double *mu = w->coef + (k * s->q + l) * f, *ls = mu + size, *zeta = ls + size;
    double *dmu = w->dcoef + (k * s->q + l) * f, *dls = dmu + size;
    const double *c = w->c + l * f, *dlog = w->dlog + l * f;
    int tells[2], n = tellers(r, k, l, tells);
    for (nax_index i = 0; i < f; i++) {
      double sd = exp(ls[i]), both = mu[i] + sd;
      double quad = released ? both * both : mu[i] * mu[i] + sd * sd;
      dmu[i] = kl * (released ? both : mu[i]) / c[i];
      dls[i] = kl * ((released ? both * sd : sd * sd) / c[i] - 1.0);
      if (n > 0) {
        dpar[r->m->at_len + l] += 0.5 * kl * (1.0 - quad / c[i]) * dlog[i];
      }
      double dm = 0.0, dv = 0.0, dz = 0.0;
      for (nax_index j = 0; j < t; j++) {
        double b = basis->b[i + j * f];
        nax_index at = l * w->now + c0 + j;
        dm += b * w->dmean[at];
        dv += b * b * w->dvar[at];
        dz += b * w->dz[at];
      }
      dmu[i] += dm + dz;
      dls[i] += dz * (zeta[i] - mu[i]) + dv * (released ? sd : 2.0 * sd * sd);
    }
    for (int arm = 0; arm < 2; arm++) {
      nax_index told, at = place(s, arm, l, &told);
      if (at < 0) {
        continue;
      }
      const double *map = r->m->small + r->m->at_map[arm];
      const double *sd = map + basis->t * f + f;
      double *dmap = dpar + r->m->at_map[arm], *dbias = dmap + basis->t * f;
      double *dsd = dbias + f;
      for (nax_index j = 0; j < t; j++) {
        const double *head = w->head[arm] + 2 * told * (c0 + j);
        double *dhead = w->dhead[arm] + 2 * told * (c0 + j), a = 0.0, b = 0.0;
        for (nax_index i = 0; i < f && tells[arm]; i++) {
          nax_index e = j + i * basis->t;
          a += dmu[i] / n * map[e];
          b += dls[i] / n * sd[e];
          dmap[e] += dmu[i] / n * head[at];
          dsd[e] += dls[i] / n * head[told + at];
        }
        dhead[at] = a;
        dhead[told + at] = b;
      }
      for (nax_index i = 0; i < f && tells[arm]; i++) {
        dbias[i] += dmu[i] / n;
      }
    }
  }
}

static nax_status
backward_trial(int64_t k, void *arg)
{
  const run *r = arg;
  double *scratch = r->w->scratch + k * r->w->scratch_size;
  double *dpar = r->w->dpar + k * r->w->dpar_size;
  if (r->m->shape.encoder == NAX_GPVAE_FOURIER) {
    fourier_backward(r, k, dpar);
    return NAX_OK;
  }
  return potential_backward(r, k, scratch, dpar);
}

/* --- all ---------------------------------------------------------------------------- */

static const void *
input(const run *r, int arm)
{
  return arm == 0 ? r->b->yin : r->b->x;
}

nax_status
nax_i_gpvae_objective(nax_ctx *ctx, nax_i_gpvae_model *m, const nax_i_gpvae_batch *b,
                      const nax_i_gpvae_how *how, nax_i_gpvae_work *w,
                      nax_i_gpvae_terms *terms)
{
  nax_status status = NAX_OK;
  run r = {m, b, how, w, 1.0 / (double)b->n};
  nax_index told[2], first;
  *terms = (nax_i_gpvae_terms){.kl = 0.0};
  w->now = b->cols;
  prepare_prior(&r);
  for (int arm = 0; arm < 2; arm++) {
    nax_i_gpvae_told(&m->shape, arm, &first, &told[arm]);
    if (told[arm] > 0) {
      NAX_TRY(nax_i_mlp_forward(ctx, &m->net, &m->mlp[arm], b->cols, input(&r, arm),
                                &w->run[arm]));
      m->net.real->to_double(2 * told[arm] * b->cols, w->run[arm].out[m->mlp[arm].n - 1],
                             w->head[arm]);
    }
  }
  NAX_TRY(nax_i_parallel(ctx, NULL, b->n, forward_trial, &r));
  for (nax_index k = 0; k < b->n; k++) {
    terms->kl += w->terms[2 * k];
    terms->neural += w->terms[2 * k + 1];
  }
  if (m->shape.n_features > 0) {
    NAX_TRY(behaviour(ctx, &r, terms));
  }
  terms->total = how->beta * terms->kl + how->weight[0] * terms->neural +
                 how->weight[1] * terms->behaviour;
  if (!how->gradient) {
    goto done;
  }
  NAX_TRY(nax_i_parallel(ctx, NULL, b->n, backward_trial, &r));
  for (nax_index k = 0; k < b->n; k++) {
    const double *dpar = w->dpar + k * w->dpar_size;
    for (nax_index i = 0; i < w->dpar_size; i++) {
      m->small_g[i] += dpar[i];
    }
  }
  for (int arm = 0; arm < 2; arm++) {
    if (told[arm] > 0) {
      void *d = w->back;
      m->net.real->from_double(2 * told[arm] * b->cols, w->dhead[arm], d);
      NAX_TRY(nax_i_mlp_backward(ctx, &m->net, &m->mlp[arm], b->cols, input(&r, arm),
                                 &w->run[arm], d, w->spare, NULL));
    }
  }
done:
  return status;
}
