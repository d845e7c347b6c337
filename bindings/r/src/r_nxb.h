/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between R's values and those of a call. */
#ifndef R_NXB_H
#define R_NXB_H
#include "call.h"
#define R_NO_REMAP
#include <R.h>
#include <Rinternals.h>

/* Reads what as_value() of R/values.R made. Calls nothing of R that may jump. */
nax_status r_value(nxb_call *c, SEXP x, nxb_value *v);

/* The result of a call as an R list, none of whose lengths is beyond INT_MAX
 * (nxb_check_lengths). Asks whether to stop; `c->status` then says so and the list is of
 * no use. May jump: the call must be owned by an R object. */
SEXP r_result(nxb_call *c);

#endif
