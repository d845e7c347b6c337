/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Levels of structure: tags that belong together, and sets of units that follow the same
 * ones. */
#include "array/array_i.h"
#include "fit_i.h"
#include <math.h>
#include <neuraxis/stats.h>
#include <stdio.h>

/* ------------------------------------------------------------------ beforehand */

static nax_index
level_called(nax_ctx *ctx, const char *fn, nax_freqtag *f, const char *from, size_t n,
             nax_status *status)
{
  for (nax_index l = 0; l < f->n_levels; l++) {
    if (strlen(f->level_name[l]) == n && strncmp(f->level_name[l], from, n) == 0) {
      return l;
    }
  }
  f->level_name[f->n_levels] = nax_i_strndup(from, n);
  if (f->level_name[f->n_levels] == NULL) {
    *status = nax_i_fail(ctx, NAX_ENOMEM, fn, "out of memory");
    return 0;
  }
  return f->n_levels++;
}

nax_status
nax_i_ft_levels_create(nax_ctx *ctx, const char *fn, const nax_i_ft_fit *j)
{
  nax_freqtag *f = j->out;
  nax_status status = NAX_OK;
  const char *text = j->o.levels != NULL ? j->o.levels : "";
  nax_index named = 0;
  int shared = 0;
  for (nax_index k = 0; k < f->n_tags; k++) {
    size_t skip = strspn(text, " "), n = strcspn(text + skip, ",");
    const char *name = text + skip;
    char number[48];
    while (n > 0 && name[n - 1] == ' ') {
      n--;
    }
    if (n > 0) {
      named++;
    } else {
      nax_i_snprintf(number, sizeof number, "%g Hz", f->tag[k]);
      name = number;
      n = strlen(number);
    }
    nax_index before = f->n_levels;
    f->level_of[k] = level_called(ctx, fn, f, name, n, &status);
    if (status != NAX_OK) {
      return status;
    }
    shared = shared || before == f->n_levels;
    text += strcspn(text, ",");
    text += *text == ',';
  }
  if (*text != '\0' || (named > 0 && named < f->n_tags)) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      "option `levels` takes one name for each of the %lld tags, got "
                      "\"%s\"",
                      (long long)f->n_tags, j->o.levels);
  }
  if (shared && j->o.fdr == NAX_FREQTAG_MAX) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      "levels of several tags, expected fdr `bh` or `by`");
  }
  return NAX_OK;
}

/* p of a level: its tags combined, adjusted over units; of a single tag as it is. */
nax_status
nax_i_ft_levels_adjust(nax_ctx *ctx, nax_freqtag *f)
{
  nax_status status = NAX_OK;
  double *p = NULL;
  NAX_TRY_ALLOC(p, f->n_units, sizeof *p);
  NAX_TRY_ALLOC(f->level_q, f->n_units * f->n_levels, sizeof *f->level_q);
  for (nax_index l = 0; l < f->n_levels; l++) {
    double *q = f->level_q + l * f->n_units, log_p[NAX_I_FT_TAGS];
    nax_index n = 0, only = 0;
    for (nax_index k = 0; k < f->n_tags; k++) {
      n += f->level_of[k] == l;
      only = f->level_of[k] == l ? k : only;
    }
    if (n == 1) {
      memcpy(q, f->field[NAX_FREQTAG_Q] + only * f->n_units,
             (size_t)f->n_units * sizeof *q);
      continue;
    }
    for (nax_index u = 0; u < f->n_units; u++) {
      nax_index m = 0;
      for (nax_index k = 0; k < f->n_tags; k++) {
        if (f->level_of[k] == l) {
          log_p[m++] = f->field[NAX_FREQTAG_LOG_P][u + k * f->n_units];
        }
      }
      p[u] = nax_freqtag_fisher(m, log_p).p;
    }
    NAX_TRY(nax_stats_fdr(ctx, f->n_units, p, (nax_fdr)f->o.fdr, q));
  }
done:
  nax_i_free(p);
  return status;
}

/* ---------------------------------------------------------------------- reading */

nax_index
nax_freqtag_n_levels(const nax_freqtag *f)
{
  return f->n_levels;
}

const char *
nax_freqtag_level_name(const nax_freqtag *f, nax_index level)
{
  return level >= 0 && level < f->n_levels ? f->level_name[level] : NULL;
}

int64_t
nax_freqtag_set_of(const nax_freqtag *f, nax_index unit)
{
  int64_t set = 0;
  int tested = 0;
  for (nax_index l = 0; l < f->n_levels && unit >= 0 && unit < f->n_units; l++) {
    double q = f->level_q[unit + l * f->n_units];
    tested = tested || !isnan(q);
    set |= q <= f->o.q ? (int64_t)1 << l : 0;
  }
  return tested ? set : -1;
}

