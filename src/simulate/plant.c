/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is planted: trials, assemblies with their events, patterns, tags. */
#include "simulate_i.h"
#include <math.h>

static const double pi = 3.14159265358979323846;

nax_status
nax_i_sim_rng(nax_ctx *ctx, const nax_i_sim *s, nax_i_sim_stream what, nax_index index,
              nax_rng **out)
{
  return nax_rng_create(ctx, s->o.seed, (uint64_t)what << 40 | (uint64_t)index, out);
}

/* --- trials ------------------------------------------------------------------------- */

/* Trials begin and end with frames, so that cutting them out loses nothing. */
static nax_status
plant_trials(nax_ctx *ctx, nax_i_sim *s)
{
  nax_status status = NAX_OK;
  nax_rng *r = NULL;
  nax_index n = s->o.trials, at = 0, gap = (nax_index)llround(s->o.gap * s->rate);
  nax_index *first = NULL, *length = NULL;
  NAX_TRY(nax_i_sim_rng(ctx, s, NAX_I_SIM_TRIALS, 0, &r));
  NAX_TRY_ALLOC(s->start, n, sizeof *s->start);
  NAX_TRY_ALLOC(s->stop, n, sizeof *s->stop);
  NAX_TRY_ALLOC(s->condition, n, sizeof *s->condition);
  NAX_TRY_ALLOC(first, n, sizeof *first);
  NAX_TRY_ALLOC(length, n, sizeof *length);
  double total = 0.0;
  for (nax_index i = 0; i < n; i++) {
    double u = 2.0 * nax_rng_uniform(r) - 1.0;
    double frames = s->o.trial_length * (1.0 + s->o.trial_jitter * u) * s->rate;
    total += frames + (double)gap;
    NAX_REQUIRE(total < 1e12, NAX_EOVERFLOW, "the recording would have %g frames", total);
    length[i] = frames < 1.0 ? 1 : (nax_index)llround(frames);
    at += gap;
    first[i] = at;
    at += length[i];
    s->start[i] = (double)first[i] / s->rate;
    s->stop[i] = (double)at / s->rate;
    /* as often as each other, in random order */
    s->condition[i] = s->o.conditions > 0 ? i % s->o.conditions : -1;
  }
  nax_rng_shuffle(r, n, s->condition);
  double alone = ceil(s->o.trial_length * s->rate);
  NAX_REQUIRE(alone < 1e12, NAX_EOVERFLOW, "the recording would have %g frames", alone);
  s->n_frames = n > 0 ? at + gap : (nax_index)alone;
  NAX_TRY_ALLOC(s->trial_at, s->n_frames, sizeof *s->trial_at);
  for (nax_index k = 0; k < s->n_frames; k++) {
    s->trial_at[k] = -1;
  }
  for (nax_index i = 0; i < n; i++) {
    for (nax_index k = 0; k < length[i]; k++) {
      s->trial_at[first[i] + k] = i;
    }
  }
done:
  nax_i_free(first);
  nax_i_free(length);
  nax_rng_free(r);
  return status;
}

/* --- neurons: who is a member of what ---------------------------------------------- */

static nax_status
plant_rates(nax_ctx *ctx, nax_i_sim *s)
{
  nax_status status = NAX_OK;
  nax_rng *r = NULL;
  NAX_TRY_ALLOC(s->base_rate, s->o.units, sizeof *s->base_rate);
  for (nax_index i = 0; i < s->o.units; i++) {
    NAX_TRY(nax_i_sim_rng(ctx, s, NAX_I_SIM_NEURON, i, &r));
    s->base_rate[i] = s->base * exp(nax_rng_normal(r, 0.0, 0.5));
    nax_rng_free(r);
    r = NULL;
  }
done:
  nax_rng_free(r);
  return status;
}

/* Mark a share of the neurons, at least one, in random order in `order`. */
static nax_index
members(nax_rng *r, nax_index n, double share, nax_index *order)
{
  nax_index m = (nax_index)llround(share * (double)n);
  nax_rng_permutation(r, n, order);
  return m < 1 && share > 0.0 ? 1 : m;
}

static nax_status
add_event(nax_ctx *ctx, nax_i_sim *s, nax_index assembly, nax_index animal, double time,
          double gain)
{
  nax_status status = NAX_OK;
  if (s->n_events == s->cap_events) {
    nax_index cap = s->cap_events > 0 ? 2 * s->cap_events : 64;
    nax_i_sim_event *e = nax_i_realloc(s->event, (size_t)cap, sizeof *e);
    NAX_REQUIRE(e != NULL, NAX_ENOMEM, "out of memory");
    s->event = e;
    s->cap_events = cap;
  }
  s->event[s->n_events++] = (nax_i_sim_event){assembly, animal, time, gain};
done:
  return status;
}

