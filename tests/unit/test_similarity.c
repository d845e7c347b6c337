/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Representations compared without models, and encoding models. */
#include "rsa_reference.h"

static nax_view
matrix(const double *x, nax_index rows, nax_index cols)
{
  return nax_view_f64(x, 2, (nax_index[]){rows, cols});
}

static double
normal(uint64_t *seed)
{
  double u = nax_t_uniform(seed), v = nax_t_uniform(seed);
  return sqrt(-2.0 * log(1.0 - u)) * cos(2.0 * M_PI * v);
}

static void
fill(double *x, int n, uint64_t seed)
{
  for (int k = 0; k < n; k++) {
    x[k] = normal(&seed);
  }
}

static double
compare(const nax_view *a, const nax_view *b, nax_similarity_measure measure, int biased)
{
  nax_similarity_opts o = NAX_SIMILARITY_OPTS_INIT;
  double out;
  o.measure = measure;
  o.biased = biased;
  o.neighbours = 3;
  assert_ok(nax_similarity(NULL, a, b, &o, &out));
  return out;
}

/* ------------------------------------------------------------------ references */

static void
similarities_agree_with_the_reference(void **state)
{
  (void)state;
  ref ra = ref_load("in_rep_A"), rb = ref_load("in_rep_B");
  nax_view a = matrix(ra.x, ra.dim[1], ra.dim[0]), b = matrix(rb.x, rb.dim[1], rb.dim[0]);
  double v = compare(&a, &b, NAX_SIMILARITY_CKA, 1);
  ref_check("cka_linear", &v, 1, 1e-10);
  v = compare(&a, &b, NAX_SIMILARITY_RV, 0);
  ref_check("cka_linear", &v, 1, 1e-10);
  v = compare(&a, &b, NAX_SIMILARITY_CKA, 0);
  ref_check("cka_unbiased", &v, 1, 1e-10);
  v = compare(&a, &b, NAX_SIMILARITY_CKA_RBF, 1);
  ref_check("cka_rbf_half_median", &v, 1, 1e-10);
  v = compare(&a, &b, NAX_SIMILARITY_PROCRUSTES, 0);
  ref_check("procrustes_size_shape", &v, 1, 1e-10);
  v = compare(&a, &b, NAX_SIMILARITY_SHAPE, 0);
  ref_check("procrustes_angular", &v, 1, 1e-10);
  v = compare(&a, &b, NAX_SIMILARITY_SVCCA, 0);
  ref_check("svcca_mean", &v, 1, 1e-10);
  double rho[16];
  nax_index n = 0;
  assert_ok(nax_similarity_cca(NULL, &a, &b, 1.0, 16, rho, &n));
  ref_check("cca_rho", rho, n, 1e-10);
  v = compare(&a, &b, NAX_SIMILARITY_CCA, 0);
  double mean = 0.0;
  for (nax_index k = 0; k < n; k++) {
    mean += rho[k] / (double)n;
  }
  assert_close(v, mean, 1e-14, 0);
  const char *names[] = {"netrep_angular_alpha1.0", "netrep_angular_alpha0.5",
                         "netrep_angular_alpha0.0"};
  for (int k = 0; k < 3; k++) { /* their alpha is what is not whitened */
    nax_similarity_opts o = NAX_SIMILARITY_OPTS_INIT;
    o.measure = NAX_SIMILARITY_SHAPE;
    o.whitening = 0.5 * k;
    assert_ok(nax_similarity(NULL, &a, &b, &o, &v));
    ref_check(names[k], &v, 1, 1e-8);
  }
  assert_status(nax_similarity_cca(NULL, &a, &b, 1.0, n - 1, rho, &n), NAX_EDIM);
  assert_int_equal(n, 0);
  free(ra.x);
  free(rb.x);
}

