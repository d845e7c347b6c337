/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RDMs over time and over neighbourhoods of channels: many small problems side by side.
 */
#include "rsa_i.h"
#include <math.h>

/* One RDM for each of many parts of the same recording. */
typedef struct series {
  const nax_view *x, *precision;
  const int64_t *condition, *fold;
  const nax_rdm_opts *opts;
  const nax_rdm_places *places; /* or NULL: times */
  nax_index bin;
  const double *covariance; /* of all channels, or NULL */
  nax_rdms *r;
} series;

static double
at(const nax_view *v, nax_index offset)
{
  return v->dtype == NAX_F64 ? ((const double *)v->data)[offset]
                             : (double)((const float *)v->data)[offset];
}

/* Part `block` as channel x observation. */
static void
gather(const series *s, int64_t block, nax_index channels, double *part)
{
  const nax_view *x = s->x;
  nax_index n = x->dim[x->ndim - 1], obs = x->stride[x->ndim - 1];
  for (nax_index o = 0; o < n; o++) {
    for (nax_index c = 0; c < channels; c++) {
      double v = 0.0;
      if (s->places != NULL) {
        nax_index from = s->places->index[s->places->offset[block] + c];
        v = at(x, from * x->stride[0] + o * obs);
      } else {
        for (nax_index t = block * s->bin; t < (block + 1) * s->bin; t++) {
          v += at(x, c * x->stride[0] + t * x->stride[1] + o * obs) / (double)s->bin;
        }
      }
      part[c + o * channels] = v;
    }
  }
}

static nax_status
one_part(int64_t block, void *arg)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  series *s = arg;
  nax_rdms *r = NULL;
  double *part = NULL, *n_matrix = NULL;
  nax_index n = s->x->dim[s->x->ndim - 1];
  nax_index p = s->places != NULL
                    ? s->places->offset[block + 1] - s->places->offset[block]
                    : s->x->dim[0];
  nax_view v, cut;
  const nax_view *precision = s->precision;
  NAX_TRY_ALLOC(part, p * n, sizeof *part);
  gather(s, block, p, part);
  v = nax_view_f64(part, 2, (nax_index[]){p, n});
  if (s->covariance != NULL) {
    const nax_index *index = s->places->index + s->places->offset[block];
    nax_index all = s->x->dim[0];
    NAX_TRY_ALLOC(n_matrix, p * p, sizeof *n_matrix);
    for (nax_index j = 0; j < p; j++) {
      for (nax_index i = 0; i < p; i++) {
        n_matrix[i + j * p] = s->covariance[index[i] + index[j] * all];
      }
    }
    NAX_TRY(nax_rdm_precision(ctx, p, n_matrix, n_matrix));
    cut = nax_view_f64(n_matrix, 2, (nax_index[]){p, p});
    precision = &cut;
  }
  NAX_TRY(nax_rdm_fit(ctx, &v, s->condition, s->fold, precision, s->opts, &r));
  memcpy(s->r->d + block * s->r->m, r->d, (size_t)r->m * sizeof *r->d);
  if (block == 0) { /* the set takes its axis and measure from the first */
    nax_axis *axis = s->r->condition;
    char *measure = s->r->measure;
    s->r->condition = r->condition;
    s->r->measure = r->measure;
    r->condition = axis;
    r->measure = measure;
  }
done:
  nax_rdms_free(r);
  nax_i_free(part);
  nax_i_free(n_matrix);
  return status;
}

