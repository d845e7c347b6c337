/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Correlation and covariance between the positions of one axis, read in blocks of
 * observations so that memory follows the block and not the recording. */
#include "array/array_i.h"
#include "linalg/linalg_i.h"
#include "stats_i.h"
#include <math.h>

enum { BLOCK_BYTES = 1 << 24, LEAST_BLOCK = 64, MOST_BLOCK = 4096 };

/* `n` rows by `n_obs` observations inside an array; `ranks` (dense n x n_obs) replaces
 * the values when it is set. */
typedef struct rows {
  const nax_array *in;
  nax_index n, inner, n_obs, block;
  const double *ranks;
  const uint8_t *skip; /* observations to leave out, NULL: none */
  double *mean;        /* of what is present */
  double *scale;       /* largest magnitude of a deviation that is rounding only */
  nax_index *count;
  nax_index n_holed, *holed; /* rows with missing values, skipped observations apart */
  nax_index *hole_of;        /* position in `holed` of each row, -1: complete */
  nax_index used;            /* observations not skipped */
} rows;

/* All rows at one observation. */
static void
read_observation(const rows *r, nax_index obs, double *x)
{
  nax_index at = obs % r->inner + r->inner * r->n * (obs / r->inner);
  if (r->ranks != NULL) {
    memcpy(x, r->ranks + r->n * obs, (size_t)r->n * sizeof *x);
  } else if (r->in->dtype == NAX_F64) {
    const double *d = (const double *)r->in->data + at;
    for (nax_index i = 0; i < r->n; i++) {
      x[i] = d[i * r->inner];
    }
  } else {
    const float *f = (const float *)r->in->data + at;
    for (nax_index i = 0; i < r->n; i++) {
      x[i] = (double)f[i * r->inner];
    }
  }
}

/* Which axis the rows are. */
static nax_status
choose_axis(nax_ctx *ctx, const char *fn, const nax_array *in, const char *axis,
            int32_t *k)
{
  static const char *const observed[] = {"time", "trial", "sample", "frequency", "bin"};
  if (axis != NULL) {
    *k = nax_array_find_axis(in, axis);
    return *k >= 0
               ? NAX_OK
               : nax_i_fail(ctx, NAX_EINVAL, fn, "`in` has no axis called `%s`", axis);
  }
  for (*k = 0; *k < in->ndim; (*k)++) {
    int other = 0;
    for (size_t i = 0; i < sizeof observed / sizeof observed[0]; i++) {
      other = other || strcmp(in->axis[*k]->name, observed[i]) == 0;
    }
    if (!other) {
      return NAX_OK;
    }
  }
  return nax_i_fail(ctx, NAX_EINVAL, fn,
                    "none of the axes of `in` (`%s` ...) can be taken for rows; name one",
                    in->axis[0]->name);
}

/* Mean, count and rounding scale of each row over the observations that are not skipped.
 */
static nax_status
row_moments(nax_ctx *ctx, rows *r)
{
  nax_status status = NAX_OK;
  double *low = NULL, *high = NULL, *one = NULL;
  NAX_TRY_ALLOC(r->mean, r->n, sizeof(double));
  NAX_TRY_ALLOC(r->scale, r->n, sizeof(double));
  NAX_TRY_ALLOC(r->count, r->n, sizeof(nax_index));
  NAX_TRY_ALLOC(r->holed, r->n, sizeof(nax_index));
  NAX_TRY_ALLOC(r->hole_of, r->n, sizeof(nax_index));
  NAX_TRY_ALLOC(low, r->n, sizeof *low);
  NAX_TRY_ALLOC(high, r->n, sizeof *high);
  NAX_TRY_ALLOC(one, r->n, sizeof *one);
  r->used = 0;
  for (nax_index o = 0; o < r->n_obs; o++) {
    if (r->skip != NULL && r->skip[o]) {
      continue;
    }
    r->used++;
    read_observation(r, o, one);
    for (nax_index i = 0; i < r->n; i++) {
      double x = one[i];
      if (isfinite(x)) {
        r->mean[i] += x;
        low[i] = r->count[i] == 0 ? x : fmin(low[i], x);
        high[i] = r->count[i] == 0 ? x : fmax(high[i], x);
        r->count[i]++;
      }
    }
  }
  for (nax_index i = 0; i < r->n; i++) {
    nax_index m = r->count[i];
    r->mean[i] = m > 0 ? r->mean[i] / (double)m : 0.0;
    r->hole_of[i] = -1;
    if (m < r->used) {
      r->hole_of[i] = r->n_holed;
      r->holed[r->n_holed++] = i;
    }
    /* a constant row deviates by rounding only, whatever its mean came to */
    r->scale[i] =
        low[i] < high[i] ? 1e-14 * fmax(fabs(low[i]), fabs(high[i])) : (double)INFINITY;
  }
done:
  nax_i_free(low);
  nax_i_free(high);
  nax_i_free(one);
  return status;
}

