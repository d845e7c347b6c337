/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nax_test.h"
#include "gpvae/gpvae_i.h"

/* ------------------------------------------------------------------- reference */

/* Values of loss and gradients by automatic differentiation in another language. */
enum { K = 3, T = 10, N = 7, P = 9, Q = 3, F = 6 };

static const double *
numbers(const nax_dataset *d, const char *name)
{
  const nax_array *a = nax_dataset_array(d, name);
  if (a == NULL) {
    fail_msg("the reference has no `%s`", name);
  }
  assert_int_equal(nax_array_dtype(a), NAX_F64);
  return nax_array_data(a);
}

/* Index in our order (first fastest) of element (i, j, k) of a K x n x m array. */
static nax_index
at3(nax_index i, nax_index j, nax_index k, nax_index n)
{
  return i + K * (j + n * k);
}

/* A layer of the reference: W is out x in. Compared (or set) as in x out; `turned`: its
 * outputs stand the other way round. */
typedef void (*each)(double *ours, double theirs, const char *name);

static void
take(double *ours, double theirs, const char *name)
{
  (void)name;
  *ours = theirs;
}

static void
compare(double *ours, double theirs, const char *name)
{
  if (!nax_t_close(*ours, theirs, 1e-10, 1e-9)) {
    fail_msg("gradient of %s is %.17g, expected %.17g", name, *ours, theirs);
  }
}

static void
walk_layer(const nax_dataset *d, const char *prefix, const char *name, nax_index in,
           nax_index out, int turned, double *w, double *b, each fn)
{
  char full[64];
  snprintf(full, sizeof full, "%s_%s.W", prefix, name);
  const double *rw = numbers(d, full);
  for (nax_index o = 0; o < out; o++) {
    nax_index theirs = turned ? out - 1 - o : o;
    for (nax_index i = 0; i < in; i++) {
      fn(&w[i + in * o], rw[theirs + out * i], full);
    }
  }
  snprintf(full, sizeof full, "%s_%s.b", prefix, name);
  const double *rb = b != NULL ? numbers(d, full) : NULL;
  for (nax_index o = 0; o < out && b != NULL; o++) {
    fn(&b[o], rb[turned ? out - 1 - o : o], full);
  }
}

/* Every parameter of the model against the reference's, in `net` and `small`. */
static void
walk(nax_i_gpvae_model *m, const nax_dataset *d, const char *prefix, double *net,
     double *small, each fn)
{
  static const char *const name[3][6] = {{"ne0", "ne1", "ne2", "nem", "nes"},
                                         {"be0", "be1", "be2", "be3", "bem", "bes"},
                                         {"bd0", "bd1", "bd2", "bd3", "bd4"}};
  char full[64];
  for (int k = 0; k < 3; k++) {
    for (int i = 0; i < m->mlp[k].n; i++) {
      const nax_i_layer *l = &m->mlp[k].layer[i];
      if (k < 2 && i == m->mlp[k].n - 1) { /* two heads are one layer of ours */
        nax_index half = l->out / 2;
        walk_layer(d, prefix, name[k][i], l->in, half, k == 1, net + l->w, net + l->b,
                   fn);
        walk_layer(d, prefix, name[k][i + 1], l->in, half, k == 1,
                   net + l->w + l->in * half, net + l->b + half, fn);
      } else {
        walk_layer(d, prefix, name[k][i], l->in, l->out, 0, net + l->w, net + l->b, fn);
      }
    }
  }
  for (int arm = 0; arm < 2; arm++) {
    double *map = small + m->at_map[arm];
    walk_layer(d, prefix, arm == 0 ? "nfm" : "bfm", T, F, 0, map, map + T * F, fn);
    walk_layer(d, prefix, arm == 0 ? "nfs" : "bfs", T, F, 0, map + T * F + F, NULL, fn);
  }
  snprintf(full, sizeof full, "%s_nd.W", prefix);
  for (nax_index i = 0; i < N * 2; i++) {
    fn(&small[m->at_w + i], numbers(d, full)[i], full);
  }
  snprintf(full, sizeof full, "%s_nd.b", prefix);
  for (nax_index i = 0; i < N; i++) {
    fn(&small[m->at_d + i], numbers(d, full)[i], full);
  }
}

static nax_i_gpvae_shape
reference_shape(int objective)
{
  return (nax_i_gpvae_shape){
      .n_neurons = N,
      .n_features = P,
      .q = Q,
      .q_neural = 2,
      .dec_from = 1,
      .enc_from = 1,
      .t_max = T,
      .likelihood = NAX_GPVAE_POISSON,
      .encoder = NAX_GPVAE_FOURIER,
      .objective = objective,
      .activation = NAX_GPVAE_ELU,
      .out_act = NAX_GPVAE_ELU,
      .n_hidden = {3, 4, 4},
      .hidden = {{6, 5, 4}, {8, 6, 5, 5}, {5, 5, 6, 8}},
  };
}

