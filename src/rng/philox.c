/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Philox4x32-10 as a GSL generator. The 128-bit counter is (block number, stream), the
 * key is the seed; low halves come first. */
#include "rng_i.h"

void
nax_i_philox4x32_10(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
  uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
  uint32_t k0 = key[0], k1 = key[1];
  for (int round = 0; round < 10; round++) {
    uint64_t p0 = (uint64_t)c0 * UINT32_C(0xD2511F53);
    uint64_t p1 = (uint64_t)c2 * UINT32_C(0xCD9E8D57);
    uint32_t hi0 = (uint32_t)(p0 >> 32), hi1 = (uint32_t)(p1 >> 32);
    c0 = hi1 ^ c1 ^ k0;
    c1 = (uint32_t)p1;
    c2 = hi0 ^ c3 ^ k1;
    c3 = (uint32_t)p0;
    k0 += UINT32_C(0x9E3779B9); /* golden ratio */
    k1 += UINT32_C(0xBB67AE85); /* sqrt(3) - 1 */
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

static void
fill(nax_i_philox *p, uint64_t block)
{
  uint32_t counter[4] = {(uint32_t)block, (uint32_t)(block >> 32), (uint32_t)p->stream,
                         (uint32_t)(p->stream >> 32)};
  uint32_t key[2] = {(uint32_t)p->seed, (uint32_t)(p->seed >> 32)};
  nax_i_philox4x32_10(counter, key, p->word);
}

static uint32_t
next(nax_i_philox *p)
{
  uint64_t at = p->position++;
  if (at % 4 == 0) {
    fill(p, at / 4);
  }
  return p->word[at % 4];
}

static uint64_t
next64(nax_i_philox *p)
{
  uint64_t low = next(p);
  return low | (uint64_t)next(p) << 32;
}

static void
type_set(void *state, unsigned long seed)
{
  *(nax_i_philox *)state = (nax_i_philox){.seed = seed};
}

static unsigned long
type_get(void *state)
{
  return next(state);
}

static double
type_get_double(void *state)
{
  return (double)(next64(state) >> 11) * 0x1p-53;
}

static const gsl_rng_type philox_type = {"philox4x32-10",      UINT32_MAX, 0,
                                         sizeof(nax_i_philox), type_set,   type_get,
                                         type_get_double};

const gsl_rng_type *
nax_i_rng_type(void)
{
  return &philox_type;
}

void
nax_i_rng_init(nax_rng *r, uint64_t seed, uint64_t stream)
{
  nax_i_gsl_begin();
  r->philox = (nax_i_philox){.seed = seed, .stream = stream};
  r->gsl.type = &philox_type;
  r->gsl.state = &r->philox;
}

gsl_rng *
nax_i_rng_gsl(nax_rng *r)
{
  return &r->gsl;
}

nax_status
nax_rng_create(nax_ctx *ctx, uint64_t seed, uint64_t stream, nax_rng **out)
{
  nax_status status = NAX_OK;
  nax_i_begin(ctx);
  NAX_TRY_ALLOC(*out, 1, sizeof **out);
  nax_i_rng_init(*out, seed, stream);
done:
  return status;
}

void
nax_rng_free(nax_rng *r)
{
  nax_i_free(r);
}

uint64_t
nax_rng_seed(const nax_rng *r)
{
  return r->philox.seed;
}

uint64_t
nax_rng_stream(const nax_rng *r)
{
  return r->philox.stream;
}

uint64_t
nax_rng_position(const nax_rng *r)
{
  return r->philox.position;
}

void
nax_rng_seek(nax_rng *r, uint64_t position)
{
  r->philox.position = position;
  if (position % 4 != 0) {
    fill(&r->philox, position / 4);
  }
}

uint32_t
nax_rng_u32(nax_rng *r)
{
  return next(&r->philox);
}

uint64_t
nax_rng_u64(nax_rng *r)
{
  return next64(&r->philox);
}

double
nax_rng_uniform(nax_rng *r)
{
  return type_get_double(&r->philox);
}

double
nax_rng_uniform_pos(nax_rng *r)
{
  return (double)(next64(&r->philox) >> 12 << 1 | 1) * 0x1p-53;
}

nax_index
nax_rng_below(nax_rng *r, nax_index n)
{
  if (n < 1) {
    return 0;
  }
  /* the largest multiple of n that 64 bits hold; numbers beyond it are drawn again */
  uint64_t m = (uint64_t)n, spare = (UINT64_MAX % m + 1) % m, x;
  do {
    x = next64(&r->philox);
  } while (x > UINT64_MAX - spare);
  return (nax_index)(x % m);
}
