/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trials in: checked, scaled, and gathered into batches. */
#include "gpvae_i.h"
#include <math.h>

/* --- views ----------------------------------------------------------------------------
 */

static const char *const arm_name[2] = {"neural", "behaviour"};

int
nax_i_gpvae_data_has(const nax_i_gpvae_data *d, int arm, nax_index k)
{
  return d->view[arm] != NULL && d->view[arm][k].data != NULL;
}

/* Rows (neurons or features) of a modality: the same in all trials that have it. */
static nax_status
check_rows(nax_ctx *ctx, const char *fn, nax_i_gpvae_data *d, int arm, nax_index *rows)
{
  *rows = 0;
  for (nax_index k = 0; k < d->n_trials; k++) {
    if (!nax_i_gpvae_data_has(d, arm, k)) {
      continue;
    }
    const nax_view *v = &d->view[arm][k];
    if (v->ndim != 2 || v->dim[0] < 1 || v->dim[1] < 1) {
      return nax_i_fail(ctx, NAX_EDIM, fn,
                        "`%s` of trial %lld must have two axes and no empty one",
                        arm_name[arm], (long long)k);
    }
    if (v->dtype != NAX_F64 && v->dtype != NAX_F32) {
      return nax_i_fail(ctx, NAX_ETYPE, fn, "`%s` of trial %lld is not float",
                        arm_name[arm], (long long)k);
    }
    if (*rows != 0 && v->dim[0] != *rows) {
      return nax_i_fail(ctx, NAX_EDIM, fn,
                        "`%s` of trial %lld has %lld rows, expected %lld", arm_name[arm],
                        (long long)k, (long long)v->dim[0], (long long)*rows);
    }
    if (d->length[k] != 0 && v->dim[1] != d->length[k]) {
      return nax_i_fail(
          ctx, NAX_EDIM, fn, "`%s` of trial %lld has %lld bins, `neural` has %lld",
          arm_name[arm], (long long)k, (long long)v->dim[1], (long long)d->length[k]);
    }
    *rows = v->dim[0];
    d->length[k] = v->dim[1];
  }
  return NAX_OK;
}

/* Values one by one: what is infinite, or not a count, is named. */
static nax_status
check_values(nax_ctx *ctx, const char *fn, const nax_i_gpvae_data *d, int arm, int counts)
{
  nax_index seen = 0;
  for (nax_index k = 0; k < d->n_trials; k++) {
    if (!nax_i_gpvae_data_has(d, arm, k)) {
      continue;
    }
    const nax_view *v = &d->view[arm][k];
    for (nax_index j = 0; j < v->dim[1]; j++) {
      for (nax_index i = 0; i < v->dim[0]; i++) {
        double x = nax_i_gpvae_element(v, i, j);
        if (isinf(x) || (counts && x < 0.0)) {
          return nax_i_fail(ctx, NAX_EDATA, fn,
                            "`%s` of trial %lld is %g at row %lld, bin %lld, expected "
                            "%s",
                            arm_name[arm], (long long)k, x, (long long)i, (long long)j,
                            counts ? "a count" : "a finite value");
        }
        seen += !isnan(x);
      }
    }
  }
  return seen > 0 ? NAX_OK
                  : nax_i_fail(ctx, NAX_EDATA, fn, "`%s` is missing everywhere",
                               arm_name[arm]);
}

nax_status
nax_i_gpvae_data_init(nax_ctx *ctx, const char *fn, const nax_gpvae_trials *trials,
                      int counts, nax_i_gpvae_data *d)
{
  nax_status status = NAX_OK;
  *d = (nax_i_gpvae_data){.n_trials = trials->n_trials};
  d->view[0] = trials->neural;
  d->view[1] = trials->behaviour;
  if (d->n_trials < 1 || (d->view[0] == NULL && d->view[1] == NULL)) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      "there must be at least one trial, and neurons or behaviour");
  }
  NAX_TRY_ALLOC(d->length, d->n_trials, sizeof *d->length);
  NAX_TRY_ALLOC(d->start, d->n_trials, sizeof *d->start);
  NAX_TRY(check_rows(ctx, fn, d, 0, &d->n_neurons));
  NAX_TRY(check_rows(ctx, fn, d, 1, &d->n_features));
  for (nax_index k = 0; k < d->n_trials; k++) {
    if (d->length[k] == 0) {
      status =
          nax_i_fail(ctx, NAX_EDATA, fn, "trial %lld has neither modality", (long long)k);
      goto done;
    }
    d->start[k] = d->bins;
    d->longest = d->length[k] > d->longest ? d->length[k] : d->longest;
    d->bins += d->length[k];
  }
  for (int arm = 0; arm < 2; arm++) {
    if (d->view[arm] != NULL) {
      NAX_TRY(check_values(ctx, fn, d, arm, arm == 0 && counts));
    }
  }
