/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dissimilarities of spike trains without bins. */
#include "nax_test.h"

enum { TRIALS = 12, CONDITIONS = 3, UNITS = 2, ROOM = 400 };

/* Trials of 0.5 s, one each second, condition k mod 3; about 8 spikes each. */
typedef struct trains {
  nax_spikes *s;
  double at[TRIALS];
  int64_t condition[TRIALS];
} trains;

static trains
make(uint64_t seed, int units, double locked)
{
  trains t;
  double times[2 * ROOM];
  nax_index offset[3] = {0, 0, 0};
  nax_axis *axis = NULL;
  for (int a = 0; a < TRIALS; a++) {
    t.at[a] = a + 0.25;
    t.condition[a] = 10 * (a % CONDITIONS);
  }
  nax_index n = 0;
  for (int u = 0; u < units; u++) {
    for (int a = 0; a < TRIALS; a++) {
      for (int k = 0; k < 8; k++) {
        double x = nax_t_uniform(&seed), y = nax_t_uniform(&seed);
        /* Some spikes at times that belong to the condition and the unit. */
        x = y < locked ? (k + 0.3 * (a % CONDITIONS) + 0.2 * u) / 9.0 : x;
        times[n++] = t.at[a] + 0.5 * x;
      }
      times[n++] = t.at[a] + 0.6; /* in no trial */
    }
    offset[u + 1] = n;
  }
  for (int u = 0; u < units; u++) { /* sorted, so that nothing is said */
    for (nax_index i = offset[u]; i < offset[u + 1]; i++) {
      for (nax_index j = i; j > offset[u] && times[j] < times[j - 1]; j--) {
        double swap = times[j];
        times[j] = times[j - 1];
        times[j - 1] = swap;
      }
    }
  }
  assert_ok(nax_axis_create_index(NULL, "neuron", units, &axis));
  assert_ok(nax_spikes_create(NULL, axis, offset, times, 1, (double[]){0.0, 13.0}, &t.s));
  nax_axis_free(axis);
  return t;
}

/* Spikes of a trial, from its start. */
static int
spikes_of(const trains *t, int unit, int trial, double *out)
{
  nax_index n;
  const double *x = nax_spikes_times(t->s, unit, &n);
  int k = 0;
  for (nax_index i = 0; i < n; i++) {
    if (x[i] >= t->at[trial] && x[i] < t->at[trial] + 0.5) {
      out[k++] = x[i] - t->at[trial];
    }
  }
  return k;
}

/* (1 / tau) integral of (f - g)^2 by the definition, between all events in closed form.
 */
static double
filtered_distance(int na, const double *a, int nb, const double *b, double tau)
{
  double edges[64], sum = 0.0;
  int n = 0;
  for (int i = 0; i < na + nb; i++) {
    edges[n++] = i < na ? a[i] : b[i - na];
  }
  for (int i = 0; i < n; i++) {
    for (int j = i; j > 0 && edges[j] < edges[j - 1]; j--) {
      double swap = edges[j];
      edges[j] = edges[j - 1];
      edges[j - 1] = swap;
    }
  }
  for (int e = 0; e < n; e++) {
    double f = 0.0; /* f - g just after the event; it decays until the next one */
    for (int i = 0; i < na; i++) {
      f += a[i] <= edges[e] ? exp((a[i] - edges[e]) / tau) : 0.0;
    }
    for (int i = 0; i < nb; i++) {
      f -= b[i] <= edges[e] ? exp((b[i] - edges[e]) / tau) : 0.0;
    }
    double rest = e + 1 < n ? 1.0 - exp(-2.0 * (edges[e + 1] - edges[e]) / tau) : 1.0;
    sum += 0.5 * f * f * rest;
  }
  return sum;
}

