/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The public function: plant, let the neurons run, and put both into one dataset. */
#include "simulate_i.h"
#include <math.h>

/* --- members of the dataset -------------------------------------------------------- */

/* An axis as it is asked for below: time is regular, anything else a plain count. */
static nax_status
make_axis(nax_ctx *ctx, const nax_i_sim *s, const char *name, nax_index n, nax_axis **out)
{
  if (strcmp(name, "time") == 0) {
    return nax_axis_create_regular(ctx, name, "s", n, 0.0, s->rate, out);
  }
  if (strcmp(name, "frequency") == 0) {
    return nax_axis_create_coords(ctx, name, "Hz", n, s->tag, out);
  }
  return nax_axis_create_index(ctx, name, n, out);
}

/* Zeros over up to three axes: names and lengths. */
static nax_status
make_array(nax_ctx *ctx, const nax_i_sim *s, nax_dtype dtype, int32_t ndim,
           const char *const *names, const nax_index *dim, const char *unit,
           const char *about, nax_array **out)
{
  nax_status status = NAX_OK;
  nax_axis *axis[NAX_MAX_NDIM] = {NULL};
  nax_array *a = NULL;
  *out = NULL;
  for (int32_t k = 0; k < ndim; k++) {
    NAX_TRY(make_axis(ctx, s, names[k], dim[k], &axis[k]));
  }
  NAX_TRY(nax_array_create(ctx, dtype, ndim, (const nax_axis *const *)axis, unit, &a));
  NAX_TRY(nax_array_set_description(ctx, a, about));
  *out = a;
  a = NULL;
done:
  nax_array_free(a);
  for (int32_t k = 0; k < ndim; k++) {
    nax_axis_free(axis[k]);
  }
  return status;
}

static nax_status
add_array(nax_ctx *ctx, nax_dataset *d, const char *name, nax_array **a)
{
  nax_status status = nax_dataset_add_array(ctx, d, name, *a);
  if (status == NAX_OK) {
    *a = NULL;
  }
  return status;
}

/* A truth: a copy of `x`, whose first two axes are swapped when `swap` is 1 (time is
 * fastest where neurons ran along it, but second in a dataset). */
static nax_status
add_truth(nax_ctx *ctx, const nax_i_sim *s, nax_dataset *d, const char *name,
          const double *x, int32_t ndim, const char *const *names, const nax_index *dim,
          int swap, const char *about)
{
  nax_status status = NAX_OK;
  nax_array *a = NULL;
  NAX_TRY(make_array(ctx, s, NAX_F64, ndim, names, dim, "1", about, &a));
  double *y = nax_array_data_mut(a);
  nax_index n = nax_array_size(a);
  nax_index m = swap ? dim[0] : 1, t = swap ? dim[1] : 1;
  for (nax_index k = 0; k < n && !swap; k++) {
    y[k] = x[k];
  }
  for (nax_index from = 0; swap && from < n; from += m * t) {
    for (nax_index k = 0; k < t; k++) {
      for (nax_index i = 0; i < m; i++) {
        y[from + i + m * k] = x[from + k + t * i];
      }
    }
  }
  NAX_TRY(add_array(ctx, d, name, &a));
done:
  nax_array_free(a);
  return status;
}

static nax_status
add_table(nax_ctx *ctx, nax_dataset *d, const char *name, nax_table **t)
{
  nax_status status = nax_dataset_add_table(ctx, d, name, *t);
  if (status == NAX_OK) {
    *t = NULL;
  }
  return status;
}

static nax_status
add_index_column(nax_ctx *ctx, nax_table *t, const char *name, const nax_index *x)
{
  nax_status status = NAX_OK;
  double *y = NULL;
  nax_index n = nax_table_n_rows(t);
  NAX_TRY_ALLOC(y, n, sizeof *y);
  for (nax_index i = 0; i < n; i++) {
    y[i] = (double)x[i];
  }
  NAX_TRY(nax_table_add_numbers(ctx, t, name, NULL, y));
done:
  nax_i_free(y);
  return status;
}

