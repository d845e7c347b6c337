/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole fits of the multi-modal model. */
#include "memory_test.h"
#include "gpvae/gpvae_i.h"

/* ---------------------------------------------------------------------------- fits */

/* Trials cut from a simulated recording, with the truth beside them. */
typedef struct recording {
  nax_dataset *d;
  nax_array *counts;
  nax_index n, *first, *length;
  nax_view *view[2];
  const double *latent, *own;
  nax_index frames;
} recording;

static recording
record(nax_simulate_opts o)
{
  recording r = {.n = o.trials};
  nax_bin_opts b = NAX_BIN_OPTS_INIT;
  o.kind = NAX_SIMULATE_SPIKES;
  o.rate = 30.0;
  o.assemblies = 0;
  o.latents = 2;
  o.latent_gain = 0.8;
  o.timescale = 1.0 / 3.0;
  o.gap = 0.2;
  assert_ok(nax_simulate(NULL, &o, &r.d));
  b.width = 1.0 / 30.0;
  b.t_start = 0.0;
  assert_ok(nax_spikes_bin(NULL, nax_dataset_spikes(r.d, "spikes"), &b, NULL, &r.counts));
  const nax_table *t = nax_dataset_table(r.d, "trials");
  const double *start = nax_table_numbers(t, nax_table_find(t, "start_time"));
  const double *stop = nax_table_numbers(t, nax_table_find(t, "stop_time"));
  const nax_array *x = nax_dataset_array(r.d, "images");
  nax_index pixels = o.images * o.images;
  r.frames = nax_array_dim(x, 2);
  r.latent = nax_array_data(nax_dataset_array(r.d, "truth_latents"));
  r.own = nax_array_data(nax_dataset_array(r.d, "truth_image_latent"));
  r.first = calloc((size_t)r.n, sizeof *r.first);
  r.length = calloc((size_t)r.n, sizeof *r.length);
  for (int arm = 0; arm < 2; arm++) {
    r.view[arm] = calloc((size_t)r.n, sizeof *r.view[arm]);
  }
  for (nax_index k = 0; k < r.n; k++) {
    nax_index lo = (nax_index)llround(30.0 * start[k]);
    nax_index n = (nax_index)llround(30.0 * stop[k]) - lo;
    r.first[k] = lo;
    r.length[k] = n;
    r.view[0][k] = nax_view_f64((const double *)nax_array_data(r.counts) + lo * o.units,
                                2, (nax_index[]){o.units, n});
    r.view[1][k] = nax_view_f32((const float *)nax_array_data(x) + lo * pixels, 2,
                                (nax_index[]){pixels, n});
  }
  return r;
}

static void
record_free(recording *r)
{
  nax_dataset_free(r->d);
  nax_array_free(r->counts);
  free(r->first);
  free(r->length);
  free(r->view[0]);
  free(r->view[1]);
}

static nax_gpvae_trials
both(const recording *r)
{
  return (nax_gpvae_trials){r->n, r->view[0], r->view[1]};
}

/* R2 of an affine regression of a truth (0 neural-only, 1 shared, 2
 * behaviour-only) on one latent, over the trials that were held out. */
static double
recovery(const recording *r, const nax_gpvae *m, const nax_gpvae_posterior *p, int latent,
         int truth)
{
  nax_gpvae_params par = nax_gpvae_get(m);
  nax_index q = par.n_neural + par.n_shared + par.n_behaviour;
  double n = 0.0, sx = 0.0, sy = 0.0, xx = 0.0, yy = 0.0, xy = 0.0;
  for (nax_index k = 0; k < r->n; k++) {
    if (!nax_gpvae_held_out(m, k)) {
      continue;
    }
    const double *mean = nax_gpvae_posterior_mean(p, k);
    for (nax_index j = 0; j < r->length[k]; j++) {
      nax_index at = r->first[k] + j;
      double x = mean[latent + q * j];
      double y = truth == 2 ? r->own[at] : r->latent[(1 - truth) + 2 * at];
      n += 1.0;
      sx += x;
      sy += y;
      xx += x * x;
      yy += y * y;
      xy += x * y;
    }
  }
  double cov = xy - sx * sy / n;
  return cov * cov / ((xx - sx * sx / n) * (yy - sy * sy / n));
}

static nax_simulate_opts
small_world(void)
{
  nax_simulate_opts o = NAX_SIMULATE_OPTS_INIT;
  o.seed = 4;
  o.firing_rate = 30.0;
  o.units = 40;
  o.trials = 40;
  o.trial_length = 1.0;
  o.trial_jitter = 0.2;
  o.images = 12;
  return o;
}

static nax_gpvae_opts
quick(void)
{
  nax_gpvae_opts o = NAX_GPVAE_OPTS_INIT;
  o.bin = 1.0 / 30.0;
  o.neural_layers = "30";
  o.behaviour_layers = "48,24";
  o.decoder_layers = "24,48";
  o.batch = 8;
  o.epochs = 15;
  o.neural_epochs = 20;
  o.share_epochs = 6;
  o.rate_behaviour = 3e-3;
  return o;
}

