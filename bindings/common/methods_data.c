/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files, simulated recordings, quality, the report. */
#include "methods_i.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static nax_status
run_load(nxb_call *c)
{
  nax_dataset_free(c->out);
  c->out = NULL;
  return nax_dataset_load(c->ctx, nxb_text(c, 0, ""), c->opts[0], &c->out);
}

static nax_status
run_info(nxb_call *c)
{
  nax_source *s = NULL;
  nax_table *t = NULL;
  nax_status status = nax_source_open(c->ctx, nxb_text(c, 0, ""), c->opts[0], &s);
  int32_t n = status == NAX_OK ? nax_source_n_vars(s) : 0;
  static const char *const kinds[] = {"", "array", "spikes", "table"};
  if (status == NAX_OK) {
    status = nax_dataset_set_text(c->ctx, c->out, "format", nax_source_format(s));
  }
  if (status == NAX_OK) {
    status = nax_dataset_set_text(c->ctx, c->out, "format_version",
                                  nax_source_format_version(s));
  }
  for (int32_t i = 0; status == NAX_OK && i < nax_source_n_attrs(s); i++) {
    const char *key, *text;
    double number;
    nax_source_attr(s, i, &key, &text, &number);
    status = text != NULL ? nax_dataset_set_text(c->ctx, c->out, key, text)
                          : nax_dataset_set_number(c->ctx, c->out, key, number);
  }
  if (status == NAX_OK) {
    status = nax_table_create(c->ctx, "variable", n, &t);
  }
  /* One column after the other, through one buffer of each kind. */
  const char **text = calloc((size_t)n + 1, sizeof *text);
  double *number = calloc((size_t)n + 1, sizeof *number);
  if (status == NAX_OK && (text == NULL || number == NULL)) {
    status = nxb_fail(c, NAX_ENOMEM, "out of memory");
  }
  for (int col = 0; status == NAX_OK && col < 9; col++) {
    static const char *const names[] = {"name", "kind",    "unit",   "dtype", "values",
                                        "rate", "t_start", "t_stop", "shape"};
    static const char *const units[] = {"", "", "", "", "", "Hz", "s", "s", ""};
    char(*shape)[128] = col == 8 ? calloc((size_t)n + 1, sizeof *shape) : NULL;
    if (col == 8 && shape == NULL) {
      status = nxb_fail(c, NAX_ENOMEM, "out of memory");
      break;
    }
    for (int32_t i = 0; i < n; i++) {
      const nax_var_info *v = nax_source_var(s, i);
      const char *texts[] = {v->name, kinds[v->kind], v->unit, v->file_dtype};
      const double numbers[] = {(double)v->n_values, v->rate, v->t_start, v->t_stop};
      if (col < 4) {
        text[i] = texts[col];
      } else if (col < 8) {
        number[i] = numbers[col - 4];
      } else {
        size_t used = 0;
        for (int32_t k = 0; k < v->ndim && used < sizeof *shape; k++) {
          const char *axis = v->axis[k] != NULL ? nax_axis_name(v->axis[k]) : "";
          used += (size_t)snprintf(shape[i] + used, sizeof *shape - used, "%s%s%s%lld",
                                   k > 0 ? " x " : "", axis, axis[0] != '\0' ? " " : "",
                                   (long long)v->dim[k]);
        }
        text[i] = shape[i];
      }
    }
    status = col >= 4 && col < 8
                 ? nax_table_add_numbers(c->ctx, t, names[col], units[col], number)
                 : nax_table_add_text(c->ctx, t, names[col], text);
    free(shape);
  }
  if (status == NAX_OK) {
    status = nxb_give_table(c, "variables", t);
    t = NULL;
  }
  free(text);
  free(number);
  nax_table_free(t);
  nax_source_close(s);
  return status;
}

static nax_status
part_of_axis(nxb_call *c, const nax_axis *whole, int32_t k, nax_index from,
             nax_index count, nax_axis **out)
{
  char name[16];
  nax_status s = NAX_OK;
  if (whole == NULL) {
    (void)snprintf(name, sizeof name, "axis%d", (int)k + 1);
    return nax_axis_create_index(c->ctx, name, count, out);
  }
  nax_index *at = calloc((size_t)count + 1, sizeof *at);
  for (nax_index i = 0; at != NULL && i < count; i++) {
    at[i] = from + i;
  }
  s = at != NULL ? nax_axis_take(c->ctx, whole, count, at, out)
                 : nxb_fail(c, NAX_ENOMEM, "out of memory");
  free(at);
  return s;
}

