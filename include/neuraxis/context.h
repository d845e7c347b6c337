/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The context of a call: error text, warnings, progress, stopping, threads.
 *
 * Every fallible function takes a context first. NULL means: one thread, no
 * callback, warnings dropped, and the error text in a buffer of the thread. A
 * context belongs to one call at a time; only nax_ctx_cancel may be called from
 * another thread or a signal handler meanwhile. */
#ifndef NEURAXIS_CONTEXT_H
#define NEURAXIS_CONTEXT_H
#include <neuraxis/status.h>
#include <neuraxis/types.h>
NAX_BEGIN_DECLS

/** Opaque; made by nax_ctx_create. */
typedef struct nax_ctx nax_ctx;

/** What a progress callback is told. */
typedef struct nax_progress {
  const char *stage; /**< static string, e.g. "io/read" */
  int64_t iter;      /**< steps done */
  int64_t iter_max;  /**< upper bound, or -1 when it is not known */
  double objective;  /**< current objective of an iterative fit, or NaN */
  double elapsed_s;  /**< seconds since this stage began */
} nax_progress;

/** Progress callback: return 0 to go on, anything else to stop the call with
 * NAX_EINTERRUPT. Called on the thread that called the library, which its other threads
 * do not wait for. The same step may be told of many times, so that a long one can be
 * stopped, too. Must not longjmp or throw. */
typedef int (*nax_progress_fn)(const nax_progress *p, void *user);

/** Why an iterative fit stopped. */
typedef enum nax_stop {
  NAX_STOP_TOL = 1,     /**< the stated tolerance was reached */
  NAX_STOP_ITER = 2,    /**< the largest number of iterations was reached */
  NAX_STOP_TIME = 3,    /**< the time allowed was used up */
  NAX_STOP_USER = 4,    /**< the caller stopped it and asked to keep what there is */
  NAX_STOP_NUMERIC = 5, /**< no further step gave finite numbers: the last good one */
  NAX_STOP_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_stop;

/** How much a warning matters; the grades follow the habit of data validators. */
typedef enum nax_severity {
  NAX_INFO = 1,       /**< a decision the library took and you may want to know */
  NAX_SUGGESTION = 2, /**< could be better, nothing is wrong */
  NAX_VIOLATION = 3,  /**< the data break a rule of their format, results may mislead */
  NAX_CRITICAL = 4,   /**< results are likely wrong unless this is settled */
  NAX_SEVERITY_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_severity;

/** One collected warning; strings are owned by the context. */
typedef struct nax_warning {
  nax_severity severity; /**< grade */
  const char *id;        /**< stable id, e.g. "io.rate-placeholder" */
  const char *text;      /**< one line, names the subject */
} nax_warning;

/** Make a context with one thread, no callback and an empty warning list.
 * @owns free with nax_ctx_free.
 * @status NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_ctx_create(nax_ctx **out);

/** Free a context; NULL is accepted. */
NAX_API void nax_ctx_free(nax_ctx *ctx);

/** Install a progress callback, called at most every `min_interval_s` seconds (0.1 is
 * a good value). `fn` NULL removes it. */
NAX_API void nax_ctx_set_progress(nax_ctx *ctx, nax_progress_fn fn, void *user,
                                  double min_interval_s);

/** Threads that calls with this context may use, 1 to 1024; 0 means as many as this
 * process may run on (affinity mask and cgroup quota). Results do not depend on it.
 * @status NAX_EINVAL when out of range. */
NAX_API NAX_NODISCARD nax_status nax_ctx_set_threads(nax_ctx *ctx, int32_t n_threads);

/** Threads that a call with this context uses; 1 for NULL. */
NAX_API int32_t nax_ctx_threads(const nax_ctx *ctx);

/** Ask the running call, or the next one, to stop with NAX_EINTERRUPT. Safe in signal
 * handlers and from other threads. The request is consumed by the call it stops. */
NAX_API void nax_ctx_cancel(nax_ctx *ctx);

/** Look whether to stop, for a program's own loops between calls: calls back when the
 * interval of nax_ctx_set_progress has passed. NULL never stops.
 * @status NAX_EINTERRUPT when the callback, or nax_ctx_cancel, asks for it. */
NAX_API NAX_NODISCARD nax_status nax_ctx_poll(nax_ctx *ctx);

/** Text of the last failure: `function: subject, expectation, what was found`. Empty
 * after a success. For NULL: the buffer of the calling thread.
 * @borrows valid until the next call with this context (or on this thread for NULL). */
NAX_API const char *nax_ctx_error(const nax_ctx *ctx);

/** Number of warnings collected since the last nax_ctx_clear_warnings. Identical
 * warnings are kept once; beyond 1000 the rest are counted in a last entry. */
NAX_API nax_index nax_ctx_n_warnings(const nax_ctx *ctx);

/** Warning `i`, 0 <= i < nax_ctx_n_warnings; all members NULL/0 when out of range.
 * @borrows strings are valid until the warnings are cleared or the context freed. */
NAX_API nax_warning nax_ctx_warning(const nax_ctx *ctx, nax_index i);

/** Forget the collected warnings. */
NAX_API void nax_ctx_clear_warnings(nax_ctx *ctx);

/** Name of a severity: "info", "suggestion", "violation", "critical". Static string. */
NAX_API const char *nax_severity_name(nax_severity s);

NAX_END_DECLS
#endif