static void
planted_latents_are_found_in_a_small_recording(void **state)
{
  (void)state;
  recording r = record(small_world());
  nax_gpvae_opts o = quick();
  nax_gpvae_trials t = both(&r);
  for (int64_t components = 0; components <= 40; components += 40) {
    nax_gpvae *m = NULL;
    nax_gpvae_posterior *p = NULL;
    o.components = components;
    assert_ok(nax_gpvae_fit(NULL, &t, &o, &m));
    assert_ok(nax_gpvae_infer(NULL, m, &t, &p));
    double found[3];
    for (int l = 0; l < 3; l++) {
      found[l] = recovery(&r, m, p, l, l);
    }
    print_message("# R2: neural-only %.3f, shared %.3f, behaviour-only %.3f\n", found[0],
                  found[1], found[2]);
    assert_true(found[0] > 0.9 && found[1] > 0.9 && found[2] > 0.75);
    nax_gpvae_params par = nax_gpvae_get(m);
    assert_int_equal(par.n_features, 144);
    assert_true(par.relevance[1] > 2.0 * par.relevance[0]);
    nax_gpvae_posterior_free(p);
    nax_gpvae_free(m);
  }
  record_free(&r);
}

/* Neurons alone find a plane, and behaviour alone a latent or two: which direction of it
 * is the shared one only both can tell. */
static void
the_shared_latent_takes_both_modalities(void **state)
{
  (void)state;
  recording r = record(small_world());
  nax_gpvae_trials t = both(&r);
  double found[3] = {0.0, 0.0, 0.0};
  for (int given = 0; given < 3; given++) { /* neurons, behaviour, both */
    nax_gpvae_opts o = quick();
    nax_gpvae *m = NULL;
    nax_gpvae_posterior *p = NULL;
    nax_gpvae_trials some = {r.n, given == 1 ? NULL : t.neural,
                             given == 0 ? NULL : t.behaviour};
    o.n_neural = given == 0 ? 2 : given == 1 ? 0 : 1;
    o.n_shared = given == 2;
    o.n_behaviour = given == 0 ? 0 : given == 1 ? 2 : 1;
    assert_ok(nax_gpvae_fit(NULL, &some, &o, &m));
    assert_ok(nax_gpvae_infer(NULL, m, &some, &p));
    found[given] = given == 2 ? recovery(&r, m, p, 1, 1)
                              : fmax(recovery(&r, m, p, 0, 1), recovery(&r, m, p, 1, 1));
    nax_gpvae_posterior_free(p);
    nax_gpvae_free(m);
  }
  print_message("# R2 of the shared latent: of a fit to neurons %.3f, behaviour %.3f, "
                "both %.3f\n",
                found[0], found[1], found[2]);
  assert_true(found[2] > found[0] + 0.02 && found[2] > found[1] + 0.02);
  record_free(&r);
}

static void
behaviour_alone_tells_of_the_shared_latent(void **state)
{
  (void)state;
  nax_simulate_opts world = small_world();
  world.units = 10;
  recording r = record(world);
  nax_gpvae_opts o = quick();
  nax_gpvae_trials t = both(&r);
  double told[2];
  for (int alone = 0; alone < 2; alone++) { /* steps without the neurons, or none */
    nax_gpvae *m = NULL;
    double found[3];
    o.alone_every = alone;
    o.weight_behaviour = 0.0;
    assert_ok(nax_gpvae_fit(NULL, &t, &o, &m));
    for (int given = 0; given < 3; given++) { /* neurons, behaviour, both */
      nax_gpvae_posterior *p = NULL;
      nax_gpvae_trials some = {r.n, given == 1 ? NULL : t.neural,
                               given == 0 ? NULL : t.behaviour};
      assert_ok(nax_gpvae_infer(NULL, m, &some, &p));
      found[given] = recovery(&r, m, p, 1, 1);
      nax_gpvae_posterior_free(p);
    }
    print_message("# R2 of the shared latent: neurons %.3f, behaviour %.3f, both %.3f\n",
                  found[0], found[1], found[2]);
    assert_true(found[2] > found[0] - 0.005 && found[2] > found[1]);
    told[alone] = found[1];
    nax_gpvae_free(m);
  }
  assert_true(told[1] > told[0] + 0.1);
  record_free(&r);
}

/* R2 of angle and zoom, each on the better of two latents of a model of behaviour alone,
 * added. */
static double
told_by_behaviour(const recording *r, int prior)
{
  nax_gpvae_opts o = quick();
  nax_gpvae_trials t = {r->n, NULL, r->view[1]};
  nax_gpvae *m = NULL;
  nax_gpvae_posterior *p = NULL;
  o.prior = prior;
  o.behaviour_layers = "64,32";
  o.decoder_layers = "32,64";
  o.batch = 20;
  o.epochs = 60;
  o.patience = 0;
  assert_ok(nax_gpvae_fit(NULL, &t, &o, &m));
  assert_ok(nax_gpvae_infer(NULL, m, &t, &p));
  double sum = 0.0;
  for (int truth = 1; truth <= 2; truth++) {
    sum += fmax(recovery(r, m, p, 0, truth), recovery(r, m, p, 1, truth));
  }
  nax_gpvae_posterior_free(p);
  nax_gpvae_free(m);
  return sum;
}

