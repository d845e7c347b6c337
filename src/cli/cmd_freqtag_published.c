/* SPDX-License-Identifier: GPL-3.0-or-later */
/* neuraxis freqtag --rule=published: the two-stage rule of HFTP as published. */
#include "cmd_freqtag.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------ published rule */

/* unit x time x trial of a variable; the array is kept by the caller. */
static int
load_units(cli_tags *j, nax_source *source, int32_t v, nax_array **a, nax_view *out)
{
  cli *c = j->c;
  nax_status s = nax_source_load_array(c->ctx, source, v, NAX_F64, a);
  if (s != NAX_OK) {
    return cli_fail(c, s);
  }
  nax_view x = nax_array_view(*a);
  int32_t n = x.ndim;
  if (n < 3 || strcmp(x.name[n - 2], "time") != 0) {
    return cli_error(c, CLI_REJECTED,
                     "the published rule takes units, time and groups of renderings as "
                     "axes, in this order; see --permute");
  }
  *out = x;
  for (int32_t k = 1; k < n - 2; k++) {
    out->dim[0] *= x.dim[k];
  }
  out->ndim = 3;
  for (int k = 1; k < 3; k++) {
    out->dim[k] = x.dim[n - 3 + k];
    out->stride[k] = x.stride[n - 3 + k];
  }
  return CLI_OK;
}

/* Values of the units as arrays over their axes, and what they are. */
static nax_status
result_of(const cli_tags *j, const nax_freqtag_hftp *h, const nax_array *x,
          nax_dataset **out)
{
  static const char *const name[] = {"sentence_amplitude",
                                     "phrase_amplitude",
                                     "sentence_contrast",
                                     "phrase_contrast",
                                     "sentence_z",
                                     "phrase_z",
                                     "screen",
                                     "set"};
  nax_ctx *ctx = j->c->ctx;
  nax_dataset *d = NULL;
  const nax_axis *axis[NAX_MAX_NDIM];
  int32_t n = nax_array_ndim(x) - 2;
  nax_status s = nax_dataset_create(ctx, &d);
  for (int32_t k = 0; k < n; k++) {
    axis[k] = nax_array_axis(x, k);
  }
  for (int k = 0; k < 8 && s == NAX_OK; k++) {
    nax_array *a = NULL;
    s = nax_array_create(ctx, NAX_F64, n, axis, k < 4 ? "" : "1", &a);
    double *to = s == NAX_OK ? nax_array_data_mut(a) : NULL;
    const double *from[] = {h->amplitude, h->contrast, h->z};
    for (nax_index u = 0; to != NULL && u < h->n_units; u++) {
      to[u] = k < 6    ? from[k / 2][k % 2 + 2 * u]
              : k == 6 ? (double)h->passed[u]
                       : (double)h->flagged[u];
    }
    s = s == NAX_OK && k >= 6
            ? nax_array_set_description(ctx, a,
                                        k == 6 ? "screens passed: 1 sentence, 2 phrase"
                                               : "1 sentence, 2 phrase, 3 shared")
            : s;
    s = s == NAX_OK ? nax_dataset_add_array(ctx, d, name[k], a) : s;
    if (s != NAX_OK) {
      nax_array_free(a);
    }
  }
  s = s == NAX_OK ? nax_dataset_set_text(ctx, d, "freqtag_rule", "published") : s;
  s = s == NAX_OK
          ? nax_dataset_set_text(
                ctx, d, "freqtag_false_flags",
                "of pure noise this rule flags 2.7 % as sentence, 2.9 to 6.9 % as "
                "phrase units")
          : s;
  s = s == NAX_OK ? cli_provenance(j->c, d, 1, j->c->args) : s;
  if (s != NAX_OK) {
    nax_dataset_free(d);
    d = NULL;
  }
  *out = d;
  return s;
}

static nax_status
write_files(const cli_tags *j, const nax_freqtag_hftp *h, const nax_array *x)
{
  cli *c = j->c;
  const char *path = cli_value(c, "output"), *page = cli_value(c, "report");
  nax_dataset *d = NULL;
  nax_status s = NAX_OK;
  if (page != NULL) {
    nax_report_opts r = cli_report_opts(c);
    s = nax_report_hftp(c->ctx, h, cli_input_name(c->args[0]), j->n_groups, j->group,
                        (const char *const *)j->group_name, &r, page);
  }
  if (s == NAX_OK && path != NULL) {
    s = result_of(j, h, x, &d);
    s = s == NAX_OK ? nax_dataset_save(c->ctx, d, path, &j->save) : s;
  }
  nax_dataset_free(d);
  return s;
}

