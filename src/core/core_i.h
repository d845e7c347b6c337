/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every module may use: failing with a text, checked allocation, option overlay,
 * progress polling, parallel blocks, text buffers, locale-free numbers. */
#ifndef NAX_CORE_I_H
#define NAX_CORE_I_H
#include <neuraxis/context.h>
#include <neuraxis/options.h>
#include <neuraxis/types.h>
#include <stdarg.h>
#include <string.h>

/* --- failing ------------------------------------------------------------- */

/* Store "fn: text" in the context (or the thread's buffer) and return `s`. */
nax_status nax_i_fail(nax_ctx *ctx, nax_status s, const char *fn, const char *fmt, ...)
    NAX_PRINTF(4, 5);

/* Store a text without function prefix: for files, "FILE: WHAT (found X, expected Y)". */
nax_status nax_i_fail_file(nax_ctx *ctx, nax_status s, const char *path, const char *fmt,
                           ...) NAX_PRINTF(4, 5);

/* Store a text as it is, e.g. one that another context or thread left. */
nax_status nax_i_fail_text(nax_ctx *ctx, nax_status s, const char *text);

/* Collect a warning; dropped without a context. */
void nax_i_warn(nax_ctx *ctx, nax_severity severity, const char *id, const char *fmt, ...)
    NAX_PRINTF(4, 5);

/* First statement of each public function that can fail: empties the error text. */
void nax_i_begin(nax_ctx *ctx);

/* Single-exit error style: `status`, `ctx` and the label `done` live in the caller. */
#define NAX_REQUIRE(cond, code, ...)                                                     \
  do {                                                                                   \
    if (!(cond)) {                                                                       \
      status = nax_i_fail(ctx, (code), __func__, __VA_ARGS__);                           \
      goto done;                                                                         \
    }                                                                                    \
  } while (0)
#define NAX_REQUIRE_FILE(cond, code, path, ...)                                          \
  do {                                                                                   \
    if (!(cond)) {                                                                       \
      status = nax_i_fail_file(ctx, (code), (path), __VA_ARGS__);                        \
      goto done;                                                                         \
    }                                                                                    \
  } while (0)
#define NAX_TRY(expr)                                                                    \
  do {                                                                                   \
    status = (expr);                                                                     \
    if (status != NAX_OK) {                                                              \
      goto done;                                                                         \
    }                                                                                    \
  } while (0)
#define NAX_TRY_ALLOC(ptr, n, size)                                                      \
  do {                                                                                   \
    (ptr) = nax_i_calloc((size_t)(n), (size));                                           \
    NAX_REQUIRE((ptr) != NULL, NAX_ENOMEM, "out of memory (%zu x %zu bytes)",            \
                (size_t)(n), (size_t)(size));                                            \
  } while (0)
#define NAX_TRY_DUP(dst, src)                                                            \
  do {                                                                                   \
    (dst) = nax_i_strdup(src);                                                           \
    NAX_REQUIRE((dst) != NULL, NAX_ENOMEM, "out of memory");                             \
  } while (0)

/* --- memory -------------------------------------------------------------- */

/* Zeroed, overflow-checked; never returns NULL for an empty request that succeeds. */
void *nax_i_calloc(size_t n, size_t size);
/* As realloc for n * size bytes, overflow-checked; new bytes are not zeroed. */
void *nax_i_realloc(void *p, size_t n, size_t size);
/* Copy of a string; NULL is taken as "". */
char *nax_i_strdup(const char *s);
char *nax_i_strndup(const char *s, size_t n);
/* nax_i_snprintf into fresh memory; NULL when out of memory. */
char *nax_i_asprintf(const char *fmt, ...) NAX_PRINTF(1, 2);
void nax_i_free(void *p);
/* Tests only: -1 never, else that many allocations succeed before one fails. */
extern long nax_i_alloc_fail_at;

/* n[0] * ... * n[k-1] * size fits size_t and int64_t: product of n in *out, else 0 is
 * returned. Negative lengths do not fit. */
