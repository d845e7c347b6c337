/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which BLAS, its threads, and products that do not depend on the number of threads. */
#define _GNU_SOURCE /* RTLD_DEFAULT */
#include "linalg_i.h"
#include <cblas.h>
#include <dlfcn.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>

/* ------------------------------------------------------------- what is loaded */

/* Taken at run time, so that the reference BLAS will do too. */
static struct {
  void (*set_threads)(int);
  int (*get_threads)(void);
  char info[160];
} loaded;

static pthread_once_t loaded_once = PTHREAD_ONCE_INIT;

/* dlsym gives an object pointer where a function is wanted; POSIX says they convert. */
static void
look_up(const char *name, void *function)
{
  void *p = dlsym(RTLD_DEFAULT, name);
  memcpy(function, &p, sizeof p);
}

static void
look(void)
{
  char *(*config)(void), *(*core)(void);
  int (*parallel)(void);
  look_up("openblas_set_num_threads", &loaded.set_threads);
  look_up("openblas_get_num_threads", &loaded.get_threads);
  look_up("openblas_get_config", &config);
  look_up("openblas_get_corename", &core);
  look_up("openblas_get_parallel", &parallel);
  if (config == NULL || core == NULL || parallel == NULL) {
    snprintf(loaded.info, sizeof loaded.info, "BLAS (unknown)");
    return;
  }
  static const char *const modes[] = {"one thread", "pthreads", "OpenMP"};
  int mode = parallel();
  /* the configuration begins with "OpenBLAS 0.3.21 ..." */
  const char *text = config(), *space = strchr(text, ' ');
  size_t n =
      space != NULL ? strcspn(space + 1, " ") + (size_t)(space + 1 - text) : strlen(text);
  snprintf(loaded.info, sizeof loaded.info, "%.*s %s, %s", n < 80 ? (int)n : 80, text,
           core(), mode >= 0 && mode <= 2 ? modes[mode] : "threads unknown");
}

const char *
nax_linalg_info(void)
{
  pthread_once(&loaded_once, look);
  return loaded.info;
}

static pthread_mutex_t serial_lock = PTHREAD_MUTEX_INITIALIZER;
static int serial_depth, serial_before;

void
nax_i_blas_serial_begin(void)
{
  pthread_once(&loaded_once, look);
  if (loaded.set_threads == NULL || loaded.get_threads == NULL) {
    return;
  }
  pthread_mutex_lock(&serial_lock);
  if (serial_depth++ == 0) {
    serial_before = loaded.get_threads();
    if (serial_before != 1) {
      loaded.set_threads(1);
    }
  }
  pthread_mutex_unlock(&serial_lock);
}

void
nax_i_blas_serial_end(void)
{
  if (loaded.set_threads == NULL || loaded.get_threads == NULL) {
    return;
  }
  pthread_mutex_lock(&serial_lock);
  if (--serial_depth == 0 && serial_before != 1) {
    loaded.set_threads(serial_before);
  }
  pthread_mutex_unlock(&serial_lock);
}

/* OpenBLAS has a fixed pool of buffers (64 in Debian's build) and does not survive more
 * threads in it at once; ours wait their turn. */
enum { MOST_CALLERS = 32 };
static pthread_mutex_t caller_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t caller_left = PTHREAD_COND_INITIALIZER;
static int callers;

static void
enter_blas(void)
{
  pthread_mutex_lock(&caller_lock);
  while (callers >= MOST_CALLERS) {
    pthread_cond_wait(&caller_left, &caller_lock);
  }
  callers++;
  pthread_mutex_unlock(&caller_lock);
}

static void
leave_blas(void)
{
  pthread_mutex_lock(&caller_lock);
  callers--;
  pthread_cond_signal(&caller_left);
  pthread_mutex_unlock(&caller_lock);
}

