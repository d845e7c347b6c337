/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NAX_PICKLE_I_H
#define NAX_PICKLE_I_H
#include "npy_i.h"

typedef enum nax_i_pickled {
  NAX_I_PICKLED_NONE = 0, /* no such file, no pickle in it, or no such key */
  NAX_I_PICKLED_NUMBER,   /* a plain number */
  NAX_I_PICKLED_OTHER,    /* the key is there, its value is no plain number */
  NAX_I_PICKLED_SEVERAL   /* several numbers that differ */
} nax_i_pickled;

/* The number behind the text `key` (at most 16 characters) in a pickled object array,
 * found by its bytes: nothing of the pickle is ever executed. */
nax_status nax_i_pickle_number(nax_ctx *ctx, const char *path, const char *key,
                               double *value, nax_i_pickled *found);

#endif
