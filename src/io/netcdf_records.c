/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that grow by records, in netCDF's classic data model with 64-bit data: unlike
 * HDF5 it keeps no index that a stop in the middle of writing could leave torn. Bytes 4
 * to 11 are the number of records, big-endian; what comes after those is free to be
 * written again. */
#define _POSIX_C_SOURCE 200809L
#include "hdf5_i.h"
#include "netcdf_i.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

struct nax_i_records {
  char *path;
  int nc, n_vars;
  const nax_i_record_var *var;
  int id[NAX_I_RECORD_VARS];
};

static const unsigned char magic[4] = {'C', 'D', 'F', 5};

static nax_status
failed(nax_ctx *ctx, const nax_i_records *r, const char *what, int code)
{
  return nax_i_fail_file(ctx, code == NC_ENOMEM ? NAX_ENOMEM : NAX_EIO, r->path,
                         "cannot write %s: %s", what,
                         code > 0 ? strerror(code) : nc_strerror(code));
}

#define PUT(call, what)                                                                  \
  do {                                                                                   \
    int nax_nc_code_ = (call);                                                           \
    if (nax_nc_code_ != NC_NOERR) {                                                      \
      status = failed(ctx, r, (what), nax_nc_code_);                                     \
      goto done;                                                                         \
    }                                                                                    \
  } while (0)

static nc_type
type_of(nax_dtype dtype)
{
  switch (dtype) {
  case NAX_F64:
    return NC_DOUBLE;
  case NAX_F32:
    return NC_FLOAT;
  case NAX_I64:
    return NC_INT64;
  case NAX_U16:
    return NC_USHORT;
  case NAX_U8:
    return NC_UBYTE;
  default:
    return NC_NAT;
  }
}

static nax_status
new_records(nax_ctx *ctx, const char *path, int n_vars, const nax_i_record_var *var,
            nax_i_records **out)
{
  nax_status status = NAX_OK;
  nax_i_records *r = NULL;
  NAX_TRY_ALLOC(r, 1, sizeof *r);
  r->nc = -1;
  r->n_vars = n_vars;
  r->var = var;
  NAX_TRY_DUP(r->path, path);
  *out = r;
  r = NULL;
done:
  nax_i_records_close(r);
  return status;
}

nax_status
nax_i_records_create(nax_ctx *ctx, const char *path, const char *record, int n_vars,
                     const nax_i_record_var *var, const char *title, nax_i_records **out)
{
  nax_status status = NAX_OK;
  nax_i_records *r = NULL;
  int unlimited, old;
  *out = NULL;
  nax_i_hdf5_lock();
  NAX_TRY(new_records(ctx, path, n_vars, var, &r));
  PUT(nc_create(path, NC_CLOBBER | NC_64BIT_DATA, &r->nc), "the file");
  PUT(nc_set_fill(r->nc, NC_NOFILL, &old), "the file");
  PUT(nc_def_dim(r->nc, record, NC_UNLIMITED, &unlimited), record);
  PUT(nc_put_att_text(r->nc, NC_GLOBAL, "title", strlen(title), title), "the title");
  for (int i = 0; i < n_vars; i++) {
    int dim[NAX_I_RECORD_DIMS + 1] = {unlimited};
    for (int k = 0; k < var[i].ndim; k++) {
      if (nc_inq_dimid(r->nc, var[i].dim[k], &dim[k + 1]) != NC_NOERR) {
        PUT(nc_def_dim(r->nc, var[i].dim[k], (size_t)var[i].size[k], &dim[k + 1]),
            var[i].dim[k]);
      }
    }
    PUT(nc_def_var(r->nc, var[i].name, type_of(var[i].dtype), var[i].ndim + 1, dim,
                   &r->id[i]),
        var[i].name);
    PUT(nc_put_att_text(r->nc, r->id[i], "long_name", strlen(var[i].description),
                        var[i].description),
        var[i].name);
  }
  PUT(nc_enddef(r->nc), "the header");
  *out = r;
  r = NULL;
done:
  nax_i_hdf5_unlock();
  nax_i_records_close(r);
  return status;
}

/* The number of records in the header of the file, and another one put in its place. */
static nax_status
cut_to(nax_ctx *ctx, const char *path, nax_index n)
{
  nax_status status = NAX_OK;
  unsigned char head[12];
  uint64_t found = 0;
  int fd = open(path, O_RDWR | O_CLOEXEC);
  NAX_REQUIRE_FILE(fd >= 0, NAX_EIO, path, "cannot open: %s", strerror(errno));
  NAX_REQUIRE_FILE(pread(fd, head, sizeof head, 0) == (ssize_t)sizeof head &&
                       memcmp(head, magic, sizeof magic) == 0,
                   NAX_EFORMAT, path, "not a file of records");
  for (int i = 4; i < 12; i++) {
    found = found << 8 | head[i];
  }
  NAX_REQUIRE_FILE((uint64_t)n <= found, NAX_EFORMAT, path,
                   "shorter than its checkpoint says: %llu records, expected %lld",
                   (unsigned long long)found, (long long)n);
  for (int i = 0; i < 8; i++) {
    head[4 + i] = (unsigned char)((uint64_t)n >> (56 - 8 * i));
  }
  NAX_REQUIRE_FILE(pwrite(fd, head, sizeof head, 0) == (ssize_t)sizeof head, NAX_EIO,
                   path, "cannot write: %s", strerror(errno));
done:
  if (fd >= 0) {
    close(fd);
  }
  return status;
}