static void
smooth_latents_tell_more_than_independent_bins(void **state)
{
  (void)state;
  nax_t_long();
  nax_simulate_opts world = small_world();
  world.trials = 60;
  world.trial_length = 2.0;
  world.trial_jitter = 0.0;
  world.images = 16;
  recording r = record(world);
  double smooth = told_by_behaviour(&r, NAX_GPVAE_SMOOTH);
  double white = told_by_behaviour(&r, NAX_GPVAE_WHITE);
  print_message("# R2 of angle and zoom: smooth %.3f, independent bins %.3f\n", smooth,
                white);
  assert_true(smooth > white + 0.1);
  record_free(&r);
}

static void
planted_latents_are_found_with_the_defaults(void **state)
{
  (void)state;
  nax_t_long();
  for (uint64_t seed = 5; seed <= 8; seed++) {
    nax_simulate_opts world = NAX_SIMULATE_OPTS_INIT;
    world.seed = seed;
    world.firing_rate = 30.0;
    world.units = 100;
    world.trials = 300;
    world.trial_length = 2.0;
    world.images = 36;
    recording r = record(world);
    nax_gpvae_opts o = NAX_GPVAE_OPTS_INIT;
    nax_gpvae_trials t = both(&r);
    nax_gpvae *m = NULL;
    nax_gpvae_posterior *p = NULL;
    o.bin = 1.0 / 30.0;
    assert_ok(nax_gpvae_fit(NULL, &t, &o, &m));
    assert_ok(nax_gpvae_infer(NULL, m, &t, &p));
    double found[3];
    for (int l = 0; l < 3; l++) {
      found[l] = recovery(&r, m, p, l, l);
    }
    print_message("# seed %d, R2: neural-only %.3f, shared %.3f, behaviour-only %.3f\n",
                  (int)seed, found[0], found[1], found[2]);
    assert_true(found[0] > 0.9 && found[1] > 0.95 && found[2] > 0.7);
    for (int l = 0; l < 2; l++) { /* the pace of what neurons show */
      assert_close(nax_gpvae_get(m).length[l], 1.0 / 3.0, 0.15, 0.0);
    }
    nax_gpvae_posterior_free(p);
    nax_gpvae_free(m);
    record_free(&r);
  }
}

/* The same number of bytes, and the same bytes. */
static void
assert_same_fit(const nax_gpvae *a, const nax_gpvae *b)
{
  const nax_i_gpvae_model *x = &a->model, *y = &b->model;
  assert_int_equal(x->net.n, y->net.n);
  assert_int_equal(x->n_small, y->n_small);
  assert_memory_equal(x->net.p, y->net.p, (size_t)x->net.n * sizeof(float));
  assert_memory_equal(x->small, y->small, (size_t)x->n_small * sizeof(double));
  assert_int_equal(a->n_trace, b->n_trace);
}

static nax_simulate_opts
tiny_world(void)
{
  nax_simulate_opts o = small_world();
  o.units = 8;
  o.trials = 8;
  o.trial_length = 0.4;
  o.images = 5;
  return o;
}

static nax_gpvae_opts
tiny(void)
{
  nax_gpvae_opts o = quick();
  o.neural_layers = "6";
  o.behaviour_layers = o.decoder_layers = "7";
  o.batch = 4;
  o.epochs = 3;
  o.neural_epochs = 4;
  o.share_epochs = 2;
  return o;
}

static void
any_number_of_threads_gives_the_same_bits(void **state)
{
  (void)state;
  recording r = record(tiny_world());
  nax_gpvae_opts o = tiny();
  nax_gpvae_trials t = both(&r);
  nax_gpvae *m[2] = {NULL, NULL};
  for (int i = 0; i < 2; i++) {
    nax_ctx *ctx = NULL;
    assert_ok(nax_ctx_create(&ctx));
    assert_ok(nax_ctx_set_threads(ctx, i + 1));
    assert_ok(nax_gpvae_fit(ctx, &t, &o, &m[i]));
    nax_ctx_free(ctx);
  }
  assert_same_fit(m[0], m[1]);
  nax_gpvae_free(m[0]);
  nax_gpvae_free(m[1]);
  record_free(&r);
}

static int
count(const nax_progress *p, void *user)
{
  int *n = user;
  *n += strcmp(p->stage, "gpvae/fit") == 0;
  return 0;
}

/* How often the whole fit looks whether to stop. */
static int
n_looks(const nax_gpvae_trials *t, const nax_gpvae_opts *o)
{
  nax_ctx *ctx = NULL;
  nax_gpvae *m = NULL;
  int n = 0;
  assert_ok(nax_ctx_create(&ctx));
  assert_ok(nax_ctx_set_threads(ctx, 1));
  nax_ctx_set_progress(ctx, count, &n, 0.0);
  assert_ok(nax_gpvae_fit(ctx, t, o, &m));
  nax_gpvae_free(m);
  nax_ctx_free(ctx);
  return n;
}