static nax_status
add_tables(nax_ctx *ctx, const nax_i_sim *s, nax_dataset *d)
{
  nax_status status = NAX_OK;
  nax_table *t = NULL;
  nax_index *assembly = NULL, n = s->o.units;
  if (s->o.trials > 0) {
    NAX_TRY(nax_table_create(ctx, "trial", s->o.trials, &t));
    NAX_TRY(nax_table_add_numbers(ctx, t, "start_time", "s", s->start));
    NAX_TRY(nax_table_add_numbers(ctx, t, "stop_time", "s", s->stop));
    if (s->o.conditions > 0) {
      NAX_TRY(add_index_column(ctx, t, "condition", s->condition));
    }
    NAX_TRY(add_table(ctx, d, "trials", &t));
  }
  NAX_TRY(nax_table_create(ctx, s->o.kind == NAX_SIMULATE_FIELD ? "channel" : "neuron", n,
                           &t));
  NAX_TRY(nax_table_add_numbers(ctx, t, "base_rate", "Hz", s->base_rate));
  if (s->o.assemblies > 0) { /* the one it belongs to most, -1 for none */
    NAX_TRY_ALLOC(assembly, n, sizeof *assembly);
    for (nax_index i = 0; i < n; i++) {
      double most = 0.0;
      assembly[i] = -1;
      for (nax_index a = 0; a < s->o.assemblies; a++) {
        if (s->weight[i + n * a] > most) {
          most = s->weight[i + n * a];
          assembly[i] = a;
        }
      }
    }
    NAX_TRY(add_index_column(ctx, t, "assembly", assembly));
  }
  if (s->o.clusters > 0) {
    NAX_TRY(add_index_column(ctx, t, "cluster", s->cluster));
  }
  NAX_TRY(add_table(ctx, d, "neurons", &t));
done:
  nax_i_free(assembly);
  nax_table_free(t);
  return status;
}

static nax_status
add_events(nax_ctx *ctx, const nax_i_sim *s, nax_dataset *d)
{
  nax_status status = NAX_OK;
  nax_table *t = NULL;
  static const struct {
    const char *name, *unit;
  } column[4] = {{"assembly", NULL}, {"animal", NULL}, {"time", "s"}, {"gain", NULL}};
  double *x = NULL;
  NAX_TRY_ALLOC(x, s->n_events, sizeof *x);
  NAX_TRY(nax_table_create(ctx, "event", s->n_events, &t));
  for (int c = 0; c < 4; c++) {
    for (nax_index k = 0; k < s->n_events; k++) {
      const nax_i_sim_event *e = &s->event[k];
      x[k] = c == 0   ? (double)e->assembly
             : c == 1 ? (double)e->animal
             : c == 2 ? e->time
                      : e->gain;
    }
    NAX_TRY(nax_table_add_numbers(ctx, t, column[c].name, column[c].unit, x));
  }
  NAX_TRY(add_table(ctx, d, "truth_events", &t));
done:
  nax_i_free(x);
  nax_table_free(t);
  return status;
}

/* When each epoch was, and which assembly each neuron belonged to in it. */
static nax_status
add_epochs(nax_ctx *ctx, const nax_i_sim *s, nax_dataset *d)
{
  nax_status status = NAX_OK;
  nax_table *t = NULL;
  nax_index n = s->o.units, epochs = s->o.epochs;
  double *x = NULL, each = (double)s->n_frames / s->rate / (double)epochs;
  NAX_TRY_ALLOC(x, n * epochs + epochs, sizeof *x);
  NAX_TRY(nax_table_create(ctx, "epoch", epochs, &t));
  for (int stop = 0; stop < 2; stop++) {
    for (nax_index e = 0; e < epochs; e++) {
      x[e] = each * (double)(e + stop);
    }
    NAX_TRY(nax_table_add_numbers(ctx, t, stop ? "stop_time" : "start_time", "s", x));
  }
  NAX_TRY(add_table(ctx, d, "truth_epochs", &t));
  for (nax_index k = 0; k < n * epochs; k++) {
    x[k] = -1.0;
  }
  for (nax_index a = 0; a < s->o.assemblies; a++) {
    for (nax_index i = 0; i < n; i++) {
      if (s->weight[i + n * a] > 0.0) {
        x[i + n * (a % epochs)] = (double)a;
      }
    }
  }
  NAX_TRY(add_truth(ctx, s, d, "truth_communities", x, 2,
                    (const char *const[]){"neuron", "epoch"}, (nax_index[]){n, epochs}, 0,
                    "assembly of each neuron in each epoch, -1 for none"));
done:
  nax_i_free(x);
  nax_table_free(t);
  return status;
}

