/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asking for memory before it is needed. */
#ifndef NAX_AHEAD_I_H
#define NAX_AHEAD_I_H
#include <stddef.h>
#include <neuraxis/types.h>

/* Memory that will be read soon, in rows. Whoever computes on what is in the cache asks
 * for a line of it now and then, so that it is there in time. */
typedef struct nax_i_ahead {
  const char *row;  /* NULL: nothing */
  size_t at, bytes; /* next byte, and bytes of a row */
  ptrdiff_t step;   /* bytes from row to row */
  nax_index left;   /* rows */
} nax_i_ahead;

static inline void
nax_i_ahead_ask(nax_i_ahead *a)
{
  enum { LINE = 64 };
  if (a->left > 0) {
    __builtin_prefetch(a->row + a->at, 0, 2);
    a->at += LINE;
    if (a->at >= a->bytes) {
      a->at = 0;
      a->row += a->step;
      a->left--;
    }
  }
}

#endif
