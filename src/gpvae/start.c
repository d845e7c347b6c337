/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How phases begin: GPFA of the neurons, models handed from phase to phase, and the
 * rotation that parts shared from neural-only latents.
 *
 * A model of the neurons alone finds their subspace, in an arbitrary rotation. A decoder
 * that sees all neural latents then shows by its Jacobian which directions of that
 * subspace behaviour depends on: the eigenvectors of E[J' J], after whitening by the
 * covariance of the latents, with the largest eigenvalues become the shared latents.
 *
 * Behaviour's own latents join that decoder only when it reads the neural ones: begun at
 * once they would take up what neurons tell as well, mixed with what only behaviour has,
 * and no later step parts the two again. */
#include "gpvae_i.h"
#include <math.h>

/* --- length scales and loadings from GPFA ----------------------------------------------
 */

static nax_status
fit_gpfa(nax_i_gpvae_fit *f, nax_gpfa **out)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = f->ctx;
  const nax_i_gpvae_data *d = f->data;
  nax_view *view = NULL;
  nax_index n = 0;
  *out = NULL;
  NAX_TRY_ALLOC(view, f->n_train, sizeof *view);
  for (nax_index k = 0; k < f->n_train; k++) {
    if (nax_i_gpvae_data_has(d, 0, f->order[k])) {
      view[n++] = d->view[0][f->order[k]];
    }
  }
  nax_gpfa_opts o = NAX_GPFA_OPTS_INIT;
  o.n_latents = f->o->n_neural + f->o->n_shared;
  o.bin = f->o->bin;
  o.tau = f->o->bin * fmax(2.0, (double)d->longest / 8.0);
  o.max_iter = 60;
  o.tol = 1e-4;
  o.root = f->o->likelihood != NAX_GPVAE_GAUSSIAN;
  o.seed = f->o->seed;
  status = nax_gpfa_fit(ctx, n, view, NULL, &o, out);
  if (status == NAX_EDATA || status == NAX_EINVAL || status == NAX_ENUMERIC) {
    nax_i_warn(ctx, NAX_SUGGESTION, "gpvae.no-gpfa",
               "the fit begins with random loadings, since GPFA fails: %s",
               ctx != NULL ? nax_ctx_error(ctx) : "");
    nax_i_begin(ctx);
    status = NAX_OK;
  }
done:
  nax_i_free(view);
  return status;
}

/* Length scales allowed, the circle and the highest frequency that follow from them. */
void
nax_i_gpvae_settle_basis(nax_i_gpvae_fit *f, const nax_gpfa *g)
{
  const nax_gpvae_opts *o = f->o;
  double longest = (double)f->data->longest, lo = longest / 6.0, hi = lo;
  if (g != NULL) {
    nax_gpfa_params p = nax_gpfa_get(g);
    lo = longest;
    hi = 0.0;
    for (nax_index l = 0; l < p.n_latents; l++) {
      lo = fmin(lo, p.tau[l] / o->bin);
      hi = fmax(hi, p.tau[l] / o->bin);
    }
  }
  /* behaviour of many features would rather have latents that follow every bin; what the
   * neurons show of their pace is the floor */
  lo = isnan(o->min_length) ? fmax(fmax(0.9 * lo, longest / 30.0), 1.0)
                            : o->min_length / o->bin;
  hi = isnan(o->max_length) ? fmin(fmax(2.0 * hi, 2.0 * lo), longest)
                            : o->max_length / o->bin;
  f->min_len = lo;
  f->max_len = fmax(hi, lo);
  f->circle = ceil(longest + 4.0 * f->max_len);
  f->top = nax_i_basis_top(f->circle, f->min_len, o->condition);
}

nax_status
nax_i_gpvae_basis_of(nax_i_gpvae_fit *f, nax_i_basis *basis)
{
  if (f->o->prior == NAX_GPVAE_WHITE) {
    return nax_i_basis_white(f->ctx, f->data->longest, basis);
  }
  nax_status status =
      nax_i_basis_init(f->ctx, f->data->longest, f->circle, f->top, 0, basis);
  basis->jitter = f->o->encoder == NAX_GPVAE_FOURIER ? 1e-2 : 0.0;
  return status;
}

/* --- shapes ----------------------------------------------------------------------------
 */