/* A bump of height `gain` from `time` on: half a period of a raised cosine each way. */
static void
add_bump(const nax_i_sim *s, double *x, double time, double gain)
{
  double length = s->o.event_length;
  nax_index k = (nax_index)ceil(time * s->rate);
  for (; k < s->n_frames; k++) {
    double phase = ((double)k / s->rate - time) / length;
    if (phase >= 1.0) {
      break;
    }
    x[k] += gain * 0.5 * (1.0 - cos(2.0 * pi * phase));
  }
}

/* Events of an assembly in some animals (all of them, or one) between two times. */
static nax_status
plant_events(nax_ctx *ctx, nax_i_sim *s, nax_rng *r, nax_index a, nax_index from,
             nax_index to, const double *strength, double start, double stop)
{
  nax_status status = NAX_OK;
  for (double t = start; s->o.event_rate > 0.0;) {
    t += nax_rng_exponential(r, 1.0 / s->o.event_rate);
    if (t >= stop - s->o.event_length) {
      break;
    }
    double gain = 0.7 + 0.6 * nax_rng_uniform(r);
    for (nax_index v = from; v < to; v++) {
      if (strength[v] > 0.0) {
        NAX_TRY(add_event(ctx, s, a, v, t, gain * strength[v]));
        add_bump(s, s->activation + s->n_frames * (a + s->o.assemblies * v), t,
                 gain * strength[v]);
      }
    }
    t += s->o.event_length; /* one event at a time */
    NAX_TRY(nax_i_poll(ctx));
  }
done:
  return status;
}

/* Events of an assembly happen at the same times in all animals, as if a stimulus set
 * them off; how strongly differs between animals, and one in four does not respond. With
 * epochs, the members are those neurons of a random order of the epoch that no other
 * group of it has, and events happen within the epoch, in each animal at times of its
 * own. */
static nax_status
plant_assembly(nax_ctx *ctx, nax_i_sim *s, nax_index a, nax_index *order)
{
  nax_status status = NAX_OK;
  nax_rng *r = NULL, *who = NULL, *deal = NULL;
  double *strength = NULL;
  nax_index n = s->o.units, n_animals = s->o.animals, epochs = s->o.epochs, first = 0;
  double duration = (double)s->n_frames / s->rate;
  NAX_TRY(nax_i_sim_rng(ctx, s, NAX_I_SIM_MEMBERS, a, &who));
  NAX_TRY(nax_i_sim_rng(ctx, s, NAX_I_SIM_EVENTS, a, &r));
  NAX_TRY_ALLOC(strength, n_animals, sizeof *strength);
  nax_index m = members(who, n, s->o.member_share, order);
  if (epochs > 0) {
    NAX_TRY(
        nax_i_sim_rng(ctx, s, NAX_I_SIM_MEMBERS, s->o.assemblies + a % epochs, &deal));
    (void)members(deal, n, s->o.member_share, order);
    first = a / epochs * m;
  }
  nax_rng *response =
      epochs > 0 ? deal : who; /* animals respond to an epoch as a whole */
  for (nax_index k = 0; k < m; k++) {
    s->weight[order[first + k] + n * a] = 0.5 + 0.5 * nax_rng_uniform(who);
  }
  for (nax_index v = 0; v < n_animals; v++) {
    int deaf = n_animals > 1 && nax_rng_uniform(response) < 0.25;
    strength[v] = n_animals == 1 ? 1.0 : deaf ? 0.0 : 0.5 + nax_rng_uniform(response);
  }
  if (epochs > 0) {
    double each = duration / (double)epochs, start = each * (double)(a % epochs);
    for (nax_index v = 0; v < n_animals; v++) {
      NAX_TRY(plant_events(ctx, s, r, a, v, v + 1, strength, start, start + each));
    }
  } else {
    NAX_TRY(plant_events(ctx, s, r, a, 0, n_animals, strength, 0.0, duration));
  }
done:
  nax_i_free(strength);
  nax_rng_free(r);
  nax_rng_free(who);
  nax_rng_free(deal);
  return status;
}