int
nax_i_blas_narrow(int n, const nax_index *from, nax_i_blasint *to)
{
  for (int i = 0; i < n; i++) {
    if (from[i] < 0 || from[i] > INT_MAX) {
      return 0;
    }
    to[i] = (nax_i_blasint)from[i];
  }
  return 1;
}

nax_status
nax_i_require_finite(nax_ctx *ctx, const char *fn, const char *arg, nax_index rows,
                     nax_index cols, const double *a, nax_index lda)
{
  nax_index bad = 0, row = 0, col = 0;
  for (nax_index j = 0; j < cols; j++) {
    for (nax_index i = 0; i < rows; i++) {
      if (!isfinite(a[i + j * lda])) {
        row = bad == 0 ? i : row;
        col = bad == 0 ? j : col;
        bad++;
      }
    }
  }
  return bad == 0 ? NAX_OK
                  : nax_i_fail(ctx, NAX_EDATA, fn,
                               "`%s` must be finite, %lld of %lld values are not, the "
                               "first at (%lld, %lld)",
                               arg, (long long)bad, (long long)(rows * cols),
                               (long long)row, (long long)col);
}

/* ------------------------------------------------------------------- products */

/* Sizes of the fixed grid. BLAS copies both factors of a tile, so that a large product
 * has large tiles; a product with few tiles is cut along the inner length instead. */
enum { TILE = 256, LARGE_TILE = 512, GRAIN = 16 };
enum { FEW_TILES = 8, INNER = 4096, MOST_PARTS = 16 };

/* Multiplications between two looks whether to stop: a twentieth of a second or so. */
static const double most_work = 1e9;

typedef struct product {
  nax_ctx *ctx; /* that may stop it */
  nax_i_trans ta, tb;
  nax_index m, n, k;
  double alpha, beta;
  const void *a, *b;
  nax_index lda, ldb;
  void *c;
  nax_index ldc;
  int single;    /* elements are float, not double */
  int symmetric; /* only tiles on and below the diagonal; then mirrored (double only) */
  int halves;    /* of tiles on the diagonal too */
  int lower;     /* not mirrored */
  int both;      /* A = (V W), B = (W V): V W' + W V' */
  nax_index tile_m, tile_n, tiles_m, tiles_n, parts;
  void *partial; /* parts x (m x n), NULL for one part */
} product;

static nax_index
least(nax_index a, nax_index b)
{
  return a < b ? a : b;
}

static size_t
element(const product *p)
{
  return p->single ? sizeof(float) : sizeof(double);
}

/* Address of element `at` of a matrix of the product. */
static const char *
at(const product *p, const void *x, nax_index at)
{
  return (const char *)x + (size_t)at * element(p);
}

static void
clear(const product *p, nax_index m, nax_index n, double beta, char *c, nax_index ldc)
{
  for (nax_index j = 0; j < n; j++) {
    char *column = c + (size_t)(j * ldc) * element(p);
    if (beta == 0.0) { /* beta 0 would keep a NaN */
      memset(column, 0, (size_t)m * element(p));
      continue;
    }
    for (nax_index i = 0; i < m && p->k == 0; i++) {
      if (p->single) {
        ((float *)(void *)column)[i] *= (float)beta;
      } else {
        ((double *)(void *)column)[i] *= beta;
      }
    }
  }
}