static void
ridge_agrees_with_the_reference(void **state)
{
  (void)state;
  ref x = ref_load("in_enc_X"), y = ref_load("in_enc_Y"), al = ref_load("in_enc_alphas");
  nax_view vx = matrix(x.x, 15, 60), vy = matrix(y.x, 6, 60);
  double w[6 * 50], b[6], alpha[6], predicted[20 * 6], r[6];
  char name[64];
  for (int per = 0; per < 2; per++) {
    nax_index edge = -1;
    assert_ok(nax_ridge_loo(NULL, &vx, &vy, al.n, al.x, per, w, b, alpha, &edge));
    assert_true(edge >= 0);
    snprintf(name, sizeof name, "enc_alpha_pertarget%d", per);
    ref_check(name, alpha, per ? 6 : 1, 1e-10);
    snprintf(name, sizeof name, "enc_coef_pertarget%d", per);
    ref_check(name, w, 6 * 15, 1e-10);
    for (int t = 0; t < 6; t++) {
      double mp = 0.0, my = 0.0, pp = 0.0, yy = 0.0, py = 0.0;
      for (int k = 0; k < 20; k++) {
        double sum = b[t];
        for (int i = 0; i < 15; i++) {
          sum += w[i + 15 * t] * x.x[i + 15 * (60 + k)];
        }
        predicted[t + 6 * k] = sum;
        mp += sum / 20.0;
        my += y.x[t + 6 * (60 + k)] / 20.0;
      }
      for (int k = 0; k < 20; k++) {
        double p = predicted[t + 6 * k] - mp, q = y.x[t + 6 * (60 + k)] - my;
        pp += p * p;
        yy += q * q;
        py += p * q;
      }
      r[t] = py / sqrt(pp * yy);
    }
    snprintf(name, sizeof name, "enc_pred_pertarget%d", per);
    ref_check(name, predicted, 120, 1e-10);
    snprintf(name, sizeof name, "enc_r_pertarget%d", per);
    ref_check(name, r, 6, 1e-10);
  }
  /* More features than observations. */
  ref wide = ref_load("in_enc_Xwide");
  nax_view vw = matrix(wide.x, 50, 30), v30 = matrix(y.x, 6, 30);
  assert_ok(nax_ridge_loo(NULL, &vw, &v30, al.n, al.x, 1, w, b, alpha, NULL));
  ref_check("enc_wide_alpha", alpha, 6, 1e-10);
  ref_check("enc_wide_coef", w, 300, 1e-9);
  free(x.x);
  free(y.x);
  free(al.x);
  free(wide.x);
}

/* ------------------------------------------------------------------ properties */

enum { N = 24, P = 6, Q = 9 };

/* y = rotation of x (P x N) by a random orthogonal matrix, times `scale`, plus a shift.
 */
static void
rotated(const double *x, double scale, double *y)
{
  double q[P * P];
  uint64_t seed = 77;
  for (int k = 0; k < P * P; k++) {
    q[k] = normal(&seed);
  }
  for (int j = 0; j < P; j++) { /* Gram-Schmidt, twice */
    for (int twice = 0; twice < 2; twice++) {
      for (int i = 0; i < j; i++) {
        double dot = 0.0;
        for (int k = 0; k < P; k++) {
          dot += q[k + i * P] * q[k + j * P];
        }
        for (int k = 0; k < P; k++) {
          q[k + j * P] -= dot * q[k + i * P];
        }
      }
    }
    double norm = 0.0;
    for (int k = 0; k < P; k++) {
      norm += q[k + j * P] * q[k + j * P];
    }
    for (int k = 0; k < P; k++) {
      q[k + j * P] /= sqrt(norm);
    }
  }
  for (int o = 0; o < N; o++) {
    for (int i = 0; i < P; i++) {
      double sum = 3.0 * i;
      for (int k = 0; k < P; k++) {
        sum += scale * q[i + k * P] * x[k + o * P];
      }
      y[i + o * P] = sum;
    }
  }
}