static nax_status
plant_assemblies(nax_ctx *ctx, nax_i_sim *s)
{
  nax_status status = NAX_OK;
  nax_index *order = NULL, n = s->o.units, a = s->o.assemblies;
  nax_index dim[3] = {s->n_frames, a, s->o.animals}, size = 0;
  NAX_REQUIRE(nax_i_size_product(3, dim, sizeof(double), &size), NAX_EOVERFLOW,
              "activations of %lld frames do not fit memory addresses",
              (long long)s->n_frames);
  if (s->o.epochs > 0) {
    nax_index groups = (a + s->o.epochs - 1) / s->o.epochs;
    nax_index m = (nax_index)llround(s->o.member_share * (double)n);
    NAX_REQUIRE(
        groups * (m > 1 ? m : 1) <= n, NAX_EINVAL,
        "%lld groups of %lld neurons in one epoch, but there are only %lld neurons",
        (long long)groups, (long long)m, (long long)n);
  }
  NAX_TRY_ALLOC(s->weight, n * a, sizeof *s->weight);
  NAX_TRY_ALLOC(s->activation, size, sizeof *s->activation);
  NAX_TRY_ALLOC(order, n, sizeof *order);
  for (nax_index k = 0; k < a; k++) {
    NAX_TRY(plant_assembly(ctx, s, k, order));
  }
done:
  nax_i_free(order);
  return status;
}

/* --- conditions -------------------------------------------------------------------- */

static void
place_conditions(nax_i_sim *s, nax_rng *r)
{
  nax_index n = s->o.conditions;
  double mean[2] = {0.0, 0.0}, square = 0.0;
  for (nax_index c = 0; c < n; c++) {
    double *x = s->coord + 2 * c, part = (double)c / (double)n;
    double a = nax_rng_normal(r, 0.0, 1.0), b = nax_rng_normal(r, 0.0, 1.0);
    switch ((nax_simulate_geometry)s->o.geometry) {
    case NAX_SIMULATE_RING:
      x[0] = cos(2.0 * pi * part);
      x[1] = sin(2.0 * pi * part);
      break;
    case NAX_SIMULATE_LINE:
      x[0] = (double)c;
      break;
    case NAX_SIMULATE_GROUPS:
      x[0] = (c < n / 2 ? -1.0 : 1.0) + 0.15 * a;
      x[1] = 0.15 * b;
      break;
    case NAX_SIMULATE_SCATTER:
    case NAX_SIMULATE_GEOMETRY_FORCE_INT:
      x[0] = a;
      x[1] = b;
      break;
    }
    mean[0] += x[0] / (double)n;
    mean[1] += x[1] / (double)n;
  }
  for (nax_index c = 0; c < n; c++) { /* centred, mean square 1 */
    for (int d = 0; d < 2; d++) {
      s->coord[2 * c + d] -= mean[d];
      square += s->coord[2 * c + d] * s->coord[2 * c + d] / (double)n;
    }
  }
  for (nax_index k = 0; k < 2 * n && square > 0.0; k++) {
    s->coord[k] /= sqrt(square);
  }
}

/* The plane of the conditions, turned into the space of the neurons by two orthogonal
 * directions, so that distances between patterns are those of the plane. */
static nax_status
plant_patterns(nax_ctx *ctx, nax_i_sim *s)
{
  nax_status status = NAX_OK;
  nax_rng *r = NULL;
  double *v = NULL;
  nax_index n = s->o.units, m = s->o.conditions;
  NAX_TRY(nax_i_sim_rng(ctx, s, NAX_I_SIM_PATTERNS, 0, &r));
  NAX_TRY_ALLOC(s->coord, 2 * m, sizeof *s->coord);
  NAX_TRY_ALLOC(s->pattern, n * m, sizeof *s->pattern);
  NAX_TRY_ALLOC(v, 2 * n, sizeof *v);
  place_conditions(s, r);
  double norm[2] = {0.0, 0.0}, dot = 0.0;
  for (nax_index k = 0; k < 2 * n; k++) {
    v[k] = nax_rng_normal(r, 0.0, 1.0);
  }
  for (nax_index i = 0; i < n; i++) {
    norm[0] += v[i] * v[i];
    dot += v[i] * v[n + i];
  }
  for (nax_index i = 0; i < n; i++) {
    v[n + i] -= v[i] * dot / norm[0];
    norm[1] += v[n + i] * v[n + i];
  }
  double scale = s->o.pattern_gain * sqrt((double)n);
  for (nax_index c = 0; c < m; c++) {
    for (nax_index i = 0; i < n; i++) {
      for (int d = 0; d < 2; d++) {
        double unit = norm[d] > 0.0 ? v[n * d + i] / sqrt(norm[d]) : 0.0;
        s->pattern[i + n * c] += scale * unit * s->coord[2 * c + d];
      }
    }
  }
done:
  nax_i_free(v);
  nax_rng_free(r);
  return status;
}

/* --- tags -------------------------------------------------------------------------- */