nax_i_gpvae_shape
nax_i_gpvae_phase_shape(const nax_i_gpvae_fit *f, int phase)
{
  const nax_gpvae_opts *o = f->o;
  int alone = phase == NAX_I_PHASE_NEURAL || phase == NAX_I_PHASE_ADAPT;
  nax_index components = nax_i_gpvae_n_components(o, f->data->n_features);
  nax_i_gpvae_shape s = {
      .n_neurons = f->data->n_neurons,
      .n_features = alone            ? 0
                    : components > 0 ? components
                                     : f->data->n_features,
      .t_max = f->data->longest,
      .likelihood = o->likelihood,
      .encoder = o->encoder,
      .objective = o->objective,
      .activation = o->activation,
      .out_act = NAX_I_ACT_NONE,
  };
  s.q_neural = s.n_neurons > 0 ? o->n_neural + o->n_shared : 0;
  s.q = s.q_neural;
  s.dec_from = s.enc_from = s.n_neurons > 0 ? o->n_neural : 0;
  if (s.n_features > 0) {
    s.q += o->n_behaviour + (s.n_neurons > 0 ? 0 : o->n_shared);
  }
  if (phase == NAX_I_PHASE_READ || phase == NAX_I_PHASE_SHARE) {
    s.dec_from = 0;
    s.enc_from = s.q_neural;
    s.q = phase == NAX_I_PHASE_READ ? s.q_neural : s.q;
  }
  for (int k = 0; k < 3; k++) {
    s.n_hidden[k] = f->n_hidden[k];
    memcpy(s.hidden[k], f->hidden[k], sizeof s.hidden[k]);
  }
  return s;
}

nax_status
nax_i_gpvae_new_model(nax_i_gpvae_fit *f, int phase, nax_i_gpvae_model *m)
{
  nax_status status = NAX_OK;
  nax_i_basis basis = {.b = NULL};
  nax_i_gpvae_shape s = nax_i_gpvae_phase_shape(f, phase);
  NAX_TRY(nax_i_gpvae_basis_of(f, &basis));
  NAX_TRY(nax_i_gpvae_model_init(f->ctx, &s, &basis, f->f64, m));
  NAX_TRY(nax_i_gpvae_model_random(f->ctx, m, f->o->seed));
  for (nax_index l = 0; l < s.q; l++) { /* in the middle of what is allowed */
    m->small[m->at_len + l] = 0.5 * (log(f->min_len) + log(f->max_len));
  }
done:
  nax_i_basis_free(&basis);
  return status;
}

/* --- the linear arm --------------------------------------------------------------------
 */

/* Offsets and noise from the moments of each neuron, in the scale of the likelihood. */
static nax_status
begin_linear(nax_i_gpvae_fit *f, const nax_gpfa *g, nax_i_gpvae_model *m)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = f->ctx;
  nax_index n = m->shape.n_neurons, q = m->shape.q_neural;
  double *w = m->small + m->at_w, *d = m->small + m->at_d;
  int counts = f->o->likelihood != NAX_GPVAE_GAUSSIAN;
  double floor = 0.5 / (double)f->data->bins, *mean = NULL;
  NAX_TRY_ALLOC(mean, n, sizeof *mean);
  for (nax_index i = 0; i < n; i++) {
    mean[i] = fmax(f->scaling->y_mean[i], floor);
    d[i] = counts ? log(mean[i]) : 0.0;
  }
  for (nax_index i = 0; i < n && f->o->likelihood != NAX_GPVAE_POISSON; i++) {
    m->small[m->at_noise + i] = counts ? log(10.0) : 0.0;
  }
  if (g != NULL) {
    nax_gpfa_params p = nax_gpfa_get(g);
    for (nax_index l = 0; l < q; l++) {
      double len = p.tau[l] / f->o->bin;
      m->small[m->at_len + l] = log(fmin(fmax(len, f->min_len), f->max_len));
      for (nax_index i = 0; i < n; i++) {
        /* d log(rate) = 2 d root / root; NaN: the neuron never changes */
        double c = p.c[i + l * n],
               a = counts ? 2.0 * c / sqrt(mean[i]) : c / f->scaling->y_sd[i];
        w[i + l * n] = isnan(a) ? 0.0 : fmin(fmax(a, -2.0), 2.0);
      }
    }
    for (nax_index i = 0; i < n && !counts; i++) {
      double r = p.r[i] / (f->scaling->y_sd[i] * f->scaling->y_sd[i]);
      m->small[m->at_noise + i] = isnan(r) ? 0.0 : log(fmax(r, 1e-3));
    }
  }
