/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gaps of a tensor that is not formed: what an animal has is a brick, some neurons at
 * some bins. A Gram matrix over what is there is a sum over animals of products of Gram
 * matrices over their bins and their pairs, so that fits stay exact. */
#include "connectome_i.h"
#include <math.h>
#include <stdlib.h>

void
nax_i_bricks_free(nax_i_bricks *b)
{
  nax_i_free(b->bin);
  nax_i_free(b->neuron);
  nax_i_ntf_mask_free(&b->mask);
  *b = (nax_i_bricks){.bin = NULL};
}

/* Which neurons and bins each animal has at all. */
static void
mark(const nax_i_derivatives *d, const nax_i_extent *e, char *bin, char *neuron)
{
  for (nax_index w = 0; w < d->n_animals; w++) {
    for (nax_index t = 0; t < e->n_bins; t++) {
      const double *u = d->u + d->n * (e->bin[t] + d->n_time * w);
      for (nax_index i = 0; i < d->n; i++) {
        if (!isnan(u[i])) {
          bin[w + d->n_animals * t] = 1;
          neuron[w + d->n_animals * i] = 1;
        }
      }
    }
  }
}

static int
all_or_nothing(const nax_i_derivatives *d, const nax_i_extent *e, const char *bin,
               const char *neuron)
{
  for (nax_index k = 0; k < d->n_animals * d->n_scales; k++) {
    nax_index w = k % d->n_animals;
    for (nax_index t = 0; t < e->n_bins; t++) {
      const double *u = d->u + d->n * (e->bin[t] + d->n_time * k);
      for (nax_index i = 0; i < d->n; i++) {
        int there = bin[w + d->n_animals * t] && neuron[w + d->n_animals * i];
        if (there == !!isnan(u[i])) {
          return 0;
        }
      }
    }
  }
  return 1;
}

nax_status
nax_i_are_bricks(nax_ctx *ctx, const nax_i_derivatives *d, const nax_i_extent *e,
                 int *they_are)
{
  nax_status status = NAX_OK;
  char *bin = NULL, *neuron = NULL;
  NAX_TRY_ALLOC(bin, e->n_bins, (size_t)d->n_animals);
  NAX_TRY_ALLOC(neuron, d->n, (size_t)d->n_animals);
  mark(d, e, bin, neuron);
  *they_are = all_or_nothing(d, e, bin, neuron);
done:
  nax_i_free(bin);
  nax_i_free(neuron);
  return status;
}

/* --- rows that the same animals have --------------------------------------------------
 */

typedef struct member {
  const char *set;
  size_t size;
  nax_index at;
} member;

static int
by_set(const void *a, const void *b)
{
  const member *x = a, *y = b;
  int order = memcmp(x->set, y->set, x->size);
  return order != 0 ? order : (x->at > y->at) - (x->at < y->at);
}

/* Number equal ones among n sets of `size` animals: `kind` of each, and where a set of
 * each kind is. */
static nax_status
number_sets(nax_ctx *ctx, nax_index n, nax_index size, const char *set, nax_index *kind,
            nax_index *example, nax_index *n_kinds)
{
  nax_status status = NAX_OK;
  member *m = NULL;
  NAX_TRY_ALLOC(m, n, sizeof *m);
  for (nax_index i = 0; i < n; i++) {
    m[i] = (member){set + size * i, (size_t)size, i};
  }
  qsort(m, (size_t)n, sizeof *m, by_set);
  *n_kinds = 0;
  for (nax_index i = 0; i < n; i++) {
    if (i == 0 || memcmp(m[i].set, m[i - 1].set, (size_t)size) != 0) {
      example[(*n_kinds)++] = m[i].at;
    }
    kind[m[i].at] = *n_kinds - 1;
  }
done:
  nax_i_free(m);
  return status;
}