int nax_i_size_product(int32_t k, const nax_index *n, size_t size, nax_index *out);

/* --- options ------------------------------------------------------------- */

/* Defaults of `table`, overlaid with the caller's (possibly older, shorter) struct at
 * `src` (NULL: defaults only), then checked. `fn` is the function named in the text. */
nax_status nax_i_options_load(nax_ctx *ctx, const char *fn, const nax_opt_table *table,
                              void *dst, const void *src);

/* Tables of the modules; core/options.c lists them. */
extern const nax_opt_table nax_i_source_table;
extern const nax_opt_table nax_i_save_table;
extern const nax_opt_table nax_i_bin_table;
extern const nax_opt_table nax_i_quality_table_opts;
extern const nax_opt_table nax_i_report_table;
extern const nax_opt_table nax_i_smooth_table;
extern const nax_opt_table nax_i_neuropil_table;
extern const nax_opt_table nax_i_dff_table;
extern const nax_opt_table nax_i_detrend_table;
extern const nax_opt_table nax_i_resample_table;
extern const nax_opt_table nax_i_align_table;
extern const nax_opt_table nax_i_psth_table;
extern const nax_opt_table nax_i_welch_table;
extern const nax_opt_table nax_i_simulate_table;
extern const nax_opt_table nax_i_correlation_table;
extern const nax_opt_table nax_i_gpfa_table;
extern const nax_opt_table nax_i_gpfa_infer_table;
extern const nax_opt_table nax_i_gpfa_select_table;
extern const nax_opt_table nax_i_freqtag_table;
extern const nax_opt_table nax_i_gpvae_table;
extern const nax_opt_table nax_i_bicluster_table;
extern const nax_opt_table nax_i_ntf_table;
extern const nax_opt_table nax_i_rdm_table;
extern const nax_opt_table nax_i_rsa_table;
extern const nax_opt_table nax_i_similarity_table;
extern const nax_opt_table nax_i_encoding_table;
extern const nax_opt_table nax_i_sbm_table;
extern const nax_opt_table nax_i_trsa_table;
extern const nax_opt_table nax_i_connectome_table;
extern const nax_opt_table nax_i_trsa_identify_table;
extern const nax_opt_table nax_i_agtic_table;
extern const nax_opt_table nax_i_ph_table;
extern const nax_opt_table nax_i_ph_image_table;
extern const nax_opt_table nax_i_ntf_select_table;
extern const nax_opt_table nax_i_ntf_null_table;

/* Table entries: struct type, member, name, unit, default, range, help. */
#define NAX_I_INT(S, m, name, unit, def, lo, hi, help)                                   \
  {                                                                                      \
    (name), (unit), "", (help), NAX_OPT_INT, 0, 0, 0, offsetof(S, m), (def), (lo), (hi)  \
  }
#define NAX_I_REAL(S, m, name, unit, def, lo, hi, help)                                  \
  {                                                                                      \
    (name), (unit), "", (help), NAX_OPT_REAL, 0, 0, 0, offsetof(S, m), (def), (lo), (hi) \
  }
/* Greater than `lo`; NaN means not given when `nan` is 1. */
#define NAX_I_POSITIVE(S, m, name, unit, def, nan, help)                                 \
  {                                                                                      \
    (name), (unit), "", (help), NAX_OPT_REAL, 1, 0, (nan), offsetof(S, m), (def), 0.0,   \
        1e300                                                                            \
  }
#define NAX_I_FLAG(S, m, name, def, help)                                                \
  {                                                                                      \
    (name), "", "", (help), NAX_OPT_FLAG, 0, 0, 0, offsetof(S, m), (def), 0.0, 1.0       \
  }
#define NAX_I_ENUM(S, m, name, choices, def, n, help)                                    \
  {                                                                                      \
    (name), "", (choices), (help), NAX_OPT_ENUM, 0, 0, 0, offsetof(S, m), (def), 1.0,    \
        (n)                                                                              \
  }