/* Distances of points in the plane (2 x n), n x n, mean 1. */
static nax_status
mean_one_distances(nax_ctx *ctx, nax_index n, const double *coord, double *out)
{
  nax_status status = NAX_OK;
  double mean = 0.0;
  for (nax_index a = 0; a < n; a++) {
    for (nax_index b = 0; b < n; b++) {
      out[b + n * a] =
          hypot(coord[2 * a] - coord[2 * b], coord[2 * a + 1] - coord[2 * b + 1]);
      mean += n > 1 ? out[b + n * a] / (double)(n * (n - 1)) : 0.0;
    }
    NAX_TRY(nax_i_poll(ctx));
  }
  for (nax_index a = 0; a < n && mean > 0.0; a++) {
    for (nax_index b = 0; b < n; b++) {
      out[b + n * a] /= mean;
    }
    NAX_TRY(nax_i_poll(ctx));
  }
done:
  return status;
}

static nax_status
add_distances(nax_ctx *ctx, const nax_i_sim *s, nax_dataset *d)
{
  nax_status status = NAX_OK;
  nax_index n = s->o.conditions;
  double *x = NULL;
  NAX_TRY_ALLOC(x, n * n, sizeof *x);
  NAX_TRY(mean_one_distances(ctx, n, s->coord, x));
  NAX_TRY(add_truth(ctx, s, d, "truth_distances", x, 2,
                    (const char *const[]){"condition", "condition_2"},
                    (nax_index[]){n, n}, 0,
                    "Euclidean distances between the patterns, mean 1"));
done:
  nax_i_free(x);
  return status;
}

/* Models of the geometry whose ranking is known: on the way from the true distances to
 * those of other points, each step is less correlated with the truth. */
static nax_status
add_models(nax_ctx *ctx, const nax_i_sim *s, nax_dataset *d)
{
  nax_status status = NAX_OK;
  static const char *const names[] = {"truth", "near", "half", "far", "other"};
  enum { MODELS = 5, LOOK = 1 << 22 };
  nax_index n = s->o.conditions;
  double *x = NULL;
  nax_rng *r = NULL;
  nax_axis *axis[3] = {NULL, NULL, NULL};
  nax_array *a = NULL;
  NAX_TRY_ALLOC(x, 2 * n + 2 * n * n, sizeof *x);
  double *truth = x + 2 * n, *other = truth + n * n;
  NAX_TRY(nax_i_sim_rng(ctx, s, NAX_I_SIM_PATTERNS, 1, &r));
  for (nax_index k = 0; k < 2 * n; k++) {
    x[k] = nax_rng_normal(r, 0.0, 1.0);
  }
  NAX_TRY(mean_one_distances(ctx, n, s->coord, truth));
  NAX_TRY(mean_one_distances(ctx, n, x, other));
  NAX_TRY(make_axis(ctx, s, "condition", n, &axis[0]));
  NAX_TRY(make_axis(ctx, s, "condition_2", n, &axis[1]));
  NAX_TRY(nax_axis_create_labels(ctx, "model", MODELS, names, &axis[2]));
  NAX_TRY(nax_array_create(ctx, NAX_F64, 3, (const nax_axis *const *)axis, "1", &a));
  double *to = nax_array_data_mut(a);
  for (int m = 0; m < MODELS; m++) {
    double share = (double)m / (double)(MODELS - 1);
    for (nax_index k = 0; k < n * n; k++) {
      to[k + m * n * n] = (1.0 - share) * truth[k] + share * other[k];
      NAX_TRY(nax_i_poll_every(ctx, k, LOOK));
    }
  }
  NAX_TRY(nax_array_set_description(
      ctx, a, "models of the distances, from the true ones to unrelated ones"));
  NAX_TRY(add_array(ctx, d, "truth_models", &a));
done:
  nax_i_free(x);
  nax_rng_free(r);
  for (int k = 0; k < 3; k++) {
    nax_axis_free(axis[k]);
  }
  nax_array_free(a);
  return status;
}

