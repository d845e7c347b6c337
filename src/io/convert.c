/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From what a file stores to double or float. */
#include "io_i.h"
#include <math.h>

double
nax_i_half(uint16_t h)
{
  int exponent = h >> 10 & 31, fraction = h & 1023;
  double x = exponent == 31  ? (fraction ? (double)NAN : (double)INFINITY)
             : exponent == 0 ? ldexp(fraction, -24)
                             : ldexp(1024 + fraction, exponent - 25);
  return h >> 15 ? -x : x;
}

void
nax_i_swap_bytes(void *data, nax_index n, size_t size)
{
  unsigned char *p = data;
  for (nax_index i = 0; i < n && size > 1; i++, p += size) {
    for (size_t j = 0; j < size / 2; j++) {
      unsigned char c = p[j];
      p[j] = p[size - 1 - j];
      p[size - 1 - j] = c;
    }
  }
}

#define LOOP(T, EXPR)                                                                    \
  do {                                                                                   \
    const T *x = src;                                                                    \
    if (dtype == NAX_F64) {                                                              \
      double *d = (double *)dst + to;                                                    \
      for (nax_index i = 0; i < n; i++) {                                                \
        double v = (double)(EXPR);                                                       \
        d[i] = scaled ? v * scale + offset : v;                                          \
      }                                                                                  \
    } else {                                                                             \
      float *d = (float *)dst + to;                                                      \
      for (nax_index i = 0; i < n; i++) {                                                \
        double v = (double)(EXPR);                                                       \
        d[i] = (float)(scaled ? v * scale + offset : v);                                 \
      }                                                                                  \
    }                                                                                    \
  } while (0)

nax_status
nax_i_check_i64(nax_ctx *ctx, const char *path, const char *what, nax_dtype from,
                const void *src, nax_index n, nax_index base)
{
  const int64_t limit = (int64_t)1 << 53;
  const int64_t *x = src;
  const uint64_t *u = src;
  for (nax_index i = 0; i < n && (from == NAX_I64 || from == NAX_U64); i++) {
    if (from == NAX_I64 && (x[i] > limit || x[i] < -limit)) {
      return nax_i_fail_file(ctx, NAX_EDATA, path,
                             "%s: value %lld is %lld (expected at most 2^53 in size)",
                             what, (long long)(base + i), (long long)x[i]);
    }
    if (from == NAX_U64 && u[i] > (uint64_t)limit) {
      return nax_i_fail_file(ctx, NAX_EDATA, path,
                             "%s: value %lld is %llu (expected at most 2^53; a negative "
                             "number stored as unsigned looks like this)",
                             what, (long long)(base + i), (unsigned long long)u[i]);
    }
  }
  return NAX_OK;
}

nax_status
nax_i_convert(nax_ctx *ctx, const char *path, const char *what, nax_dtype from,
              const void *src, nax_index n, double scale, double offset, nax_dtype dtype,
              void *dst, nax_index to)
{
  nax_status status = NAX_OK;
  int scaled = !(scale == 1.0 && offset == 0.0);
  switch (from) {
  case NAX_F64:
    LOOP(double, x[i]);
    break;
  case NAX_F32:
    LOOP(float, x[i]);
    break;
  case NAX_I8:
    LOOP(int8_t, x[i]);
    break;
  case NAX_I16:
    LOOP(int16_t, x[i]);
    break;
  case NAX_I32:
    LOOP(int32_t, x[i]);
    break;
  case NAX_U8:
    LOOP(uint8_t, x[i]);
    break;
  case NAX_BOOL:
    LOOP(uint8_t, x[i] != 0);
    break;
  case NAX_U16:
    LOOP(uint16_t, x[i]);
    break;
  case NAX_U32:
    LOOP(uint32_t, x[i]);
    break;
  case NAX_F16:
    LOOP(uint16_t, nax_i_half(x[i]));
    break;
  case NAX_I64:
    NAX_TRY(nax_i_check_i64(ctx, path, what, from, src, n, to));
    LOOP(int64_t, x[i]);
    break;
  case NAX_U64:
    NAX_TRY(nax_i_check_i64(ctx, path, what, from, src, n, to));
    LOOP(uint64_t, x[i]);
    break;
  case NAX_TEXT:
  case NAX_DTYPE_FORCE_INT:
    status = nax_i_fail_file(ctx, NAX_ETYPE, path, "%s: has type %s (expected numbers)",
                             what, nax_dtype_name(from));
    break;
  }
done:
  return status;
}

void
nax_i_transpose(nax_dtype dtype, const void *src, nax_index rows, nax_index cols,
                void *dst)
{
  enum { TILE = 32 }; /* 32 x 32 doubles of source and target stay in the L1 cache */
  for (nax_index c0 = 0; c0 < cols; c0 += TILE) {
    for (nax_index r0 = 0; r0 < rows; r0 += TILE) {
      nax_index c1 = c0 + TILE < cols ? c0 + TILE : cols;
      nax_index r1 = r0 + TILE < rows ? r0 + TILE : rows;
      for (nax_index c = c0; c < c1; c++) {
        for (nax_index r = r0; r < r1; r++) {
          if (dtype == NAX_F64) {
            ((double *)dst)[c + r * cols] = ((const double *)src)[r + c * rows];
          } else {
            ((float *)dst)[c + r * cols] = ((const float *)src)[r + c * rows];
          }
        }
      }
    }
  }
}

void
nax_i_reorder(int32_t n_axes, const int32_t *map, const nax_index *count, nax_dtype dtype,
              const void *src, void *dst)
{
  if (n_axes == 2) { /* the file's fast dimension is our slow axis */
    nax_i_transpose(dtype, src, count[1], count[0], dst);
    return;
  }
  nax_index step[NAX_MAX_NDIM], at[NAX_MAX_NDIM] = {0}, n = 1;
  for (int32_t k = 0; k < n_axes; k++) {
    step[k] = 1;
    for (int32_t j = 0; j < n_axes; j++) {
      step[k] *= map[j] > map[k] ? count[j] : 1;
    }
    n *= count[k];
  }
  nax_index from = 0;
  for (nax_index i = 0; i < n; i++) {
    if (dtype == NAX_F64) {
      ((double *)dst)[i] = ((const double *)src)[from];
    } else {
      ((float *)dst)[i] = ((const float *)src)[from];
    }
    for (int32_t k = 0; k < n_axes; k++) {
      from += step[k];
      if (++at[k] < count[k]) {
        break;
      }
      from -= step[k] * count[k];
      at[k] = 0;
    }
  }
}
