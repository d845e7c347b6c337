/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page about a recording, from its first sentence to the file. */
#include "dataset_page_i.h"
#include <math.h>
#include <stdio.h>

/* Last part of a path, without a slash at the end. */
static void
base_name(const char *path, char buf[256])
{
  size_t n = strlen(path);
  while (n > 1 && path[n - 1] == '/') {
    n--;
  }
  size_t from = n;
  while (from > 0 && path[from - 1] != '/') {
    from--;
  }
  size_t length = n - from < 255 ? n - from : 255;
  memcpy(buf, path + from, length);
  buf[length] = '\0';
}

static const char *
kind_text(const nax_i_rep *r)
{
  static const char *const text[] = {"traces",
                                     "traces",
                                     "dF/F traces",
                                     "fluorescence traces",
                                     "inferred activity",
                                     "potentials",
                                     "spike counts",
                                     "traces"};
  return r->spikes != NULL ? "spike trains" : text[r->walk.layout.kind];
}

static nax_index
count_warnings(nax_ctx *ctx, nax_severity least)
{
  nax_index n = 0;
  for (nax_index i = 0; i < nax_ctx_n_warnings(ctx); i++) {
    n += nax_ctx_warning(ctx, i).severity >= least;
  }
  return n;
}

/* What quality found, as warnings of the recording. */
static void
warn_quality(nax_ctx *ctx, const nax_i_rep *r)
{
  static const struct {
    const char *word, *id, *text;
    nax_severity severity;
  } rule[] = {
      {"missing", "quality.missing", "have no value at all", NAX_VIOLATION},
      {"dead", "quality.dead", "are 0 throughout", NAX_VIOLATION},
      {"constant", "quality.constant", "never change", NAX_VIOLATION},
      {"silent", "quality.silent", "have no spike", NAX_SUGGESTION},
      {"duplicate", "quality.duplicate", "have a near copy of them beside them",
       NAX_SUGGESTION},
      {"duplicates", "quality.duplicate-spikes", "have spikes at the same time twice",
       NAX_SUGGESTION},
      {"contaminated", "quality.contaminated",
       "look contaminated by spikes of other neurons", NAX_SUGGESTION},
      {"saturated", "quality.saturated",
       "stay at their maximum for more than 1 % of the samples", NAX_SUGGESTION},
      {"f0", "quality.f0", "have a baseline near or below 0: dF/F of them would be wrong",
       NAX_VIOLATION},
  };
  int32_t j = nax_table_find(r->quality, "flag");
  const char *const *flag = nax_table_text(r->quality, j);
  for (size_t k = 0; k < sizeof rule / sizeof rule[0]; k++) {
    long long n = 0;
    size_t length = strlen(rule[k].word);
    for (nax_index u = 0; u < r->n_units; u++) {
      for (const char *w = flag[u]; *w != '\0'; w += strcspn(w, " "), w += *w == ' ') {
        n += strcspn(w, " ") == length && memcmp(w, rule[k].word, length) == 0;
      }
    }
    if (n > 0) {
      nax_i_warn(ctx, rule[k].severity, rule[k].id, "%lld of %lld %s %s", n,
                 (long long)r->n_units, r->units_word, rule[k].text);
    }
  }
}

/* "47 min", for a tile. */
static void
short_duration(char buf[96], double s)
{
  char number[48];
  nax_i_human(number, s < 120.0 ? s : s < 7200.0 ? s / 60.0 : s / 3600.0, 3);
  snprintf(buf, 96, "%s %s", number, s < 120.0 ? "s" : s < 7200.0 ? "min" : "h");
}

