/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Persistent homology against reference diagrams and a reduction of the whole boundary
 * matrix; distances between diagrams and what is made of them. */
#include "nax_test.h"
#include "trsa/trsa_i.h"
#include "trsa_test.h"

/* Upper triangle of a square matrix. */
static double *
pairs_of(const double *square, nax_index n)
{
  double *d = malloc((size_t)(n * (n - 1) / 2) * sizeof *d);
  nax_index at = 0;
  for (nax_index i = 0; i < n; i++) {
    for (nax_index j = i + 1; j < n; j++) {
      d[at++] = square[i * n + j];
    }
  }
  return d;
}

static void
bars_are(const nax_ph *p, int64_t dim, const char *name, nax_index n_want)
{
  nax_index n;
  const double *bars = nax_ph_bars(p, dim, &n);
  double *want = ref(name, 2 * n_want);
  assert_int_equal(n, n_want);
  assert_all_close(bars, want, 2 * n, 0.0, 1e-10);
  free(want);
}

static void
diagrams_agree_with_the_reference(void **state)
{
  (void)state;
  nax_ph_opts o = NAX_PH_OPTS_INIT;
  nax_ph *p;
  double *square = ref("in_ph_circle", 40 * 40), *d = pairs_of(square, 40);
  assert_ok(nax_ph_rips(NULL, 40, d, &o, &p));
  bars_are(p, 0, "ph_circle_H0", 40);
  bars_are(p, 1, "ph_circle_H1", 1);
  nax_ph_free(p);
  free(square);
  free(d);
  square = ref("in_ph_sphere", 60 * 60);
  d = pairs_of(square, 60);
  o.max_dim = 2;
  assert_ok(nax_ph_rips(NULL, 60, d, &o, &p));
  bars_are(p, 0, "ph_sphere_H0", 60);
  bars_are(p, 1, "ph_sphere_H1", 18);
  bars_are(p, 2, "ph_sphere_H2", 1);
  nax_ph_free(p);
  free(square);
  free(d);
}

static void
diagrams_of_real_dissimilarities_agree_with_the_reference(void **state)
{
  (void)state;
  enum { K = 92, P = 4186 };
  double *d = ref("real92_mIT_hIT", 2 * P);
  nax_ph *p;
  assert_ok(nax_ph_rips(NULL, K, d, NULL, &p));
  bars_are(p, 0, "real92_ph_mIT_H0", 92);
  bars_are(p, 1, "real92_ph_mIT_H1", 136);
  nax_ph_free(p);
  assert_ok(nax_ph_rips(NULL, K, d + P, NULL, &p));
  bars_are(p, 0, "real92_ph_hIT_H0", 92);
  bars_are(p, 1, "real92_ph_hIT_H1", 80);
  nax_ph_free(p);
  free(d);
}

/* ------------------------------------------------------------ the whole matrix */

/* Every simplex of at most four vertices of a small complex, as a bit mask, in the order
 * of the filtration, and the textbook's reduction of the boundary matrix. */
enum { MOST = 11, SIMPLICES = 2048 };

typedef struct cell {
  double diameter;
  unsigned mask;
  int dim;
} cell;

static int
by_filtration(const void *a, const void *b)
{
  const cell *x = a, *y = b;
  if (x->diameter != y->diameter) {
    return x->diameter < y->diameter ? -1 : 1;
  }
  return x->dim != y->dim ? x->dim - y->dim : (x->mask > y->mask) - (x->mask < y->mask);
}

typedef struct bar {
  double birth, death;
} bar;

static int
by_bar(const void *a, const void *b)
{
  const bar *x = a, *y = b;
  if (x->birth != y->birth) {
    return x->birth < y->birth ? -1 : 1;
  }
  return (x->death > y->death) - (x->death < y->death);
}

