/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the two halves of the reader of foreign netCDF files share. */
#ifndef NAX_NETCDF_CF_I_H
#define NAX_NETCDF_CF_I_H
#include "netcdf_i.h"

/* What a variable is read from; `priv` of nax_i_var. */
typedef struct nax_i_cf_var {
  int nc, id;                /* group and variable */
  int32_t map[NAX_MAX_NDIM]; /* axis k is dimension map[k] */
  nax_dtype from;
  double scale, offset;
  double *mask, low, high; /* packed values that mean missing; valid range */
  nax_index n_mask;
  /* ragged: */
  int rows_nc, rows_id, contiguous;
  /* tables: */
  char *dim_name;
  struct {
    int nc, id;
  } * column;
  nax_index n_columns, n_rows;
} nax_i_cf_var;

void nax_i_cf_free(void *p);
int nax_i_cf_taken(const nax_source *s, const char *name);

#endif
