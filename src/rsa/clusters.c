/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clusters of points where a value differs from 0 across subjects, against the largest of
 * clusters after changes of sign. */
#include "infer_i.h"
#include <math.h>

enum { GRAIN = 32, MOST_SUBJECTS = 62 };
static const double infinite_t = 1e6; /* stands for a t of values that do not vary */

/* What all changes of sign share. */
typedef struct field {
  nax_index n, s;  /* points, subjects */
  const double *x; /* n x s */
  nax_i_neighbours near;
  double limit; /* t that makes a point part of a cluster */
  int two_sided, every;
  uint64_t seed;
  int64_t n_flips;
  double *square;  /* n: sums of squares; NaN where a value is missing */
  double *largest; /* n_flips: largest mass; number 0 is no change */
} field;

/* One set of t values and its clusters. */
typedef struct map {
  double *t;
  nax_index *stack;
  int64_t *cluster; /* of each point, -1: none */
} map;

static void
map_clear(map *m)
{
  nax_i_free(m->t);
  nax_i_free(m->stack);
  nax_i_free(m->cluster);
}

static nax_status
map_init(nax_ctx *ctx, nax_index n, map *m)
{
  nax_status status = NAX_OK;
  NAX_TRY_ALLOC(m->t, n, sizeof *m->t);
  NAX_TRY_ALLOC(m->stack, n, sizeof *m->stack);
  NAX_TRY_ALLOC(m->cluster, n, sizeof *m->cluster);
done:
  return status;
}

/* t of each point with signs of the subjects. */
static void
set_t(const field *f, const double *sign, double *t)
{
  double s = (double)f->s;
  memset(t, 0, (size_t)f->n * sizeof *t);
  for (nax_index k = 0; k < f->s; k++) {
    const double *x = f->x + k * f->n;
    for (nax_index i = 0; i < f->n; i++) {
      t[i] += sign[k] * x[i];
    }
  }
  for (nax_index i = 0; i < f->n; i++) {
    double mean = t[i] / s, var = (f->square[i] - s * mean * mean) / (s * (s - 1.0));
    double least = 1e-30 * f->square[i];
    t[i] = isnan(f->square[i]) ? 0.0
           : var > least       ? mean / sqrt(var)
           : mean > 0.0        ? infinite_t
           : mean < 0.0        ? -infinite_t
                               : 0.0;
  }
}

/* Clusters of a map, numbered from 0; the mass of each goes to *mass (NULL: only the
 * largest is wanted, which is returned). */
static double
find(const field *f, map *m, int64_t *count, double *mass)
{
  double most = 0.0;
  *count = 0;
  for (nax_index i = 0; i < f->n; i++) {
    m->cluster[i] = -1;
  }
  for (nax_index start = 0; start < f->n; start++) {
    int up = m->t[start] > 0.0;
    if (m->cluster[start] >= 0 || fabs(m->t[start]) <= f->limit ||
        (!up && !f->two_sided)) {
      continue;
    }
    nax_index size;
    double sum = nax_i_grow_cluster(&f->near, f->n, m->t, f->limit, up, start, *count,
                                    m->stack, m->cluster, &size);
    if (mass != NULL) {
      mass[*count] = sum;
    }
    (*count)++;
    most = fabs(sum) > most ? fabs(sum) : most;
  }
  return most;
}

/* Signs of change number k; 0 changes nothing. */
static void
set_signs(const field *f, int64_t k, double *sign)
{
  nax_rng r;
  if (!f->every) {
    nax_i_rng_init(&r, f->seed, (uint64_t)k);
  }
  for (nax_index s = 0; s < f->s; s++) {
    int flip = f->every ? (int)(k >> s & 1) : k > 0 && nax_rng_uniform(&r) < 0.5;
    sign[s] = flip ? -1.0 : 1.0;
  }
}

static nax_status
flip_block(int64_t block, void *arg)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  const field *f = arg;
  map m = {0};
  double *sign = NULL;
  int64_t count;
  NAX_TRY(map_init(ctx, f->n, &m));
  NAX_TRY_ALLOC(sign, f->s, sizeof *sign);
  for (int64_t k = block * GRAIN; k < (block + 1) * GRAIN && k < f->n_flips; k++) {
    set_signs(f, k, sign);
    set_t(f, sign, m.t);
    f->largest[k] = find(f, &m, &count, NULL);
  }
done:
  map_clear(&m);
  nax_i_free(sign);
  return status;
}

static nax_status
check(nax_ctx *ctx, const char *fn, const field *f, nax_index n_line, double p_point)
{
  if (f->n < 1 || f->s < 1 || f->x == NULL || n_line < 0 ||
      (n_line > 0 && f->n % n_line != 0)) {
    return nax_i_fail(ctx, NAX_EDIM, fn,
                      "%lld points of %lld subjects are no lines of %lld points",
                      (long long)f->n, (long long)f->s, (long long)n_line);
  }
  if (!(p_point > 0.0 && p_point < 0.5)) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      "`p_point` must be above 0 and below 0.5, got %g", p_point);
  }
  if (f->n_flips < 1) {
    return nax_i_fail(ctx, NAX_EINVAL, fn, "need at least 1 change of sign");
  }
  if (ldexp(f->two_sided ? 2.0 : 1.0, (int)-f->s) > 0.05) {
    return nax_i_fail(ctx, NAX_EDATA, fn,
                      "signs of %lld subjects cannot reach p = 0.05: need %d",
                      (long long)f->s, f->two_sided ? 6 : 5);
  }
  for (nax_index k = 0; f->near.offset != NULL && k < f->near.offset[f->n]; k++) {
    if (f->near.index[k] < 0 || f->near.index[k] >= f->n) {
      return nax_i_fail(ctx, NAX_EINVAL, fn, "neighbour %lld does not exist",
                        (long long)f->near.index[k]);
    }
  }
  return NAX_OK;
}