static nax_index
oracle(nax_index n, const double *d, double threshold, int dim, bar *out)
{
  static cell c[SIMPLICES];
  static unsigned char column[SIMPLICES][SIMPLICES / 8];
  static int low[SIMPLICES], owner[SIMPLICES];
  nax_index n_cells = 0, n_out = 0;
  for (unsigned mask = 1; mask < 1u << n; mask++) {
    int size = __builtin_popcount(mask);
    double diameter = 0.0;
    for (nax_index i = 0; i < n; i++) {
      for (nax_index j = i + 1; j < n; j++) {
        if (mask >> i & 1 && mask >> j & 1) {
          double x = d[nax_i_rdm_at(n, i, j)];
          x = isnan(x) ? (double)INFINITY : x;
          diameter = x > diameter ? x : diameter;
        }
      }
    }
    if (size <= 4 && diameter <= threshold) {
      c[n_cells++] = (cell){diameter, mask, size - 1};
    }
  }
  qsort(c, (size_t)n_cells, sizeof *c, by_filtration);
  memset(column, 0, sizeof column);
  for (nax_index k = 0; k < n_cells; k++) {
    owner[k] = -1;
    for (nax_index f = 0; f < k; f++) {
      if (c[f].dim == c[k].dim - 1 && (c[f].mask & ~c[k].mask) == 0) {
        column[k][f / 8] |= (unsigned char)(1u << f % 8);
      }
    }
  }
  for (nax_index k = 0; k < n_cells; k++) {
    for (;;) {
      low[k] = -1;
      for (nax_index f = k; f-- > 0 && low[k] < 0;) {
        low[k] = column[k][f / 8] >> f % 8 & 1 ? (int)f : -1;
      }
      if (low[k] < 0 || owner[low[k]] < 0) {
        break;
      }
      for (int b = 0; b < SIMPLICES / 8; b++) {
        column[k][b] ^= column[owner[low[k]]][b];
      }
    }
    if (low[k] >= 0) {
      owner[low[k]] = (int)k;
    }
  }
  for (nax_index k = 0; k < n_cells; k++) {
    if (c[k].dim == dim && low[k] < 0) {
      double death = owner[k] >= 0 ? c[owner[k]].diameter : (double)INFINITY;
      if (death > c[k].diameter) {
        out[n_out++] = (bar){c[k].diameter, death};
      }
    }
  }
  qsort(out, (size_t)n_out, sizeof *out, by_bar);
  return n_out;
}

static void
bars_equal_those_of_the_whole_boundary_matrix(void **state)
{
  (void)state;
  uint64_t seed = 7;
  bar want[SIMPLICES];
  for (int round = 0; round < 60; round++) {
    nax_index n = 4 + (nax_index)(nax_t_uniform(&seed) * (MOST - 3));
    double d[MOST * MOST], levels = round % 3 == 0 ? 4.0 : round % 3 == 1 ? 20.0 : 1e9;
    for (nax_index i = 0; i < n * (n - 1) / 2; i++) {
      d[i] = floor(nax_t_uniform(&seed) * levels) / levels; /* ties, zeros */
      d[i] = round % 4 == 3 && nax_t_uniform(&seed) < 0.1 ? (double)NAN : d[i];
    }
    nax_ph_opts o = NAX_PH_OPTS_INIT;
    o.max_dim = 2;
    o.threshold = round % 2 ? 0.6 : NAX_NOT_GIVEN;
    nax_ph *p;
    assert_ok(nax_ph_rips(NULL, n, d, &o, &p));
    for (int dim = 0; dim <= 2; dim++) {
      nax_index got;
      const double *bars = nax_ph_bars(p, dim, &got);
      nax_index k = oracle(n, d, nax_ph_threshold(p), dim, want);
      if (k != got) {
        fail_msg("round %d, dimension %d: %lld bars, expected %lld", round, dim,
                 (long long)got, (long long)k);
      }
      assert_all_close(bars, &want[0].birth, 2 * k, 0.0, 0.0);
    }
    nax_ph_free(p);
  }
}

static void
nothing_happens_beyond_the_enclosing_radius(void **state)
{
  (void)state;
  enum { K = 40, P = K * (K - 1) / 2 };
  double d[P];
  uint64_t seed = 31;
  for (int i = 0; i < P; i++) {
    d[i] = nax_t_uniform(&seed);
  }
  nax_ph_opts o = NAX_PH_OPTS_INIT;
  nax_ph *p, *q;
  o.max_dim = 2;
  assert_ok(nax_ph_rips(NULL, K, d, &o, &p));
  o.threshold = 2.0;
  assert_ok(nax_ph_rips(NULL, K, d, &o, &q));
  assert_true(nax_ph_threshold(p) < nax_ph_threshold(q));
  for (int dim = 0; dim <= 2; dim++) {
    nax_index n, m;
    const double *a = nax_ph_bars(p, dim, &n), *b = nax_ph_bars(q, dim, &m);
    assert_int_equal(n, m);
    assert_all_close(a, b, 2 * n, 0.0, 0.0);
  }
  nax_ph_free(p);
  nax_ph_free(q);
}