static void
rotations_shifts_and_scales_do_not_matter_where_they_should_not(void **state)
{
  (void)state;
  double x[P * N], y[P * N], z[Q * N];
  fill(x, P * N, 1);
  fill(z, Q * N, 2);
  rotated(x, 2.5, y);
  nax_view a = matrix(x, P, N), b = matrix(y, P, N), c = matrix(z, Q, N);
  for (int m = NAX_SIMILARITY_CKA; m <= NAX_SIMILARITY_NEIGHBOURS; m++) {
    int is_distance = m >= NAX_SIMILARITY_PROCRUSTES && m <= NAX_SIMILARITY_PERMUTATION;
    double self = compare(&a, &a, m, 0);
    assert_close(self, is_distance ? 0.0 : 1.0, 0, 1e-6);
    if (m == NAX_SIMILARITY_PROCRUSTES || m == NAX_SIMILARITY_PERMUTATION) {
      continue; /* size counts; channels are paired */
    }
    assert_close(compare(&a, &b, m, 0), self, 0, 2e-6);
    double ac = compare(&a, &c, m, 0);
    if (m == NAX_SIMILARITY_PWCCA) { /* weighs by the channels of the first */
      assert_close(compare(&c, &b, m, 0), compare(&c, &a, m, 0), 1e-8, 1e-9);
      continue;
    }
    assert_close(compare(&b, &c, m, 0), ac, 1e-8, 1e-9);
    assert_close(compare(&c, &a, m, 0), ac, 1e-10, 1e-12);
  }
  rotated(x, 1.0, y);
  assert_close(compare(&a, &b, NAX_SIMILARITY_PROCRUSTES, 0), 0.0, 0, 1e-6);
  /* Channels in another order. */
  for (int o = 0; o < N; o++) {
    for (int i = 0; i < P; i++) {
      y[(i * 5 + 2) % P + o * P] = 1.5 * x[i + o * P] + i;
    }
  }
  assert_close(compare(&a, &b, NAX_SIMILARITY_PERMUTATION, 0), 0.0, 0, 1e-6);
}

/* Kernels and distances by their definitions. */
static void
alignment_is_that_of_its_definition(void **state)
{
  (void)state;
  double x[P * N], z[Q * N], k[2][N * N];
  fill(x, P * N, 3);
  fill(z, Q * N, 4);
  for (int o = 0; o < N; o++) { /* related, so that signs are plain */
    z[o * Q] = x[o * P] + 10.0;
  }
  nax_view a = matrix(x, P, N), c = matrix(z, Q, N);
  for (int distance = 0; distance < 2; distance++) {
    for (int side = 0; side < 2; side++) {
      const double *v = side ? z : x;
      int p = side ? Q : P;
      for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
          double s = 0.0;
          for (int q = 0; q < p; q++) {
            double e = v[q + i * p] - v[q + j * p];
            s += distance ? e * e : v[q + i * p] * v[q + j * p];
          }
          k[side][i + j * N] = distance ? sqrt(s) : s;
        }
      }
    }
    /* Unbiased HSIC with zero diagonals (Song et al. 2012), of uncentred data. */
    double h[3];
    for (int w = 0; w < 3; w++) {
      const double *f = k[w == 2], *g = k[w != 1];
      double fg = 0.0, sf = 0.0, sg = 0.0, rows = 0.0;
      for (int i = 0; i < N; i++) {
        double rf = 0.0, rg = 0.0;
        for (int j = 0; j < N; j++) {
          rf += i != j ? f[i + j * N] : 0.0;
          rg += i != j ? g[i + j * N] : 0.0;
          fg += i != j ? f[i + j * N] * g[i + j * N] : 0.0;
        }
        sf += rf;
        sg += rg;
        rows += rf * rg;
      }
      h[w] = fg + sf * sg / ((N - 1.0) * (N - 2.0)) - 2.0 * rows / (N - 2.0);
    }
    assert_close(
        compare(&a, &c,
                distance ? NAX_SIMILARITY_DISTANCE_CORRELATION : NAX_SIMILARITY_CKA, 0),
        h[0] / sqrt(h[1] * h[2]), 1e-10, 0);
  }
}

