/* SPDX-License-Identifier: GPL-3.0-or-later */
/* neuraxis freqtag --brain: units of a model against channels of a brain by the geometry
 * of their spectra. */
#include "cmd_freqtag.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One of the two recordings as unit x time x trial, with the block of each trial. */
typedef struct side {
  nax_array *a;
  nax_view x;
  int64_t *block;
  nax_index n_blocks, n_bins;
  double *spectra;
} side;

static void
free_side(side *s)
{
  nax_array_free(s->a);
  free(s->block);
  free(s->spectra);
}

/* Values of the array `name` of a file, or of that column of its table `trials`. */
static int
load_values(cli_tags *j, nax_source *source, const char *what, double **out, nax_index *n)
{
  cli *c = j->c;
  const char *name = cli_value(c, "blocks");
  int32_t v = nax_source_find(source, name), t = nax_source_find(source, "trials");
  const double *from = NULL;
  nax_array *a = NULL;
  nax_table *table = NULL;
  nax_status st = NAX_OK;
  if (v >= 0 && nax_source_var(source, v)->kind == NAX_VAR_ARRAY) {
    st = nax_source_load_array(c->ctx, source, v, NAX_F64, &a);
    if (st == NAX_OK) {
      nax_view x = nax_array_view(a);
      *n = nax_view_size(&x);
      from = x.data;
    }
  } else if (t >= 0 && nax_source_var(source, t)->kind == NAX_VAR_TABLE) {
    st = nax_source_load_table(c->ctx, source, t, &table);
    if (st == NAX_OK) {
      *n = nax_table_n_rows(table);
      from = nax_table_numbers(table, nax_table_find(table, name));
    }
  }
  int status = st != NAX_OK   ? cli_fail(c, st)
               : from == NULL ? cli_error(c, CLI_USAGE,
                                          "%s: there is no array `%s`, nor a column of "
                                          "numbers in a table `trials` (--blocks)",
                                          what, name)
                              : CLI_OK;
  if (status == CLI_OK) {
    *out = cli_alloc((size_t)*n, sizeof **out);
    memcpy(*out, from, (size_t)*n * sizeof **out);
  }
  nax_array_free(a);
  nax_table_free(table);
  return status;
}

static int
load_blocks(cli_tags *j, nax_source *source, const char *what, side *s)
{
  cli *c = j->c;
  double *value = NULL;
  nax_index n = 0;
  int status = load_values(j, source, what, &value, &n);
  if (status == CLI_OK && n != s->x.dim[2]) {
    status = cli_error(c, CLI_REJECTED, "%s: blocks of %lld trials, expected %lld", what,
                       (long long)n, (long long)s->x.dim[2]);
  }
  s->block = cli_alloc((size_t)n, sizeof *s->block);
  for (nax_index i = 0; i < n && status == CLI_OK; i++) {
    if (!(value[i] >= -1.0 && value[i] < (double)n && value[i] == floor(value[i]))) {
      char a[32];
      status = cli_error(c, CLI_REJECTED,
                         "%s: block of trial %lld, expected -1 to %lld, got %s", what,
                         (long long)i, (long long)n - 1, cli_num(a, value[i]));
    } else {
      s->block[i] = (int64_t)value[i];
      s->n_blocks = s->block[i] >= s->n_blocks ? s->block[i] + 1 : s->n_blocks;
    }
  }
  free(value);
  return status;
}

/* --range as numbers, in Hz. */
static int
parse_range(cli *c, double *lo, double *hi)
{
  const char *range = cli_value(c, "range"), *colon = strchr(range, ':');
  char *first = cli_dup(range);
  first[colon != NULL ? (size_t)(colon - range) : 0] = '\0';
  int status = CLI_OK;
  if (colon == NULL || !cli_parse_number(first, lo) || !cli_parse_number(colon + 1, hi) ||
      !(*lo > 0.0 && *hi >= *lo)) {
    status = cli_error(c, CLI_USAGE,
                       "--range takes LOW:HIGH in Hz, LOW above 0, got \"%s\"", range);
  }
  free(first);
  return status;
}

