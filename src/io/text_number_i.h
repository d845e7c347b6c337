/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NAX_TEXT_NUMBER_I_H
#define NAX_TEXT_NUMBER_I_H
#include "core/core_i.h"

typedef enum nax_i_number {
  NAX_I_NUMBER_NOT = 0,      /* does not begin a number */
  NAX_I_NUMBER = 1,          /* read; *at is behind it */
  NAX_I_NUMBER_TOO_LARGE = 2 /* a number that no double can hold; *at is behind it */
} nax_i_number;

/* Decimal number at *at, correctly rounded, with `point` as decimal point. */
nax_i_number nax_i_scan_number(const char **at, const char *end, char point, double *x);

#endif
