/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a result holds, as numbers, tables and a dataset. */
#include "array/array_i.h"
#include "fit_i.h"
#include <math.h>
#include <stdio.h>

void
nax_freqtag_free(nax_freqtag *f)
{
  if (f == NULL) {
    return;
  }
  for (int k = 0; k < NAX_FREQTAG_N_FIELDS; k++) {
    nax_i_free(f->field[k]);
  }
  for (int k = 0; k < NAX_I_FT_SPECTRA; k++) {
    nax_i_free(f->spectrum[k]);
  }
  for (int32_t k = 0; k < f->n_axes; k++) {
    nax_axis_free(f->axis[k]);
  }
  nax_i_free(f->tag);
  nax_i_free(f->tags_text);
  nax_i_free(f->exclude_text);
  nax_i_free(f->levels_text);
  for (nax_index l = 0; l < f->n_levels; l++) {
    nax_i_free(f->level_name[l]);
  }
  nax_i_free(f->level_q);
  nax_i_free(f->designed);
  nax_i_free(f->best);
  nax_i_free(f->best_unit);
  nax_i_free(f->kept);
  nax_i_ft_components_free(&f->ress);
  nax_i_free(f);
}

nax_index
nax_freqtag_n_units(const nax_freqtag *f)
{
  return f->n_units;
}

nax_index
nax_freqtag_n_tags(const nax_freqtag *f)
{
  return f->n_tags;
}

double
nax_freqtag_tag(const nax_freqtag *f, nax_index k)
{
  return k >= 0 && k < f->n_tags ? f->tag[k] : (double)NAN;
}

nax_index
nax_freqtag_n_samples(const nax_freqtag *f)
{
  return f->n_samples;
}

double
nax_freqtag_rate(const nax_freqtag *f)
{
  return f->rate;
}

nax_index
nax_freqtag_n_trials(const nax_freqtag *f, int32_t control)
{
  return f->n_trials[control != 0];
}

nax_index
nax_freqtag_n_left_out(const nax_freqtag *f)
{
  return f->n_left_out;
}

nax_index
nax_freqtag_n_constant(const nax_freqtag *f)
{
  return f->n_constant;
}

nax_index
nax_freqtag_n_empty(const nax_freqtag *f)
{
  return f->n_empty;
}

nax_index
nax_freqtag_n_outside(const nax_freqtag *f, int32_t control)
{
  return f->n_outside[control != 0];
}

const double *
nax_freqtag_values(const nax_freqtag *f, nax_freqtag_field field)
{
  return field >= 0 && field < NAX_FREQTAG_N_FIELDS ? f->field[field] : NULL;
}

static const struct {
  const char *name, *unit, *description;
} fields[NAX_FREQTAG_N_FIELDS] = {
    {"amplitude", "", "amplitude of the line locked to the stimulus"},
    {"phase", "rad", "phase of the line as a cosine from the start of the window"},
    {"itpc", "1", "inter-trial phase coherence (a length)"},
    {"ppc", "1", "pairwise phase consistency"},
    {"induced", "", "root mean square amplitude of what is not locked"},
    {"snr", "1", "power of the mean of the trials over its neighbours"},
    {"snr_total", "1", "mean power of the trials over its neighbours"},
    {"bca", "", "amplitude minus neighbours, summed over harmonics"},
    {"z", "1", "bca over the standard deviation of the neighbours; not normal"},
    {"control_amplitude", "", "amplitude in the control condition"},
    {"log_p_snr", "1", "ln p of the power of the mean against neighbours"},
    {"log_p_total", "1", "ln p of the power of the trials against neighbours"},
    {"log_p_phase", "1", "ln p of the phases (Rayleigh; real coefficients: signs)"},
    {"condition_index", "1", "shape of the scatter over trials: 1 is a circle"},
    {"log_p_sphericity", "1", "ln p of the scatter being a circle, as T2circ assumes"},
    {"log_p", "1", "ln p of the test that decides"},
    {"q", "1", "p adjusted for the number of units"},
    {"spikes", "1", "spikes in the windows"},
    {"vector_strength", "1", "of all spikes in the cycle of the tag"},
    {"spike_phase", "rad", "phase of the mean of these"},
    {"ppc0", "1", "pairwise phase consistency over all pairs of spikes"},
    {"ppc1", "1", "the same over pairs from different trials"},
    {"ppc2", "1", "the same with trials weighted equally"},
    {"spike_power", "1", "power of the train over its rate; 1: Poisson"},
    {"log_p_spikes", "1", "ln p of Rayleigh's test of the phases of all spikes"},
    {"log_p_z2", "1", "ln p of Z2 over the harmonics tested"},
};