/* unit x time x trial of a variable and its spectra, from `skip` on for `seconds`. */
static int
load_side(cli_tags *j, nax_source *source, int32_t v, const char *what, int32_t coherence,
          double rate, double seconds, side *s)
{
  cli *c = j->c;
  double lo = 0.0, hi = 0.0;
  nax_index units = 1;
  int status = parse_range(c, &lo, &hi);
  if (status != CLI_OK) {
    return status;
  }
  const nax_var_info *info = nax_source_var(source, v);
  int32_t n = info->kind == NAX_VAR_ARRAY ? info->ndim : 0;
  if (n < 3 || strcmp(nax_axis_name(info->axis[n - 2]), "time") != 0 ||
      (coherence && n > 3)) {
    return cli_error(c, CLI_REJECTED,
                     "%s: `%s`, expected %s, time and trials as axes, in this order; "
                     "see neuraxis preprocess --permute",
                     what, info->name, coherence ? "channels" : "units");
  }
  for (int32_t k = 0; k < n - 2; k++) {
    units *= nax_axis_length(info->axis[k]);
  }
  if (!coherence && units != nax_freqtag_n_units(j->f)) {
    return cli_error(c, CLI_REJECTED, "%s: `%s`, the last axis is not one of trials",
                     what, info->name);
  }
  nax_status st = nax_source_load_array(c->ctx, source, v, NAX_F64, &s->a);
  if (st != NAX_OK) {
    return cli_fail(c, st);
  }
  nax_view x = nax_array_view(s->a);
  s->x = x;
  s->x.ndim = 3;
  s->x.dim[0] = units;
  for (int k = 1; k < 3; k++) {
    s->x.dim[k] = x.dim[n - 3 + k];
    s->x.stride[k] = x.stride[n - 3 + k];
  }
  double first = floor(j->o.skip * rate + 0.5), length = floor(seconds * rate + 0.5);
  if (!(length >= 2.0 && first + length <= (double)s->x.dim[1])) {
    char a[32], b[32];
    return cli_error(c, CLI_REJECTED,
                     "%s: trials of %s s at an even rate, expected the %s s of the model",
                     what, cli_short(a, rate > 0.0 ? (double)s->x.dim[1] / rate : 0.0, 6),
                     cli_short(b, j->o.skip + seconds, 6));
  }
  s->x.data = (const double *)s->x.data + (nax_index)first * s->x.stride[1];
  s->x.dim[1] = (nax_index)length;
  status = load_blocks(j, source, what, s);
  if (status != CLI_OK) {
    return status;
  }
  st = nax_freqtag_block_spectra(c->ctx, &s->x, rate, lo, hi, s->n_blocks, s->block,
                                 coherence, &s->n_bins, NULL);
  if (st == NAX_OK) {
    s->spectra =
        cli_alloc((size_t)(s->n_bins * s->n_blocks * s->x.dim[0]), sizeof *s->spectra);
    st = nax_freqtag_block_spectra(c->ctx, &s->x, rate, lo, hi, s->n_blocks, s->block,
                                   coherence, &s->n_bins, s->spectra);
  }
  return st == NAX_OK ? CLI_OK : cli_fail(c, st);
}

/* Sets of levels as kinds: single ones, and one for all units of more. */
static nax_index
kinds_of(const cli_tags *j, int64_t *kind)
{
  nax_index levels = nax_freqtag_n_levels(j->f), units = nax_freqtag_n_units(j->f);
  for (nax_index u = 0; u < units; u++) {
    int64_t set = nax_freqtag_set_of(j->f, u);
    kind[u] = -1;
    for (nax_index l = 0; l < levels && set > 0; l++) {
      if (set == (int64_t)1 << l) {
        kind[u] = l;
      }
    }
    kind[u] = set > 0 && kind[u] < 0 ? levels : kind[u];
  }
  return levels + (levels > 1);
}

static const char *
kind_name(const cli_tags *j, nax_index k)
{
  const char *name = nax_freqtag_level_name(j->f, k);
  return name != NULL ? name : "shared";
}

