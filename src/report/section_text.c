/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sections in words: identity, warnings, what the recording suits, how to make the
 * page again. */
#include "dataset_page_i.h"
#include <math.h>
#include <neuraxis/version.h>
#include <stdio.h>

void
nax_i_duration_text(char buf[64], double s)
{
  if (!isfinite(s)) {
    snprintf(buf, 64, "unknown");
  } else if (s < 120.0) {
    char number[48];
    nax_i_human(number, s, 4);
    snprintf(buf, 64, "%s s", number);
  } else if (s < 7200.0) {
    snprintf(buf, 64, "%d min %d s", (int)(s / 60.0), (int)fmod(s, 60.0));
  } else {
    snprintf(buf, 64, "%d h %d min", (int)(s / 3600.0), (int)(fmod(s, 3600.0) / 60.0));
  }
}

/* ------------------------------------------------------------------------- identity */

static const char *
rate_source(nax_rate_source from)
{
  switch (from) {
  case NAX_RATE_FILE:
    return "stated by the file";
  case NAX_RATE_USER:
    return "given by the caller";
  case NAX_RATE_TIMESTAMPS:
    return "computed from the file's timestamps";
  case NAX_RATE_PLACEHOLDER:
    return "a known default that nobody set: check it";
  case NAX_RATE_NONE:
  case NAX_RATE_FORCE_INT:
    break;
  }
  return "";
}

static void
shape_text(const nax_i_rep *r, char buf[256])
{
  const nax_i_layout *l = &r->walk.layout;
  size_t used = 0;
  buf[0] = '\0';
  for (int32_t k = 0; k < l->ndim && used < 200; k++) {
    int n = snprintf(buf + used, 256 - used, "%s%.40s %lld", k ? " \xc3\x97 " : "",
                     nax_axis_name(l->axis[k]), (long long)l->dim[k]);
    used += n > 0 ? (size_t)n : 0;
  }
}

static void
facts_of_traces(nax_i_rep *r)
{
  const nax_i_layout *l = &r->walk.layout;
  const nax_var_info *v = r->info;
  char text[256], number[48];
  shape_text(r, text);
  nax_i_page_fact(r->page, "Shape", "%s", text);
  nax_i_page_fact(
      r->page, "Values", "%s%s%s%s%s",
      v != NULL ? v->file_dtype : nax_dtype_name(nax_array_dtype(r->walk.array)),
      r->value_unit[0] ? ", unit " : ", no unit", r->value_unit,
      v != NULL && v->filters[0] ? ", compressed: " : "", v != NULL ? v->filters : "");
  int regular = l->time >= 0 && nax_axis_get_kind(l->axis[l->time]) == NAX_AXIS_REGULAR;
  nax_i_human(number, l->rate, 7);
  if (regular) {
    nax_i_page_fact(r->page, "Sampling rate", "%s Hz%s%s", number, v != NULL ? ", " : "",
                    v != NULL ? rate_source(v->rate_source) : "");
  } else if (l->rate > 0.0) {
    nax_i_page_fact(r->page, "Sampling rate", "irregular, %s Hz on average", number);
  } else {
    nax_i_page_fact(r->page, "Sampling rate", "unknown");
  }
  if (v != NULL && v->max_gap_at >= 0) {
    char step[48], gap[48];
    nax_i_human(step, v->median_step, 4);
    nax_i_human(gap, v->max_gap, 4);
    nax_i_page_fact(r->page, "Gaps", "median step %s s, largest %s s after sample %lld",
                    step, gap, (long long)v->max_gap_at);
  } else if (regular) {
    nax_i_page_fact(r->page, "Gaps", "none: evenly sampled");
  }
  nax_i_human(number, r->survey.total_missing, 3);
  nax_i_page_fact(r->page, "Missing",
                  r->survey.missing ? "%s %% of all samples" : "nothing", number);
}