/* Rows of a mode by kind; the parts of a kind are the animals of its set. */
static nax_status
fill_groups(nax_ctx *ctx, nax_index n_rows, const nax_index *kind, nax_index n_kinds,
            nax_index size, const char *const *set, nax_i_ntf_groups *g)
{
  nax_status status = NAX_OK;
  nax_index *next = NULL, parts = 0;
  g->n = n_kinds;
  NAX_TRY_ALLOC(g->first, n_kinds + 1, sizeof *g->first);
  NAX_TRY_ALLOC(g->row, n_rows, sizeof *g->row);
  NAX_TRY_ALLOC(g->first_at, n_kinds + 1, sizeof *g->first_at);
  NAX_TRY_ALLOC(g->at, n_kinds * size, sizeof *g->at);
  NAX_TRY_ALLOC(next, n_kinds, sizeof *next);
  for (nax_index i = 0; i < n_rows; i++) {
    g->first[kind[i] + 1]++;
  }
  for (nax_index k = 0; k < n_kinds; k++) {
    next[k] = g->first[k];
    g->first[k + 1] += g->first[k];
    for (nax_index w = 0; w < size; w++) {
      if (set[k][w]) {
        g->at[parts++] = w;
      }
    }
    g->first_at[k + 1] = parts;
  }
  for (nax_index i = 0; i < n_rows; i++) {
    g->row[next[kind[i]]++] = i;
  }
done:
  nax_i_free(next);
  return status;
}

static nax_status
group_bins(nax_ctx *ctx, nax_index n, nax_index size, const char *set,
           nax_i_ntf_groups *g)
{
  nax_status status = NAX_OK;
  nax_index *kind = NULL, *example = NULL, n_kinds = 0;
  const char **of = NULL;
  NAX_TRY_ALLOC(kind, n, sizeof *kind);
  NAX_TRY_ALLOC(example, n, sizeof *example);
  NAX_TRY_ALLOC(of, n, sizeof *of);
  NAX_TRY(number_sets(ctx, n, size, set, kind, example, &n_kinds));
  for (nax_index k = 0; k < n_kinds; k++) {
    of[k] = set + size * example[k];
  }
  NAX_TRY(fill_groups(ctx, n, kind, n_kinds, size, of, g));
done:
  nax_i_free(kind);
  nax_i_free(example);
  nax_i_free((void *)of);
  return status;
}

/* Pairs by the animals that have both neurons: neurons of few kinds make pairs of few. */
static nax_status
group_pairs(nax_ctx *ctx, const nax_i_extent *e, nax_index n, nax_index size,
            const char *neuron, nax_i_ntf_groups *g)
{
  nax_status status = NAX_OK;
  nax_index *kind = NULL, *example = NULL, n_kinds = 0, *both = NULL, *pair = NULL;
  nax_index *second = NULL, n_both = 0;
  char *set = NULL;
  const char **of = NULL;
  NAX_TRY_ALLOC(kind, n, sizeof *kind);
  NAX_TRY_ALLOC(example, n, sizeof *example);
  NAX_TRY(number_sets(ctx, n, size, neuron, kind, example, &n_kinds));
  nax_index n_sets = n_kinds * n_kinds;
  NAX_TRY_ALLOC(set, n_sets, (size_t)size);
  NAX_TRY_ALLOC(both, n_sets, sizeof *both);
  NAX_TRY_ALLOC(second, n_sets, sizeof *second);
  NAX_TRY_ALLOC(of, n_sets, sizeof *of);
  NAX_TRY_ALLOC(pair, e->n_pairs, sizeof *pair);
  for (nax_index a = 0; a < n_kinds; a++) {
    for (nax_index b = 0; b < n_kinds; b++) {
      for (nax_index w = 0; w < size; w++) {
        set[w + size * (a + n_kinds * b)] =
            neuron[w + size * example[a]] != 0 && neuron[w + size * example[b]] != 0;
      }
    }
  }
  NAX_TRY(number_sets(ctx, n_sets, size, set, both, second, &n_both));
  for (nax_index p = 0; p < e->n_pairs; p++) {
    pair[p] = both[kind[e->i[p]] + n_kinds * kind[e->j[p]]];
  }
  for (nax_index k = 0; k < n_both; k++) {
    of[k] = set + size * second[k];
  }
  NAX_TRY(fill_groups(ctx, e->n_pairs, pair, n_both, size, of, g));
done:
  nax_i_free(kind);
  nax_i_free(example);
  nax_i_free(set);
  nax_i_free(both);
  nax_i_free(second);
  nax_i_free((void *)of);
  nax_i_free(pair);
  return status;
}

/* --- Gram matrices --------------------------------------------------------------------
 */

