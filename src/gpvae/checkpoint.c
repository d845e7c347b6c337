/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The state after an epoch as a file, written atomically, and back. Random numbers need
 * no state: each epoch and trial has a stream of its own. */
#include "gpvae_i.h"
#include <math.h>
#include <neuraxis/io.h>
#include <stdio.h>
#include <unistd.h>

/* What must be the same for a fit to go on: options (but for the file itself) and the
 * sizes and sums of the data. */
static nax_status
fingerprint(const nax_i_gpvae_fit *f, nax_i_buf *b)
{
  const nax_i_gpvae_data *d = f->data;
  for (int32_t i = 0; i < nax_i_gpvae_table.n_opts; i++) {
    char value[256];
    if (strcmp(nax_i_gpvae_table.opts[i].name, "checkpoint") != 0) {
      nax_options_format(&nax_i_gpvae_table, f->o, i, value, sizeof value);
      nax_i_buf_printf(b, "%s=%s ", nax_i_gpvae_table.opts[i].name, value);
    }
  }
  nax_i_buf_printf(b, "trials=%lld bins=%lld neurons=%lld features=%lld",
                   (long long)d->n_trials, (long long)d->bins, (long long)d->n_neurons,
                   (long long)d->n_features);
  for (int arm = 0; arm < 2; arm++) {
    const double *mean = arm == 0 ? f->scaling->y_mean : f->scaling->x_mean;
    nax_i_buf_printf(b, " %.17g",
                     nax_i_sum(mean, arm == 0 ? d->n_neurons : d->n_features));
  }
  return b->failed ? NAX_ENOMEM : NAX_OK;
}

static nax_status
add(nax_ctx *ctx, nax_dataset *d, const char *name, nax_dtype dtype, nax_index n,
    const void *x)
{
  nax_status status = NAX_OK;
  nax_array *a = NULL;
  const char *dim = name;
  if (n == 0) {
    return NAX_OK;
  }
  NAX_TRY(nax_array_create_dims(ctx, dtype, 1, &dim, &n, "1", &a));
  memcpy(nax_array_data_mut(a), x, (size_t)n * nax_dtype_size(dtype));
  NAX_TRY(nax_dataset_add_array(ctx, d, name, a));
  a = NULL;
done:
  nax_array_free(a);
  return status;
}

/* Copy an array of the file to `x`, which holds n elements. */
static nax_status
take(nax_ctx *ctx, const char *path, const nax_dataset *d, const char *name,
     nax_dtype dtype, nax_index n, void *x)
{
  const nax_array *a = nax_dataset_array(d, name);
  if (n == 0) {
    return NAX_OK;
  }
  if (a == NULL || nax_array_size(a) != n) {
    return nax_i_fail_file(ctx, NAX_EFORMAT, path,
                           "`%s` of the checkpoint is %s (expected %lld values)", name,
                           a == NULL ? "missing" : "of another size", (long long)n);
  }
  nax_view v = nax_array_view(a);
  return nax_view_copy_to(ctx, &v, dtype, x);
}

typedef struct piece {
  const char *name;
  nax_dtype dtype;
  nax_index n;
  void *x;
} piece;

enum { PIECES = 13 };

/* Everything the state is made of, in memory. */
static void
list_pieces(nax_i_gpvae_fit *f, piece p[PIECES])
{
  nax_i_gpvae_model *m = &f->model, *k = &f->kept;
  nax_dtype real = m->net.real->size == sizeof(float) ? NAX_F32 : NAX_F64;
  nax_index q = f->turn != NULL ? f->o->n_neural + f->o->n_shared : 0;
  piece all[PIECES] = {
      {"net", real, m->net.n, m->net.p},
      {"net_m", real, m->net.n, m->net.m},
      {"net_v", real, m->net.n, m->net.v},
      {"net_best", real, m->net.n, f->best_net},
      {"small", NAX_F64, m->n_small, m->small},
      {"small_m", NAX_F64, m->n_small, m->small_m},
      {"small_v", NAX_F64, m->n_small, m->small_v},
      {"small_best", NAX_F64, m->n_small, f->best_small},
      {"kept_net", real, k->net.n, k->net.p},
      {"kept_small", NAX_F64, k->n_small, k->small},
      {"turn", NAX_F64, q * q, f->turn},
      {"relevance", NAX_F64, q, f->relevance},
      {"trace", NAX_F64, NAX_I_GPVAE_TRACE * f->n_trace, f->trace},
  };
  memcpy(p, all, sizeof all);
}