static void
facts_of_spikes(nax_i_rep *r)
{
  double start, stop, first;
  nax_index n = nax_spikes_n_intervals(r->spikes);
  nax_spikes_interval(r->spikes, 0, &first, &stop);
  nax_spikes_interval(r->spikes, n - 1, &start, &stop);
  char a[48], b[48];
  nax_i_human(a, first, 6);
  nax_i_human(b, stop, 6);
  nax_i_page_fact(r->page, "Spikes", "%lld of %lld %s",
                  (long long)nax_spikes_n_spikes(r->spikes), (long long)r->n_units,
                  r->units_word);
  nax_i_page_fact(r->page, "Recorded", "%s s to %s s in %lld interval%s", a, b,
                  (long long)n, n == 1 ? "" : "s");
}

static void
attributes(nax_i_rep *r)
{
  int32_t n =
      r->source != NULL ? nax_source_n_attrs(r->source) : nax_dataset_n_attrs(r->dataset);
  for (int32_t i = 0; i < n && i < 24; i++) {
    const char *key = NULL, *text = NULL;
    double number = NAN;
    if (r->source != NULL) {
      nax_source_attr(r->source, i, &key, &text, &number);
    } else {
      key = nax_dataset_attr_key(r->dataset, i);
      text = nax_dataset_text(r->dataset, key);
      number = nax_dataset_number(r->dataset, key);
    }
    char shown[32];
    nax_i_format_double(shown, number);
    nax_i_page_fact(r->page, key, "%.600s", text != NULL ? text : shown);
  }
}

/* All variables of the recording, as a table behind a line. */
static nax_status
variables(nax_ctx *ctx, nax_i_rep *r)
{
  nax_status status = NAX_OK;
  nax_table *t = NULL;
  int32_t n = r->source != NULL ? nax_source_n_vars(r->source) : 0;
  static const char *const kinds[] = {"", "array", "spike trains", "table"};
  const char **text[5] = {NULL};
  char **shape = NULL;
  if (n == 0) {
    goto done;
  }
  for (int c = 0; c < 5; c++) {
    NAX_TRY_ALLOC(text[c], n, sizeof **text);
  }
  NAX_TRY_ALLOC(shape, n, sizeof *shape);
  for (int32_t i = 0; i < n; i++) {
    const nax_var_info *v = nax_source_var(r->source, i);
    char buf[256] = "";
    size_t used = 0;
    for (int32_t k = 0; k < v->ndim && used < 200; k++) {
      int w =
          v->kind == NAX_VAR_ARRAY
              ? snprintf(buf + used, 256 - used, "%s%.40s %lld", k ? " \xc3\x97 " : "",
                         nax_axis_name(v->axis[k]), (long long)v->dim[k])
              : snprintf(buf + used, 256 - used, "%s%lld %s", k ? " \xc3\x97 " : "",
                         (long long)v->dim[k],
                         v->kind == NAX_VAR_SPIKES ? "units"
                         : k == 0                  ? "rows"
                                                   : "columns");
      used += w > 0 ? (size_t)w : 0;
    }
    NAX_TRY_DUP(shape[i], buf);
    text[0][i] = v->name;
    text[1][i] = kinds[v->kind];
    text[2][i] = v->unit;
    text[3][i] = v->file_dtype;
    text[4][i] = v->path;
  }
  NAX_TRY(nax_table_create(ctx, "variable", n, &t));
  NAX_TRY(nax_table_add_text(ctx, t, "variable", text[0]));
  NAX_TRY(nax_table_add_text(ctx, t, "kind", text[1]));
  NAX_TRY(nax_table_add_text(ctx, t, "shape", (const char *const *)shape));
  NAX_TRY(nax_table_add_text(ctx, t, "unit", text[2]));
  NAX_TRY(nax_table_add_text(ctx, t, "stored as", text[3]));
  NAX_TRY(nax_table_add_text(ctx, t, "path in the file", text[4]));
  char line[64];
  snprintf(line, sizeof line, "All variables in the file (%d)", (int)n);
  nax_i_page_details(r->page, line, t, 300);
done:
  for (int c = 0; c < 5; c++) {
    nax_i_free((void *)text[c]);
  }
  nax_i_free_strings(shape, n);
  nax_table_free(t);
  return status;
}