char *
nax_i_ft_set_name(const nax_freqtag *f, int64_t set)
{
  nax_i_buf b = {0};
  if (set <= 0) {
    nax_i_buf_puts(&b, set == 0 ? "none" : "not tested");
  } else if (f->n_levels == 2 && set == 3) {
    nax_i_buf_puts(&b, "shared");
  }
  for (nax_index l = 0; l < f->n_levels && b.len == 0; l++) {
    /* begins the name; the rest is added below */
    if (set >> l & 1) {
      nax_i_buf_puts(&b, f->level_name[l]);
      for (nax_index m = l + 1; m < f->n_levels; m++) {
        if (set >> m & 1) {
          nax_i_buf_printf(&b, " + %s", f->level_name[m]);
        }
      }
    }
  }
  if (b.failed) {
    nax_i_buf_free(&b);
    return NULL;
  }
  return b.data;
}

enum { N, UNITS, SHARE, LOW, HIGH, COLUMNS };

static void
count(const nax_freqtag *f, const int64_t *group, nax_index g, int64_t set, double *out)
{
  double n = 0.0, k = 0.0;
  for (nax_index u = 0; u < f->n_units; u++) {
    int64_t of = nax_freqtag_set_of(f, u);
    if (of >= 0 && (group == NULL || group[u] == g)) {
      n += 1.0;
      k += of == set;
    }
  }
  out[N] = n;
  out[UNITS] = k;
  out[SHARE] = out[LOW] = out[HIGH] = (double)NAN;
  if (n > 0.0) {
    const double z = 1.9599639845400545;
    double s = k / n, w = 1.0 + z * z / n, middle = (s + 0.5 * z * z / n) / w;
    double reach = z / w * sqrt(s * (1.0 - s) / n + 0.25 * z * z / (n * n));
    out[SHARE] = s;
    out[LOW] = k > 0.0 ? fmax(0.0, middle - reach) : 0.0;
    out[HIGH] = fmin(1.0, middle + reach);
  }
}

/* Sets to list: one level alone, all levels, and those that units have. */
static nax_index
list_sets(const nax_freqtag *f, int64_t *list)
{
  nax_index n = 0;
  for (int64_t set = 1; set < (int64_t)1 << f->n_levels; set++) {
    int wanted = (set & (set - 1)) == 0 || set + 1 == (int64_t)1 << f->n_levels;
    for (nax_index u = 0; u < f->n_units && !wanted; u++) {
      wanted = nax_freqtag_set_of(f, u) == set;
    }
    if (wanted) {
      list[n++] = set;
    }
  }
  return n;
}

nax_status
nax_freqtag_sets(nax_ctx *ctx, const nax_freqtag *f, nax_index n_groups,
                 const int64_t *group, const char *const *name, nax_table **out)
{
  static const char *const column[COLUMNS] = {"n", "units", "share", "share_low",
                                              "share_high"};
  nax_status status = NAX_OK;
  int64_t list[1 << NAX_I_FT_LEVELS];
  nax_table *t = NULL;
  double *x = NULL, cell[COLUMNS];
  char **text[2] = {NULL, NULL};
  nax_index rows = 0, sets;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_REQUIRE(f->n_levels <= NAX_I_FT_LEVELS, NAX_EINVAL,
              "%lld levels, expected at most %d for sets (option `levels`)",
              (long long)f->n_levels, NAX_I_FT_LEVELS);
  NAX_REQUIRE(group == NULL ? n_groups <= 1 : n_groups >= 1, NAX_EINVAL,
              "%lld groups, expected the groups of the units", (long long)n_groups);
  n_groups = n_groups > 0 ? n_groups : 1;
  sets = list_sets(f, list);
  rows = n_groups * sets;
  NAX_TRY_ALLOC(x, rows * COLUMNS, sizeof *x);
  NAX_TRY_ALLOC(text[0], rows, sizeof *text[0]);
  NAX_TRY_ALLOC(text[1], rows, sizeof *text[1]);
  for (nax_index r = 0; r < rows; r++) {
    nax_index g = r % n_groups;
    char number[32];
    snprintf(number, sizeof number, "%lld", (long long)g + 1);
    NAX_TRY_DUP(text[0][r], group == NULL ? "all" : name != NULL ? name[g] : number);
    text[1][r] = nax_i_ft_set_name(f, list[r / n_groups]);
    NAX_REQUIRE(text[1][r] != NULL, NAX_ENOMEM, "out of memory");
    count(f, group, g, list[r / n_groups], cell);
    for (int i = 0; i < COLUMNS; i++) {
      x[r + i * rows] = cell[i];
    }
  }
  NAX_TRY(nax_table_create(ctx, "set", rows, &t));
  NAX_TRY(nax_table_add_text(ctx, t, "group", (const char *const *)text[0]));
  NAX_TRY(nax_table_add_text(ctx, t, "set", (const char *const *)text[1]));
  for (int i = 0; i < COLUMNS; i++) {
    NAX_TRY(nax_table_add_numbers(ctx, t, column[i], NULL, x + i * rows));
  }
  *out = t;
  t = NULL;
done:
  nax_table_free(t);
  nax_i_free(x);
  nax_i_free_strings(text[0], text[0] != NULL ? rows : 0);
  nax_i_free_strings(text[1], text[1] != NULL ? rows : 0);
  return status;
}