static void
components_end_at_the_merges_of_single_linkage(void **state)
{
  (void)state;
  enum { K = 30, P = K * (K - 1) / 2 };
  double d[P], square[K * K] = {0};
  nax_merge merge[K - 1];
  uint64_t seed = 13;
  for (nax_index i = 0; i < K; i++) {
    for (nax_index j = i + 1; j < K; j++) {
      d[nax_i_rdm_at(K, i, j)] = square[i * K + j] = square[j * K + i] =
          0.1 + nax_t_uniform(&seed);
    }
  }
  assert_ok(nax_stats_cluster(NULL, K, square, NAX_LINKAGE_SINGLE, merge));
  nax_ph *p;
  nax_index n;
  assert_ok(nax_ph_rips(NULL, K, d, NULL, &p));
  const double *bars = nax_ph_bars(p, 0, &n);
  assert_int_equal(n, K);
  for (int i = 0; i < K - 1; i++) {
    assert_close(bars[2 * i + 1], merge[i].height, 0.0, 0.0);
  }
  assert_true(isinf(bars[2 * K - 1]));
  nax_ph_free(p);
}

static void
diagrams_move_no_farther_than_the_distances(void **state)
{
  (void)state;
  enum { K = 24, P = K * (K - 1) / 2 };
  double d[P], e[P];
  uint64_t seed = 19;
  for (int round = 0; round < 10; round++) {
    double moved = 0.0;
    for (int i = 0; i < P; i++) {
      d[i] = nax_t_uniform(&seed);
      e[i] = d[i] + 0.1 * nax_t_uniform(&seed);
      moved = e[i] - d[i] > moved ? e[i] - d[i] : moved;
    }
    nax_ph *p, *q;
    assert_ok(nax_ph_rips(NULL, K, d, NULL, &p));
    assert_ok(nax_ph_rips(NULL, K, e, NULL, &q));
    for (int dim = 0; dim <= 1; dim++) {
      nax_index n, m;
      double far;
      const double *a = nax_ph_bars(p, dim, &n), *b = nax_ph_bars(q, dim, &m);
      assert_ok(nax_ph_bottleneck(NULL, n, a, m, b, &far));
      assert_true(far <= moved + 1e-12);
    }
    nax_ph_free(p);
    nax_ph_free(q);
  }
}

/* ------------------------------------------------------ distances and summaries */

static void
distances_and_images_agree_with_the_reference(void **state)
{
  (void)state;
  double *a = ref("ph_dgm1", 2), *b = ref("ph_dgm2", 2), got;
  double *want = ref("ph_bottleneck", 1);
  assert_ok(nax_ph_bottleneck(NULL, 1, a, 1, b, &got));
  assert_close(got, want[0], 0.0, 1e-10);
  free(want);
  static const struct {
    const char *name;
    double q, p;
  } w[] = {{"ph_wasserstein_q1_pinf", 1, INFINITY},
           {"ph_wasserstein_q2_p2", 2, 2},
           {"ph_wasserstein_q2_pinf", 2, INFINITY}};
  for (int i = 0; i < 3; i++) {
    want = ref(w[i].name, 1);
    assert_ok(nax_ph_wasserstein(NULL, 1, a, 1, b, w[i].q, w[i].p, &got));
    assert_close(got, want[0], 0.0, 1e-8);
    free(want);
  }
  nax_ph_image_opts o = NAX_PH_IMAGE_OPTS_INIT;
  double image[64];
  o.birth_max = o.persistence_max = 1.5;
  o.n_birth = o.n_persistence = 8;
  o.integral = 0;
  want = ref("ph_persistence_image", 64);
  assert_ok(nax_ph_image(NULL, 1, a, &o, image));
  assert_all_close(image, want, 64, 0.0, 1e-10);
  free(want);
  free(a);
  free(b);
}