nax_status
nax_i_page_identity(nax_ctx *ctx, nax_i_rep *r)
{
  nax_status status = NAX_OK;
  char hex[65] = "", length[64];
  nax_i_page_section(r->page, "identity", "Identity and provenance");
  if (r->source != NULL) {
    const char *version = nax_source_format_version(r->source);
    nax_i_page_fact(r->page, "File", "%s", nax_source_path(r->source));
    nax_i_page_fact(r->page, "Format", "%s%s%s", nax_source_format(r->source),
                    version[0] ? " " : "", version);
    if (!r->opts.no_hash) {
      NAX_TRY(nax_file_sha256(ctx, nax_source_path(r->source), hex));
      nax_i_page_fact(r->page, "SHA-256", "%s", hex);
    }
  }
  if (r->main_kind != 0) {
    const nax_var_info *v = r->info;
    nax_i_page_fact(r->page, "Variable", "%s%s%s%s", r->main_name,
                    v != NULL && v->path[0] ? " (" : "", v != NULL ? v->path : "",
                    v != NULL && v->path[0] ? ")" : "");
    if (r->main_kind == NAX_VAR_ARRAY) {
      facts_of_traces(r);
    } else {
      facts_of_spikes(r);
    }
    nax_i_duration_text(length, r->duration);
    nax_i_page_fact(
        r->page, "Duration", "%s%s", length,
        r->main_kind == NAX_VAR_ARRAY && r->walk.layout.parts > 1 ? " per trial" : "");
    if (v != NULL && v->description[0] != '\0') {
      nax_i_page_fact(r->page, "About it", "%.600s", v->description);
    }
  }
  attributes(r);
  NAX_TRY(variables(ctx, r));
done:
  return status;
}

/* ------------------------------------------------------------------------- warnings */

/* Warnings from number `first` on. */
static void
list_warnings(nax_ctx *ctx, nax_i_rep *r, nax_index first)
{
  enum { ALIKE = 5 };
  nax_index n = nax_ctx_n_warnings(ctx);
  for (int s = NAX_CRITICAL; s >= NAX_INFO; s--) {
    for (nax_index i = first; i < n; i++) {
      nax_warning w = nax_ctx_warning(ctx, i);
      if ((int)w.severity != s) {
        continue;
      }
      /* Of many alike the first tell the story. */
      nax_index before = 0, after = 0;
      for (nax_index k = first; k < n; k++) {
        nax_warning o = nax_ctx_warning(ctx, k);
        int alike = o.severity == w.severity && strcmp(o.id, w.id) == 0;
        before += alike && k < i;
        after += alike && k > i;
      }
      if (before < ALIKE || (before == ALIKE && after == 0)) {
        nax_i_page_note(r->page, w.severity, w.id, w.text);
      } else if (before == ALIKE) {
        char more[64];
        snprintf(more, sizeof more, "and %lld more like this", (long long)after + 1);
        nax_i_page_note(r->page, w.severity, w.id, more);
      }
    }
  }
}

void
nax_i_page_warnings(nax_ctx *ctx, nax_i_rep *r)
{
  r->n_warned = nax_ctx_n_warnings(ctx);
  nax_i_page_section(r->page, "warnings", "Warnings");
  if (r->n_warned == 0) {
    nax_i_page_text(r->page, "None.");
  }
  list_warnings(ctx, r, 0);
}

void
nax_i_page_late_warnings(nax_ctx *ctx, nax_i_rep *r)
{
  if (nax_ctx_n_warnings(ctx) > r->n_warned) {
    nax_i_page_section(r->page, "late-warnings", "Warnings while drawing");
    list_warnings(ctx, r, r->n_warned);
  }
}

/* --------------------------------------------------------------------------- advice */

