/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Identification of regions or layers from their RDMs, in every window of thresholds: who
 * is left out is named by the nearest centroid of the others. All that is needed of a
 * window are the inner products of the transformed RDMs (gram.c). */
#include "identify_i.h"
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* What each permutation is scored with; one per thread and block. */
typedef struct scorer {
  const nax_i_id *p;
  int64_t *label; /* of each RDM: 0 .. n_labels - 1 */
  double *b;      /* [x, k, s]: inner products of RDM x with those of label k, group s */
  double *t;      /* [x, k]: over all groups */
  double *q;      /* [k, s, s2]: between groups within a label */
  double *u;      /* [k, s]: over s2 */
  double *v;      /* [k] */
  double *count;  /* [k, s] */
  double *total;  /* [k] */
  double *norm;   /* [k]: of the centroids at work */
  int64_t
      *outer;    /* [w, x]: label given to x by the other groups; window n_windows: raw */
  double *inner; /* [w, s]: accuracy within the groups other than s */
  int64_t *nested;  /* [x] */
  nax_index *taken; /* [s]: window chosen without s */
} scorer;

static void
scorer_free(scorer *c)
{
  nax_i_free(c->label);
  nax_i_free(c->b);
  nax_i_free(c->t);
  nax_i_free(c->q);
  nax_i_free(c->u);
  nax_i_free(c->v);
  nax_i_free(c->count);
  nax_i_free(c->total);
  nax_i_free(c->norm);
  nax_i_free(c->outer);
  nax_i_free(c->inner);
  nax_i_free(c->nested);
  nax_i_free(c->taken);
}

static nax_status
scorer_init(nax_ctx *ctx, const nax_i_id *p, scorer *c)
{
  nax_status status = NAX_OK;
  nax_index r = p->n_rdm, k = p->n_labels, s = p->n_groups, w = p->n_windows + 1;
  c->p = p;
  NAX_TRY_ALLOC(c->label, r, sizeof *c->label);
  NAX_TRY_ALLOC(c->b, r * k * s, sizeof *c->b);
  NAX_TRY_ALLOC(c->t, r * k, sizeof *c->t);
  NAX_TRY_ALLOC(c->q, k * s * s, sizeof *c->q);
  NAX_TRY_ALLOC(c->u, k * s, sizeof *c->u);
  NAX_TRY_ALLOC(c->v, k, sizeof *c->v);
  NAX_TRY_ALLOC(c->count, k * s, sizeof *c->count);
  NAX_TRY_ALLOC(c->total, k, sizeof *c->total);
  NAX_TRY_ALLOC(c->norm, k, sizeof *c->norm);
  NAX_TRY_ALLOC(c->outer, w * r, sizeof *c->outer);
  NAX_TRY_ALLOC(c->inner, w * s, sizeof *c->inner);
  NAX_TRY_ALLOC(c->nested, r, sizeof *c->nested);
  NAX_TRY_ALLOC(c->taken, s, sizeof *c->taken);
  memcpy(c->label, p->label, (size_t)r * sizeof *c->label);
done:
  return status;
}

/* Sums over labels and groups of one matrix of inner products. */
static void
collect(scorer *c, const double *gram)
{
  const nax_i_id *p = c->p;
  nax_index n = p->n_rdm, k = p->n_labels, s = p->n_groups;
  memset(c->b, 0, (size_t)(n * k * s) * sizeof *c->b);
  memset(c->q, 0, (size_t)(k * s * s) * sizeof *c->q);
  for (nax_index x = 0; x < n; x++) {
    double *b = c->b + x * k * s;
    for (nax_index y = 0; y < n; y++) {
      b[c->label[y] * s + p->group[y]] += gram[x * n + y];
    }
    for (nax_index l = 0; l < k; l++) {
      double sum = 0.0;
      for (nax_index g = 0; g < s; g++) {
        sum += b[l * s + g];
      }
      c->t[x * k + l] = sum;
    }
    nax_index l = c->label[x];
    double *q = c->q + (l * s + p->group[x]) * s;
    for (nax_index g = 0; g < s; g++) {
      q[g] += b[l * s + g];
    }
  }
  for (nax_index l = 0; l < k; l++) {
    c->v[l] = 0.0;
    for (nax_index g = 0; g < s; g++) {
      double sum = 0.0;
      for (nax_index h = 0; h < s; h++) {
        sum += c->q[(l * s + g) * s + h];
      }
      c->u[l * s + g] = sum;
      c->v[l] += sum;
    }
  }
}

