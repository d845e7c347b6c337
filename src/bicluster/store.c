/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draws, in netCDF files that grow or in memory. */
#include "run_i.h"
#include <math.h>

const char *const nax_i_bic_scalar_name[NAX_I_BIC_SCALARS] = {
    "log_likelihood", "clusters",       "states_over_2_percent",
    "states_used",    "state_switches", "cluster_entropy",
    "mean_log_r",     "mean_log_rate",  "mean_latent_dim"};

int64_t
nax_i_bic_occupied(const nax_i_bic_chain *c)
{
  int64_t n = 0;
  for (nax_index k = 0; k < c->k; k++) {
    n += c->cluster[k]->size > 0;
  }
  return n;
}

size_t
nax_i_bic_record_size(const nax_i_bic_data *d, int64_t k, int has_path)
{
  size_t n = (size_t)d->n, t = (size_t)d->t, q = (size_t)d->q;
  size_t size = sizeof(nax_i_bic_draw) + n * (sizeof(uint16_t) + 1) + t;
  size += (n + n * q + (has_path ? (size_t)k * t * q : 0)) * sizeof(float);
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
  s[NAX_I_BIC_CLUSTERS] = (double)nax_i_bic_occupied(c);
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
    s[NAX_I_BIC_LATENT_DIM] += p * (c->cluster[k]->q - 1);
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
  nax_i_bic_draw h = {chain, (int64_t)c->sweep, nax_i_bic_occupied(c), has_path, {0.0}};
  scalars(c, h.scalar);
  memset(to, 0, nax_i_bic_record_size(d, h.k, has_path));
  to = put(to, &h, sizeof h);
  for (nax_index i = 0; i < d->n; i++) {
    float r = (float)c->r[i];
    to = put(to, &r, sizeof r);
  }
  for (nax_index i = 0; i < d->n * d->q; i++) {
    float b = (float)c->b[i];
    to = put(to, &b, sizeof b);
  }
  for (nax_index k = 0; has_path && k < c->k; k++) {
    const nax_i_bic_cluster *x = c->cluster[k];
    for (nax_index t = 0; x->size > 0 && t < d->t; t++) {
      for (int a = 0; a < d->q; a++) {
        float u = a < x->q ? (float)x->f[a * d->tp + t] : 0.0F;
        to = put(to, &u, sizeof u);
      }
    }
  }
  for (nax_index i = 0; i < d->n; i++) { /* those that are empty have no number */
    uint16_t z = 0;
    for (nax_index k = 0; k < c->z[i]; k++) {
      z = (uint16_t)(z + (c->cluster[k]->size > 0));
    }
    to = put(to, &z, sizeof z);
  }
  to = put(to, c->xi, (size_t)d->t);
  for (nax_index i = 0; i < d->n; i++) {
    uint8_t p = (uint8_t)(c->cluster[c->z[i]]->q - 1);
    to = put(to, &p, 1);
  }
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

enum {
  SWEEP,
  SCALAR,
  CLUSTER,
  STATE,
  DISPERSION,
  LOADING,
  LATENT_DIM,
  FIRST_PATH,
  DRAW_VARS
};
enum { PATH_CHAIN, PATH_DRAW, PATH_CLUSTER, PATH, PATH_VARS };

static void
describe(nax_i_bic_store *s)
{
  const nax_i_bic_data *d = s->d;
  nax_index chains = s->n_chains, n = d->n, t = d->t, q = d->q;
  nax_i_snprintf(s->scalars, sizeof s->scalars, "%s", nax_i_bic_scalar_name[0]);
  for (int i = 1; i < NAX_I_BIC_SCALARS; i++) {
    size_t used = strlen(s->scalars);
    nax_i_snprintf(s->scalars + used, sizeof s->scalars - used, ", %s",
                   nax_i_bic_scalar_name[i]);
  }
  const nax_i_record_var draw[DRAW_VARS] = {
      {"sweep", "sweep of the draw", NAX_I64, 1, {"chain"}, {chains}},
      {"scalar",
       s->scalars,
       NAX_F64,
       2,
       {"chain", "scalar"},
       {chains, NAX_I_BIC_SCALARS}},
      {"cluster", "cluster of each neuron", NAX_U16, 2, {"chain", "neuron"}, {chains, n}},
      {"state",
       "state that leads to each bin from the one before",
       NAX_U8,
       2,
       {"chain", "bin"},
       {chains, t}},
      {"dispersion",
       "dispersion of each neuron",
       NAX_F32,
       2,
       {"chain", "neuron"},
       {chains, n}},
      {"loading",
       "baseline and loadings of each neuron",
       NAX_F32,
       3,
       {"chain", "neuron", "row"},
       {chains, n, q}},
      {"latent_dim",
       "latents of the cluster of each neuron",
       NAX_U8,
       2,
       {"chain", "neuron"},
       {chains, n}},
      {"first_path",
       "record in the file of trajectories where those of the draw begin; -1: not kept",
       NAX_I64,
       1,
       {"chain"},
       {chains}}};
  const nax_i_record_var path[PATH_VARS] = {
      {"chain", "chain of the draw", NAX_I64, 0, {NULL}, {0}},
      {"draw", "record in the file of draws", NAX_I64, 0, {NULL}, {0}},
      {"cluster", "cluster of the trajectory", NAX_I64, 0, {NULL}, {0}},
      {"path", "mean and latents of the cluster", NAX_F32, 2, {"bin", "row"}, {t, q}}};
  memcpy(s->draw_var, draw, sizeof draw);
  memcpy(s->path_var, path, sizeof path);
}

static nax_status
open_files(nax_ctx *ctx, nax_i_bic_store *s, const char *path,
           const nax_i_bic_extent *there)
{
  nax_status status = NAX_OK;
  char *draws = nax_i_asprintf("%s.draws.nc", path);
  char *paths = nax_i_asprintf("%s.paths.nc", path);
  NAX_REQUIRE(draws != NULL && paths != NULL, NAX_ENOMEM, "out of memory");
  describe(s);
  if (there->draws == 0) {
    NAX_TRY(nax_i_records_create(ctx, draws, "draw", DRAW_VARS, s->draw_var,
                                 "draws of a bi-clustering", &s->draws));
    NAX_TRY(nax_i_records_create(ctx, paths, "trajectory", PATH_VARS, s->path_var,
                                 "trajectories of a bi-clustering", &s->paths));
  } else {
    NAX_TRY(nax_i_records_open(ctx, draws, (nax_index)there->draws, DRAW_VARS,
                               s->draw_var, &s->draws));
    NAX_TRY(nax_i_records_open(ctx, paths, (nax_index)there->paths, PATH_VARS,
                               s->path_var, &s->paths));
  }
  for (int64_t c = 0; c < s->n_chains; c++) {
    s->n[c] = (nax_index)there->draws;
  }
  s->n_paths = (nax_index)there->paths;
done:
  nax_i_free(draws);
  nax_i_free(paths);
  return status;
}

nax_status
nax_i_bic_store_open(nax_ctx *ctx, const nax_i_bic_data *d, const char *path,
                     int64_t n_chains, const nax_i_bic_extent *there, nax_i_bic_store *s)
{
  nax_status status = NAX_OK;
  *s = (nax_i_bic_store){.d = d, .n_chains = n_chains};
  NAX_TRY_ALLOC(s->at, n_chains, sizeof *s->at);
  NAX_TRY_ALLOC(s->n, n_chains, sizeof *s->n);
  NAX_TRY_ALLOC(s->cap, n_chains, sizeof *s->cap);
  NAX_TRY_ALLOC(s->record, nax_i_bic_record_size(d, d->n, 1), 1);
  if (path != NULL) {
    NAX_TRY(open_files(ctx, s, path, there));
  }
done:
  return status;
}

/* Where the parts of a record are; its head is known. */
static void
take_apart(const nax_i_bic_data *d, const unsigned char *rec, nax_i_bic_parts *out)
{
  out->r = (const float *)(const void *)(rec + sizeof out->head);
  out->b = out->r + d->n;
  out->u = out->b + d->n * d->q;
  const float *end = out->u + (out->head.has_path ? out->head.k * d->t * d->q : 0);
  out->u = out->head.has_path ? out->u : NULL;
  out->z = (const uint16_t *)(const void *)end;
  out->xi = (const uint8_t *)(out->z + d->n);
  out->p = out->xi + d->t;
}

static nax_status
add_to_files(nax_ctx *ctx, nax_i_bic_store *s, const nax_i_bic_parts *p)
{
  nax_status status = NAX_OK;
  const nax_i_bic_data *d = s->d;
  nax_index c = p->head.chain, at = s->n[c];
  int64_t first = p->u != NULL ? s->n_paths : -1;
  NAX_TRY(nax_i_records_put(ctx, s->draws, SWEEP, at, c, &p->head.sweep));
  NAX_TRY(nax_i_records_put(ctx, s->draws, SCALAR, at, c, p->head.scalar));
  NAX_TRY(nax_i_records_put(ctx, s->draws, CLUSTER, at, c, p->z));
  NAX_TRY(nax_i_records_put(ctx, s->draws, STATE, at, c, p->xi));
  NAX_TRY(nax_i_records_put(ctx, s->draws, DISPERSION, at, c, p->r));
  NAX_TRY(nax_i_records_put(ctx, s->draws, LOADING, at, c, p->b));
  NAX_TRY(nax_i_records_put(ctx, s->draws, LATENT_DIM, at, c, p->p));
  NAX_TRY(nax_i_records_put(ctx, s->draws, FIRST_PATH, at, c, &first));
  for (int64_t k = 0; p->u != NULL && k < p->head.k; k++) {
    nax_index to = s->n_paths++;
    int64_t draw = at;
    NAX_TRY(nax_i_records_put(ctx, s->paths, PATH_CHAIN, to, -1, &p->head.chain));
    NAX_TRY(nax_i_records_put(ctx, s->paths, PATH_DRAW, to, -1, &draw));
    NAX_TRY(nax_i_records_put(ctx, s->paths, PATH_CLUSTER, to, -1, &k));
    NAX_TRY(nax_i_records_put(ctx, s->paths, PATH, to, -1, p->u + k * d->t * d->q));
  }
  s->n[c]++;
done:
  return status;
}

nax_status
nax_i_bic_store_add(nax_ctx *ctx, nax_i_bic_store *s, const unsigned char *rec,
                    size_t size)
{
  nax_status status = NAX_OK;
  nax_i_bic_parts p;
  memcpy(&p.head, rec, sizeof p.head);
  if (s->draws != NULL) {
    take_apart(s->d, rec, &p);
    return add_to_files(ctx, s, &p);
  }
  if (s->length + size > s->room) {
    uint64_t room = 2 * s->room + size + 4096;
    unsigned char *more = nax_i_realloc(s->memory, (size_t)room, 1);
    NAX_REQUIRE(more != NULL, NAX_ENOMEM,
                "out of memory for the draws: give a file for the checkpoint");
    s->memory = more;
    s->room = room;
  }
  memcpy(s->memory + s->length, rec, size);
  NAX_TRY(remember(ctx, s, p.head.chain, s->length));
  s->length += size;
done:
  return status;
}

nax_status
nax_i_bic_store_flush(nax_ctx *ctx, nax_i_bic_store *s)
{
  nax_status status = NAX_OK;
  if (s->draws != NULL) {
    NAX_TRY(nax_i_records_flush(ctx, s->draws));
    NAX_TRY(nax_i_records_flush(ctx, s->paths));
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
  nax_i_records_close(s->draws);
  nax_i_records_close(s->paths);
  nax_i_free(s->at);
  nax_i_free(s->n);
  nax_i_free(s->cap);
  nax_i_free(s->memory);
  nax_i_free(s->record);
  memset(s, 0, sizeof *s);
}

static nax_status
get_from_files(nax_ctx *ctx, nax_i_bic_store *s, int64_t chain, nax_index i,
               nax_i_bic_parts *out)
{
  nax_status status = NAX_OK;
  const nax_i_bic_data *d = s->d;
  nax_i_bic_draw *h = &out->head;
  int64_t first;
  memset(h, 0, sizeof *h);
  h->chain = chain;
  NAX_TRY(nax_i_records_get(ctx, s->draws, SWEEP, i, chain, &h->sweep));
  NAX_TRY(nax_i_records_get(ctx, s->draws, SCALAR, i, chain, h->scalar));
  NAX_TRY(nax_i_records_get(ctx, s->draws, FIRST_PATH, i, chain, &first));
  double k = h->scalar[NAX_I_BIC_CLUSTERS];
  NAX_REQUIRE(k >= 1.0 && k <= (double)d->n && first >= -1 && first < s->n_paths,
              NAX_EFORMAT, "draw %lld of chain %lld is damaged", (long long)i,
              (long long)chain);
  h->k = (int64_t)k;
  h->has_path = first >= 0;
  take_apart(d, s->record, out);
  unsigned char *rec = s->record; /* the same places, to be written */
#define PLACE(p) (rec + ((const unsigned char *)(const void *)(p)-rec))
  NAX_TRY(nax_i_records_get(ctx, s->draws, CLUSTER, i, chain, PLACE(out->z)));
  NAX_TRY(nax_i_records_get(ctx, s->draws, STATE, i, chain, PLACE(out->xi)));
  NAX_TRY(nax_i_records_get(ctx, s->draws, DISPERSION, i, chain, PLACE(out->r)));
  NAX_TRY(nax_i_records_get(ctx, s->draws, LOADING, i, chain, PLACE(out->b)));
  NAX_TRY(nax_i_records_get(ctx, s->draws, LATENT_DIM, i, chain, PLACE(out->p)));
  for (int64_t j = 0; out->u != NULL && j < h->k; j++) {
    const float *u = out->u + j * d->t * d->q;
    NAX_TRY(nax_i_records_get(ctx, s->paths, PATH, first + j, -1, PLACE(u)));
  }
#undef PLACE
done:
  return status;
}

nax_status
nax_i_bic_store_get(nax_ctx *ctx, nax_i_bic_store *s, int64_t chain, nax_index i,
                    nax_i_bic_parts *out)
{
  if (s->draws != NULL) {
    return get_from_files(ctx, s, chain, i, out);
  }
  const unsigned char *rec = s->memory + s->at[chain][i];
  memcpy(&out->head, rec, sizeof out->head);
  take_apart(s->d, rec, out);
  return NAX_OK;
}