/* Stops the fit when it has looked as often as `left` says. */
static int
stop_soon(const nax_progress *p, void *user)
{
  int *left = user;
  return strcmp(p->stage, "gpvae/fit") == 0 && (*left)-- <= 0;
}

static void
stopped_fit_goes_on_from_its_checkpoint_to_the_same_bits(void **state)
{
  (void)state;
  recording r = record(tiny_world());
  nax_gpvae_opts o = tiny();
  nax_gpvae_trials t = both(&r);
  nax_gpvae *whole = NULL, *parts = NULL;
  int all = n_looks(&t, &o);
  assert_ok(nax_gpvae_fit(NULL, &t, &o, &whole));
  o.checkpoint = nax_t_tmp("state.nc");
  unlink(o.checkpoint);
  nax_status s = NAX_EINTERRUPT;
  int starts = 0;
  for (; s == NAX_EINTERRUPT && starts < 40; starts++) {
    nax_ctx *ctx = NULL;
    int left = all / 6;
    assert_ok(nax_ctx_create(&ctx));
    assert_ok(nax_ctx_set_threads(ctx, 1));
    nax_ctx_set_progress(ctx, stop_soon, &left, 0.0);
    s = nax_gpvae_fit(ctx, &t, &o, &parts);
    nax_ctx_free(ctx);
  }
  assert_int_equal(s, NAX_OK);
  assert_true(starts > 3);
  assert_same_fit(whole, parts);
  nax_gpvae_free(parts);
  o.seed++;
  assert_status(nax_gpvae_fit(NULL, &t, &o, &parts), NAX_EINVAL);
  assert_non_null(strstr(nax_ctx_error(NULL), "a fit with other options or data"));
  assert_null(parts);
  nax_gpvae_free(whole);
  record_free(&r);
}

static void
interrupted_fit_keeps_its_best_epoch_when_asked(void **state)
{
  (void)state;
  recording r = record(tiny_world());
  nax_gpvae_opts o = tiny();
  nax_gpvae_trials t = both(&r);
  nax_gpvae *m = NULL;
  int all = n_looks(&t, &o);
  o.keep_partial = 1;
  for (int early = 1; early >= 0; early--) {
    nax_ctx *ctx = NULL;
    int left = early ? 3 : all - all / 20; /* the last of the phases is under way */
    assert_ok(nax_ctx_create(&ctx));
    assert_ok(nax_ctx_set_threads(ctx, 1));
    nax_ctx_set_progress(ctx, stop_soon, &left, 0.0);
    nax_status s = nax_gpvae_fit(ctx, &t, &o, &m);
    nax_ctx_free(ctx);
    if (early) { /* there is no whole model yet */
      assert_int_equal(s, NAX_EINTERRUPT);
      assert_null(m);
    }
  }
  assert_non_null(m);
  assert_int_equal(nax_gpvae_stop(m), NAX_STOP_USER);
  assert_int_equal(nax_gpvae_get(m).n_features, 25);
  nax_gpvae_free(m);
  record_free(&r);
}

static void
either_modality_alone_is_enough(void **state)
{
  (void)state;
  recording r = record(tiny_world());
  nax_gpvae_opts o = tiny();
  for (int arm = 0; arm < 2; arm++) {
    nax_gpvae_trials t = {r.n, arm == 0 ? r.view[0] : NULL, arm == 1 ? r.view[1] : NULL};
    nax_gpvae *m = NULL;
    nax_gpvae_posterior *p = NULL;
    double out[64 * 64];
    assert_ok(nax_gpvae_fit(NULL, &t, &o, &m));
    nax_gpvae_params par = nax_gpvae_get(m);
    assert_int_equal(par.n_neurons, arm == 0 ? 8 : 0);
    assert_int_equal(par.n_features, arm == 0 ? 0 : 25);
    assert_int_equal(par.n_neural + par.n_shared + par.n_behaviour, 2);
    /* the divergence counts for more from epoch to epoch */
    nax_table *trace = NULL;
    const double *c[4];
    static const char *const name[4] = {"objective", "kl", "neural", "behaviour"};
    assert_ok(nax_gpvae_trace(NULL, m, &trace));
    for (int i = 0; i < 4; i++) {
      c[i] = nax_table_numbers(trace, nax_table_find(trace, name[i]));
    }
    for (int e = 0; e < 3; e++) {
      assert_close(c[0][e], (e + 1) / 6.0 * c[1][e] + c[2][e] + c[3][e], 1e-12, 0.0);
    }
    nax_table_free(trace);
    assert_ok(nax_gpvae_infer(NULL, m, &t, &p));
    assert_true(isfinite(nax_gpvae_posterior_bound(p, 0)));
    assert_ok(
        nax_gpvae_predict(NULL, m, p, 0, arm == 0 ? out : NULL, arm == 1 ? out : NULL));
    assert_true(isfinite(out[0]));
    assert_status(
        nax_gpvae_predict(NULL, m, p, 0, arm == 1 ? out : NULL, arm == 0 ? out : NULL),
        NAX_EINVAL);
    nax_gpvae_posterior_free(p);
    nax_gpvae_free(m);
  }
  record_free(&r);
}