#define NAX_I_STRING(S, m, name, help)                                                   \
  {                                                                                      \
    (name), "", "", (help), NAX_OPT_STRING, 0, 0, 0, offsetof(S, m), 0.0, 0.0, 0.0       \
  }
#define NAX_I_SEED(S, m, name, def, help)                                                \
  {                                                                                      \
    (name), "", "", (help), NAX_OPT_SEED, 0, 0, 0, offsetof(S, m), (def), 0.0, 2e19      \
  }
#define NAX_I_TABLE(module, S, min_size, entries)                                        \
  {                                                                                      \
    (module), sizeof(S), (min_size), (int32_t)(sizeof(entries) / sizeof((entries)[0])),  \
        (entries), #S                                                                    \
  }

/* --- loops worth a version per instruction set ------------------------------ */

/* The compiler makes the loop for each width of vectors and the loader picks; products
 * and sums are not fused, so all versions give the same bits. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) &&                   \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define NAX_I_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define NAX_I_CLONES
#endif

/* out = log(x), n values, to one unit in the last place; they may be the same array. The
 * same bits for a number wherever it is. */
void nax_i_logs(nax_index n, const double *x, double *out);

/* out = exp(x) in the same way. */
void nax_i_exps(nax_index n, const double *x, double *out);

/* --- linked libraries ------------------------------------------------------ */

/* Versions as the libraries tell them, each from the one module that uses the library;
 * core/version.c lists them. */
const char *nax_linalg_info(void); /* public, in linalg.h */
const char *nax_i_version_fftw(void);
const char *nax_i_version_gsl(void);
const char *nax_i_version_netcdf(void);
const char *nax_i_version_hdf5(void);
const char *nax_i_version_matio(void);
const char *nax_i_version_libzip(void);
const char *nax_i_version_libpng(void);
const char *nax_i_version_edflib(void);
const char *nax_i_version_nettle(void);

/* --- time, progress, stopping --------------------------------------------- */

double nax_i_now(void); /* monotonic seconds */

/* One stage of a call, e.g. reading a file or the iterations of a fit. */
typedef struct nax_i_stage {
  nax_ctx *ctx;
  const char *fn;    /* function named when the caller stops it */
  const char *stage; /* static string, e.g. "io/read" */
  int64_t n;         /* steps, or -1 */
  double t0;
} nax_i_stage;

/* Start a stage and report step 0. */
nax_status nax_i_stage_begin(nax_i_stage *st, nax_ctx *ctx, const char *fn,
                             const char *stage, int64_t n);
/* `done` steps are finished; `objective` may be NaN. Looks at the cancel flag always,
 * calls back when the interval has passed or done == n. NAX_EINTERRUPT to stop. */
nax_status nax_i_stage_poll(nax_i_stage *st, int64_t done, double objective);
/* Within a long step, from any thread: 1 when the caller wants to stop. What then returns
 * early may leave anything behind, since the next poll of the stage is NAX_EINTERRUPT.
 * Calls back, as often as a poll, on the thread that began the stage; other threads see
 * what it was told. */
int nax_i_stopped(nax_ctx *ctx);
/* The same as a status to hand on at once, NAX_EINTERRUPT in the name of the stage under
 * way; for work between the steps of a stage that may take a tenth of a second. */
nax_status nax_i_poll(nax_ctx *ctx);
/* The same in a loop over i, once in n turns. */
static inline nax_status
nax_i_poll_every(nax_ctx *ctx, nax_index i, nax_index n)
{
  return i % n == n - 1 ? nax_i_poll(ctx) : NAX_OK;
}
/* memcpy that looks between pieces of 16 MB; NAX_EINTERRUPT: `to` is unfinished. */
nax_status nax_i_copy(nax_ctx *ctx, void *to, const void *from, size_t bytes);
/* by = 1: from here on only polls of stages look whether to stop, for a step that must be
 * finished once it is begun; by = -1 ends it. Pairs nest. */