static nax_status
rows_open(nax_ctx *ctx, const char *fn, const nax_array *in, const char *axis, rows *r,
          int32_t *k)
{
  *r = (rows){.in = in, .inner = 1};
  nax_status status = choose_axis(ctx, fn, in, axis, k);
  if (status != NAX_OK) {
    return status;
  }
  r->n = in->axis[*k]->length;
  for (int32_t i = 0; i < *k; i++) {
    r->inner *= in->axis[i]->length;
  }
  r->n_obs = r->n > 0 ? in->size / r->n : 0;
  r->block = BLOCK_BYTES / 8 / (r->n > 0 ? r->n : 1);
  r->block = r->block < LEAST_BLOCK ? LEAST_BLOCK : r->block;
  r->block = r->block > MOST_BLOCK ? MOST_BLOCK : r->block;
  return NAX_OK;
}

static void
rows_close(rows *r)
{
  nax_i_free(r->mean);
  nax_i_free(r->scale);
  nax_i_free(r->count);
  nax_i_free(r->holed);
  nax_i_free(r->hole_of);
}

/* Centred values of observations from..: n x columns into x, 0 where missing; 1 or 0 into
 * present unless NULL. Returns the number of columns (skipped ones are not there) and the
 * observation to go on with. */
static nax_index
read_block(const rows *r, nax_index from, double *x, double *present, nax_index *next)
{
  nax_index columns = 0, o = from;
  for (; o < r->n_obs && columns < r->block; o++) {
    if (r->skip != NULL && r->skip[o]) {
      continue;
    }
    double *column = x + columns * r->n;
    read_observation(r, o, column);
    for (nax_index i = 0; i < r->n; i++) {
      int ok = isfinite(column[i]);
      column[i] = ok ? column[i] - r->mean[i] : 0.0;
      if (present != NULL) {
        present[i + columns * r->n] = ok;
      }
    }
    columns++;
  }
  *next = o;
  return columns;
}

/* Mark the observations that some row misses, or (`all`) that every row misses: dropped
 * frames. NULL when there are none of them. */
static nax_status
find_skipped(nax_ctx *ctx, const rows *r, int all, uint8_t **skip)
{
  nax_status status = NAX_OK;
  double *one = NULL;
  nax_index skipped = 0;
  NAX_TRY_ALLOC(*skip, r->n_obs, 1);
  NAX_TRY_ALLOC(one, r->n, sizeof *one);
  for (nax_index o = 0; o < r->n_obs; o++) {
    nax_index missing = 0;
    read_observation(r, o, one);
    for (nax_index i = 0; i < r->n; i++) {
      missing += !isfinite(one[i]);
    }
    if (all ? missing == r->n : missing > 0) {
      (*skip)[o] = 1;
      skipped++;
    }
  }
  if (skipped == 0) {
    nax_i_free(*skip);
    *skip = NULL;
  }
done:
  nax_i_free(one);
  return status;
}

static nax_status
square_array(nax_ctx *ctx, const nax_array *in, int32_t k, const char *unit,
             nax_array **out)
{
  nax_status status = NAX_OK;
  nax_axis *second = NULL;
  char *name = nax_i_asprintf("%s_2", in->axis[k]->name);
  NAX_REQUIRE(name != NULL, NAX_ENOMEM, "out of memory");
  NAX_TRY(nax_axis_rename(ctx, in->axis[k], name, &second));
  const nax_axis *axes[2] = {in->axis[k], second};
  NAX_TRY(nax_array_create(ctx, NAX_F64, 2, axes, unit, out));
done:
  nax_i_free(name);
  nax_axis_free(second);
  return status;
}

/* --------------------------------------------------------------- correlation */