typedef struct advice {
  const char *analysis[8], *verdict[8];
  char why[8][400];
  int n;
} advice;

static const char yes[] = "suits", care[] = "with care", no[] = "not as it is";

static void NAX_PRINTF(4, 5)
    say(advice *a, const char *analysis, const char *verdict, const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  a->analysis[a->n] = analysis;
  a->verdict[a->n] = verdict;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  vsnprintf(a->why[a->n], sizeof a->why[0], fmt, ap);
#pragma GCC diagnostic pop
  a->n++;
  va_end(ap);
}

/* What the rules look at. */
typedef struct traits {
  int spikes, counts, calcium, potential;
  long long units, trials, conditions, others; /* other arrays with a time axis */
  double rate, seconds, missing;
  int regular, equal_trials;
} traits;

static traits
look(const nax_i_rep *r)
{
  traits t = {0};
  const nax_i_layout *l = &r->walk.layout;
  t.spikes = r->spikes != NULL;
  t.units = (long long)r->n_units;
  t.seconds = r->duration;
  t.rate = NAN;
  t.equal_trials = 1;
  if (!t.spikes) {
    t.counts = l->kind == NAX_SIGNAL_COUNTS;
    t.potential = l->kind == NAX_SIGNAL_POTENTIAL;
    t.calcium = !t.counts && !t.potential;
    t.rate = l->rate;
    t.regular = l->time >= 0 && nax_axis_get_kind(l->axis[l->time]) == NAX_AXIS_REGULAR;
    t.missing = r->survey.total_missing;
    t.trials = l->parts > 1 ? (long long)l->parts : 0;
    t.seconds *= (double)l->parts;
    for (int32_t k = 0; k < l->ndim; k++) {
      const char *name = nax_axis_name(l->axis[k]);
      if (strcmp(name, "condition") == 0 || strcmp(name, "stimulus") == 0) {
        t.conditions = (long long)l->dim[k];
      }
    }
  }
  for (int i = 0; i < r->n_trials; i++) {
    const nax_i_trials *k = &r->trials[i];
    if ((long long)k->n > t.trials) {
      t.trials = (long long)k->n;
      t.equal_trials = !(k->longest - k->shortest > 0.02 * k->median);
    }
    t.conditions = k->n_conditions > t.conditions ? k->n_conditions : t.conditions;
  }
  for (int32_t i = 0; r->source != NULL && i < nax_source_n_vars(r->source); i++) {
    const nax_var_info *v = nax_source_var(r->source, i);
    for (int32_t k = 0; v->kind == NAX_VAR_ARRAY && v != r->info && k < v->ndim; k++) {
      t.others += strcmp(nax_axis_name(v->axis[k]), "time") == 0;
    }
  }
  return t;
}

static void
advise_factors(advice *a, const traits *t)
{
  if (t->units < 5) {
    say(a, "ntf", no,
        "a factorisation of %lld units has nothing to group; it needs some 10", t->units);
  } else if (t->trials >= 5) {
    say(a, "ntf", t->calcium ? care : yes,
        "%lld units and %lld trials give a neuron \xc3\x97 time \xc3\x97 trial "
        "tensor%s%s",
        t->units, t->trials,
        t->equal_trials ? "" : "; trials differ in length and are cut or warped to one",
        t->calcium ? "; values below 0 must be cut off or shifted first" : "");
  } else {
    say(a, "ntf", care,
        "without trials the tensor needs another third axis: lags, animals or windows of "
        "the recording%s",
        t->calcium ? "; values below 0 must be cut off or shifted first" : "");
  }
  if (t->units < 20) {
    say(a, "connectome", no,
        "communities among %lld units are not stable; it needs 20 or more", t->units);
  } else {
    say(a, "connectome", t->seconds > 300.0 ? yes : care, "%lld units%s", t->units,
        t->seconds > 300.0 ? " over more than 5 min"
                           : ", but less than 5 min to see motifs come back");
  }
}