/* `value`: likelihood of the neurons, of behaviour, and the whole per trial. */
static void
matches_reference(int objective, const char *mode, const double value[3])
{
  nax_dataset *d = NULL;
  nax_i_basis basis;
  nax_i_gpvae_model m;
  nax_i_gpvae_work *w = NULL;
  char name[64];
  assert_ok(nax_dataset_load(NULL, nax_t_shared("ref/gpfa/mmgpvae_small.npz"), NULL, &d));
  assert_ok(nax_i_basis_init(NULL, T, 12.0, 3, 1, &basis));
  basis.jitter = 1e-2;
  assert_int_equal(basis.f, F);
  assert_all_close(basis.b, numbers(d, "Bf"), F * T, 1e-13, 1e-15);
  nax_i_gpvae_shape s = reference_shape(objective);
  assert_ok(nax_i_gpvae_model_init(NULL, &s, &basis, 1, &m));
  walk(&m, d, "par", m.net.p, m.small, take);
  for (nax_index l = 0; l < Q; l++) {
    m.small[m.at_len + l] = log(4.0);
  }
  m.small[m.at_v] = log(0.7);
  double y[N * K * T], x[P * K * T], noise[F * Q * K];
  unsigned char has[K * T];
  nax_index first[K + 1] = {0, T, 2 * T, 3 * T};
  uint64_t stream[K] = {0, 1, 2};
  const double *ry = numbers(d, "Y"), *rx = numbers(d, "Ximg"), *re = numbers(d, "eps");
  memset(has, 1, sizeof has);
  for (nax_index k = 0; k < K; k++) {
    for (nax_index t = 0; t < T; t++) {
      for (nax_index i = 0; i < N; i++) {
        y[i + N * (t + T * k)] = ry[at3(k, t, i, T)];
      }
      for (nax_index i = 0; i < P; i++) {
        x[i + P * (t + T * k)] = rx[at3(k, t, i, T)];
      }
    }
    for (nax_index f = 0; f < F; f++) {
      for (nax_index l = 0; l < Q; l++) {
        noise[f + F * (l + Q * k)] = re[at3(k, f, l, F)];
      }
    }
  }
  nax_i_gpvae_batch b = {.n = K,
                         .cols = K * T,
                         .room = K * T,
                         .most = K,
                         .first = first,
                         .y = y,
                         .yin = y,
                         .x = x,
                         .has = {has, has},
                         .stream = stream};
  nax_i_gpvae_how how = {
      .beta = 1.0, .weight = {1.0, 1.0}, .gradient = 1, .noise = noise};
  nax_i_gpvae_terms terms;
  assert_ok(nax_i_gpvae_work_new(NULL, &m, K * T, K, &w));
  assert_ok(nax_i_gpvae_objective(NULL, &m, &b, &how, w, &terms));
  assert_close(terms.neural, value[0], 1e-12, 0.0);
  assert_close(terms.behaviour, value[1], 1e-12, 0.0);
  assert_close(terms.total / K, value[2], 1e-12, 0.0);
  snprintf(name, sizeof name, "%s_grad", mode);
  walk(&m, d, name, m.net.g, m.small_g, compare);
  double dlen = 0.0, dv = m.small_g[m.at_v] / 0.7;
  for (nax_index l = 0; l < Q; l++) { /* theirs is one length for all, and not its log */
    dlen += m.small_g[m.at_len + l] / 4.0;
  }
  snprintf(name, sizeof name, "%s_grad_len", mode);
  compare(&dlen, numbers(d, name)[0], name);
  snprintf(name, sizeof name, "%s_grad_vy", mode);
  compare(&dv, numbers(d, name)[0], name);
  nax_i_gpvae_work_free(w);
  nax_i_gpvae_model_free(&m);
  nax_i_basis_free(&basis);
  nax_dataset_free(d);
}

static void
bound_and_every_gradient_are_those_of_the_reference(void **state)
{
  (void)state;
  matches_reference(NAX_GPVAE_ELBO, "elbo",
                    (double[]){419.5449086362959, 398.59022466609804, 950.3042493040831});
}

static void
released_objective_and_every_gradient_are_those_of_the_reference(void **state)
{
  (void)state;
  matches_reference(NAX_GPVAE_RELEASED, "released",
                    (double[]){403.3782793811088, 150.4768207008364, 789.2423197124668});
}

/* ----------------------------------------------------------------------- basis */

static void
basis_of_a_whole_circle_is_orthonormal(void **state)
{
  (void)state;
  for (nax_index n = 7; n <= 8; n++) { /* odd, and even with the frequency at its end */
    nax_i_basis b;
    assert_ok(nax_i_basis_init(NULL, n, (double)n, n / 2, 0, &b));
    assert_int_equal(b.f, n);
    for (nax_index i = 0; i < n; i++) {
      for (nax_index k = 0; k < n; k++) {
        double dot = 0.0;
        for (nax_index t = 0; t < n; t++) {
          dot += b.b[i + t * n] * b.b[k + t * n];
        }
        assert_close(dot, i == k ? 1.0 : 0.0, 0.0, 1e-12);
      }
    }
    nax_i_basis_free(&b);
  }
}