static nax_status
add_images(nax_ctx *ctx, const nax_i_sim *s, nax_dataset *d)
{
  nax_status status = NAX_OK;
  nax_array *a = NULL;
  nax_index side = s->o.images;
  NAX_TRY(make_array(ctx, s, NAX_F32, 3, (const char *const[]){"y", "x", "time"},
                     (nax_index[]){side, side, s->n_frames}, "1",
                     "simulated pictures of behaviour, 0 to 1", &a));
  NAX_TRY(nax_i_sim_images(ctx, s, nax_array_data_mut(a)));
  NAX_TRY(add_array(ctx, d, "images", &a));
done:
  nax_array_free(a);
  return status;
}

#define NAMES(...) ((const char *const[]){__VA_ARGS__})
#define DIMS(...)  ((nax_index[]){__VA_ARGS__})

static nax_status
add_truths(nax_ctx *ctx, const nax_i_sim *s, nax_dataset *d)
{
  nax_status status = NAX_OK;
  const char *unit = s->o.kind == NAX_SIMULATE_FIELD ? "channel" : "neuron";
  nax_index n = s->o.units, t = s->n_frames, a = s->o.assemblies;
  if (a > 0) {
    NAX_TRY(add_truth(ctx, s, d, "truth_assemblies", s->weight, 2,
                      NAMES(unit, "component"), DIMS(n, a), 0,
                      "weight of each neuron in each assembly, 0 for none"));
    NAX_TRY(add_truth(ctx, s, d, "truth_activations", s->activation,
                      s->o.animals > 1 ? 3 : 2, NAMES("component", "time", "animal"),
                      DIMS(a, t, s->o.animals), 1, "activation of each assembly"));
    NAX_TRY(add_events(ctx, s, d));
  }
  if (a > 0 && s->o.epochs > 0) {
    NAX_TRY(add_epochs(ctx, s, d));
  }
  if (s->o.latents > 0) {
    NAX_TRY(add_truth(ctx, s, d, "truth_latents", s->latent, 2, NAMES("latent", "time"),
                      DIMS(s->o.latents, t), 1, "latent trajectories, variance 1"));
    NAX_TRY(add_truth(ctx, s, d, "truth_loadings", s->loading, 2, NAMES(unit, "latent"),
                      DIMS(n, s->o.latents), 0, "log rate per unit of each latent"));
  }
  if (s->o.clusters > 0) {
    NAX_TRY(add_truth(ctx, s, d, "truth_paths", s->path, 3,
                      NAMES("dimension", "time", "cluster"),
                      DIMS(NAX_I_SIM_DIMS, t, s->o.clusters), 1,
                      "latent trajectory of each cluster, variance 1"));
    NAX_TRY(add_truth(ctx, s, d, "truth_path_loadings", s->path_load, 2,
                      NAMES(unit, "dimension"), DIMS(n, NAX_I_SIM_DIMS), 0,
                      "log rate per unit of each dimension of the cluster's path"));
    NAX_TRY(add_truth(ctx, s, d, "truth_states", s->state, 1, NAMES("time"), DIMS(t), 0,
                      "dynamical state, from 0"));
  }
  if (s->o.conditions > 0) {
    NAX_TRY(add_truth(ctx, s, d, "truth_patterns", s->pattern, 2,
                      NAMES(unit, "condition"), DIMS(n, s->o.conditions), 0,
                      "log rate of each neuron in each condition"));
    NAX_TRY(add_distances(ctx, s, d));
    NAX_TRY(add_models(ctx, s, d));
  }
  if (s->o.images > 0) {
    NAX_TRY(add_truth(ctx, s, d, "truth_image_latent", s->own, 1, NAMES("time"), DIMS(t),
                      0, "latent that scales the pictures, variance 1"));
    NAX_TRY(add_truth(ctx, s, d, "truth_angle", s->angle, 1, NAMES("time"), DIMS(t), 0,
                      "angle of the pictures, degrees"));
    NAX_TRY(add_truth(ctx, s, d, "truth_zoom", s->zoom, 1, NAMES("time"), DIMS(t), 0,
                      "scale of the pictures"));
  }
  if (s->n_tags > 0) {
    NAX_TRY(add_truth(ctx, s, d, "truth_tag_depth", s->tag_depth, 2,
                      NAMES(unit, "frequency"), DIMS(n, s->n_tags), 0,
                      "amplitude of each tag in the log rate, 0 for none"));
    NAX_TRY(add_truth(ctx, s, d, "truth_tag_phase", s->tag_phase, 2,
                      NAMES(unit, "frequency"), DIMS(n, s->n_tags), 0,
                      "phase of the cosine at the start of a trial, radians"));
  }
done:
  return status;
}