void nax_i_hold(nax_ctx *ctx, int by);

/* --- threads --------------------------------------------------------------- */

/* Run fn(block, arg) for block = 0..n_blocks-1 on the context's threads. Blocks are
 * independent and write to their own place, so results do not depend on the number of
 * threads. The first block (by number) that fails decides the status; its text, which
 * `fn` leaves with nax_i_fail, is carried over; later blocks may be left out. The calling
 * thread looks whether to stop between its own blocks (nax_i_poll) and, with a stage
 * (`st` may be NULL), polls it between rounds of blocks. In a child process made by fork
 * the blocks run on one thread. */
typedef nax_status (*nax_i_block_fn)(int64_t block, void *arg);
nax_status nax_i_parallel(nax_ctx *ctx, nax_i_stage *st, int64_t n_blocks,
                          nax_i_block_fn fn, void *arg);

/* Around each block: what fails within leaves its text with the thread, whatever the
 * context. */
void nax_i_block_begin(void);
void nax_i_block_end(void);

/* Make forked children work on one thread (see threads.c); contexts do it when they are
 * made, so that a fork before the first parallel call is covered too. */
void nax_i_fork_hook(void);

/* Fixed grid over n items: blocks of `grain`; block b is [b*grain, min(n, (b+1)*grain)).
 */
static inline int64_t
nax_i_n_blocks(int64_t n, int64_t grain)
{
  return (n + grain - 1) / grain;
}

/* Sum in fixed order by halves: error grows with log n, same bits for any caller. */
double nax_i_sum(const double *x, int64_t n);

/* Processors this process may use: affinity mask and cgroup quota. */
int32_t nax_i_cpu_count(void);

/* --- order ---------------------------------------------------------------- */

/* k-th smallest (from 0) of n values without NaN, which are reordered so that x[k] is it
 * and nothing after it is smaller. O(n). */
double nax_i_select(double *x, nax_index n, nax_index k);

/* Quantile q of n values without NaN, which are reordered: linear between the order
 * statistics around q (n - 1), R's type 7. NaN when n is 0. O(n). */
double nax_i_quantile(double *x, nax_index n, double q);

/* --- text ------------------------------------------------------------------ */

/* A growing text; after a failed allocation `failed` stays 1 and appends do nothing. */
typedef struct nax_i_buf {
  char *data; /* terminated once anything was appended */
  size_t len, cap;
  int failed;
} nax_i_buf;
void nax_i_buf_add(nax_i_buf *b, const char *text, size_t n);
void nax_i_buf_puts(nax_i_buf *b, const char *text);
void nax_i_buf_printf(nax_i_buf *b, const char *fmt, ...) NAX_PRINTF(2, 3);
void nax_i_buf_free(nax_i_buf *b);

/* Locale-free number from text: 1 when all of [s, end) is one number (also inf, nan),
 * else 0. Blanks around it are not accepted. Overflow (1e400) gives 0 too. */
int nax_i_parse_double(const char *s, const char *end, double *out);
int nax_i_parse_int64(const char *s, const char *end, int64_t *out);
/* Shortest text that reads back as the same double, '.' as decimal point, at most 31
 * characters; "NaN", "Inf", "-Inf". Returns its length. */
int nax_i_format_double(char buf[32], double x);
/* snprintf in the C locale, whatever the host has set: for all text with numbers. */
int nax_i_snprintf(char *buf, size_t size, const char *fmt, ...) NAX_PRINTF(3, 4);
int nax_i_vsnprintf(char *buf, size_t size, const char *fmt, va_list ap) NAX_PRINTF(3, 0);
/* The same for one double and any format, e.g. nax_i_format_g(buf, n, "%.3f", x). */
int nax_i_format_g(char *buf, size_t size, const char *fmt, double x);

/* Replace bytes that are not valid UTF-8, and control characters, by '?', in place. */
void nax_i_clean_utf8(char *s);

#endif