static void
padding_gives_the_covariance_of_the_process(void **state)
{
  (void)state;
  static const struct {
    double circle, worst;
  } padding[2] = {{60.0 + 40.0, 3e-4}, {60.0 + 80.0, 1e-7}};
  for (int k = 0; k < 2; k++) {
    nax_i_basis b;
    double c[200], worst = 0.0;
    nax_index top = nax_i_basis_top(padding[k].circle, 5.0, 1e10);
    assert_ok(nax_i_basis_init(NULL, 60, padding[k].circle, top, 0, &b));
    nax_i_basis_prior(&b, 10.0, c, NULL);
    for (nax_index t = 0; t < 60; t++) {
      for (nax_index u = 0; u < 60; u++) {
        double sum = 0.0, h = (double)(t - u) / 10.0;
        for (nax_index f = 0; f < b.f; f++) {
          sum += c[f] * b.b[f + t * b.f] * b.b[f + u * b.f];
        }
        worst = fmax(worst, fabs(sum - exp(-0.5 * h * h)));
      }
    }
    assert_true(worst < padding[k].worst);
    nax_i_basis_free(&b);
  }
}

/* ------------------------------------------------------------------- posterior */

enum { PT = 6 };

/* Forward at random potentials (none in one bin) for a basis of PT bins. */
typedef struct probe {
  nax_i_basis basis;
  nax_i_post p;
  double *room, *work, *d, *e;
  double h[PT], lam[PT], m[PT], v[PT], z[PT], kl;
} probe;

static void
probe_init(probe *q, double lam_scale)
{
  uint64_t seed = 5;
  double c[64];
  memset(q, 0, sizeof *q);
  assert_ok(nax_i_basis_init(NULL, PT, 12.0, 4, 0, &q->basis));
  nax_index f = q->basis.f;
  nax_i_basis_prior(&q->basis, 2.0, c, NULL);
  q->room = calloc((size_t)nax_i_post_room(f, PT), sizeof(double));
  q->work = calloc((size_t)nax_i_post_work(f, PT), sizeof(double));
  q->d = calloc((size_t)(f * PT), sizeof(double));
  q->e = calloc((size_t)(f + PT), sizeof(double));
  for (nax_index t = 0; t < PT; t++) {
    for (nax_index k = 0; k < f; k++) {
      q->d[k + t * f] = sqrt(c[k]) * q->basis.b[k + t * f];
    }
    q->h[t] = t == 3 ? 0.0 : lam_scale * (2.0 * nax_t_uniform(&seed) - 1.0);
    q->lam[t] = t == 3 ? 0.0 : lam_scale * nax_t_uniform(&seed);
  }
  nax_i_post_place(&q->p, f, PT, q->room);
  q->p.t = PT;
  q->p.d = q->d;
  q->p.e0 = q->e;
  q->p.e1 = q->e + f;
}

static void
probe_run(probe *q)
{
  assert_ok(nax_i_post_forward(&q->p, q->h, q->lam, q->m, q->v, q->z, &q->kl, q->work));
}

static void
probe_free(probe *q)
{
  nax_i_basis_free(&q->basis);
  free(q->room);
  free(q->work);
  free(q->d);
  free(q->e);
}

static void
posterior_is_that_of_regression_in_time(void **state)
{
  (void)state;
  probe q;
  double k[PT * PT], a[PT * PT], b[PT * PT], mean[PT], w[PT];
  probe_init(&q, 3.0);
  probe_run(&q);
  nax_index f = q.basis.f;
  for (nax_index t = 0; t < PT; t++) {
    for (nax_index u = 0; u < PT; u++) {
      k[t + u * PT] = 0.0;
      for (nax_index i = 0; i < f; i++) {
        k[t + u * PT] += q.d[i + t * f] * q.d[i + u * f];
      }
    }
  }
  /* (I + root lam K root lam)^-1 in between: a bin without potential is allowed */
  for (nax_index t = 0; t < PT; t++) {
    for (nax_index u = 0; u < PT; u++) {
      a[t + u * PT] = sqrt(q.lam[t] * q.lam[u]) * k[t + u * PT] + (t == u);
      b[t + u * PT] = sqrt(q.lam[t]) * k[t + u * PT];
    }
  }
  assert_ok(nax_i_potrf(NULL, "test", "a", PT, a, PT, 1, NULL));
  assert_ok(nax_i_potrs(NULL, PT, PT, a, PT, b, PT));
  for (nax_index t = 0; t < PT; t++) {
    w[t] = 0.0;
    for (nax_index u = 0; u < PT; u++) { /* V[t, u] */
      double v = k[t + u * PT];
      for (nax_index s = 0; s < PT; s++) {
        v -= k[t + s * PT] * sqrt(q.lam[s]) * b[s + u * PT];
      }
      w[t] += v * q.h[u];
      if (t == u) {
        assert_close(q.v[t], v, 1e-10, 1e-12);
      }
    }
    mean[t] = w[t];
  }
  assert_all_close(q.m, mean, PT, 1e-10, 1e-12);
  probe_free(&q);
}

static void
divergence_is_zero_at_the_prior_and_positive_elsewhere(void **state)
{
  (void)state;
  probe q;
  probe_init(&q, 0.0);
  probe_run(&q);
  assert_close(q.kl, 0.0, 0.0, 1e-12);
  probe_free(&q);
  probe_init(&q, 2.0);
  probe_run(&q);
  assert_true(q.kl > 1e-3);
  probe_free(&q);
}