static const nax_opt_info correlation_entries[] = {
    NAX_I_ENUM(nax_stats_correlation_opts, kind, "kind", "pearson|spearman",
               NAX_CORRELATION_PEARSON, 2, "of the values, or of their ranks"),
    NAX_I_STRING(nax_stats_correlation_opts, axis, "axis",
                 "whose positions are correlated; not given: neuron, channel ..."),
    NAX_I_ENUM(nax_stats_correlation_opts, missing, "missing", "pairwise|complete",
               NAX_PAIRING_PAIRWISE, 2, "observations that a pair uses"),
    NAX_I_INT(nax_stats_correlation_opts, min_samples, "min-samples", "", 3, 2, 1e15,
              "pairs with fewer common observations are missing"),
};
const nax_opt_table nax_i_correlation_table =
    NAX_I_TABLE("correlation", nax_stats_correlation_opts,
                sizeof(nax_stats_correlation_opts), correlation_entries);

/* Sums over common observations. Products of all pairs; and, against the m rows that have
 * holes only, n x m: how many, of x_i, and of x_i^2 where j is present. */
typedef struct sums {
  double *product, *number, *first, *second;
  double *x, *present, *squared, *holes; /* one block; `holes`: m rows of `present` */
} sums;

static void
sums_free(sums *s)
{
  nax_i_free(s->product);
  nax_i_free(s->number);
  nax_i_free(s->first);
  nax_i_free(s->second);
  nax_i_free(s->x);
  nax_i_free(s->present);
  nax_i_free(s->squared);
  nax_i_free(s->holes);
}

static nax_status
sums_create(nax_ctx *ctx, const rows *r, sums *s)
{
  nax_status status = NAX_OK;
  nax_index square[2] = {r->n, r->n}, block[2] = {r->n, r->block}, n2, nb;
  NAX_REQUIRE(nax_i_size_product(2, square, sizeof(double), &n2) &&
                  nax_i_size_product(2, block, sizeof(double), &nb),
              NAX_EOVERFLOW, "a matrix of %lld x %lld does not fit memory",
              (long long)r->n, (long long)r->n);
  NAX_TRY_ALLOC(s->product, n2, sizeof(double));
  NAX_TRY_ALLOC(s->x, nb, sizeof(double));
  nax_index m = r->n_holed;
  if (m > 0) {
    NAX_TRY_ALLOC(s->number, r->n * m, sizeof(double));
    NAX_TRY_ALLOC(s->first, r->n * m, sizeof(double));
    NAX_TRY_ALLOC(s->second, r->n * m, sizeof(double));
    NAX_TRY_ALLOC(s->present, nb, sizeof(double));
    NAX_TRY_ALLOC(s->squared, nb, sizeof(double));
    NAX_TRY_ALLOC(s->holes, m * r->block, sizeof(double));
  }
done:
  return status;
}

static nax_status
sums_add(nax_ctx *ctx, const rows *r, sums *s, nax_index columns, double beta)
{
  nax_status status = NAX_OK;
  nax_index n = r->n;
  NAX_TRY(nax_i_syrk(ctx, NAX_I_PLAIN, n, columns, 1.0, s->x, n, beta, s->product, n));
  nax_index m = r->n_holed;
  for (nax_index c = 0; c < columns && m > 0; c++) {
    for (nax_index i = 0; i < n; i++) {
      s->squared[i + c * n] = s->x[i + c * n] * s->x[i + c * n];
    }
    for (nax_index h = 0; h < m; h++) {
      s->holes[h + c * m] = s->present[r->holed[h] + c * n];
    }
  }
  if (m > 0) {
    const double *left[3] = {s->present, s->x, s->squared};
    double *right[3] = {s->number, s->first, s->second};
    for (int i = 0; i < 3; i++) {
      NAX_TRY(nax_i_gemm(ctx, NAX_I_PLAIN, NAX_I_TRANS, n, m, columns, 1.0, left[i], n,
                         s->holes, m, beta, right[i], n));
    }
  }
done:
  return status;
}

static nax_status
sums_run(nax_ctx *ctx, const char *fn, const rows *r, sums *s)
{
  nax_status status = NAX_OK;
  nax_i_stage stage;
  NAX_TRY(nax_i_stage_begin(&stage, ctx, fn, "stats/products", r->n_obs));
  for (nax_index o = 0, next; o < r->n_obs; o = next) {
    nax_index columns = read_block(r, o, s->x, s->present, &next);
    NAX_TRY(sums_add(ctx, r, s, columns, o == 0 ? 0.0 : 1.0));
    NAX_TRY(nax_i_stage_poll(&stage, next, NAN));
  }
done:
  return status;
}

/* Of row i where row j is present: how many, the sum and the sum of squares of the
 * deviations from the row's own mean (whose sum over all that it has is 0). */