static void
multiply_some(const product *p, nax_index i0, nax_index m, nax_index j0, nax_index n,
              nax_index k0, nax_index k, double alpha, double beta, char *c,
              nax_index ldc)
{
  const void *a = at(p, p->a, p->ta ? k0 + i0 * p->lda : i0 + k0 * p->lda);
  const void *b = at(p, p->b, p->tb ? j0 + k0 * p->ldb : k0 + j0 * p->ldb);
  CBLAS_TRANSPOSE ta = p->ta ? CblasTrans : CblasNoTrans;
  CBLAS_TRANSPOSE tb = p->tb ? CblasTrans : CblasNoTrans;
  clear(p, m, n, beta, c, ldc);
  beta = beta == 0.0 ? 1.0 : beta; /* what is clear needs not be cleared again */
  if (k == 0 || m == 0 || n == 0) {
    return;
  }
  enter_blas();
  if (p->single) {
    cblas_sgemm(CblasColMajor, ta, tb, (nax_i_blasint)m, (nax_i_blasint)n,
                (nax_i_blasint)k, (float)alpha, a, (nax_i_blasint)p->lda, b,
                (nax_i_blasint)p->ldb, (float)beta, (float *)(void *)c,
                (nax_i_blasint)ldc);
  } else if (p->both && i0 == j0) {
    const char *w = (const char *)a + (size_t)(k / 2 * p->lda) * element(p);
    cblas_dsyr2k(CblasColMajor, CblasLower, CblasNoTrans, (nax_i_blasint)n,
                 (nax_i_blasint)(k / 2), alpha, a, (nax_i_blasint)p->lda,
                 (const double *)(const void *)w, (nax_i_blasint)p->lda, beta,
                 (double *)(void *)c, (nax_i_blasint)ldc);
  } else if (p->halves && i0 == j0) {
    cblas_dsyrk(CblasColMajor, CblasLower, ta, (nax_i_blasint)n, (nax_i_blasint)k, alpha,
                a, (nax_i_blasint)p->lda, beta, (double *)(void *)c, (nax_i_blasint)ldc);
  } else {
    cblas_dgemm(CblasColMajor, ta, tb, (nax_i_blasint)m, (nax_i_blasint)n,
                (nax_i_blasint)k, alpha, a, (nax_i_blasint)p->lda, b,
                (nax_i_blasint)p->ldb, beta, (double *)(void *)c, (nax_i_blasint)ldc);
  }
  leave_blas();
}

/* A long inner length in steps, so that one can stop between them. */
static nax_status
multiply(const product *p, nax_index i0, nax_index m, nax_index j0, nax_index n,
         nax_index k0, nax_index k, double alpha, double beta, char *c, nax_index ldc)
{
  enum { STEP = 1024 };
  nax_status status = NAX_OK;
  double fit = most_work / (double)(m > 0 && n > 0 ? m * n : 1);
  nax_index step = fit >= (double)k ? k : nax_i_n_blocks((nax_index)fit, STEP) * STEP;
  nax_index from = 0;
  do {
    nax_index some = least(step, k - from);
    multiply_some(p, i0, m, j0, n, k0 + from, some, alpha, from == 0 ? beta : 1.0, c,
                  ldc);
    from += some;
    if (from < k) {
      NAX_TRY(nax_i_poll(p->ctx));
    }
  } while (from < k);
done:
  return status;
}

static nax_status
product_block(int64_t block, void *arg)
{
  const product *p = arg;
  nax_index part = block % p->parts, tile = block / p->parts;
  nax_index ti = tile % p->tiles_m, tj = tile / p->tiles_m;
  nax_index i0 = ti * p->tile_m, j0 = tj * p->tile_n;
  nax_index m = least(p->tile_m, p->m - i0), n = least(p->tile_n, p->n - j0);
  if (p->symmetric && ti < tj) {
    return NAX_OK;
  }
  if (p->partial == NULL) {
    return multiply(p, i0, m, j0, n, 0, p->k, p->alpha, p->beta,
                    (char *)p->c + (size_t)(i0 + j0 * p->ldc) * element(p), p->ldc);
  }
  nax_index k0 = p->k * part / p->parts, k1 = p->k * (part + 1) / p->parts;
  return multiply(p, i0, m, j0, n, k0, k1 - k0, p->alpha, 0.0,
                  (char *)p->partial +
                      (size_t)(part * p->m * p->n + i0 + j0 * p->m) * element(p),
                  p->m);
}