static void
samples_have_the_mean_and_variance_of_the_posterior(void **state)
{
  (void)state;
  enum { DRAWS = 20000 };
  probe q;
  double sum[PT] = {0}, square[PT] = {0};
  nax_rng *r = NULL;
  assert_ok(nax_rng_create(NULL, 3, 1, &r));
  probe_init(&q, 3.0);
  for (int n = 0; n < DRAWS; n++) {
    for (nax_index i = 0; i < q.basis.f + PT; i++) {
      q.e[i] = nax_rng_normal(r, 0.0, 1.0);
    }
    probe_run(&q);
    for (int t = 0; t < PT; t++) {
      sum[t] += q.z[t] / DRAWS;
      square[t] += (q.z[t] - q.m[t]) * (q.z[t] - q.m[t]) / DRAWS;
    }
  }
  for (int t = 0; t < PT; t++) { /* four standard errors */
    assert_close(sum[t], q.m[t], 0.0, 4.0 * sqrt(q.v[t] / DRAWS));
    assert_close(square[t], q.v[t], 4.0 * sqrt(2.0 / DRAWS), 0.0);
  }
  nax_rng_free(r);
  probe_free(&q);
}

/* ------------------------------------------------------------------ likelihood */

static void
expected_likelihoods_are_those_of_monte_carlo(void **state)
{
  (void)state;
  enum { DRAWS = 100000 };
  nax_rng *r = NULL;
  assert_ok(nax_rng_create(NULL, 7, 1, &r));
  double y = 3.0, eta = 0.6, u = 0.3, noise[3] = {0.0, log(0.8), log(2.5)};
  for (int like = 1; like <= 3; like++) {
    double sum = 0.0, square = 0.0, zero = 0.0, a, b, c;
    for (int n = 0; n < DRAWS; n++) {
      double at = nax_rng_normal(r, eta, sqrt(u));
      a = b = c = 0.0;
      double x =
          nax_i_gpvae_neural(like, 1, &y, &at, &zero, &noise[like - 1], &a, &b, &c);
      sum += x / DRAWS;
      square += x * x / DRAWS;
    }
    a = b = c = 0.0;
    double value =
        nax_i_gpvae_neural(like, 1, &y, &eta, &u, &noise[like - 1], &a, &b, &c);
    assert_close(value, sum, 0.0, 3.0 * sqrt((square - sum * sum) / DRAWS));
  }
  nax_rng_free(r);
}

/* ------------------------------------------------------------------- gradients */

enum { GN = 5, GP = 4, GQ = 4, G_TRIALS = 3, G_COLS = 12 };

typedef struct problem {
  nax_i_basis basis;
  nax_i_gpvae_model m;
  nax_i_gpvae_work *w;
  nax_i_gpvae_batch b;
  nax_i_gpvae_how how;
} problem;

/* Ragged trials with missing neurons, a bin without neurons, a frame missing and one in
 * part, a trial without behaviour. The model has both arms, or neurons or behaviour only.
 */
enum { BOTH, NEURONS, BEHAVIOUR };

static void
problem_init(problem *q, int arms, int likelihood, int encoder, int dec_from,
             uint64_t seed)
{
  nax_index length[G_TRIALS] = {3, 5, 4};
  memset(q, 0, sizeof *q);
  if (encoder == NAX_GPVAE_FOURIER) {
    length[0] = length[1] = length[2] = 4;
  }
  nax_index t_max = encoder == NAX_GPVAE_FOURIER ? 4 : 5;
  assert_ok(nax_i_basis_init(NULL, t_max, 11.0, 3, 0, &q->basis));
  q->basis.jitter = encoder == NAX_GPVAE_FOURIER ? 1e-2 : 0.0;
  nax_i_gpvae_shape s = {
      .n_neurons = arms == BEHAVIOUR ? 0 : GN,
      .n_features = arms == NEURONS ? 0 : GP,
      .q = arms == BOTH      ? GQ
           : arms == NEURONS ? 3
                             : 2,
      .q_neural = arms == BEHAVIOUR ? 0 : 3,
      .dec_from = arms == BEHAVIOUR ? 0 : dec_from,
      .enc_from = arms == BEHAVIOUR ? 0 : 2,
      .t_max = t_max,
      .likelihood = likelihood,
      .encoder = encoder,
      .objective = NAX_GPVAE_ELBO,
      .activation = NAX_GPVAE_ELU,
      .n_hidden = {1, 1, 2},
      .hidden = {{4}, {5}, {6, 5}},
  };
  assert_ok(nax_i_gpvae_model_init(NULL, &s, &q->basis, 1, &q->m));
  assert_ok(nax_i_gpvae_model_random(NULL, &q->m, seed));
  for (nax_index i = 0; i < s.n_neurons; i++) {
    q->m.small[q->m.at_d + i] = 0.3 * nax_t_uniform(&seed);
    if (likelihood != NAX_GPVAE_POISSON) {
      q->m.small[q->m.at_noise + i] = nax_t_uniform(&seed);
    }
  }
  for (nax_index l = 0; l < s.q; l++) {
    q->m.small[q->m.at_len + l] = log(1.5 + nax_t_uniform(&seed));
  }
  if (s.n_features > 0) {
    q->m.small[q->m.at_v] = log(0.6);
  }
  assert_ok(nax_i_gpvae_work_new(NULL, &q->m, G_COLS, G_TRIALS, &q->w));
  assert_ok(
      nax_i_gpvae_batch_init(NULL, q->m.net.real, GN, GP, NULL, G_COLS, G_TRIALS, &q->b));
  q->b.n = G_TRIALS;
  q->b.cols = G_COLS;
  q->b.seen = q->b.seen_room;
  for (nax_index k = 0; k < G_TRIALS; k++) {
    q->b.first[k + 1] = q->b.first[k] + length[k];
    q->b.stream[k] = (uint64_t)k;
  }
  for (nax_index j = 0; j < G_COLS; j++) {
    int blind = j >= q->b.first[2] || j == 1, dark = j == 4;
    q->b.has[0][j] = (unsigned char)!dark;
    q->b.has[1][j] = (unsigned char)!blind;
    for (nax_index i = 0; i < GN; i++) {
      int missing = dark || (i == 2 && j == 6);
      q->b.y[i + GN * j] = missing ? (double)NAN : floor(4.0 * nax_t_uniform(&seed));
      ((double *)q->b.yin)[i + GN * j] = missing ? 0.0 : nax_t_uniform(&seed);
    }
    for (nax_index i = 0; i < GP; i++) {
      int seen = !blind && !(j == 2 && i == 1);
      q->b.seen_room[i + GP * j] = (unsigned char)seen;
      ((double *)q->b.x)[i + GP * j] = seen ? 2.0 * nax_t_uniform(&seed) - 1.0 : 0.0;
    }
  }
  q->how = (nax_i_gpvae_how){.seed = 3, .beta = 0.7, .weight = {1.3, 0.8}, .gradient = 1};
}