static void
advise_latents(advice *a, const traits *t)
{
  int events = t->spikes || t->counts;
  if (t->units < 5) {
    say(a, "gpfa", no, "%lld units are too few for shared latents; it needs 5 or more",
        t->units);
  } else if (events) {
    say(a, "gpfa", t->trials >= 10 ? yes : care,
        t->trials >= 10 ? "spikes of %lld units in %lld trials%s"
                        : "spikes of %lld units, but only %lld trials to cross-validate "
                          "over%s",
        t->units, t->trials,
        t->equal_trials ? "" : "; trials may differ in length, each is a sequence");
  } else {
    say(a, "gpfa", care,
        "made for square roots of spike counts; on %s use inferred activity, or accept "
        "Gaussian noise on slow transients",
        t->potential ? "potentials" : "calcium");
  }
  if (t->others == 0) {
    say(a, "gpvae", no,
        "needs a second recording on the same clock (behaviour, another region); this "
        "file has none");
  } else {
    say(a, "gpvae", t->trials >= 50 && t->units >= 10 ? yes : care,
        "%lld more time series could be the other modality; %lld trials (50 or more "
        "train well), the series must share trials and bins",
        t->others, t->trials);
  }
}

static void
advise_clusters(advice *a, const traits *t)
{
  if (t->units < 10) {
    say(a, "bicluster", no, "clusters of %lld units mean little; it needs 10 or more",
        t->units);
  } else if (t->spikes || t->counts) {
    say(a, "bicluster", yes, "counts of %lld units; choose bins with a mean count near 1",
        t->units);
  } else {
    say(a, "bicluster", care,
        "its noise model is of counts; bin inferred events, not raw traces");
  }
  if (t->conditions < 4) {
    say(a, "rsa, trsa", no,
        "distances between conditions need 4 or more of them, found %lld", t->conditions);
  } else {
    say(a, "rsa, trsa", t->trials >= 2 * t->conditions ? yes : care,
        t->trials >= 2 * t->conditions
            ? "%lld conditions, repeated: distances can be cross-validated"
            : "%lld conditions without repeats: distances stay biased by noise",
        t->conditions);
  }
}

static void
advise_tags(advice *a, const traits *t)
{
  char rate[48];
  nax_i_human(rate, t->rate / 2.0, 4);
  if (t->spikes) {
    say(a, "freqtag", care,
        "bin the spikes first; the stimulus must have a known rhythm");
  } else if (!t->regular) {
    say(a, "freqtag", no, "needs evenly spaced samples: resample first");
  } else if (t->seconds < 30.0) {
    say(a, "freqtag", no, "%.3g s resolve no narrow peak; it needs 30 s or more",
        t->seconds);
  } else {
    say(a, "freqtag", t->potential ? yes : care,
        "evenly sampled, frequencies up to %s Hz%s; the stimulus must have a known "
        "rhythm",
        rate, t->calcium ? " less what the indicator blurs" : "");
  }
}

nax_status
nax_i_page_advice(nax_ctx *ctx, nax_i_rep *r)
{
  nax_status status = NAX_OK;
  nax_table *t = NULL;
  advice a = {0};
  const char *why[8];
  nax_i_page_section(r->page, "analyses", "Which analyses it suits");
  if (r->main_kind == 0) {
    nax_i_page_text(r->page, "There is no recording of activity in this file.");
    goto done;
  }
  traits seen = look(r);
  advise_factors(&a, &seen);
  advise_latents(&a, &seen);
  advise_clusters(&a, &seen);
  advise_tags(&a, &seen);
  for (int i = 0; i < a.n; i++) {
    why[i] = a.why[i];
  }
  NAX_TRY(nax_table_create(ctx, "analysis", a.n, &t));
  NAX_TRY(nax_table_add_text(ctx, t, "analysis", a.analysis));
  NAX_TRY(nax_table_add_text(ctx, t, "verdict", a.verdict));
  NAX_TRY(nax_table_add_text(ctx, t, "why", why));
  nax_i_page_table(r->page, "analyses-table",
                   "Rules of thumb from the shape of the recording; they do not know the "
                   "question.",
                   t, 0, 0, NULL);
  if (seen.missing > 0.0) {
    nax_i_page_text(r->page,
                    "Samples are missing: each method says in its manual whether it "
                    "masks them or refuses.");
  }
done:
  nax_table_free(t);
  return status;
}

