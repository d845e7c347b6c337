/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Non-negative tensor factorisation.
 *
 * X(i, j, k, ...) is approximated by sum_r w_r a_r(i) b_r(j) c_r(k) ..., every entry
 * non-negative unless a mode is declared free. For neuron x time x trial data a component
 * is a group of neurons (a), when they act together (b) and in which trials (c).
 *
 * Symbols: N modes (2 to 6) of lengths n_1 .. n_N, R components, n the product of
 * lengths. Sources: Cichocki & Phan 2009 (HALS); Kim & Park 2011 (block principal
 * pivoting); Huang, Sidiropoulos & Liavas 2016 (AO-ADMM); Fevotte & Idier 2011
 * (beta-divergences); Ang, Cohen, Gillis & Hien 2020 (extrapolation); Williams et al.
 * 2018 (use on recordings). */
#ifndef NEURAXIS_NTF_H
#define NEURAXIS_NTF_H
#include <neuraxis/dataset.h>
#include <neuraxis/io.h>
#include <neuraxis/options.h>
NAX_BEGIN_DECLS

/** How the factor of one mode is updated given the others. */
typedef enum nax_ntf_algorithm {
  NAX_NTF_NNLS =
      1, /**< near-exact: coordinate descent by rows until a sweep gains little */
  NAX_NTF_HALS = 2,  /**< `inner-sweeps` sweeps of coordinate descent */
  NAX_NTF_PIVOT = 3, /**< exact: block principal pivoting */
  NAX_NTF_MU = 4, /**< multiplicative updates: slow, never leaves zero; for comparison */
  NAX_NTF_ADMM = 5, /**< alternating directions, up to `inner-sweeps` per update; modes
                       with `smooth` or a norm bound always are updated so */
  NAX_NTF_ALGORITHM_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_ntf_algorithm;

/** What a fit minimises, summed over the observed entries x with model m. */
typedef enum nax_ntf_loss_kind {
  NAX_NTF_FROBENIUS = 1, /**< (x - m)^2 / 2 */
  NAX_NTF_KL = 2,        /**< x log(x / m) - x + m: counts (Poisson deviance, halved) */
  NAX_NTF_BETA = 3,      /**< beta-divergence, (x^b + (b - 1) m^b - b x m^(b - 1)) /
                              (b (b - 1)); b = 2 is Frobenius, 1 is KL, 0 Itakura-Saito */
  NAX_NTF_LOSS_KIND_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_ntf_loss_kind;

/** Options of nax_ntf_fit. Table "ntf" of options.h.
 *
 * A penalty on some modes only would be evaded by moving the scale of a component to the
 * other modes. These are therefore bounded, each column to norm 1; penalised modes bear
 * the scale, and when there are several, each needs `l1` or `ridge`. */
typedef struct nax_ntf_opts {
  size_t struct_size;   /**< set by the INIT macro; do not touch */
  int64_t rank;         /**< components R, 1 to 1024 */
  int64_t n_restarts;   /**< random starts; the best is the result */
  int64_t max_iter;     /**< sweeps over all modes per start */
  int64_t inner_sweeps; /**< most sweeps of coordinate descent per update (HALS: exactly
                           as many) */
  double
      tol; /**< stop when a sweep gains less than this share of the explained part ... */
  double kkt_tol; /**< ... and the optimality conditions hold to this (relative) */
  double ridge;   /**< penalty ridge/2 ||factor||^2 on every mode */
  double l1;      /**< penalty l1 ||factor||_1 on every mode */
  uint64_t seed;  /**< start k uses stream k of this seed */
  const char *free_modes;  /**< axes whose entries may be negative, by name or position,
                              comma-separated; NULL = none */
  const char *fixed_modes; /**< axes whose factor stays as given in `init`; NULL = none */
  int32_t algorithm;       /**< one of nax_ntf_algorithm */
  int32_t extrapolate;     /**< 1: extrapolate once progress stalls (never with missing
                              entries, `smooth` or norm bounds) */
  int32_t keep_partial; /**< 1: an interrupt returns the best so far with NAX_STOP_USER */
  int32_t loss;         /**< one of nax_ntf_loss_kind; other than Frobenius: fitted by
                             multiplicative updates with exponents that never raise the
                             loss, no free modes, no hals, pivot or admm */
  double beta;          /**< of the beta-divergence, -1 to 4 */
  const char
      *penalty; /**< for single modes, instead of `ridge` and `l1`: "MODE:KIND=VALUE,
                     ..." with KIND ridge, l1 or smooth (smooth/2 times the sum of
                     squared differences between neighbours); NULL = none */
} nax_ntf_opts;

/** Defaults of nax_ntf_opts. */
#define NAX_NTF_OPTS_INIT                                                                \
  {                                                                                      \
    sizeof(nax_ntf_opts), 8, 10, 500, 100, 1e-7, 1e-3, 0.0, 0.0, 1, NULL, NULL,          \
        NAX_NTF_NNLS, 1, 0, NAX_NTF_FROBENIUS, 1.0, NULL                                 \
  }

/** A fitted factorisation. Opaque. */
typedef struct nax_ntf nax_ntf;

/** Factorise a tensor.
 *
 * @shape{x} 2 to 6 axes, each of length >= 1; float64 or float32, any strides (packed
 * once when not dense)
 * @param init NULL, or one view per mode (n_k x R, float64): the single start; entries of
 * modes that are not free must be >= 0
 * A slice of zeros is data like any other: its loadings become 0.
 * @nan NaN in `x` is missing. When what is missing does not depend on the position along
 * some mode (a neuron missing in an animal at all times), updates are exact: each row has
 * the Gram matrix of what was observed. Otherwise, and with `smooth` or norm bounds,
 * missing entries hold the mean of their position on axis 0 and then the model, so that
 * the fit converges to one of the observed entries alone (expectation maximisation). With
 * losses other than Frobenius missing entries are left out of all sums
 * @status NAX_EDIM (axes, shapes), NAX_EDATA (negative entry where no mode is free,
 * naming it; infinite; all missing; all zero; a slice of a mode entirely missing, naming
 * it), NAX_EINVAL (options; rank above what the shape allows), NAX_EINTERRUPT,
 * NAX_ENOMEM.
 * @stop tol and kkt_tol both reached, or max_iter; see nax_ntf_stop
 * @cost per sweep N/(N-1) reads of X and 2 N/(N-1) n R flops; memory: nax_ntf_memory
 * @random one stream per restart
 * @owns free with nax_ntf_free. */
NAX_API NAX_NODISCARD nax_status nax_ntf_fit(nax_ctx *ctx, const nax_view *x,
                                             const nax_view *init,
                                             const nax_ntf_opts *opts, nax_ntf **out);

/** Bytes that nax_ntf_fit needs besides `x` (with `missing` != 0: when x has NaN).
 * @status NAX_EDIM, NAX_EINVAL. */
NAX_API NAX_NODISCARD nax_status nax_ntf_memory(nax_ctx *ctx, const nax_view *x,
                                                const nax_ntf_opts *opts, int32_t missing,
                                                size_t *bytes);

/** Factorise an array variable of a file in at most `memory` bytes. When the variable
 * and all that the fit needs go into that, it is read and handed to nax_ntf_fit.
 * Otherwise it is read block by block along its last (slowest) axis in every sweep, for
 * as many starts at a time as the memory allows; factors agree with those in memory to
 * rounding.
 *
 * Memory that the reader of the format uses comes on top.
 * @param init as in nax_ntf_fit
 * @param streamed 1 when the variable was read block by block, else 0; may be NULL
 * @shape{s} variable `var`: an array of 2 to 6 axes. float64 or float32 as nax_ntf_fit;
 * 8- and 16-bit values become float32, others float64
 * @nan as nax_ntf_fit in memory; refused when streamed (NAX_EDATA), as are losses other
 * than Frobenius (NAX_ENOTSUP)
 * @status as nax_ntf_fit and nax_source_read; NAX_ENOMEM also when `memory` does not hold
 * one position of the last axis and one start, with the number of bytes that do.
 * @cost per sweep N/(N-1) reads of the file (N - 1 when memory is short) for each group
 * of starts, and two more
 * @random one stream per restart
 * @owns free with nax_ntf_free. */
NAX_API NAX_NODISCARD nax_status nax_ntf_fit_source(nax_ctx *ctx, nax_source *s,
                                                    int32_t var, size_t memory,
                                                    const nax_view *init,
                                                    const nax_ntf_opts *opts,
                                                    int32_t *streamed, nax_ntf **out);

/** A tensor given by its entries that are not zero (coordinate format); memory is the
 * caller's. */
typedef struct nax_ntf_coo {
  const nax_index *index; /**< n x n_modes, column-major, positions from 0: entry e is at
                               index[e + k n] of mode k; any order */
  const double *value;    /**< n values */
  nax_index n;            /**< entries */
  nax_index dim[NAX_MAX_NDIM];    /**< lengths of the modes */
  const char *name[NAX_MAX_NDIM]; /**< names of the axes, or NULL */
  int32_t n_modes;                /**< 2 to 6 */
} nax_ntf_coo;

/** Factorise a sparse tensor: what is not listed is zero, and counts as data. Worth it
 * when fewer than about one entry in twenty is not zero.
 *
 * @param init as in nax_ntf_fit
 * @nan refused: missing and zero are different things (NAX_EDATA)
 * @status as nax_ntf_fit; NAX_EDIM also for a position outside `dim`, naming it.
 * Positions listed more than once add up.
 * @cost per sweep N n R multiplications and as many reads of factor rows; memory:
 * nax_ntf_sparse_memory
 * @random one stream per restart
 * @owns free with nax_ntf_free. */
NAX_API NAX_NODISCARD nax_status nax_ntf_fit_sparse(nax_ctx *ctx, const nax_ntf_coo *x,
                                                    const nax_view *init,
                                                    const nax_ntf_opts *opts,
                                                    nax_ntf **out);

/** Bytes that nax_ntf_fit_sparse needs besides `x`. @status NAX_EDIM, NAX_EINVAL. */
NAX_API NAX_NODISCARD nax_status nax_ntf_sparse_memory(nax_ctx *ctx, const nax_ntf_coo *x,
                                                       const nax_ntf_opts *opts,
                                                       size_t *bytes);

/** A factorisation from given factors, e.g. of a file, to project new slices on. Its
 * error, loss and optimality are NaN; it has one start without a trace.
 * @param n_modes 2 to 6
 * @param factors one view per mode: n_k x R, float64; a name of its first axis is that of
 * the mode
 * @param weights R weights; NULL: all 1
 * @param opts those of the fit: `loss`, `beta` and `free_modes` count, `rank` is R;
 * NULL: the defaults
 * @nan a row of a factor may be missing
 * @status NAX_EDIM (modes, shapes), NAX_EDATA (infinite or negative where the mode is not
 * free, naming it), NAX_EINVAL (options; NULL), NAX_ENOMEM.
 * @owns free with nax_ntf_free. */
NAX_API NAX_NODISCARD nax_status nax_ntf_create(nax_ctx *ctx, int32_t n_modes,
                                                const nax_view *factors,
                                                const double *weights,
                                                const nax_ntf_opts *opts, nax_ntf **out);

/** Free a factorisation; NULL is accepted. */
NAX_API void nax_ntf_free(nax_ntf *m);

/** Components R. */
NAX_API int64_t nax_ntf_rank(const nax_ntf *m);

/** Modes N. */
NAX_API int32_t nax_ntf_n_modes(const nax_ntf *m);

/** Length of mode k; 0 out of range. */
NAX_API nax_index nax_ntf_dim(const nax_ntf *m, int32_t k);

/** R weights: the norms of the components, descending. With fixed modes, the order is
 * that of `init` and weights do not include the norms of the fixed columns. @borrows */
NAX_API const double *nax_ntf_weights(const nax_ntf *m);

/** Factor of mode k: n_k x R, column-major, columns of unit l2 norm (or all zero); a
 * fixed mode has the values of `init`, bit by bit. NULL out of range. @borrows valid
 * until the factorisation is freed. */
NAX_API const double *nax_ntf_factor(const nax_ntf *m, int32_t k);

/** ||X - model|| / ||X|| over the observed entries, computed entry by entry. */
NAX_API double nax_ntf_error(const nax_ntf *m);

/** Largest relative violation of the optimality conditions over the modes. */
NAX_API double nax_ntf_kkt(const nax_ntf *m);

/** Why the best start stopped. */
NAX_API nax_stop nax_ntf_stop(const nax_ntf *m);

/** What was minimised: the loss of the best start, penalties not included. */
NAX_API double nax_ntf_loss(const nax_ntf *m);

/** Relative error (losses other than Frobenius: the loss) after each sweep of the best
 * start and, in `n`, how many. @borrows */
NAX_API const double *nax_ntf_trace(const nax_ntf *m, nax_index *n);

/** Number of starts made. */
NAX_API int64_t nax_ntf_n_restarts(const nax_ntf *m);

/** Relative error of start i, or NaN out of range. The best start is the one of least
 * loss with penalties. */
NAX_API double nax_ntf_restart_error(const nax_ntf *m, int64_t i);

/** Similarity of start i to the best one: mean over matched components and modes of the
 * cosine between their factors (`product` 0), or mean over components of the product over
 * modes, which a merely similar component does not reach (`product` 1). */
NAX_API double nax_ntf_restart_similarity(const nax_ntf *m, int64_t i, int32_t product);

/** The factorisation as a dataset: one array per mode (axis x component, named
 * "factor_" + axis name), "weights", "trace", "restarts", and the options.
 * @param axes of the tensor (N entries; may be NULL: then axes are named mode1, ...)
 * @owns free with nax_dataset_free. @status NAX_ENOMEM, NAX_EDIM. */
NAX_API NAX_NODISCARD nax_status nax_ntf_dataset(nax_ctx *ctx, const nax_ntf *m,
                                                 const nax_axis *const *axes,
                                                 nax_dataset **out);

/* ------------------------------------------------------- how many components */

/** Options of nax_ntf_select. Table "ntf-select" of options.h. */
typedef struct nax_ntf_select_opts {
  size_t struct_size; /**< set by the INIT macro; do not touch */
  int64_t rank_min;   /**< smallest rank tried, >= 1 */
  int64_t rank_max;   /**< largest rank tried */
  int64_t n_folds;    /**< held-out sets; 0 leaves cross-validation out */
  int64_t block; /**< length of held-out blocks along `block_mode`; 1: single entries */
  int64_t fold_starts; /**< random starts of each held-out fit */
  double fraction;     /**< share of the entries held out in each fold */
  double similar;      /**< median similarity between starts that counts as stable: a mean
                          over components, of which one in ten may not return at all
                          before it falls below 0.9 */
  const char
      *block_mode;   /**< axis along which blocks run; NULL: "time" when there is one */
  int64_t leave_out; /**< parts into which the slices of `slice_mode` fall, each left out
                          once: as many parts as slices is leave-one-out; 0: none */
  int64_t halves;    /**< times the slices are split into two halves at random (along
                          `time`: into alternate stretches); 0: none */
  double similar_parts;   /**< median similarity that counts as stable under both */
  const char *slice_mode; /**< axis that is split; NULL: "animal" or else "trial" */
} nax_ntf_select_opts;

/** Defaults of nax_ntf_select_opts. */
#define NAX_NTF_SELECT_OPTS_INIT                                                         \
  {                                                                                      \
    sizeof(nax_ntf_select_opts), 1, 10, 3, 1, 2, 0.1, 0.98, NULL, 0, 0, 0.9, NULL        \
  }

/** What nax_ntf_select found. */
typedef struct nax_ntf_selection {
  int64_t rank;    /**< the recommendation */
  int64_t rank_cv; /**< smallest rank whose held-out error is within one standard error
                        of the least; 0 without cross-validation */
  int64_t rank_stable;   /**< largest rank whose starts agree; 0 when none does */
  int64_t rank_left_out; /**< largest rank whose components stay when slices are left out;
                              0 when none does, -1 when that was not looked at */
  int64_t rank_half; /**< largest rank whose components two halves agree on; likewise */
  int64_t rank_max;  /**< largest rank tried: as a recommendation it is a lower bound */
} nax_ntf_selection;

/** The recommendation in one sentence, with what each criterion says where they differ,
 * and whether it is the largest rank tried, so that more may be supported.
 * Cut off when `size` (200 is enough) is too small. */
NAX_API void nax_ntf_selection_text(const nax_ntf_selection *s, char *text, size_t size);

/** How many components the data support, by criteria that need not agree: error on
 * entries left out of the fit, agreement between random starts, and, when asked for,
 * whether the components stay when animals or trials are left out and are the same in two
 * halves of them. Where they differ the recommendation is the smallest, and all are
 * reported.
 *
 * Traces are smooth in time, so a single entry left out is nearly known from its
 * neighbours: `block` > 1 holds out stretches of `block_mode` instead.
 *
 * @param fit options of the fits (rank is set here); NULL for the defaults
 * @param table one row per rank: error, held-out error with standard error over folds,
 * median similarity between starts (both scores), sweeps, median similarity (mean cosine
 * over the modes that are not split) with slices left out and between halves, NaN where
 * too few slices remain for the rank; may be NULL
 * @shape{x} as nax_ntf_fit
 * @status as nax_ntf_fit; NAX_EINVAL when rank_min > rank_max, or when an axis that is
 * named is not there
 * @cost (rank_max - rank_min + 1) x (restarts + (n_folds + leave_out + 2 halves) x
 * fold_starts) fits
 * @random fold k of every rank holds out the same entries: stream 2^32 + k of the seed
 * @owns free the table with nax_table_free.
 * @paper{williams2018} */
NAX_API NAX_NODISCARD nax_status nax_ntf_select(nax_ctx *ctx, const nax_view *x,
                                                const nax_ntf_opts *fit,
                                                const nax_ntf_select_opts *opts,
                                                nax_table **table,
                                                nax_ntf_selection *out);

/* ---------------------------------------------------------------- new slices, chance */

/** New slices of one mode (trials, animals, time bins) on the components of a fit: the
 * loadings that fit each slice best, the other factors staying as they are. On the slices
 * of the fit this is weight times factor. Penalties of the fit are left out.
 *
 * @param mode position of the mode in the fit
 * @param out length of that axis x R
 * @shape{x} as in the fit but for the length of axis `mode`
 * @nan NaN is missing: each slice is solved from what was observed of it; the loadings of
 * a slice without any entry are NaN
 * @status NAX_EDIM, NAX_EINVAL, NAX_ETYPE, NAX_EDATA (infinite), NAX_ENOMEM. Negative
 * entries are taken as they are, except with losses other than Frobenius.
 * @cost one read of x and n R flops; for each slice with missing entries n R^2 more
 * @owns free with nax_array_free. */
NAX_API NAX_NODISCARD nax_status nax_ntf_project(nax_ctx *ctx, const nax_ntf *m,
                                                 const nax_view *x, int32_t mode,
                                                 nax_array **out);

/** Options of nax_ntf_null. Table "ntf-null" of options.h. */
typedef struct nax_ntf_null_opts {
  size_t struct_size;     /**< set by the INIT macro; do not touch */
  int64_t n_draws;        /**< fits of shifted data */
  int64_t starts;         /**< random starts of each of them */
  const char *shift_mode; /**< axis along which courses are shifted; NULL: "time" */
  const char *each; /**< axes whose positions shift each by itself, comma-separated; what
                         differs on the others only shifts together. NULL: all others.
                         "animal" keeps what neurons of an animal have in common and asks
                         whether animals agree in time */
} nax_ntf_null_opts;

/** Defaults of nax_ntf_null_opts. */
#define NAX_NTF_NULL_OPTS_INIT                                                           \
  {                                                                                      \
    sizeof(nax_ntf_null_opts), 99, 1, NULL, NULL                                         \
  }

/** Whether components are more than chance: a p-value for each, from fits of data whose
 * courses were shifted circularly against each other. Each course keeps its spectrum and
 * its values; what courses have in common goes.
 *
 * The statistic ("concord") is the variance of a component's course over the sum of the
 * variances of the parts of it that shift by themselves: 1 when these are independent. A
 * value is held against the largest over the components of each shifted fit, so the
 * p-values hold for all components together.
 * @param m a fit of `x` without fixed modes
 * @param table one row per component: concord, its median over the largest of the shifted
 * fits, p = (1 + number of these that reach it) / (draws + 1)
 * @nan missing entries shift with the others
 * @status NAX_EDIM, NAX_EINVAL (an axis that is not there; nothing that shifts by
 * itself), and as nax_ntf_fit
 * @cost n_draws fits, and two copies of x as float64
 * @random draw b: stream 2^34 + b of the seed of the fit
 * @owns free with nax_table_free. */
NAX_API NAX_NODISCARD nax_status nax_ntf_null(nax_ctx *ctx, const nax_view *x,
                                              const nax_ntf *m,
                                              const nax_ntf_null_opts *opts,
                                              nax_table **table);

NAX_END_DECLS
#endif