static void
problem_free(problem *q)
{
  nax_i_gpvae_work_free(q->w);
  nax_i_gpvae_batch_free(&q->b);
  nax_i_gpvae_model_free(&q->m);
  nax_i_basis_free(&q->basis);
}

static double
value_at(problem *q, double *x, double to)
{
  nax_i_gpvae_terms terms;
  double old = *x;
  *x = to;
  q->how.gradient = 0;
  assert_ok(nax_i_gpvae_objective(NULL, &q->m, &q->b, &q->how, q->w, &terms));
  *x = old;
  return terms.total / (double)G_TRIALS;
}

static void
check_slope(problem *q, double *x, double slope, const char *what, nax_index i)
{
  double h = 1e-5, up = value_at(q, x, *x + h), down = value_at(q, x, *x - h);
  if (!nax_t_close(slope, (up - down) / (2.0 * h), 2e-6, 2e-6)) {
    fail_msg("gradient of %s[%lld] is %.10g, differences give %.10g", what, (long long)i,
             slope, (up - down) / (2.0 * h));
  }
}

static void
gradients_are_those_of_differences(void **state)
{
  (void)state;
  for (int c = 0; c < 5; c++) {
    problem q;
    nax_i_gpvae_terms terms;
    int likelihood = c < 3 ? c + 1 : NAX_GPVAE_POISSON;
    problem_init(&q, BOTH, likelihood, c == 4 ? NAX_GPVAE_FOURIER : NAX_GPVAE_POTENTIAL,
                 c == 3 ? 0 : 2, (uint64_t)c);
    assert_ok(nax_i_gpvae_objective(NULL, &q.m, &q.b, &q.how, q.w, &terms));
    double *g = q.m.net.g, *p = q.m.net.p;
    for (nax_index i = 0; i < q.m.n_small; i++) {
      check_slope(&q, &q.m.small[i], q.m.small_g[i], "small", i);
    }
    for (nax_index i = 0; i < q.m.net.n; i += 3) {
      check_slope(&q, &p[i], g[i], "net", i);
    }
    problem_free(&q);
  }
}

/* Orthogonal columns of several lengths. */
static void
make_components(nax_i_components *c, uint64_t seed)
{
  double r[GP * GP];
  c->n = c->p = GP;
  c->add = nax_i_calloc(GP * GP, sizeof *c->add);
  c->square = nax_i_calloc(GP, sizeof *c->square);
  for (int i = 0; i < GP * GP; i++) {
    c->add[i] = nax_t_uniform(&seed) - 0.5;
  }
  assert_ok(nax_i_qr(NULL, __func__, GP, GP, c->add, GP, r, GP));
  for (int i = 0; i < GP * GP; i++) {
    c->add[i] *= 0.5 + i / GP;
    c->square[i / GP] = (0.5 + i / GP) * (0.5 + i / GP);
  }
}

/* What a network of features computes when its layers next to them are those of a network
 * of components: first layer of the encoder, last of the decoder. */
