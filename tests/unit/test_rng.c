/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random streams: the published vectors, stream algebra, variates, GSL's handler. */
#include "nax_test.h"
#include "rng/rng_i.h"
#include <gsl/gsl_errno.h>
#include <sys/wait.h>

/* Random123, kat_vectors: philox4x32 with 10 rounds. */
static void
the_published_vectors_come_out(void **state)
{
  (void)state;
  static const struct {
    uint32_t counter[4], key[2], out[4];
  } kat[] = {
      {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
      {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
       {0xffffffff, 0xffffffff},
       {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
      {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
       {0xa4093822, 0x299f31d0},
       {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
  };
  for (size_t i = 0; i < sizeof kat / sizeof kat[0]; i++) {
    uint32_t out[4];
    nax_i_philox4x32_10(kat[i].counter, kat[i].key, out);
    assert_memory_equal(out, kat[i].out, sizeof out);
  }
}

static void
seed_stream_and_block_are_key_and_counter(void **state)
{
  (void)state;
  uint64_t seed = UINT64_C(0x299f31d0a4093822), stream = UINT64_C(0x0370734413198a2e);
  nax_rng *r;
  assert_ok(nax_rng_create(NULL, seed, stream, &r));
  assert_true(nax_rng_seed(r) == seed && nax_rng_stream(r) == stream);
  uint32_t key[2] = {0xa4093822, 0x299f31d0};
  for (uint32_t block = 0; block < 3; block++) {
    uint32_t counter[4] = {block, 0, 0x13198a2e, 0x03707344}, out[4];
    nax_i_philox4x32_10(counter, key, out);
    for (int i = 0; i < 4; i++) {
      assert_true(nax_rng_position(r) == 4u * block + (uint32_t)i);
      assert_int_equal(nax_rng_u32(r), out[i]);
    }
  }
  nax_rng_free(r);
  nax_rng_free(NULL);
}

static void
seeking_gives_what_drawing_gives(void **state)
{
  (void)state;
  nax_rng *a, *b;
  uint32_t word[23];
  assert_ok(nax_rng_create(NULL, 7, 1, &a));
  assert_ok(nax_rng_create(NULL, 7, 1, &b));
  for (int i = 0; i < 23; i++) {
    word[i] = nax_rng_u32(a);
  }
  for (uint64_t to = 23; to-- > 0;) {
    nax_rng_seek(b, to);
    assert_true(nax_rng_position(b) == to);
    for (uint64_t i = to; i < 23; i++) {
      assert_int_equal(nax_rng_u32(b), word[i]);
    }
  }
  /* far beyond what could be drawn one by one, and around the end of the counter */
  uint64_t far = UINT64_C(1) << 50 | 3;
  nax_rng_seek(a, far);
  uint32_t x = nax_rng_u32(a), y = nax_rng_u32(a);
  nax_rng_seek(a, far + 1);
  assert_int_equal(nax_rng_u32(a), y);
  nax_rng_seek(b, far);
  assert_int_equal(nax_rng_u32(b), x);
  nax_rng_seek(a, UINT64_MAX);
  nax_rng_u32(a);
  assert_int_equal(nax_rng_u32(a), word[0]);
  nax_rng_free(a);
  nax_rng_free(b);
}

static void
streams_and_seeds_differ(void **state)
{
  (void)state;
  uint64_t first[64];
  int n = 0;
  for (uint64_t seed = 0; seed < 8; seed++) {
    for (uint64_t stream = 0; stream < 8; stream++) {
      nax_rng r;
      nax_i_rng_init(&r, seed, stream);
      first[n] = nax_rng_u64(&r);
      for (int i = 0; i < n; i++) {
        assert_true(first[i] != first[n]);
      }
      n++;
    }
  }
}

static void
gsl_draws_the_same_words(void **state)
{
  (void)state;
  nax_rng r, s;
  nax_i_rng_init(&r, 11, 0);
  nax_i_rng_init(&s, 11, 0);
  assert_string_equal(gsl_rng_name(nax_i_rng_gsl(&r)), "philox4x32-10");
  assert_true(gsl_rng_min(nax_i_rng_gsl(&r)) == 0 &&
              gsl_rng_max(nax_i_rng_gsl(&r)) == UINT32_MAX);
  assert_true(gsl_rng_get(nax_i_rng_gsl(&r)) == nax_rng_u32(&s));
  double x = gsl_rng_uniform(nax_i_rng_gsl(&r)), y = nax_rng_uniform(&s);
  assert_true(x >= 0.0 && x < 1.0);
  assert_memory_equal(&x, &y, sizeof x);
  assert_true(nax_rng_position(&r) == 3 && nax_rng_position(&s) == 3);
  gsl_rng *g = gsl_rng_alloc(nax_i_rng_type());
  gsl_rng_set(g, 11);
  nax_rng_seek(&s, 0);
  assert_true(gsl_rng_get(g) == nax_rng_u32(&s));
  gsl_rng_free(g);
}

/* Mean and variance of many draws lie within 5 standard errors. */
typedef double (*draw_fn)(nax_rng *r);

static double
draw_uniform(nax_rng *r)
{
  return nax_rng_uniform(r);
}

static double
draw_uniform_pos(nax_rng *r)
{
  return nax_rng_uniform_pos(r);
}

static double
draw_normal(nax_rng *r)
{
  return nax_rng_normal(r, 3.0, 2.0);
}

static double
draw_exponential(nax_rng *r)
{
  return nax_rng_exponential(r, 0.5);
}

static double
draw_gamma(nax_rng *r)
{
  return nax_rng_gamma(r, 2.5, 2.0);
}

static double
draw_beta(nax_rng *r)
{
  return nax_rng_beta(r, 2.0, 3.0);
}

static double
draw_poisson(nax_rng *r)
{
  return (double)nax_rng_poisson(r, 3.0);
}

static double
draw_poisson_large(nax_rng *r)
{
  return (double)nax_rng_poisson(r, 2000.0);
}

static double
draw_binomial(nax_rng *r)
{
  return (double)nax_rng_binomial(r, 20, 0.3);
}

static double
draw_below(nax_rng *r)
{
  return (double)nax_rng_below(r, 10);
}

static double
draw_choice(nax_rng *r)
{
  double w[] = {0.0, 1.0, 0.0, 3.0, 0.0};
  return (double)nax_rng_choice(r, 5, w);
}

static double
draw_dirichlet(nax_rng *r)
{
  double alpha[] = {1.0, 2.0, 1.0}, x[3];
  nax_rng_dirichlet(r, 3, alpha, x);
  assert_close(x[0] + x[1] + x[2], 1.0, 1e-12, 0.0);
  return x[1];
}

static void
variates_have_their_moments(void **state)
{
  (void)state;
  static const struct {
    draw_fn draw;
    double mean, var, kurtosis; /* fourth moment / variance^2, for the error of var */
  } cases[] = {
      {draw_uniform, 0.5, 1.0 / 12.0, 1.8},
      {draw_uniform_pos, 0.5, 1.0 / 12.0, 1.8},
      {draw_normal, 3.0, 4.0, 3.0},
      {draw_exponential, 0.5, 0.25, 9.0},
      {draw_gamma, 5.0, 10.0, 3.0 + 6.0 / 2.5},
      {draw_beta, 0.4, 0.04, 2.4},
      {draw_poisson, 3.0, 3.0, 3.0 + 1.0 / 3.0},
      {draw_poisson_large, 2000.0, 2000.0, 3.1},
      {draw_binomial, 6.0, 4.2, 3.0},
      {draw_below, 4.5, 8.25, 1.8},
      {draw_choice, 2.5, 0.75, 2.4},
      {draw_dirichlet, 0.5, 0.05, 2.2},
  };
  enum { N = 200000 };
  for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
    nax_rng r;
    nax_i_rng_init(&r, 2024, c);
    double sum = 0.0, ss = 0.0;
    for (int i = 0; i < N; i++) {
      double x = cases[c].draw(&r) - cases[c].mean;
      sum += x;
      ss += x * x;
    }
    double se_mean = sqrt(cases[c].var / N);
    double se_var = cases[c].var * sqrt((cases[c].kurtosis - 1.0) / N);
    assert_close(sum / N, 0.0, 0.0, 5.0 * se_mean);
    assert_close(ss / N, cases[c].var, 0.0, 5.0 * se_var);
  }
}

static void
arguments_out_of_range_give_no_number(void **state)
{
  (void)state;
  nax_rng r;
  nax_i_rng_init(&r, 1, 0);
  double bad[] = {NAN, INFINITY, -1.0};
  for (int i = 0; i < 3; i++) {
    assert_true(isnan(nax_rng_normal(&r, 0.0, bad[i])));
    assert_true(isnan(nax_rng_exponential(&r, bad[i])));
    assert_true(isnan(nax_rng_gamma(&r, bad[i], 1.0)));
    assert_true(isnan(nax_rng_gamma(&r, 1.0, bad[i])));
    assert_true(isnan(nax_rng_beta(&r, bad[i], 1.0)));
    assert_true(isnan(nax_rng_beta(&r, 1.0, bad[i])));
    assert_int_equal(nax_rng_poisson(&r, bad[i]), -1);
    assert_int_equal(nax_rng_binomial(&r, 5, bad[i]), -1);
    double w[2] = {1.0, bad[i]}, x[2];
    assert_int_equal(nax_rng_choice(&r, 2, w), -1);
    nax_rng_dirichlet(&r, 2, w, x);
    assert_true(isnan(x[0]) && isnan(x[1]));
  }
  assert_true(isnan(nax_rng_normal(&r, NAN, 1.0)));
  assert_int_equal(nax_rng_poisson(&r, 1e10), -1);
  assert_int_equal(nax_rng_binomial(&r, -1, 0.5), -1);
  double zero[2] = {0.0, 0.0};
  assert_int_equal(nax_rng_choice(&r, 2, zero), -1);
  assert_int_equal(nax_rng_choice(&r, 0, zero), -1);
  assert_int_equal(nax_rng_below(&r, 0), 0);
  assert_int_equal(nax_rng_below(&r, -3), 0);
}

static void
limits_of_the_parameters_hold(void **state)
{
  (void)state;
  nax_rng r;
  nax_i_rng_init(&r, 1, 0);
  assert_close(nax_rng_normal(&r, 2.0, 0.0), 2.0, 0.0, 0.0);
  assert_int_equal(nax_rng_poisson(&r, 0.0), 0);
  assert_int_equal(nax_rng_binomial(&r, 0, 0.5), 0);
  assert_int_equal(nax_rng_binomial(&r, 9, 0.0), 0);
  assert_int_equal(nax_rng_binomial(&r, 9, 1.0), 9);
  assert_int_equal(nax_rng_below(&r, 1), 0);
  /* alpha so small that every gamma variate would be 0 */
  double alpha[3] = {1e-4, 1e-4, 1e-4}, x[3];
  for (int i = 0; i < 100; i++) {
    nax_rng_dirichlet(&r, 3, alpha, x);
    assert_close(x[0] + x[1] + x[2], 1.0, 1e-12, 0.0);
    nax_index k = nax_rng_below(&r, INT64_MAX);
    assert_true(k >= 0 && k < INT64_MAX);
    double u = nax_rng_uniform_pos(&r);
    assert_true(u > 0.0 && u < 1.0);
  }
}

static void
shuffles_are_permutations_and_fair(void **state)
{
  (void)state;
  nax_rng r;
  nax_i_rng_init(&r, 5, 0);
  int seen[24] = {0};
  for (int i = 0; i < 24000; i++) {
    nax_index p[4];
    nax_rng_permutation(&r, 4, p);
    int used[4] = {0}, code = 0;
    for (int k = 0; k < 4; k++) {
      assert_true(p[k] >= 0 && p[k] < 4);
      used[p[k]]++;
      int rank = 0;
      for (int l = k + 1; l < 4; l++) {
        rank += p[l] < p[k];
      }
      code = code * (4 - k) + rank;
    }
    assert_true(used[0] == 1 && used[1] == 1 && used[2] == 1 && used[3] == 1);
    seen[code]++;
  }
  for (int i = 0; i < 24; i++) {
    assert_close(seen[i], 1000.0, 0.0, 5.0 * sqrt(1000.0));
  }
  nax_rng_permutation(&r, 0, NULL);
}

static void
failing_allocation_gives_no_stream(void **state)
{
  (void)state;
  nax_rng *r;
  NAX_T_SWEEP_ALLOC(nax_rng_create(NULL, 1, 2, &r), r, nax_rng_free(r), 10);
}

static int handled;

static void
host_handler(const char *reason, const char *file, int line, int code)
{
  (void)reason;
  (void)file;
  (void)line;
  handled = code;
}

/* In a child, where nothing of ours has run yet. */
static void
a_handler_of_the_host_stays(void **state)
{
  (void)state;
  fflush(NULL);
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid == 0) {
    gsl_set_error_handler(host_handler);
    nax_i_gsl_begin();
    gsl_error("asked for by the test", __FILE__, __LINE__, GSL_EDOM);
    _exit(handled == GSL_EDOM ? 0 : 1);
  }
  int status = 0;
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* GSL's own handler would end this process here. */
static void
gsl_errors_do_not_end_the_process(void **state)
{
  (void)state;
  nax_rng *r;
  assert_ok(nax_rng_create(NULL, 0, 0, &r));
  nax_rng_free(r);
  GSL_ERROR_VOID("asked for by the test", GSL_EINVAL);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_handler_of_the_host_stays), /* first: before ours is in place */
      cmocka_unit_test(gsl_errors_do_not_end_the_process),
      cmocka_unit_test(the_published_vectors_come_out),
      cmocka_unit_test(seed_stream_and_block_are_key_and_counter),
      cmocka_unit_test(seeking_gives_what_drawing_gives),
      cmocka_unit_test(streams_and_seeds_differ),
      cmocka_unit_test(gsl_draws_the_same_words),
      cmocka_unit_test(variates_have_their_moments),
      cmocka_unit_test(arguments_out_of_range_give_no_number),
      cmocka_unit_test(limits_of_the_parameters_hold),
      cmocka_unit_test(shuffles_are_permutations_and_fair),
      cmocka_unit_test(failing_allocation_gives_no_stream),
  };
  return cmocka_run_group_tests_name("rng", tests, NULL, NULL);
}