nax_status
nax_i_gpvae_checkpoint(nax_i_gpvae_fit *f)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = f->ctx;
  nax_dataset *d = NULL;
  nax_i_buf key = {.data = NULL};
  piece p[PIECES];
  if (f->o->checkpoint == NULL) {
    return NAX_OK;
  }
  NAX_REQUIRE(fingerprint(f, &key) == NAX_OK, NAX_ENOMEM, "out of memory");
  NAX_TRY(nax_dataset_create(ctx, &d));
  list_pieces(f, p);
  for (int i = 0; i < PIECES; i++) {
    NAX_TRY(add(ctx, d, p[i].name, p[i].dtype, p[i].n, p[i].x));
  }
  const struct {
    const char *name;
    double value;
  } number[] = {{"phase", f->phase},
                {"epoch", (double)f->epoch},
                {"steps", (double)f->t},
                {"bad", (double)f->bad},
                {"step", f->step},
                {"best", f->best},
                {"min_length", f->min_len},
                {"max_length", f->max_len},
                {"circle", f->circle},
                {"top", (double)f->top},
                {"epochs_done", (double)f->n_trace},
                {"turned", f->turn != NULL},
                {"has_kept", f->kept.n_small > 0}};
  for (size_t i = 0; i < sizeof number / sizeof number[0]; i++) {
    NAX_TRY(nax_dataset_set_number(ctx, d, number[i].name, number[i].value));
  }
  NAX_TRY(nax_dataset_set_text(ctx, d, "gpvae_checkpoint", key.data));
  nax_save_opts save = NAX_SAVE_OPTS_INIT;
  save.force = 1;
  save.no_history = 1;
  NAX_TRY(nax_dataset_save(ctx, d, f->o->checkpoint, &save));
done:
  nax_i_buf_free(&key);
  nax_dataset_free(d);
  return status;
}

/* Whole numbers and positions come from a file: within what this fit can have. */
static int
plausible(const nax_i_gpvae_fit *f)
{
  return f->phase >= 0 && f->phase < NAX_I_N_PHASES && f->epoch >= 0 &&
         f->epoch <= nax_i_gpvae_phase_epochs(f, f->phase) && f->t >= 0 && f->bad >= 0 &&
         f->step > 0.0 && f->step <= 1.0 && f->min_len > 0.0 && isfinite(f->max_len) &&
         f->max_len >= f->min_len && f->circle >= 1.0 && f->circle < 1e9 && f->top >= 0 &&
         (double)f->top <= 0.5 * f->circle && f->n_trace >= 1 && f->n_trace < 100000000;
}

static nax_status
restore(nax_i_gpvae_fit *f, const nax_dataset *d)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = f->ctx;
  const char *path = f->o->checkpoint;
  nax_i_gpvae_model m = {.n_small = 0};
  nax_index q = f->o->n_neural + f->o->n_shared;
  piece p[PIECES];
  f->phase = (int)nax_dataset_number(d, "phase");
  f->epoch = (int64_t)nax_dataset_number(d, "epoch");
  f->t = (int64_t)nax_dataset_number(d, "steps");
  f->bad = (int64_t)nax_dataset_number(d, "bad");
  f->step = nax_dataset_number(d, "step");
  f->best = nax_dataset_number(d, "best");
  f->min_len = nax_dataset_number(d, "min_length");
  f->max_len = nax_dataset_number(d, "max_length");
  f->circle = nax_dataset_number(d, "circle");
  f->top = (nax_index)nax_dataset_number(d, "top");
  f->n_trace = (nax_index)nax_dataset_number(d, "epochs_done");
  NAX_REQUIRE_FILE(plausible(f), NAX_EFORMAT, path, "the checkpoint is damaged");
  f->done = f->n_trace;
  f->trace_room = f->n_trace;
  NAX_TRY_ALLOC(f->trace, NAX_I_GPVAE_TRACE * f->n_trace, sizeof(double));
  if (nax_dataset_number(d, "turned") == 1.0) {
    NAX_TRY_ALLOC(f->turn, q * q, sizeof(double));
    NAX_TRY_ALLOC(f->relevance, q, sizeof(double));
  }
  if (nax_dataset_number(d, "has_kept") == 1.0) {
    NAX_TRY(nax_i_gpvae_new_model(f, NAX_I_PHASE_JOINT, &f->kept));
  }
  NAX_TRY(nax_i_gpvae_new_model(f, f->phase, &m));
  NAX_TRY(nax_i_gpvae_adopt(f, &m));
  list_pieces(f, p);
  for (int i = 0; i < PIECES; i++) {
    NAX_TRY(take(ctx, path, d, p[i].name, p[i].dtype, p[i].n, p[i].x));
  }
done:
  nax_i_gpvae_model_free(&m);
  return status;
}

nax_status
nax_i_gpvae_resume(nax_i_gpvae_fit *f, int *found)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = f->ctx;
  nax_dataset *d = NULL;
  nax_i_buf key = {.data = NULL};
  const char *path = f->o->checkpoint;
  *found = 0;
  if (path == NULL || access(path, F_OK) != 0) {
    return NAX_OK;
  }
  NAX_REQUIRE(fingerprint(f, &key) == NAX_OK, NAX_ENOMEM, "out of memory");
  NAX_TRY(nax_dataset_load(ctx, path, NULL, &d));
  const char *theirs = nax_dataset_text(d, "gpvae_checkpoint");
  NAX_REQUIRE(theirs != NULL && strcmp(theirs, key.data) == 0, NAX_EINVAL,
              "option `checkpoint` names %s, which holds %s", path,
              theirs == NULL ? "no checkpoint" : "a fit with other options or data");
  NAX_TRY(restore(f, d));
  *found = 1;
done:
  nax_i_buf_free(&key);
  nax_dataset_free(d);
  return status;
}