/* Label of x by the nearest centroid of all groups but g and h (h < 0: but g); -1 when
 * they have none. c->norm holds the squared norms, +infinity for no centroid. */
static int64_t
nearest(const scorer *c, nax_index x, nax_index g, nax_index h)
{
  nax_index k = c->p->n_labels, s = c->p->n_groups;
  const double *b = c->b + x * k * s;
  double least = DBL_MAX;
  int64_t best = -1;
  for (nax_index l = 0; l < k; l++) {
    double without = b[l * s + g] + (h >= 0 ? b[l * s + h] : 0.0);
    double n = c->total[l] - c->count[l * s + g] - (h >= 0 ? c->count[l * s + h] : 0.0);
    if (n > 0.0) {
      double far = c->norm[l] - 2.0 * (c->t[x * k + l] - without) / n;
      if (far < least) {
        least = far;
        best = l;
      }
    }
  }
  return best;
}

static void
set_norms(scorer *c, nax_index g, nax_index h)
{
  nax_index s = c->p->n_groups;
  for (nax_index l = 0; l < c->p->n_labels; l++) {
    const double *q = c->q + l * s * s, *u = c->u + l * s;
    double n = c->total[l] - c->count[l * s + g],
           sum = c->v[l] - 2.0 * u[g] + q[g * s + g];
    if (h >= 0) {
      n -= c->count[l * s + h];
      sum += 2.0 * q[g * s + h] - 2.0 * u[h] + q[h * s + h];
    }
    c->norm[l] = n > 0.0 ? sum / (n * n) : 0.0;
  }
}

/* All predictions of one matrix of inner products: window w. */
static void
score(scorer *c, nax_index w, const double *gram)
{
  const nax_i_id *p = c->p;
  nax_index n = p->n_rdm, s = p->n_groups;
  collect(c, gram);
  for (nax_index g = 0; g < s; g++) {
    set_norms(c, g, -1);
    for (nax_index i = p->start[g]; i < p->start[g + 1]; i++) {
      nax_index x = p->member[i];
      c->outer[w * n + x] = nearest(c, x, g, -1);
    }
    if (s < 3) {
      continue;
    }
    nax_index right = 0;
    for (nax_index h = 0; h < s; h++) {
      if (h == g) {
        continue;
      }
      set_norms(c, g, h);
      for (nax_index i = p->start[h]; i < p->start[h + 1]; i++) {
        nax_index x = p->member[i];
        right += nearest(c, x, g, h) == c->label[x];
      }
    }
    c->inner[w * s + g] = (double)right / (double)(n - (p->start[g + 1] - p->start[g]));
  }
}

static double
accuracy(const scorer *c, const int64_t *given)
{
  nax_index right = 0;
  for (nax_index x = 0; x < c->p->n_rdm; x++) {
    right += given[x] == c->label[x];
  }
  return (double)right / (double)c->p->n_rdm;
}

/* Standard error of the accuracy, groups being what is sampled. */
static double
standard_error(const scorer *c, const int64_t *given)
{
  const nax_i_id *p = c->p;
  double a = accuracy(c, given), sum = 0.0, g_all = (double)p->n_groups;
  for (nax_index g = 0; g < p->n_groups; g++) {
    double e = 0.0;
    for (nax_index i = p->start[g]; i < p->start[g + 1]; i++) {
      e += (given[p->member[i]] == c->label[p->member[i]]) - a;
    }
    sum += e * e;
  }
  return sqrt(sum * g_all / (g_all - 1.0)) / (double)p->n_rdm;
}

/* 1 when window v is preferred to w at equal accuracy: wider, then lower. */
static int
preferred(const nax_i_id *p, nax_index v, nax_index w)
{
  nax_index wide_v = p->hi[v] - p->lo[v], wide_w = p->hi[w] - p->lo[w];
  return wide_v > wide_w || (wide_v == wide_w && p->lo[v] < p->lo[w]);
}

