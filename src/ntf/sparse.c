/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sparse tensor as the operand of a fit.
 *
 * The entries are kept once for each mode, sorted by that mode and then by the others,
 * the longest last. Entries that differ in the last one only (a fibre) are summed before
 * they are multiplied by the rows of the other factors (compressed sparse fibres, Smith &
 * Karypis 2015). Bound: n R multiplications and reads of factor rows for each mode. */
#include "ntf_i.h"
#include <math.h>

enum { BLOCK = 4096 }; /* entries of one block, up to whole rows */

/* The entries in the order of one mode. */
typedef struct ordered {
  int32_t other[NAX_I_NTF_MAX_MODES]; /* the other modes, the longest last */
  nax_index *row;                     /* where the entries of row i begin; dim + 1 */
  int32_t *at; /* for each entry, its position in each of the other modes */
  double *value;
  nax_index *block; /* first row of each block, and the number of rows at the end */
  int64_t n_blocks;
} ordered;

typedef struct sparse {
  nax_i_ntf_operand op;
  nax_index n;
  ordered by[NAX_I_NTF_MAX_MODES];
} sparse;

static void
free_sparse(sparse *s)
{
  for (int32_t k = 0; k < NAX_I_NTF_MAX_MODES; k++) {
    nax_i_free(s->by[k].row);
    nax_i_free(s->by[k].at);
    nax_i_free(s->by[k].value);
    nax_i_free(s->by[k].block);
  }
}

/* --------------------------------------------------------------- what is done */

typedef struct product_job {
  const sparse *s;
  const nax_i_ntf_pack *pack;
  const ordered *by;
  double *m;
} product_job;

static int
same_fibre(const int32_t *a, const int32_t *b, int32_t n)
{
  for (int32_t j = 0; j < n; j++) {
    if (a[j] != b[j]) {
      return 0;
    }
  }
  return 1;
}

NAX_I_CLONES static void
add_scaled(double *restrict to, const double *restrict row, double v, int64_t ld)
{
#pragma omp simd
  for (int64_t r = 0; r < ld; r++) {
    to[r] += v * row[r];
  }
}

NAX_I_CLONES static void
multiply_by(double *restrict to, const double *restrict row, int64_t ld)
{
#pragma omp simd
  for (int64_t r = 0; r < ld; r++) {
    to[r] *= row[r];
  }
}

static nax_status
product_block(int64_t block, void *arg)
{
  const product_job *c = arg;
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  const ordered *by = c->by;
  int32_t n_other = c->s->op.n_modes - 1, last = by->other[n_other - 1];
  int64_t ld = c->pack->ld;
  double *const *f = c->pack->f, *fibre = NULL;
  NAX_TRY_ALLOC(fibre, ld, sizeof *fibre);
  for (nax_index i = by->block[block]; i < by->block[block + 1]; i++) {
    double *m = c->m + i * ld;
    memset(m, 0, (size_t)ld * sizeof *m);
    for (nax_index e = by->row[i]; e < by->row[i + 1];) {
      const int32_t *at = by->at + e * n_other;
      memset(fibre, 0, (size_t)ld * sizeof *fibre);
      for (; e < by->row[i + 1] && same_fibre(by->at + e * n_other, at, n_other - 1);
           e++) {
        nax_index j = by->at[e * n_other + n_other - 1];
        add_scaled(fibre, f[last] + j * ld, by->value[e], ld);
      }
      for (int32_t k = 0; k < n_other - 1; k++) {
        multiply_by(fibre, f[by->other[k]] + at[k] * ld, ld);
      }
      add_scaled(m, fibre, 1.0, ld);
    }
  }
done:
  nax_i_free(fibre);
  return status;
}

static nax_status
sparse_mttkrp(nax_i_ntf_operand *x, nax_ctx *ctx, const nax_i_ntf_pack *pack,
              int32_t mode, double *m)
{
  const sparse *s = (const sparse *)x;
  product_job c = {.s = s, .pack = pack, .by = &s->by[mode], .m = m};
  return nax_i_parallel(ctx, NULL, c.by->n_blocks, product_block, &c);
}