static nax_status
parse_tags(nax_ctx *ctx, nax_i_sim *s)
{
  nax_status status = NAX_OK;
  for (const char *p = s->o.tags; p != NULL && *p != '\0';) {
    size_t m = strcspn(p, ",");
    double f = 0.0;
    NAX_REQUIRE(nax_i_parse_double(p, p + m, &f) && f > 0.0, NAX_EINVAL,
                "option `tags` takes frequencies such as 1,2,4, got \"%s\"", s->o.tags);
    NAX_REQUIRE(f < 0.5 * s->rate, NAX_EINVAL,
                "option `tags` has %g Hz, which is not below half the rate of %g Hz", f,
                s->rate);
    NAX_REQUIRE(s->n_tags < NAX_I_SIM_TAGS, NAX_EINVAL,
                "option `tags` has more than %d frequencies", (int)NAX_I_SIM_TAGS);
    s->tag[s->n_tags++] = f;
    p += m + (p[m] == ',');
  }
done:
  return status;
}

static nax_status
plant_tags(nax_ctx *ctx, nax_i_sim *s)
{
  nax_status status = NAX_OK;
  nax_rng *r = NULL;
  nax_index *order = NULL, n = s->o.units;
  NAX_TRY_ALLOC(s->tag_depth, n * s->n_tags, sizeof *s->tag_depth);
  NAX_TRY_ALLOC(s->tag_phase, n * s->n_tags, sizeof *s->tag_phase);
  NAX_TRY_ALLOC(order, n, sizeof *order);
  for (nax_index f = 0; f < s->n_tags; f++) {
    NAX_TRY(nax_i_sim_rng(ctx, s, NAX_I_SIM_MEMBERS, 1000000 + f, &r));
    nax_index m = members(r, n, s->o.tag_share, order);
    for (nax_index k = 0; k < m; k++) {
      nax_index at = order[k] + n * f;
      s->tag_depth[at] = s->o.tag_depth * (0.5 + nax_rng_uniform(r));
      s->tag_phase[at] = pi * (2.0 * nax_rng_uniform(r) - 1.0);
    }
    nax_rng_free(r);
    r = NULL;
  }
done:
  nax_i_free(order);
  nax_rng_free(r);
  return status;
}

/* --- all --------------------------------------------------------------------------- */

static nax_status
plant_frames(nax_ctx *ctx, nax_i_sim *s)
{
  nax_status status = NAX_OK;
  nax_rng *r = NULL;
  NAX_TRY(nax_i_sim_rng(ctx, s, NAX_I_SIM_FRAMES, 0, &r));
  NAX_TRY_ALLOC(s->lost, s->n_frames, 1);
  for (nax_index k = 0; k < s->n_frames && s->o.missing > 0.0; k++) {
    s->lost[k] = nax_rng_uniform(r) < s->o.missing;
  }
  if (s->o.raw) {
    nax_rng_free(r);
    r = NULL;
    NAX_TRY(nax_i_sim_rng(ctx, s, NAX_I_SIM_COMMON, 0, &r));
    NAX_TRY_ALLOC(s->common, s->n_frames, sizeof *s->common);
    NAX_TRY(nax_i_sim_smooth_noise(ctx, r, s->n_frames, s->rate, s->common));
  }
done:
  nax_rng_free(r);
  return status;
}

nax_status
nax_i_sim_plant(nax_ctx *ctx, nax_i_sim *s)
{
  nax_status status = NAX_OK;
  NAX_TRY(parse_tags(ctx, s));
  NAX_TRY(plant_trials(ctx, s));
  NAX_TRY(nax_i_poll(ctx));
  NAX_TRY(plant_rates(ctx, s));
  NAX_TRY(plant_assemblies(ctx, s));
  NAX_TRY(plant_patterns(ctx, s));
  NAX_TRY(plant_tags(ctx, s));
  NAX_TRY(nax_i_sim_plant_dynamics(ctx, s));
  NAX_TRY(plant_frames(ctx, s));
  NAX_TRY(nax_i_sim_plant_images(ctx, s));
done:
  return status;
}

void
nax_i_sim_free(nax_i_sim *s)
{
  nax_i_free(s->start);
  nax_i_free(s->stop);
  nax_i_free(s->condition);
  nax_i_free(s->trial_at);
  nax_i_free(s->weight);
  nax_i_free(s->activation);
  nax_i_free(s->event);
  nax_i_free(s->latent);
  nax_i_free(s->loading);
  nax_i_free(s->cluster);
  nax_i_free(s->path);
  nax_i_free(s->path_load);
  nax_i_free(s->state);
  nax_i_free(s->coord);
  nax_i_free(s->pattern);
  nax_i_free(s->tag_depth);
  nax_i_free(s->tag_phase);
  nax_i_free(s->base_rate);
  nax_i_free(s->common);
  nax_i_free(s->lost);
  nax_i_free(s->own);
  nax_i_free(s->angle);
  nax_i_free(s->zoom);
}
