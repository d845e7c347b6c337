/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every move leaves the joint distribution of parameters and data as it is (Geweke 2004,
 * in its strongest form): parameters and data are drawn from the prior, the move is made,
 * and functions of both must have moved by nothing on average. */
#include "bic_make.h"

enum { N_STAT = 36 };

/* Bins of the small recordings. */
static nax_index n_bins = 6;

typedef nax_status (*mover)(nax_i_bic_chain *c);

static void
statistics(const nax_i_bic_chain *c, double *s)
{
  const nax_i_bic_data *d = c->d;
  double eta = 0.0, eta2 = 0.0, cross = 0.0, r = 0.0, lr = 0.0, ry = 0.0, ll = 0.0;
  double shared = 0.0; /* weight of a state times how often it is there */
  int used[NAX_I_BIC_L] = {0}, n_used = 0, switches = 0;
  for (nax_index i = 0; i < d->n; i++) {
    const double *e = c->eta + i * d->tp, *y = d->y + i * d->tp;
    double sum = 0.0;
    for (nax_index t = 0; t < d->t; t++) {
      eta += e[t];
      eta2 += e[t] * e[t];
      cross += e[t] * fmin(y[t], 20.0);
      sum += fmin(y[t], 20.0);
    }
    r += c->r[i];
    lr += log(c->r[i]);
    ry += log(c->r[i]) * sum;
    ll += nax_i_bic_loglik_one(c, i, e);
  }
  for (nax_index t = 1; t < d->t; t++) {
    n_used += !d->first[t] && !used[c->xi[t]];
    used[c->xi[t]] |= !d->first[t];
    shared += d->first[t] ? 0.0 : c->beta[c->xi[t]] / (double)d->t;
    switches += !d->first[t] && !d->first[t - 1] && c->xi[t] != c->xi[t - 1];
  }
  int row;
  const nax_i_bic_cluster *k = nax_i_bic_group_of(c, c->z[0], &row);
  const nax_i_bic_dyn *x = &k->dyn[c->xi[2]];
  int own = c->cluster[c->z[0]]->q, q = k->q, last = (int)d->t - 1;
  const double *u = k->u + row, *begun = u, *ended = u + last * q;
  double latents = 0.0, strength = 0.0;
  for (nax_index i = 0; i < d->n; i++) {
    latents += c->cluster[c->z[i]]->q - 1;
    for (int a = 1; a < d->q; a++) {
      strength += c->b[i * d->q + a] * c->b[i * d->q + a];
    }
  }
  double out[] = {eta,
                  eta2,
                  cross,
                  r,
                  lr,
                  ry,
                  fmax(ll, -1e4),
                  (double)n_used,
                  (double)switches,
                  (double)c->k,
                  (double)(c->z[0] == c->z[1]),
                  (double)(c->z[0] == c->z[1]) * (d->y[1] - d->y[d->tp + 1] > 0.0),
                  c->b[0],
                  c->b[0] * c->b[0],
                  c->b[own - 1] * ended[own - 1],
                  c->b[own - 1] * c->b[own - 1],
                  x->logdet,
                  x->a[0],
                  x->a[q * q - 1],
                  x->b[0],
                  log(c->pi[0] + 1e-12),
                  c->beta[0] * c->beta[0],
                  fmin(begun[0] * begun[0], 50.0),
                  fmin(ended[0] * ended[-q], 50.0),
                  fmin(c->concentration, 100.0),
                  c->sticky,
                  fmin(c->gamma, 50.0),
                  d->region != NULL ? log(c->cluster[c->z[0]]->phi[d->region[0]] + 1e-9)
                                    : 0.0,
                  shared,
                  latents,
                  latents * latents,
                  latents * ry,
                  latents * eta2,
                  strength,
                  fmin(fabs(ended[own - 1]), 20.0),
                  own > 2 ? c->b[own - 1] * c->b[own - 1] - c->b[1] * c->b[1] : 0.0};
  memcpy(s, out, sizeof out);
}

