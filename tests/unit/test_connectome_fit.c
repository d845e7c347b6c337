/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Components of affinities, the tensor being formed or not. */
#include "connectome_test.h"

static void
same_components(const nax_ntf *a, const nax_ntf *b)
{
  int64_t rank = nax_ntf_rank(a);
  assert_int_equal(nax_ntf_n_modes(a), nax_ntf_n_modes(b));
  assert_close(nax_ntf_error(a), nax_ntf_error(b), 1e-9, 0.0);
  assert_true(nax_ntf_error(a) < 0.95);
  assert_all_close(nax_ntf_weights(a), nax_ntf_weights(b), rank, 1e-6, 0.0);
  for (int32_t k = 0; k < nax_ntf_n_modes(a); k++) {
    assert_int_equal(nax_ntf_dim(a, k), nax_ntf_dim(b, k));
    assert_all_close(nax_ntf_factor(a, k), nax_ntf_factor(b, k), rank * nax_ntf_dim(a, k),
                     1e-5, 1e-7);
  }
}

static void
formed_or_not(const nax_array *u, nax_connectome_opts *o, const nax_ntf_opts *f)
{
  nax_ntf *formed, *free_of;
  o->engine = NAX_CONNECTOME_EXPLICIT;
  assert_ok(nax_connectome_factorise(NULL, u, o, f, &formed));
  o->engine = NAX_CONNECTOME_FREE;
  assert_ok(nax_connectome_factorise(NULL, u, o, f, &free_of));
  same_components(formed, free_of);
  nax_ntf_free(formed);
  nax_ntf_free(free_of);
}

/* Not formed and formed, from the same starts: the same components, whichever way the
 * affinities are made. */
static void
the_tensor_need_not_be_formed(void **state)
{
  (void)state;
  nax_array *u = random_u(75, 90, 3, 11), *two = make_u(20, 70, 2, 2);
  double *v = nax_array_data_mut(two);
  uint64_t seed = 5;
  nax_connectome_opts o = NAX_CONNECTOME_OPTS_INIT;
  nax_ntf_opts f = NAX_NTF_OPTS_INIT;
  f.rank = 3;
  f.n_restarts = 2;
  f.max_iter = 12;
  f.tol = 0.0; /* the same number of sweeps in both */
  o.single = 0;
  formed_or_not(u, &o, &f);
  nax_array_free(u);
  u = random_u(20, 600, 1, 12); /* more bins than a tile has */
  for (int32_t k = NAX_CONNECTOME_PROD; k <= NAX_CONNECTOME_ABS; k++) {
    o.kernel = k;
    o.clip = k % 2 != 0 ? NAX_CONNECTOME_CLIP_PAIR : NAX_CONNECTOME_CLIP_TRACE;
    o.channels = k == NAX_CONNECTOME_MIN     ? NAX_CONNECTOME_OPPOSITE
                 : k == NAX_CONNECTOME_RATIO ? NAX_CONNECTOME_BOTH
                                             : NAX_CONNECTOME_SAME;
    formed_or_not(u, &o, &f);
  }
  nax_array_free(u);
  for (nax_index k = 0; k < nax_array_size(two); k++) {
    v[k] = 2.0 * nax_t_uniform(&seed) - 1.0;
  }
  o.kernel = NAX_CONNECTOME_PROD;
  o.channels = NAX_CONNECTOME_BOTH;
  formed_or_not(two, &o, &f);
  o.scale_mode = 1;
  formed_or_not(two, &o, &f);
  nax_array_free(two);
}