/* Smallest over all matchings, the diagonal included, by trying them: `worst` 1 takes the
 * largest cost of a matching, else the sum. */
static double
try_all(int i, int n_a, const double *a, int n_b, const double *b, unsigned used,
        int worst)
{
  double best = INFINITY;
  if (i == n_a) {
    double rest = 0.0;
    for (int j = 0; j < n_b; j++) {
      double h = 0.5 * (b[2 * j + 1] - b[2 * j]);
      if (!(used >> j & 1)) {
        rest = worst ? (h > rest ? h : rest) : rest + h;
      }
    }
    return rest;
  }
  for (int j = -1; j < n_b; j++) {
    if (j >= 0 && used >> j & 1) {
      continue;
    }
    double c = 0.5 * (a[2 * i + 1] - a[2 * i]);
    if (j >= 0) {
      double x = fabs(a[2 * i] - b[2 * j]), y = fabs(a[2 * i + 1] - b[2 * j + 1]);
      c = x > y ? x : y;
    }
    double rest = try_all(i + 1, n_a, a, n_b, b, j >= 0 ? used | 1u << j : used, worst);
    double all = worst ? (c > rest ? c : rest) : c + rest;
    best = all < best ? all : best;
  }
  return best;
}

static void
distances_equal_the_best_of_all_matchings(void **state)
{
  (void)state;
  uint64_t seed = 41;
  for (int round = 0; round < 200; round++) {
    double a[10], b[10], got;
    int n_a = (int)(nax_t_uniform(&seed) * 6.0), n_b = (int)(nax_t_uniform(&seed) * 6.0);
    for (int i = 0; i < 5; i++) {
      a[2 * i] = floor(10.0 * nax_t_uniform(&seed));
      a[2 * i + 1] = a[2 * i] + 1.0 + floor(6.0 * nax_t_uniform(&seed));
      b[2 * i] = floor(10.0 * nax_t_uniform(&seed));
      b[2 * i + 1] = b[2 * i] + 1.0 + floor(6.0 * nax_t_uniform(&seed));
    }
    assert_ok(nax_ph_bottleneck(NULL, n_a, a, n_b, b, &got));
    assert_close(got, try_all(0, n_a, a, n_b, b, 0, 1), 0.0, 1e-12);
    assert_ok(nax_ph_wasserstein(NULL, n_a, a, n_b, b, 1.0, INFINITY, &got));
    assert_close(got, try_all(0, n_a, a, n_b, b, 0, 0), 0.0, 1e-12);
  }
}

