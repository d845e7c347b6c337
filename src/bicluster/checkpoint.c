/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The state of a run in one file that appears whole or not at all. Streams of random
 * numbers are functions of (chain, sweep, move, item), so the sweep is all that is kept
 * of them. The file is for the machine that wrote it: its numbers are in native order. */
#define _POSIX_C_SOURCE 200809L
#include "run_i.h"
#include <errno.h>

static const char magic[8] = "NAXBIC4";

/* Writes to, reads from or only measures a buffer. */
typedef struct cursor {
  unsigned char *at;
  const unsigned char *end; /* reading */
  size_t size;
  int writing, failed;
} cursor;

static void
field(cursor *c, void *x, size_t size)
{
  if (c->at != NULL && c->writing) {
    memcpy(c->at, x, size);
    c->at += size;
  } else if (c->at != NULL) {
    if ((size_t)(c->end - c->at) < size) {
      c->failed = 1;
      return;
    }
    memcpy(x, c->at, size);
    c->at += size;
  }
  c->size += size;
}

static void
numbers(cursor *c, double *x, nax_index n)
{
  field(c, x, (size_t)n * sizeof *x);
}

static void
walk_dyn(cursor *c, int q, nax_i_bic_dyn *x)
{
  double *const square[] = {x->a, x->q, x->p, x->m, x->g};
  for (size_t i = 0; i < sizeof square / sizeof square[0]; i++) {
    numbers(c, square[i], q * q);
  }
  numbers(c, x->b, q);
  numbers(c, &x->logdet, 1);
}

/* One chain, the same walk for all three purposes. */
static nax_status
walk_chain(nax_ctx *ctx, cursor *c, nax_i_bic_chain *x)
{
  nax_status status = NAX_OK;
  const nax_i_bic_data *d = x->d;
  field(c, &x->sweep, sizeof x->sweep);
  field(c, &x->k, sizeof x->k);
  field(c, &x->components, sizeof x->components);
  NAX_REQUIRE(!c->failed && x->k >= 0 && x->k <= d->n, NAX_EFORMAT,
              "a chain of %lld clusters", (long long)x->k);
  NAX_TRY(nax_i_bic_reserve(ctx, x, x->k));
  field(c, x->z, (size_t)d->n * sizeof *x->z);
  field(c, x->xi, (size_t)d->t);
  numbers(c, x->b, d->n * d->q);
  numbers(c, x->r, d->n);
  numbers(c, x->beta, d->l);
  numbers(c, x->pi, (nax_index)d->l * d->l);
  numbers(c, &x->sticky, 1);
  numbers(c, &x->concentration, 1);
  numbers(c, &x->gamma, 1);
  numbers(c, &x->loglik, 1);
  numbers(c, &x->repaired, 1);
  field(c, &x->member, sizeof x->member);
  field(c, &x->path, sizeof x->path);
  field(c, &x->together, sizeof x->together);
  field(c, &x->moved, sizeof x->moved);
  field(c, &x->rescale, sizeof x->rescale);
  field(c, &x->piece, sizeof x->piece);
  field(c, &x->dimension, sizeof x->dimension);
  field(c, &x->transfer, sizeof x->transfer);
  field(c, &x->split, sizeof x->split);
  field(c, &x->state_split, sizeof x->state_split);
  for (nax_index g = 0; g < nax_i_bic_n_groups(x); g++) {
    nax_i_bic_cluster *group = nax_i_bic_group(x, g);
    field(c, &group->q, sizeof group->q);
    NAX_REQUIRE(!c->failed && group->q >= 1 && group->q <= d->rows, NAX_EFORMAT,
                "a path of %d rows", group->q);
    numbers(c, group->u, d->t * group->q);
    for (int s = 0; s < d->l; s++) {
      walk_dyn(c, group->q, &group->dyn[s]);
    }
  }
  for (nax_index k = 0; k < x->k; k++) {
    field(c, &x->cluster[k]->size, sizeof x->cluster[k]->size);
    if (d->region != NULL) {
      numbers(c, x->cluster[k]->phi, d->n_region);
    }
    nax_i_bic_transpose(x, k);
  }
  for (nax_index i = 0; i < d->n; i++) {
    NAX_REQUIRE(x->z[i] >= 0 && x->z[i] < (x->k > 0 ? x->k : 1), NAX_EFORMAT,
                "label %lld of %lld clusters", (long long)x->z[i], (long long)x->k);
  }
done:
  return status;
}

static nax_status
walk(nax_ctx *ctx, cursor *c, nax_i_bic_run *run, nax_i_bic_extent *draws)
{
  nax_status status = NAX_OK;
  const nax_bicluster_opts *o = &run->d->o;
  field(c, draws, sizeof *draws);
  field(c, &run->sweep, sizeof run->sweep);
  numbers(c, &run->start_score, 1);
  numbers(c, &run->start_gain, 1);
  numbers(c, &run->start_smooth, 1);
  numbers(c, &run->start_spread, 1);
  field(c, &run->start_clusters, sizeof run->start_clusters);
  for (int64_t i = 0; i < o->n_chains; i++) {
    nax_i_bic_lane *lane = &run->lane[i];
    numbers(c, lane->held, run->d->n_held);
    numbers(c, &lane->n_held_draws, 1);
    if (lane->rate != NULL) {
      numbers(c, lane->rate, run->d->n * run->d->t);
      numbers(c, &lane->n_rate_draws, 1);
    }
    field(c, &lane->swap, sizeof lane->swap);
    for (int64_t j = 0; j < o->n_temperatures; j++) {
      NAX_TRY(walk_chain(ctx, c, lane->replica[j]));
    }
  }
  NAX_REQUIRE(!c->failed, NAX_EFORMAT, "it ends too early");
done:
  return status;
}