const char *
nax_freqtag_field_name(nax_freqtag_field field)
{
  return field >= 0 && field < NAX_FREQTAG_N_FIELDS ? fields[field].name : NULL;
}

int32_t
nax_freqtag_is_tagged(const nax_freqtag *f, nax_index unit, nax_index k)
{
  return unit >= 0 && unit < f->n_units && k >= 0 && k < f->n_tags &&
         f->field[NAX_FREQTAG_Q][unit + k * f->n_units] <= f->o.q;
}

nax_index
nax_freqtag_n_tagged(const nax_freqtag *f, nax_index k)
{
  nax_index n = 0;
  for (nax_index u = 0; u < f->n_units; u++) {
    n += nax_freqtag_is_tagged(f, u, k);
  }
  return n;
}

const nax_axis *
nax_freqtag_unit_axis(const nax_freqtag *f, int32_t i)
{
  return i >= 0 && i < f->n_axes ? f->axis[i] : NULL;
}

int32_t
nax_freqtag_n_unit_axes(const nax_freqtag *f)
{
  return f->n_axes;
}

nax_index
nax_freqtag_n_observations(const nax_freqtag *f, int32_t control)
{
  return f->n_seen[0] > 0 ? f->n_seen[control != 0] : f->n_trials[control != 0];
}

const nax_c64 *
nax_freqtag_kept(const nax_freqtag *f, nax_index k)
{
  nax_index n = (f->n_seen[0] + f->n_seen[1]) * f->n_units;
  return f->kept != NULL && k >= 0 && k < f->n_tags ? f->kept + k * n : NULL;
}

const double *
nax_freqtag_spectrum(const nax_freqtag *f, int32_t which, nax_index *n_bins)
{
  *n_bins = f->n_bins;
  return which >= 0 && which < NAX_I_FT_SPECTRA ? f->spectrum[which] : NULL;
}

const double *
nax_freqtag_best(const nax_freqtag *f, nax_index k, nax_index *unit)
{
  if (f->best == NULL || k < 0 || k >= f->n_tags || f->best_unit[k] < 0) {
    return NULL;
  }
  if (unit != NULL) {
    *unit = f->best_unit[k];
  }
  return f->best + k * f->n_bins;
}

/* ------------------------------------------------------------------- profile */

enum {
  N,
  TAGGED,
  SHARE,
  SHARE_LO,
  SHARE_HI,
  RESPONDING,
  RESPONDING_SE,
  AMPLITUDE,
  AMPLITUDE_SE,
  COLUMNS
};

static void
profile_cell(const nax_freqtag *f, nax_index k, nax_index g, const int64_t *group,
             double out[COLUMNS])
{
  double n = 0.0, hits = 0.0, large = 0.0, sum = 0.0, ss = 0.0;
  const double *a = f->field[NAX_FREQTAG_AMPLITUDE] + k * f->n_units;
  const double *log_p = f->field[NAX_FREQTAG_LOG_P] + k * f->n_units;
  for (nax_index u = 0; u < f->n_units; u++) {
    if (group[u] == g && !isnan(log_p[u])) {
      double before = n > 0.0 ? sum / n : 0.0;
      n += 1.0;
      hits += nax_freqtag_is_tagged(f, u, k);
      large += exp(log_p[u]) > 0.5;
      sum += a[u];
      ss += (a[u] - before) * (a[u] - sum / n);
    }
  }
  for (int i = 0; i < COLUMNS; i++) {
    out[i] = (double)NAN;
  }
  out[N] = n;
  out[TAGGED] = hits;
  if (n > 0.0) {
    const double z = 1.9599639845400545;
    double s = hits / n, w = 1.0 + z * z / n, middle = (s + 0.5 * z * z / n) / w;
    double reach = z / w * sqrt(s * (1.0 - s) / n + 0.25 * z * z / (n * n));
    double null = large / (0.5 * n);
    out[SHARE] = s;
    out[SHARE_LO] = hits > 0.0 ? fmax(0.0, middle - reach) : 0.0;
    out[SHARE_HI] = fmin(1.0, middle + reach);
    out[RESPONDING] = fmax(0.0, 1.0 - null);
    out[RESPONDING_SE] = 2.0 * sqrt(large / n * (1.0 - large / n) / n);
    out[AMPLITUDE] = sum / n;
    out[AMPLITUDE_SE] = n > 1.0 ? sqrt(ss / (n - 1.0) / n) : (double)NAN;
  }
}