/* In float32 the products are those of float64 to the rounding of float32. */
static void
single_precision_is_near(void **state)
{
  (void)state;
  nax_array *u = random_u(40, 700, 2, 3);
  nax_connectome_opts o = NAX_CONNECTOME_OPTS_INIT;
  nax_ntf_opts f = NAX_NTF_OPTS_INIT;
  nax_ntf *single, *twice;
  f.rank = 4;
  f.n_restarts = 3;
  f.max_iter = 15;
  o.engine = NAX_CONNECTOME_FREE;
  assert_ok(nax_connectome_factorise(NULL, u, &o, &f, &single));
  o.single = 0;
  assert_ok(nax_connectome_factorise(NULL, u, &o, &f, &twice));
  for (int64_t k = 0; k < 3; k++) {
    assert_close(nax_ntf_restart_error(single, k), nax_ntf_restart_error(twice, k), 1e-4,
                 0.0);
  }
  nax_ntf_free(single);
  nax_ntf_free(twice);
  nax_array_free(u);
}

/* Relative error of a fit over the affinities that are there, entry by entry. */
static double
error_of(const nax_array *a, const nax_ntf *m, const nax_i_extent *e)
{
  double sum = 0.0, all = 0.0;
  nax_index n_time = nax_array_dim(a, 0), n_animals = nax_array_dim(a, 1);
  for (nax_index p = 0; p < e->n_pairs; p++) {
    nax_index pair = e->j[p] * (e->j[p] - 1) / 2 + e->i[p];
    for (nax_index w = 0; w < n_animals; w++) {
      for (nax_index t = 0; t < e->n_bins; t++) {
        double v = nax_array_f64(a)[e->bin[t] + n_time * (w + n_animals * pair)], fit = 0;
        for (int64_t r = 0; r < nax_ntf_rank(m); r++) {
          fit += nax_ntf_weights(m)[r] * nax_ntf_factor(m, 0)[t + e->n_bins * r] *
                 nax_ntf_factor(m, 1)[w + n_animals * r] *
                 nax_ntf_factor(m, 2)[p + e->n_pairs * r];
        }
        if (!isnan(v)) {
          sum += (v - fit) * (v - fit);
          all += v * v;
        }
      }
    }
  }
  return sqrt(sum / all);
}

/* Animals that lack neurons, and bins: the error told is that of what is there, and a fit
 * in memory, which fills what is missing, finds nothing better from there. */
static void
missing_neurons_need_no_tensor(void **state)
{
  (void)state;
  nax_array *u = random_u(14, 60, 3, 21), *a;
  double *v = nax_array_data_mut(u), *first;
  nax_connectome_opts o = NAX_CONNECTOME_OPTS_INIT;
  nax_ntf_opts f = NAX_NTF_OPTS_INIT;
  nax_ntf *formed, *free_of;
  nax_i_derivatives d;
  nax_i_extent e;
  nax_view init[3];
  for (nax_index w = 0; w < 3; w++) {
    for (nax_index t = 0; t < 60; t++) {
      v[2 + 3 * w + 14 * (t + 60 * w)] = (double)NAN;
      for (nax_index i = 0; i < 14 && t >= 50 + 4 * w; i++) {
        v[i + 14 * (t + 60 * w)] = (double)NAN;
      }
    }
  }
  for (nax_index t = 0; t < 60; t++) {
    v[5 + 14 * (t + 60)] = v[9 + 14 * (t + 60)] = (double)NAN;
  }
  f.rank = 3;
  f.n_restarts = 1;
  f.max_iter = 2000;
  f.tol = 1e-9;
  o.single = 0;
  o.engine = NAX_CONNECTOME_FREE;
  assert_ok(nax_i_derivatives_of(NULL, "test", u, &d));
  assert_ok(nax_i_extent_init(NULL, "test", &d, &e));
  assert_true(e.missing);
  assert_ok(nax_connectome_factorise(NULL, u, &o, &f, &free_of));
  assert_int_equal(nax_ntf_stop(free_of), NAX_STOP_TOL);
  assert_ok(nax_connectome_affinity(NULL, u, &o, &a));
  assert_close(nax_ntf_error(free_of), error_of(a, free_of, &e), 1e-9, 0.0);
  nax_array_free(a);
  first = calloc((size_t)(3 * e.n_bins), sizeof *first);
  for (nax_index k = 0; k < 3 * e.n_bins; k++) {
    first[k] = nax_ntf_weights(free_of)[k / e.n_bins] * nax_ntf_factor(free_of, 0)[k];
  }
  for (int32_t k = 0; k < 3; k++) {
    double *x = k == 0 ? first : (double *)(uintptr_t)nax_ntf_factor(free_of, k);
    init[k] = nax_view_f64(x, 2, (nax_index[]){nax_ntf_dim(free_of, k), 3});
  }
  nax_i_start start = {init, NULL};
  o.engine = NAX_CONNECTOME_EXPLICIT;
  assert_ok(
      nax_i_connectome_factorise(NULL, "test", &d, &e, &o, &start, &f, &formed, NULL));
  assert_true(nax_ntf_error(formed) > nax_ntf_error(free_of) - 1e-6);
  assert_true(nax_ntf_error(free_of) < 0.9);
  nax_i_extent_free(&e);
  nax_ntf_free(formed);
  nax_ntf_free(free_of);
  nax_array_free(u);
  free(first);
}

