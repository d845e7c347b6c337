/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of the tensor factorisation share: tensors with planted components and
 * the reference files. */
#ifndef NTF_TEST_H
#define NTF_TEST_H
#include "nax_test.h"
#include "ntf/ntf_i.h"

typedef struct tensor {
  int32_t n;
  nax_index dim[6], size;
  double *x;
} tensor;

static inline tensor
new_tensor(int32_t n, const nax_index *dim)
{
  tensor t = {.n = n, .size = 1};
  for (int32_t k = 0; k < n; k++) {
    t.dim[k] = dim[k];
    t.size *= dim[k];
  }
  t.x = calloc((size_t)t.size, sizeof *t.x);
  assert_non_null(t.x);
  return t;
}

static inline nax_view
view_of(const tensor *t)
{
  return nax_view_f64(t->x, t->n, t->dim);
}

/* Sum over components of the product of entries, the model by definition. f[k] is
 * dim x rank, column-major. */
static inline double
model_at(const tensor *t, int64_t rank, double *const *f, nax_index at)
{
  double sum = 0.0;
  for (int64_t r = 0; r < rank; r++) {
    double v = 1.0;
    nax_index rest = at;
    for (int32_t k = 0; k < t->n; k++) {
      v *= f[k][rest % t->dim[k] + r * t->dim[k]];
      rest /= t->dim[k];
    }
    sum += v;
  }
  return sum;
}

static inline double **
random_factors(const tensor *t, int64_t rank, uint64_t *seed)
{
  double **f = calloc(6, sizeof *f);
  for (int32_t k = 0; k < t->n; k++) {
    f[k] = calloc((size_t)(t->dim[k] * rank), sizeof(double));
    for (nax_index i = 0; i < t->dim[k] * rank; i++) {
      f[k][i] = nax_t_uniform(seed);
    }
  }
  return f;
}

static inline void
free_factors(double **f)
{
  for (int k = 0; k < 6; k++) {
    free(f[k]);
  }
  free(f);
}

static inline tensor
planted(int32_t n, const nax_index *dim, int64_t rank, double noise, uint64_t *seed)
{
  tensor t = new_tensor(n, dim);
  double **f = random_factors(&t, rank, seed);
  for (nax_index i = 0; i < t.size; i++) {
    t.x[i] = model_at(&t, rank, f, i) + noise * nax_t_uniform(seed);
  }
  free_factors(f);
  return t;
}

/* Reads n doubles of a reference file, or skips the test. */
static inline double *
reference(const char *name, nax_index n)
{
  char path[300];
  snprintf(path, sizeof path, "ref/ntf/%s", name);
  const char *file = nax_t_shared(path);
  FILE *in = fopen(file, "rb");
  double *x = calloc((size_t)n, sizeof *x);
  assert_non_null(in);
  assert_int_equal(fread(x, sizeof *x, (size_t)n, in), n);
  fclose(in);
  return x;
}

/* Row-major (d0, d1, d2) to column-major with the same axis order. */
static inline tensor
column_major(const double *x, nax_index d0, nax_index d1, nax_index d2)
{
  tensor t = new_tensor(3, (nax_index[]){d0, d1, d2});
  for (nax_index i = 0; i < d0; i++) {
    for (nax_index j = 0; j < d1; j++) {
      for (nax_index k = 0; k < d2; k++) {
        t.x[i + d0 * (j + d1 * k)] = x[(i * d1 + j) * d2 + k];
      }
    }
  }
  return t;
}

/* The model of a fit at a position, from what the accessors give. */
static inline double
fitted_at(const tensor *t, const nax_ntf *m, nax_index at)
{
  double sum = 0.0;
  for (int64_t r = 0; r < nax_ntf_rank(m); r++) {
    double v = nax_ntf_weights(m)[r];
    nax_index rest = at;
    for (int32_t k = 0; k < t->n; k++) {
      v *= nax_ntf_factor(m, k)[rest % t->dim[k] + r * t->dim[k]];
      rest /= t->dim[k];
    }
    sum += v;
  }
  return sum;
}

/* Mean over components of the larger of the two published similarities of the factors of
 * two fits, or of a fit and factors of `f` (dim x rank): cosines averaged over modes. */
static inline double
similarity_to(const tensor *t, const nax_ntf *m, int64_t rank, double *const *f,
              int product)
{
  double *gain = calloc((size_t)(rank * rank), sizeof *gain), sum = 0.0;
  int64_t *match = calloc((size_t)rank, sizeof *match);
  for (int64_t i = 0; i < rank; i++) {
    for (int64_t j = 0; j < rank; j++) {
      double mean = 0.0, all = 1.0;
      for (int32_t k = 0; k < t->n; k++) {
        const double *x = nax_ntf_factor(m, k) + i * t->dim[k], *y = f[k] + j * t->dim[k];
        double xy = 0.0, xx = 0.0, yy = 0.0;
        for (nax_index p = 0; p < t->dim[k]; p++) {
          xy += x[p] * y[p];
          xx += x[p] * x[p];
          yy += y[p] * y[p];
        }
        mean += xy / sqrt(xx * yy) / t->n;
        all *= xy / sqrt(xx * yy);
      }
      gain[i * rank + j] = product ? all : mean;
    }
  }
  assert_ok(nax_i_assign(NULL, rank, gain, match));
  for (int64_t i = 0; i < rank; i++) {
    sum += gain[i * rank + match[i]] / (double)rank;
  }
  free(gain);
  free(match);
  return sum;
}

#endif