static void
slices_and_heat_are_what_their_definitions_say(void **state)
{
  (void)state;
  const double pi = 3.14159265358979323846;
  double one[2] = {1.0, 3.0}, x, y, z;
  /* A bar against nothing: half its length times the mean of |sin - cos|. */
  assert_ok(nax_ph_sliced(NULL, 1, one, 0, NULL, 20000, &x));
  assert_close(x, 2.0 * sqrt(2.0) / pi, 1e-6, 0);
  uint64_t seed = 31;
  double set[3][12];
  for (int k = 0; k < 3; k++) {
    for (int i = 0; i < 6; i++) {
      set[k][2 * i] = nax_t_uniform(&seed);
      set[k][2 * i + 1] = set[k][2 * i] + nax_t_uniform(&seed);
    }
  }
  for (int a = 0; a < 3; a++) {
    int b = (a + 1) % 3, c = (a + 2) % 3;
    assert_ok(nax_ph_sliced(NULL, 6, set[a], 6, set[a], 50, &x));
    assert_close(x, 0.0, 0, 1e-15);
    assert_ok(nax_ph_sliced(NULL, 6, set[a], 6, set[b], 50, &x));
    assert_ok(nax_ph_sliced(NULL, 6, set[b], 6, set[a], 50, &y));
    assert_close(x, y, 1e-14, 0);
    double w, v;
    assert_ok(nax_ph_sliced(NULL, 6, set[a], 6, set[c], 50, &y));
    assert_ok(nax_ph_sliced(NULL, 6, set[c], 6, set[b], 50, &z));
    assert_true(x <= y + z + 1e-12);
    /* At most 2 sqrt(2) times the Wasserstein distance (Carriere et al. 2017). */
    assert_ok(nax_ph_wasserstein(NULL, 6, set[a], 6, set[b], 1.0, INFINITY, &w));
    assert_true(x <= 2.0 * sqrt(2.0) * w);
    /* Heat: the product of what both spread, over the plane above the diagonal. */
    const double sigma = 0.05, step = 0.02;
    double sum = 0.0;
    for (int i = -100; i < 200; i++) {
      for (int j = i; j < 250; j++) {
        double px = i * step, py = j * step, f[2] = {0.0, 0.0};
        for (int s = 0; s < 2; s++) {
          const double *q = set[s ? b : a];
          for (int k = 0; k < 6; k++) {
            double u = px - q[2 * k], t = py - q[2 * k + 1];
            double m = px - q[2 * k + 1], n = py - q[2 * k];
            f[s] += (exp(-(u * u + t * t) / (4.0 * sigma)) -
                     exp(-(m * m + n * n) / (4.0 * sigma))) /
                    (4.0 * pi * sigma);
          }
        }
        sum += f[0] * f[1] * step * step;
      }
    }
    assert_ok(nax_ph_heat_kernel(NULL, 6, set[a], 6, set[b], sigma, &v));
    assert_close(v, sum, 1e-3, 0);
  }
  const double never[4] = {0.5, INFINITY, 1.0, 3.0};
  assert_ok(nax_ph_sliced(NULL, 2, never, 1, one, 10, &x));
  assert_close(x, 0.0, 0, 1e-15);
  assert_ok(nax_ph_heat_kernel(NULL, 2, never, 1, one, 1.0, &x));
  assert_ok(nax_ph_heat_kernel(NULL, 1, one, 1, one, 1.0, &y));
  assert_close(x, y, 1e-15, 0);
  assert_error(nax_ph_heat_kernel(NULL, 1, one, 1, one, 0.0, &x), NAX_EINVAL,
               "nax_ph_heat_kernel: `sigma` must be above 0, got 0");
  assert_status(nax_ph_sliced(NULL, 1, one, 1, one, 0, &x), NAX_EINVAL);
}

static void
comparisons_and_summaries_can_be_stopped(void **state)
{
  (void)state;
  enum { N = 600 };
  double a[2 * N], b[2 * N], got;
  uint64_t seed = 9;
  nax_ctx *ctx;
  for (int i = 0; i < N; i++) {
    a[2 * i] = nax_t_uniform(&seed);
    a[2 * i + 1] = a[2 * i] + nax_t_uniform(&seed);
    b[2 * i] = nax_t_uniform(&seed);
    b[2 * i + 1] = b[2 * i] + nax_t_uniform(&seed);
  }
  assert_ok(nax_ctx_create(&ctx));
  nax_ctx_cancel(ctx);
  assert_status(nax_ph_bottleneck(ctx, N, a, N, b, &got), NAX_EINTERRUPT);
  assert_true(isnan(got));
  assert_ok(nax_ph_bottleneck(ctx, N, a, N, b, &got));
  nax_ctx_cancel(ctx);
  assert_status(nax_ph_wasserstein(ctx, N, a, N, b, 2.0, 2.0, &got), NAX_EINTERRUPT);
  nax_ctx_cancel(ctx);
  assert_status(nax_ph_sliced(ctx, N, a, N, b, 10, &got), NAX_EINTERRUPT);
  nax_ctx_cancel(ctx);
  assert_status(nax_ph_heat_kernel(ctx, N, a, N, b, 1.0, &got), NAX_EINTERRUPT);
  double t[2] = {0.5, 1.0}, curve[2];
  nax_ctx_cancel(ctx);
  assert_status(nax_ph_betti(ctx, N, a, 2, t, curve), NAX_EINTERRUPT);
  nax_ctx_cancel(ctx);
  assert_status(nax_ph_landscape(ctx, N, a, 2, t, 1, curve), NAX_EINTERRUPT);
  assert_ok(nax_ph_landscape(ctx, N, a, 2, t, 1, curve));
  nax_ctx_free(ctx);
}