/* Least cost over all ways to pair the first spikes, by trying each. */
static double
edit_cost(int na, const double *a, int nb, const double *b, double q)
{
  if (na == 0 || nb == 0) {
    return na + nb;
  }
  double less_a = 1.0 + edit_cost(na - 1, a, nb, b, q);
  double less_b = 1.0 + edit_cost(na, a, nb - 1, b, q);
  double move = q * fabs(a[na - 1] - b[nb - 1]);
  double both = move < 2.0 ? move + edit_cost(na - 1, a, nb - 1, b, q) : less_a;
  return fmin(both, fmin(less_a, less_b));
}

static void
van_rossum_is_the_integral_of_the_filtered_difference(void **state)
{
  (void)state;
  trains t = make(1, UNITS, 0.4);
  nax_rdm_opts o = NAX_RDM_OPTS_INIT;
  nax_rdms *r = NULL;
  double a[64], b[64];
  o.measure = NAX_RDM_VAN_ROSSUM;
  o.tau = 0.03;
  for (int less = 0; less < 2; less++) {
    o.subtract_within = less;
    assert_ok(nax_rdm_spikes(NULL, t.s, TRIALS, t.at, 0.0, 0.5, t.condition, &o, &r));
    double mean[3][3] = {{0.0}}, count[3][3] = {{0.0}};
    for (int i = 0; i < TRIALS; i++) {
      for (int j = 0; j < TRIALS; j++) {
        for (int u = 0; i != j && u < UNITS; u++) {
          int na = spikes_of(&t, u, i, a), nb = spikes_of(&t, u, j, b);
          mean[i % 3][j % 3] += filtered_distance(na, a, nb, b, o.tau) / UNITS;
          count[i % 3][j % 3] += 1.0 / UNITS;
        }
      }
    }
    for (int i = 0, k = 0; i < 3; i++) {
      for (int j = i + 1; j < 3; j++, k++) {
        double within = mean[i][i] / count[i][i] + mean[j][j] / count[j][j];
        assert_close(nax_rdms_vector(r, 0)[k],
                     mean[i][j] / count[i][j] - (less ? 0.5 * within : 0.0), 1e-12,
                     1e-12);
      }
    }
    assert_string_equal(nax_rdms_measure(r), "van-rossum");
    assert_close(nax_axis_coord(nax_rdms_condition_axis(r), 2), 20.0, 0, 0);
    nax_rdms_free(r);
  }
  nax_spikes_free(t.s);
}

static void
victor_purpura_is_the_cheapest_of_all_edits(void **state)
{
  (void)state;
  trains t = make(2, UNITS, 0.4);
  nax_rdm_opts o = NAX_RDM_OPTS_INIT;
  nax_rdms *r = NULL;
  double a[64], b[64];
  const double costs[] = {0.0, 30.0, 1e6};
  o.measure = NAX_RDM_VICTOR_PURPURA;
  for (int c = 0; c < 3; c++) {
    o.shift_cost = costs[c];
    assert_ok(nax_rdm_spikes(NULL, t.s, TRIALS, t.at, 0.0, 0.21, t.condition, &o, &r));
    double mean[3][3] = {{0.0}};
    for (int i = 0; i < TRIALS; i++) {
      for (int j = 0; j < TRIALS; j++) {
        for (int u = 0; u < UNITS; u++) {
          int na = spikes_of(&t, u, i, a), nb = spikes_of(&t, u, j, b);
          for (int k = 0; k < na; k++) {
            na = a[k] >= 0.21 ? k : na;
          }
          for (int k = 0; k < nb; k++) {
            nb = b[k] >= 0.21 ? k : nb;
          }
          mean[i % 3][j % 3] += edit_cost(na, a, nb, b, o.shift_cost) / (16.0 * UNITS);
        }
      }
    }
    for (int i = 0, k = 0; i < 3; i++) {
      for (int j = i + 1; j < 3; j++, k++) {
        assert_close(nax_rdms_vector(r, 0)[k], mean[i][j], 1e-12, 1e-12);
      }
    }
    nax_rdms_free(r);
  }
  nax_spikes_free(t.s);
}