static void
sums_where(const rows *r, const sums *s, nax_index i, nax_index j, double *number,
           double *first, double *second)
{
  nax_index h = r->hole_of[j], at = i + h * r->n;
  *number = h >= 0 ? s->number[at] : (double)r->count[i];
  *first = h >= 0 ? s->first[at] : 0.0;
  *second = h >= 0 ? s->second[at] : s->product[i + i * r->n];
}

/* Correlation of rows i and j over what both have. */
static double
pair_correlation(const rows *r, const sums *s, nax_index i, nax_index j,
                 nax_index min_samples)
{
  double m, ai, qi, aj, qj;
  sums_where(r, s, i, j, &m, &ai, &qi);
  sums_where(r, s, j, i, &m, &aj, &qj);
  if (m < (double)min_samples) {
    return (double)NAN;
  }
  double cov = s->product[i + j * r->n] - ai * aj / m;
  double vi = qi - ai * ai / m, vj = qj - aj * aj / m;
  /* constant where both are present: what is left is rounding */
  vi = vi > 1e-13 * qi ? vi : 0.0;
  vj = vj > 1e-13 * qj ? vj : 0.0;
  if (!(vi > m * r->scale[i] * r->scale[i]) || !(vj > m * r->scale[j] * r->scale[j])) {
    return (double)NAN;
  }
  double c = i == j ? 1.0 : cov / (sqrt(vi) * sqrt(vj));
  return c > 1.0 ? 1.0 : c < -1.0 ? -1.0 : c;
}

typedef struct ranking {
  const rows *r;
  double *out; /* n x n_obs; the values before, the ranks after */
} ranking;

static nax_status
rank_row(int64_t row, void *arg)
{
  const ranking *k = arg;
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  double *x = NULL;
  nax_index n = k->r->n, m = k->r->n_obs;
  NAX_TRY_ALLOC(x, 2 * m, sizeof *x);
  for (nax_index o = 0; o < m; o++) {
    double v = k->out[row + n * o];
    int ok = isfinite(v) && (k->r->skip == NULL || !k->r->skip[o]);
    x[o] = ok ? v : (double)NAN;
  }
  NAX_TRY(nax_stats_ranks(NULL, m, x, x + m));
  for (nax_index o = 0; o < m; o++) {
    k->out[row + n * o] = x[m + o];
  }
done:
  nax_i_free(x);
  return status;
}

/* Ranks of every row over the observations that are not skipped. */
static nax_status
rank_rows(nax_ctx *ctx, const rows *r, double **out)
{
  nax_status status = NAX_OK;
  nax_index size[2] = {r->n, r->n_obs}, total;
  NAX_REQUIRE(nax_i_size_product(2, size, sizeof(double), &total), NAX_EOVERFLOW,
              "%lld x %lld ranks do not fit memory", (long long)r->n,
              (long long)r->n_obs);
  NAX_TRY_ALLOC(*out, total, sizeof(double));
  for (nax_index o = 0; o < r->n_obs; o++) {
    read_observation(r, o, *out + r->n * o);
  }
  ranking k = {r, *out};
  NAX_TRY(nax_i_parallel(ctx, NULL, r->n, rank_row, &k));
done:
  return status;
}

nax_status
nax_stats_correlation(nax_ctx *ctx, const nax_array *in,
                      const nax_stats_correlation_opts *opts, nax_array **out)
{
  nax_status status = NAX_OK;
  nax_stats_correlation_opts o;
  rows r = {.n = 0};
  sums s = {0};
  nax_array *a = NULL;
  double *ranks = NULL;
  uint8_t *skip = NULL;
  nax_index constant = 0;
  int32_t k;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_correlation_table, &o, opts));
  NAX_TRY(rows_open(ctx, __func__, in, o.axis, &r, &k));
  NAX_TRY(find_skipped(ctx, &r, o.missing == NAX_PAIRING_PAIRWISE, &skip));
  r.skip = skip;
  if (o.kind == NAX_CORRELATION_SPEARMAN) {
    NAX_TRY(rank_rows(ctx, &r, &ranks));
    r.ranks = ranks;
  }
  NAX_TRY(row_moments(ctx, &r));
  NAX_TRY(sums_create(ctx, &r, &s));
  NAX_TRY(sums_run(ctx, __func__, &r, &s));
  NAX_TRY(square_array(ctx, in, k, "1", &a));
  double *c = a->data;
  for (nax_index j = 0; j < r.n; j++) {
    for (nax_index i = 0; i <= j; i++) {
      c[i + j * r.n] = c[j + i * r.n] =
          pair_correlation(&r, &s, i, j, (nax_index)o.min_samples);
    }
    constant += isnan(c[j + j * r.n]);
  }
  if (constant > 0) {
    nax_i_warn(ctx, NAX_INFO, "stats.constant-row",
               "%lld of %lld positions of `%s` do not vary or have too few values: no "
               "correlation",
               (long long)constant, (long long)r.n, in->axis[k]->name);
  }
  NAX_TRY(nax_array_set_description(ctx, a,
                                    o.kind == NAX_CORRELATION_SPEARMAN
                                        ? "Spearman rank correlation"
                                        : "Pearson correlation"));
  *out = a;
  a = NULL;
