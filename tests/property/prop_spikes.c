/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spike trains of random size, gaps and clocks: nothing is lost in cutting, joining and
 * binning. NAX_TEST_SEED repeats a run. */
#include "nax_test.h"
#include "spikes/spikes_i.h"

static uint64_t start_seed = 20240301, round_seed, seed;

enum { ROUNDS = 300, MOST_UNITS = 5, MOST_SPIKES = 40, MOST_INTERVALS = 4 };

static nax_index
pick(nax_index lo, nax_index hi)
{
  return lo + (nax_index)(nax_t_random(&seed) % (uint64_t)(hi - lo + 1));
}

/* Ticks of some clock as seconds, so that spikes, edges and interval ends coincide. */
static int64_t clock_hz;

static double
seconds(int64_t ticks)
{
  return (double)ticks / (double)clock_hz;
}

typedef struct recording {
  nax_spikes *s;
  int64_t n_units, n_intervals, first, last;
  int64_t n_ticks[MOST_UNITS], ticks[MOST_UNITS][MOST_SPIKES];
  int64_t interval[2 * MOST_INTERVALS];
} recording;

static int
by_value(const void *a, const void *b)
{
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

static recording
random_recording(void)
{
  static const int64_t clocks[] = {10, 1000, 30000, 25000, 32000, 1};
  recording r = {0};
  nax_axis *units;
  nax_index offsets[MOST_UNITS + 1] = {0}, n = 0;
  double times[MOST_UNITS * MOST_SPIKES], interval[2 * MOST_INTERVALS];
  clock_hz = clocks[pick(0, 5)];
  r.n_units = pick(0, MOST_UNITS);
  r.n_intervals = pick(1, MOST_INTERVALS);
  int64_t at = pick(-200, 200);
  for (int64_t i = 0; i < r.n_intervals; i++) {
    r.interval[2 * i] = at += pick(0, 3) ? pick(0, 30) : 0;
    r.interval[2 * i + 1] = at += pick(0, 60);
  }
  r.first = r.interval[0];
  r.last = at;
  for (int64_t i = 0; i < 2 * r.n_intervals; i++) {
    interval[i] = seconds(r.interval[i]);
  }
  int outside = pick(0, 1) == 0;
  for (int64_t u = 0; u < r.n_units; u++) {
    r.n_ticks[u] = pick(0, MOST_SPIKES);
    for (int64_t i = 0; i < r.n_ticks[u]; i++) {
      r.ticks[u][i] = pick(r.first - 5 * outside, r.last + 5 * outside);
    }
    qsort(r.ticks[u], (size_t)r.n_ticks[u], sizeof(int64_t), by_value);
    for (int64_t i = 0; i < r.n_ticks[u]; i++) {
      times[n++] = seconds(r.ticks[u][i]);
    }
    offsets[u + 1] = n;
  }
  assert_ok(nax_axis_create_index(NULL, "unit", r.n_units, &units));
  assert_ok(
      nax_spikes_create(NULL, units, offsets, times, r.n_intervals, interval, &r.s));
  nax_axis_free(units);
  return r;
}

static void
assert_same_spikes(const nax_spikes *a, const nax_spikes *b)
{
  nax_index n = nax_spikes_n_spikes(a), n_units = nax_spikes_n_units(a);
  assert_true(nax_axis_equal(nax_spikes_units(a), nax_spikes_units(b)));
  assert_int_equal(n, nax_spikes_n_spikes(b));
  assert_memory_equal(nax_spikes_offsets(a), nax_spikes_offsets(b),
                      (size_t)(n_units + 1) * sizeof(nax_index));
  if (n > 0) {
    assert_memory_equal(nax_spikes_all_times(a), nax_spikes_all_times(b),
                        (size_t)n * sizeof(double));
  }
}

/* What the intervals cover, touching ones joined, in whole ticks. */
static int64_t
recorded_ticks(const recording *r, int64_t from, int64_t to)
{
  int64_t sum = 0;
  for (int64_t i = 0; i < r->n_intervals; i++) {
    int64_t a = r->interval[2 * i], b = r->interval[2 * i + 1];
    a = a > from ? a : from;
    b = b < to ? b : to;
    sum += b > a ? b - a : 0;
  }
  return sum;
}

static int
is_recorded(const recording *r, int64_t t)
{
  for (int64_t i = 0; i < r->n_intervals; i++) {
    if (t >= r->interval[2 * i] && t <= r->interval[2 * i + 1]) {
      return 1;
    }
  }
  return 0;
}

/* A recording ends at t: an interval does, and no other goes on. */
static int
ends_at(const recording *r, int64_t t)
{
  int end = 0;
  for (int64_t i = 0; i < r->n_intervals; i++) {
    int64_t a = r->interval[2 * i], b = r->interval[2 * i + 1];
    end = end || (b == t && b > a);
    if (a <= t && t < b) {
      return 0;
    }
  }
  return end;
}

/* ------------------------------------------------------------------ properties */

/* Whole-number arithmetic says where each spike belongs. */
static void
bins_hold_the_spikes_that_integers_put_there(void **state)
{
  (void)state;
  recording r = random_recording();
  nax_bin_info info;
  nax_array *a;
  nax_bin_opts o = NAX_BIN_OPTS_INIT;
  int64_t per_bin = pick(1, 12), first = r.first, last = r.last;
  if (pick(0, 1)) {
    first = pick(r.first - 10, r.last);
    last = pick(first + 1, r.last + 20);
    o.t_start = seconds(first);
    o.t_stop = seconds(last);
  }
  o.width = seconds(per_bin);
  int64_t n = (last - first + per_bin - 1) / per_bin;
  n = n > 0 ? n : 1;
  assert_ok(nax_spikes_bin(NULL, r.s, &o, &info, &a));
  assert_int_equal(nax_array_dim(a, 1), n);
  double *want = calloc((size_t)(r.n_units * n) + 1, sizeof *want);
  int64_t counted = 0, outside = 0, gaps = 0;
  for (int64_t u = 0; u < r.n_units; u++) {
    for (int64_t i = 0; i < r.n_ticks[u]; i++) {
      int64_t t = r.ticks[u][i] - first;
      int64_t b = t >= 0 ? t / per_bin : -1;
      if (t >= 0 && t % per_bin == 0 && ends_at(&r, r.ticks[u][i])) {
        b--;
      }
      /* a moment on the last edge has no later bin to be in */
      int moment = b == n && t == n * per_bin && is_recorded(&r, r.ticks[u][i]) &&
                   recorded_ticks(&r, r.ticks[u][i], r.ticks[u][i] + 1) == 0;
      b -= moment;
      if (b < 0 || b >= n) {
        outside++;
      } else if (!is_recorded(&r, r.ticks[u][i])) {
        gaps++;
      } else {
        want[u + r.n_units * b] += 1.0;
        counted++;
      }
    }
  }
  assert_int_equal(info.n_counted, counted);
  assert_int_equal(info.n_in_gaps, gaps);
  assert_int_equal(info.n_outside, outside);
  double sum = 0.0;
  int64_t unrecorded = 0, partly = 0;
  for (int64_t b = 0; b < n; b++) {
    int64_t ticks = recorded_ticks(&r, first + b * per_bin, first + (b + 1) * per_bin);
    int missing = r.n_units > 0 && isnan(nax_array_f64(a)[r.n_units * b]);
    unrecorded += missing;
    partly += ticks > 0 && ticks < per_bin;
    assert_true(!missing || ticks == 0);
    for (int64_t u = 0; u < r.n_units; u++) {
      double x = nax_array_f64(a)[u + r.n_units * b];
      assert_close(x, missing ? (double)NAN : want[u + r.n_units * b], 0.0, 0.0);
      sum += isnan(x) ? 0.0 : x;
    }
  }
  assert_close(sum, (double)info.n_counted, 0.0, 0.0);
  assert_true(r.n_units == 0 || info.n_unrecorded == unrecorded);
  assert_true(info.n_partly >= partly); /* moments count as part of a bin */
  /* the axis marks the centres */
  const nax_axis *time = nax_array_axis(a, 1);
  for (int64_t b = 0; b < n; b++) {
    double centre =
        (double)(2 * first + (2 * b + 1) * per_bin) / (2.0 * (double)clock_hz);
    assert_close(nax_axis_coord(time, b), centre, 1e-15, 1e-300);
  }
  /* the same edges as a list */
  double *edges = calloc((size_t)n + 1, sizeof *edges);
  for (int64_t b = 0; b <= n; b++) {
    edges[b] = seconds(first + b * per_bin);
  }
  nax_array *c;
  nax_bin_info again;
  assert_ok(nax_spikes_bin_edges(NULL, r.s, n + 1, edges, &again, &c));
  assert_memory_equal(&info, &again, sizeof info);
  if (nax_array_size(a) > 0) {
    assert_all_close(nax_array_f64(c), nax_array_f64(a), nax_array_size(a), 0.0, 0.0);
  }
  free(edges);
  free(want);
  nax_array_free(a);
  nax_array_free(c);
  nax_spikes_free(r.s);
}

static void
any_width_conserves_the_spikes(void **state)
{
  (void)state;
  recording r = random_recording();
  nax_bin_opts o = NAX_BIN_OPTS_INIT;
  nax_bin_info info;
  nax_array *a;
  double span = seconds(r.last - r.first) + seconds(1);
  o.width = span * (0.003 + nax_t_uniform(&seed));
  if (pick(0, 1)) {
    o.t_start = seconds(r.first) + span * (nax_t_uniform(&seed) - 0.5);
    o.t_stop = o.t_start + span * nax_t_uniform(&seed);
  }
  o.drop_partial = (int32_t)pick(0, 1);
  nax_status s = nax_spikes_bin(NULL, r.s, &o, &info, &a);
  if (s == NAX_EINVAL) {
    assert_non_null(strstr(nax_ctx_error(NULL), "no bin of"));
    assert_int_equal(o.drop_partial, 1);
  } else {
    assert_ok(s);
    double sum = 0.0;
    for (nax_index i = 0; i < nax_array_size(a); i++) {
      double x = nax_array_f64(a)[i];
      sum += isnan(x) ? 0.0 : x;
    }
    assert_close(sum, (double)info.n_counted, 0.0, 0.0);
    assert_int_equal(info.n_counted + info.n_in_gaps + info.n_outside,
                     nax_spikes_n_spikes(r.s));
    nax_array_free(a);
  }
  nax_spikes_free(r.s);
}

static void
slices_joined_give_the_whole(void **state)
{
  (void)state;
  recording r = random_recording();
  nax_spikes *part[5], *joined;
  nax_index n = 0;
  double cut = -INFINITY, duration = 0.0;
  for (int i = 0; i < 5; i++) {
    double next = i < 4 ? seconds(pick(r.first - 2, r.last + 2)) : (double)INFINITY;
    nax_spikes *p = NULL;
    if (!(next > cut)) {
      continue;
    }
    nax_status s = nax_spikes_slice(NULL, r.s, cut, next, &p);
    cut = next;
    if (s == NAX_EINVAL) {
      assert_null(p); /* nothing recorded there; spikes outside intervals are lost */
      continue;
    }
    assert_ok(s);
    part[n++] = p;
    duration += nax_spikes_duration(p);
  }
  assert_true(n > 0);
  assert_close(duration, nax_spikes_duration(r.s), 1e-12, 1e-12);
  assert_ok(nax_spikes_concat(NULL, n, (const nax_spikes *const *)part, NULL, &joined));
  nax_index outside = 0;
  for (int64_t u = 0; u < r.n_units; u++) {
    for (int64_t i = 0; i < r.n_ticks[u]; i++) {
      outside += !is_recorded(&r, r.ticks[u][i]);
    }
  }
  nax_index lost = nax_spikes_n_spikes(r.s) - nax_spikes_n_spikes(joined);
  assert_true(lost >= 0 && lost <= outside);
  if (lost == 0) {
    assert_same_spikes(r.s, joined);
  }
  assert_close(nax_spikes_duration(joined), nax_spikes_duration(r.s), 1e-12, 1e-12);
  for (nax_index p = 0; p < n; p++) {
    nax_spikes_free(part[p]);
  }
  nax_spikes_free(joined);
  nax_spikes_free(r.s);
}

static void
units_taken_apart_and_stacked_are_the_same(void **state)
{
  (void)state;
  recording r = random_recording();
  nax_index order[MOST_UNITS], inverse[MOST_UNITS];
  nax_spikes *a, *b, *low, *high;
  for (nax_index u = 0; u < r.n_units; u++) {
    order[u] = u;
  }
  for (nax_index u = r.n_units - 1; u > 0; u--) {
    nax_index v = pick(0, u), t = order[u];
    order[u] = order[v];
    order[v] = t;
  }
  for (nax_index u = 0; u < r.n_units; u++) {
    inverse[order[u]] = u;
  }
  assert_ok(nax_spikes_take(NULL, r.s, r.n_units, order, &a));
  assert_ok(nax_spikes_take(NULL, a, r.n_units, inverse, &b));
  assert_same_spikes(r.s, b);
  nax_spikes_free(b);
  nax_index cut = pick(0, r.n_units);
  assert_ok(nax_spikes_take(NULL, a, cut, inverse, &low));
  assert_ok(nax_spikes_take(NULL, a, r.n_units - cut, inverse + cut, &high));
  const nax_spikes *both[2] = {low, high};
  assert_ok(nax_spikes_stack(NULL, 2, both, &b));
  assert_same_spikes(r.s, b);
  nax_spikes_free(a);
  nax_spikes_free(b);
  nax_spikes_free(low);
  nax_spikes_free(high);
  nax_spikes_free(r.s);
}

/* ------------------------------------------------------------------- the rounds */

typedef void (*property)(void **state);

static void
rounds(void **state)
{
  property p = *(property *)*state;
  for (int i = 0; i < ROUNDS; i++) {
    seed = round_seed = start_seed + (uint64_t)i;
    p(state);
  }
}

static int
teardown(void **state)
{
  (void)state;
  print_message("# NAX_TEST_SEED=%llu repeats the last round\n",
                (unsigned long long)round_seed);
  return 0;
}

int
main(void)
{
  static property props[] = {bins_hold_the_spikes_that_integers_put_there,
                             any_width_conserves_the_spikes, slices_joined_give_the_whole,
                             units_taken_apart_and_stacked_are_the_same};
  static const char *const names[] = {
      "bins_hold_the_spikes_that_integers_put_there", "any_width_conserves_the_spikes",
      "slices_joined_give_the_whole", "units_taken_apart_and_stacked_are_the_same"};
  enum { N = sizeof props / sizeof props[0] };
  struct CMUnitTest tests[N];
  const char *given = getenv("NAX_TEST_SEED");
  if (given != NULL) {
    start_seed = strtoull(given, NULL, 10);
  }
  for (int i = 0; i < N; i++) {
    tests[i] = (struct CMUnitTest){names[i], rounds, NULL, teardown, &props[i]};
  }
  return cmocka_run_group_tests_name("spikes properties", tests, NULL, NULL);
}