/* ---------------------------------------------------------------- motifs of communities
 */

/* What a motif is made of multiplies to the pair factor, whether the tensor is formed or
 * not and with neurons missing, and no sweep makes the fit worse. */
static void
symmetric_motifs_are_products(void **state)
{
  (void)state;
  for (int gaps = 0; gaps < 2; gaps++) {
    nax_array *u = random_u(12, 80, 2, 31);
    double *v = nax_array_data_mut(u);
    nax_connectome_opts o = NAX_CONNECTOME_OPTS_INIT;
    nax_ntf_opts f = NAX_NTF_OPTS_INIT;
    nax_connectome *formed, *free_of;
    for (nax_index t = 0; gaps && t < 80; t++) {
      v[4 + 12 * t] = v[7 + 12 * (t + 80)] = (double)NAN;
    }
    f.rank = 2;
    f.n_restarts = 2;
    f.max_iter = 30;
    f.tol = 0.0;
    o.symmetric = 3;
    o.single = 0;
    o.engine = NAX_CONNECTOME_EXPLICIT;
    assert_ok(nax_connectome_fit(NULL, u, &o, &f, &formed));
    o.engine = NAX_CONNECTOME_FREE;
    assert_ok(nax_connectome_fit(NULL, u, &o, &f, &free_of));
    same_components(nax_connectome_ntf(formed), nax_connectome_ntf(free_of));
    for (int64_t r = 0; r < 2; r++) {
      assert_null(nax_connectome_blocks(free_of, r));
      for (nax_index i = 0; i < 12; i++) {
        for (nax_index j = 0; j < i; j++) {
          double sum = 0.0, motif = nax_connectome_motif(free_of, r)[i + 12 * j];
          for (nax_index q = 0; q < 3; q++) {
            double a = nax_connectome_membership(free_of, r, i, q);
            assert_true(a >= 0.0);
            sum += a * nax_connectome_membership(free_of, r, j, q);
          }
          if (gaps && i == 7 && j == 4) {
            assert_true(isnan(motif));
          } else {
            assert_close(sum, motif, 1e-8, 1e-10);
          }
        }
      }
    }
    nax_index n;
    const double *trace = nax_ntf_trace(nax_connectome_ntf(formed), &n);
    for (nax_index k = 1; k < n && !gaps; k++) {
      assert_true(trace[k] <= trace[k - 1] * (1.0 + 1e-10));
    }
    nax_connectome_free(formed);
    nax_connectome_free(free_of);
    nax_array_free(u);
  }
}

/* Two motifs of two disjoint groups of neurons each, in force in turn: communities are
 * read off, in the dataset too. */