nax_status
nax_i_records_open(nax_ctx *ctx, const char *path, nax_index n, int n_vars,
                   const nax_i_record_var *var, nax_i_records **out)
{
  nax_status status = NAX_OK;
  nax_i_records *r = NULL;
  *out = NULL;
  NAX_TRY(cut_to(ctx, path, n));
  nax_i_hdf5_lock();
  status = new_records(ctx, path, n_vars, var, &r);
  for (int i = -1; status == NAX_OK && i < n_vars; i++) {
    int old, code = i < 0 ? nc_open(path, NC_WRITE, &r->nc)
                          : nc_inq_varid(r->nc, var[i].name, &r->id[i]);
    code = code == NC_NOERR && i < 0 ? nc_set_fill(r->nc, NC_NOFILL, &old) : code;
    if (code != NC_NOERR) {
      status = nax_i_nc_fail(ctx, path, i < 0 ? "the file" : var[i].name, code);
    }
    int ndim, dim[NC_MAX_VAR_DIMS];
    nc_type type;
    if (status == NAX_OK && i >= 0) {
      size_t size = 0;
      int same = nc_inq_var(r->nc, r->id[i], NULL, &type, &ndim, dim, NULL) == NC_NOERR &&
                 type == type_of(var[i].dtype) && ndim == var[i].ndim + 1;
      for (int k = 0; same && k < var[i].ndim; k++) {
        same = nc_inq_dimlen(r->nc, dim[k + 1], &size) == NC_NOERR &&
               size == (size_t)var[i].size[k];
      }
      if (!same) {
        status =
            nax_i_fail_file(ctx, NAX_EFORMAT, path, "%s has another shape", var[i].name);
      }
    }
  }
  nax_i_hdf5_unlock();
  if (status == NAX_OK) {
    *out = r;
    r = NULL;
  }
done:
  nax_i_records_close(r);
  return status;
}

/* The box of a variable that one record, or one part of it, is. */
static void
box(const nax_i_record_var *v, nax_index at, nax_index part, size_t *start, size_t *count)
{
  start[0] = (size_t)at;
  count[0] = 1;
  for (int k = 0; k < v->ndim; k++) {
    start[k + 1] = k == 0 && part >= 0 ? (size_t)part : 0;
    count[k + 1] = k == 0 && part >= 0 ? 1 : (size_t)v->size[k];
  }
}

nax_status
nax_i_records_put(nax_ctx *ctx, nax_i_records *r, int var, nax_index at, nax_index part,
                  const void *from)
{
  nax_status status = NAX_OK;
  size_t start[NAX_I_RECORD_DIMS + 1], count[NAX_I_RECORD_DIMS + 1];
  box(&r->var[var], at, part, start, count);
  nax_i_hdf5_lock();
  PUT(nc_put_vara(r->nc, r->id[var], start, count, from), r->var[var].name);
done:
  nax_i_hdf5_unlock();
  return status;
}

nax_status
nax_i_records_get(nax_ctx *ctx, const nax_i_records *r, int var, nax_index at,
                  nax_index part, void *to)
{
  nax_status status = NAX_OK;
  size_t start[NAX_I_RECORD_DIMS + 1], count[NAX_I_RECORD_DIMS + 1];
  box(&r->var[var], at, part, start, count);
  nax_i_hdf5_lock();
  NAX_TRY_NC(nc_get_vara(r->nc, r->id[var], start, count, to), r->path, r->var[var].name);
done:
  nax_i_hdf5_unlock();
  return status;
}

nax_status
nax_i_records_flush(nax_ctx *ctx, nax_i_records *r)
{
  nax_status status = NAX_OK;
  int fd = -1;
  nax_i_hdf5_lock();
  int code = nc_sync(r->nc);
  nax_i_hdf5_unlock();
  PUT(code, "the records");
  fd = open(r->path, O_RDONLY | O_CLOEXEC);
  NAX_REQUIRE_FILE(fd >= 0 && fsync(fd) == 0, NAX_EIO, r->path, "cannot write: %s",
                   strerror(errno));
done:
  if (fd >= 0) {
    close(fd);
  }
  return status;
}

void
nax_i_records_close(nax_i_records *r)
{
  if (r == NULL) {
    return;
  }
  if (r->nc >= 0) {
    nax_i_hdf5_lock();
    nc_close(r->nc);
    nax_i_hdf5_unlock();
  }
  nax_i_free(r->path);
  nax_i_free(r);
}