/* z of each mean difference; the largest must be what chance gives. */
static double
biggest_z(const nax_bicluster_opts *o, const uint8_t *first, mover move, int n, int times,
          uint64_t seed, int regions, int missing)
{
  nax_i_bic_data *d = bic_data(o, 4, n_bins, first);
  nax_i_bic_chain *c = NULL;
  double sum[N_STAT] = {0.0}, square[N_STAT] = {0.0}, a[N_STAT], b[N_STAT], worst = 0.0;
  if (regions) {
    d->region = nax_i_calloc(4, sizeof *d->region);
    d->n_region = 2;
  }
  if (missing) {
    d->mask[2] = d->mask[d->tp + 3] = d->mask[d->tp + 4] = 0.0;
  }
  d->o.seed = seed;
  assert_ok(nax_i_bic_chain_new(NULL, d, 0, &c));
  for (int k = 0; k < n; k++) {
    nax_rng r;
    nax_i_rng_init(&r, seed, UINT64_C(1) << 63 | (uint64_t)k);
    bic_draw_prior(c, d, &r);
    bic_draw_y(c, d, &r);
    statistics(c, a);
    for (int m = 0; m < times; m++) {
      assert_ok(move(c));
      c->sweep++;
    }
    nax_i_bic_eta(c);
    statistics(c, b);
    for (int j = 0; j < N_STAT; j++) {
      double x = b[j] - a[j];
      if (!isfinite(x)) {
        fail_msg("statistic %d is not finite", j);
      }
      sum[j] += x;
      square[j] += x * x;
    }
  }
  int which = -1, moved = 0;
  for (int j = 0; j < N_STAT; j++) {
    double var = square[j] / n - sum[j] / n * sum[j] / n;
    if (var > 1e-18) {
      double z = sum[j] / n / sqrt(var / n);
      moved++;
      if (getenv("BIC_SHOW") != NULL) {
        printf("  stat %2d mean %9.5f z %6.2f\n", j, sum[j] / n, z);
      }
      if (fabs(z) > worst) {
        worst = fabs(z);
        which = j;
      }
    }
  }
  if (worst > 4.0) {
    print_message("# statistic %d: z = %.2f\n", which, worst);
  }
  assert_true(moved > 0);
  nax_i_bic_chain_free(c);
  bic_data_drop(d);
  return worst;
}

static nax_status
move_paths(nax_i_bic_chain *c)
{
  return nax_i_bic_states_and_paths(NULL, c, 0);
}

static nax_status
move_scan(nax_i_bic_chain *c)
{
  return nax_i_bic_states_and_paths(NULL, c, 1);
}

static nax_status
move_states(nax_i_bic_chain *c)
{
  nax_rng r;
  nax_i_bic_stream(c, NAX_I_BIC_STATES, 0, &r);
  nax_i_bic_state_sequence(c, &r);
  return NAX_OK;
}

/* With what is drawn from what it integrated out. */
static nax_status
move_regroup(nax_i_bic_chain *c)
{
  nax_rng r;
  nax_status s = nax_i_bic_regroup(NULL, c);
  nax_i_bic_stream(c, NAX_I_BIC_STATES, 0, &r);
  nax_i_bic_transitions(c, &r);
  nax_i_bic_dynamics(c);
  return s;
}

static nax_status
move_dimension(nax_i_bic_chain *c)
{
  nax_i_bic_eta(c);
  return nax_i_bic_dimension(NULL, c);
}

static nax_status
move_transitions(nax_i_bic_chain *c)
{
  nax_rng r;
  nax_i_bic_stream(c, NAX_I_BIC_STATES, 1, &r);
  nax_i_bic_transitions(c, &r);
  return NAX_OK;
}

static nax_status
move_dynamics(nax_i_bic_chain *c)
{
  nax_i_bic_dynamics(c);
  return NAX_OK;
}

static nax_status
move_dispersion(nax_i_bic_chain *c)
{
  nax_i_bic_eta(c);
  nax_i_bic_dispersion(c);
  return NAX_OK;
}

static nax_status
move_members(nax_i_bic_chain *c)
{
  return nax_i_bic_members(NULL, c);
}

static nax_status
move_transfer(nax_i_bic_chain *c)
{
  nax_i_bic_eta(c);
  return nax_i_bic_transfer(NULL, c);
}