done:
  if (status != NAX_OK) {
    nax_i_gpvae_data_free(d);
  }
  return status;
}

void
nax_i_gpvae_data_free(nax_i_gpvae_data *d)
{
  nax_i_free(d->length);
  nax_i_free(d->start);
  nax_i_free(d->score);
  nax_i_free(d->rest);
  nax_i_free(d->seen);
  *d = (nax_i_gpvae_data){.n_trials = 0};
}

/* --- scaling --------------------------------------------------------------------------
 */

nax_status
nax_i_gpvae_scaling_init(nax_ctx *ctx, nax_index n_neurons, nax_index n_features,
                         nax_i_gpvae_scaling *s)
{
  nax_status status = NAX_OK;
  double **neural[4] = {&s->in_mean, &s->in_inv, &s->y_mean, &s->y_sd};
  *s = (nax_i_gpvae_scaling){.n_features = n_features};
  for (int i = 0; i < 4; i++) {
    NAX_TRY_ALLOC(*neural[i], n_neurons, sizeof(double));
  }
  NAX_TRY_ALLOC(s->x_mean, n_features, sizeof(double));
  NAX_TRY_ALLOC(s->x_sd, n_features, sizeof(double));
  for (nax_index i = 0; i < n_neurons; i++) {
    s->in_inv[i] = s->y_sd[i] = 1.0;
  }
  for (nax_index i = 0; i < n_features; i++) {
    s->x_sd[i] = 1.0;
  }
done:
  return status;
}

void
nax_i_gpvae_scaling_free(nax_i_gpvae_scaling *s)
{
  double *all[] = {s->in_mean, s->in_inv, s->y_mean, s->y_sd, s->x_mean, s->x_sd};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
    nax_i_free(all[i]);
  }
  nax_i_components_free(&s->components);
  *s = (nax_i_gpvae_scaling){.root = 0};
}

/* Mean and standard deviation of the rows of an arm (of their square roots); rows that do
 * not vary have standard deviation 0. */
static nax_status
moments(nax_ctx *ctx, const nax_i_gpvae_data *d, int arm, nax_index n,
        const nax_index *trial, int root, double *mean, double *sd)
{
  nax_status status = NAX_OK;
  nax_index rows = arm == 0 ? d->n_neurons : d->n_features;
  double *count = NULL;
  NAX_TRY_ALLOC(count, rows, sizeof *count);
  for (int pass = 0; pass < 2; pass++) {
    double *to = pass == 0 ? mean : sd;
    memset(to, 0, (size_t)rows * sizeof *to);
    memset(count, 0, (size_t)rows * sizeof *count);
    for (nax_index k = 0; k < n; k++) {
      if (!nax_i_gpvae_data_has(d, arm, trial[k])) {
        continue;
      }
      const nax_view *v = &d->view[arm][trial[k]];
      for (nax_index j = 0; j < v->dim[1]; j++) {
        for (nax_index i = 0; i < rows; i++) {
          double x = nax_i_gpvae_element(v, i, j);
          if (!isnan(x)) {
            x = root ? sqrt(x) : x;
            to[i] += pass == 0 ? x : (x - mean[i]) * (x - mean[i]);
            count[i] += 1.0;
          }
        }
      }
    }
    for (nax_index i = 0; i < rows; i++) {
      to[i] = count[i] > 0.0 ? to[i] / count[i] : 0.0;
      to[i] = pass == 0 ? to[i] : sqrt(to[i]);
    }
  }
done:
  nax_i_free(count);
  return status;
}