nax_status
nax_freqtag_profile(nax_ctx *ctx, const nax_freqtag *f, nax_index n_groups,
                    const int64_t *group, const char *const *name, nax_table **out)
{
  static const char *const column[COLUMNS] = {
      "n",          "tagged",        "share",     "share_low",   "share_high",
      "responding", "responding_se", "amplitude", "amplitude_se"};
  nax_status status = NAX_OK;
  nax_table *t = NULL;
  double *x = NULL, cell[COLUMNS];
  char **text = NULL;
  nax_index rows = n_groups * f->n_tags;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_REQUIRE(n_groups >= 1, NAX_EINVAL, "%lld groups, expected at least 1",
              (long long)n_groups);
  for (nax_index u = 0; u < f->n_units; u++) {
    NAX_REQUIRE(group[u] < n_groups, NAX_EINVAL,
                "group[%lld], expected less than %lld, got %lld", (long long)u,
                (long long)n_groups, (long long)group[u]);
  }
  NAX_TRY_ALLOC(x, rows * (COLUMNS + 1), sizeof *x);
  NAX_TRY_ALLOC(text, rows, sizeof *text);
  for (nax_index r = 0; r < rows; r++) {
    nax_index g = r % n_groups, k = r / n_groups;
    char number[32];
    snprintf(number, sizeof number, "%lld", (long long)g + 1);
    NAX_TRY_DUP(text[r], name != NULL ? name[g] : number);
    profile_cell(f, k, g, group, cell);
    x[r] = f->tag[k];
    for (int i = 0; i < COLUMNS; i++) {
      x[r + (i + 1) * rows] = cell[i];
    }
  }
  NAX_TRY(nax_table_create(ctx, "group", rows, &t));
  NAX_TRY(nax_table_add_text(ctx, t, "group", (const char *const *)text));
  NAX_TRY(nax_table_add_numbers(ctx, t, "frequency", "Hz", x));
  for (int i = 0; i < COLUMNS; i++) {
    NAX_TRY(nax_table_add_numbers(ctx, t, column[i], NULL, x + (i + 1) * rows));
  }
  *out = t;
  t = NULL;
done:
  nax_table_free(t);
  nax_i_free(x);
  nax_i_free_strings(text, text != NULL ? rows : 0);
  return status;
}

/* ------------------------------------------------------------------- dataset */

static nax_status
add_field(nax_ctx *ctx, const nax_freqtag *f, const char *name, const char *unit,
          const char *description, const double *values, nax_dataset *d)
{
  nax_status status = NAX_OK;
  nax_axis *frequency = NULL;
  const nax_axis *axis[NAX_MAX_NDIM];
  nax_array *a = NULL;
  int32_t n = 0;
  for (; n < f->n_axes && n < NAX_MAX_NDIM - 1; n++) {
    axis[n] = f->axis[n];
  }
  NAX_TRY(nax_axis_create_coords(ctx, "frequency", "Hz", f->n_tags, f->tag, &frequency));
  axis[n++] = frequency;
  NAX_TRY(nax_array_create(ctx, NAX_F64, n, axis, unit, &a));
  memcpy(nax_array_data_mut(a), values,
         (size_t)(f->n_units * f->n_tags) * sizeof *values);
  NAX_TRY(nax_array_set_description(ctx, a, description));
  NAX_TRY(nax_dataset_add_array(ctx, d, name, a));
  a = NULL;
done:
  nax_axis_free(frequency);
  nax_array_free(a);
  return status;
}

/* Coefficients of single trials or items, real or imaginary part. */
static nax_status
add_kept(nax_ctx *ctx, const nax_freqtag *f, int part, nax_dataset *d)
{
  nax_status status = NAX_OK;
  nax_axis *frequency = NULL, *seen = NULL;
  const nax_axis *axis[NAX_MAX_NDIM];
  nax_array *a = NULL;
  nax_index n = f->n_seen[0] + f->n_seen[1];
  int32_t m = 0;
  for (; m < f->n_axes && m < NAX_MAX_NDIM - 2; m++) {
    axis[m] = f->axis[m];
  }
  NAX_TRY(nax_axis_create_coords(ctx, "frequency", "Hz", f->n_tags, f->tag, &frequency));
  NAX_TRY(nax_axis_create_index(ctx, f->o.item_length > 0 ? "item" : "trial", n, &seen));
  axis[m++] = seen;
  axis[m++] = frequency;
  NAX_TRY(nax_array_create(ctx, NAX_F64, m, axis, "", &a));
  double *to = nax_array_data_mut(a);
  for (nax_index k = 0; k < f->n_tags; k++) {
    for (nax_index i = 0; i < n; i++) {
      for (nax_index u = 0; u < f->n_units; u++) {
        nax_c64 z = f->kept[i + n * (u + k * f->n_units)];
        *to++ = part == 0 ? z.re : z.im;
      }
    }
  }
  NAX_TRY(nax_array_set_description(
      ctx, a,
      f->n_seen[1] > 0 ? "Fourier coefficients, those of the control after the others"
      : f->o.paired    ? "Fourier coefficients, differences of pairs"
                       : "Fourier coefficients"));
  NAX_TRY(
      nax_dataset_add_array(ctx, d, part == 0 ? "coefficient_re" : "coefficient_im", a));
  a = NULL;
done:
  nax_axis_free(frequency);
  nax_axis_free(seen);
  nax_array_free(a);
  return status;
}