done:
  nax_i_free(mean);
  return status;
}

static nax_status
from_nothing(nax_i_gpvae_fit *f, int phase, nax_i_gpvae_model *m)
{
  nax_status status = NAX_OK;
  nax_gpfa *g = NULL;
  if (f->data->n_neurons > 0 && f->o->start != NAX_GPVAE_RANDOM) {
    NAX_TRY(fit_gpfa(f, &g));
  }
  nax_i_gpvae_settle_basis(f, g);
  NAX_TRY(nax_i_gpvae_new_model(f, phase, m));
  if (f->data->n_neurons > 0) {
    NAX_TRY(begin_linear(f, g, m));
  }
done:
  nax_gpfa_free(g);
  return status;
}

/* --- handing over ----------------------------------------------------------------------
 */

static char *
at(const nax_i_arena *a, nax_index i)
{
  return (char *)a->p + (size_t)i * a->real->size;
}

static double
weight(const nax_i_gpvae_model *m, nax_index i)
{
  double x;
  m->net.real->to_double(1, at(&m->net, i), &x);
  return x;
}

static void
set_weight(nax_i_gpvae_model *m, nax_index i, double x)
{
  m->net.real->from_double(1, &x, at(&m->net, i));
}

/* Layers lo .. hi - 1 of network k are the same in both. */
static void
copy_layers(const nax_i_gpvae_model *from, nax_i_gpvae_model *to, int k, int lo, int hi)
{
  for (int i = lo; i < hi; i++) {
    const nax_i_layer *a = &from->mlp[k].layer[i], *b = &to->mlp[k].layer[i];
    memcpy(at(&to->net, b->w), at(&from->net, a->w),
           (size_t)((a->in + 1) * a->out) * to->net.real->size);
  }
}

/* Everything about the neurons. */
static void
copy_neural(const nax_i_gpvae_model *from, nax_i_gpvae_model *to)
{
  copy_layers(from, to, 0, 0, from->mlp[0].n);
  memcpy(to->small, from->small, (size_t)from->at_len * sizeof(double));
  memcpy(to->small + to->at_len, from->small + from->at_len,
         (size_t)from->shape.q_neural * sizeof(double));
  memcpy(to->small + to->at_map[0], from->small + from->at_map[0],
         (size_t)(from->at_map[1] - from->at_map[0]) * sizeof(double));
}

/* Encoder of behaviour whose heads tell of `extra` more latents, first in the order: they
 * begin with next to nothing to say. */
static void
copy_behaviour_encoder(const nax_i_gpvae_model *from, nax_i_gpvae_model *to)
{
  nax_index first, n_from, n_to;
  nax_i_gpvae_told(&from->shape, 1, &first, &n_from);
  nax_i_gpvae_told(&to->shape, 1, &first, &n_to);
  int last = to->mlp[1].n - 1;
  nax_index extra = n_to - n_from;
  if (from->mlp[1].n > 0) {
    copy_layers(from, to, 1, 0, last);
  }
  const nax_i_layer *b = &to->mlp[1].layer[last];
  for (nax_index o = 0; o < 2 * n_to; o++) {
    nax_index l = o % n_to;
    int is_log = o >= n_to;
    if (l >= extra) { /* it was there before */
      const nax_i_layer *a = &from->mlp[1].layer[last];
      nax_index old = l - extra + (is_log ? n_from : 0);
      memcpy(at(&to->net, b->w + b->in * o), at(&from->net, a->w + a->in * old),
             (size_t)a->in * to->net.real->size);
      set_weight(to, b->b + o, weight(from, a->b + old));
      continue;
    }
    for (nax_index i = 0; i < b->in; i++) {
      set_weight(to, b->w + b->in * o + i, 0.1 * weight(to, b->w + b->in * o + i));
    }
    set_weight(to, b->b + o, is_log ? -4.0 : 0.0);
  }
  memcpy(to->small + to->at_map[1], from->small + from->at_map[1],
         (size_t)(from->n_small - from->at_map[1]) * sizeof(double));
}