static void
independent_representations_are_zero_on_average(void **state)
{
  (void)state;
  enum { RUNS = 200 };
  double x[P * N], z[Q * N];
  const nax_similarity_measure unbiased[] = {NAX_SIMILARITY_CKA, NAX_SIMILARITY_CKA_RBF,
                                             NAX_SIMILARITY_DISTANCE_CORRELATION};
  for (int m = 0; m < 3; m++) {
    double mean[2] = {0.0, 0.0}, square = 0.0;
    for (int run = 0; run < RUNS; run++) {
      fill(x, P * N, 1000 + 2 * (uint64_t)run);
      fill(z, Q * N, 1001 + 2 * (uint64_t)run);
      nax_view a = matrix(x, P, N), c = matrix(z, Q, N);
      for (int biased = 0; biased < 2; biased++) {
        double v = compare(&a, &c, unbiased[m], biased);
        mean[biased] += v / RUNS;
        square += biased ? 0.0 : v * v / RUNS;
      }
    }
    assert_true(fabs(mean[0]) < 4.0 * sqrt(square / RUNS));
    assert_true(mean[1] > 0.15); /* what the bias makes of nothing */
  }
}

static void
batches_add_up(void **state)
{
  (void)state;
  double x[P * N], z[Q * N], whole, same;
  fill(x, P * N, 5);
  fill(z, Q * N, 6);
  nax_view a = matrix(x, P, N), c = matrix(z, Q, N);
  nax_similarity_opts o = NAX_SIMILARITY_OPTS_INIT;
  assert_ok(nax_similarity(NULL, &a, &c, &o, &whole));
  o.batch = N;
  assert_ok(nax_similarity(NULL, &a, &c, &o, &same));
  assert_close(same, whole, 1e-12, 0);
  /* Two batches of 10, the last 4 left out: sums of the unbiased terms. */
  o.batch = 10;
  assert_ok(nax_similarity(NULL, &a, &c, &o, &same));
  double sum[3] = {0.0, 0.0, 0.0};
  for (int b = 0; b < 2; b++) {
    for (int w = 0; w < 3; w++) {
      const double *f = w == 2 ? z : x, *g = w == 1 ? x : z;
      int p = w == 2 ? Q : P, q = w == 1 ? P : Q;
      double kf[100], kg[100], fg = 0.0, sf = 0.0, sg = 0.0, rows = 0.0;
      for (int i = 0; i < 10; i++) {
        double rf = 0.0, rg = 0.0;
        for (int j = 0; j < 10; j++) {
          kf[i + 10 * j] = kg[i + 10 * j] = 0.0;
          for (int s = 0; i != j && s < p; s++) {
            kf[i + 10 * j] += f[s + (10 * b + i) * p] * f[s + (10 * b + j) * p];
          }
          for (int s = 0; i != j && s < q; s++) {
            kg[i + 10 * j] += g[s + (10 * b + i) * q] * g[s + (10 * b + j) * q];
          }
          rf += kf[i + 10 * j];
          rg += kg[i + 10 * j];
          fg += kf[i + 10 * j] * kg[i + 10 * j];
        }
        sf += rf;
        sg += rg;
        rows += rf * rg;
      }
      sum[w] += fg + sf * sg / 72.0 - 2.0 * rows / 8.0;
    }
  }
  assert_close(same, sum[0] / sqrt(sum[1] * sum[2]), 1e-9, 0);
}

static void
shapes_obey_the_triangle_inequality(void **state)
{
  (void)state;
  double x[3][P * N];
  for (int run = 0; run < 20; run++) {
    nax_view v[3];
    double d[9];
    for (int k = 0; k < 3; k++) {
      fill(x[k], P * N, 10 * (uint64_t)run + (uint64_t)k);
      for (int i = 0; i < P * N; i++) {
        x[k][i] += 2.0 * x[0][i]; /* near each other */
      }
      v[k] = matrix(x[k], P, N);
    }
    for (int w = 0; w <= 2; w++) {
      nax_similarity_opts o = NAX_SIMILARITY_OPTS_INIT;
      o.measure = NAX_SIMILARITY_SHAPE;
      o.whitening = 0.5 * w;
      assert_ok(nax_similarity_matrix(NULL, 3, v, &o, d));
      assert_true(d[1] <= d[2] + d[5] + 1e-12 && d[2] <= d[1] + d[5] + 1e-12 &&
                  d[5] <= d[1] + d[2] + 1e-12);
    }
  }
}