static void
less_the_spread_within_it_is_crossnobis_of_filtered_trains(void **state)
{
  (void)state;
  enum { GRID = 16000 };
  trains t = make(3, 1, 0.5);
  const double tau = 0.02, step = 5e-5;
  double *x = calloc((size_t)GRID * TRIALS, sizeof *x), a[64];
  for (int k = 0; k < TRIALS; k++) {
    int n = spikes_of(&t, 0, k, a);
    for (int i = 0; i < n; i++) {
      for (int g = 0; g < GRID; g++) {
        double late = (g + 0.5) * step - a[i];
        x[g + k * GRID] += late > 0.0 ? exp(-late / tau) : 0.0;
      }
    }
  }
  nax_rdm_opts o = NAX_RDM_OPTS_INIT;
  nax_rdms *binned = NULL, *r = NULL;
  nax_view v = nax_view_f64(x, 2, (nax_index[]){GRID, TRIALS});
  int64_t fold[TRIALS];
  for (int k = 0; k < TRIALS; k++) {
    fold[k] = k;
  }
  o.measure = NAX_RDM_CROSSNOBIS;
  o.design = NAX_RDM_DESIGN_NUMBER;
  assert_ok(nax_rdm_fit(NULL, &v, t.condition, fold, NULL, &o, &binned));
  o.measure = NAX_RDM_VAN_ROSSUM;
  o.tau = tau;
  o.subtract_within = 1;
  assert_ok(nax_rdm_spikes(NULL, t.s, TRIALS, t.at, 0.0, 0.5, t.condition, &o, &r));
  for (int k = 0; k < 3; k++) {
    assert_close(nax_rdms_vector(r, 0)[k],
                 nax_rdms_vector(binned, 0)[k] * GRID * step / tau, 1e-2, 1e-3);
  }
  nax_rdms_free(binned);
  nax_rdms_free(r);
  free(x);
  nax_spikes_free(t.s);
}

static void
conditions_that_do_not_differ_are_zero_on_average(void **state)
{
  (void)state;
  for (int m = NAX_RDM_VAN_ROSSUM; m <= NAX_RDM_VICTOR_PURPURA; m++) {
    double sum = 0.0, square = 0.0, least = 1e300;
    nax_rdm_opts o = NAX_RDM_OPTS_INIT;
    o.measure = m;
    for (int run = 0; run < 150; run++) {
      trains t = make(100 + (uint64_t)run, 1, 0.0);
      nax_rdms *r = NULL;
      o.subtract_within = 1;
      assert_ok(nax_rdm_spikes(NULL, t.s, TRIALS, t.at, 0.0, 0.5, t.condition, &o, &r));
      sum += nax_rdms_vector(r, 0)[0] / 150.0;
      square += nax_rdms_vector(r, 0)[0] * nax_rdms_vector(r, 0)[0] / 150.0;
      nax_rdms_free(r);
      o.subtract_within = 0;
      assert_ok(nax_rdm_spikes(NULL, t.s, TRIALS, t.at, 0.0, 0.5, t.condition, &o, &r));
      least = fmin(least, nax_rdms_vector(r, 0)[0]);
      nax_rdms_free(r);
      nax_spikes_free(t.s);
    }
    assert_true(fabs(sum) < 3.5 * sqrt(square / 150.0)); /* and as it is, it is not */
    assert_true(least > 20.0 * fabs(sum) && least > 1.0);
  }
}

static void
any_number_of_threads_gives_the_same_bits(void **state)
{
  (void)state;
  trains t = make(4, UNITS, 0.3);
  for (int m = NAX_RDM_VAN_ROSSUM; m <= NAX_RDM_VICTOR_PURPURA; m++) {
    nax_rdm_opts o = NAX_RDM_OPTS_INIT;
    nax_rdms *r[2] = {NULL, NULL};
    o.measure = m;
    for (int k = 0; k < 2; k++) {
      nax_ctx *ctx = NULL;
      assert_ok(nax_ctx_create(&ctx));
      assert_ok(nax_ctx_set_threads(ctx, k + 1));
      assert_ok(nax_rdm_spikes(ctx, t.s, TRIALS, t.at, 0.0, 0.5, t.condition, &o, &r[k]));
      nax_ctx_free(ctx);
    }
    assert_memory_equal(nax_rdms_vector(r[0], 0), nax_rdms_vector(r[1], 0),
                        3 * sizeof(double));
    nax_rdms_free(r[0]);
    nax_rdms_free(r[1]);
    NAX_T_SWEEP_ALLOC(
        nax_rdm_spikes(NULL, t.s, TRIALS, t.at, 0.0, 0.5, t.condition, &o, &r[0]), r[0],
        nax_rdms_free(r[0]), 500);
  }
  nax_spikes_free(t.s);
}