static void
symmetric_motifs_tell_communities(void **state)
{
  (void)state;
  enum { N = 24, T = 400 };
  nax_array *u = make_u(N, T, 2, 1);
  double *v = nax_array_data_mut(u);
  uint64_t seed = 9;
  nax_connectome_opts o = NAX_CONNECTOME_OPTS_INIT;
  nax_ntf_opts f = NAX_NTF_OPTS_INIT;
  nax_connectome *m;
  nax_dataset *d;
  for (nax_index k = 0; k < 2 * T; k++) {
    int second = k % T >= T / 2, which = nax_t_uniform(&seed) < 0.5;
    double x = 2.0 * nax_t_uniform(&seed) - 1.0;
    for (nax_index i = 0; i < N; i++) {
      nax_index group = second ? i % 3 : i / 8; /* groups 0 and 1 act, 2 is silent */
      v[i + N * k] = group == which ? x : 0.05 * (2.0 * nax_t_uniform(&seed) - 1.0);
    }
  }
  f.rank = 2;
  f.n_restarts = 5;
  o.symmetric = 2;
  o.floor = 1e-3;
  assert_ok(nax_connectome_fit(NULL, u, &o, &f, &m));
  int seen[2] = {0, 0};
  for (int64_t r = 0; r < 2; r++) {
    const double *when = nax_connectome_when(m) + T * r;
    double early = 0.0, late = 0.0, ari;
    int64_t a[16], b[16];
    int n = 0;
    for (nax_index t = 0; t < T; t++) {
      *(t < T / 2 ? &early : &late) += when[t];
    }
    int second = late > early;
    seen[second]++;
    assert_true(fmax(early, late) > 10.0 * fmin(early, late));
    for (nax_index i = 0; i < N; i++) {
      nax_index group = second ? i % 3 : i / 8;
      if (group < 2) {
        a[n] = group;
        b[n++] = nax_connectome_labels(m, r)[i];
      }
    }
    assert_ok(nax_stats_ari(NULL, n, a, b, &ari));
    assert_close(ari, 1.0, 0.0, 0.0);
  }
  assert_int_equal(seen[0], 1);
  assert_int_equal(seen[1], 1);
  assert_ok(nax_connectome_dataset(NULL, m, u, &d));
  const nax_array *member = nax_dataset_array(d, "membership");
  assert_non_null(member);
  assert_int_equal(nax_array_dim(member, 2), 2);
  assert_close(nax_array_f64(member)[5 + N * (1 + 2 * 1)],
               nax_connectome_membership(m, 1, 5, 1), 0.0, 0.0);
  assert_null(nax_dataset_array(d, "uncertainty"));
  nax_dataset_free(d);
  nax_connectome_free(m);
  f.penalty = "pair:l1=1";
  assert_error(nax_connectome_fit(NULL, u, &o, &f, &m), NAX_EINVAL,
               "nax_connectome_fit: `symmetric` expects no penalty on pair");
  nax_array_free(u);
}