done:
  sums_free(&s);
  rows_close(&r);
  nax_i_free(ranks);
  nax_i_free(skip);
  nax_array_free(a);
  return status;
}

/* ---------------------------------------------------------------- covariance */

/* Sum over observations of the fourth power of their length. */
static double
fourth_powers(const rows *r, double *x)
{
  double total = 0.0;
  for (nax_index o = 0, next; o < r->n_obs; o = next) {
    nax_index columns = read_block(r, o, x, NULL, &next);
    for (nax_index c = 0; c < columns; c++) {
      double s = 0.0;
      for (nax_index i = 0; i < r->n; i++) {
        s += x[i + c * r->n] * x[i + c * r->n];
      }
      total += s * s;
    }
  }
  return total;
}

/* Share of the target that the method chooses; `cov` has the sample covariance. */
static double
choose_shrinkage(const rows *r, const double *cov, nax_shrinkage method, double *x)
{
  double p = (double)r->n, m = (double)r->used, trace = 0.0, squares = 0.0;
  for (nax_index j = 0; j < r->n; j++) {
    trace += cov[j + j * r->n];
    for (nax_index i = 0; i < r->n; i++) {
      squares += cov[i + j * r->n] * cov[i + j * r->n];
    }
  }
  double mu = trace / p, spread = squares - p * mu * mu; /* |S - mu 1|^2 */
  if (method == NAX_SHRINKAGE_OAS) {
    double above = squares / (p * p) + mu * mu;
    double below = (m + 1.0) * (squares / (p * p) - mu * mu / p);
    return below > 0.0 && above < below ? above / below : 1.0;
  }
  double error = (fourth_powers(r, x) / m - squares) / m; /* mean |x x' - S|^2 / m */
  return spread > 0.0 ? fmin(1.0, fmax(0.0, error / spread)) : error > 0.0 ? 1.0 : 0.0;
}

nax_status
nax_stats_covariance(nax_ctx *ctx, const nax_array *in, const char *axis,
                     nax_shrinkage method, double *amount, nax_array **out)
{
  nax_status status = NAX_OK;
  rows r = {.n = 0};
  sums s = {0};
  nax_array *a = NULL;
  uint8_t *skip = NULL;
  double share = 0.0, mu = 0.0;
  int32_t k;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_REQUIRE(method >= NAX_SHRINKAGE_NONE && method <= NAX_SHRINKAGE_OAS, NAX_EINVAL,
              "`method` must be none, Ledoit-Wolf or OAS, got %d", (int)method);
  NAX_TRY(rows_open(ctx, __func__, in, axis, &r, &k));
  NAX_TRY(find_skipped(ctx, &r, 0, &skip));
  r.skip = skip;
  NAX_TRY(row_moments(ctx, &r));
  NAX_REQUIRE(r.used > 0, NAX_EDATA,
              "`in` has no observation without missing values (%lld observations)",
              (long long)r.n_obs);
  NAX_TRY(sums_create(ctx, &r, &s));
  NAX_TRY(sums_run(ctx, __func__, &r, &s));
  NAX_TRY(square_array(ctx, in, k, "", &a));
  double *c = a->data;
  for (nax_index i = 0; i < r.n * r.n; i++) {
    c[i] = s.product[i] / (double)r.used;
  }
  if (method != NAX_SHRINKAGE_NONE) {
    share = choose_shrinkage(&r, c, method, s.x);
  }
  for (nax_index i = 0; i < r.n; i++) {
    mu += c[i + i * r.n] / (double)r.n;
  }
  for (nax_index j = 0; j < r.n; j++) {
    for (nax_index i = 0; i < r.n; i++) {
      c[i + j * r.n] = (1.0 - share) * c[i + j * r.n] + (i == j ? share * mu : 0.0);
    }
  }
  if (amount != NULL) {
    *amount = share;
  }
  *out = a;
  a = NULL;
done:
  sums_free(&s);
  rows_close(&r);
  nax_i_free(skip);
  nax_array_free(a);
  return status;
}