static void
classes_that_never_die_are_matched_by_their_births(void **state)
{
  (void)state;
  double a[] = {0, INFINITY, 1, INFINITY}, b[] = {1.5, INFINITY, 0.25, INFINITY}, got;
  assert_ok(nax_ph_bottleneck(NULL, 2, a, 2, b, &got));
  assert_close(got, 0.5, 0.0, 0.0);
  assert_ok(nax_ph_wasserstein(NULL, 2, a, 2, b, 1.0, 2.0, &got));
  assert_close(got, 0.75, 0.0, 1e-15);
  assert_ok(nax_ph_bottleneck(NULL, 2, a, 1, b, &got));
  assert_true(isinf(got));
}

static void
distances_of_a_set_are_those_of_its_pairs(void **state)
{
  (void)state;
  enum { SETS = 4, K = 12, P = K * (K - 1) / 2 };
  double d[P], got[6], one;
  uint64_t seed = 71;
  nax_ph *set[SETS];
  const nax_ph *const *sets = (const nax_ph *const *)set;
  for (int s = 0; s < SETS; s++) {
    for (int i = 0; i < P; i++) {
      d[i] = nax_t_uniform(&seed);
    }
    assert_ok(nax_ph_rips(NULL, K, d, NULL, &set[s]));
  }
  for (int64_t dim = 0; dim <= 1; dim++) {
    for (int worst = 0; worst < 2; worst++) {
      double q = worst ? (double)INFINITY : 2.0;
      assert_ok(nax_ph_distances(NULL, SETS, sets, dim, q, 2.0, got));
      for (int a = 0, at = 0; a < SETS; a++) {
        for (int b = a + 1; b < SETS; b++, at++) {
          nax_index n, m;
          const double *x = nax_ph_bars(set[a], dim, &n),
                       *y = nax_ph_bars(set[b], dim, &m);
          assert_ok(worst ? nax_ph_bottleneck(NULL, n, x, m, y, &one)
                          : nax_ph_wasserstein(NULL, n, x, m, y, 2.0, 2.0, &one));
          assert_close(got[at], one, 0.0, 0.0);
        }
      }
    }
  }
  assert_fails(nax_ph_distances(NULL, SETS, sets, 2, 1.0, 1.0, got), NAX_EINVAL, "`dim`");
  assert_fails(nax_ph_distances(NULL, 1, sets, 1, 1.0, 1.0, got), NAX_EDIM, "at least 2");
  double *none = NULL;
  NAX_T_SWEEP_ALLOC(nax_ph_distances(NULL, SETS, sets, 1, 1.0, 1.0, got), none, (void)0,
                    100);
  for (int s = 0; s < SETS; s++) {
    nax_ph_free(set[s]);
  }
}

static void
summaries_are_what_their_definitions_say(void **state)
{
  (void)state;
  double bars[] = {0, 4, 1, 3, 2, INFINITY}, t[] = {0, 1, 2, 3.5, 5}, out[10];
  assert_ok(nax_ph_betti(NULL, 3, bars, 5, t, out));
  assert_all_close(out, ((double[]){1, 2, 3, 2, 1}), 5, 0.0, 0.0);
  assert_ok(nax_ph_landscape(NULL, 2, bars, 5, t, 2, out));
  assert_all_close(out, ((double[]){0, 1, 2, 0.5, 0, 0, 0, 1, 0, 0}), 10, 0.0, 1e-15);
  double p = 2.0 / 3.0;
  assert_close(nax_ph_entropy(3, bars), -p * log(p) - (1 - p) * log(1 - p), 1e-14, 0.0);
  assert_true(isnan(nax_ph_entropy(1, bars + 4)));
  /* pixels that hold all of the plane hold the weights */
  nax_ph_image_opts o = NAX_PH_IMAGE_OPTS_INIT;
  double image[30 * 40], sum = 0.0;
  o.birth_min = o.persistence_min = -20.0;
  o.birth_max = o.persistence_max = 20.0;
  o.n_birth = 30;
  o.n_persistence = 40;
  o.sd = 0.5;
  assert_ok(nax_ph_image(NULL, 3, bars, &o, image));
  for (int i = 0; i < 30 * 40; i++) {
    sum += image[i];
  }
  assert_close(sum, 6.0, 1e-12, 0.0);
}