/* Starts on every fifth bin lead to the components that all bins have. */
static void
some_bins_are_enough_to_start(void **state)
{
  (void)state;
  nax_array *u = random_u(15, 300, 2, 12);
  nax_connectome_opts o = NAX_CONNECTOME_OPTS_INIT;
  nax_ntf_opts f = NAX_NTF_OPTS_INIT;
  nax_ntf *all, *some;
  f.rank = 3;
  f.n_restarts = 4;
  o.engine = NAX_CONNECTOME_FREE;
  o.start_bins = 0;
  assert_ok(nax_connectome_factorise(NULL, u, &o, &f, &all));
  o.start_bins = 60;
  o.full_tol = 0.0;
  assert_ok(nax_connectome_factorise(NULL, u, &o, &f, &some));
  assert_int_equal(nax_ntf_dim(some, 0), 300);
  assert_int_equal(nax_ntf_n_restarts(some), 1);
  assert_close(nax_ntf_error(some), nax_ntf_error(all), 1e-5, 0.0);
  assert_all_close(nax_ntf_weights(some), nax_ntf_weights(all), 3, 1e-2, 0.0);
  assert_all_close(nax_ntf_factor(some, 2), nax_ntf_factor(all, 2),
                   3 * nax_ntf_dim(all, 2), 1e-2, 1e-3);
  double error = nax_ntf_error(some);
  nax_index sweeps, fewer;
  (void)nax_ntf_trace(some, &sweeps);
  nax_ntf_free(some);
  o.full_tol = 1e-4; /* a few sweeps over all bins, which end where little is gained */
  assert_ok(nax_connectome_factorise(NULL, u, &o, &f, &some));
  assert_int_equal(nax_ntf_stop(some), NAX_STOP_TOL);
  (void)nax_ntf_trace(some, &fewer);
  assert_true(fewer < sweeps);
  assert_true(nax_ntf_error(some) >= error);
  assert_close(nax_ntf_error(some), error, 1e-3, 0.0);
  o.start_bins = 151; /* not twice as many: no part */
  nax_ntf_free(some);
  assert_ok(nax_connectome_factorise(NULL, u, &o, &f, &some));
  assert_int_equal(nax_ntf_n_restarts(some), 4);
  nax_ntf_free(some);
  nax_ntf_free(all);
  nax_array_free(u);
}

/* Motifs that are constant over stretches are those of the affinities averaged over them,
 * formed or not, whatever some animal lacks. */
static void
averaged_affinities_have_the_same_motifs(void **state)
{
  (void)state;
  enum { N = 16, T = 96, W = 2, LONG = 8, PAIRS = N * (N - 1) / 2, R = 2 };
  nax_array *u = random_u(N, T, W, 5), *a;
  nax_connectome_opts o = NAX_CONNECTOME_OPTS_INIT;
  nax_ntf_opts f = NAX_NTF_OPTS_INIT;
  nax_ntf *tied, *averaged;
  nax_i_derivatives d;
  nax_i_extent e;
  double *x = calloc((size_t)(T / LONG) * W * PAIRS, sizeof *x);
  f.rank = R;
  f.n_restarts = 6;
  f.tol = 1e-10;
  o.single = 0;
  o.average = LONG;
  formed_or_not(u, &o, &f);
  assert_ok(nax_connectome_factorise(NULL, u, &o, &f, &tied));
  const double *when = nax_ntf_factor(tied, 0);
  for (nax_index k = 0; k < T * R; k++) {
    assert_close(when[k], when[k / LONG * LONG], 1e-12, 1e-15);
  }
  assert_ok(nax_connectome_affinity(NULL, u, &o, &a));
  for (nax_index k = 0; k < (nax_index)T * W * PAIRS; k++) {
    x[k / LONG] += nax_array_f64(a)[k] / LONG;
  }
  nax_view v = nax_view_f64(x, 3, (nax_index[]){T / LONG, W, PAIRS});
  assert_ok(nax_ntf_fit(NULL, &v, NULL, &f, &averaged));
  assert_all_close(nax_ntf_factor(tied, 2), nax_ntf_factor(averaged, 2), R * PAIRS, 1e-2,
                   1e-3);
  assert_all_close(nax_ntf_factor(tied, 1), nax_ntf_factor(averaged, 1), R * W, 1e-2,
                   1e-3);
  nax_ntf_free(tied);
  nax_ntf_free(averaged);
  for (nax_index t = 0; t < T;
       t++) { /* neuron 3 of the second animal, its last stretches */
    ((double *)nax_array_data_mut(u))[3 + N * (t + T)] = (double)NAN;
  }
  for (nax_index k = 0; k < N * 2 * LONG; k++) {
    ((double *)nax_array_data_mut(u))[N * T * W - 1 - k] = (double)NAN;
  }
  nax_array_free(a);
  o.engine = NAX_CONNECTOME_FREE;
  assert_ok(nax_connectome_factorise(NULL, u, &o, &f, &tied));
  assert_ok(nax_i_derivatives_of(NULL, "test", u, &d));
  assert_ok(nax_i_extent_init(NULL, "test", &d, &e));
  assert_ok(nax_connectome_affinity(NULL, u, &o, &a));
  assert_close(nax_ntf_error(tied), error_of(a, tied, &e), 1e-9, 0.0);
  when = nax_ntf_factor(tied, 0);
  for (nax_index k = 0; k < T * R; k++) {
    assert_close(when[k], when[k / LONG * LONG], 1e-12, 1e-15);
  }
  nax_i_extent_free(&e);
  nax_ntf_free(tied);
  nax_array_free(a);
  nax_array_free(u);
  free(x);
}