/* Positions from 1 in the hosts. */
static nax_status
run_read_variable(nxb_call *c)
{
  nax_source *file = NULL;
  nax_index from[NAX_MAX_NDIM], count[NAX_MAX_NDIM], given[2] = {0, 0}, size = 1;
  int64_t *code[2] = {NULL, NULL};
  nax_axis *axis[NAX_MAX_NDIM] = {NULL};
  nax_array *a = NULL;
  int32_t var = -1;
  nax_status s = nxb_codes(c, 2, -1, &code[0], &given[0]);
  s = s == NAX_OK ? nxb_codes(c, 3, -1, &code[1], &given[1]) : s;
  s = s == NAX_OK ? nax_source_open(c->ctx, nxb_text(c, 0, ""), c->opts[0], &file) : s;
  if (s == NAX_OK) {
    var = nax_source_find(file, nxb_text(c, 1, ""));
    s = var >= 0 ? NAX_OK
                 : nxb_fail(c, NAX_EINVAL, "there is no variable `%.100s` in the file",
                            nxb_text(c, 1, ""));
  }
  const nax_var_info *v = s == NAX_OK ? nax_source_var(file, var) : NULL;
  if (s == NAX_OK && v->kind == NAX_VAR_SPIKES) {
    nax_spikes *spikes = NULL;
    s = nax_source_load_spikes(c->ctx, file, var, &spikes);
    s = s == NAX_OK ? nxb_give_spikes(c, "x", spikes) : s;
  } else if (s == NAX_OK && v->kind == NAX_VAR_TABLE) {
    nax_table *t = NULL;
    s = nax_source_load_table(c->ctx, file, var, &t);
    s = s == NAX_OK ? nxb_give_table(c, "x", t) : s;
  } else if (s == NAX_OK) {
    for (int k = 0; k < 2; k++) {
      if (s == NAX_OK && code[k] != NULL && given[k] != v->ndim) {
        s = nxb_fail(c, NAX_EDIM, "`%s` has %lld values, expected %d, one for each axis",
                     c->method->in[2 + k].name, (long long)given[k], (int)v->ndim);
      }
    }
    for (int32_t k = 0; s == NAX_OK && k < v->ndim; k++) {
      from[k] = code[0] != NULL ? code[0][k] - 1 : 0;
      count[k] = code[1] != NULL ? code[1][k] : v->dim[k] - from[k];
      if (from[k] < 0 || count[k] < 0 || from[k] + count[k] > v->dim[k]) {
        s = nxb_fail(c, NAX_EINVAL, "axis %d: positions %lld to %lld, expected 1 to %lld",
                     (int)k + 1, (long long)from[k] + 1, (long long)(from[k] + count[k]),
                     (long long)v->dim[k]);
      }
      size *= count[k];
    }
    for (int32_t k = 0; s == NAX_OK && k < v->ndim; k++) {
      s = part_of_axis(c, v->axis[k], k, from[k], count[k], &axis[k]);
    }
    s = s == NAX_OK ? nax_array_create(c->ctx, NAX_F64, v->ndim,
                                       (const nax_axis *const *)axis, v->unit, &a)
                    : s;
    s = s == NAX_OK ? nax_source_read(c->ctx, file, var, from, count, NAX_F64,
                                      nax_array_data_mut(a), size)
                    : s;
    if (s == NAX_OK) {
      s = nxb_give_array(c, "x", a);
      a = NULL;
    }
  }
  nax_array_free(a);
  for (int k = 0; k < NAX_MAX_NDIM; k++) {
    nax_axis_free(axis[k]);
  }
  free(code[0]);
  free(code[1]);
  nax_source_close(file);
  return s;
}

static nax_status
run_formats(nxb_call *c)
{
  int32_t n = nax_n_formats();
  nax_table *t = NULL;
  const char **text = calloc(2 * (size_t)n + 1, sizeof *text);
  nax_status s = text != NULL ? nax_table_create(c->ctx, "format", n, &t)
                              : nxb_fail(c, NAX_ENOMEM, "out of memory");
  for (int32_t i = 0; s == NAX_OK && i < n; i++) {
    nax_format_info(i, &text[i], &text[n + i]);
  }
  s = s == NAX_OK ? nax_table_add_text(c->ctx, t, "name", text) : s;
  s = s == NAX_OK ? nax_table_add_text(c->ctx, t, "description", text + n) : s;
  free(text);
  if (s != NAX_OK) {
    nax_table_free(t);
    return s;
  }
  return nxb_give_table(c, "formats", t);
}