/* Everything for the labels in c->label. result: raw, ranked, best, nested. */
static void
score_all(scorer *c, double result[4])
{
  const nax_i_id *p = c->p;
  nax_index n = p->n_rdm, s = p->n_groups, w_all = p->n_windows;
  memset(c->count, 0, (size_t)(p->n_labels * s) * sizeof *c->count);
  memset(c->total, 0, (size_t)p->n_labels * sizeof *c->total);
  for (nax_index x = 0; x < n; x++) {
    c->count[c->label[x] * s + p->group[x]] += 1.0;
    c->total[c->label[x]] += 1.0;
  }
  result[2] = 0.0;
  for (nax_index w = 0; w <= w_all; w++) {
    score(c, w, w < w_all ? p->gram + w * n * n : p->raw);
    double a = accuracy(c, c->outer + w * n);
    result[2] = w < w_all && a > result[2] ? a : result[2];
  }
  result[0] = accuracy(c, c->outer + w_all * n);
  result[1] = accuracy(c, c->outer + p->whole * n);
  result[3] = (double)NAN;
  if (s >= 3) {
    for (nax_index g = 0; g < s; g++) {
      nax_index best = 0;
      for (nax_index w = 1; w < w_all; w++) {
        double a = c->inner[w * s + g], b = c->inner[best * s + g];
        best = a > b || (a == b && preferred(p, w, best)) ? w : best;
      }
      c->taken[g] = best;
      for (nax_index i = p->start[g]; i < p->start[g + 1]; i++) {
        c->nested[p->member[i]] = c->outer[best * n + p->member[i]];
      }
    }
    result[3] = accuracy(c, c->nested);
  }
}

/* ---------------------------------------------------------------- permutations */

typedef struct permutations {
  const nax_i_id *p;
  uint64_t seed;
  double *result; /* 4 per permutation */
} permutations;

static nax_status
permute_block(int64_t b, void *arg)
{
  const permutations *j = arg;
  const nax_i_id *p = j->p;
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  scorer c = {0};
  nax_index *order = NULL;
  nax_rng r;
  NAX_TRY(scorer_init(ctx, p, &c));
  NAX_TRY_ALLOC(order, p->n_rdm, sizeof *order);
  nax_i_rng_init(&r, j->seed, (uint64_t)b + 1);
  /* labels move within a group only: groups may differ as much as they like */
  for (nax_index g = 0; g < p->n_groups; g++) {
    nax_index n = p->start[g + 1] - p->start[g];
    const nax_index *member = p->member + p->start[g];
    nax_rng_permutation(&r, n, order);
    for (nax_index i = 0; i < n; i++) {
      c.label[member[i]] = p->label[member[order[i]]];
    }
  }
  score_all(&c, j->result + 4 * b);
done:
  scorer_free(&c);
  nax_i_free(order);
  return status;
}

/* Share of permutations that reach `observed`, which counts as one of them. */
static double
p_value(int64_t n, const double *result, int which, double observed)
{
  int64_t reached = 1;
  for (int64_t b = 0; b < n; b++) {
    reached += result[4 * b + which] >= observed - 1e-12;
  }
  return isnan(observed) ? observed : (double)reached / (double)(n + 1);
}

/* Two-sided sign-flip test of n differences: all flips up to 2^16, else `n_draws` at
 * random. */
static double
sign_flips(nax_index n, const double *x, int64_t n_draws, uint64_t seed)
{
  double observed = 0.0;
  int64_t reached = 0, total = n <= 16 ? INT64_C(1) << n : n_draws + 1;
  nax_rng r;
  for (nax_index i = 0; i < n; i++) {
    observed += x[i];
  }
  nax_i_rng_init(&r, seed, 0);
  for (int64_t b = 0; b < total; b++) {
    double sum = 0.0;
    uint32_t bits = 0;
    for (nax_index i = 0; i < n; i++) {
      if (n <= 16) {
        bits = (uint32_t)(b >> i);
      } else if (b > 0) {
        bits = i % 32 == 0 ? nax_rng_u32(&r) : bits >> 1;
      }
      sum += bits & 1 ? -x[i] : x[i];
    }
    reached += fabs(sum) >= fabs(observed) - 1e-12;
  }
  return (double)reached / (double)total;
}

/* ---------------------------------------------------------------------- input */

