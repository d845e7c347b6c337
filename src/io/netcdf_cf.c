/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "netcdf_i.h"

nax_status
nax_i_nc_open_cf(nax_ctx *ctx, nax_source *s, nax_i_nc *f)
{
  (void)f;
  return nax_i_fail_file(ctx, NAX_ENOTSUP, s->path,
                         "is a netCDF file of another program");
}

nax_status
nax_i_nc_read_cf(nax_ctx *ctx, nax_source *s, nax_i_var *v, const nax_index *start,
                 const nax_index *count, nax_dtype dtype, void *dst)
{
  (void)v, (void)start, (void)count, (void)dtype, (void)dst;
  return nax_i_fail_file(ctx, NAX_EBUG, s->path, "not reached");
}

nax_status
nax_i_nc_spikes_cf(nax_ctx *ctx, nax_source *s, nax_i_var *v, nax_spikes **out)
{
  (void)v, (void)out;
  return nax_i_fail_file(ctx, NAX_EBUG, s->path, "not reached");
}

nax_status
nax_i_nc_table_cf(nax_ctx *ctx, nax_source *s, nax_i_var *v, nax_table **out)
{
  (void)v, (void)out;
  return nax_i_fail_file(ctx, NAX_EBUG, s->path, "not reached");
}