static void
matrices_have_the_same_bits_for_any_number_of_threads(void **state)
{
  (void)state;
  double x[P * N], y[P * N], z[P * N], out[2][9];
  fill(x, P * N, 7);
  fill(y, P * N, 8);
  fill(z, P * N, 9);
  nax_view v[3] = {matrix(x, P, N), matrix(y, P, N), matrix(z, P, N)};
  for (int m = NAX_SIMILARITY_CKA; m <= NAX_SIMILARITY_NEIGHBOURS; m++) {
    nax_similarity_opts o = NAX_SIMILARITY_OPTS_INIT;
    o.measure = m;
    for (int t = 0; t < 2; t++) {
      nax_ctx *ctx = NULL;
      assert_ok(nax_ctx_create(&ctx));
      assert_ok(nax_ctx_set_threads(ctx, t + 1));
      assert_ok(nax_similarity_matrix(ctx, 3, v, &o, out[t]));
      nax_ctx_free(ctx);
    }
    assert_memory_equal(out[0], out[1], sizeof out[0]);
    double one;
    assert_ok(nax_similarity(NULL, &v[0], &v[2], &o, &one));
    assert_true(one == out[0][6]);
    void *nothing = NULL;
    NAX_T_SWEEP_ALLOC(nax_similarity(NULL, &v[0], &v[1], &o, &one), nothing, (void)0,
                      200);
  }
}

/* --------------------------------------------------------------------- encoding */

static void
leaving_out_is_fitting_without(void **state)
{
  (void)state;
  enum { T = 3 };
  for (int wide = 0; wide < 2; wide++) {
    enum { MOST = 30 };
    int p = wide ? MOST : 5, n = 16;
    double x[MOST * 16], y[T * 16], w[MOST * T], b[T], chosen[T];
    const double alphas[] = {0.1, 1.0, 10.0, 100.0};
    fill(x, p * n, 11);
    fill(y, T * n, 12);
    for (int k = 0; k < n; k++) {
      y[T * k] += 3.0 * x[p * k] + 5.0;
    }
    nax_view vx = matrix(x, p, n), vy = matrix(y, T, n);
    nax_index edge = 0;
    assert_ok(nax_ridge_loo(NULL, &vx, &vy, 4, alphas, 1, w, b, chosen, &edge));
    for (int t = 0; t < T; t++) {
      double least = 1e300, best = 0.0;
      for (int a = 0; a < 4; a++) {
        double sum = 0.0;
        for (int out = 0; out < n; out++) {
          double xs[MOST * 16], ys[16], ws[MOST], bs, as;
          int m = 0;
          for (int k = 0; k < n; k++) {
            if (k != out) {
              memcpy(xs + p * m, x + p * k, (size_t)p * sizeof *xs);
              ys[m++] = y[t + T * k];
            }
          }
          nax_view vs = matrix(xs, p, m), vt = matrix(ys, 1, m);
          assert_ok(nax_ridge_loo(NULL, &vs, &vt, 1, &alphas[a], 1, ws, &bs, &as, NULL));
          double e = y[t + T * out] - bs;
          for (int i = 0; i < p; i++) {
            e -= ws[i] * x[i + p * out];
          }
          sum += e * e;
        }
        best = sum < least ? alphas[a] : best;
        least = sum < least ? sum : least;
      }
      assert_close(chosen[t], best, 0, 0);
    }
  }
}