static nax_status
run_sha256(nxb_call *c)
{
  char hex[65];
  const char *text = hex;
  nax_table *t = NULL;
  nax_status s = nax_file_sha256(c->ctx, nxb_text(c, 0, ""), hex);
  s = s == NAX_OK ? nax_table_create(c->ctx, "file", 1, &t) : s;
  s = s == NAX_OK ? nax_table_add_text(c->ctx, t, "sha256", &text) : s;
  if (s != NAX_OK) {
    nax_table_free(t);
    return s;
  }
  return nxb_give_table(c, "sha256", t);
}

/* The format is told by the end of the path. */
static nax_status
run_write_values(nxb_call *c)
{
  const char *path = nxb_text(c, 1, ""), *dot = strrchr(path, '.');
  nax_array *a = NULL;
  int npy = dot != NULL && strcmp(dot, ".npy") == 0;
  if (!npy && (dot == NULL || strcmp(dot, ".csv") != 0)) {
    return nxb_fail(c, NAX_EINVAL,
                    "`path` is \"%.200s\", expected one that ends in .npy or "
                    ".csv",
                    path);
  }
  if (c->in[0].kind == NXB_TABLE) {
    return npy ? nxb_fail(c, NAX_EINVAL, "a table goes into .csv, not into .npy")
               : nax_export_table_csv(c->ctx, c->in[0].table, path, c->opts[0]);
  }
  nax_status s = nxb_array(c, 0, &a);
  if (s == NAX_OK) {
    s = npy ? nax_export_npy(c->ctx, a, path, c->opts[0])
            : nax_export_csv(c->ctx, a, path, c->opts[0]);
  }
  nax_array_free(a);
  return s;
}

static nax_status
run_save(nxb_call *c)
{
  return nax_dataset_save(c->ctx, c->in[0].dataset, nxb_text(c, 1, ""), c->opts[0]);
}

static nax_status
run_simulate(nxb_call *c)
{
  nax_dataset_free(c->out);
  c->out = NULL;
  return nax_simulate(c->ctx, c->opts[0], &c->out);
}

static nax_status
run_quality(nxb_call *c)
{
  nax_table *t = NULL;
  nax_array *a = NULL;
  nax_spikes *read = NULL;
  nax_source *file = NULL;
  int32_t var;
  const nax_quality_opts *o = nxb_opts(c, "quality");
  nax_status s = NAX_OK;
  if (c->in[0].kind == NXB_TEXT) {
    s = nxb_open(c, nxb_text(c, 0, ""), &file, &var);
  }
  if (s == NAX_OK && file != NULL && nax_source_var(file, var)->kind == NAX_VAR_SPIKES) {
    s = nax_source_load_spikes(c->ctx, file, var, &read);
    s = s == NAX_OK ? nax_quality_spikes(c->ctx, read, o, &t) : s;
  } else if (s == NAX_OK && file != NULL) {
    s = nax_quality_source(c->ctx, file, var, o, &t);
  } else if (s == NAX_OK && c->in[0].kind == NXB_SPIKES) {
    s = nax_quality_spikes(c->ctx, c->in[0].spikes, o, &t);
  } else if (s == NAX_OK) {
    s = nxb_array(c, 0, &a);
    s = s == NAX_OK ? nax_quality_array(c->ctx, a, o, &t) : s;
  }
  nax_array_free(a);
  nax_spikes_free(read);
  nax_source_close(file);
  return s == NAX_OK ? nxb_give_table(c, "quality", t) : s;
}