nax_status
nax_i_gpvae_scaling_find(nax_ctx *ctx, const nax_i_gpvae_data *d, nax_index n,
                         const nax_index *trial, const nax_gpvae_opts *o,
                         nax_i_gpvae_scaling *s)
{
  nax_status status = NAX_OK;
  NAX_TRY(nax_i_gpvae_scaling_init(ctx, d->n_neurons, d->n_features, s));
  if (d->n_neurons > 0) {
    s->root = o->likelihood != NAX_GPVAE_GAUSSIAN;
    NAX_TRY(moments(ctx, d, 0, n, trial, s->root, s->in_mean, s->in_inv));
    NAX_TRY(moments(ctx, d, 0, n, trial, 0, s->y_mean, s->y_sd));
    for (nax_index i = 0; i < d->n_neurons; i++) {
      s->in_inv[i] = s->in_inv[i] > 0.0 ? 1.0 / s->in_inv[i] : 0.0;
      s->y_sd[i] = s->y_sd[i] > 0.0 ? s->y_sd[i] : 1.0;
      if (s->root) { /* counts are judged as they are */
        s->y_sd[i] = 1.0;
      }
    }
  }
  if (d->n_features > 0 && o->scale != NAX_GPVAE_SCALE_NONE) {
    double all = 0.0;
    NAX_TRY(moments(ctx, d, 1, n, trial, 0, s->x_mean, s->x_sd));
    for (nax_index i = 0; i < d->n_features; i++) {
      all += s->x_sd[i] * s->x_sd[i] / (double)d->n_features;
    }
    for (nax_index i = 0; i < d->n_features; i++) {
      int common = o->scale == NAX_GPVAE_SCALE_ALL || s->x_sd[i] <= 1e-6 * sqrt(all);
      s->x_sd[i] = common ? sqrt(all) : s->x_sd[i];
      s->x_sd[i] = s->x_sd[i] > 0.0 ? s->x_sd[i] : 1.0;
    }
  }
done:
  return status;
}

/* Participation ratio of the features over some bins of the training trials: the number
 * of dimensions that an isotropic cloud would need for the same ratio of moments. The
 * Gram matrix of n bins sees at most n of them, which is allowed for. */
nax_status
nax_i_gpvae_dimensions(nax_ctx *ctx, const nax_i_gpvae_data *d,
                       const nax_i_gpvae_scaling *s, nax_index n, const nax_index *trial,
                       double *dimensions)
{
  enum { MOST = 400 };
  nax_status status = NAX_OK;
  nax_index p = d->n_features, bins = 0, used = 0, all = 0;
  double *x = NULL, *g = NULL, trace = 0.0, square = 0.0;
  for (nax_index k = 0; k < n; k++) {
    all += nax_i_gpvae_data_has(d, 1, trial[k]) ? d->length[trial[k]] : 0;
  }
  nax_index every = all / MOST + 1;
  NAX_TRY_ALLOC(x, p * (all / every + 1), sizeof *x);
  for (nax_index k = 0; k < n; k++) {
    if (!nax_i_gpvae_data_has(d, 1, trial[k])) {
      continue;
    }
    const nax_view *v = &d->view[1][trial[k]];
    for (nax_index j = 0; j < v->dim[1]; j++, bins++) {
      for (nax_index i = 0; i < p && bins % every == 0; i++) {
        double y = (nax_i_gpvae_element(v, i, j) - s->x_mean[i]) / s->x_sd[i];
        x[i + p * used] = isnan(y) ? 0.0 : y;
      }
      used += bins % every == 0;
    }
  }
  NAX_TRY_ALLOC(g, used * used, sizeof *g);
  NAX_TRY(nax_i_syrk(ctx, NAX_I_TRANS, used, p, 1.0, x, p, 0.0, g, used));
  for (nax_index i = 0; i < used; i++) {
    trace += g[i + i * used];
    for (nax_index j = 0; j < used; j++) {
      square += g[i + j * used] * g[i + j * used];
    }
  }
  double inverse = square / (trace * trace) - 1.0 / (double)used;
  *dimensions = inverse > 1.0 / (double)p ? 1.0 / inverse : (double)p; /* also NaN */
  *dimensions = fmax(*dimensions, 1.0);
done:
  nax_i_free(x);
  nax_i_free(g);
  return status;
}

