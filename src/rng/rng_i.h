/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Internals of the random streams. The only module that knows GSL's generators. */
#ifndef NAX_RNG_I_H
#define NAX_RNG_I_H
#include "core/core_i.h"
#include <neuraxis/rng.h>
#include <gsl/gsl_rng.h>

/* State of a stream: the words of one block of Philox, and which comes next. */
typedef struct nax_i_philox {
  uint64_t seed, stream;
  uint64_t position; /* words drawn */
  uint32_t word[4];  /* of block (position - 1) / 4 once a word of it was drawn */
} nax_i_philox;

struct nax_rng {
  gsl_rng gsl; /* points to `philox`: initialise in place, do not copy */
  nax_i_philox philox;
};

/* The function itself: four words from a counter and a key. */
void nax_i_philox4x32_10(const uint32_t counter[4], const uint32_t key[2],
                         uint32_t out[4]);

/* As a GSL generator type, for code that allocates one the GSL way. */
const gsl_rng_type *nax_i_rng_type(void);

/* A stream in memory of the caller: for the body of a parallel block, no allocation. */
void nax_i_rng_init(nax_rng *r, uint64_t seed, uint64_t stream);

/* The stream as GSL's functions take it. @borrows */
gsl_rng *nax_i_rng_gsl(nax_rng *r);

/* Call before the first use of GSL in a call. GSL's default error handler ends the
 * process; it is replaced, once, by none at all. A handler that the host installed stays.
 */
void nax_i_gsl_begin(void);

#endif