/* So are every second neuron of a thousand: three groups that change together, each in a
 * third of the time, and the motifs of all neurons. */
static void
some_neurons_are_enough_to_start(void **state)
{
  (void)state;
  enum { N = 1001, T = 60 };
  nax_array *u = make_u(N, T, 1, 1);
  double *v = nax_array_data_mut(u);
  uint64_t seed = 8;
  nax_connectome_opts o = NAX_CONNECTOME_OPTS_INIT;
  nax_ntf_opts f = NAX_NTF_OPTS_INIT;
  nax_ntf *m;
  for (nax_index t = 0; t < T; t++) {
    double course = 0.3 + 0.7 * nax_t_uniform(&seed);
    for (nax_index i = 0; i < N; i++) {
      double noise = 0.1 * (2.0 * nax_t_uniform(&seed) - 1.0);
      v[i + N * t] = noise + (i % 3 == t / (T / 3) ? course : 0.0);
    }
  }
  f.rank = 3;
  f.n_restarts = 3;
  o.engine = NAX_CONNECTOME_FREE;
  o.start_bins = 15;
  assert_ok(nax_connectome_factorise(NULL, u, &o, &f, &m));
  assert_int_equal(nax_ntf_dim(m, 0), T);
  assert_int_equal(nax_ntf_dim(m, 2), N * (N - 1) / 2);
  for (int64_t r = 0; r < 3; r++) {
    const double *pair = nax_ntf_factor(m, 2) + (int64_t)N * (N - 1) / 2 * r;
    double within[3] = {0.0}, all = 0.0;
    for (nax_index j = 0, p = 0; j < N; j++) {
      for (nax_index i = 0; i < j; i++, p++) {
        within[j % 3] += i % 3 == j % 3 ? pair[p] * pair[p] : 0.0;
        all += pair[p] * pair[p];
      }
    }
    assert_true(fmax(within[0], fmax(within[1], within[2])) > 0.95 * all);
  }
  nax_ntf_free(m);
  nax_array_free(u);
}

static void
threads_do_not_change_a_bit(void **state)
{
  (void)state;
  nax_array *u = random_u(12, 70, 2, 12);
  nax_connectome_opts o = NAX_CONNECTOME_OPTS_INIT;
  nax_ntf_opts f = NAX_NTF_OPTS_INIT;
  f.rank = 2;
  f.n_restarts = 1;
  f.max_iter = 15;
  for (int32_t engine = NAX_CONNECTOME_EXPLICIT; engine <= NAX_CONNECTOME_FREE;
       engine++) {
    nax_ntf *first = NULL;
    o.engine = engine;
    for (int32_t threads = 1; threads <= 4; threads *= 2) {
      nax_ctx *ctx;
      nax_ntf *m;
      assert_ok(nax_ctx_create(&ctx));
      assert_ok(nax_ctx_set_threads(ctx, threads));
      assert_ok(nax_connectome_factorise(ctx, u, &o, &f, &m));
      if (first == NULL) {
        first = m;
      } else {
        for (int32_t k = 0; k < 3; k++) {
          assert_memory_equal(nax_ntf_factor(m, k), nax_ntf_factor(first, k),
                              (size_t)(2 * nax_ntf_dim(m, k)) * sizeof(double));
        }
        nax_ntf_free(m);
      }
      nax_ctx_free(ctx);
    }
    nax_ntf_free(first);
  }
  nax_array_free(u);
}