/* --- recordings -------------------------------------------------------------------- */

static nax_status
add_spikes(nax_ctx *ctx, const nax_i_sim *s, const nax_i_sim_out *out, nax_dataset *d)
{
  nax_status status = NAX_OK;
  nax_axis *units = NULL;
  nax_spikes *sp = NULL;
  nax_index *offset = NULL, n = s->o.units;
  double *times = NULL, interval[2] = {0.0, (double)s->n_frames / s->rate};
  NAX_TRY_ALLOC(offset, n + 1, sizeof *offset);
  for (nax_index i = 0; i < n; i++) {
    offset[i + 1] = offset[i] + out->n_times[i];
  }
  NAX_TRY_ALLOC(times, offset[n], sizeof *times);
  for (nax_index i = 0; i < n; i++) {
    if (out->n_times[i] > 0) {
      memcpy(times + offset[i], out->times[i], (size_t)out->n_times[i] * sizeof *times);
    }
  }
  NAX_TRY(nax_axis_create_index(ctx, "neuron", n, &units));
  NAX_TRY(nax_spikes_create(ctx, units, offset, times, 1, interval, &sp));
  NAX_TRY(nax_dataset_add_spikes(ctx, d, "spikes", sp));
  sp = NULL;
done:
  nax_spikes_free(sp);
  nax_axis_free(units);
  nax_i_free(offset);
  nax_i_free(times);
  return status;
}