/* Add the parts in order. */
static void
add_parts(const product *p)
{
  for (nax_index j = 0; j < p->n; j++) {
    for (nax_index i = 0; i < p->m; i++) {
      double s = 0.0;
      for (nax_index part = 0; part < p->parts; part++) {
        const void *x = at(p, p->partial, part * p->m * p->n + i + j * p->m);
        s += p->single ? (double)*(const float *)x : *(const double *)x;
      }
      if (p->single) {
        float *c = (float *)p->c + i + j * p->ldc;
        *c = (float)(p->beta == 0.0 ? s : p->beta * (double)*c + s);
      } else {
        double *c = (double *)p->c + i + j * p->ldc;
        *c = p->beta == 0.0 ? s : p->beta * *c + s;
      }
    }
  }
}

/* Side of the tiles along a dimension: that many equal ones of at most `most`. */
static nax_index
side(nax_index length, nax_index most)
{
  nax_index tiles = nax_i_n_blocks(length, most);
  return tiles > 1 ? (length / tiles + GRAIN) / GRAIN * GRAIN : most;
}

static nax_status
check_sizes(nax_ctx *ctx, const product *p)
{
  nax_status status = NAX_OK;
  nax_index sizes[6] = {p->m, p->n, p->k, p->lda, p->ldb, p->ldc};
  nax_i_blasint narrow[6];
  NAX_REQUIRE(nax_i_blas_narrow(6, sizes, narrow), NAX_EOVERFLOW,
              "a product of %lld x %lld x %lld exceeds the integers of BLAS",
              (long long)p->m, (long long)p->k, (long long)p->n);
done:
  return status;
}

static void
cut(product *p, nax_index tile_m, nax_index tile_n)
{
  p->tile_m = tile_m;
  p->tile_n = tile_n;
  p->tiles_m = nax_i_n_blocks(p->m, p->tile_m);
  p->tiles_n = nax_i_n_blocks(p->n, p->tile_n);
  p->parts = 1;
}

static nax_status
run_product(nax_ctx *ctx, product *p)
{
  nax_status status = NAX_OK;
  NAX_TRY(check_sizes(ctx, p));
  p->ctx = ctx;
  int large = p->single || p->halves;
  cut(p, large ? side(p->m, LARGE_TILE) : TILE, large ? side(p->n, LARGE_TILE) : TILE);
  nax_index tiles = p->tiles_m * p->tiles_n;
  if (tiles < FEW_TILES && p->k >= 2 * INNER) {
    p->parts = least(p->k / INNER, MOST_PARTS);
    NAX_TRY_ALLOC(p->partial, p->parts * p->m * p->n, element(p));
  }
  nax_i_blas_serial_begin();
  status = nax_i_parallel(ctx, NULL, tiles * p->parts, product_block, p);
  nax_i_blas_serial_end();
  if (status == NAX_OK && p->partial != NULL) {
    add_parts(p);
  }
  for (nax_index j = 0; j < p->n && p->symmetric && !p->lower && status == NAX_OK; j++) {
    for (nax_index i = 0; i < j; i++) {
      double *c = p->c;
      c[i + j * p->ldc] = c[j + i * p->ldc];
    }
  }
done:
  nax_i_free(p->partial);
  return status;
}

/* Factors and result of an m x n product of inner length k. */
static product
product_of(nax_i_trans ta, nax_i_trans tb, nax_index m, nax_index n, nax_index k,
           const void *a, nax_index lda, const void *b, nax_index ldb, void *c,
           nax_index ldc)
{
  return (product){.ta = ta,
                   .tb = tb,
                   .m = m,
                   .n = n,
                   .k = k,
                   .a = a,
                   .lda = lda,
                   .b = b,
                   .ldb = ldb,
                   .c = c,
                   .ldc = ldc};
}

/* The same of a matrix with itself, n x n. */
static product
square_of(nax_i_trans ta, nax_index n, nax_index k, const double *a, nax_index lda,
          double *c, nax_index ldc)
{
  nax_i_trans tb = ta == NAX_I_PLAIN ? NAX_I_TRANS : NAX_I_PLAIN;
  return product_of(ta, tb, n, n, k, a, lda, a, lda, c, ldc);
}