/* Missing neurons, a missing bin and a pair that no animal has: the fit is that of what
 * is there. */
static void
what_nobody_has_is_left_out(void **state)
{
  (void)state;
  nax_array *u = random_u(8, 40, 2, 13);
  double *v = nax_array_data_mut(u);
  nax_connectome_opts o = NAX_CONNECTOME_OPTS_INIT;
  nax_ntf_opts f = NAX_NTF_OPTS_INIT;
  nax_ntf *m;
  for (nax_index t = 0; t < 40; t++) {
    v[2 + 8 * t] = (double)NAN;        /* neuron 2 is in the second animal only */
    v[5 + 8 * (t + 40)] = (double)NAN; /* neuron 5 in the first only */
  }
  for (nax_index i = 0; i < 8; i++) {
    v[i + 8 * 17] = v[i + 8 * (17 + 40)] = (double)NAN;
  }
  f.rank = 2;
  f.n_restarts = 1;
  f.max_iter = 30;
  assert_ok(nax_connectome_factorise(NULL, u, &o, &f, &m));
  assert_int_equal(nax_ntf_dim(m, 0), 39);
  assert_int_equal(nax_ntf_dim(m, 2), 8 * 7 / 2 - 1);
  nax_ntf_free(m);
  v[3 + 8 * 21] = (double)NAN; /* one sample */
  o.engine = NAX_CONNECTOME_FREE;
  assert_error(nax_connectome_factorise(NULL, u, &o, &f, &m), NAX_EDATA,
               "nax_connectome_factorise: `engine` free expects only whole neurons and "
               "whole bins of an animal to be missing");
  for (nax_index k = 0; k < 8 * 80; k++) {
    v[k] = 0.0;
  }
  o.interval = 1;
  assert_error(nax_connectome_factorise(NULL, u, &o, &f, &m), NAX_EINVAL,
               "nax_connectome_factorise: `engine` free expects `interval` to be off");
  o.interval = 0;
  o.kernel = NAX_CONNECTOME_PROD;
  assert_error(nax_connectome_factorise(NULL, u, &o, &f, &m), NAX_EDATA,
               "nax_connectome_factorise: no two neurons ever change together");
  assert_null(m);
  nax_array_free(u);
}

/* 189 neurons, 960 bins, 21 animals: 2.9 GB when formed. */
static void
memory_is_predicted(void **state)
{
  (void)state;
  nax_array *u = make_u(189, 960, 21, 1);
  nax_connectome_opts o = NAX_CONNECTOME_OPTS_INIT;
  nax_ntf_opts f = NAX_NTF_OPTS_INIT;
  size_t bytes;
  int32_t is_free;
  f.n_restarts = 4;
  assert_ok(nax_connectome_memory(NULL, u, &o, &f, &bytes, &is_free));
  assert_int_equal(is_free, 1);
  assert_true(bytes + (size_t)nax_array_size(u) * sizeof(double) < 400u << 20);
  o.engine = NAX_CONNECTOME_EXPLICIT;
  assert_ok(nax_connectome_memory(NULL, u, &o, &f, &bytes, &is_free));
  assert_int_equal(is_free, 0);
  assert_true(bytes > (size_t)960 * 21 * 17766 * 4);
  nax_array_free(u);
}

/* Two motifs in turn: one is too few, and held-out stretches say so; a tensor of some
 * bins and neurons says it too. */
