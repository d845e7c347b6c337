/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files, simulated recordings, quality, the report. */
#include "methods_i.h"
#include <stdio.h>
#include <stdlib.h>

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
  nax_status s = NAX_OK;
  if (c->in[0].kind == NXB_SPIKES) {
    s = nax_quality_spikes(c->ctx, c->in[0].spikes, c->opts[0], &t);
  } else {
    s = nxb_array(c, 0, &a);
    if (s == NAX_OK) {
      s = nax_quality_array(c->ctx, a, c->opts[0], &t);
    }
    nax_array_free(a);
  }
  return s == NAX_OK ? nxb_give_table(c, "quality", t) : s;
}

static nax_status
run_report(nxb_call *c)
{
  const char *path = nxb_text(c, 1, "");
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
     .in = {{"path", NXB_IN_TEXT, 0, NULL, "file or folder"}},
     .tables = {"source"},
     .run = run_info},
    {.name = "write_dataset",
     .title = "Write a dataset",
     .details =
         "Writes a NetCDF-4 file that neuraxis, R, MATLAB, Python and ncdump read. "
         "The file is complete or not there: it is written under another name "
         "beside its place, flushed to disk and renamed.",
     .value = "nothing",
     .result = NULL,
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
     .in = {{"x", NXB_IN_ARRAY | NXB_IN_SPIKES, 0, "neuron,time,trial",
             "traces (neuron x time (x trial)) or spike trains"}},
     .tables = {"quality"},
     .run = run_quality},
    {.name = "write_report",
     .title = "The page about a recording",
     .details =
         "Writes one self-contained HTML page: identity and provenance, quality of "
         "each unit, overview, population activity, spectrum, correlations, trials, "
         "and which analyses the recording suits.",
     .value = "nothing",
     .result = NULL,
     .in = {{"x", NXB_IN_DATASET | NXB_IN_TEXT, 0, NULL,
             "a dataset, or the path of a file"},
            {"path", NXB_IN_TEXT, 0, NULL, "page to write"}},
     .tables = {"report", "quality", "source"},
     .hidden = ",command,strict,",
     .run = run_report},
    {.name = NULL},
};