static nax_status
run_report(nxb_call *c)
{
  const char *path = nxb_text(c, 1, "");
  if (c->in[0].kind == NXB_DATASET &&
      nax_dataset_array(c->in[0].dataset, "rgtm") != NULL) {
    return nax_report_trsa(c->ctx, c->in[0].dataset, NULL, c->opts[0], path);
  }
  if (c->in[0].kind == NXB_DATASET &&
      (nax_dataset_array(c->in[0].dataset, "similarity") != NULL ||
       nax_dataset_table(c->in[0].dataset, "targets") != NULL)) {
    return nax_report_similarity(c->ctx, c->in[0].dataset, NULL, c->opts[0], path);
  }
  if (c->in[0].kind == NXB_DATASET) {
    return nax_report_dataset(c->ctx, c->in[0].dataset, c->opts[0], c->opts[1], path);
  }
  nax_source *s = NULL;
  nax_status status = nax_source_open(c->ctx, nxb_text(c, 0, ""), c->opts[2], &s);
  if (status == NAX_OK) {
    status = nax_report_source(c->ctx, s, c->opts[0], c->opts[1], path);
  }
  nax_source_close(s);
  return status;
}

#define R_FILE                                                                           \
  "path <- tempfile(fileext = \".nc\")\n"                                                \
  "write_dataset(simulate_recording(units = 4, trials = 4), path)"
#define M_FILE                                                                           \
  "p = [tempname() '.nc']; "                                                             \
  "neuraxis.write_dataset(neuraxis.simulate_recording('units', 4, 'trials', 4), p);"