static void
scores_are_correlations_on_folds_left_out(void **state)
{
  (void)state;
  enum { T = 4, M = 120, F = 6 };
  double x[F * M], y[T * M], ceiling[T] = {1.0, 0.25, 0.5, 1.0};
  int64_t fold[M];
  fill(x, F * M, 13);
  fill(y, T * M, 14);
  for (int k = 0; k < M; k++) {
    y[T * k] = 2.0 * x[F * k] - x[F * k + 1] + 0.2 * y[T * k];
    y[T * k + 1] = x[F * k + 2] + y[T * k + 1];
    fold[k] = k % 4;
  }
  nax_view vx = matrix(x, F, M), vy = matrix(y, T, M);
  nax_encoding_opts o = NAX_ENCODING_OPTS_INIT;
  nax_table *table[2] = {NULL, NULL};
  for (int t = 0; t < 2; t++) {
    nax_ctx *ctx = NULL;
    assert_ok(nax_ctx_create(&ctx));
    assert_ok(nax_ctx_set_threads(ctx, t + 1));
    assert_ok(nax_encoding_score(ctx, &vx, &vy, fold, ceiling, &o, &table[t]));
    nax_ctx_free(ctx);
  }
  const double *score = nax_table_numbers(table[0], nax_table_find(table[0], "score"));
  const double *normalised =
      nax_table_numbers(table[0], nax_table_find(table[0], "score_normalised"));
  assert_memory_equal(score,
                      nax_table_numbers(table[1], nax_table_find(table[1], "score")),
                      T * sizeof(double));
  assert_true(score[0] > 0.95 && score[1] > 0.4 && fabs(score[3]) < 0.4);
  assert_close(normalised[1], 2.0 * score[1], 1e-14, 0);
  /* One fold by hand: standardised by the training data. */
  double sum = 0.0;
  for (int f = 0; f < 4; f++) {
    double xs[F * M], ys[T * M], w[F * T], b[T], alpha[T], scale[F], mean[F];
    double alphas[21];
    int n = 0;
    for (int a = 0; a < 21; a++) {
      alphas[a] = 1e-3 * pow(1e10, a / 20.0);
    }
    for (int k = 0; k < M; k++) {
      if (fold[k] != f) {
        memcpy(xs + F * n, x + F * k, sizeof(double) * F);
        memcpy(ys + T * n++, y + T * k, sizeof(double) * T);
      }
    }
    for (int i = 0; i < F; i++) {
      mean[i] = scale[i] = 0.0;
      for (int k = 0; k < n; k++) {
        mean[i] += xs[i + F * k] / n;
      }
      for (int k = 0; k < n; k++) {
        scale[i] += (xs[i + F * k] - mean[i]) * (xs[i + F * k] - mean[i]) / n;
      }
      for (int k = 0; k < n; k++) {
        xs[i + F * k] = (xs[i + F * k] - mean[i]) / sqrt(scale[i]);
      }
    }
    nax_view vs = matrix(xs, F, n), vt = matrix(ys, T, n);
    assert_ok(nax_ridge_loo(NULL, &vs, &vt, 21, alphas, 1, w, b, alpha, NULL));
    double p[30], q[30], mp = 0.0, mq = 0.0, pp = 0.0, qq = 0.0, pq = 0.0;
    n = 0;
    for (int k = 0; k < M; k++) {
      if (fold[k] == f) {
        p[n] = b[1];
        for (int i = 0; i < F; i++) {
          p[n] += w[i + F] * (x[i + F * k] - mean[i]) / sqrt(scale[i]);
        }
        q[n++] = y[1 + T * k];
      }
    }
    for (int k = 0; k < n; k++) {
      mp += p[k] / n;
      mq += q[k] / n;
    }
    for (int k = 0; k < n; k++) {
      pp += (p[k] - mp) * (p[k] - mp);
      qq += (q[k] - mq) * (q[k] - mq);
      pq += (p[k] - mp) * (q[k] - mq);
    }
    sum += pq / sqrt(pp * qq) / 4.0;
  }
  assert_close(score[1], sum, 1e-10, 0);
  nax_table_free(table[0]);
  nax_table_free(table[1]);
  nax_table *out = NULL;
  NAX_T_SWEEP_ALLOC(nax_encoding_score(NULL, &vx, &vy, fold, ceiling, &o, &out), out,
                    nax_table_free(out), 1000);
}

static void
ceilings_are_the_squared_correlation_with_the_noiseless_response(void **state)
{
  (void)state;
  enum { T = 2, R = 4, M = 4000 };
  double *x = calloc((size_t)T * R * M, sizeof *x), out[T];
  uint64_t seed = 15;
  /* Signal variance 1, noise variance 2; and no signal. */
  for (int k = 0; k < M; k++) {
    double s = normal(&seed);
    for (int r = 0; r < R; r++) {
      x[T * (r + R * k)] = s + sqrt(2.0) * normal(&seed);
      x[1 + T * (r + R * k)] = normal(&seed);
    }
  }
  nax_view v = nax_view_f64(x, 3, (nax_index[]){T, R, M});
  assert_ok(nax_encoding_ceiling(NULL, &v, R, out));
  assert_close(out[0], 1.0 / (1.0 + 2.0 / R), 0, 0.02);
  assert_close(out[1], 0.0, 0, 0.05);
  assert_ok(nax_encoding_ceiling(NULL, &v, 1, out));
  assert_close(out[0], 1.0 / 3.0, 0, 0.02);
  free(x);
}