nax_status
nax_i_gemm(nax_ctx *ctx, nax_i_trans ta, nax_i_trans tb, nax_index m, nax_index n,
           nax_index k, double alpha, const double *a, nax_index lda, const double *b,
           nax_index ldb, double beta, double *c, nax_index ldc)
{
  product p = product_of(ta, tb, m, n, k, a, lda, b, ldb, c, ldc);
  p.alpha = alpha;
  p.beta = beta;
  return run_product(ctx, &p);
}

nax_status
nax_i_sgemm(nax_ctx *ctx, nax_i_trans ta, nax_i_trans tb, nax_index m, nax_index n,
            nax_index k, float alpha, const float *a, nax_index lda, const float *b,
            nax_index ldb, float beta, float *c, nax_index ldc)
{
  product p = product_of(ta, tb, m, n, k, a, lda, b, ldb, c, ldc);
  p.alpha = (double)alpha;
  p.beta = (double)beta;
  p.single = 1;
  return run_product(ctx, &p);
}

nax_status
nax_i_syrk(nax_ctx *ctx, nax_i_trans ta, nax_index n, nax_index k, double alpha,
           const double *a, nax_index lda, double beta, double *c, nax_index ldc)
{
  product p = square_of(ta, n, k, a, lda, c, ldc);
  p.alpha = alpha;
  p.beta = beta;
  p.symmetric = 1;
  return run_product(ctx, &p);
}

static nax_status
self_product(nax_ctx *ctx, nax_index n, nax_index k, double alpha, const double *a,
             nax_index lda, double beta, double *c, nax_index ldc, int lower)
{
  product p = square_of(NAX_I_TRANS, n, k, a, lda, c, ldc);
  p.alpha = alpha;
  p.beta = beta;
  p.symmetric = p.halves = 1;
  p.lower = lower;
  return run_product(ctx, &p);
}

nax_status
nax_i_self_product(nax_ctx *ctx, nax_index n, nax_index k, double alpha, const double *a,
                   nax_index lda, double beta, double *c, nax_index ldc)
{
  return self_product(ctx, n, k, alpha, a, lda, beta, c, ldc, 0);
}

nax_status
nax_i_self_product_lower(nax_ctx *ctx, nax_index n, nax_index k, double alpha,
                         const double *a, nax_index lda, double beta, double *c,
                         nax_index ldc)
{
  return self_product(ctx, n, k, alpha, a, lda, beta, c, ldc, 1);
}

nax_status
nax_i_update_lower(nax_ctx *ctx, nax_index n, nax_index k, double alpha, const double *a,
                   nax_index lda, const double *b, nax_index ldb, double beta, double *c,
                   nax_index ldc)
{
  product p = product_of(NAX_I_PLAIN, NAX_I_TRANS, n, n, k, a, lda, b, ldb, c, ldc);
  p.alpha = alpha;
  p.beta = beta;
  p.symmetric = p.halves = p.lower = 1;
  p.both = a != b;
  return run_product(ctx, &p);
}

/* A product on the thread that asks for it: one block, or tiles of a large one. */
static nax_status
one_block(nax_ctx *ctx, product *p)
{
  nax_status status = NAX_OK;
  NAX_TRY(check_sizes(ctx, p));
  p->ctx = ctx;
  int large = (double)p->m * (double)p->n * (double)p->k > most_work;
  cut(p, large ? side(p->m, LARGE_TILE) : p->m + 1,
      large ? side(p->n, LARGE_TILE) : p->n + 1);
  nax_i_blas_serial_begin();
  for (nax_index i = 0; i < p->tiles_m * p->tiles_n && status == NAX_OK; i++) {
    status = product_block(i, p);
    status = status == NAX_OK ? nax_i_poll(ctx) : status;
  }
  nax_i_blas_serial_end();
done:
  return status;
}