int
cli_tags_published(cli_tags *j, int32_t v, int32_t control_var)
{
  static const char *const set[] = {"", "sentence", "phrase", "shared"};
  cli *c = j->c;
  nax_array *a = NULL;
  nax_view x, y;
  nax_freqtag_hftp *h = NULL;
  nax_table *t = NULL;
  double permutations, rate = NAN;
  nax_index n_tags, bin[64];
  double *tag = cli_tags_list(j, &n_tags);
  int status = cli_number(c, "permutations", 1.0, 1e6, &permutations);
  if (status == CLI_OK &&
      (j->control == NULL || n_tags < 2 || n_tags > 64 || cli_tags_has_steps(c))) {
    status =
        cli_error(c, CLI_USAGE,
                  "the published rule needs --control and --tags=SENTENCE,PHRASE..., "
                  "and takes no steps");
  }
  status = status == CLI_OK ? load_units(j, j->chain.source, v, &a, &x) : status;
  status = status == CLI_OK
               ? load_units(j, j->control, control_var, &j->control_array, &y)
               : status;
  if (status == CLI_OK) {
    j->n_units = x.dim[0];
    j->n_axes = nax_array_ndim(a) - 2;
    for (int32_t k = 0; k < j->n_axes; k++) {
      j->axis[k] = nax_array_axis(a, k);
    }
    rate = isnan(j->o.rate) ? nax_source_var(j->chain.source, v)->rate : j->o.rate;
    status = cli_tags_groups(j);
  }
  if (status == CLI_OK && !(rate > 0.0)) {
    status = cli_error(c, CLI_USAGE, "%s: the time axis is not regular: give --sampling",
                       cli_input_name(c->args[0]));
  }
  for (nax_index k = 0; k < n_tags && status == CLI_OK; k++) {
    /* nearest bin, as published */
    bin[k] = (nax_index)floor(fmin(tag[k] / rate, 1.0) * (double)x.dim[1] + 0.5);
    if (tag[k] > 0.5 * rate * (1.0 + 1e-12)) {
      char p[32], q[32];
      status = cli_error(c, CLI_USAGE, "tag of %s Hz lies beyond half the rate (%s Hz)",
                         cli_short(p, tag[k], 6), cli_short(q, 0.5 * rate, 6));
    }
  }
  if (status == CLI_OK) {
    nax_status s = nax_freqtag_hftp_published(c->ctx, &x, &y, bin[0], n_tags - 1, bin + 1,
                                              (nax_index)permutations, NULL,
                                              (uint64_t)j->o.seed, &h);
    nax_index n = s == NAX_OK ? h->n_units : 0, sums[4] = {0, 0, 0, 0};
    double *column = cli_alloc((size_t)n, sizeof *column);
    const char **text = cli_alloc((size_t)n, sizeof *text);
    char **unit = cli_alloc((size_t)n, sizeof *unit);
    static const char *const name[] = {"sentence_contrast", "phrase_contrast",
                                       "sentence_z", "phrase_z"};
    s = s == NAX_OK ? nax_table_create(c->ctx, "unit", n, &t) : s;
    for (nax_index u = 0; u < n; u++) {
      unit[u] = cli_tags_label(j, u);
      text[u] = set[h->flagged[u]];
      sums[h->flagged[u]]++;
    }
    s = s == NAX_OK ? nax_table_add_text(c->ctx, t, "unit", (const char *const *)unit)
                    : s;
    for (int k = 0; k < 4 && s == NAX_OK; k++) {
      for (nax_index u = 0; u < n; u++) {
        column[u] = k < 2 ? h->contrast[k + 2 * u] : h->z[k - 2 + 2 * u];
      }
      s = nax_table_add_numbers(c->ctx, t, name[k], NULL, column);
    }
    s = s == NAX_OK ? nax_table_add_text(c->ctx, t, "set", text) : s;
    s = s == NAX_OK ? write_files(j, h, a) : s;
    status = s == NAX_OK ? cli_tags_print(j, t) : cli_fail(c, s);
    if (status == CLI_OK) {
      cli_note(
          c, 0,
          "%lld sentence, %lld phrase, %lld shared units of %lld; this rule flags 2.7 to "
          "6.9 %% of units that are pure noise",
          (long long)sums[1], (long long)sums[2], (long long)sums[3], (long long)n);
    }
    for (nax_index u = 0; u < n; u++) {
      free(unit[u]);
    }
    free(unit);
    free(column);
    free(text);
  }
  nax_table_free(t);
  nax_freqtag_hftp_free(h);
  nax_array_free(a);
  free(tag);
  return status;
}