typedef struct residual_job {
  const sparse *s;
  int64_t rank, ld;
  double *const *f;
  double *part;
} residual_job;

/* Sum over the listed entries of (x - model)^2 - model^2. */
static nax_status
residual_block(int64_t block, void *arg)
{
  const residual_job *c = arg;
  const ordered *by = &c->s->by[0];
  int32_t n_other = c->s->op.n_modes - 1;
  double sum = 0.0;
  for (nax_index i = by->block[block]; i < by->block[block + 1]; i++) {
    for (nax_index e = by->row[i]; e < by->row[i + 1]; e++) {
      double model = 0.0;
      for (int64_t r = 0; r < c->rank; r++) {
        double v = c->f[0][i * c->ld + r];
        for (int32_t k = 0; k < n_other; k++) {
          v *= c->f[by->other[k]][by->at[e * n_other + k] * c->ld + r];
        }
        model += v;
      }
      sum += by->value[e] * (by->value[e] - 2.0 * model);
    }
  }
  c->part[block] = sum;
  return NAX_OK;
}

/* ||x - model||^2 = sum over listed entries of x (x - 2 model) + ||model||^2: the entries
 * that are zero are too many to be visited, so relative errors below about 1e-7 are
 * rounding. */
static nax_status
sparse_residual(nax_i_ntf_operand *x, nax_ctx *ctx, int64_t n, int64_t rank, int64_t ld,
                double *const *const *f, double *out)
{
  nax_status status = NAX_OK;
  const sparse *s = (const sparse *)x;
  double *h = NULL, *g = NULL, *part = NULL;
  NAX_TRY_ALLOC(h, ld * ld, sizeof *h);
  NAX_TRY_ALLOC(g, ld * ld, sizeof *g);
  NAX_TRY_ALLOC(part, s->by[0].n_blocks, sizeof *part);
  for (int64_t j = 0; j < n; j++) {
    for (int64_t i = 0; i < ld * ld; i++) {
      h[i] = 1.0;
    }
    for (int32_t k = 0; k < x->n_modes; k++) {
      nax_i_gram(f[j][k], x->dim[k], ld, g);
      for (int64_t i = 0; i < ld * ld; i++) {
        h[i] *= g[i];
      }
    }
    residual_job c = {.s = s, .rank = rank, .ld = ld, .f = f[j], .part = part};
    NAX_TRY(nax_i_parallel(ctx, NULL, s->by[0].n_blocks, residual_block, &c));
    double sum = nax_i_sum(part, s->by[0].n_blocks) + nax_i_sum(h, ld * ld);
    out[j] = sum > 0.0 ? sum : 0.0;
  }
done:
  nax_i_free(h);
  nax_i_free(g);
  nax_i_free(part);
  return status;
}

/* What a fit leaves over at the listed entries, summed along each mode: in the slice of
 * the last mode where it is most. */