/* FNV-1a over bytes: tells damage, not malice. */
static uint64_t
digest(uint64_t h, const void *x, size_t n)
{
  const unsigned char *p = x;
  for (size_t i = 0; i < n; i++) {
    h = (h ^ p[i]) * UINT64_C(1099511628211);
  }
  return h;
}

uint64_t
nax_i_bic_hash(const nax_i_bic_data *d)
{
  uint64_t h = UINT64_C(14695981039346656037);
  char value[64];
  for (int32_t i = 0; i < nax_i_bicluster_table.n_opts; i++) {
    const char *name = nax_i_bicluster_table.opts[i].name;
    if (strncmp(name, "checkpoint", 10) != 0 && strcmp(name, "resume") != 0) {
      nax_options_format(&nax_i_bicluster_table, &d->o, i, value, sizeof value);
      h = digest(h, value, strlen(value) + 1);
    }
  }
  h = digest(h, d->y, (size_t)(d->n * d->tp) * sizeof *d->y);
  h = digest(h, d->mask, (size_t)(d->n * d->tp) * sizeof *d->mask);
  h = digest(h, d->first, (size_t)d->t);
  return d->region != NULL ? digest(h, d->region, (size_t)d->n * sizeof *d->region) : h;
}

nax_status
nax_i_bic_snapshot_take(nax_ctx *ctx, nax_i_bic_run *run)
{
  nax_status status = NAX_OK;
  nax_i_bic_snapshot *s = &run->snapshot;
  nax_i_bic_extent draws = {(uint64_t)run->store.n[0], (uint64_t)run->store.n_paths};
  cursor c = {.writing = 1};
  NAX_TRY(walk(ctx, &c, run, &draws));
  if (c.size > s->room) {
    size_t room = c.size + c.size / 4; /* clusters come and go */
    unsigned char *more = nax_i_realloc(s->bytes, room, 1);
    NAX_REQUIRE(more != NULL, NAX_ENOMEM, "out of memory");
    s->bytes = more;
    s->room = room;
  }
  s->size = c.size;
  c = (cursor){.at = s->bytes, .writing = 1};
  NAX_TRY(walk(ctx, &c, run, &draws));
done:
  return status;
}

nax_status
nax_i_bic_checkpoint_save(nax_ctx *ctx, nax_i_bic_run *run)
{
  nax_status status = NAX_OK;
  const nax_i_bic_snapshot *s = &run->snapshot;
  nax_i_atomic file = {NULL, NULL};
  FILE *f = NULL;
  const char *path = run->d->o.checkpoint;
  uint64_t head[3] = {run->hash, s->size,
                      digest(UINT64_C(14695981039346656037), s->bytes, s->size)};
  NAX_TRY(nax_i_bic_store_flush(ctx, &run->store));
  NAX_TRY(nax_i_atomic_begin(ctx, path, 1, &file));
  f = fopen(file.temp, "wb");
  NAX_REQUIRE_FILE(f != NULL && fwrite(magic, 1, sizeof magic, f) == sizeof magic &&
                       fwrite(head, sizeof head, 1, f) == 1 &&
                       fwrite(s->bytes, 1, s->size, f) == s->size && fflush(f) == 0,
                   NAX_EIO, path, "cannot write: %s", strerror(errno));
  int bad = fclose(f);
  f = NULL;
  NAX_REQUIRE_FILE(bad == 0, NAX_EIO, path, "cannot write: %s", strerror(errno));
  NAX_TRY(nax_i_atomic_commit(ctx, &file, 1));
done:
  if (f != NULL) {
    fclose(f);
  }
  nax_i_atomic_abort(&file);
  return status;
}

nax_status
nax_i_bic_checkpoint_load(nax_ctx *ctx, nax_i_bic_run *run, nax_i_bic_extent *draws)
{
  nax_status status = NAX_OK;
  const char *path = run->d->o.checkpoint;
  unsigned char *buffer = NULL;
  char found[8];
  uint64_t head[3];
  FILE *f = fopen(path, "rb");
  NAX_REQUIRE_FILE(f != NULL, NAX_EIO, path, "cannot open: %s", strerror(errno));
  NAX_REQUIRE_FILE(fread(found, 1, sizeof found, f) == sizeof found &&
                       memcmp(found, magic, sizeof magic) == 0 &&
                       fread(head, sizeof head, 1, f) == 1,
                   NAX_EFORMAT, path, "not a checkpoint of this version");
  NAX_REQUIRE_FILE(head[0] == run->hash, NAX_EINVAL, path,
                   "belongs to other data or options");
  NAX_REQUIRE_FILE(fseeko(f, 0, SEEK_END) == 0 &&
                       (uint64_t)ftello(f) == sizeof magic + sizeof head + head[1] &&
                       fseeko(f, sizeof magic + sizeof head, SEEK_SET) == 0,
                   NAX_EFORMAT, path, "damaged (wrong length)");
  NAX_TRY_ALLOC(buffer, head[1], 1);
  NAX_REQUIRE_FILE(fread(buffer, 1, head[1], f) == head[1] &&
                       digest(UINT64_C(14695981039346656037), buffer, head[1]) == head[2],
                   NAX_EFORMAT, path, "damaged (checksum)");
  cursor c = {.at = buffer, .end = buffer + head[1]};
  NAX_TRY(walk(ctx, &c, run, draws));
done:
  if (f != NULL) {
    fclose(f);
  }
  nax_i_free(buffer);
  return status;
}