static nax_status
move_split_merge(nax_i_bic_chain *c)
{
  nax_i_bic_eta(c);
  return nax_i_bic_split_merge(NULL, c);
}

static nax_status
move_shift(nax_i_bic_chain *c)
{
  nax_i_bic_shift(c);
  return NAX_OK;
}

static nax_status
move_rescale(nax_i_bic_chain *c)
{
  nax_i_bic_rescale(c);
  return NAX_OK;
}

static nax_status
move_all(nax_i_bic_chain *c)
{
  return nax_i_bic_sweep(NULL, c);
}

static const struct {
  const char *name;
  mover move;
} moves[] = {{"paths", move_paths},
             {"scan", move_scan},
             {"states", move_states},
             {"regroup", move_regroup},
             {"transitions", move_transitions},
             {"dynamics", move_dynamics},
             {"dispersion", move_dispersion},
             {"members", move_members},
             {"transfer", move_transfer},
             {"split and merge", move_split_merge},
             {"shift", move_shift},
             {"rescale", move_rescale},
             {"sweep", move_all}};

static void
run_moves(const nax_bicluster_opts *o, const uint8_t *first, int n, int times,
          uint64_t seed, int regions, int missing)
{
  for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++) {
    mover move = moves[i].move;
    if ((o->observation == NAX_BICLUSTER_POISSON && move == move_dispersion) ||
        (o->coupled > 0 && (move == move_transfer || move == move_split_merge))) {
      continue; /* there is none */
    }
    if (getenv("BIC_SHOW") != NULL) {
      printf("%s\n", moves[i].name);
    }
    double z = biggest_z(o, first, move, n, times, seed + i, regions, missing);
    if (z > 4.4) { /* of about 30 statistics each */
      fail_msg("%s changes the joint distribution: z = %.2f", moves[i].name, z);
    }
  }
}

static void
moves_leave_the_joint_distribution_for_negative_binomial_counts(void **state)
{
  (void)state;
  nax_bicluster_opts o = bic_small_opts();
  run_moves(&o, NULL, 2500, 2, 100, 0, 0);
}

static void
with_segments_missing_counts_and_regions_too(void **state)
{
  (void)state;
  const uint8_t first[6] = {1, 0, 0, 1, 0, 0};
  nax_bicluster_opts o = bic_small_opts();
  o.exact = 0;
  o.learn_concentrations = 1;
  run_moves(&o, first, 2500, 2, 200, 1, 1);
}

static void
for_poisson_counts_and_a_dirichlet_process_too(void **state)
{
  (void)state;
  nax_bicluster_opts o = bic_small_opts();
  o.observation = NAX_BICLUSTER_POISSON;
  o.partition = NAX_BICLUSTER_DP;
  o.poisson_r = 3.0;
  run_moves(&o, NULL, 2000, 2, 300, 0, 0);
}

static void
and_for_calcium(void **state)
{
  (void)state;
  nax_bicluster_opts o = bic_small_opts();
  o.observation = NAX_BICLUSTER_GAUSSIAN;
  o.dispersion_shape = 6.0;
  run_moves(&o, NULL, 2500, 2, 400, 0, 1);
}

/* Latents come and go; with those of a component, loadings of its neurons, dynamics. */
static void
with_a_number_of_latents_that_is_learned(void **state)
{
  (void)state;
  const uint8_t first[6] = {1, 0, 0, 1, 0, 0};
  for (int kind = 1; kind <= 3; kind++) {
    nax_bicluster_opts o = bic_small_opts();
    o.latent_dim = kind == 2 ? 3 : 2;
    o.learn_latent_dim = 1;
    o.latent_mean = kind == 3 ? 0.7 : 2.0;
    o.loading_sd = kind == 3 ? 1.0 : 0.5;
    o.observation = kind;
    o.dispersion_shape = kind == NAX_BICLUSTER_GAUSSIAN ? 6.0 : 4.0;
    run_moves(&o, kind == 1 ? first : NULL, 1500, 2, 700 + 20 * (uint64_t)kind, kind == 1,
              kind > 1);
    double z = biggest_z(&o, kind == 1 ? first : NULL, move_dimension, 8000, 3,
                         790 + (uint64_t)kind, 0, kind > 1);
    if (z > 4.4) {
      fail_msg("dimension changes the joint distribution: z = %.2f", z);
    }
  }
}