static void
unfold(problem *features, const problem *parts, const nax_i_components *c)
{
  const nax_i_layer *first = &parts->m.mlp[1].layer[0];
  const nax_i_layer *last = &parts->m.mlp[2].layer[parts->m.mlp[2].n - 1];
  const double *from = parts->m.net.p;
  double *to = features->m.net.p;
  memcpy(to, from, (size_t)parts->m.net.n * sizeof *to);
  for (nax_index i = 0; i < GP; i++) {
    for (nax_index o = 0; o < first->out; o++) {
      double x = 0.0;
      for (nax_index k = 0; k < GP; k++) {
        x += c->add[i + GP * k] / c->square[k] * from[first->w + k + GP * o];
      }
      to[first->w + i + GP * o] = x;
    }
    for (nax_index o = 0; o <= last->in; o++) { /* the last one is the bias */
      nax_index at = o < last->in ? last->w + o : last->b;
      nax_index stride = o < last->in ? last->in : 1;
      double x = 0.0;
      for (nax_index k = 0; k < GP; k++) {
        x += c->add[i + GP * k] * from[at + stride * k];
      }
      to[at + stride * i] = x;
    }
  }
}

static void
components_give_the_bound_of_the_features(void **state)
{
  (void)state;
  problem features, parts;
  nax_i_components c;
  nax_i_gpvae_terms a, b;
  problem_init(&features, BOTH, NAX_GPVAE_POISSON, NAX_GPVAE_POTENTIAL, 2, 5);
  problem_init(&parts, BOTH, NAX_GPVAE_POISSON, NAX_GPVAE_POTENTIAL, 2, 5);
  make_components(&c, 6);
  unfold(&features, &parts, &c);
  parts.b.components = &c;
  for (nax_index j = 0; j < G_COLS; j++) {
    double *x = (double *)parts.b.x + GP * j;
    const double *z = (const double *)features.b.x + GP * j;
    parts.b.rest[j] = 0.0;
    for (nax_index k = 0; k < GP; k++) {
      x[k] = 0.0;
      for (nax_index i = 0; i < GP; i++) {
        x[k] += c.add[i + GP * k] * z[i] / c.square[k];
      }
    }
  }
  parts.b.rest[3] = 2.5; /* of a frame that is seen: what no component has */
  assert_ok(nax_i_gpvae_objective(NULL, &features.m, &features.b, &features.how,
                                  features.w, &a));
  assert_ok(nax_i_gpvae_objective(NULL, &parts.m, &parts.b, &parts.how, parts.w, &b));
  assert_close(b.sse, a.sse + 2.5, 1e-12, 0.0);
  assert_close(b.n_pixels, a.n_pixels, 0.0, 0.0);
  assert_close(b.kl, a.kl, 1e-12, 0.0);
  /* the gradients of all that both have: one frame has a missing feature */
  for (nax_index i = 0; i < parts.m.n_small; i++) {
    if (i != parts.m.at_v) {
      assert_close(parts.m.small_g[i], features.m.small_g[i], 1e-9, 1e-12);
    }
  }
  const nax_i_layer *hidden = &parts.m.mlp[2].layer[0], *first = &parts.m.mlp[1].layer[0];
  const double *ga = features.m.net.g, *gb = parts.m.net.g;
  for (nax_index i = hidden->w; i < hidden->b + hidden->out; i++) {
    assert_close(gb[i], ga[i], 1e-9, 1e-12);
  }
  for (nax_index i = first->b; i < first->b + first->out; i++) {
    assert_close(gb[i], ga[i], 1e-9, 1e-12);
  }
  nax_i_components_free(&c);
  problem_free(&features);
  problem_free(&parts);
}