/* Decoder that sees behaviour's own latents too, from one that saw the neural ones. */
static void
widen_decoder(const nax_i_gpvae_model *from, nax_i_gpvae_model *to)
{
  const nax_i_layer *a = &from->mlp[2].layer[0], *b = &to->mlp[2].layer[0];
  for (nax_index o = 0; o < b->out; o++) {
    for (nax_index j = 0; j < a->in; j++) {
      set_weight(to, b->w + b->in * o + j, weight(from, a->w + a->in * o + j));
    }
    set_weight(to, b->b + o, weight(from, a->b + o));
  }
  copy_layers(from, to, 2, 1, to->mlp[2].n);
  to->small[to->at_v] = from->small[from->at_v];
}

/* Decoder whose inputs are the shared latents (turned, `turn` is the part of R for them)
 * and behaviour's own, from one that saw all. */
static void
copy_decoder(const nax_i_gpvae_model *from, nax_i_gpvae_model *to, const double *turn)
{
  const nax_i_layer *a = &from->mlp[2].layer[0], *b = &to->mlp[2].layer[0];
  nax_index q = from->shape.q_neural, own = from->shape.q - q, shared = b->in - own;
  for (nax_index o = 0; o < b->out; o++) {
    for (nax_index j = 0; j < b->in; j++) {
      double x = j >= shared ? weight(from, a->w + a->in * o + q + j - shared) : 0.0;
      for (nax_index l = 0; l < q && j < shared; l++) {
        x += turn[l + (q - shared + j) * q] * weight(from, a->w + a->in * o + l);
      }
      set_weight(to, b->w + b->in * o + j, x);
    }
    set_weight(to, b->b + o, weight(from, a->b + o));
  }
  copy_layers(from, to, 2, 1, to->mlp[2].n);
  to->small[to->at_v] = from->small[from->at_v];
}

/* --- the rotation ----------------------------------------------------------------------
 */

enum { PROBES = 512 }; /* bins at which the decoder's slope is taken */

/* Posterior means of all latents at bins spread over the training trials (all x *n), and
 * second moments of the neural latents over all their bins (q x q). */
static nax_status
look_around(nax_i_gpvae_fit *f, double *z, nax_index *n, double *cov)
{
  nax_status status = NAX_OK;
  const nax_i_gpvae_model *m = &f->model;
  nax_index q = m->shape.q_neural, all = m->shape.q, bins = 0, seen = 0;
  nax_i_gpvae_how how = {
      .seed = f->o->seed, .beta = 1.0, .weight = {1.0, 1.0}, .mean = 1};
  for (nax_index k = 0; k < f->n_train; k++) {
    bins += f->data->length[f->order[k]];
  }
  nax_index every = bins / PROBES + 1;
  *n = 0;
  memset(cov, 0, (size_t)(q * q) * sizeof *cov);
  for (nax_index from = 0; from < f->n_train; from += f->o->batch) {
    nax_i_gpvae_terms terms;
    nax_index left = f->n_train - from, take = left < f->o->batch ? left : f->o->batch;
    NAX_TRY(nax_i_gpvae_gather(f->ctx, f->data, f->scaling, m, take, f->order + from, 0,
                               &f->batch));
    NAX_TRY(nax_i_gpvae_objective(f->ctx, &f->model, &f->batch, &how, f->work, &terms));
    nax_i_gpvae_view v = nax_i_gpvae_look(f->work);
    nax_index cols = f->batch.cols;
    for (nax_index j = 0; j < cols; j++, seen++) {
      for (nax_index a = 0; a < q; a++) {
        for (nax_index b = 0; b < q; b++) {
          cov[a + b * q] += v.mean[j + cols * a] * v.mean[j + cols * b] / (double)bins;
        }
        cov[a + a * q] += v.var[j + cols * a] / (double)bins;
      }
      for (nax_index l = 0; l < all && seen % every == 0; l++) {
        z[l + all * *n] = v.mean[j + cols * l];
      }
      *n += seen % every == 0;
    }
  }
done:
  return status;
}

/* E[J' J] of the decoder by central differences at posterior means, and the second
 * moments of the neural latents; both q x q. */