/* A fixed number of components that move together, some of them empty. */
static void
with_dynamics_that_are_coupled(void **state)
{
  (void)state;
  const uint8_t first[6] = {1, 0, 0, 1, 0, 0};
  for (int kind = 1; kind <= 3; kind++) {
    nax_bicluster_opts o = bic_small_opts();
    o.coupled = kind == 1 ? 2 : 3;
    o.latent_dim = 1;
    o.observation = kind;
    o.poisson_r = 3.0;
    o.dispersion_shape = kind == NAX_BICLUSTER_GAUSSIAN ? 6.0 : 4.0;
    run_moves(&o, kind == 3 ? first : NULL, 2000, 2, 800 + 20 * (uint64_t)kind, kind == 1,
              kind > 1);
  }
}

/* Sequences long enough for the tables of self-transitions to matter. */
static void
transitions_leave_it_for_long_sequences(void **state)
{
  (void)state;
  nax_bicluster_opts o = bic_small_opts();
  o.latent_dim = 0;
  o.max_states = 3;
  n_bins = 100;
  for (int learn = 0; learn < 2; learn++) {
    o.learn_concentrations = learn;
    double z =
        biggest_z(&o, NULL, move_transitions, 4000, 1, 500 + (uint64_t)learn, 0, 0);
    if (z > 4.4) {
      fail_msg("transitions change the joint distribution: z = %.2f", z);
    }
  }
  n_bins = 6;
}

/* Sequences with room for runs, paths integrated out and then dynamics. */
static void
moves_of_runs_leave_it_for_long_sequences(void **state)
{
  (void)state;
  const uint8_t first[24] = {[0] = 1, [9] = 1, [10] = 1};
  nax_bicluster_opts o = bic_small_opts();
  o.dynamics_mean = 0.5;
  o.noise_dof = 4.0;
  n_bins = 24;
  for (int k = 0; k < 4; k++) {
    int scan = k >= 2;
    o.max_states = k % 2 == 0 ? 3 : 4;
    o.state_alpha = k % 2 == 0 ? 5.0 : 1.0;
    o.state_kappa = k % 2 == 0 ? 10.0 : 0.5; /* each transition counts then */
    o.exact = !scan;
    double z = biggest_z(&o, k % 2 == 0 ? NULL : first, scan ? move_scan : move_regroup,
                         scan ? 2500 : 6000, 2, 510 + (uint64_t)k, 0, 0);
    if (z > 4.4) {
      fail_msg("%s changes the joint distribution: z = %.2f", scan ? "scan" : "regroup",
               z);
    }
  }
  n_bins = 6;
}

static void
many_draws_of_all_kinds(void **state)
{
  (void)state;
  nax_t_long();
  const uint8_t first[6] = {1, 0, 0, 1, 0, 0};
  for (int kind = 1; kind <= 3; kind++) {
    nax_bicluster_opts o = bic_small_opts();
    o.observation = kind;
    o.dispersion_shape = kind == NAX_BICLUSTER_GAUSSIAN ? 6.0 : 4.0;
    o.learn_concentrations = kind == 2;
    run_moves(&o, kind == 3 ? first : NULL, 60000, 3, 1000 + 100 * (uint64_t)kind,
              kind == 1, kind > 1);
  }
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(moves_leave_the_joint_distribution_for_negative_binomial_counts),
      cmocka_unit_test(with_segments_missing_counts_and_regions_too),
      cmocka_unit_test(for_poisson_counts_and_a_dirichlet_process_too),
      cmocka_unit_test(and_for_calcium),
      cmocka_unit_test(with_a_number_of_latents_that_is_learned),
      cmocka_unit_test(with_dynamics_that_are_coupled),
      cmocka_unit_test(transitions_leave_it_for_long_sequences),
      cmocka_unit_test(moves_of_runs_leave_it_for_long_sequences),
      cmocka_unit_test(many_draws_of_all_kinds),
  };
  return cmocka_run_group_tests_name("bicluster moves", tests, NULL, NULL);
}