/* Layers and regions with their similarity, as two tables. */
static nax_status
make_tables(cli_tags *j, const nax_freqtag_similarity_spec *s,
            const nax_freqtag_similarity *o, char **region)
{
  nax_ctx *ctx = j->c->ctx;
  nax_index rows = o->n_cells, wide = s->n_regions * s->n_kinds;
  const char **text = cli_alloc((size_t)(rows + wide), sizeof *text);
  double *x = cli_alloc((size_t)(rows + wide), sizeof *x);
  char **layer = cli_alloc((size_t)rows, sizeof *layer);
  nax_table *t = NULL, *g = NULL;
  nax_status st = nax_table_create(ctx, "layer", rows, &t);
  for (nax_index i = 0; i < rows; i++) {
    nax_index l = i % s->n_layers;
    layer[i] = j->group_name != NULL ? cli_dup(j->group_name[l])
                                     : cli_printf("%lld", (long long)l);
    text[i] = kind_name(j, i / s->n_layers);
    x[i] = (double)o->n_units[i];
  }
  st =
      st == NAX_OK ? nax_table_add_text(ctx, t, "layer", (const char *const *)layer) : st;
  st = st == NAX_OK ? nax_table_add_text(ctx, t, "set", text) : st;
  st = st == NAX_OK ? nax_table_add_numbers(ctx, t, "units", NULL, x) : st;
  st = st == NAX_OK ? nax_table_add_numbers(ctx, t, "similarity", NULL, o->top) : st;
  if (st == NAX_OK && s->n_regions > 0) {
    st = nax_table_create(ctx, "region", wide, &g);
    for (nax_index i = 0; i < wide; i++) {
      text[i] = region[i % s->n_regions];
    }
    st = st == NAX_OK ? nax_table_add_text(ctx, g, "region", text) : st;
    for (nax_index i = 0; i < wide; i++) {
      text[i] = kind_name(j, i / s->n_regions);
      x[i] = o->found[i % s->n_regions];
    }
    st = st == NAX_OK ? nax_table_add_text(ctx, g, "set", text) : st;
    st = st == NAX_OK ? nax_table_add_numbers(ctx, g, "similarity", NULL, o->region) : st;
    st = st == NAX_OK ? nax_table_add_numbers(ctx, g, "channels", NULL, x) : st;
  }
  for (nax_index i = 0; i < rows; i++) {
    free(layer[i]);
  }
  free(layer);
  free(text);
  free(x);
  if (st != NAX_OK) {
    nax_table_free(t);
    nax_table_free(g);
    return st;
  }
  j->similarity = t;
  j->regions = g;
  return NAX_OK;
}

static int
compare(cli_tags *j, const side *model, const side *brain, const nax_axis *channels)
{
  cli *c = j->c;
  nax_index units = model->x.dim[0];
  int64_t *kind = cli_alloc((size_t)units, sizeof *kind);
  int64_t *layer = cli_alloc((size_t)units, sizeof *layer);
  double top = 0.0, draws = 0.0;
  nax_freqtag_similarity *o = NULL;
  cli_regions r = {0, NULL, NULL};
  int status = cli_number(c, "top", 1.0, 1e9, &top);
  status = status == CLI_OK ? cli_number(c, "random-units", 0.0, 1e6, &draws) : status;
  status = status == CLI_OK ? cli_tags_regions(j, channels, &r) : status;
  nax_freqtag_similarity_spec s = {.n_bins = model->n_bins,
                                   .n_blocks = model->n_blocks,
                                   .n_units = units,
                                   .model = model->spectra,
                                   .n_layers = j->n_groups > 0 ? j->n_groups : 1,
                                   .layer = j->n_groups > 0 ? j->group : layer,
                                   .n_kinds = kinds_of(j, kind),
                                   .kind = kind,
                                   .n_channels = brain->x.dim[0],
                                   .brain = brain->spectra,
                                   .n_regions = r.n,
                                   .region = r.group,
                                   .n_top = (nax_index)top,
                                   .n_random = (nax_index)draws,
                                   .seed = (uint64_t)j->o.seed};
  if (status == CLI_OK) {
    nax_status st = nax_freqtag_similarity_fit(c->ctx, &s, &o);
    st = st == NAX_OK ? make_tables(j, &s, o, r.name) : st;
    if (st == NAX_OK) {
      j->similar = o->similarity;
      j->similar_p = o->p;
    }
    status = st == NAX_OK ? CLI_OK : cli_fail(c, st);
  }
  if (status == CLI_OK) {
    char a[32], b[32], d[32];
    cli_note(c, 0, "similarity %s (mean over the best channels of each layer)",
             cli_short(a, o->similarity, 4));
    if (s.n_random > 0) {
      cli_note(c, 0, "as many units drawn at random reach it with p = %s",
               cli_short(a, o->p, 3));
    }
    if (s.n_regions > 1) {
      cli_note(c, 0, "the best channels over regions: chi squared %s (%s), p = %s",
               cli_short(a, o->spread.statistic, 4), cli_short(b, o->spread.df1, 3),
               cli_short(d, o->spread.p, 3));
    }
  }
  cli_regions_free(&r);
  nax_freqtag_similarity_free(o);
  free(kind);
  free(layer);
  return status;
}