static nax_status
record(nax_ctx *ctx, const nax_i_sim *s, nax_dataset *d)
{
  nax_status status = NAX_OK;
  nax_array *x = NULL, *raw = NULL, *neuropil = NULL;
  nax_i_sim_out out = {0};
  nax_index n = s->o.units;
  int field = s->o.kind == NAX_SIMULATE_FIELD;
  int wants_spikes = s->o.kind == NAX_SIMULATE_SPIKES || s->o.kind == NAX_SIMULATE_BOTH;
  const char *main = field                              ? "field"
                     : s->o.kind == NAX_SIMULATE_SPIKES ? "spikes"
                                                        : "dff";
  const char *const names[3] = {field ? "channel" : "neuron", "time", "animal"};
  nax_index dim[3] = {n, s->n_frames, s->o.animals};
  int32_t ndim = s->o.animals > 1 ? 3 : 2;
  if (s->o.kind != NAX_SIMULATE_SPIKES) {
    NAX_TRY(make_array(ctx, s, NAX_F32, ndim, names, dim, field ? "uV" : "dF/F",
                       field ? "simulated field potential"
                             : "simulated relative change of fluorescence",
                       &x));
    out.dff = nax_array_data_mut(x);
  }
  if (s->o.raw) {
    NAX_TRY(make_array(ctx, s, NAX_F32, ndim, names, dim, "F",
                       "simulated fluorescence with neuropil and bleaching", &raw));
    NAX_TRY(make_array(ctx, s, NAX_F32, ndim, names, dim, "F",
                       "simulated fluorescence around each neuron", &neuropil));
    out.raw = nax_array_data_mut(raw);
    out.neuropil = nax_array_data_mut(neuropil);
    main = "F";
  }
  if (wants_spikes) {
    NAX_TRY_ALLOC(out.times, n, sizeof *out.times);
    NAX_TRY_ALLOC(out.n_times, n, sizeof *out.n_times);
  }
  NAX_TRY(nax_i_sim_neurons(ctx, s, &out));
  if (raw != NULL) {
    NAX_TRY(add_array(ctx, d, "F", &raw));
    NAX_TRY(add_array(ctx, d, "Fneu", &neuropil));
  }
  if (x != NULL) {
    NAX_TRY(add_array(ctx, d, field ? "field" : s->o.raw ? "truth_dff" : "dff", &x));
  }
  if (wants_spikes) {
    NAX_TRY(add_spikes(ctx, s, &out, d));
  }
  NAX_TRY(nax_dataset_set_main(ctx, d, main));
done:
  for (nax_index i = 0; i < n && out.times != NULL; i++) {
    nax_i_free(out.times[i]);
  }
  nax_i_free(out.times);
  nax_i_free(out.n_times);
  nax_array_free(x);
  nax_array_free(raw);
  nax_array_free(neuropil);
  return status;
}

nax_status
nax_simulate(nax_ctx *ctx, const nax_simulate_opts *opts, nax_dataset **out)
{
  nax_status status = NAX_OK;
  nax_dataset *d = NULL;
  nax_i_sim s;
  memset(&s, 0, sizeof s);
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_simulate_table, &s.o, opts));
  int calcium = s.o.kind == NAX_SIMULATE_CALCIUM || s.o.kind == NAX_SIMULATE_BOTH;
  NAX_REQUIRE(s.o.animals == 1 || s.o.kind == NAX_SIMULATE_CALCIUM, NAX_EINVAL,
              "option `animals` is %lld, expected 1 unless `kind` is calcium",
              (long long)s.o.animals);
  NAX_REQUIRE(!s.o.raw || calcium, NAX_EINVAL,
              "option `raw` is for calcium, and `kind` is not");
  NAX_REQUIRE(s.o.conditions == 0 || s.o.trials > 0, NAX_EINVAL,
              "option `conditions` is %lld, expected 0 without trials",
              (long long)s.o.conditions);
  NAX_REQUIRE(s.o.images == 0 || s.o.latents > 0, NAX_EINVAL,
              "option `images` is %lld, expected 0 without `latents`",
              (long long)s.o.images);
  s.rate = isnan(s.o.rate) ? (calcium ? 30.0 : 200.0) : s.o.rate;
  s.base = isnan(s.o.firing_rate) ? (calcium ? 0.5 : 5.0) : s.o.firing_rate;
  NAX_TRY(nax_i_sim_plant(ctx, &s));
  NAX_TRY(nax_dataset_create(ctx, &d));
  NAX_TRY(record(ctx, &s, d));
  if (s.o.images > 0) {
    NAX_TRY(add_images(ctx, &s, d));
  }
  NAX_TRY(add_tables(ctx, &s, d));
  NAX_TRY(add_truths(ctx, &s, d));
  NAX_TRY(nax_dataset_set_text(ctx, d, "title", "simulated recording"));
  *out = d;
  d = NULL;
done:
  nax_dataset_free(d);
  nax_i_sim_free(&s);
  return status;
}