static void
the_number_of_motifs_is_told(void **state)
{
  (void)state;
  nax_array *u = make_u(16, 300, 2, 1);
  double *v = nax_array_data_mut(u);
  uint64_t seed = 4;
  nax_connectome_opts o = NAX_CONNECTOME_OPTS_INIT;
  nax_ntf_opts f = NAX_NTF_OPTS_INIT;
  nax_ntf_select_opts s = NAX_NTF_SELECT_OPTS_INIT;
  nax_ntf_selection found, again;
  nax_table *t;
  double course[300]; /* all animals alike */
  for (int k = 0; k < 300; k++) {
    course[k] = 2.0 * nax_t_uniform(&seed) - 1.0;
  }
  for (nax_index k = 0; k < 600; k++) {
    double x = course[k % 300];
    nax_index active = k % 300 / 25 % 2;
    for (nax_index i = 0; i < 16; i++) {
      double noise = 0.1 * (2.0 * nax_t_uniform(&seed) - 1.0);
      v[i + 16 * k] = i / 8 == active ? 0.8 * x + noise : 0.0;
    }
  }
  f.n_restarts = 4;
  s.rank_max = 3;
  s.n_folds = 2;
  assert_ok(nax_connectome_select(NULL, u, &o, &f, &s, &t, &found));
  assert_int_equal(nax_table_n_rows(t), 3);
  const double *test = nax_table_numbers(t, nax_table_find(t, "held_out_error"));
  assert_true(test[1] < 0.9 * test[0]);
  assert_true(found.rank_cv >= 2);
  nax_table_free(t);
  assert_ok(nax_connectome_select(NULL, u, &o, &f, &s, NULL, &again));
  assert_memory_equal(&again, &found, sizeof found);
  s.rank_min = 4;
  assert_status(nax_connectome_select(NULL, u, &o, &f, &s, &t, &found), NAX_EINVAL);
  assert_null(t);
  nax_array_free(u);
}

/* Gaps, motifs of communities, starts on some of the bins: each allocation in turn. */
static void
failed_allocations_are_reported(void **state)
{
  (void)state;
  nax_array *u = random_u(5, 40, 2, 17);
  double *v = nax_array_data_mut(u);
  nax_connectome_opts o = NAX_CONNECTOME_OPTS_INIT;
  nax_ntf_opts f = NAX_NTF_OPTS_INIT;
  nax_ntf_select_opts s = NAX_NTF_SELECT_OPTS_INIT;
  nax_connectome *m;
  nax_table *t;
  nax_ntf_selection found;
  for (nax_index k = 0; k < 40; k++) {
    v[2 + 5 * k] = (double)NAN;
  }
  f.rank = f.n_restarts = 1;
  f.max_iter = 2;
  o.engine = NAX_CONNECTOME_FREE;
  o.start_bins = 20;
  o.symmetric = 2;
  NAX_T_SWEEP_ALLOC(nax_connectome_fit(NULL, u, &o, &f, &m), m, nax_connectome_free(m),
                    2000);
  s.rank_max = s.n_folds = s.fold_starts = 1;
  NAX_T_SWEEP_ALLOC(nax_connectome_select(NULL, u, &o, &f, &s, &t, &found), t,
                    nax_table_free(t), 2000);
  nax_array_free(u);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_tensor_need_not_be_formed),
      cmocka_unit_test(single_precision_is_near),
      cmocka_unit_test(missing_neurons_need_no_tensor),
      cmocka_unit_test(symmetric_motifs_are_products),
      cmocka_unit_test(symmetric_motifs_tell_communities),
      cmocka_unit_test(some_bins_are_enough_to_start),
      cmocka_unit_test(averaged_affinities_have_the_same_motifs),
      cmocka_unit_test(some_neurons_are_enough_to_start),
      cmocka_unit_test(threads_do_not_change_a_bit),
      cmocka_unit_test(what_nobody_has_is_left_out),
      cmocka_unit_test(memory_is_predicted),
      cmocka_unit_test(the_number_of_motifs_is_told),
      cmocka_unit_test(failed_allocations_are_reported),
  };
  return cmocka_run_group_tests_name("connectome_fit", tests, NULL, NULL);
}