static nax_status
add_spectrum(nax_ctx *ctx, const nax_freqtag *f, int which, const char *name,
             const char *description, nax_dataset *d)
{
  nax_status status = NAX_OK;
  nax_axis *bins = NULL;
  const nax_axis *axis[1];
  nax_array *a = NULL;
  NAX_TRY(nax_axis_create_regular(ctx, "bin", "Hz", f->n_bins, 0.0,
                                  (double)f->n_samples / f->rate, &bins));
  axis[0] = bins;
  NAX_TRY(nax_array_create(ctx, NAX_F64, 1, axis, "", &a));
  memcpy(nax_array_data_mut(a), f->spectrum[which], (size_t)f->n_bins * sizeof(double));
  NAX_TRY(nax_array_set_description(ctx, a, description));
  NAX_TRY(nax_dataset_add_array(ctx, d, name, a));
  a = NULL;
done:
  nax_axis_free(bins);
  nax_array_free(a);
  return status;
}

static nax_status
add_facts(nax_ctx *ctx, const nax_freqtag *f, nax_dataset *d)
{
  nax_status status = NAX_OK;
  nax_freqtag_opts o = f->o;
  o.tags = f->tags_text;
  o.exclude = f->exclude_text[0] != '\0' ? f->exclude_text : NULL;
  o.levels = f->levels_text[0] != '\0' ? f->levels_text : NULL;
  for (int32_t i = 0; i < nax_i_freqtag_table.n_opts; i++) {
    char key[64], value[512];
    snprintf(key, sizeof key, "freqtag_%.50s", nax_i_freqtag_table.opts[i].name);
    nax_options_format(&nax_i_freqtag_table, &o, i, value, sizeof value);
    NAX_TRY(nax_dataset_set_text(ctx, d, key, value));
  }
  const struct {
    const char *key;
    nax_index n;
  } count[] = {{"freqtag_n_samples", f->n_samples},
               {"freqtag_n_trials", f->n_trials[0]},
               {"freqtag_n_control_trials", f->n_trials[1]},
               {"freqtag_n_outside", f->n_outside[0]},
               {"freqtag_n_control_outside", f->n_outside[1]},
               {"freqtag_n_left_out", f->n_left_out},
               {"freqtag_n_constant", f->n_constant},
               {"freqtag_n_empty", f->n_empty},
               {"freqtag_n_short_of_neighbours", f->n_short}};
  for (size_t i = 0; i < sizeof count / sizeof count[0]; i++) {
    NAX_TRY(nax_dataset_set_number(ctx, d, count[i].key, (double)count[i].n));
  }
done:
  return status;
}

/* Levels that each unit follows. */
static nax_status
add_sets(nax_ctx *ctx, const nax_freqtag *f, nax_dataset *d)
{
  nax_status status = NAX_OK;
  nax_array *a = NULL;
  nax_table *t = NULL;
  nax_i_buf b = {0};
  if (f->n_levels > NAX_I_FT_LEVELS) {
    return NAX_OK;
  }
  NAX_TRY(nax_array_create(ctx, NAX_F64, f->n_axes, (const nax_axis *const *)f->axis, "1",
                           &a));
  double *to = nax_array_data_mut(a);
  for (nax_index u = 0; u < f->n_units; u++) {
    int64_t set = nax_freqtag_set_of(f, u);
    to[u] = set < 0 ? (double)NAN : (double)set;
  }
  nax_i_buf_puts(&b, "levels that the unit follows, added up:");
  for (nax_index l = 0; l < f->n_levels; l++) {
    nax_i_buf_printf(&b, " %d %s%s", 1 << l, f->level_name[l],
                     l + 1 < f->n_levels ? "," : "");
  }
  NAX_REQUIRE(!b.failed, NAX_ENOMEM, "out of memory");
  NAX_TRY(nax_array_set_description(ctx, a, b.data));
  NAX_TRY(nax_dataset_add_array(ctx, d, "set", a));
  a = NULL;
  NAX_TRY(nax_freqtag_sets(ctx, f, 0, NULL, NULL, &t));
  NAX_TRY(nax_dataset_add_table(ctx, d, "sets", t));
  t = NULL;
done:
  nax_i_buf_free(&b);
  nax_array_free(a);
  nax_table_free(t);
  return status;
}

