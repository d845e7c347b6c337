/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One number out of a pickled dictionary without unpickling it: the key is looked for as
 * the bytes that protocols 2 to 5 write, the value must be a plain number behind it. */
#include "pickle_i.h"
#include <math.h>

enum { CHUNK = 1 << 20, MARGIN = 64 };

/* The value behind a key: memo opcodes, then one of the opcodes for numbers. */
static int
plain_number(const unsigned char *p, const unsigned char *end, double *value)
{
  for (ptrdiff_t skip = 1; skip > 0;) {
    skip = p >= end     ? 0
           : *p == 'q'  ? 2 /* BINPUT */
           : *p == 'r'  ? 5 /* LONG_BINPUT */
           : *p == 0x94 ? 1 /* MEMOIZE */
                        : 0;
    if (skip > end - p) {
      return 0;
    }
    p += skip;
  }
  if (p >= end) {
    return 0;
  }
  ptrdiff_t left = end - p - 1;
  if (*p == 'G' && left >= 8) { /* BINFLOAT, big-endian */
    uint64_t bits = 0;
    for (int i = 1; i <= 8; i++) {
      bits = bits << 8 | p[i];
    }
    memcpy(value, &bits, sizeof bits);
    return isfinite(*value);
  }
  if (*p == 'K' && left >= 1) { /* BININT1 */
    *value = p[1];
    return 1;
  }
  if (*p == 'M' && left >= 2) { /* BININT2 */
    *value = p[1] + 256.0 * p[2];
    return 1;
  }
  if (*p == 'J' && left >= 4) { /* BININT */
    uint32_t u = p[1] | (uint32_t)p[2] << 8 | (uint32_t)p[3] << 16 | (uint32_t)p[4] << 24;
    *value = u < UINT32_C(0x80000000) ? (double)u : (double)u - 4294967296.0;
    return 1;
  }
  return 0;
}

static void
take_hit(const unsigned char *behind, const unsigned char *end, double *value,
         nax_i_pickled *found)
{
  double x = 0;
  int plain = plain_number(behind, end, &x);
  if (*found == NAX_I_PICKLED_NONE) {
    *found = plain ? NAX_I_PICKLED_NUMBER : NAX_I_PICKLED_OTHER;
    *value = x;
  } else if (*found == NAX_I_PICKLED_NUMBER && (!plain || x != *value)) {
    *found = NAX_I_PICKLED_SEVERAL;
  } else if (*found == NAX_I_PICKLED_OTHER && plain) {
    *found = NAX_I_PICKLED_SEVERAL;
  }
}

/* All keys that begin before `n` in p[0 .. have). */
static void
scan(const unsigned char *p, size_t n, size_t have, const char *key, double *value,
     nax_i_pickled *found)
{
  size_t k = strlen(key);
  unsigned char token[2][24] = {{'X', 0, 0, 0, 0}, {0x8c, 0}};
  size_t length[2] = {5 + k, 2 + k};
  token[0][1] = token[1][1] = (unsigned char)k;
  memcpy(token[0] + 5, key, k);
  memcpy(token[1] + 2, key, k);
  for (int form = 0; form < 2; form++) {
    const unsigned char *at = p;
    while (at < p + n) {
      at = memchr(at, token[form][0], (size_t)(p + n - at));
      if (at == NULL) {
        break;
      }
      size_t left = have - (size_t)(at - p);
      if (left >= length[form] && memcmp(at, token[form], length[form]) == 0) {
        take_hit(at + length[form], p + have, value, found);
      }
      at++;
    }
  }
}

nax_status
nax_i_pickle_number(nax_ctx *ctx, const char *path, const char *key, double *value,
                    nax_i_pickled *found)
{
  nax_status status = NAX_OK;
  nax_i_bytes b = {.fd = -1};
  nax_i_npy h;
  char *text = NULL;
  unsigned char *data = NULL;
  *value = (double)NAN;
  *found = NAX_I_PICKLED_NONE;
  NAX_TRY(nax_i_bytes_open(ctx, path, &b));
  NAX_TRY(nax_i_npy_header_text(ctx, &b, &h, &text));
  if (strstr(text, "'|O'") == NULL && strstr(text, "'O'") == NULL) {
    goto done;
  }
  NAX_TRY_ALLOC(data, CHUNK + MARGIN, 1);
  for (uint64_t at = h.data_at; at < b.size; at += CHUNK) {
    size_t left = b.size - at < CHUNK + MARGIN ? (size_t)(b.size - at) : CHUNK + MARGIN;
    NAX_TRY(b.read(ctx, &b, at, data, left));
    scan(data, left < CHUNK ? left : CHUNK, left, key, value, found);
  }
done:
  nax_i_bytes_close(&b);
  nax_i_free(text);
  nax_i_free(data);
  return status;
}