int
cli_tags_brain_options(cli_tags *j)
{
  static const char *const with[] = {"brain-groups", "blocks", "range", "top",
                                     "random-units"};
  cli *c = j->c;
  const char *table = cli_value(c, "table");
  double lo, hi, number;
  if (!cli_has(c, "brain")) {
    for (size_t i = 0; i < sizeof with / sizeof *with; i++) {
      if (cli_has(c, with[i])) {
        return cli_error(c, CLI_USAGE, "--%s goes with --brain", with[i]);
      }
    }
  }
  if ((strcmp(table, "layers") == 0 && !cli_has(c, "brain")) ||
      (strcmp(table, "regions") == 0 && !cli_has(c, "brain-groups"))) {
    return cli_error(c, CLI_USAGE, "--table=%s needs %s", table,
                     strcmp(table, "layers") == 0 ? "--brain"
                                                  : "--brain and --brain-groups");
  }
  if (!cli_has(c, "brain")) {
    return CLI_OK;
  }
  if (strcmp(cli_value(c, "rule"), "published") == 0) {
    return cli_error(c, CLI_USAGE, "--brain goes with --rule=fdr");
  }
  if (cli_tags_has_steps(c)) {
    return cli_error(
        c, CLI_USAGE,
        "--brain takes no steps: make them before, with neuraxis preprocess");
  }
  int status = parse_range(c, &lo, &hi);
  status = status == CLI_OK ? cli_number(c, "top", 1.0, 1e9, &number) : status;
  return status == CLI_OK ? cli_number(c, "random-units", 0.0, 1e6, &number) : status;
}

int
cli_tags_brain(cli_tags *j, int32_t v)
{
  cli *c = j->c;
  const char *path = cli_value(c, "brain");
  nax_source *source = NULL;
  nax_source_opts o;
  side model = {.a = NULL}, brain = {.a = NULL};
  if (path == NULL) {
    return CLI_OK;
  }
  nax_options_default(nax_options_table("source"), &o);
  int status = cli_open(c, path, &o, &source);
  int32_t w = status == CLI_OK ? cli_choose(c, source) : -1;
  status = status == CLI_OK && w < 0 ? CLI_USAGE : status;
  if (status == CLI_OK) {
    double rate = isnan(j->o.rate) ? nax_source_var(j->chain.source, v)->rate : j->o.rate;
    double seconds = (double)nax_freqtag_n_samples(j->f) / rate;
    status = load_side(j, j->chain.source, v, cli_input_name(c->args[0]), 0, rate,
                       seconds, &model);
    status = status == CLI_OK
                 ? load_side(j, source, w, path, 1, nax_source_var(source, w)->rate,
                             seconds, &brain)
                 : status;
  }
  if (status == CLI_OK &&
      (model.n_bins != brain.n_bins || model.n_blocks != brain.n_blocks)) {
    status = cli_error(c, CLI_REJECTED,
                       "%s: %lld bins and %lld blocks, expected the %lld and %lld of the "
                       "model",
                       path, (long long)brain.n_bins, (long long)brain.n_blocks,
                       (long long)model.n_bins, (long long)model.n_blocks);
  }
  if (status == CLI_OK) {
    status = compare(j, &model, &brain, nax_array_axis(brain.a, 0));
  }
  free_side(&model);
  free_side(&brain);
  nax_source_close(source);
  return status;
}
