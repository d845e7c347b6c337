/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draws, one record after the other, in a file or in memory. */
#define _POSIX_C_SOURCE 200809L
#include "run_i.h"
#include <errno.h>
#include <math.h>
#include <unistd.h>

const char *const nax_i_bic_scalar_name[NAX_I_BIC_SCALARS] = {
    "log_likelihood", "clusters",       "states_over_2_percent",
    "states_used",    "state_switches", "cluster_entropy",
    "mean_log_r",     "mean_log_rate"};

size_t
nax_i_bic_record_size(const nax_i_bic_data *d, int64_t k, int has_path)
{
  size_t n = (size_t)d->n, t = (size_t)d->t, q = (size_t)d->q;
  size_t size = sizeof(nax_i_bic_draw) + n * sizeof(uint16_t) + t + n * sizeof(float);
  size += has_path ? (n * q + (size_t)k * t * q) * sizeof(float) : 0;
  return (size + 7) / 8 * 8;
}

static unsigned char *
put(unsigned char *to, const void *from, size_t size)
{
  memcpy(to, from, size);
  return to + size;
}

static void
scalars(const nax_i_bic_chain *c, double *s)
{
  const nax_i_bic_data *d = c->d;
  nax_index count[NAX_I_BIC_L] = {0}, all = 0;
  memset(s, 0, NAX_I_BIC_SCALARS * sizeof *s);
  s[NAX_I_BIC_LOGLIK] = c->loglik;
  s[NAX_I_BIC_CLUSTERS] = (double)c->k;
  for (nax_index t = 1; t < d->t; t++) {
    if (!d->first[t]) {
      count[c->xi[t]]++;
      all++;
      s[NAX_I_BIC_SWITCHES] += !d->first[t - 1] && c->xi[t] != c->xi[t - 1];
    }
  }
  for (int j = 0; j < d->l; j++) {
    s[NAX_I_BIC_STATES_USED] += count[j] > 0;
    s[NAX_I_BIC_STATES_LARGE] += (double)count[j] > 0.02 * (double)all;
  }
  for (nax_index k = 0; k < c->k; k++) {
    double p = (double)c->cluster[k]->size / (double)d->n;
    s[NAX_I_BIC_ENTROPY] -= p > 0.0 ? p * log(p) : 0.0;
  }
  for (nax_index i = 0; i < d->n; i++) {
    double sum = 0.0;
    for (nax_index t = 0; t < d->t; t++) {
      sum += c->eta[i * d->tp + t];
    }
    s[NAX_I_BIC_LOG_RATE] += sum / (double)(d->n * d->t);
    s[NAX_I_BIC_LOG_R] += log(c->r[i]) / (double)d->n;
  }
}

void
nax_i_bic_record(const nax_i_bic_chain *c, int64_t chain, int has_path, unsigned char *to)
{
  const nax_i_bic_data *d = c->d;
  nax_i_bic_draw h = {chain, (int64_t)c->sweep, c->k, has_path, {0.0}};
  scalars(c, h.scalar);
  memset(to, 0, nax_i_bic_record_size(d, c->k, has_path));
  to = put(to, &h, sizeof h);
  for (nax_index i = 0; i < d->n; i++) {
    float r = (float)c->r[i];
    to = put(to, &r, sizeof r);
  }
  for (nax_index i = 0; has_path && i < d->n * d->q; i++) {
    float b = (float)c->b[i];
    to = put(to, &b, sizeof b);
  }
  for (nax_index k = 0; has_path && k < c->k; k++) {
    for (nax_index j = 0; j < d->t * d->q; j++) {
      float u = (float)c->cluster[k]->u[j];
      to = put(to, &u, sizeof u);
    }
  }
  for (nax_index i = 0; i < d->n; i++) {
    uint16_t z = (uint16_t)c->z[i];
    to = put(to, &z, sizeof z);
  }
  put(to, c->xi, (size_t)d->t);
}

/* --- storing ---------------------------------------------------------------------------
 */

static nax_status
remember(nax_ctx *ctx, nax_i_bic_store *s, int64_t chain, uint64_t at)
{
  nax_status status = NAX_OK;
  if (s->n[chain] == s->cap[chain]) {
    nax_index cap = s->cap[chain] > 0 ? 2 * s->cap[chain] : 256;
    uint64_t *more = nax_i_realloc(s->at[chain], (size_t)cap, sizeof *more);
    NAX_REQUIRE(more != NULL, NAX_ENOMEM, "out of memory");
    s->at[chain] = more;
    s->cap[chain] = cap;
  }
  s->at[chain][s->n[chain]++] = at;
done:
  return status;
}

/* Find the draws of a file that is there. */
static nax_status
scan_file(nax_ctx *ctx, nax_i_bic_store *s, uint64_t length)
{
  nax_status status = NAX_OK;
  uint64_t at = 0;
  while (at < length) {
    nax_i_bic_draw h;
    NAX_REQUIRE_FILE(fseeko(s->file, (off_t)at, SEEK_SET) == 0 &&
                         fread(&h, sizeof h, 1, s->file) == 1 && h.chain >= 0 &&
                         h.chain < s->n_chains && h.k > 0 && h.k <= s->d->n,
                     NAX_EFORMAT, s->path, "draws are damaged (at byte %llu)",
                     (unsigned long long)at);
    NAX_TRY(remember(ctx, s, h.chain, at));
    at += nax_i_bic_record_size(s->d, h.k, h.has_path != 0);
  }
  NAX_REQUIRE_FILE(at == length, NAX_EFORMAT, s->path, "draws are damaged at their end");
done:
  return status;
}