/* Clusters of the data, by mass, as a table; `number` gets the place of each in it. */
static nax_status
table_of(nax_ctx *ctx, const field *f, const map *m, int64_t count, const double *mass,
         int64_t *number, nax_table **out)
{
  nax_status status = NAX_OK;
  static const char *const names[] = {"points", "first", "last", "peak", "sum_t", "p"};
  nax_table *t = NULL;
  nax_i_keyed *order = NULL;
  double *x = NULL;
  NAX_TRY_ALLOC(order, 2 * count + 1, sizeof *order);
  NAX_TRY_ALLOC(x, 6 * count + 1, sizeof *x);
  for (int64_t k = 0; k < count; k++) {
    order[k] = (nax_i_keyed){nax_i_sort_key(-fabs(mass[k])), k};
  }
  nax_i_sort_keyed(order, order + count, count);
  for (int64_t k = 0; k < count; k++) {
    nax_index c = order[k].at;
    double top = 0.0, reach = 0.0;
    number[c] = k;
    x[count + k] = -1.0;
    for (nax_index i = 0; i < f->n; i++) {
      if (m->cluster[i] == c) {
        x[k] += 1.0;
        x[count + k] = x[count + k] < 0.0 ? (double)i : x[count + k];
        x[2 * count + k] = (double)i;
        x[3 * count + k] = fabs(m->t[i]) > top ? (double)i : x[3 * count + k];
        top = fabs(m->t[i]) > top ? fabs(m->t[i]) : top;
      }
    }
    double own = fabs(mass[c]) * (1.0 - 1e-12);
    for (int64_t b = 0; b < f->n_flips; b++) {
      reach += f->largest[b] >= own;
    }
    x[4 * count + k] = mass[c];
    x[5 * count + k] = reach / (double)f->n_flips;
  }
  NAX_TRY(nax_table_create(ctx, "cluster", count, &t));
  for (int k = 0; k < 6; k++) {
    NAX_TRY(nax_table_add_numbers(ctx, t, names[k], NULL, x + k * count));
  }
  *out = t;
  t = NULL;
done:
  nax_table_free(t);
  nax_i_free(order);
  nax_i_free(x);
  return status;
}

nax_status
nax_rsa_clusters(nax_ctx *ctx, nax_index n_points, nax_index n_subjects, const double *x,
                 const nax_rdm_places *neighbours, nax_index n_line, double p_point,
                 int32_t two_sided, int64_t n_permutations, uint64_t seed,
                 int64_t *cluster, nax_table **out)
{
  nax_status status = NAX_OK;
  field f = {.n = n_points,
             .s = n_subjects,
             .x = x,
             .near = {.line = n_line > 0 ? n_line : n_points},
             .two_sided = two_sided != 0,
             .seed = seed,
             .n_flips = n_permutations};
  map m = {0};
  double *sign = NULL, *mass = NULL;
  int64_t *number = NULL, count = 0;
  nax_i_stage st;
  nax_i_begin(ctx);
  *out = NULL;
  if (neighbours != NULL) {
    f.near.offset = neighbours->offset;
    f.near.index = neighbours->index;
  }
  NAX_TRY(check(ctx, __func__, &f, n_line, p_point));
  f.every = n_subjects < MOST_SUBJECTS && INT64_C(1) << n_subjects <= n_permutations;
  f.n_flips = f.every ? INT64_C(1) << n_subjects : n_permutations + 1;
  f.limit = nax_i_student_quantile(p_point, (double)n_subjects - 1.0);
  NAX_TRY_ALLOC(f.square, n_points, sizeof *f.square);
  NAX_TRY_ALLOC(f.largest, f.n_flips, sizeof *f.largest);
  NAX_TRY_ALLOC(sign, n_subjects, sizeof *sign);
  NAX_TRY_ALLOC(mass, n_points, sizeof *mass);
  NAX_TRY_ALLOC(number, n_points, sizeof *number);
  NAX_TRY(map_init(ctx, n_points, &m));
  for (nax_index k = 0; k < n_points * n_subjects; k++) {
    f.square[k % n_points] += x[k] * x[k];
  }
  int64_t blocks = nax_i_n_blocks(f.n_flips, GRAIN);
  NAX_TRY(nax_i_stage_begin(&st, ctx, __func__, "rsa/clusters", blocks));
  NAX_TRY(nax_i_parallel(ctx, &st, blocks, flip_block, &f));
  set_signs(&f, 0, sign);
  set_t(&f, sign, m.t);
  (void)find(&f, &m, &count, mass);
  NAX_TRY(table_of(ctx, &f, &m, count, mass, number, out));
  for (nax_index i = 0; cluster != NULL && i < n_points; i++) {
    cluster[i] = m.cluster[i] >= 0 ? number[m.cluster[i]] : -1;
  }
done:
  map_clear(&m);
  nax_i_free(f.square);
  nax_i_free(f.largest);
  nax_i_free(sign);
  nax_i_free(mass);
  nax_i_free(number);
  return status;
}
