/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parameters: where each lies, and how they begin. */
#include "gpvae_i.h"
#include "rng/rng_i.h"
#include <math.h>

void
nax_i_gpvae_told(const nax_i_gpvae_shape *s, int arm, nax_index *first, nax_index *n)
{
  *first = arm == 0 ? 0 : s->enc_from;
  *n = arm == 0 ? s->q_neural : s->q - s->enc_from;
  if ((arm == 0 ? s->n_neurons : s->n_features) == 0) {
    *n = 0;
  }
}

static void
build(const nax_i_gpvae_shape *s, int which, nax_index in, nax_index out, int last_act,
      nax_i_mlp *net, nax_index *used)
{
  net->first = net->last = *used;
  for (int i = 0; i < s->n_hidden[which]; i++) {
    nax_i_mlp_add(net, in, s->hidden[which][i], s->activation, used);
    in = s->hidden[which][i];
  }
  nax_i_mlp_add(net, in, out, last_act, used);
}

nax_status
nax_i_gpvae_model_init(nax_ctx *ctx, const nax_i_gpvae_shape *shape,
                       const nax_i_basis *basis, int f64, nax_i_gpvae_model *m)
{
  nax_status status = NAX_OK;
  const nax_i_gpvae_shape *s = shape;
  nax_index used = 0, first, told;
  *m = (nax_i_gpvae_model){.shape = *shape};
  m->basis = *basis;
  m->basis.b = m->basis.w2 = NULL;
  NAX_TRY_ALLOC(m->basis.b, basis->f * basis->t, sizeof(double));
  NAX_TRY_ALLOC(m->basis.w2, basis->f, sizeof(double));
  memcpy(m->basis.b, basis->b, (size_t)(basis->f * basis->t) * sizeof(double));
  memcpy(m->basis.w2, basis->w2, (size_t)basis->f * sizeof(double));
  for (int arm = 0; arm < 2; arm++) {
    nax_i_gpvae_told(s, arm, &first, &told);
    if (told > 0) { /* two heads: mean or h, and the logarithm of sd or precision */
      build(s, arm, arm == 0 ? s->n_neurons : s->n_features, 2 * told, NAX_I_ACT_NONE,
            &m->mlp[arm], &used);
    }
  }
  if (s->n_features > 0) {
    build(s, 2, s->q - s->dec_from, s->n_features, s->out_act, &m->mlp[2], &used);
  }
  m->net.real = f64 ? &nax_i_real_f64 : &nax_i_real_f32;
  m->net.n = used;
  void **part[4] = {&m->net.p, &m->net.g, &m->net.m, &m->net.v};
  for (int i = 0; i < 4; i++) {
    NAX_TRY_ALLOC(*part[i], used, m->net.real->size);
  }
  nax_index map = s->encoder == NAX_GPVAE_FOURIER ? (2 * s->t_max + 1) * basis->f : 0;
  m->at_w = 0;
  m->at_d = m->at_w + s->n_neurons * s->q_neural;
  m->at_noise = m->at_d + s->n_neurons;
  m->at_len = m->at_noise + (s->likelihood == NAX_GPVAE_POISSON ? 0 : s->n_neurons);
  m->at_v = m->at_len + s->q;
  m->at_map[0] = m->at_v + (s->n_features > 0);
  m->at_map[1] = m->at_map[0] + (s->n_neurons > 0 ? map : 0);
  m->n_small = m->at_map[1] + (s->n_features > 0 ? map : 0);
  double **small[4] = {&m->small, &m->small_g, &m->small_m, &m->small_v};
  for (int i = 0; i < 4; i++) {
    NAX_TRY_ALLOC(*small[i], m->n_small, sizeof(double));
  }
done:
  if (status != NAX_OK) {
    nax_i_gpvae_model_free(m);
  }
  return status;
}

void
nax_i_gpvae_model_free(nax_i_gpvae_model *m)
{
  nax_i_basis_free(&m->basis);
  nax_i_free(m->net.p);
  nax_i_free(m->net.g);
  nax_i_free(m->net.m);
  nax_i_free(m->net.v);
  nax_i_free(m->small);
  nax_i_free(m->small_g);
  nax_i_free(m->small_m);
  nax_i_free(m->small_v);
  *m = (nax_i_gpvae_model){.n_small = 0};
}

/* n numbers, uniform in +-1 / sqrt(in). */
static void
uniform(nax_rng *r, nax_index n, nax_index in, double *x)
{
  double width = 1.0 / sqrt((double)in);
  for (nax_index i = 0; i < n; i++) {
    x[i] = width * (2.0 * nax_rng_uniform(r) - 1.0);
  }
}

nax_status
nax_i_gpvae_model_random(nax_ctx *ctx, nax_i_gpvae_model *m, uint64_t seed)
{
  nax_status status = NAX_OK;
  const nax_i_gpvae_shape *s = &m->shape;
  nax_index f = m->basis.f;
  double *x = NULL;
  nax_rng r;
  for (int k = 0; k < 3; k++) {
    for (int i = 0; i < m->mlp[k].n; i++) {
      const nax_i_layer *l = &m->mlp[k].layer[i];
      nax_i_free(x);
      NAX_TRY_ALLOC(x, (l->in + 1) * l->out, sizeof *x);
      nax_i_rng_init(&r, seed, UINT64_C(1) << 60 | (uint64_t)(k * NAX_I_MLP_LAYERS + i));
      uniform(&r, (l->in + 1) * l->out, l->in, x);
      m->net.real->from_double((l->in + 1) * l->out, x,
                               (char *)m->net.p + (size_t)l->w * m->net.real->size);
    }
  }
  nax_i_rng_init(&r, seed, UINT64_C(1) << 60 | 100);
  if (s->n_neurons > 0) {
    uniform(&r, s->n_neurons * s->q_neural, s->q_neural, m->small + m->at_w);
  }
  for (int arm = 0; arm < 2 && s->encoder == NAX_GPVAE_FOURIER; arm++) {
    if ((arm == 0 ? s->n_neurons : s->n_features) > 0) {
      uniform(&r, (2 * s->t_max + 1) * f, s->t_max, m->small + m->at_map[arm]);
    }
  }
done:
  nax_i_free(x);
  return status;
}