static nax_status
slopes(nax_i_gpvae_fit *f, double *g, double *cov)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = f->ctx;
  nax_i_gpvae_model *m = &f->model;
  const nax_i_real *real = m->net.real;
  nax_index q = m->shape.q_neural, all = m->shape.q, p = m->shape.n_features, bins;
  const nax_i_components *c = &f->scaling->components;
  nax_i_mlp_run run = {.cols = 0};
  double *z = NULL, *up = NULL, *jac = NULL;
  void *zin = NULL;
  NAX_TRY_ALLOC(z, all * PROBES, sizeof *z);
  NAX_TRY(look_around(f, z, &bins, cov));
  NAX_TRY(nax_i_mlp_run_init(ctx, real, &m->mlp[2], bins, &run));
  NAX_TRY_ALLOC(zin, all * bins, real->size);
  NAX_TRY_ALLOC(up, p * bins, sizeof *up);
  NAX_TRY_ALLOC(jac, p * bins * q, sizeof *jac);
  for (nax_index a = 0; a < q; a++) {
    double step = 0.1 * sqrt(cov[a + a * q]) + 1e-6;
    double *down = jac + a * p * bins;
    for (int side = -1; side <= 1; side += 2) {
      for (nax_index j = 0; j < bins; j++) {
        z[a + all * j] += (double)side * step;
      }
      real->from_double(all * bins, z, zin);
      NAX_TRY(nax_i_mlp_forward(ctx, &m->net, &m->mlp[2], bins, zin, &run));
      real->to_double(p * bins, run.out[m->mlp[2].n - 1], side < 0 ? down : up);
      for (nax_index j = 0; j < bins; j++) {
        z[a + all * j] -= (double)side * step;
      }
    }
    for (nax_index i = 0; i < p * bins; i++) {
      down[i] = (up[i] - down[i]) / (2.0 * step);
      down[i] *= c->n > 0 ? sqrt(c->square[i % p]) : 1.0;
    }
  }
  NAX_TRY(nax_i_gemm(ctx, NAX_I_TRANS, NAX_I_PLAIN, q, q, p * bins,
                     1.0 / (double)(f->data->n_features * bins), jac, p * bins, jac,
                     p * bins, 0.0, g, q));
done:
  nax_i_mlp_run_free(&run);
  nax_i_free(z);
  nax_i_free(zin);
  nax_i_free(up);
  nax_i_free(jac);
  return status;
}

/* R with z_old = R z_new: whitened directions, those that behaviour has least of first;
 * the entry of largest magnitude of each column of the loadings becomes positive. */
static nax_status
find_turn(nax_i_gpvae_fit *f)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = f->ctx;
  nax_index q = f->model.shape.q_neural, n = f->model.shape.n_neurons;
  double *g = NULL, *l = NULL, *t = NULL, *w = NULL;
  NAX_TRY_ALLOC(g, q * q, sizeof *g);
  NAX_TRY_ALLOC(l, q * q, sizeof *l);
  NAX_TRY_ALLOC(t, q * q, sizeof *t);
  NAX_TRY_ALLOC(w, n * q, sizeof *w);
  nax_i_free(f->turn);
  nax_i_free(f->relevance);
  f->turn = f->relevance = NULL;
  NAX_TRY_ALLOC(f->turn, q * q, sizeof(double));
  NAX_TRY_ALLOC(f->relevance, q, sizeof(double));
  NAX_TRY(slopes(f, g, l));
  NAX_TRY(nax_i_potrf(ctx, "nax_gpvae_fit", "covariance of the neural latents", q, l, q,
                      1, NULL));
  NAX_TRY(nax_i_gemm(ctx, NAX_I_PLAIN, NAX_I_PLAIN, q, q, q, 1.0, g, q, l, q, 0.0, t, q));
  NAX_TRY(nax_i_gemm(ctx, NAX_I_TRANS, NAX_I_PLAIN, q, q, q, 1.0, l, q, t, q, 0.0, g, q));
  NAX_TRY(nax_i_syevd(ctx, "nax_gpvae_fit", q, g, q, 1, f->relevance));
  NAX_TRY(nax_i_gemm(ctx, NAX_I_PLAIN, NAX_I_PLAIN, q, q, q, 1.0, l, q, g, q, 0.0,
                     f->turn, q));
  NAX_TRY(nax_i_gemm(ctx, NAX_I_PLAIN, NAX_I_PLAIN, n, q, q, 1.0,
                     f->model.small + f->model.at_w, n, f->turn, q, 0.0, w, n));
  for (nax_index j = 0; j < q; j++) {
    double most = 0.0;
    for (nax_index i = 0; i < n; i++) {
      most = fabs(w[i + j * n]) > fabs(most) ? w[i + j * n] : most;
    }
    for (nax_index i = 0; i < q && most < 0.0; i++) {
      f->turn[i + j * q] = -f->turn[i + j * q];
    }
  }