/* ------------------------------------------------------------------------ null */

/* Distances between points on a noisy circle. */
static void
ring(nax_index n, double noise, uint64_t seed, double *d)
{
  double x[64], y[64];
  for (nax_index i = 0; i < n; i++) {
    double a = 6.283185307179586 * (double)i / (double)n;
    x[i] = cos(a) + noise * (nax_t_uniform(&seed) - 0.5);
    y[i] = sin(a) + noise * (nax_t_uniform(&seed) - 0.5);
  }
  for (nax_index i = 0; i < n; i++) {
    for (nax_index j = i + 1; j < n; j++) {
      *d++ = hypot(x[i] - x[j], y[i] - y[j]);
    }
  }
}

static void
a_ring_has_a_loop_that_shuffled_distances_do_not_have(void **state)
{
  (void)state;
  enum { K = 24, P = K * (K - 1) / 2 };
  double d[P], first = 0.0;
  ring(K, 0.2, 3, d);
  nax_ctx *ctx;
  assert_ok(nax_ctx_create(&ctx));
  for (int threads = 1; threads <= 2; threads++) {
    nax_table *t;
    assert_ok(nax_ctx_set_threads(ctx, threads));
    assert_ok(nax_ph_null(ctx, K, d, NULL, 99, 1, &t));
    double p = nax_table_numbers(t, nax_table_find(t, "longest_p"))[0];
    double q = nax_table_numbers(t, nax_table_find(t, "longest_null_95"))[0];
    assert_close(p, 0.01, 0.0, 1e-12);
    assert_true(q > 0.0 && (threads == 1 || q == first));
    first = q;
    nax_table_free(t);
  }
  nax_ctx_free(ctx);
}

static void
shuffled_distances_are_found_significant_as_often_as_stated(void **state)
{
  (void)state;
  nax_t_long();
  enum { K = 14, P = K * (K - 1) / 2, ROUNDS = 2000 };
  double d[P];
  uint64_t seed = 77;
  int hits = 0;
  for (int round = 0; round < ROUNDS; round++) {
    nax_table *t;
    for (int i = 0; i < P; i++) {
      d[i] = nax_t_uniform(&seed);
    }
    assert_ok(nax_ph_null(NULL, K, d, NULL, 19, (uint64_t)round, &t));
    hits += nax_table_numbers(t, nax_table_find(t, "longest_p"))[0] <= 0.05;
    nax_table_free(t);
  }
  /* 100 expected, standard deviation 9.7 */
  assert_in_range(hits, 66, 134);
}

/* -------------------------------------------------------------------- refusals */

static void
what_cannot_be_done_is_refused(void **state)
{
  (void)state;
  double d[6] = {1, 2, 3, -1, 2, 3}, bad[] = {2, 1}, got, image[400];
  nax_ph *p;
  nax_table *t;
  nax_ph_opts o = NAX_PH_OPTS_INIT;
  assert_fails(nax_ph_rips(NULL, 4, d, NULL, &p), NAX_EDATA, "pair 1, 2");
  assert_null(p);
  assert_fails(nax_ph_rips(NULL, 1, d, NULL, &p), NAX_EDIM, "n must be");
  assert_fails(nax_ph_bottleneck(NULL, 1, bad, 0, NULL, &got), NAX_EDATA, "bar 0");
  assert_fails(nax_ph_wasserstein(NULL, 0, NULL, 0, NULL, 0.5, 2, &got), NAX_EINVAL,
               "`q`");
  assert_fails(nax_ph_image(NULL, 1, bad, NULL, image), NAX_EDATA, "bar 0");
  d[3] = 1;
  assert_fails(nax_ph_null(NULL, 4, d, NULL, 5, 1, &t), NAX_EINVAL, "at least 19");
  o.max_dim = 0;
  assert_fails(nax_ph_null(NULL, 4, d, &o, 19, 1, &t), NAX_EINVAL, "max-dim");
}