/* Room for the RDMs of all parts, and the parts. */
static nax_status
run(nax_ctx *ctx, const char *fn, series *s, nax_index parts, const char *name,
    double step, nax_rdms **out)
{
  nax_status status = NAX_OK;
  nax_i_design g = {0};
  nax_i_stage st;
  nax_index n = s->x->dim[s->x->ndim - 1], missing = 0;
  NAX_TRY(nax_i_design_init(ctx, fn, n, s->condition, NULL, 0, &g));
  NAX_TRY(nax_i_rdms_new(ctx, fn, g.n, parts, &s->r));
  NAX_TRY(nax_i_stage_begin(&st, ctx, fn, "rdm", parts));
  NAX_TRY(nax_i_parallel(ctx, &st, parts, one_part, s));
  NAX_TRY(nax_i_rdms_number(ctx, s->r, name, step));
  for (nax_index k = 0; k < s->r->m * parts; k++) {
    missing += isnan(s->r->d[k]);
  }
  if (missing > 0) {
    nax_i_warn(
        ctx, NAX_VIOLATION, "rsa.missing-pair",
        "%lld of %lld dissimilarities are NaN: constant patterns or no common values",
        (long long)missing, (long long)(s->r->m * parts));
  }
  *out = s->r;
  s->r = NULL;
done:
  nax_rdms_free(s->r);
  nax_i_design_clear(&g);
  return status;
}

static int
is_real(const nax_view *x)
{
  return x != NULL && (x->dtype == NAX_F64 || x->dtype == NAX_F32);
}

nax_status
nax_rdm_movie(nax_ctx *ctx, const nax_view *x, const int64_t *condition,
              const int64_t *fold, const nax_view *precision, nax_index bin,
              const nax_rdm_opts *opts, nax_rdms **out)
{
  nax_status status = NAX_OK;
  nax_i_begin(ctx);
  *out = NULL;
  NAX_REQUIRE(is_real(x) && x->ndim == 3 && x->dim[0] >= 1 && x->dim[1] >= 1, NAX_EDIM,
              "`x` must be channel x time x observation");
  NAX_REQUIRE(bin >= 1 && bin <= x->dim[1], NAX_EINVAL,
              "`bin` must be 1 to %lld samples, got %lld", (long long)x->dim[1],
              (long long)bin);
  series s = {.x = x,
              .precision = precision,
              .condition = condition,
              .fold = fold,
              .opts = opts,
              .bin = bin};
  NAX_TRY(run(ctx, __func__, &s, x->dim[1] / bin, "time", (double)bin, out));
done:
  return status;
}

nax_status
nax_i_rdm_check_places(nax_ctx *ctx, const char *fn, const nax_rdm_places *p,
                       nax_index channels)
{
  for (nax_index k = 0; k < p->n; k++) {
    if (p->offset[k + 1] <= p->offset[k]) {
      return nax_i_fail(ctx, NAX_EINVAL, fn, "neighbourhood %lld is empty", (long long)k);
    }
    for (nax_index i = p->offset[k]; i < p->offset[k + 1]; i++) {
      if (p->index[i] < 0 || p->index[i] >= channels) {
        return nax_i_fail(ctx, NAX_EINVAL, fn,
                          "neighbourhood %lld has channel %lld, there are 0 to %lld",
                          (long long)k, (long long)p->index[i], (long long)channels - 1);
      }
    }
  }
  return NAX_OK;
}

nax_status
nax_rdm_searchlight(nax_ctx *ctx, const nax_view *x, const int64_t *condition,
                    const int64_t *fold, const nax_view *precision,
                    const nax_rdm_places *places, const nax_rdm_opts *opts,
                    nax_rdms **out)
{
  nax_status status = NAX_OK;
  double *cov = NULL;
  nax_i_begin(ctx);
  *out = NULL;
  NAX_REQUIRE(is_real(x) && x->ndim == 2 && x->dim[0] >= 1, NAX_EDIM,
              "`x` must be channel x observation");
  NAX_REQUIRE(places != NULL && places->n >= 1, NAX_EDIM, "there is no neighbourhood");
  nax_index p = x->dim[0];
  NAX_TRY(nax_i_rdm_check_places(ctx, __func__, places, p));
  if (precision != NULL) {
    NAX_REQUIRE(precision->ndim == 2 && precision->dim[0] == p && precision->dim[1] == p,
                NAX_EDIM, "`precision` must be %lld x %lld", (long long)p, (long long)p);
    NAX_TRY_ALLOC(cov, p * p, sizeof *cov);
    NAX_TRY(nax_view_copy_to(ctx, precision, NAX_F64, cov));
    NAX_TRY(nax_rdm_precision(ctx, p, cov, cov));
  }
  series s = {.x = x,
              .condition = condition,
              .fold = fold,
              .opts = opts,
              .places = places,
              .covariance = cov};
  NAX_TRY(run(ctx, __func__, &s, places->n, "place", 1.0, out));
done:
  nax_i_free(cov);
  return status;
}