done:
  nax_i_free(g);
  nax_i_free(l);
  nax_i_free(t);
  nax_i_free(w);
  return status;
}

/* The neural arm in turned latents. Potentials turn as h' = R' h; the precisions R' Lam R
 * lose what is off their diagonal, which the encoder learns to make up for. */
static void
turn_neural(const nax_i_gpvae_model *from, nax_i_gpvae_model *to, const double *turn)
{
  nax_index n = from->shape.n_neurons, q = from->shape.q_neural;
  int last = from->mlp[0].n - 1;
  const nax_i_layer *a = &from->mlp[0].layer[last], *b = &to->mlp[0].layer[last];
  copy_neural(from, to);
  for (nax_index j = 0; j < q; j++) {
    double square = 0.0, len = 0.0;
    for (nax_index l = 0; l < q; l++) {
      square += turn[l + j * q] * turn[l + j * q];
    }
    for (nax_index i = 0; i < n; i++) {
      double x = 0.0;
      for (nax_index l = 0; l < q; l++) {
        x += from->small[from->at_w + i + l * n] * turn[l + j * q];
      }
      to->small[to->at_w + i + j * n] = x;
    }
    for (nax_index i = 0; i <= a->in; i++) { /* the last one is the bias */
      double h = 0.0, log_lam = 0.0;
      for (nax_index l = 0; l < q; l++) {
        double share = turn[l + j * q] * turn[l + j * q] / square;
        nax_index wh = i < a->in ? a->w + a->in * l + i : a->b + l;
        nax_index wl = i < a->in ? a->w + a->in * (q + l) + i : a->b + q + l;
        h += turn[l + j * q] * weight(from, wh);
        log_lam += share * weight(from, wl);
      }
      set_weight(to, i < a->in ? b->w + b->in * j + i : b->b + j, h);
      set_weight(to, i < a->in ? b->w + b->in * (q + j) + i : b->b + q + j,
                 i < a->in ? log_lam : log_lam + log(square));
    }
    for (nax_index l = 0; l < q; l++) {
      len += turn[l + j * q] * turn[l + j * q] / square * from->small[from->at_len + l];
    }
    to->small[to->at_len + j] = len;
  }
}

/* --- all -------------------------------------------------------------------------------
 */

/* Model as the joint phase begins, but for the neural arm, from that of the phase in
 * which the decoder saw all; kept in `next` over the phase in between. */
static void
hand_to_joint(const nax_i_gpvae_fit *f, const nax_i_gpvae_model *share,
              nax_i_gpvae_model *joint)
{
  copy_decoder(share, joint, f->turn);
  if (joint->mlp[1].n > 0) {
    copy_behaviour_encoder(share, joint);
  }
  memcpy(joint->small + joint->at_len + joint->shape.q_neural,
         share->small + share->at_len + share->shape.q_neural,
         (size_t)(joint->shape.q - joint->shape.q_neural) * sizeof(double));
}

nax_status
nax_i_gpvae_begin_phase(nax_i_gpvae_fit *f)
{
  nax_status status = NAX_OK;
  nax_i_gpvae_model m = {.n_small = 0}, *before = &f->model;
  if (before->n_small == 0) {
    NAX_TRY(from_nothing(f, f->phase, &m));
    NAX_TRY(nax_i_gpvae_adopt(f, &m));
    goto done;
  }
  if (f->phase == NAX_I_PHASE_ADAPT) {
    NAX_TRY(find_turn(f));
    NAX_TRY(nax_i_gpvae_new_model(f, NAX_I_PHASE_JOINT, &f->kept));
    hand_to_joint(f, before, &f->kept);
    NAX_TRY(nax_i_gpvae_new_model(f, f->phase, &m));
    turn_neural(before, &m, f->turn);
  } else if (f->phase == NAX_I_PHASE_JOINT && f->kept.n_small > 0) {
    m = f->kept;
    f->kept = (nax_i_gpvae_model){.n_small = 0};
    copy_neural(before, &m);
  } else {
    NAX_TRY(nax_i_gpvae_new_model(f, f->phase, &m));
    copy_neural(before, &m);
    if (f->phase == NAX_I_PHASE_SHARE && before->mlp[2].n > 0) {
      widen_decoder(before, &m);
    }
  }
  NAX_TRY(nax_i_gpvae_adopt(f, &m));
done:
  nax_i_gpvae_model_free(&m);
  return status;
}