const nxb_method nxb_data_methods[] = {
    {.name = "read_recording",
     .title = "Read a recording",
     .details =
         "Reads everything that is in a file or folder: arrays, spike trains, tables and "
         "attributes. NWB, Suite2p, CaImAn, Phy and Kilosort, ALF, MClust, Neurosuite, "
         "MATLAB, NumPy, EDF and BDF, BrainVision, NetCDF, HDF5, CSV and TSV are told "
         "apart by content.",
     .value = "a dataset: its members by name, and attributes",
     .result = "dataset",
     .r = {R_FILE, "read_recording(path)"},
     .m = {M_FILE, "neuraxis.read_recording(p)"},
     .in = {{"path", NXB_IN_TEXT, 0, NULL, "file or folder"}},
     .tables = {"source"},
     .run = run_load},
    {.name = "recording_info",
     .title = "What is in a recording, without reading it",
     .details =
         "Lists the variables of a file or folder with their axes, units, sampling "
         "rates and times. Nothing but headers is read.",
     .value = "a dataset with the table `variables` and the attributes of the file",
     .result = "dataset",
     .r = {R_FILE, "recording_info(path)"},
     .m = {M_FILE, "neuraxis.recording_info(p)"},
     .in = {{"path", NXB_IN_TEXT, 0, NULL, "file or folder"}},
     .tables = {"source"},
     .run = run_info},
    {.name = "read_variable",
     .title = "Read one variable of a recording, or a part of it",
     .details = "Nothing else of the file is read: positions `from` on, `count` of them "
                "along each axis.",
     .value = "an array with its axes, spike trains or a table",
     .result = "",
     .r = {R_CALCIUM "\npath <- tempfile(fileext = \".nc\")\n"
                     "write_dataset(list(x = x), path)",
           "read_variable(path, \"x\", from = c(1, 1), count = c(3, 10))"},
     .m = {M_CALCIUM
           " p = [tempname() '.nc']; neuraxis.write_dataset(struct('x', x), p);",
           "neuraxis.read_variable(p, 'x', 'from', [1 1], 'count', [3 10])"},
     .in = {{"path", NXB_IN_TEXT, 0, NULL, "file or folder"},
            {"variable", NXB_IN_TEXT, 0, NULL, "name, as recording_info lists it"},
            {"from", NXB_IN_ARRAY, 1, "axis",
             "first position along each axis, from 1; not given: the first"},
            {"count", NXB_IN_ARRAY, 1, "axis",
             "positions along each axis; not given: the rest"}},
     .tables = {"source"},
     .run = run_read_variable},
    {.name = "file_formats",
     .title = "Formats that can be read",
     .details = "Formats are told apart by content, not by the name of the file.",
     .value = "a table with name and description",
     .result = "",
     .r = {NULL, "file_formats()"},
     .m = {NULL, "neuraxis.file_formats()"},
     .run = run_formats},
    {.name = "file_sha256",
     .title = "SHA-256 of a file or folder",
     .details = "What reports and results name their input by.",
     .value = "a table with one row and the column sha256",
     .result = "",
     .r = {"path <- tempfile()\nwriteLines(\"a\", path)", "file_sha256(path)"},
     .m = {"p = tempname(); f = fopen(p, 'w'); fclose(f);", "neuraxis.file_sha256(p)"},
     .in = {{"path", NXB_IN_TEXT, 0, NULL, "file or folder"}},
     .run = run_sha256},
    {.name = "write_values",
     .title = "Write an array or a table for other programs",
     .details =
         "An array as .npy, or, with at most two axes, as .csv with its coordinates; "
         "a table as .csv. The file is complete or not there.",
     .value = "nothing",
     .result = NULL,
     .r = {R_CALCIUM, "write_values(x, tempfile(fileext = \".npy\"))"},
     .m = {M_CALCIUM, "neuraxis.write_values(x, [tempname() '.npy'])"},
     .in = {{"x", NXB_IN_ARRAY | NXB_IN_TABLE, 0, "neuron,time,trial", "array or table"},
            {"path", NXB_IN_TEXT, 0, NULL, "file to write, .npy or .csv"}},
     .tables = {"save"},
     .shown = ",force,",
     .run = run_write_values},
    {.name = "write_dataset",
     .title = "Write a dataset",
     .details =
         "Writes a NetCDF-4 file that neuraxis, R, MATLAB, Python and ncdump read. "
         "The file is complete or not there: it is written under another name "
         "beside its place, flushed to disk and renamed.",
     .value = "nothing",
     .result = NULL,
     .r = {"d <- simulate_recording(units = 4, trials = 4)",
           "write_dataset(d, tempfile(fileext = \".nc\"))"},
     .m = {"d = neuraxis.simulate_recording('units', 4, 'trials', 4);",
           "neuraxis.write_dataset(d, [tempname() '.nc'])"},
     .in = {{"x", NXB_IN_DATASET, 0, NULL,
             "a dataset, or a named list of arrays, spike trains and tables"},
            {"path", NXB_IN_TEXT, 0, NULL, "file to write"}},
     .tables = {"save"},
     .hidden = ",command,",
     .run = run_save},
    {.name = "simulate_recording",
     .title = "A recording with known structure",
     .details = "Calcium traces, spikes or field potentials of neurons that follow what "
                "is asked for: assemblies, latent trajectories, clusters and states, "
                "conditions, tags. What was planted comes back beside the data.",
     .value = "a dataset: the recording, and the truth in members called `truth_...`",
     .result = "dataset",
     .r = {NULL, "simulate_recording(units = 12, trials = 4, assemblies = 2)"},
     .m = {NULL, "neuraxis.simulate_recording('units', 12, 'trials', 4)"},
     .tables = {"simulate"},
     .run = run_simulate},
    {.name = "unit_quality",
     .title = "Quality of each unit",
     .details =
         "Spike trains get rates, refractory-period violations by both definitions in "
         "use, and measures of irregularity; traces get noise, signal, baseline, drift "
         "and what is suspicious about them.",
     .value = "a table with one row per unit",
     .result = "",
     .r = {R_CALCIUM, "unit_quality(x)"},
     .m = {M_CALCIUM, "neuraxis.unit_quality(x)"},
     .in =
         {{"x", NXB_IN_ARRAY | NXB_IN_SPIKES | NXB_IN_TEXT, 0, "neuron,time,trial",
           "traces (neuron x time (x trial)), spike trains, or the path of a file, which "
           "is read a group of units at a time"}},
     .tables = {"quality", "source"},
     .hidden = ",strict,rate,",
     .run = run_quality},
    {.name = "write_report",
     .title = "The page about a recording",
     .details =
         "Writes one self-contained HTML page: identity and provenance, quality of "
         "each unit, overview, population activity, spectrum, correlations, trials, "
         "and which analyses the recording suits. A dataset with the matrices `rgtm` "
         "(and rgdm, mean_rdm, bars, null, windows, where there are) gets the page about "
         "their geometry and topology.",
     .value = "nothing",
     .result = NULL,
     .r = {"d <- simulate_recording(units = 4, trials = 4)",
           "write_report(d, tempfile(fileext = \".html\"))"},
     .m = {"d = neuraxis.simulate_recording('units', 4, 'trials', 4);",
           "neuraxis.write_report(d, [tempname() '.html'])"},
     .in = {{"x", NXB_IN_DATASET | NXB_IN_TEXT, 0, NULL,
             "a dataset, or the path of a file"},
            {"path", NXB_IN_TEXT, 0, NULL, "page to write"}},
     .tables = {"report", "quality", "source"},
     .hidden = ",command,strict,",
     .run = run_report},
    {.name = NULL},
};