/* Neurons alone with Gaussian noise: the bound stays below the likelihood of GPFA with
 * the same parameters, and comes near it, since a potential per bin can tell its
 * posterior exactly. */
static void
neurons_alone_with_gaussian_noise_are_gpfa(void **state)
{
  (void)state;
  enum { N = 12, Q = 2, TRIALS = 30, T = 24 };
  double c[N * Q], d[N], v[N], tau[Q] = {0.08, 0.14}, noise[Q] = {1e-6, 1e-6};
  double y[N * T * TRIALS], ll = 0.0, bound = 0.0;
  nax_index length[TRIALS];
  nax_view view[TRIALS];
  nax_gpfa_opts go = NAX_GPFA_OPTS_INIT;
  nax_gpvae_opts o = quick();
  nax_gpfa *truth = NULL, *same = NULL;
  nax_gpfa_posterior *exact = NULL;
  nax_gpvae *m = NULL;
  nax_gpvae_posterior *p = NULL;
  uint64_t seed = 21;
  for (int i = 0; i < N * Q; i++) {
    c[i] = 2.0 * nax_t_uniform(&seed) - 1.0;
    d[i % N] = 1.0 + i % N;
    v[i % N] = 0.3 + 0.5 * nax_t_uniform(&seed);
  }
  for (nax_index k = 0, at = 0; k < TRIALS; at += N * length[k], k++) {
    length[k] = T - k % 5;
    view[k] = nax_view_f64(y + at, 2, (nax_index[]){N, length[k]});
  }
  nax_gpfa_params par = {sizeof par, N, Q, c, d, v, tau, noise};
  assert_ok(nax_gpfa_create(NULL, &par, &go, &truth));
  assert_ok(nax_gpfa_sample(NULL, truth, TRIALS, length, 5, NULL, y));
  nax_gpvae_trials t = {TRIALS, view, NULL};
  o.bin = go.bin;
  o.likelihood = NAX_GPVAE_GAUSSIAN;
  o.batch = 5;
  o.epochs = 80;
  o.patience = 0;
  assert_ok(nax_gpvae_fit(NULL, &t, &o, &m));
  assert_ok(nax_gpvae_infer(NULL, m, &t, &p));
  nax_gpvae_params got = nax_gpvae_get(m);
  assert_int_equal(got.n_neural + got.n_shared, Q);
  nax_gpfa_params as = {sizeof as, N, Q, got.w, got.d, got.noise, got.length, noise};
  assert_ok(nax_gpfa_create(NULL, &as, &go, &same));
  assert_ok(nax_gpfa_infer(NULL, same, TRIALS, view, NULL, &exact));
  ll = nax_gpfa_posterior_loglik(exact);
  for (nax_index k = 0; k < TRIALS; k++) {
    bound += nax_gpvae_posterior_bound(p, k);
  }
  print_message("# per trial: bound %.3f, log likelihood %.3f\n", bound / TRIALS,
                ll / TRIALS);
  assert_true(bound < ll + 0.01 * TRIALS && bound > ll - 1.0 * TRIALS);
  nax_gpfa_posterior_free(exact);
  nax_gpfa_free(truth);
  nax_gpfa_free(same);
  nax_gpvae_posterior_free(p);
  nax_gpvae_free(m);
}

static void
missing_values_and_trials_are_left_out(void **state)
{
  (void)state;
  recording r = record(tiny_world());
  nax_gpvae_opts o = tiny();
  o.hold_out = 0.0;
  nax_gpvae_trials t = both(&r);
  nax_gpvae *m = NULL;
  nax_gpvae_posterior *p = NULL;
  r.view[0][1].data = NULL; /* trials with one modality each */
  r.view[1][2].data = NULL;
  double y[8 * 64];
  for (nax_index i = 0; i < 8 * r.length[3]; i++) {
    y[i] = i % 8 == 2 || i / 8 == 4 ? (double)NAN : (double)(i % 3);
  }
  r.view[0][3] = nax_view_f64(y, 2, (nax_index[]){8, r.length[3]});
  double x[25 * 64]; /* a frame missing, and one in part */
  for (nax_index i = 0; i < 25 * r.length[4]; i++) {
    x[i] = i / 25 == 2 || i == 25 * 5 + 3 ? (double)NAN : (double)(i % 7);
  }
  r.view[1][4] = nax_view_f64(x, 2, (nax_index[]){25, r.length[4]});
  for (o.components = 0; o.components <= 6; o.components += 6) {
    assert_ok(nax_gpvae_fit(NULL, &t, &o, &m));
    assert_ok(nax_gpvae_infer(NULL, m, &t, &p));
    for (nax_index k = 0; k < r.n; k++) {
      for (nax_index i = 0; i < 3 * r.length[k]; i++) {
        assert_true(isfinite(nax_gpvae_posterior_mean(p, k)[i]));
        assert_true(nax_gpvae_posterior_sd(p, k)[i] > 0.0);
      }
      assert_true(isfinite(nax_gpvae_posterior_bound(p, k)));
    }
    double told[25 * 64];
    assert_ok(nax_gpvae_predict(NULL, m, p, 4, NULL, told));
    for (nax_index i = 0; i < 25 * r.length[4]; i++) {
      assert_true(isfinite(told[i]));
    }
    nax_gpvae_posterior_free(p);
    nax_gpvae_free(m);
  }
  record_free(&r);
}

