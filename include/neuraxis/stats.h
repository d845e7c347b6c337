/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Statistics that several methods share, on plain buffers and on arrays.
 *
 * Unless a function says otherwise, non-finite values are missing and take no part. */
#ifndef NEURAXIS_STATS_H
#define NEURAXIS_STATS_H
#include <neuraxis/array.h>
#include <neuraxis/options.h>
NAX_BEGIN_DECLS

/* --------------------------------------------------------- order statistics */

/** Quantiles `q` (each 0 to 1) of x: linear between the order statistics around
 * q (m - 1) of the m values present (R's type 7). NaN when there are none.
 * @status NAX_EDIM, NAX_EINVAL (q out of range), NAX_ENOMEM. @cost O(n) per quantile. */
NAX_API NAX_NODISCARD nax_status nax_stats_quantile(nax_ctx *ctx, nax_index n,
                                                    const double *x, nax_index n_q,
                                                    const double *q, double *out);

/** Median and median absolute deviation from it (not scaled: 1.4826 times it estimates
 * the standard deviation of a normal variable). `mad` may be NULL. NaN when nothing is
 * present. @status NAX_EDIM, NAX_ENOMEM. @cost O(n). */
NAX_API NAX_NODISCARD nax_status nax_stats_median_mad(nax_ctx *ctx, nax_index n,
                                                      const double *x, double *median,
                                                      double *mad);

/** Ranks from 1, equal values sharing the mean of their ranks. NaN keeps NaN and no rank;
 * infinities are ranked. @status NAX_EDIM, NAX_ENOMEM. @cost O(n). */
NAX_API NAX_NODISCARD nax_status nax_stats_ranks(nax_ctx *ctx, nax_index n,
                                                 const double *x, double *out);

NAX_END_DECLS
#endif