static nax_status
sparse_left_over(nax_i_ntf_operand *x, nax_ctx *ctx, int64_t rank, int64_t ld,
                 double *const *f, double *const *profile)
{
  nax_status status = NAX_OK;
  const sparse *s = (const sparse *)x;
  int32_t last = x->n_modes - 1, n_other = last;
  const ordered *by = &s->by[last];
  double *left = NULL, most = -1.0, product = 0.0, size = 1.0;
  nax_index best = 0;
  NAX_TRY_ALLOC(left, s->n, sizeof *left);
  for (nax_index i = 0; i < x->dim[last]; i++) {
    double sum = 0.0;
    for (nax_index e = by->row[i]; e < by->row[i + 1]; e++) {
      double model = 0.0;
      for (int64_t r = 0; r < rank; r++) {
        double v = f[last][i * ld + r];
        for (int32_t k = 0; k < n_other; k++) {
          v *= f[by->other[k]][by->at[e * n_other + k] * ld + r];
        }
        model += v;
      }
      left[e] = by->value[e] > model ? by->value[e] - model : 0.0;
      sum += left[e] * left[e];
    }
    best = sum > most ? i : best;
    most = sum > most ? sum : most;
  }
  for (nax_index e = by->row[best]; e < by->row[best + 1]; e++) {
    for (int32_t k = 0; k < n_other; k++) {
      profile[by->other[k]][by->at[e * n_other + k]] += left[e];
    }
  }
  for (nax_index e = by->row[best]; e < by->row[best + 1]; e++) {
    double v = left[e];
    for (int32_t k = 0; k < n_other; k++) {
      v *= profile[by->other[k]][by->at[e * n_other + k]];
    }
    product += v;
  }
  for (int32_t k = 0; k < last; k++) {
    double sum = 0.0;
    for (nax_index i = 0; i < x->dim[k]; i++) {
      sum += profile[k][i] * profile[k][i];
    }
    size *= sum;
  }
  for (nax_index i = 0; i < x->dim[last]; i++) {
    profile[last][i] = size > 0.0 ? (i == best ? 1.0 : 1e-3) * product / size : 0.0;
  }
done:
  nax_i_free(left);
  return status;
}

/* ------------------------------------------------------------------------ counts */

typedef struct kl_job {
  const sparse *s;
  const ordered *by;
  int64_t rank, ld;
  double *const *f;
  int32_t mode;
  double *num, *part; /* num may be NULL */
} kl_job;

/* num = x / model contracted, and the sum of x log(x / model) - x over listed entries. */
static nax_status
kl_block(int64_t block, void *arg)
{
  const kl_job *c = arg;
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  const ordered *by = c->by;
  int32_t n_other = c->s->op.n_modes - 1;
  double *v = NULL, sum = 0.0;
  NAX_TRY_ALLOC(v, c->ld, sizeof *v);
  for (nax_index i = by->block[block]; i < by->block[block + 1]; i++) {
    const double *a = c->f[c->mode] + i * c->ld;
    if (c->num != NULL) {
      memset(c->num + i * c->ld, 0, (size_t)c->ld * sizeof *c->num);
    }
    for (nax_index e = by->row[i]; e < by->row[i + 1]; e++) {
      double model = 0.0, x = by->value[e];
      memcpy(v, c->f[by->other[0]] + by->at[e * n_other] * c->ld,
             (size_t)c->ld * sizeof *v);
      for (int32_t k = 1; k < n_other; k++) {
        multiply_by(v, c->f[by->other[k]] + by->at[e * n_other + k] * c->ld, c->ld);
      }
      for (int64_t r = 0; r < c->rank; r++) {
        model += v[r] * a[r];
      }
      model = model > 1e-60 ? model : 1e-60;
      sum += x * log(x / model) - x;
      if (c->num != NULL) {
        add_scaled(c->num + i * c->ld, v, x / model, c->ld);
      }
    }
  }
  c->part[block] = sum;
done:
  nax_i_free(v);
  return status;
}

/* Kullback-Leibler only: the model counts where nothing is listed, but there just its sum
 * does, which is known from column sums. */
static nax_status
sparse_divergence(nax_i_ntf_operand *x, nax_ctx *ctx, double beta, int64_t rank,
                  int64_t ld, double *const *f, int32_t mode, double *num, double *den,
                  double *value)
{
  nax_status status = NAX_OK;
  const sparse *s = (const sparse *)x;
  int32_t by = mode >= 0 ? mode : 0;
  double total = 0.0;
  (void)beta;
  kl_job c = {.s = s, .by = &s->by[by], .rank = rank, .ld = ld, .f = f, .mode = by};
  c.num = mode >= 0 ? num : NULL;
  NAX_TRY_ALLOC(c.part, c.by->n_blocks, sizeof *c.part);
  NAX_TRY(nax_i_parallel(ctx, NULL, c.by->n_blocks, kl_block, &c));
  for (int64_t r = 0; r < rank; r++) {
    double others = 1.0, own = 0.0;
    for (int32_t k = 0; k < x->n_modes; k++) {
      double sum = 0.0;
      for (nax_index i = 0; i < x->dim[k]; i++) {
        sum += f[k][i * ld + r];
      }
      others *= k == by ? 1.0 : sum;
      own = k == by ? sum : own;
    }
    for (nax_index i = 0; mode >= 0 && i < x->dim[by]; i++) {
      den[i * ld + r] = others;
    }
    total += others * own;
  }
  if (value != NULL) {
    *value = nax_i_sum(c.part, c.by->n_blocks) + total;
  }
done:
  nax_i_free(c.part);
  return status;
}