static int
ascending(const void *a, const void *b)
{
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

/* Values as positions among the distinct ones, which go to *distinct; free it. */
static nax_status
number(nax_ctx *ctx, nax_index n, const int64_t *value, int64_t *out, int64_t **distinct,
       nax_index *n_distinct)
{
  nax_status status = NAX_OK;
  NAX_TRY_ALLOC(*distinct, n, sizeof **distinct);
  memcpy(*distinct, value, (size_t)n * sizeof *value);
  qsort(*distinct, (size_t)n, sizeof *value, ascending);
  nax_index k = 0;
  for (nax_index i = 0; i < n; i++) {
    if (i == 0 || (*distinct)[i] != (*distinct)[k - 1]) {
      (*distinct)[k++] = (*distinct)[i];
    }
  }
  for (nax_index i = 0; i < n; i++) {
    out[i] = (const int64_t *)bsearch(value + i, *distinct, (size_t)k, sizeof *value,
                                      ascending) -
             *distinct;
  }
  *n_distinct = k;
done:
  return status;
}

static nax_status
set_groups(nax_ctx *ctx, nax_i_id *p, const int64_t *group, const int64_t *label)
{
  nax_status status = NAX_OK;
  nax_index n = p->n_rdm;
  NAX_TRY_ALLOC(p->group, n, sizeof *p->group);
  NAX_TRY_ALLOC(p->label, n, sizeof *p->label);
  NAX_TRY_ALLOC(p->member, n, sizeof *p->member);
  NAX_TRY(number(ctx, n, group, p->group, &p->group_value, &p->n_groups));
  NAX_TRY(number(ctx, n, label, p->label, &p->label_value, &p->n_labels));
  NAX_TRY_ALLOC(p->start, p->n_groups + 1, sizeof *p->start);
  for (nax_index x = 0; x < n; x++) {
    p->start[p->group[x] + 1]++;
  }
  for (nax_index g = 0; g < p->n_groups; g++) {
    p->start[g + 1] += p->start[g];
  }
  for (nax_index g = 0, at = 0; g < p->n_groups; g++) {
    for (nax_index x = 0; x < n; x++) {
      if (p->group[x] == g) {
        p->member[at++] = x;
      }
    }
  }
done:
  return status;
}

/* Ways to arrange the labels within groups, as a logarithm. */
static double
log_arrangements(const nax_i_id *p)
{
  double sum = 0.0;
  for (nax_index g = 0; g < p->n_groups; g++) {
    sum += lgamma((double)(p->start[g + 1] - p->start[g]) + 1.0);
    for (nax_index l = 0; l < p->n_labels; l++) {
      nax_index same = 0;
      for (nax_index i = p->start[g]; i < p->start[g + 1]; i++) {
        same += p->label[p->member[i]] == l;
      }
      sum -= lgamma((double)same + 1.0);
    }
  }
  return sum;
}

/* --------------------------------------------------------------------- output */

const char *
nax_i_trsa_window_class(double lower, double upper, int *which)
{
  static const char *const name[] = {"topology", "geometry", "local", "global",
                                     "intermediate"};
  double e = 1e-9, mean = 0.5 * (lower + upper);
  *which = lower >= 0.4 - e && upper <= 0.6 + e ? 0
           : upper - lower >= 0.8 - e           ? 1
           : mean <= 0.2 + e                    ? 2
           : mean >= 0.8 - e                    ? 3
                                                : 4;
  return name[*which];
}

typedef struct output {
  nax_ctx *ctx;
  const nax_i_id *p;
  const scorer *c;
  const nax_trsa_identify_opts *o;
  const double *result; /* of the permutations */
  nax_trsa_identification *sum;
  double *column;
} output;

static nax_status
windows_table(output *g, nax_dataset *d)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  const nax_i_id *p = g->p;
  nax_table *t = NULL;
  const char **text = NULL;
  nax_index n = p->n_windows, of[5] = {0};
  double *x = g->column, steps = (double)g->o->steps;
  NAX_TRY_ALLOC(text, n, sizeof *text);
  NAX_TRY(nax_table_create(ctx, "window", n, &t));
  for (int side = 0; side < 2; side++) {
    for (nax_index w = 0; w < n; w++) {
      x[w] = (double)(side ? p->hi[w] : p->lo[w]) / steps;
    }
    NAX_TRY(nax_table_add_numbers(ctx, t, side ? "upper" : "lower", NULL, x));
  }
  g->sum->best = -1.0;
  for (nax_index w = 0; w < n; w++) {
    int which;
    double lower = (double)p->lo[w] / steps, upper = (double)p->hi[w] / steps;
    text[w] = nax_i_trsa_window_class(lower, upper, &which);
    x[w] = accuracy(g->c, g->c->outer + w * p->n_rdm);
    g->sum->class_mean[which] += x[w];
    of[which]++;
    if (x[w] > g->sum->best) {
      g->sum->best = x[w];
      g->sum->best_lower = lower;
      g->sum->best_upper = upper;
      g->sum->se_best = standard_error(g->c, g->c->outer + w * p->n_rdm);
    }
  }
  for (int k = 0; k < 5; k++) {
    g->sum->class_mean[k] =
        of[k] > 0 ? g->sum->class_mean[k] / (double)of[k] : (double)NAN;
  }
  NAX_TRY(nax_table_add_text(ctx, t, "kind", text));
  NAX_TRY(nax_table_add_numbers(ctx, t, "accuracy", NULL, x));
  for (nax_index w = 0; w < n; w++) {
    x[w] = standard_error(g->c, g->c->outer + w * p->n_rdm);
  }
  NAX_TRY(nax_table_add_numbers(ctx, t, "se", NULL, x));
  if (g->o->n_permutations > 0) {
    for (nax_index w = 0; w < n; w++) {
      x[w] = p_value(g->o->n_permutations, g->result, 2,
                     accuracy(g->c, g->c->outer + w * p->n_rdm));
    }
    NAX_TRY(nax_table_add_numbers(ctx, t, "p_familywise", NULL, x));
  }
  NAX_TRY(nax_dataset_add_table(ctx, d, "windows", t));
  t = NULL;
done:
  nax_table_free(t);
  nax_i_free(text);
  return status;
}