/* --- batches --------------------------------------------------------------------------
 */

nax_status
nax_i_gpvae_batch_init(nax_ctx *ctx, const nax_i_real *real, nax_index n_neurons,
                       nax_index n_features, const nax_i_components *components,
                       nax_index cols, nax_index trials, nax_i_gpvae_batch *b)
{
  nax_status status = NAX_OK;
  *b = (nax_i_gpvae_batch){.room = cols, .most = trials};
  b->components = components != NULL && components->n > 0 ? components : NULL;
  nax_index rows = b->components != NULL ? components->n : n_features;
  NAX_TRY_ALLOC(b->first, trials + 1, sizeof *b->first);
  NAX_TRY_ALLOC(b->stream, trials, sizeof *b->stream);
  NAX_TRY_ALLOC(b->y, n_neurons * cols, sizeof *b->y);
  NAX_TRY_ALLOC(b->yin, n_neurons * cols, real->size);
  NAX_TRY_ALLOC(b->x, rows * cols, real->size);
  NAX_TRY_ALLOC(b->rest, cols, sizeof *b->rest);
  NAX_TRY_ALLOC(b->seen_room, n_features * cols, 1);
  NAX_TRY_ALLOC(b->has[0], cols, 1);
  NAX_TRY_ALLOC(b->has[1], cols, 1);
done:
  return status;
}

size_t
nax_i_gpvae_batch_bytes(const nax_i_real *real, nax_index n_neurons, nax_index n_features,
                        nax_index n_components, nax_index cols, nax_index trials)
{
  size_t c = (size_t)cols, n = (size_t)n_neurons, p = (size_t)n_features;
  size_t rows = n_components > 0 ? (size_t)n_components : p;
  return c * (n * (sizeof(double) + real->size) + rows * real->size + p + 10) +
         (size_t)(2 * trials + 1) * sizeof(nax_index);
}

void
nax_i_gpvae_batch_free(nax_i_gpvae_batch *b)
{
  void *all[] = {b->first, b->stream,    b->y,      b->yin,   b->x,
                 b->rest,  b->seen_room, b->has[0], b->has[1]};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
    nax_i_free(all[i]);
  }
  *b = (nax_i_gpvae_batch){.n = 0};
}

typedef struct gather {
  const nax_i_gpvae_data *d;
  const nax_i_gpvae_scaling *s;
  const nax_i_real *real;
  const nax_index *trial;
  nax_i_gpvae_batch *b;
  int behaviour; /* 0: the model has no use for it */
  char *partly;  /* per trial: a bin of behaviour is seen in part */
} gather;

/* One row of a column: its scaled value, 0 where missing. */
static inline void
put(const nax_i_real *real, void *to, nax_index at, double x)
{
  if (real->size == sizeof(float)) {
    ((float *)to)[at] = (float)x;
  } else {
    ((double *)to)[at] = x;
  }
}

static void
gather_neural(const gather *g, const nax_view *v, nax_index j, nax_index col)
{
  const nax_i_gpvae_scaling *s = g->s;
  nax_index n = g->d->n_neurons;
  int has = 0;
  for (nax_index i = 0; i < n; i++) {
    double y = v != NULL ? nax_i_gpvae_element(v, i, j) : (double)NAN;
    double in = isnan(y) ? 0.0 : ((s->root ? sqrt(y) : y) - s->in_mean[i]) * s->in_inv[i];
    has = has || !isnan(y);
    g->b->y[i + n * col] = s->root ? y : (y - s->y_mean[i]) / s->y_sd[i];
    put(g->real, g->b->yin, i + n * col, in);
  }
  g->b->has[0][col] = (unsigned char)has;
}