static void
what_cannot_be_compared_is_refused(void **state)
{
  (void)state;
  double x[P * N], y[P * N], out, w[P], b, alpha;
  fill(x, P * N, 16);
  fill(y, P * N, 17);
  nax_view a = matrix(x, P, N), c = matrix(y, P, N - 1), few = matrix(y, P, 3);
  nax_view flat = matrix((double[8]){0.0}, 2, 4), one = matrix(y, 1, N);
  nax_similarity_opts o = NAX_SIMILARITY_OPTS_INIT;
  assert_error(nax_similarity(NULL, &a, &c, NULL, &out), NAX_EDIM,
               "nax_similarity: 24 and 23 observations");
  assert_error(nax_similarity(NULL, &few, &few, NULL, &out), NAX_EDIM,
               "nax_similarity: `a` must be channel x observation with at least 1 and 4 "
               "positions");
  assert_error(nax_similarity(NULL, &flat, &flat, NULL, &out), NAX_EDATA,
               "nax_similarity: `a` does not vary over observations");
  o.measure = NAX_SIMILARITY_PERMUTATION;
  assert_status(nax_similarity(NULL, &a, &one, &o, &out), NAX_EDIM);
  o.measure = NAX_SIMILARITY_NEIGHBOURS;
  o.neighbours = N;
  assert_status(nax_similarity(NULL, &a, &a, &o, &out), NAX_EDIM);
  o.measure = 12;
  assert_status(nax_similarity(NULL, &a, &a, &o, &out), NAX_EINVAL);
  assert_error(nax_ridge_loo(NULL, &a, &one, 1, (double[]){-1.0}, 1, w, &b, &alpha, NULL),
               NAX_EINVAL, "nax_ridge_loo: penalty 0 is -1, expected 0 or more");
  nax_table *t = NULL;
  int64_t fold[N] = {0};
  assert_error(nax_encoding_score(NULL, &a, &one, fold, NULL, NULL, &t), NAX_EDATA,
               "nax_encoding_score: all observations are in one fold: nothing is left to "
               "predict");
  fold[3] = 1;
  assert_error(nax_encoding_score(NULL, &a, &one, fold, NULL, NULL, &t), NAX_EDATA,
               "nax_encoding_score: fold 0 has 23 of 24 observations: need 3 in and out");
  assert_error(
      nax_encoding_score(NULL, &a, &one, NULL, (double[]){1.5}, NULL, &t), NAX_EDATA,
      "nax_encoding_score: the noise ceiling of target 0 is 1.5, expected above 0 "
      "and at most 1");
  assert_null(t);
  x[5] = NAN;
  assert_status(nax_similarity(NULL, &a, &a, NULL, &out), NAX_EDATA);
  assert_status(nax_encoding_score(NULL, &a, &one, NULL, NULL, NULL, &t), NAX_EDATA);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(similarities_agree_with_the_reference),
      cmocka_unit_test(ridge_agrees_with_the_reference),
      cmocka_unit_test(rotations_shifts_and_scales_do_not_matter_where_they_should_not),
      cmocka_unit_test(alignment_is_that_of_its_definition),
      cmocka_unit_test(independent_representations_are_zero_on_average),
      cmocka_unit_test(batches_add_up),
      cmocka_unit_test(shapes_obey_the_triangle_inequality),
      cmocka_unit_test(matrices_have_the_same_bits_for_any_number_of_threads),
      cmocka_unit_test(leaving_out_is_fitting_without),
      cmocka_unit_test(scores_are_correlations_on_folds_left_out),
      cmocka_unit_test(ceilings_are_the_squared_correlation_with_the_noiseless_response),
      cmocka_unit_test(what_cannot_be_compared_is_refused),
  };
  return cmocka_run_group_tests_name("similarity", tests, NULL, NULL);
}