static nax_status
groups_table(output *g, nax_dataset *d)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  const nax_i_id *p = g->p;
  const scorer *c = g->c;
  nax_table *t = NULL;
  nax_index n = p->n_groups, r = p->n_rdm;
  double *x = g->column, steps = (double)g->o->steps, *gain = NULL;
  static const char *const name[] = {"raw", "ranked", "nested"};
  const int64_t *given[] = {c->outer + p->n_windows * r, c->outer + p->whole * r,
                            c->nested};
  int n_kinds = n >= 3 ? 3 : 2;
  NAX_TRY_ALLOC(gain, n, sizeof *gain);
  NAX_TRY(nax_table_create(ctx, "group", n, &t));
  for (nax_index s = 0; s < n; s++) {
    x[s] = (double)p->group_value[s];
  }
  NAX_TRY(nax_table_add_numbers(ctx, t, "group", NULL, x));
  for (nax_index s = 0; s < n; s++) {
    x[s] = (double)(p->start[s + 1] - p->start[s]);
  }
  NAX_TRY(nax_table_add_numbers(ctx, t, "rdms", NULL, x));
  for (int k = 0; k < n_kinds; k++) {
    for (nax_index s = 0; s < n; s++) {
      nax_index right = 0;
      for (nax_index i = p->start[s]; i < p->start[s + 1]; i++) {
        right += given[k][p->member[i]] == p->label[p->member[i]];
      }
      x[s] = (double)right / (double)(p->start[s + 1] - p->start[s]);
      gain[s] += k == 2 ? x[s] : k == 1 ? -x[s] : 0.0;
    }
    NAX_TRY(nax_table_add_numbers(ctx, t, name[k], NULL, x));
  }
  for (int side = 0; side < 2 && n_kinds == 3; side++) {
    for (nax_index s = 0; s < n; s++) {
      x[s] = (double)(side ? p->hi[c->taken[s]] : p->lo[c->taken[s]]) / steps;
    }
    NAX_TRY(
        nax_table_add_numbers(ctx, t, side ? "nested_upper" : "nested_lower", NULL, x));
  }
  if (n_kinds == 3 && g->o->n_permutations > 0) {
    g->sum->p_nested_ranked = sign_flips(n, gain, g->o->n_permutations, g->o->seed);
  }
  NAX_TRY(nax_dataset_add_table(ctx, d, "groups", t));
  t = NULL;
done:
  nax_table_free(t);
  nax_i_free(gain);
  return status;
}