/* ------------------------------------------------------------------------ reproduce */

/* A word as the shell takes it. */
static void
quote(nax_i_buf *b, const char *text)
{
  static const char plain[] =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
      "_-./:,=+%@";
  if (text[0] != '\0' && strspn(text, plain) == strlen(text)) {
    nax_i_buf_puts(b, text);
    return;
  }
  nax_i_buf_puts(b, "'");
  for (; *text != '\0'; text++) {
    if (*text == '\'') {
      nax_i_buf_puts(b, "'\\''");
    } else {
      nax_i_buf_add(b, text, 1);
    }
  }
  nax_i_buf_puts(b, "'");
}

/* --name=value for each option that is not at its default. */
static void
add_options(nax_i_buf *b, const nax_opt_table *table, const void *opts,
            const char *const *skip)
{
  union {
    max_align_t align;
    char bytes[1024];
  } def;
  if (table->struct_size > sizeof def.bytes) {
    return;
  }
  nax_options_default(table, def.bytes);
  for (int32_t i = 0; i < table->n_opts; i++) {
    char is[4096], was[64];
    int hidden = 0;
    for (int k = 0; skip[k] != NULL; k++) {
      hidden = hidden || strcmp(skip[k], table->opts[i].name) == 0;
    }
    nax_options_format(table, opts, i, is, sizeof is);
    nax_options_format(table, def.bytes, i, was, sizeof was);
    if (hidden || strcmp(is, was) == 0) {
      continue;
    }
    nax_i_buf_printf(b, " --%s", table->opts[i].name);
    if (table->opts[i].type != NAX_OPT_FLAG) {
      nax_i_buf_puts(b, "=");
      quote(b, is);
    }
  }
}

void
nax_i_page_reproduce(nax_ctx *ctx, nax_i_rep *r)
{
  static const char *const skip[] = {"command", "force", "memory", "figures-dir", NULL};
  nax_i_buf b = {0};
  (void)ctx;
  nax_i_page_section(r->page, "reproduce", "How to reproduce");
  if (r->opts.command != NULL) {
    nax_i_buf_puts(&b, r->opts.command);
  } else if (r->source != NULL) {
    nax_i_buf_puts(&b, "neuraxis report ");
    quote(&b, nax_source_path(r->source));
    add_options(&b, &nax_i_source_table, &r->source->opts, skip);
    add_options(&b, &nax_i_quality_table_opts, &r->quality_opts, skip);
    add_options(&b, &nax_i_report_table, &r->opts,
                (const char *const[]){"command", "force", "memory", "figures-dir",
                                      "signal", NULL});
    nax_i_buf_puts(&b, " -o ");
    quote(&b, r->out_path);
  } else {
    nax_i_buf_puts(&b, "nax_report_dataset(ctx, dataset, NULL, NULL, \"report.html\")");
  }
  if (b.failed) {
    nax_i_page_figure(r->page, NULL); /* the page remembers the failure */
  } else {
    nax_i_page_code(r->page, b.data);
  }
  nax_i_buf_free(&b);
  nax_i_page_text(r->page, "The same file, options and version of neuraxis give the same "
                           "bytes, for any number of threads. Versions:");
  nax_i_page_fact(r->page, "neuraxis", "%s", nax_version());
  for (int32_t i = 0; i < nax_n_build_info(); i++) {
    const char *name, *version;
    nax_build_info(i, &name, &version);
    nax_i_page_fact(r->page, name, "%s", version != NULL ? version : "unknown");
  }
}