/* --------------------------------------------------------------------- clusters */

/* F that one unit has to exceed: p of it alone. */
static double
limit_of(double p, nax_index n, nax_index n_control)
{
  double df = (double)(n_control > 0 ? n - 2 : n - 1);
  return df * expm1(-log(p) / df);
}

nax_status
nax_freqtag_clusters(nax_ctx *ctx, const nax_freqtag *f,
                     const nax_freqtag_adjacency *near, double p, nax_index n_surrogates,
                     uint64_t seed, int64_t *label, double *p_max, nax_table **out)
{
  static const char *const column[] = {"cluster", "units", "first", "mass", "p"};
  enum { N_COLUMNS = 5 };
  nax_status status = NAX_OK;
  nax_index n = f->n_seen[0] + f->n_seen[1], units = f->n_units, rows = 0;
  nax_c64 *z = NULL;
  nax_freqtag_cluster *found = NULL;
  nax_table *t = NULL;
  double *x = NULL, *at = NULL;
  nax_index all = units * f->n_tags;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_REQUIRE(f->kept != NULL, NAX_EINVAL,
              "the coefficients were not kept: fit with option `keep`");
  NAX_REQUIRE(p > 0.0 && p < 1.0, NAX_EINVAL, "p of one unit, expected 0 to 1, got %g",
              p);
  NAX_TRY_ALLOC(z, n * units, sizeof *z);
  NAX_TRY_ALLOC(found, units, sizeof *found);
  NAX_TRY_ALLOC(x, all * (N_COLUMNS + 1), sizeof *x);
  for (nax_index k = 0; k < f->n_tags; k++) {
    nax_index n_found = 0;
    memcpy(z, nax_freqtag_kept(f, k), (size_t)(n * units) * sizeof *z);
    for (nax_index u = 0; u < units; u++) {
      int missing = 0;
      for (nax_index i = 0; i < n; i++) {
        missing = missing || !isfinite(z[i + n * u].re) || !isfinite(z[i + n * u].im);
      }
      if (missing) { /* in no cluster */
        memset(z + n * u, 0, (size_t)n * sizeof *z);
      }
    }
    NAX_TRY(nax_freqtag_cluster_test(
        ctx, n, f->n_seen[1], units, z, 1, limit_of(p, n, f->n_seen[1]), near,
        n_surrogates, NULL, seed, NULL, label != NULL ? label + k * units : NULL, found,
        &n_found, p_max != NULL ? p_max + k * units : NULL, NULL));
    for (nax_index c = 0; c < n_found; c++, rows++) {
      double *row = x + rows * (N_COLUMNS + 1);
      row[0] = f->tag[k];
      row[1] = (double)c;
      row[2] = (double)found[c].n;
      row[3] = (double)found[c].first;
      row[4] = found[c].mass;
      row[5] = found[c].p;
    }
  }
  NAX_TRY_ALLOC(at, rows, sizeof *at);
  NAX_TRY(nax_table_create(ctx, "cluster", rows, &t));
  for (int i = 0; i <= N_COLUMNS; i++) {
    for (nax_index r = 0; r < rows; r++) {
      at[r] = x[r * (N_COLUMNS + 1) + i];
    }
    NAX_TRY(nax_table_add_numbers(ctx, t, i == 0 ? "tag" : column[i - 1],
                                  i == 0 ? "Hz" : NULL, at));
  }
  *out = t;
  t = NULL;
done:
  nax_table_free(t);
  nax_i_free(z);
  nax_i_free(found);
  nax_i_free(x);
  nax_i_free(at);
  return status;
}