static const nax_i_ntf_operand_type sparse_type = {.mttkrp = sparse_mttkrp,
                                                   .residual = sparse_residual,
                                                   .left_over = sparse_left_over,
                                                   .divergence = sparse_divergence};

/* ----------------------------------------------------------------- setting up */

static nax_status
check_entries(nax_ctx *ctx, const nax_ntf_coo *x, const nax_i_ntf_operand *op)
{
  const char *fn = "nax_ntf_fit_sparse";
  int any_free = 0;
  for (int32_t k = 0; k < x->n_modes; k++) {
    any_free = any_free || op->mode[k].is_free;
  }
  for (nax_index e = 0; e < x->n; e++) {
    for (int32_t k = 0; k < x->n_modes; k++) {
      nax_index at = x->index[e + k * x->n];
      if (at < 0 || at >= x->dim[k]) {
        return nax_i_fail(ctx, NAX_EDIM, fn,
                          "entry %lld is at position %lld of mode %d, expected 0 to %lld",
                          (long long)e, (long long)at, (int)k, (long long)x->dim[k] - 1);
      }
    }
    if (isnan(x->value[e])) {
      return nax_i_fail(ctx, NAX_EDATA, fn,
                        "entry %lld is missing (NaN), a sparse tensor has no missing "
                        "values: use nax_ntf_fit",
                        (long long)e);
    }
    if (isinf(x->value[e])) {
      return nax_i_fail(ctx, NAX_EDATA, fn,
                        "entry %lld is infinite, expected finite values", (long long)e);
    }
    if (x->value[e] < 0.0 && !any_free) {
      return nax_i_fail(ctx, NAX_EDATA, fn,
                        "entry %lld is %g, expected values of at least 0 (or declare a "
                        "mode free)",
                        (long long)e, x->value[e]);
    }
  }
  return NAX_OK;
}

/* Stable sort of `order` by the position in mode k: one pass of counting. */
static void
sort_pass(const nax_ntf_coo *x, int32_t k, nax_index *count, const nax_index *from,
          nax_index *to)
{
  const nax_index *at = x->index + k * x->n;
  memset(count, 0, (size_t)(x->dim[k] + 1) * sizeof *count);
  for (nax_index e = 0; e < x->n; e++) {
    count[at[e] + 1]++;
  }
  for (nax_index i = 0; i < x->dim[k]; i++) {
    count[i + 1] += count[i];
  }
  for (nax_index e = 0; e < x->n; e++) {
    to[count[at[from[e]]]++] = from[e];
  }
}

/* The modes other than k, shortest first. */
static void
order_of_modes(const nax_ntf_coo *x, int32_t k, int32_t *other)
{
  int32_t n = 0;
  for (int32_t j = 0; j < x->n_modes; j++) {
    int32_t i = n;
    if (j == k) {
      continue;
    }
    for (; i > 0 && x->dim[other[i - 1]] > x->dim[j]; i--) {
      other[i] = other[i - 1];
    }
    other[i] = j;
    n++;
  }
}

static int
same_place(const nax_ntf_coo *x, nax_index a, nax_index b)
{
  for (int32_t k = 0; k < x->n_modes; k++) {
    if (x->index[a + k * x->n] != x->index[b + k * x->n]) {
      return 0;
    }
  }
  return 1;
}

