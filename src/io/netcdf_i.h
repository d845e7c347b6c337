/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The netCDF readers and the writer share: errors, attributes, texts. Every entry takes
 * the lock of HDF5, on which netCDF-4 stands. */
#ifndef NAX_NETCDF_I_H
#define NAX_NETCDF_I_H
#include "io_i.h"
#include <netcdf.h>

/* Number of the native layout, global attribute neuraxis_format. */
enum { NAX_I_NC_FORMAT = 1 };

/* A failed call of the library while reading: what was touched, and why. */
nax_status nax_i_nc_fail(nax_ctx *ctx, const char *path, const char *what, int code);

#define NAX_TRY_NC(call, path, what)                                                     \
  do {                                                                                   \
    int nax_nc_code_ = (call);                                                           \
    if (nax_nc_code_ != NC_NOERR) {                                                      \
      status = nax_i_nc_fail(ctx, (path), (what), nax_nc_code_);                         \
      goto done;                                                                         \
    }                                                                                    \
  } while (0)

/* State of an opened file, native or foreign. */
typedef struct nax_i_nc {
  int id; /* of the file; -1 when closed */
  int is_open;
  uint64_t size;
} nax_i_nc;

/* Text attribute (char, or the first string) in fresh memory; NULL when there is none. */
nax_status nax_i_nc_text(nax_ctx *ctx, const char *path, int nc, int var,
                         const char *name, char **out);
/* Number of an attribute with one element, or `otherwise`. */
double nax_i_nc_number(int nc, int var, const char *name, double otherwise);

/* n texts of a variable: char(n, length), char(n) or string(n). `keep_blanks` 0 drops
 * blanks at their ends, which pad texts in files of other programs. */
nax_status nax_i_nc_strings(nax_ctx *ctx, const char *path, int nc, int var, nax_index n,
                            int keep_blanks, char ***out);

/* One of ours for a type of netCDF; 0 for user types. */
nax_dtype nax_i_nc_dtype(nc_type type);

/* dtype, file_dtype, filters and chunk (axis k of ours is dimension map[k]). */
nax_status nax_i_nc_describe(nax_ctx *ctx, const char *path, int nc, int var,
                             int32_t n_axes, const int32_t *map, nax_i_var *v);

/* NAX_EFORMAT when a variable claims far more than its file can hold. */
nax_status nax_i_nc_check_size(nax_ctx *ctx, const nax_i_nc *f, const char *path, int nc,
                               int var, const char *name);

/* The native layout (netcdf_native.c). */
nax_status nax_i_nc_open_native(nax_ctx *ctx, nax_source *s, nax_i_nc *f);
/* Files of other programs (netcdf_cf.c). */
nax_status nax_i_nc_open_cf(nax_ctx *ctx, nax_source *s, nax_i_nc *f);

nax_status nax_i_nc_read_native(nax_ctx *ctx, nax_source *s, nax_i_var *v,
                                const nax_index *start, const nax_index *count,
                                nax_dtype dtype, void *dst);
nax_status nax_i_nc_spikes_native(nax_ctx *ctx, nax_source *s, nax_i_var *v,
                                  nax_spikes **out);
nax_status nax_i_nc_table_native(nax_ctx *ctx, nax_source *s, nax_i_var *v,
                                 nax_table **out);
nax_status nax_i_nc_read_cf(nax_ctx *ctx, nax_source *s, nax_i_var *v,
                            const nax_index *start, const nax_index *count,
                            nax_dtype dtype, void *dst);
nax_status nax_i_nc_spikes_cf(nax_ctx *ctx, nax_source *s, nax_i_var *v,
                              nax_spikes **out);
nax_status nax_i_nc_table_cf(nax_ctx *ctx, nax_source *s, nax_i_var *v, nax_table **out);

/* Names with %XX for characters that netCDF or our lists of names do not take; a key also
 * begins with a letter or digit then. decode undoes both, in place. */
nax_status nax_i_nc_encode(nax_ctx *ctx, const char *text, int is_key, char **out);
void nax_i_nc_decode(char *text, int is_key);

extern const nax_i_format nax_i_format_netcdf, nax_i_format_native;

#endif