static void
odd_data_give_finite_results(void **state)
{
  (void)state;
  for (int c = 0; c < 4; c++) { /* features or components, counts or not */
    recording r = record(tiny_world());
    nax_gpvae_opts o = tiny();
    nax_gpvae_trials t = both(&r);
    nax_gpvae *m = NULL;
    nax_gpvae_posterior *p = NULL;
    double y[8 * 64], nothing[25 * 64];
    nax_index bins = nax_array_dim(r.counts, 1);
    double *counts = nax_array_data_mut(r.counts);
    for (nax_index j = 0; j < bins; j++) { /* a silent neuron, and one twice */
      counts[3 + 8 * j] = 0.0;
      counts[5 + 8 * j] = counts[4 + 8 * j];
    }
    for (nax_index i = 0; i < 25 * 64; i++) {
      nothing[i] = (double)NAN;
    }
    /* a trial without any value, one of a bin, one of fewer bins than latents */
    r.view[0][2] = nax_view_f64(nothing, 2, (nax_index[]){8, r.length[2]});
    r.view[1][2] = nax_view_f64(nothing, 2, (nax_index[]){25, r.length[2]});
    for (nax_index k = 4; k < 6; k++) {
      r.length[k] = k - 3;
      r.view[0][k].dim[1] = r.view[1][k].dim[1] = k - 3;
    }
    memset(y, 0, sizeof y); /* and one in which nobody fires */
    r.view[0][6] = nax_view_f64(y, 2, (nax_index[]){8, r.length[6]});
    o.hold_out = 0.0;
    o.components = c % 2 ? 6 : 0;
    o.likelihood = c / 2 ? NAX_GPVAE_GAUSSIAN : NAX_GPVAE_POISSON;
    assert_ok(nax_gpvae_fit(NULL, &t, &o, &m));
    assert_ok(nax_gpvae_infer(NULL, m, &t, &p));
    for (nax_index k = 0; k < r.n; k++) {
      assert_true(isfinite(nax_gpvae_posterior_bound(p, k)));
      for (nax_index i = 0; i < 3 * r.length[k]; i++) {
        assert_true(isfinite(nax_gpvae_posterior_mean(p, k)[i]));
        assert_true(isfinite(nax_gpvae_posterior_sd(p, k)[i]));
      }
    }
    nax_gpvae_params par = nax_gpvae_get(m);
    for (nax_index i = 0; i < 8 * 2; i++) {
      assert_true(isfinite(par.w[i]) && isfinite(par.d[i % 8]));
    }
    nax_gpvae_posterior_free(p);
    nax_gpvae_free(m);
    record_free(&r);
  }
}

static void
every_kind_of_model_gives_numbers(void **state)
{
  (void)state;
  nax_simulate_opts world = tiny_world();
  world.trial_jitter = 0.0;
  recording r = record(world);
  nax_gpvae_trials t = both(&r);
  for (int c = 0; c < 7; c++) {
    nax_gpvae_opts o = tiny();
    nax_gpvae *m = NULL;
    nax_gpvae_posterior *p = NULL;
    nax_dataset *d = NULL;
    o.likelihood = c == 0   ? NAX_GPVAE_GAUSSIAN
                   : c == 1 ? NAX_GPVAE_NEGATIVE_BINOMIAL
                            : NAX_GPVAE_POISSON;
    o.encoder = c == 2 || c == 3 ? NAX_GPVAE_FOURIER : NAX_GPVAE_POTENTIAL;
    o.objective = c == 3 ? NAX_GPVAE_RELEASED : NAX_GPVAE_ELBO;
    o.prior = c == 4 ? NAX_GPVAE_WHITE : NAX_GPVAE_SMOOTH;
    o.start = c == 5 ? NAX_GPVAE_RANDOM : c == 6 ? NAX_GPVAE_GPFA : NAX_GPVAE_ROTATE;
    o.activation = c == 5 ? NAX_GPVAE_RELU : c == 6 ? NAX_GPVAE_TANH : NAX_GPVAE_ELU;
    o.scale = c == 5 ? NAX_GPVAE_SCALE_EACH : NAX_GPVAE_SCALE_ALL;
    assert_ok(nax_gpvae_fit(NULL, &t, &o, &m));
    assert_ok(nax_gpvae_infer(NULL, m, &t, &p));
    for (nax_index k = 0; k < r.n; k++) {
      assert_true(isfinite(nax_gpvae_posterior_bound(p, k)));
    }
    assert_ok(nax_gpvae_dataset(NULL, m, p, NULL, &d));
    assert_non_null(nax_dataset_array(d, "latents"));
    assert_int_equal(nax_dataset_array(d, "length_scales") != NULL, c != 4);
    nax_dataset_free(d);
    nax_gpvae_posterior_free(p);
    nax_gpvae_free(m);
  }
  record_free(&r);
}