static nax_status
rdms_table(output *g, nax_dataset *d)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = g->ctx;
  const nax_i_id *p = g->p;
  const scorer *c = g->c;
  nax_table *t = NULL;
  nax_index n = p->n_rdm;
  double *x = g->column;
  static const char *const name[] = {"group", "label", "given_raw", "given_ranked",
                                     "given_nested"};
  NAX_TRY(nax_table_create(ctx, "rdm", n, &t));
  for (int k = 0; k < (p->n_groups >= 3 ? 5 : 4); k++) {
    const int64_t *from[] = {p->group, p->label, c->outer + p->n_windows * n,
                             c->outer + p->whole * n, c->nested};
    const int64_t *value = k == 0 ? p->group_value : p->label_value;
    for (nax_index i = 0; i < n; i++) {
      x[i] = from[k][i] >= 0 ? (double)value[from[k][i]] : (double)NAN;
    }
    NAX_TRY(nax_table_add_numbers(ctx, t, name[k], NULL, x));
  }
  NAX_TRY(nax_dataset_add_table(ctx, d, "rdms", t));
  t = NULL;
done:
  nax_table_free(t);
  return status;
}

static nax_status
add_numbers(nax_ctx *ctx, const nax_trsa_identification *s,
            const nax_trsa_identify_opts *o, nax_dataset *d)
{
  nax_status status = NAX_OK;
  const struct {
    const char *key;
    double value;
  } facts[] = {
      {"trsa_largest_label", s->largest_label},
      {"trsa_raw", s->raw},
      {"trsa_ranked", s->ranked},
      {"trsa_best", s->best},
      {"trsa_best_lower", s->best_lower},
      {"trsa_best_upper", s->best_upper},
      {"trsa_nested", s->nested},
      {"trsa_se_raw", s->se_raw},
      {"trsa_se_ranked", s->se_ranked},
      {"trsa_se_best", s->se_best},
      {"trsa_se_nested", s->se_nested},
      {"trsa_p_raw", s->p_raw},
      {"trsa_p_ranked", s->p_ranked},
      {"trsa_p_best", s->p_best},
      {"trsa_p_nested", s->p_nested},
      {"trsa_p_nested_ranked", s->p_nested_ranked},
  };
  for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
    NAX_TRY(nax_dataset_set_number(ctx, d, facts[i].key, facts[i].value));
  }
  for (int32_t i = 0; i < nax_i_trsa_identify_table.n_opts; i++) {
    char key[64], value[64];
    snprintf(key, sizeof key, "trsa_%.50s", nax_i_trsa_identify_table.opts[i].name);
    nax_options_format(&nax_i_trsa_identify_table, o, i, value, sizeof value);
    NAX_TRY(nax_dataset_set_text(ctx, d, key, value));
  }
done:
  return status;
}

/* --------------------------------------------------------------------- public */