static void
components_are_the_principal_ones(void **state)
{
  (void)state;
  enum { ROWS = 30, BINS = 20, TRIALS = 6, WAYS = 3 };
  nax_view view[TRIALS];
  nax_gpvae_trials trials = {TRIALS, NULL, view};
  nax_i_gpvae_data d;
  nax_i_gpvae_scaling s;
  nax_gpvae_opts o = NAX_GPVAE_OPTS_INIT;
  nax_index order[TRIALS] = {0, 1, 2, 3, 4, 5};
  uint64_t seed = 8;
  double *x = calloc(ROWS * BINS * TRIALS, sizeof *x), way[ROWS * WAYS],
         cov[ROWS * ROWS] = {0.0}, ev[ROWS];
  for (int i = 0; i < ROWS * WAYS; i++) {
    way[i] = nax_t_uniform(&seed) - 0.5;
  }
  for (int j = 0; j < BINS * TRIALS; j++) {
    for (int k = 0; k < WAYS; k++) {
      double a = (4.0 - k) * (nax_t_uniform(&seed) - 0.5);
      for (int i = 0; i < ROWS; i++) {
        x[i + ROWS * j] += a * way[i + ROWS * k];
      }
    }
    for (int i = 0; i < ROWS; i++) {
      x[i + ROWS * j] += 0.2 * (nax_t_uniform(&seed) - 0.5);
      x[i + ROWS * j] = j == 7 || (j == 9 && i == 4) ? (double)NAN : x[i + ROWS * j];
    }
  }
  for (int k = 0; k < TRIALS; k++) {
    view[k] = nax_view_f64(x + k * ROWS * BINS, 2, (nax_index[]){ROWS, BINS});
  }
  assert_ok(nax_i_gpvae_data_init(NULL, __func__, &trials, 0, &d));
  assert_ok(nax_i_gpvae_scaling_find(NULL, &d, TRIALS, order, &o, &s));
  assert_ok(nax_i_components_find(NULL, &d, &s, TRIALS, order, WAYS, 1, &s.components));
  assert_ok(nax_i_components_apply(NULL, &s, &d));
  const nax_i_components *c = &s.components;
  double rest = 0.0, left = 0.0, told[WAYS], back[ROWS], z[ROWS];
  for (int j = 0; j < BINS * TRIALS; j++) {
    double direct = 0.0;
    for (int k = 0; k < WAYS; k++) {
      told[k] = (double)d.score[k + WAYS * j];
    }
    nax_i_components_expand(c, told, back);
    for (int i = 0; i < ROWS; i++) {
      double v = x[i + ROWS * j];
      z[i] = isnan(v) ? 0.0 : (v - s.x_mean[i]) / s.x_sd[i];
      direct += (z[i] - back[i]) * (z[i] - back[i]);
    }
    for (int a = 0; a < ROWS; a++) {
      for (int b = 0; b < ROWS; b++) {
        cov[a + ROWS * b] += z[a] * z[b];
      }
    }
    assert_int_equal(d.seen[j], j == 7 ? 0 : j == 9 ? ROWS - 1 : ROWS);
    assert_close(d.rest[j], direct, 1e-4, 1e-6);
    rest += direct;
  }
  for (int a = 0; a < WAYS; a++) {
    for (int b = 0; b < WAYS; b++) {
      double dot = 0.0;
      for (int i = 0; i < ROWS; i++) {
        dot += c->add[i + ROWS * a] * c->add[i + ROWS * b];
      }
      assert_close(dot, a == b ? c->square[a] : 0.0, 1e-10, 1e-10);
    }
  }
  assert_ok(nax_i_syevd(NULL, __func__, ROWS, cov, ROWS, 0, ev));
  for (int i = 0; i < ROWS - WAYS; i++) {
    left += ev[i];
  }
  assert_close(rest, left, 1e-4, 0.0);
  assert_close(c->square[WAYS - 1], ev[ROWS - 1] / (BINS * TRIALS), 1e-4, 0.0);
  nax_i_gpvae_scaling_free(&s);
  nax_i_gpvae_data_free(&d);
  free(x);
}

static void
without_weights_the_modalities_do_not_touch(void **state)
{
  (void)state;
  problem q;
  nax_i_gpvae_terms terms;
  problem_init(&q, BOTH, NAX_GPVAE_POISSON, NAX_GPVAE_POTENTIAL, 2, 9);
  const nax_i_layer *l = &q.m.mlp[2].layer[0];
  memset((double *)q.m.net.p + l->w, 0, (size_t)(l->in * l->out) * sizeof(double));
  assert_ok(nax_i_gpvae_objective(NULL, &q.m, &q.b, &q.how, q.w, &terms));
  double before = terms.behaviour;
  for (nax_index i = 0; i < GN * 3; i++) {
    q.m.small[q.m.at_w + i] *= 2.0;
  }
  for (nax_index i = q.m.mlp[0].first; i < q.m.mlp[0].last; i++) {
    ((double *)q.m.net.p)[i] *= 1.5;
  }
  assert_ok(nax_i_gpvae_objective(NULL, &q.m, &q.b, &q.how, q.w, &terms));
  assert_close(terms.behaviour, before, 1e-14, 0.0);
  problem_free(&q);
}

/* Weights of network k of `from`, where `to` has the same. */
static void
copy_network(const nax_i_gpvae_model *from, nax_i_gpvae_model *to, int k)
{
  nax_index n = from->mlp[k].last - from->mlp[k].first;
  assert_int_equal(to->mlp[k].last - to->mlp[k].first, n);
  memcpy((double *)to->net.p + to->mlp[k].first,
         (const double *)from->net.p + from->mlp[k].first, (size_t)n * sizeof(double));
}

/* Without behaviour in sight the model is that of the neurons, and the other way round.
 */