static void
what_cannot_be_fitted_is_said(void **state)
{
  (void)state;
  recording r = record(tiny_world());
  nax_gpvae_opts o = tiny();
  nax_gpvae_trials t = both(&r);
  nax_gpvae *m = NULL;
  double y[8 * 64] = {0.0};
  nax_view good = r.view[0][1];
  r.view[0][1] = nax_view_f64(y, 2, (nax_index[]){8, r.length[1]});
  y[8 * 2 + 3] = -1.0;
  assert_error(nax_gpvae_fit(NULL, &t, &o, &m), NAX_EDATA,
               "nax_gpvae_fit: `neural` of trial 1 is -1 at row 3, bin 2, expected a "
               "count");
  y[8 * 2 + 3] = INFINITY;
  assert_status(nax_gpvae_fit(NULL, &t, &o, &m), NAX_EDATA);
  r.view[0][1] = nax_view_f64(y, 2, (nax_index[]){7, r.length[1]});
  assert_error(nax_gpvae_fit(NULL, &t, &o, &m), NAX_EDIM,
               "nax_gpvae_fit: `neural` of trial 1 has 7 rows, expected 8");
  r.view[0][1] = good;
  o.n_neural = 8;
  assert_error(nax_gpvae_fit(NULL, &t, &o, &m), NAX_EINVAL,
               "nax_gpvae_fit: 9 neural and shared latents are more than the 8 neurons");
  o = tiny();
  o.objective = NAX_GPVAE_RELEASED;
  assert_status(nax_gpvae_fit(NULL, &t, &o, &m), NAX_EINVAL);
  o = tiny();
  o.encoder = NAX_GPVAE_FOURIER;
  assert_status(nax_gpvae_fit(NULL, &t, &o, &m), NAX_EDIM);
  o = tiny();
  o.behaviour_layers = "7,,x";
  assert_error(nax_gpvae_fit(NULL, &t, &o, &m), NAX_EINVAL,
               "nax_gpvae_fit: option `behaviour-layers` takes at most 11 "
               "widths such as "
               "80,40, got \"7,,x\"");
  assert_null(m);
  record_free(&r);
}

static void
bound_that_is_no_number_is_taken_back_or_told(void **state)
{
  (void)state;
  recording r = record(tiny_world());
  nax_gpvae_opts o = tiny();
  nax_gpvae_trials t = both(&r);
  nax_gpvae *m = NULL;
  nax_table *trace = NULL;
  o.clip = 0.0; /* steps of such a size that exp overflows in single precision */
  o.rate_behaviour = 1.0;
  o.start = NAX_GPVAE_RANDOM;
  o.activation = NAX_GPVAE_RELU;
  o.behaviour_layers = o.decoder_layers = "100,100,100,100,100,100,100,100,100,100";
  o.epochs = 4;
  assert_ok(nax_gpvae_fit(NULL, &t, &o, &m));
  assert_ok(nax_gpvae_trace(NULL, m, &trace));
  const double *step = nax_table_numbers(trace, nax_table_find(trace, "step"));
  const double *value = nax_table_numbers(trace, nax_table_find(trace, "objective"));
  double least = 1.0;
  for (nax_index i = 0; i < nax_table_n_rows(trace); i++) {
    least = fmin(least, step[i]);
    assert_true(isfinite(value[i]));
  }
  assert_true(least < 1.0);
  nax_table_free(trace);
  nax_gpvae_free(m);
  float *huge = calloc(25 * 64, sizeof *huge);
  for (int i = 0; i < 25 * 64; i++) {
    huge[i] = i % 2 ? 3e38f : -3e38f;
  }
  for (nax_index k = 0; k < r.n; k++) {
    r.view[1][k] = nax_view_f32(huge, 2, (nax_index[]){25, r.length[k]});
  }
  o = tiny();
  o.scale = NAX_GPVAE_SCALE_NONE;
  assert_status(nax_gpvae_fit(NULL, &t, &o, &m), NAX_ENUMERIC);
  assert_non_null(strstr(nax_ctx_error(NULL), "the objective is not finite in epoch"));
  assert_null(m);
  free(huge);
  record_free(&r);
}

typedef struct whole_fit {
  nax_gpvae_trials t;
  nax_gpvae_opts o;
} whole_fit;

static nax_status
run_fit(void *arg)
{
  const whole_fit *f = arg;
  nax_gpvae *m;
  nax_status s = nax_gpvae_fit(NULL, &f->t, &f->o, &m);
  nax_gpvae_free(m);
  return s;
}