nax_status
nax_i_block_syrk(nax_ctx *ctx, nax_i_trans ta, nax_index n, nax_index k, double alpha,
                 const double *a, nax_index lda, double beta, double *c, nax_index ldc)
{
  product p = square_of(ta, n, k, a, lda, c, ldc);
  p.alpha = alpha;
  p.beta = beta;
  p.symmetric = p.halves = 1;
  return one_block(ctx, &p);
}

nax_status
nax_i_block_gemm(nax_ctx *ctx, nax_index m, nax_index n, nax_index k, double alpha,
                 const double *a, nax_index lda, const double *b, nax_index ldb,
                 double beta, double *c, nax_index ldc)
{
  product p = product_of(NAX_I_TRANS, NAX_I_PLAIN, m, n, k, a, lda, b, ldb, c, ldc);
  p.alpha = alpha;
  p.beta = beta;
  return one_block(ctx, &p);
}

nax_status
nax_i_gemv(nax_ctx *ctx, nax_i_trans ta, nax_index m, nax_index n, double alpha,
           const double *a, nax_index lda, const double *x, double beta, double *y)
{
  nax_status status = NAX_OK;
  nax_index sizes[3] = {m, n, lda};
  nax_i_blasint d[3];
  NAX_REQUIRE(nax_i_blas_narrow(3, sizes, d), NAX_EOVERFLOW,
              "a product of %lld x %lld exceeds the integers of BLAS", (long long)m,
              (long long)n);
  if (beta == 0.0) {
    memset(y, 0, (size_t)(ta ? n : m) * sizeof *y);
  }
  if (m > 0 && n > 0) {
    nax_i_blas_serial_begin();
    cblas_dgemv(CblasColMajor, ta ? CblasTrans : CblasNoTrans, d[0], d[1], alpha, a, d[2],
                x, 1, beta, y, 1);
    nax_i_blas_serial_end();
  }
done:
  return status;
}

typedef struct solve {
  nax_i_trans trans;
  nax_index m, n, width;
  const double *l;
  nax_index ldl;
  double *b;
  nax_index ldb;
} solve;

static nax_status
solve_columns(int64_t block, void *arg)
{
  const solve *s = arg;
  nax_index from = block * s->width;
  enter_blas();
  cblas_dtrsm(CblasColMajor, CblasLeft, CblasLower, s->trans ? CblasTrans : CblasNoTrans,
              CblasNonUnit, (nax_i_blasint)s->m,
              (nax_i_blasint)least(s->width, s->n - from), 1.0, s->l,
              (nax_i_blasint)s->ldl, s->b + from * s->ldb, (nax_i_blasint)s->ldb);
  leave_blas();
  return NAX_OK;
}

nax_status
nax_i_trsm(nax_ctx *ctx, nax_i_trans trans, nax_index m, nax_index n, const double *l,
           nax_index ldl, double *b, nax_index ldb)
{
  enum { LEAST = 64, MOST = 512 };
  nax_status status = NAX_OK;
  nax_index sizes[4] = {m, n, ldl, ldb};
  nax_i_blasint d[4];
  NAX_REQUIRE(nax_i_blas_narrow(4, sizes, d), NAX_EOVERFLOW,
              "a system of %lld x %lld exceeds the integers of BLAS", (long long)m,
              (long long)n);
  if (m > 0 && n > 0) {
    double fit = 2.0 * most_work / ((double)m * (double)m);
    nax_index width = fit >= (double)n ? n
                      : fit < LEAST    ? LEAST
                      : fit > MOST     ? MOST
                                       : (nax_index)fit;
    solve s = {trans, m, n, width, l, ldl, b, ldb};
    nax_i_blas_serial_begin();
    status = nax_i_parallel(ctx, NULL, nax_i_n_blocks(n, width), solve_columns, &s);
    nax_i_blas_serial_end();
  }
done:
  return status;
}