/* Rows are gathered into blocks of about BLOCK entries. */
static nax_status
make_blocks(nax_ctx *ctx, ordered *by, nax_index n_rows)
{
  nax_status status = NAX_OK;
  for (int pass = 0; pass < 2; pass++) {
    nax_index first = 0;
    int64_t n = 0;
    for (nax_index i = 0; i < n_rows; i++) {
      if (i == 0 || by->row[i] - by->row[first] >= BLOCK || i - first >= BLOCK) {
        first = i;
        if (pass == 1) {
          by->block[n] = i;
        }
        n++;
      }
    }
    if (pass == 0) {
      by->n_blocks = n;
      NAX_TRY_ALLOC(by->block, n + 1, sizeof *by->block);
    }
  }
  by->block[by->n_blocks] = n_rows;
done:
  return status;
}

/* Scratch of the sorting: two orders and a count for each position. */
typedef struct sorting {
  nax_index *order[2], *count;
} sorting;

static nax_status
sort_by(nax_ctx *ctx, const nax_ntf_coo *x, int32_t k, sorting *t, sparse *s)
{
  enum { LOOK = 1 << 20 };
  nax_status status = NAX_OK;
  ordered *by = &s->by[k];
  int32_t n_other = x->n_modes - 1;
  order_of_modes(x, k, by->other);
  for (nax_index e = 0; e < x->n; e++) {
    t->order[0][e] = e;
  }
  for (int32_t j = n_other; j >= 0; j--) {
    sort_pass(x, j > 0 ? by->other[j - 1] : k, t->count, t->order[0], t->order[1]);
    nax_index *swap = t->order[0];
    t->order[0] = t->order[1];
    t->order[1] = swap;
    NAX_TRY(nax_i_poll(ctx));
  }
  NAX_TRY_ALLOC(by->row, x->dim[k] + 1, sizeof *by->row);
  NAX_TRY_ALLOC(by->at, x->n * n_other, sizeof *by->at);
  NAX_TRY_ALLOC(by->value, x->n, sizeof *by->value);
  nax_index n = 0, look = LOOK;
  for (nax_index i = 0; i < x->n;) {
    nax_index e = t->order[0][i];
    double v = 0.0;
    if (i >= look) {
      NAX_TRY(nax_i_poll(ctx));
      look = i + LOOK;
    }
    for (; i < x->n && same_place(x, t->order[0][i], e); i++) {
      v += x->value[t->order[0][i]];
    }
    if (v == 0.0) { /* NOLINT: listed, but zero */
      continue;
    }
    for (int32_t j = 0; j < n_other; j++) {
      by->at[n * n_other + j] = (int32_t)x->index[e + by->other[j] * x->n];
    }
    by->value[n++] = v;
    by->row[x->index[e + k * x->n] + 1]++;
  }
  for (nax_index i = 0; i < x->dim[k]; i++) {
    by->row[i + 1] += by->row[i];
  }
  s->n = n;
  NAX_TRY(make_blocks(ctx, by, x->dim[k]));
done:
  return status;
}

static nax_status
init_sparse(nax_ctx *ctx, const nax_ntf_coo *x, sparse *s)
{
  nax_status status = NAX_OK;
  sorting t = {{NULL, NULL}, NULL};
  nax_index longest = 0;
  for (int32_t k = 0; k < x->n_modes; k++) {
    longest = x->dim[k] > longest ? x->dim[k] : longest;
  }
  NAX_TRY_ALLOC(t.order[0], x->n, sizeof(nax_index));
  NAX_TRY_ALLOC(t.order[1], x->n, sizeof(nax_index));
  NAX_TRY_ALLOC(t.count, longest + 1, sizeof(nax_index));
  for (int32_t k = 0; k < x->n_modes; k++) {
    NAX_TRY(sort_by(ctx, x, k, &t, s));
  }
  for (nax_index e = 0; e < s->n; e++) {
    s->op.observed2 += s->by[0].value[e] * s->by[0].value[e];
  }
  s->op.norm2 = s->op.observed2;
done:
  nax_i_free(t.order[0]);
  nax_i_free(t.order[1]);
  nax_i_free(t.count);
  return status;
}