/* g = sum over the rows that are marked of f' f; rows next to each other at once. */
static void
gram_of(const double *f, int64_t ld, nax_index n, const char *there, nax_index step,
        double *g)
{
  memset(g, 0, (size_t)(ld * ld) * sizeof *g);
  for (nax_index from = 0; from < n;) {
    nax_index to = from;
    while (to < n && there[step * to]) {
      to++;
    }
    if (to > from) {
      const double *rows = f + from * ld;
      nax_i_skinny(NAX_F64, rows, 1, ld, to - from, rows, ld, g, ld, ld, NULL);
    }
    from = to + 1;
  }
}

static void
gram_of_pairs(const nax_i_bricks *b, const double *f, int64_t ld, nax_index w, char *has,
              double *g)
{
  nax_index size = b->mask.n_parts;
  for (nax_index p = 0; p < b->e->n_pairs; p++) {
    has[p] = b->neuron[w + size * b->e->i[p]] && b->neuron[w + size * b->e->j[p]];
  }
  gram_of(f, ld, b->e->n_pairs, has, 1, g);
}

/* Animal by animal the product of the Gram matrices of all modes but one. */
static nax_status
parts(nax_ctx *ctx, const nax_i_ntf_operand *x, int32_t mode, int64_t ld,
      double *const *f, double *h)
{
  nax_status status = NAX_OK;
  const nax_i_bricks *b = (const nax_i_bricks *)x->mask;
  char *has = NULL;
  double *g = NULL;
  NAX_TRY_ALLOC(has, b->e->n_pairs, 1);
  NAX_TRY_ALLOC(g, ld, (size_t)ld * sizeof *g);
  for (nax_index w = 0; w < b->mask.n_parts; w++) {
    double *to = h + w * ld * ld;
    for (int64_t k = 0; k < ld * ld; k++) {
      to[k] = 1.0;
    }
    for (int32_t k = 0; k < x->n_modes; k++) {
      if (k == mode) {
        continue;
      }
      if (k == 0) {
        gram_of(f[k], ld, x->dim[k], b->bin + w, b->mask.n_parts, g);
      } else if (k == 1) {
        nax_i_gram(f[k] + w * ld, 1, ld, g);
      } else if (k == 2) {
        gram_of_pairs(b, f[k], ld, w, has, g);
      } else {
        nax_i_gram(f[k], x->dim[k], ld, g);
      }
      for (int64_t q = 0; q < ld * ld; q++) {
        to[q] *= g[q];
      }
    }
  }
done:
  nax_i_free(has);
  nax_i_free(g);
  return status;
}

nax_status
nax_i_bricks_init(nax_ctx *ctx, const nax_i_derivatives *d, const nax_i_extent *e,
                  const nax_i_ntf_operand *x, nax_i_bricks *b)
{
  nax_status status = NAX_OK;
  nax_index size = d->n_animals, *kind = NULL;
  char *each = NULL;
  const char **of = NULL;
  nax_index longest = size;
  *b = (nax_i_bricks){.e = e, .mask = {.n_parts = size, .parts = parts}};
  NAX_TRY_ALLOC(b->bin, e->n_bins, (size_t)size);
  NAX_TRY_ALLOC(b->neuron, d->n, (size_t)size);
  mark(d, e, b->bin, b->neuron);
  NAX_TRY(group_bins(ctx, e->n_bins, size, b->bin, &b->mask.of[0]));
  NAX_TRY(group_pairs(ctx, e, d->n, size, b->neuron, &b->mask.of[2]));
  for (int32_t k = 3; k < x->n_modes; k++) {
    longest = x->dim[k] > longest ? x->dim[k] : longest;
  }
  NAX_TRY_ALLOC(kind, longest, sizeof *kind);
  NAX_TRY_ALLOC(each, size + 1, (size_t)size);
  NAX_TRY_ALLOC(of, size, sizeof *of);
  for (nax_index w = 0; w < size; w++) {
    kind[w] = w;
    each[w + size * w] = each[w + size * size] = 1; /* the last set has all */
    of[w] = each + size * w;
  }
  NAX_TRY(fill_groups(ctx, size, kind, size, size, of, &b->mask.of[1]));
  memset(kind, 0, (size_t)longest * sizeof *kind);
  of[0] = each + size * size;
  for (int32_t k = 3; k < x->n_modes; k++) {
    NAX_TRY(fill_groups(ctx, x->dim[k], kind, 1, size, of, &b->mask.of[k]));
  }
done:
  nax_i_free(kind);
  nax_i_free(each);
  nax_i_free((void *)of);
  if (status != NAX_OK) {
    nax_i_bricks_free(b);
  }
  return status;
}