nax_status
nax_trsa_identify(nax_ctx *ctx, nax_index n, nax_index n_rdm, const double *d,
                  const int64_t *group, const int64_t *label,
                  const nax_trsa_identify_opts *opts, nax_trsa_identification *summary,
                  nax_dataset **out)
{
  nax_status status = NAX_OK;
  nax_trsa_identify_opts o;
  nax_i_id p = {.n = n, .n_rdm = n_rdm};
  scorer c = {0};
  permutations j = {.p = &p};
  nax_i_stage st;
  nax_dataset *set = NULL;
  output g = {.ctx = ctx, .p = &p, .c = &c, .o = &o};
  nax_trsa_identification sum;
  double result[4];
  *out = NULL;
  nax_i_begin(ctx);
  memset(&sum, 0, sizeof sum);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_trsa_identify_table, &o, opts));
  NAX_TRY(nax_i_trsa_shape(ctx, __func__, n, n_rdm, d, &p.m));
  NAX_TRY(nax_i_trsa_check(ctx, __func__, p.m, n_rdm, d));
  NAX_TRY(set_groups(ctx, &p, group, label));
  NAX_REQUIRE(p.n_groups >= 2, NAX_EDATA,
              "at least 2 groups are needed to leave one out, all RDMs are of group %lld",
              (long long)group[0]);
  NAX_REQUIRE(p.n_labels >= 2, NAX_EDATA,
              "at least 2 labels are needed, all RDMs have label %lld",
              (long long)label[0]);
  NAX_REQUIRE(!o.adjacency || o.statistic == NAX_TRSA_RGTM || o.zero_links, NAX_EINVAL,
              "paths in windows of equal thresholds are made of links of length 0: no "
              "`adjacency` without `zero-links`");
  NAX_TRY(nax_i_id_grams(ctx, __func__, d, &o, &p));
  NAX_TRY(scorer_init(ctx, &p, &c));
  score_all(&c, result);
  sum.n_rdm = n_rdm;
  sum.n_groups = p.n_groups;
  sum.n_labels = p.n_labels;
  sum.n_windows = p.n_windows;
  for (nax_index l = 0; l < p.n_labels; l++) {
    double share = c.total[l] / (double)n_rdm;
    sum.largest_label = share > sum.largest_label ? share : sum.largest_label;
  }
  sum.raw = result[0];
  sum.ranked = result[1];
  sum.nested = result[3];
  sum.se_raw = standard_error(&c, c.outer + p.n_windows * n_rdm);
  sum.se_ranked = standard_error(&c, c.outer + p.whole * n_rdm);
  sum.se_nested = p.n_groups >= 3 ? standard_error(&c, c.nested) : (double)NAN;
  sum.p_raw = sum.p_ranked = sum.p_best = sum.p_nested = sum.p_nested_ranked =
      (double)NAN;
  if (p.n_groups < 3) {
    nax_i_warn(ctx, NAX_SUGGESTION, "trsa.two-groups",
               "with 2 groups no window can be chosen without the group it is tested on: "
               "the nested accuracy is missing");
  }
  if (o.n_permutations > 0) {
    if (log_arrangements(&p) < log(20.0)) {
      nax_i_warn(ctx, NAX_VIOLATION, "trsa.few-arrangements",
                 "labels can be arranged within groups in fewer than 20 ways: no p value "
                 "can reach 5 %%");
    }
    NAX_TRY_ALLOC(j.result, 4 * o.n_permutations, sizeof *j.result);
    j.seed = o.seed;
    NAX_TRY(nax_i_stage_begin(&st, ctx, __func__, "trsa/permutations", o.n_permutations));
    NAX_TRY(nax_i_parallel(ctx, &st, o.n_permutations, permute_block, &j));
    sum.p_raw = p_value(o.n_permutations, j.result, 0, result[0]);
    sum.p_ranked = p_value(o.n_permutations, j.result, 1, result[1]);
    sum.p_best = p_value(o.n_permutations, j.result, 2, result[2]);
    sum.p_nested = p_value(o.n_permutations, j.result, 3, result[3]);
  }
  g.result = j.result;
  g.sum = &sum;
  NAX_TRY_ALLOC(g.column, p.n_windows + n_rdm, sizeof *g.column);
  NAX_TRY(nax_dataset_create(ctx, &set));
  NAX_TRY(windows_table(&g, set));
  NAX_TRY(groups_table(&g, set));
  NAX_TRY(rdms_table(&g, set));
  NAX_TRY(add_numbers(ctx, &sum, &o, set));
  if (summary != NULL) {
    *summary = sum;
  }
  *out = set;
  set = NULL;
done:
  nax_dataset_free(set);
  scorer_free(&c);
  nax_i_free(j.result);
  nax_i_free(g.column);
  nax_i_id_free(&p);
  return status;
}

nax_status
nax_trsa_identify_memory(nax_ctx *ctx, nax_index n, nax_index n_rdm,
                         const nax_trsa_identify_opts *opts, size_t *bytes)
{
  nax_status status = NAX_OK;
  nax_trsa_identify_opts o;
  nax_index m, pairs = 0;
  *bytes = 0;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_trsa_identify_table, &o, opts));
  NAX_TRY(nax_i_trsa_shape(ctx, __func__, n, n_rdm, (const double[]){0.0}, &m));
  NAX_REQUIRE(nax_i_size_product(2, (nax_index[]){n_rdm, n_rdm}, 1 << 14, &pairs),
              NAX_EDIM, "%lld RDMs are too many", (long long)n_rdm);
  size_t windows = (size_t)nax_i_trsa_windows(&o), r = (size_t)n_rdm;
  size_t threads = (size_t)nax_ctx_threads(ctx), stack = (size_t)m * r;
  size_t values = (windows + 1) * (size_t)pairs; /* inner products */
  if (o.statistic == NAX_TRSA_RGTM) {
    values += 2 * stack + stack / 8; /* values, ranks within bins, bins */
  } else {
    values += (size_t)(o.steps + 2) * stack +
              threads * (nax_i_paths_memory(n) / sizeof(double) + 2 * (size_t)m);
  }
  /* predictions and sums; the sums by label and group are those by RDM at most */
  values += (threads + 1) * ((windows + 1) * 2 * r + 2 * (size_t)pairs);
  *bytes = values * sizeof(double);
done:
  return status;
}