/* Filters, patterns and courses of the components, and their statistics. */
static nax_status
add_components(nax_ctx *ctx, const nax_freqtag *f, nax_dataset *d)
{
  nax_status status = NAX_OK;
  nax_axis *axis[3] = {NULL, NULL, NULL};
  nax_array *a = NULL;
  nax_table *t = NULL;
  NAX_TRY(
      add_field(ctx, f, "ress_filter", "", "weights of the channels", f->ress.filter, d));
  NAX_TRY(add_field(ctx, f, "ress_pattern", "", "what the filter picks up, S w",
                    f->ress.pattern, d));
  NAX_TRY(nax_axis_create_regular(ctx, "time", "s", f->n_samples, 0.0, f->rate, axis));
  NAX_TRY(nax_axis_create_index(ctx, "trial", f->ress.n_trials, axis + 1));
  NAX_TRY(nax_axis_create_coords(ctx, "frequency", "Hz", f->n_tags, f->tag, axis + 2));
  NAX_TRY(nax_array_create(ctx, NAX_F64, 3, (const nax_axis *const *)axis, "", &a));
  memcpy(nax_array_data_mut(a), f->ress.course,
         (size_t)(f->n_samples * f->ress.n_trials * f->n_tags) * sizeof(double));
  NAX_TRY(nax_array_set_description(
      ctx, a, "component of each tag, each trial by a filter made of the others"));
  NAX_TRY(nax_dataset_add_array(ctx, d, "ress_component", a));
  a = NULL;
  NAX_TRY(nax_freqtag_components_table(ctx, f, &t));
  NAX_TRY(nax_dataset_add_table(ctx, d, "ress", t));
  t = NULL;
done:
  for (int k = 0; k < 3; k++) {
    nax_axis_free(axis[k]);
  }
  nax_array_free(a);
  nax_table_free(t);
  return status;
}

nax_status
nax_freqtag_dataset(nax_ctx *ctx, const nax_freqtag *f, nax_dataset **out)
{
  nax_status status = NAX_OK;
  nax_dataset *d = NULL;
  double *tagged = NULL;
  nax_index n = f->n_units * f->n_tags;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_dataset_create(ctx, &d));
  for (int k = 0; k < NAX_FREQTAG_N_FIELDS; k++) {
    if (f->field[k] != NULL && (k != NAX_FREQTAG_CONTROL || f->n_trials[1] > 0)) {
      NAX_TRY(add_field(ctx, f, fields[k].name, fields[k].unit, fields[k].description,
                        f->field[k], d));
    }
  }
  NAX_TRY_ALLOC(tagged, n, sizeof *tagged);
  for (nax_index i = 0; i < n; i++) {
    tagged[i] = isnan(f->field[NAX_FREQTAG_Q][i])
                    ? (double)NAN
                    : (double)nax_freqtag_is_tagged(f, i % f->n_units, i / f->n_units);
  }
  NAX_TRY(add_field(ctx, f, "tagged", "1", "1: the unit follows the tag; NaN: not tested",
                    tagged, d));
  NAX_TRY(add_sets(ctx, f, d));
  for (int part = 0; part < 2 && f->kept != NULL; part++) {
    NAX_TRY(add_kept(ctx, f, part, d));
  }
  if (f->n_bins > 0) {
    NAX_TRY(add_spectrum(ctx, f, 1, "mean_amplitude",
                         "amplitude of the mean of the trials, mean over units", d));
    NAX_TRY(add_spectrum(ctx, f, 2, "mean_total",
                         "root mean square amplitude of the trials, mean over units", d));
    NAX_TRY(add_spectrum(ctx, f, 3, "mean_itpc",
                         "inter-trial phase coherence, mean over units", d));
  }
  if (f->ress.tags != NULL) {
    NAX_TRY(add_components(ctx, f, d));
  }
  NAX_TRY(add_facts(ctx, f, d));
  *out = d;
  d = NULL;
done:
  nax_i_free(tagged);
  nax_dataset_free(d);
  return status;
}