static void
memory_is_known_before_and_kept_to(void **state)
{
  (void)state;
  enum { K = 300, P = K * (K - 1) / 2 };
  double *d = malloc(P * sizeof *d), x[K][3];
  uint64_t seed = 9;
  for (int i = K - 1, at = P; i >= 0; i--) {
    for (int k = 0; k < 3; k++) {
      x[i][k] = nax_t_uniform(&seed);
    }
    for (int j = K - 1; j > i; j--) {
      at--;
      d[at] = hypot(hypot(x[i][0] - x[j][0], x[i][1] - x[j][1]), x[i][2] - x[j][2]);
    }
  }
  nax_ph_opts o = NAX_PH_OPTS_INIT;
  nax_ph *p;
  size_t bytes;
  for (o.max_dim = 1; o.max_dim <= 2; o.max_dim++) {
    o.memory = 0;
    assert_ok(nax_ph_memory(NULL, K, d, &o, &bytes));
    assert_in_range(bytes, K * K * 8, 64 << 20);
    o.memory = (int64_t)(bytes >> 20);
    assert_fails(nax_ph_rips(NULL, K, d, &o, &p), NAX_ENOMEM, "MB");
    assert_null(p);
    o.memory += 8;
    assert_ok(nax_ph_rips(NULL, K, d, &o, &p));
    nax_ph_free(p);
  }
  /* distances without any geometry have more to reduce than can be told */
  for (int i = 0; i < P; i++) {
    d[i] = 1.0 + nax_t_uniform(&seed);
  }
  o.max_dim = 1;
  o.memory = 16;
  assert_fails(nax_ph_rips(NULL, K, d, &o, &p), NAX_ENOMEM, "more than the 16 MB");
  assert_null(p);
  free(d);
}

static void
failing_memory_leaves_nothing_behind(void **state)
{
  (void)state;
  enum { K = 10, P = K * (K - 1) / 2 };
  double d[P], got, *none = NULL, out[4];
  nax_ph *p;
  nax_table *t;
  nax_ph_opts o = NAX_PH_OPTS_INIT;
  ring(K, 0.1, 5, d);
  o.max_dim = 2;
  NAX_T_SWEEP_ALLOC(nax_ph_rips(NULL, K, d, &o, &p), p, nax_ph_free(p), 200);
  NAX_T_SWEEP_ALLOC(nax_ph_null(NULL, K, d, NULL, 19, 1, &t), t, nax_table_free(t), 2000);
  double a[] = {0, 1, 0, 2}, b[] = {0.5, 1};
  NAX_T_SWEEP_ALLOC(nax_ph_bottleneck(NULL, 2, a, 1, b, &got), none, (void)0, 50);
  NAX_T_SWEEP_ALLOC(nax_ph_wasserstein(NULL, 2, a, 1, b, 1, 1, &got), none, (void)0, 50);
  NAX_T_SWEEP_ALLOC(nax_ph_landscape(NULL, 2, a, 2, b, 2, out), none, (void)0, 50);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(diagrams_agree_with_the_reference),
      cmocka_unit_test(diagrams_of_real_dissimilarities_agree_with_the_reference),
      cmocka_unit_test(bars_equal_those_of_the_whole_boundary_matrix),
      cmocka_unit_test(nothing_happens_beyond_the_enclosing_radius),
      cmocka_unit_test(components_end_at_the_merges_of_single_linkage),
      cmocka_unit_test(diagrams_move_no_farther_than_the_distances),
      cmocka_unit_test(distances_and_images_agree_with_the_reference),
      cmocka_unit_test(distances_equal_the_best_of_all_matchings),
      cmocka_unit_test(slices_and_heat_are_what_their_definitions_say),
      cmocka_unit_test(comparisons_and_summaries_can_be_stopped),
      cmocka_unit_test(classes_that_never_die_are_matched_by_their_births),
      cmocka_unit_test(distances_of_a_set_are_those_of_its_pairs),
      cmocka_unit_test(summaries_are_what_their_definitions_say),
      cmocka_unit_test(a_ring_has_a_loop_that_shuffled_distances_do_not_have),
      cmocka_unit_test(shuffled_distances_are_found_significant_as_often_as_stated),
      cmocka_unit_test(what_cannot_be_done_is_refused),
      cmocka_unit_test(memory_is_known_before_and_kept_to),
      cmocka_unit_test(failing_memory_leaves_nothing_behind),
  };
  return cmocka_run_group_tests_name("ph", tests, NULL, NULL);
}