static int
gather_behaviour(const gather *g, const nax_view *v, nax_index j, nax_index col)
{
  enum { PIECE = 64 };
  const nax_i_gpvae_scaling *s = g->s;
  nax_index n = g->d->n_features, seen = 0;
  unsigned char *is = g->b->seen_room + n * col;
  char *to = (char *)g->b->x + (size_t)(n * col) * g->real->size;
  if (v == NULL) {
    memset(to, 0, (size_t)n * g->real->size);
    memset(is, 0, (size_t)n);
  }
  for (nax_index i = 0; i < n && v != NULL; i += PIECE) {
    nax_index m = n - i < PIECE ? n - i : PIECE;
    double piece[PIECE];
    for (nax_index k = 0; k < m; k++) {
      piece[k] = nax_i_gpvae_element(v, i + k, j);
    }
    seen += g->real->standardize(m, piece, s->x_mean + i, s->x_sd + i,
                                 to + (size_t)i * g->real->size, is + i);
  }
  g->b->has[1][col] = seen > 0;
  return seen > 0 && seen < n;
}

/* The same of components; `bin` of all bins. */
static int
gather_components(const gather *g, const nax_view *v, nax_index bin, nax_index j,
                  nax_index col)
{
  const nax_i_components *c = &g->s->components;
  nax_index seen = v != NULL ? g->d->seen[bin] : 0;
  unsigned char *is = g->b->seen_room + c->p * col;
  for (nax_index k = 0; k < c->n; k++) {
    put(g->real, g->b->x, k + c->n * col,
        (double)(v != NULL ? g->d->score[k + c->n * bin] : 0.0f));
  }
  memset(is, seen > 0 ? 1 : 0, (size_t)c->p);
  for (nax_index i = 0; i < c->p && seen > 0 && seen < c->p; i++) {
    is[i] = (unsigned char)!isnan(nax_i_gpvae_element(v, i, j));
  }
  g->b->rest[col] = g->d->rest[bin];
  g->b->has[1][col] = seen > 0;
  return seen > 0 && seen < c->p;
}

static nax_status
gather_trial(int64_t k, void *arg)
{
  const gather *g = arg;
  nax_index c0 = g->b->first[k], start = g->d->start[g->trial[k]];
  const nax_view *v[2] = {NULL, NULL};
  for (int arm = 0; arm < 2; arm++) {
    if (nax_i_gpvae_data_has(g->d, arm, g->trial[k])) {
      v[arm] = &g->d->view[arm][g->trial[k]];
    }
  }
  g->partly[k] = 0;
  for (nax_index col = c0; col < g->b->first[k + 1]; col++) {
    gather_neural(g, v[0], col - c0, col);
    if (g->behaviour && g->s->components.n > 0) {
      g->partly[k] |= (char)gather_components(g, v[1], start + col - c0, col - c0, col);
    } else if (g->behaviour) {
      g->partly[k] |= (char)gather_behaviour(g, v[1], col - c0, col);
    }
  }
  return NAX_OK;
}

nax_status
nax_i_gpvae_gather(nax_ctx *ctx, const nax_i_gpvae_data *d, const nax_i_gpvae_scaling *s,
                   const nax_i_gpvae_model *m, nax_index n, const nax_index *trial,
                   uint64_t epoch, nax_i_gpvae_batch *b)
{
  nax_status status = NAX_OK;
  char *partly = NULL;
  NAX_TRY_ALLOC(partly, n, 1);
  b->n = n;
  b->first[0] = 0;
  for (nax_index k = 0; k < n; k++) {
    b->first[k + 1] = b->first[k] + d->length[trial[k]];
    b->stream[k] = epoch << 32 | (uint64_t)trial[k];
  }
  b->cols = b->first[n];
  int behaviour = m->shape.n_features > 0;
  gather g = {d, s, m->net.real, trial, b, behaviour, partly};
  NAX_TRY(nax_i_parallel(ctx, NULL, n, gather_trial, &g));
  b->seen = NULL;
  for (nax_index k = 0; k < n; k++) {
    b->seen = partly[k] ? b->seen_room : b->seen;
  }
done:
  nax_i_free(partly);
  return status;
}