/* Title, sentence, big figures. */
static void
head(nax_ctx *ctx, nax_i_rep *r)
{
  char name[256], rate[64], length[64], text[96];
  const nax_i_layout *l = &r->walk.layout;
  base_name(r->source != NULL ? nax_source_path(r->source) : "Recording", name);
  r->page = nax_i_page_new(r->opts.title != NULL ? r->opts.title : name,
                           r->source != NULL ? nax_source_path(r->source)
                                             : "a dataset in memory");
  nax_index bad = count_warnings(ctx, NAX_VIOLATION);
  if (r->main_kind == 0) {
    nax_i_page_lead(r->page, "This file holds no traces and no spike trains, %d table%s.",
                    r->n_tables, r->n_tables == 1 ? "" : "s");
    return;
  }
  nax_i_duration_text(length, r->duration);
  nax_i_human(rate, r->spikes == NULL ? l->rate : (double)NAN, 4);
  int known = r->spikes == NULL && l->rate > 0.0;
  nax_index trials = r->spikes == NULL && l->parts > 1 ? l->parts : 0;
  for (int i = 0; i < r->n_trials && trials == 0; i++) {
    for (int k = 0; k < r->n_trials; k++) {
      trials += r->trials[k].n;
    }
  }
  snprintf(text, sizeof text, ", %lld trials", (long long)trials);
  if (r->n_trials > 1) {
    snprintf(text, sizeof text, ", %lld trials in %d tables", (long long)trials,
             r->n_trials);
  }
  char flagged[64] = "no unit is";
  if (r->n_flagged > 0) {
    snprintf(flagged, sizeof flagged, "%lld unit%s", (long long)r->n_flagged,
             r->n_flagged == 1 ? " is" : "s are");
  }
  nax_i_page_lead(r->page, "%s: %s of %lld %s%s%s%s over %s%s%s; %s flagged, %s.",
                  r->main_name, kind_text(r), (long long)r->n_units, r->units_word,
                  known ? " at " : "", known ? rate : "", known ? " Hz" : "",
                  isfinite(r->duration) ? length : "an unknown time",
                  r->spikes == NULL && l->parts > 1 ? " per trial" : "",
                  trials > 0 ? text : "", flagged,
                  bad == 0   ? "no serious warning"
                  : bad == 1 ? "one serious warning"
                             : "several serious warnings");
  snprintf(text, sizeof text, "%lld", (long long)r->n_units);
  nax_i_page_tile(r->page, text, r->units_word);
  if (isfinite(r->duration)) {
    short_duration(text, r->duration);
    nax_i_page_tile(r->page, text,
                    r->spikes == NULL && l->parts > 1 ? "per trial" : "recorded");
  }
  if (known) {
    snprintf(text, sizeof text, "%s Hz", rate);
    nax_i_page_tile(r->page, text, "sampling rate");
  }
  if (r->spikes != NULL) {
    snprintf(text, sizeof text, "%lld", (long long)nax_spikes_n_spikes(r->spikes));
    nax_i_page_tile(r->page, text, "spikes");
  } else if (r->survey.missing != NULL) {
    nax_i_human(rate, r->survey.total_missing, 3);
    snprintf(text, sizeof text, "%s %%", rate);
    nax_i_page_tile(r->page, text, "missing");
  }
  if (trials > 0) {
    snprintf(text, sizeof text, "%lld", (long long)trials);
    nax_i_page_tile(r->page, text, "trials");
  }
  snprintf(text, sizeof text, "%lld", (long long)r->n_flagged);
  nax_i_page_tile(r->page, text, "flagged");
  snprintf(text, sizeof text, "%lld", (long long)nax_ctx_n_warnings(ctx));
  nax_i_page_tile(r->page, text, "warnings");
}

/* All numbers first, so that the first sentence can speak of them. */
static nax_status
compute(nax_ctx *ctx, nax_i_rep *r)
{
  nax_status status = NAX_OK;
  NAX_TRY(nax_i_rep_open(ctx, r));
  if (r->main_kind == NAX_VAR_ARRAY) {
    NAX_TRY(nax_i_rep_survey(ctx, r));
  } else if (r->main_kind == NAX_VAR_SPIKES) {
    NAX_TRY(nax_quality_spikes(ctx, r->spikes, &r->quality_opts, &r->quality));
    NAX_TRY(nax_i_rep_correlate_spikes(ctx, r));
  }
  if (r->quality != NULL) {
    NAX_TRY_ALLOC(r->marks, r->n_units, sizeof *r->marks);
    nax_i_rep_grade(r);
    warn_quality(ctx, r);
  }
done:
  return status;
}