nax_status
nax_i_bic_store_open(nax_ctx *ctx, const nax_i_bic_data *d, const char *path,
                     int64_t n_chains, uint64_t length, nax_i_bic_store *s)
{
  nax_status status = NAX_OK;
  *s = (nax_i_bic_store){.d = d, .n_chains = n_chains};
  NAX_TRY_ALLOC(s->at, n_chains, sizeof *s->at);
  NAX_TRY_ALLOC(s->n, n_chains, sizeof *s->n);
  NAX_TRY_ALLOC(s->cap, n_chains, sizeof *s->cap);
  NAX_TRY_ALLOC(s->record, nax_i_bic_record_size(d, d->n, 1), 1);
  if (path == NULL) {
    return NAX_OK;
  }
  s->path = nax_i_asprintf("%s.draws", path);
  NAX_REQUIRE(s->path != NULL, NAX_ENOMEM, "out of memory");
  s->file = fopen(s->path, length > 0 ? "r+b" : "w+b");
  NAX_REQUIRE_FILE(s->file != NULL, NAX_EIO, s->path, "cannot open: %s", strerror(errno));
  NAX_REQUIRE_FILE(fseeko(s->file, 0, SEEK_END) == 0 &&
                       ftello(s->file) >= (off_t)length &&
                       ftruncate(fileno(s->file), (off_t)length) == 0,
                   NAX_EFORMAT, s->path, "shorter than its checkpoint says");
  NAX_TRY(scan_file(ctx, s, length));
  s->length = length;
done:
  return status;
}

nax_status
nax_i_bic_store_add(nax_ctx *ctx, nax_i_bic_store *s, const unsigned char *rec,
                    size_t size)
{
  nax_status status = NAX_OK;
  nax_i_bic_draw h;
  memcpy(&h, rec, sizeof h);
  if (s->file != NULL) {
    NAX_REQUIRE_FILE(fseeko(s->file, (off_t)s->length, SEEK_SET) == 0 &&
                         fwrite(rec, 1, size, s->file) == size,
                     NAX_EIO, s->path, "cannot write: %s", strerror(errno));
  } else {
    if (s->length + size > s->room) {
      uint64_t room = 2 * s->room + size + 4096;
      unsigned char *more = nax_i_realloc(s->memory, (size_t)room, 1);
      NAX_REQUIRE(more != NULL, NAX_ENOMEM,
                  "out of memory for the draws: give a file "
                  "for the checkpoint");
      s->memory = more;
      s->room = room;
    }
    memcpy(s->memory + s->length, rec, size);
  }
  NAX_TRY(remember(ctx, s, h.chain, s->length));
  s->length += size;
done:
  return status;
}

nax_status
nax_i_bic_store_flush(nax_ctx *ctx, nax_i_bic_store *s)
{
  nax_status status = NAX_OK;
  if (s->file != NULL) {
    NAX_REQUIRE_FILE(fflush(s->file) == 0 && fsync(fileno(s->file)) == 0, NAX_EIO,
                     s->path, "cannot write: %s", strerror(errno));
  }
done:
  return status;
}

void
nax_i_bic_store_close(nax_i_bic_store *s)
{
  for (int64_t c = 0; s->at != NULL && c < s->n_chains; c++) {
    nax_i_free(s->at[c]);
  }
  if (s->file != NULL) {
    fclose(s->file);
  }
  nax_i_free(s->at);
  nax_i_free(s->n);
  nax_i_free(s->cap);
  nax_i_free(s->path);
  nax_i_free(s->memory);
  nax_i_free(s->record);
  memset(s, 0, sizeof *s);
}

nax_status
nax_i_bic_store_get(nax_ctx *ctx, nax_i_bic_store *s, int64_t chain, nax_index i,
                    nax_i_bic_parts *out)
{
  nax_status status = NAX_OK;
  const nax_i_bic_data *d = s->d;
  uint64_t at = s->at[chain][i];
  const unsigned char *rec = s->record;
  if (s->file == NULL) {
    rec = s->memory + at;
    memcpy(&out->head, rec, sizeof out->head);
  } else {
    NAX_REQUIRE_FILE(fseeko(s->file, (off_t)at, SEEK_SET) == 0 &&
                         fread(&out->head, sizeof out->head, 1, s->file) == 1,
                     NAX_EIO, s->path, "cannot read back");
    size_t size = nax_i_bic_record_size(d, out->head.k, out->head.has_path != 0);
    NAX_REQUIRE_FILE(fread(s->record + sizeof out->head, 1, size - sizeof out->head,
                           s->file) == size - sizeof out->head,
                     NAX_EIO, s->path, "cannot read back");
  }
  rec += sizeof out->head;
  out->r = (const float *)(const void *)rec;
  out->b = out->r + d->n;
  out->u = out->head.has_path ? out->b + d->n * d->q : NULL;
  const float *end = out->head.has_path ? out->u + out->head.k * d->t * d->q : out->b;
  out->b = out->head.has_path ? out->b : NULL;
  out->z = (const uint16_t *)(const void *)end;
  out->xi = (const uint8_t *)(out->z + d->n);
done:
  return status;
}