/* ------------------------------------------------------------------- volumes */

void
nax_rdm_places_free(nax_index *list)
{
  nax_i_free(list);
}

/* Neighbours of voxel c in ascending order into `to` (NULL: counted only); how many, and
 * how many of all of them lie in the mask. */
static nax_index
neighbours(const nax_index dim[3], const unsigned char *mask, double radius,
           int32_t truncate, const nax_index c[3], nax_index *to, nax_index *inside)
{
  nax_index n = 0, reach = (nax_index)ceil(radius);
  *inside = 0;
  for (nax_index x = c[0] - reach; x <= c[0] + reach; x++) {
    for (nax_index y = c[1] - reach; y <= c[1] + reach; y++) {
      for (nax_index z = c[2] - reach; z <= c[2] + reach; z++) {
        double dx = (double)(x - c[0]), dy = (double)(y - c[1]), dz = (double)(z - c[2]);
        if (x < 0 || y < 0 || z < 0 || x >= dim[0] || y >= dim[1] || z >= dim[2] ||
            dx * dx + dy * dy + dz * dz >= radius * radius) {
          continue;
        }
        nax_index v = (x * dim[1] + y) * dim[2] + z;
        *inside += mask[v] != 0;
        if (!truncate || mask[v] != 0) {
          if (to != NULL) {
            to[n] = v;
          }
          n++;
        }
      }
    }
  }
  return n;
}

nax_status
nax_rdm_places_volume(nax_ctx *ctx, const nax_index dim[3], const unsigned char *mask,
                      double radius, double share, int32_t truncate, nax_index *n,
                      nax_index **centre, nax_index **offset, nax_index **index)
{
  nax_status status = NAX_OK;
  nax_index *who = NULL, *start = NULL, *list = NULL, size, total = 0;
  nax_i_stage stage;
  nax_i_begin(ctx);
  *n = 0;
  *centre = *offset = *index = NULL;
  NAX_REQUIRE(mask != NULL && nax_i_size_product(3, dim, sizeof(nax_index), &size) &&
                  size > 0,
              NAX_EDIM, "the volume is empty or too large");
  NAX_REQUIRE(radius > 0.0 && radius < 1e6 && share >= 0.0 && share <= 1.0, NAX_EINVAL,
              "need a radius above 0 and a share from 0 to 1, got %g and %g", radius,
              share);
  NAX_TRY_ALLOC(who, size, sizeof *who);
  NAX_TRY_ALLOC(start, size + 1, sizeof *start);
  NAX_TRY(nax_i_stage_begin(&stage, ctx, __func__, "rdm/places", 2 * size));
  for (int pass = 0; pass < 2; pass++) {
    nax_index k = 0;
    for (nax_index v = 0; v < size; v++) {
      nax_index c[3] = {v / (dim[1] * dim[2]), v / dim[2] % dim[1], v % dim[2]}, inside;
      if (mask[v] == 0) {
        continue;
      }
      NAX_TRY(nax_i_stage_poll(&stage, v + pass * size, (double)NAN));
      nax_index all = neighbours(dim, mask, radius, 0, c, NULL, &inside);
      if ((double)inside < share * (double)all) {
        continue;
      }
      nax_index kept = truncate ? inside : all;
      if (pass) {
        (void)neighbours(dim, mask, radius, truncate, c, list + start[k], &inside);
      }
      who[k] = v;
      start[k + 1] = start[k] + kept;
      k++;
    }
    *n = k;
    total = start[k];
    if (!pass) {
      NAX_TRY_ALLOC(list, total, sizeof *list);
    }
  }
  *centre = who;
  *offset = start;
  *index = list;
  who = start = list = NULL;
done:
  nax_i_free(who);
  nax_i_free(start);
  nax_i_free(list);
  return status;
}