static void
an_arm_that_is_masked_is_not_there(void **state)
{
  (void)state;
  for (int arms = NEURONS; arms <= BEHAVIOUR; arms++) {
    problem both, one;
    nax_i_gpvae_terms a, b;
    problem_init(&both, BOTH, NAX_GPVAE_POISSON, NAX_GPVAE_POTENTIAL, 2, 11);
    problem_init(&one, arms, NAX_GPVAE_POISSON, NAX_GPVAE_POTENTIAL, 2, 11);
    memset(both.b.has[arms == NEURONS ? 1 : 0], 0, G_COLS);
    memcpy(one.b.y, both.b.y, GN * G_COLS * sizeof(double));
    memcpy(one.b.yin, both.b.yin, GN * G_COLS * sizeof(double));
    memcpy(one.b.x, both.b.x, GP * G_COLS * sizeof(double));
    memcpy(one.b.seen, both.b.seen, GP * G_COLS);
    for (nax_index i = 0; i < GN * G_COLS && arms == BEHAVIOUR; i++) {
      both.b.y[i] = (double)NAN;
    }
    if (arms == NEURONS) {
      copy_network(&both.m, &one.m, 0);
      memcpy(one.m.small, both.m.small, (size_t)(both.m.at_len + 3) * sizeof(double));
    } else {
      copy_network(&both.m, &one.m, 1);
      copy_network(&both.m, &one.m, 2);
      memcpy(one.m.small + one.m.at_len, both.m.small + both.m.at_len + 2,
             2 * sizeof(double));
      one.m.small[one.m.at_v] = both.m.small[both.m.at_v];
      both.how.mean = one.how.mean = 1; /* samples of other latents come before */
      both.how.gradient = one.how.gradient = 0;
    }
    assert_ok(nax_i_gpvae_objective(NULL, &both.m, &both.b, &both.how, both.w, &a));
    assert_ok(nax_i_gpvae_objective(NULL, &one.m, &one.b, &one.how, one.w, &b));
    assert_true(b.kl > 1e-3);
    assert_close(a.kl, b.kl, 1e-12, 0.0);
    assert_close(a.neural + a.behaviour, b.neural + b.behaviour, 1e-12, 0.0);
    assert_true(arms == NEURONS ? b.behaviour == 0.0 : b.neural == 0.0);
    for (nax_index i = 0; arms == NEURONS && i < both.m.at_len + 3; i++) {
      assert_close(both.m.small_g[i], one.m.small_g[i], 1e-11, 1e-13);
    }
    const double *ga = both.m.net.g, *gb = one.m.net.g;
    for (nax_index i = both.m.mlp[0].first; arms == NEURONS && i < both.m.mlp[0].last;
         i++) {
      assert_close(ga[i], gb[i - both.m.mlp[0].first + one.m.mlp[0].first], 1e-11, 1e-13);
    }
    problem_free(&both);
    problem_free(&one);
  }
}

static void
single_precision_units_are_right_to_rounding(void **state)
{
  (void)state;
  float y[2][101], none[1] = {NAN};
  for (int i = 0; i < 101; i++) {
    y[0][i] = y[1][i] = -20.0f + 0.25f * (float)i;
  }
  nax_i_real_f32.bias_act(101, 1, y[0], NULL, NAX_GPVAE_ELU);
  nax_i_real_f32.bias_act(101, 1, y[1], NULL, NAX_GPVAE_TANH);
  for (int i = 0; i < 101; i++) {
    double x = -20.0 + 0.25 * i;
    assert_close((double)y[0][i], x > 0.0 ? x : expm1(x), 0.0, 3e-7);
    assert_close((double)y[1][i], tanh(x), 0.0, 3e-7);
  }
  nax_i_real_f32.bias_act(1, 1, none, NULL, NAX_GPVAE_TANH);
  assert_true(isnan(none[0]));
}

static void
steps_are_those_of_adam(void **state)
{
  (void)state;
  double p[40], g[40], m[40] = {0}, v[40] = {0}, p1 = 0.5, m1 = 0.0, v1 = 0.0;
  for (int i = 0; i < 40; i++) {
    p[i] = 0.5;
  }
  for (int t = 1; t <= 5; t++) {
    double slope = 0.3 * t - 0.7;
    for (int i = 0; i < 40; i++) {
      g[i] = slope * 4.0;
    }
    double c1 = 1.0 / (1.0 - pow(0.9, t)), c2 = 1.0 / (1.0 - pow(0.999, t));
    nax_i_real_f64.adam(40, p, g, m, v, 0.01, 0.25, c1, c2);
    m1 = 0.9 * m1 + 0.1 * slope;
    v1 = 0.999 * v1 + 0.001 * slope * slope;
    p1 -= 0.01 * (m1 * c1) / (sqrt(v1 * c2) + 1e-8);
  }
  for (int i = 0; i < 40; i++) {
    assert_close(p[i], p1, 1e-12, 0.0);
  }
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bound_and_every_gradient_are_those_of_the_reference),
      cmocka_unit_test(released_objective_and_every_gradient_are_those_of_the_reference),
      cmocka_unit_test(basis_of_a_whole_circle_is_orthonormal),
      cmocka_unit_test(padding_gives_the_covariance_of_the_process),
      cmocka_unit_test(posterior_is_that_of_regression_in_time),
      cmocka_unit_test(divergence_is_zero_at_the_prior_and_positive_elsewhere),
      cmocka_unit_test(samples_have_the_mean_and_variance_of_the_posterior),
      cmocka_unit_test(expected_likelihoods_are_those_of_monte_carlo),
      cmocka_unit_test(gradients_are_those_of_differences),
      cmocka_unit_test(components_give_the_bound_of_the_features),
      cmocka_unit_test(components_are_the_principal_ones),
      cmocka_unit_test(without_weights_the_modalities_do_not_touch),
      cmocka_unit_test(an_arm_that_is_masked_is_not_there),
      cmocka_unit_test(single_precision_units_are_right_to_rounding),
      cmocka_unit_test(steps_are_those_of_adam),
  };
  return cmocka_run_group_tests_name("gpvae", tests, nax_t_tmp_setup, nax_t_tmp_teardown);
}