static void
trials_that_cannot_be_used_are_refused_with_a_reason(void **state)
{
  (void)state;
  trains t = make(5, 1, 0.3);
  nax_rdm_opts o = NAX_RDM_OPTS_INIT;
  nax_rdms *r = NULL;
  double x[4] = {0.0};
  nax_view v = nax_view_f64(x, 2, (nax_index[]){2, 2});
  assert_error(
      nax_rdm_spikes(NULL, t.s, TRIALS, t.at, 0.0, 0.5, t.condition, &o, &r), NAX_EINVAL,
      "nax_rdm_spikes: measure euclidean is one of arrays, expected van-rossum or "
      "victor-purpura");
  o.measure = NAX_RDM_VAN_ROSSUM;
  assert_error(nax_rdm_fit(NULL, &v, t.condition, NULL, NULL, &o, &r), NAX_EINVAL,
               "nax_rdm_fit: measure van-rossum is one of spike trains, `x` is an array");
  assert_error(nax_rdm_spikes(NULL, t.s, TRIALS, t.at, 0.5, 0.5, t.condition, &o, &r),
               NAX_EINVAL,
               "nax_rdm_spikes: a trial must end after it starts, got 0.5 to 0.5 s");
  t.at[3] = 40.0;
  assert_error(nax_rdm_spikes(NULL, t.s, TRIALS, t.at, 0.0, 0.5, t.condition, &o, &r),
               NAX_EDATA,
               "nax_rdm_spikes: nothing was recorded in trial 3 (40 to 40.5 s)");
  t.at[3] = NAN;
  assert_error(nax_rdm_spikes(NULL, t.s, TRIALS, t.at, 0.0, 0.5, t.condition, &o, &r),
               NAX_EDATA, "nax_rdm_spikes: trial 3 has no finite time");
  t.at[3] = 3.25;
  t.condition[0] = 50;
  o.subtract_within = 1;
  assert_error(nax_rdm_spikes(NULL, t.s, TRIALS, t.at, 0.0, 0.5, t.condition, &o, &r),
               NAX_EDATA,
               "nax_rdm_spikes: condition 50 has 1 trial: what trials of it differ by is "
               "not known");
  assert_null(r);
  /* A trial that is recorded in part is told. */
  nax_ctx *ctx = NULL;
  assert_ok(nax_ctx_create(&ctx));
  t.condition[0] = 0;
  t.at[11] = 12.8;
  assert_ok(nax_rdm_spikes(ctx, t.s, TRIALS, t.at, 0.0, 0.5, t.condition, &o, &r));
  assert_int_equal(nax_ctx_n_warnings(ctx), 1);
  assert_string_equal(nax_ctx_warning(ctx, 0).id, "rsa.partial-trials");
  nax_rdms_free(r);
  nax_ctx_free(ctx);
  nax_spikes_free(t.s);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(van_rossum_is_the_integral_of_the_filtered_difference),
      cmocka_unit_test(victor_purpura_is_the_cheapest_of_all_edits),
      cmocka_unit_test(less_the_spread_within_it_is_crossnobis_of_filtered_trains),
      cmocka_unit_test(conditions_that_do_not_differ_are_zero_on_average),
      cmocka_unit_test(any_number_of_threads_gives_the_same_bits),
      cmocka_unit_test(trials_that_cannot_be_used_are_refused_with_a_reason),
  };
  return cmocka_run_group_tests_name("rdm-spikes", tests, NULL, NULL);
}
