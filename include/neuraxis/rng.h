/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random numbers: independent streams that are the same on every machine.
 *
 * The generator is Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy
 * as 1, 2, 3"): word number p of stream s under seed k is a function of (k, s, p) alone.
 * So every restart, chain, permutation or trial takes a stream of its own, results do not
 * depend on the number of threads, and jumping ahead costs nothing. The variates are
 * those of the GNU Scientific Library. There is no default generator, and nothing is
 * seeded from the clock. */
#ifndef NEURAXIS_RNG_H
#define NEURAXIS_RNG_H
#include <neuraxis/context.h>
NAX_BEGIN_DECLS

/** One stream of random numbers. Opaque; one thread at a time. */
typedef struct nax_rng nax_rng;

/** Stream `stream` under `seed`, at its beginning. Any two (seed, stream) pairs that
 * differ give unrelated numbers; a stream has 2^64 words of 32 bits.
 * @owns free with nax_rng_free. @status NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_rng_create(nax_ctx *ctx, uint64_t seed,
                                                uint64_t stream, nax_rng **out);

/** Free a stream; NULL is accepted. */
NAX_API void nax_rng_free(nax_rng *r);

/** The seed it was made with. */
NAX_API uint64_t nax_rng_seed(const nax_rng *r);

/** The stream number it was made with. */
NAX_API uint64_t nax_rng_stream(const nax_rng *r);

/** Number of 32-bit words drawn so far. (seed, stream, position) is the whole state:
 * store the three to go on later from the same place. */
NAX_API uint64_t nax_rng_position(const nax_rng *r);

/** Go to a position, forwards or back. @cost none, however far. */
NAX_API void nax_rng_seek(nax_rng *r, uint64_t position);

/** The next 32 bits. @random one word. */
NAX_API uint32_t nax_rng_u32(nax_rng *r);

/** The next 64 bits. @random two words. */
NAX_API uint64_t nax_rng_u64(nax_rng *r);

/** Uniform in [0, 1), a multiple of 2^-53. @random two words. */
NAX_API double nax_rng_uniform(nax_rng *r);

/** Uniform in (0, 1): an odd multiple of 2^-53, so that its logarithm is finite.
 * @random two words. */
NAX_API double nax_rng_uniform_pos(nax_rng *r);

/** Whole number in 0..n-1, each equally likely (no bias, by rejection); 0 when n < 1.
 * @random two words, seldom more. */
NAX_API nax_index nax_rng_below(nax_rng *r, nax_index n);

/** Normal with the given mean and standard deviation sd >= 0 (gsl_ran_gaussian_ziggurat);
 * NaN when an argument is out of range. @random a varying number of words. */
NAX_API double nax_rng_normal(nax_rng *r, double mean, double sd);

/** Exponential with mean > 0 (gsl_ran_exponential); NaN when out of range. */
NAX_API double nax_rng_exponential(nax_rng *r, double mean);

/** Gamma with shape > 0 and scale > 0, mean shape * scale (gsl_ran_gamma); NaN when out
 * of range. */
NAX_API double nax_rng_gamma(nax_rng *r, double shape, double scale);

/** Beta with a > 0 and b > 0 (gsl_ran_beta); NaN when out of range. */
NAX_API double nax_rng_beta(nax_rng *r, double a, double b);

/** Poisson with 0 <= mean <= 1e9 (gsl_ran_poisson); -1 when out of range. */
NAX_API nax_index nax_rng_poisson(nax_rng *r, double mean);

/** Binomial: successes in 0 <= n <= 1e9 trials of probability p (gsl_ran_binomial); -1
 * when out of range. */
NAX_API nax_index nax_rng_binomial(nax_rng *r, nax_index n, double p);

/** Position drawn with probability weight[i] / sum from n non-negative weights; -1 when
 * there is no positive, finite sum. @cost O(n). @random two words. */
NAX_API nax_index nax_rng_choice(nax_rng *r, nax_index n, const double *weight);

/** Fill x[0..n-1] with a point of the Dirichlet distribution, alpha[i] > 0 (normalised
 * gamma variates); all NaN when out of range. */
NAX_API void nax_rng_dirichlet(nax_rng *r, nax_index n, const double *alpha, double *x);

/** Put index[0..n-1] into random order, each equally likely (Fisher-Yates). */
NAX_API void nax_rng_shuffle(nax_rng *r, nax_index n, nax_index *index);

/** Fill index[0..n-1] with 0..n-1 in random order. */
NAX_API void nax_rng_permutation(nax_rng *r, nax_index n, nax_index *index);

NAX_END_DECLS
#endif