static void
memory_is_as_predicted(void **state)
{
  (void)state;
  enum { NEURONS = 20, FEATURES = 1000, BINS = 100, TRIALS = 30 };
  nax_t_memory_is_ours();
  double *y = calloc(NEURONS * BINS, sizeof *y);
  float *x = calloc((size_t)FEATURES * BINS * TRIALS, sizeof *x);
  nax_view view[2][TRIALS];
  uint64_t seed = 6;
  for (int i = 0; i < NEURONS * BINS; i++) {
    y[i] = floor(4.0 * nax_t_uniform(&seed));
  }
  for (int i = 0; i < FEATURES * BINS * TRIALS; i++) {
    x[i] = (float)nax_t_uniform(&seed);
  }
  for (int k = 0; k < TRIALS; k++) {
    view[0][k] = nax_view_f64(y, 2, (nax_index[]){NEURONS, BINS});
    view[1][k] = nax_view_f32(x + FEATURES * BINS * k, 2, (nax_index[]){FEATURES, BINS});
  }
  for (int c = 0; c < 3; c++) { /* wide networks, long batches, components */
    whole_fit f = {{TRIALS, view[0], view[1]}, NAX_GPVAE_OPTS_INIT};
    size_t predicted;
    f.o.components = c == 2 ? 200 : 0;
    f.o.behaviour_layers = c == 0 ? "1500,1000" : c == 1 ? "800" : "1500,800";
    f.o.decoder_layers = c == 0 ? "1000,1500" : c == 1 ? "800" : "800,1500";
    f.o.batch = c == 1 ? TRIALS : 2;
    f.o.epochs = 1;
    f.o.start = NAX_GPVAE_RANDOM;
    f.t.n_trials = c == 1 ? TRIALS : 6;
    assert_ok(nax_gpvae_memory(NULL, &f.t, &f.o, &predicted));
    double grown = nax_t_growth(run_fit, &f);
    print_message("# predicted %.1f MB, grew by %.1f MB\n", 1e-6 * (double)predicted,
                  1e-6 * grown);
    assert_true((double)predicted > 0.75 * grown && (double)predicted < 1.25 * grown);
  }
  free(y);
  free(x);
}

static void
every_allocation_may_fail(void **state)
{
  (void)state;
  nax_simulate_opts world = tiny_world();
  world.trials = 3;
  world.units = 3;
  world.images = 2;
  world.trial_length = 0.2;
  recording r = record(world);
  nax_gpvae_opts o = tiny();
  o.batch = 3;
  o.epochs = o.neural_epochs = o.share_epochs = 1;
  o.neural_layers = o.behaviour_layers = o.decoder_layers = "2";
  nax_gpvae_trials t = both(&r);
  nax_gpvae *m = NULL;
  nax_gpvae_posterior *p = NULL;
  nax_dataset *d = NULL;
  /* a fit allocates some thousand times: all of the first, then ever fewer */
  nax_status status = NAX_ENOMEM;
  for (long k = 0; status != NAX_OK; k += 1 + k / 50) {
    nax_i_alloc_fail_at = k;
    status = nax_gpvae_fit(NULL, &t, &o, &m);
    long left = nax_i_alloc_fail_at;
    nax_i_alloc_fail_at = -1;
    if (status == NAX_OK) {
      assert_true(left >= 0);
    } else {
      assert_int_equal(status, NAX_ENOMEM);
      assert_null(m);
    }
  }
  NAX_T_SWEEP_ALLOC(nax_gpvae_infer(NULL, m, &t, &p), p, (void)0, 5000);
  NAX_T_SWEEP_ALLOC(nax_gpvae_dataset(NULL, m, p, NULL, &d), d, nax_dataset_free(d), 900);
  nax_gpvae_posterior_free(p);
  nax_gpvae_free(m);
  record_free(&r);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(planted_latents_are_found_in_a_small_recording),
      cmocka_unit_test(the_shared_latent_takes_both_modalities),
      cmocka_unit_test(behaviour_alone_tells_of_the_shared_latent),
      cmocka_unit_test(smooth_latents_tell_more_than_independent_bins),
      cmocka_unit_test(planted_latents_are_found_with_the_defaults),
      cmocka_unit_test(any_number_of_threads_gives_the_same_bits),
      cmocka_unit_test(stopped_fit_goes_on_from_its_checkpoint_to_the_same_bits),
      cmocka_unit_test(interrupted_fit_keeps_its_best_epoch_when_asked),
      cmocka_unit_test(either_modality_alone_is_enough),
      cmocka_unit_test(neurons_alone_with_gaussian_noise_are_gpfa),
      cmocka_unit_test(missing_values_and_trials_are_left_out),
      cmocka_unit_test(odd_data_give_finite_results),
      cmocka_unit_test(every_kind_of_model_gives_numbers),
      cmocka_unit_test(what_cannot_be_fitted_is_said),
      cmocka_unit_test(bound_that_is_no_number_is_taken_back_or_told),
      cmocka_unit_test(memory_is_as_predicted),
      cmocka_unit_test(every_allocation_may_fail),
  };
  return cmocka_run_group_tests_name("gpvae_fit", tests, nax_t_tmp_setup,
                                     nax_t_tmp_teardown);
}