static nax_status
check_coo(nax_ctx *ctx, const nax_ntf_coo *x, nax_i_ntf_operand *op)
{
  const char *fn = "nax_ntf_fit_sparse";
  if (x == NULL || (x->n > 0 && (x->index == NULL || x->value == NULL))) {
    return nax_i_fail(ctx, NAX_EINVAL, fn, "`x` is NULL");
  }
  if (x->n_modes < 2 || x->n_modes > NAX_I_NTF_MAX_MODES || x->n < 0) {
    return nax_i_fail(ctx, NAX_EDIM, fn, "`x` must have 2 to %d modes, got %d",
                      NAX_I_NTF_MAX_MODES, (int)x->n_modes);
  }
  for (int32_t k = 0; k < x->n_modes; k++) {
    if (x->dim[k] < 1 || x->dim[k] > INT32_MAX) {
      return nax_i_fail(ctx, NAX_EDIM, fn,
                        "mode %d of `x` has %lld positions, expected 1 to %lld", (int)k,
                        (long long)x->dim[k], (long long)INT32_MAX);
    }
    op->dim[k] = x->dim[k];
  }
  op->type = &sparse_type;
  op->n_modes = x->n_modes;
  op->dtype = NAX_F64;
  op->columns = 32;
  return NAX_OK;
}

nax_status
nax_ntf_fit_sparse(nax_ctx *ctx, const nax_ntf_coo *x, const nax_view *init,
                   const nax_ntf_opts *opts, nax_ntf **out)
{
  nax_status status = NAX_OK;
  sparse s = {.n = 0};
  nax_ntf_opts o;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_ntf_table, &o, opts));
  NAX_TRY(check_coo(ctx, x, &s.op));
  NAX_TRY(nax_i_ntf_settle(ctx, &s.op, x->name, &o));
  NAX_REQUIRE(o.loss != NAX_NTF_BETA || nax_i_ntf_beta(&o) == 1.0, /* NOLINT */
              NAX_ENOTSUP, "a sparse tensor is fitted with loss frobenius or kl");
  NAX_TRY(check_entries(ctx, x, &s.op));
  NAX_TRY(init_sparse(ctx, x, &s));
  NAX_REQUIRE(s.op.observed2 > 0.0, NAX_EDATA, "`x` is zero everywhere");
  NAX_TRY(nax_i_ntf_fit_operand(ctx, &s.op, init, &o, out));
done:
  free_sparse(&s);
  return status;
}

nax_status
nax_ntf_sparse_memory(nax_ctx *ctx, const nax_ntf_coo *x, const nax_ntf_opts *opts,
                      size_t *bytes)
{
  nax_status status = NAX_OK;
  nax_i_ntf_operand op = {.norm2 = 0.0};
  nax_ntf_opts o;
  *bytes = 0;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_ntf_table, &o, opts));
  NAX_TRY(check_coo(ctx, x, &op));
  size_t n = (size_t)x->n, modes = (size_t)x->n_modes, rows = 0, longest = 0;
  for (int32_t k = 0; k < x->n_modes; k++) {
    rows += (size_t)x->dim[k] + 1;
    longest = (size_t)x->dim[k] > longest ? (size_t)x->dim[k] : longest;
  }
  size_t entries = modes * n * (sizeof(double) + (modes - 1) * sizeof(int32_t));
  size_t kept = entries + rows * sizeof(nax_index);
  size_t scratch = (2 * n + longest) * sizeof(nax_index);
  size_t fit = nax_i_ntf_fit_memory(&op, &o);
  *bytes = kept + (fit > scratch ? fit : scratch);
done:
  return status;
}