static nax_status
write_page(nax_ctx *ctx, const char *fn, nax_i_rep *r)
{
  nax_status status = NAX_OK;
  nax_ctx *own = NULL;
  if (ctx == NULL) { /* warnings need a place to be collected in */
    NAX_TRY(nax_ctx_create(&own));
    ctx = own;
  }
  NAX_TRY(compute(ctx, r));
  head(ctx, r);
  NAX_TRY(nax_i_page_identity(ctx, r));
  nax_i_page_warnings(ctx, r);
  if (r->main_kind == NAX_VAR_ARRAY) {
    NAX_TRY(nax_i_page_traces(ctx, r));
  } else if (r->main_kind == NAX_VAR_SPIKES) {
    NAX_TRY(nax_i_page_spikes(ctx, r));
  }
  if (r->quality != NULL) {
    NAX_TRY(nax_i_page_quality(ctx, r));
    NAX_TRY(nax_i_page_correlations(ctx, r));
  }
  NAX_TRY(nax_i_page_trials(ctx, r));
  NAX_TRY(nax_i_page_advice(ctx, r));
  nax_i_page_late_warnings(ctx, r);
  nax_i_page_reproduce(ctx, r);
  NAX_TRY(nax_i_page_write(ctx, fn, r->page, r->out_path, r->opts.figures_dir,
                           r->opts.force));
done:
  nax_i_rep_close(r);
  if (own != NULL) {
    if (status != NAX_OK) { /* the caller reads the text of its thread */
      const char *text = nax_ctx_error(own), *colon = strstr(text, ": ");
      char name[128];
      snprintf(name, sizeof name, "%.*s", (int)(colon != NULL ? colon - text : 0), text);
      status = nax_i_fail(NULL, status, colon != NULL ? name : fn, "%s",
                          colon != NULL ? colon + 2 : text);
    }
    nax_ctx_free(own);
  }
  return status;
}

static nax_status
load_options(nax_ctx *ctx, const char *fn, nax_i_rep *r, const nax_report_opts *opts,
             const nax_quality_opts *quality, const char *path)
{
  nax_status status = NAX_OK;
  NAX_TRY(nax_i_options_load(ctx, fn, &nax_i_report_table, &r->opts, opts));
  NAX_TRY(
      nax_i_options_load(ctx, fn, &nax_i_quality_table_opts, &r->quality_opts, quality));
  r->quality_opts.signal = r->opts.signal;
  r->quality_opts.memory = r->opts.memory;
  r->out_path = path;
  if (path == NULL || path[0] == '\0') {
    status = nax_i_fail(ctx, NAX_EINVAL, fn, "`path` is empty");
  }
done:
  return status;
}

nax_status
nax_report_source(nax_ctx *ctx, nax_source *s, const nax_report_opts *opts,
                  const nax_quality_opts *quality, const char *path)
{
  nax_status status = NAX_OK;
  nax_i_rep r = {0};
  nax_i_begin(ctx);
  NAX_REQUIRE(s != NULL, NAX_EINVAL, "`s` is NULL");
  NAX_TRY(load_options(ctx, __func__, &r, opts, quality, path));
  r.source = s;
  NAX_TRY(write_page(ctx, __func__, &r));
done:
  return status;
}

nax_status
nax_report_dataset(nax_ctx *ctx, const nax_dataset *d, const nax_report_opts *opts,
                   const nax_quality_opts *quality, const char *path)
{
  nax_status status = NAX_OK;
  nax_i_rep r = {0};
  nax_i_begin(ctx);
  NAX_REQUIRE(d != NULL, NAX_EINVAL, "`d` is NULL");
  NAX_TRY(load_options(ctx, __func__, &r, opts, quality, path));
  r.dataset = d;
  NAX_TRY(write_page(ctx, __func__, &r));
done:
  return status;
}
