/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HDF5 datasets: facts without reading, blocks, strings. */
#include "hdf5_i.h"
#include <hdf5.h>
#include <math.h>
#include <zlib.h>

/* ------------------------------------------------------------------- what it is */

static const struct {
  int id;
  const char *name, *package;
} filters[] = {
    {H5Z_FILTER_DEFLATE, "deflate", ""},
    {H5Z_FILTER_SHUFFLE, "shuffle", ""},
    {H5Z_FILTER_FLETCHER32, "fletcher32", ""},
    {H5Z_FILTER_SZIP, "szip", "an HDF5 library built with szip"},
    {H5Z_FILTER_NBIT, "nbit", ""},
    {H5Z_FILTER_SCALEOFFSET, "scaleoffset", ""},
    {307, "bzip2", "hdf5-filter-plugin"},
    {32000, "lzf", "hdf5-plugin-lzf"},
    {32001, "blosc", "hdf5-filter-plugin-blosc-serial"},
    {32004, "lz4", "hdf5-filter-plugin"},
    {32008, "bitshuffle", "hdf5-filter-plugin"},
    {32013, "zfp", "hdf5-filter-plugin-zfp-serial"},
    {32015, "zstd", ""},
    {32026, "blosc2", ""},
};

static const char *
filter_name(int id)
{
  for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++) {
    if (filters[i].id == id) {
      return filters[i].name;
    }
  }
  return "unknown";
}

nax_status
nax_i_h5_check_filters(nax_ctx *ctx, const nax_i_h5_data *d)
{
  const char *package = "";
  if (d->filter_missing == 0) {
    return NAX_OK;
  }
  for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++) {
    package = filters[i].id == d->filter_missing ? filters[i].package : package;
  }
  return nax_i_fail_file(ctx, NAX_ENOTSUP, d->file->path,
                         "dataset %s uses HDF5 filter %d (%s), not available; %s%s%sset "
                         "HDF5_PLUGIN_PATH",
                         d->path, d->filter_missing, filter_name(d->filter_missing),
                         package[0] ? "install " : "", package, package[0] ? " or " : "");
}

/* Filter i of those that chunks go through; negative when it cannot be told. */
static H5Z_filter_t
filter_at(hid_t dcpl, int i)
{
  unsigned flags, config;
  size_t n_values = 0;
  return H5Pget_filter2(dcpl, (unsigned)i, &flags, &n_values, NULL, 0, NULL, &config);
}

static void
learn_filters(nax_i_h5_data *d, hid_t dcpl)
{
  int n = H5Pget_nfilters(dcpl);
  size_t used = 0;
  for (int i = 0; i < n; i++) {
    H5Z_filter_t id = filter_at(dcpl, i);
    if (id < 0) {
      continue;
    }
    if (H5Zfilter_avail(id) <= 0) {
      d->filter_missing = (int)id;
    }
    const char *name = filter_name((int)id);
    int w = strcmp(name, "unknown") == 0
                ? snprintf(d->filters + used, sizeof d->filters - used, "%sfilter %d",
                           i ? ", " : "", (int)id)
                : snprintf(d->filters + used, sizeof d->filters - used, "%s%s",
                           i ? ", " : "", name);
    used += w > 0 ? (size_t)w : 0;
    used = used < sizeof d->filters ? used : sizeof d->filters - 1;
  }
}

/* h5py's booleans: an enumeration of FALSE and TRUE in one byte. */
static int
is_boolean(hid_t type)
{
  int yes = H5Tget_nmembers(type) == 2 && H5Tget_size(type) == 1;
  for (unsigned i = 0; i < 2 && yes; i++) {
    signed char value = -1;
    char *name = H5Tget_member_name(type, i);
    yes = name != NULL && H5Tget_member_value(type, i, &value) >= 0 &&
          ((value == 0 && strcmp(name, "FALSE") == 0) ||
           (value == 1 && strcmp(name, "TRUE") == 0));
    H5free_memory(name);
  }
  return yes;
}

static nax_dtype
integer_dtype(hid_t type)
{
  size_t size = H5Tget_size(type);
  int sign = H5Tget_sign(type) != H5T_SGN_NONE;
  return size <= 1   ? (sign ? NAX_I8 : NAX_U8)
         : size <= 2 ? (sign ? NAX_I16 : NAX_U16)
         : size <= 4 ? (sign ? NAX_I32 : NAX_U32)
                     : (sign ? NAX_I64 : NAX_U64);
}

static void
learn_type(nax_i_h5_data *d, hid_t type)
{
  H5T_class_t c = H5Tget_class(type);
  size_t size = H5Tget_size(type);
  const char *other = "unknown";
  d->klass = NAX_I_H5_OTHER;
  d->dtype = NAX_F64;
  if (c == H5T_INTEGER || c == H5T_FLOAT) {
    d->klass = NAX_I_H5_NUMBER;
    d->dtype = c == H5T_INTEGER ? integer_dtype(type)
               : size <= 2      ? NAX_F16
               : size <= 4      ? NAX_F32
                                : NAX_F64;
    snprintf(d->file_dtype, sizeof d->file_dtype, "%s%s",
             size > 8 ? "long double" : nax_dtype_name(d->dtype),
             size > 1 && H5Tget_order(type) == H5T_ORDER_BE ? " big-endian" : "");
    return;
  }
  if (c == H5T_ENUM) {
    hid_t base = H5Tget_super(type);
    d->klass = is_boolean(type) ? NAX_I_H5_NUMBER : NAX_I_H5_ENUM;
    d->dtype = d->klass == NAX_I_H5_NUMBER ? NAX_BOOL : integer_dtype(base);
    H5Tclose(base);
    other = d->klass == NAX_I_H5_NUMBER ? "bool" : "enum";
  } else if (c == H5T_STRING) {
    d->klass = NAX_I_H5_STRING;
    d->dtype = NAX_TEXT;
    other = "text";
  } else if (c == H5T_REFERENCE) {
    d->klass = H5Tequal(type, H5T_STD_REF_OBJ) > 0 ? NAX_I_H5_REFERENCE : NAX_I_H5_OTHER;
    other = "reference";
  } else {
    other = c == H5T_COMPOUND   ? "compound"
            : c == H5T_VLEN     ? "ragged"
            : c == H5T_OPAQUE   ? "opaque"
            : c == H5T_ARRAY    ? "array"
            : c == H5T_BITFIELD ? "bits"
                                : "unknown";
  }
  snprintf(d->file_dtype, sizeof d->file_dtype, "%s", other);
}

static int
learn_shape(nax_i_h5_data *d, hid_t space, hid_t dcpl)
{
  hsize_t dim[H5S_MAX_RANK], chunk[H5S_MAX_RANK];
  H5S_class_t c = H5Sget_simple_extent_type(space);
  d->ndim = c == H5S_SIMPLE ? (int32_t)H5Sget_simple_extent_dims(space, dim, NULL) : 0;
  d->n = c == H5S_NULL ? 0 : 1;
  if (d->ndim < 0) {
    return 0;
  }
  for (int32_t k = 0; k < d->ndim; k++) {
    if (dim[k] > (hsize_t)INT64_MAX ||
        (dim[k] > 0 && d->n > INT64_MAX / 16 / (nax_index)dim[k])) {
      return 0;
    }
    d->n *= (nax_index)dim[k];
    if (k < NAX_MAX_NDIM) {
      d->dim[k] = (nax_index)dim[k];
    }
  }
  if (H5Pget_layout(dcpl) == H5D_CHUNKED && d->ndim > 0 && d->ndim <= NAX_MAX_NDIM &&
      H5Pget_chunk(dcpl, H5S_MAX_RANK, chunk) == d->ndim) {
    for (int32_t k = 0; k < d->ndim; k++) {
      d->chunk[k] = (nax_index)chunk[k];
    }
  }
  return 1;
}

/* A file cannot hold more than its bytes; compressed chunks cannot hold more than what
 * their compressor can shrink. */
static nax_status
check_size(nax_ctx *ctx, const nax_i_h5_data *d, hid_t id, hid_t dcpl, hid_t type)
{
  nax_status status = NAX_OK;
  double bytes = (double)d->n * (double)H5Tget_size(type);
  double most = (double)d->file->size;
  H5D_layout_t layout = H5Pget_layout(dcpl);
  int external = H5Pget_external_count(dcpl) > 0;
  if (layout == H5D_CHUNKED) {
    int n = H5Pget_nfilters(dcpl);
    int plain = strstr(d->filters, "deflate") == NULL;
    /* Chunks that were never written read as fill values: allowed up to 64 MiB. */
    most = (double)d->storage * (n == 0 ? 1.0 : plain ? 30000.0 : 1100.0);
    most = (most > (double)d->file->size ? most : (double)d->file->size) + 67108864.0;
  } else if (layout == H5D_CONTIGUOUS && !external) {
    haddr_t at = H5Dget_offset(id);
    if (at == HADDR_UNDEF) {
      most += 67108864.0;
    }
  } else if (layout == H5D_COMPACT) {
    most = (double)d->storage;
    if (bytes > most) {
      nax_i_h5_refuse("the elements of a dataset are not all there");
    }
  } else {
    goto done; /* virtual or external: the bytes are elsewhere */
  }
  NAX_REQUIRE_FILE(
      bytes <= most, NAX_EFORMAT, d->file->path,
      "dataset %s claims %.0f bytes, more than the file can hold (found %llu bytes "
      "stored)",
      d->path, bytes, (unsigned long long)d->storage);
done:
  return status;
}

/* Bytes that come out of n deflated ones, counted no further than `most`; as many where
 * they are damaged, which the library sees. */
static uint64_t
unpacked_bytes(unsigned char *packed, size_t n, uint64_t most)
{
  unsigned char out[1 << 14];
  z_stream z = {.next_in = packed, .avail_in = (uInt)n};
  uint64_t bytes = 0;
  int state = inflateInit(&z);
  while (state == Z_OK && bytes <= most) {
    z.next_out = out;
    z.avail_out = sizeof out;
    state = inflate(&z, Z_NO_FLUSH);
    bytes += sizeof out - z.avail_out;
    if (z.avail_out > 0 && state == Z_OK) {
      break; /* it ends too early */
    }
  }
  (void)inflateEnd(&z);
  return state == Z_STREAM_END ? bytes : most;
}

int
nax_i_h5_first_chunk_is_whole(hid_t id, hid_t dcpl, hid_t type)
{
  enum { MOST = 1 << 28, CHECKSUM = 4 };
  hsize_t dim[H5S_MAX_RANK], origin[H5S_MAX_RANK] = {0}, stored = 0;
  haddr_t at = HADDR_UNDEF;
  unsigned skipped = 0;
  int n = H5Pget_nfilters(dcpl), deflate = -1, summed = -1;
  for (int i = 0; i < n; i++) {
    H5Z_filter_t filter = filter_at(dcpl, i);
    deflate = filter == H5Z_FILTER_DEFLATE ? i : deflate;
    summed = filter == H5Z_FILTER_FLETCHER32 ? i : summed;
    if (filter != H5Z_FILTER_DEFLATE && filter != H5Z_FILTER_FLETCHER32 &&
        filter != H5Z_FILTER_SHUFFLE) {
      return 1;
    }
  }
  int ndim = deflate >= 0 ? H5Pget_chunk(dcpl, H5S_MAX_RANK, dim) : -1;
  if (ndim <= 0 || H5Tdetect_class(type, H5T_VLEN) > 0 || H5Tis_variable_str(type) > 0 ||
      H5Dget_chunk_info_by_coord(id, origin, &skipped, &at, &stored) < 0 ||
      at == HADDR_UNDEF || stored > MOST || (skipped >> deflate & 1) != 0) {
    return 1;
  }
  uint64_t bytes = H5Tget_size(type);
  for (int k = 0; k < ndim; k++) {
    bytes *= dim[k]; /* fits into 32 bits: looked at with the header */
  }
  unsigned char *packed = nax_i_calloc((size_t)stored, 1);
  uint32_t mask = 0;
  int whole = 1;
  if (packed != NULL && H5Dread_chunk(id, H5P_DEFAULT, origin, &mask, packed) >= 0) {
    int has_sum = summed >= 0 && (skipped >> summed & 1) == 0;
    size_t after = has_sum && summed > deflate ? CHECKSUM : 0;
    bytes += has_sum && summed < deflate ? CHECKSUM : 0;
    whole =
        stored <= after || unpacked_bytes(packed, (size_t)stored - after, bytes) >= bytes;
  }
  nax_i_free(packed);
  return whole;
}

/* Room for the chunks that lie side by side across one step along the first dimension,
 * so that reading row after row unpacks each chunk once. */
static hid_t
cache_for(const nax_i_h5_data *d, size_t type_size)
{
  hid_t dapl = H5Pcreate(H5P_DATASET_ACCESS);
  double row = (double)type_size;
  double n_chunks = 1.0;
  for (int32_t k = 0; k < d->ndim; k++) {
    row *= (double)d->chunk[k];
    n_chunks *= k == 0 ? 1.0 : ceil((double)d->dim[k] / (double)d->chunk[k]);
  }
  row *= n_chunks;
  enum { LEAST = 1 << 20, MOST = 128 << 20 };
  size_t bytes = row < (double)LEAST ? LEAST : row > (double)MOST ? MOST : (size_t)row;
  size_t slots = n_chunks < 500.0 ? 12289 : n_chunks < 1e5 ? 131071 : 1048573;
  if (dapl >= 0) {
    H5Pset_chunk_cache(dapl, slots, bytes, 1.0);
  }
  return dapl;
}

nax_status
nax_i_h5_data_open(nax_ctx *ctx, nax_i_h5 *f, const char *path, nax_i_h5_data **out)
{
  nax_status status = NAX_OK;
  nax_i_h5_data *d = NULL;
  char why[2300];
  uint64_t addr[2] = {0, 0};
  hid_t space = H5I_INVALID_HID, type = space, dcpl = space, dapl = space;
  *out = NULL;
  nax_i_hdf5_lock();
  nax_i_h5_what what = nax_i_h5_look(f, path, addr);
  if (what == NAX_I_H5_ABSENT || what == NAX_I_H5_BROKEN) {
    nax_i_h5_explain(f, path, why, sizeof why);
    NAX_REQUIRE_FILE(0, NAX_EFORMAT, f->path, "%s", why);
  }
  NAX_REQUIRE_FILE(what == NAX_I_H5_DATASET, NAX_EFORMAT, f->path,
                   "%s is %s (expected a dataset)", path,
                   what == NAX_I_H5_GROUP ? "a group" : "not data");
  NAX_TRY_ALLOC(d, 1, sizeof *d);
  d->file = f;
  d->addr = addr[0];
  d->id = H5I_INVALID_HID;
  NAX_TRY_DUP(d->path, path);
  d->id = H5Dopen2(f->id, path, H5P_DEFAULT);
  space = d->id >= 0 ? H5Dget_space(d->id) : H5I_INVALID_HID;
  type = d->id >= 0 ? H5Dget_type(d->id) : H5I_INVALID_HID;
  dcpl = d->id >= 0 ? H5Dget_create_plist(d->id) : H5I_INVALID_HID;
  NAX_REQUIRE_FILE(space >= 0 && type >= 0 && dcpl >= 0, NAX_EFORMAT, f->path,
                   "dataset %s is damaged", path);
  learn_filters(d, dcpl);
  learn_type(d, type);
  NAX_REQUIRE_FILE(learn_shape(d, space, dcpl), NAX_EFORMAT, f->path,
                   "dataset %s claims an impossible shape", path);
  d->storage = (uint64_t)H5Dget_storage_size(d->id);
  NAX_TRY(check_size(ctx, d, d->id, dcpl, type));
  if (!nax_i_h5_first_chunk_is_whole(d->id, dcpl, type)) {
    const char *wrong = "a chunk unpacks to fewer bytes than its elements have";
    nax_i_h5_refuse(wrong);
    NAX_REQUIRE_FILE(0, NAX_EFORMAT, f->path, "dataset %s is damaged (%s)", path, wrong);
  }
  if (d->chunk[0] > 0) {
    dapl = cache_for(d, H5Tget_size(type));
    H5Dclose(d->id);
    d->id = H5Dopen2(f->id, path, dapl);
    NAX_REQUIRE_FILE(d->id >= 0, NAX_EFORMAT, f->path, "dataset %s is damaged", path);
  }
  *out = d;
  d = NULL;
done:
  if (dapl >= 0) {
    H5Pclose(dapl);
  }
  if (dcpl >= 0) {
    H5Pclose(dcpl);
  }
  if (type >= 0) {
    H5Tclose(type);
  }
  if (space >= 0) {
    H5Sclose(space);
  }
  nax_i_h5_data_close(d);
  H5Eclear2(H5E_DEFAULT);
  nax_i_hdf5_unlock();
  return status;
}

void
nax_i_h5_data_close(nax_i_h5_data *d)
{
  if (d == NULL) {
    return;
  }
  if (d->id >= 0) {
    nax_i_hdf5_lock();
    H5Dclose(d->id);
    nax_i_hdf5_unlock();
  }
  nax_i_free(d->path);
  nax_i_free(d);
}

int
nax_i_h5_describe(const nax_i_h5_data *d, int32_t n_axes, const int32_t *map,
                  nax_i_var *v)
{
  v->info.ndim = n_axes;
  v->info.dtype = d->dtype;
  for (int32_t k = 0; k < n_axes; k++) {
    v->info.dim[k] = d->dim[map[k]];
    v->info.chunk[k] = d->chunk[map[k]];
  }
  return nax_i_var_text(&v->path, d->path) &&
         nax_i_var_text(&v->file_dtype, d->file_dtype) &&
         nax_i_var_text(&v->filters, d->filters);
}

/* --------------------------------------------------------------------- reading */

/* Memory type for the numbers of a dataset and which of ours it is. */
static hid_t
memory_type(const nax_i_h5_data *d, nax_dtype *dtype)
{
  *dtype = d->dtype;
  switch (d->dtype) {
  case NAX_F32:
    return H5T_NATIVE_FLOAT;
  case NAX_I8:
    return H5T_NATIVE_INT8;
  case NAX_I16:
    return H5T_NATIVE_INT16;
  case NAX_I32:
    return H5T_NATIVE_INT32;
  case NAX_I64:
    return H5T_NATIVE_INT64;
  case NAX_U8:
    return H5T_NATIVE_UINT8;
  case NAX_U16:
    return H5T_NATIVE_UINT16;
  case NAX_U32:
    return H5T_NATIVE_UINT32;
  case NAX_U64:
    return H5T_NATIVE_UINT64;
  case NAX_F16: /* the library widens it */
    *dtype = NAX_F32;
    return H5T_NATIVE_FLOAT;
  case NAX_F64:
  case NAX_BOOL:
  case NAX_TEXT:
  case NAX_DTYPE_FORCE_INT:
    break;
  }
  *dtype = NAX_F64;
  return H5T_NATIVE_DOUBLE;
}

nax_status
nax_i_h5_read_failed(nax_ctx *ctx, const nax_i_h5_data *d)
{
  H5Eclear2(H5E_DEFAULT);
  return nax_i_fail_file(ctx, NAX_EFORMAT, d->file->path,
                         "dataset %s cannot be read (damaged data or checksum)", d->path);
}

/* Hyperslab of the file (start and count for each of its dimensions) in its own order. */
static nax_status
read_slab(nax_ctx *ctx, nax_i_h5_data *d, hid_t type, const hsize_t *start,
          const hsize_t *count, void *dst)
{
  nax_status status = NAX_OK;
  hid_t file = H5Dget_space(d->id), memory = H5I_INVALID_HID;
  if (d->ndim > 0) {
    memory = H5Screate_simple(d->ndim, count, NULL);
    if (file < 0 || memory < 0 ||
        H5Sselect_hyperslab(file, H5S_SELECT_SET, start, NULL, count, NULL) < 0 ||
        H5Dread(d->id, type, memory, file, H5P_DEFAULT, dst) < 0) {
      status = nax_i_h5_read_failed(ctx, d);
    }
  } else if (H5Dread(d->id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, dst) < 0) {
    status = nax_i_h5_read_failed(ctx, d);
  }
  if (memory >= 0) {
    H5Sclose(memory);
  }
  if (file >= 0) {
    H5Sclose(file);
  }
  return status;
}

nax_status
nax_i_h5_enum_type(nax_ctx *ctx, const nax_i_h5_data *d, int64_t *out)
{
  nax_status status = NAX_OK;
  hid_t type = H5Dget_type(d->id);
  *out = type >= 0 ? H5Tget_native_type(type, H5T_DIR_ASCEND) : H5I_INVALID_HID;
  if (type >= 0) {
    H5Tclose(type);
  }
  NAX_REQUIRE_FILE(*out >= 0, NAX_EFORMAT, d->file->path, "dataset %s is damaged",
                   d->path);
done:
  return status;
}

/* Where each file dimension steps in a dense block of ours. */
typedef struct plan {
  hid_t type;
  nax_dtype from;
  int natural;    /* the file's order is ours */
  int direct;     /* ... and so is its type: no scratch needed */
  nax_index slab; /* positions along our last axis at a time */
} plan;

static void
make_plan(const nax_i_h5_data *d, int32_t n_axes, const int32_t *map,
          const nax_index *count, double scale, double offset, nax_dtype dtype, plan *p)
{
  p->natural = 1;
  for (int32_t k = 0; k + 1 < n_axes; k++) {
    p->natural = p->natural && map[k] > map[k + 1];
  }
  p->direct = p->natural && p->from == dtype && scale == 1.0 && offset == 0.0;
  nax_index rest = 1, last = n_axes - 1;
  for (int32_t k = 0; k < last; k++) {
    rest *= count[k];
  }
  enum { SCRATCH = 8 << 20 };
  nax_index fits = SCRATCH / 8 / (rest > 0 ? rest : 1);
  nax_index chunk = n_axes > 0 ? d->chunk[map[last]] : 0;
  if (p->direct || n_axes == 0) {
    p->slab = n_axes > 0 ? count[last] : 1;
  } else {
    p->slab = fits < 1 ? 1 : fits;
    p->slab =
        chunk > 0 ? (p->slab / chunk > 0 ? p->slab - p->slab % chunk : chunk) : p->slab;
    p->slab = p->slab > count[last] ? count[last] : p->slab;
  }
}

nax_status
nax_i_h5_read(nax_ctx *ctx, nax_i_h5_data *d, int32_t n_axes, const int32_t *map,
              const nax_index *fixed, const nax_index *start, const nax_index *count,
              double scale, double offset, nax_dtype dtype, void *dst)
{
  nax_status status = NAX_OK;
  plan p;
  hid_t own = H5I_INVALID_HID;
  void *raw = NULL, *values = NULL;
  hsize_t at[NAX_MAX_NDIM] = {0}, many[NAX_MAX_NDIM] = {0};
  nax_i_hdf5_lock();
  NAX_TRY(nax_i_h5_check_filters(ctx, d));
  NAX_REQUIRE_FILE(d->klass == NAX_I_H5_NUMBER || d->klass == NAX_I_H5_ENUM, NAX_ETYPE,
                   d->file->path, "dataset %s has type %s (expected numbers)", d->path,
                   d->file_dtype);
  NAX_REQUIRE_FILE(d->ndim <= NAX_MAX_NDIM, NAX_EFORMAT, d->file->path,
                   "dataset %s has %d dimensions (expected at most %d)", d->path,
                   (int)d->ndim, NAX_MAX_NDIM);
  p.type = memory_type(d, &p.from);
  if (d->dtype == NAX_BOOL || d->klass == NAX_I_H5_ENUM) {
    NAX_TRY(nax_i_h5_enum_type(ctx, d, &own));
    p.type = own;
    p.from = d->dtype;
  }
  make_plan(d, n_axes, map, count, scale, offset, dtype, &p);
  nax_index rest = 1;
  for (int32_t k = 0; k + 1 < n_axes; k++) {
    rest *= count[k];
  }
  if (!p.direct) {
    NAX_TRY_ALLOC(raw, rest * p.slab, nax_dtype_size(p.from));
  }
  if (!p.natural) {
    NAX_TRY_ALLOC(values, rest * p.slab, nax_dtype_size(dtype));
  }
  for (int32_t k = 0; k < d->ndim; k++) {
    at[k] = fixed != NULL ? (hsize_t)fixed[k] : 0;
    many[k] = 1;
  }
  for (int32_t k = 0; k < n_axes; k++) {
    at[map[k]] = (hsize_t)start[k];
    many[map[k]] = (hsize_t)count[k];
  }
  nax_index total = n_axes > 0 ? count[n_axes - 1] : 1;
  nax_index part[NAX_MAX_NDIM] = {0};
  for (int32_t k = 0; k < n_axes; k++) {
    part[k] = count[k];
  }
  for (nax_index i = 0; i < total;) {
    nax_index m = total - i < p.slab ? total - i : p.slab;
    if (n_axes > 0) {
      int32_t last = map[n_axes - 1];
      nax_index first = start[n_axes - 1] + i;
      /* End the first block at a chunk boundary, so that all others are whole chunks. */
      if (!p.direct && d->chunk[last] > 0 &&
          m > d->chunk[last] - first % d->chunk[last] && first % d->chunk[last] != 0) {
        m = d->chunk[last] - first % d->chunk[last];
      }
      at[last] = (hsize_t)first;
      many[last] = (hsize_t)m;
      part[n_axes - 1] = m;
    }
    void *to = (char *)dst + (size_t)(i * rest) * nax_dtype_size(dtype);
    NAX_TRY(read_slab(ctx, d, p.type, at, many, p.direct ? to : raw));
    if (!p.direct) {
      void *target = p.natural ? to : values;
      NAX_TRY(nax_i_convert(ctx, d->file->path, d->path, p.from, raw, rest * m, scale,
                            offset, dtype, target, 0));
      if (!p.natural) {
        nax_i_reorder(n_axes, map, part, dtype, values, to);
      }
    }
    i += m;
  }
done:
  if (own >= 0) {
    H5Tclose(own);
  }
  nax_i_hdf5_unlock();
  nax_i_free(raw);
  nax_i_free(values);
  return status;
}

nax_status
nax_i_h5_check_whole(nax_ctx *ctx, const nax_i_h5_data *d, nax_index max)
{
  if (d->n > max || d->ndim > NAX_MAX_NDIM) {
    return nax_i_fail_file(ctx, NAX_EFORMAT, d->file->path,
                           "dataset %s has %lld elements (expected at most %lld)",
                           d->path, (long long)d->n, (long long)max);
  }
  return NAX_OK;
}

nax_status
nax_i_h5_numbers(nax_ctx *ctx, nax_i_h5_data *d, nax_index max, double **out,
                 nax_index *n)
{
  nax_status status = NAX_OK;
  double *x = NULL;
  nax_index start[NAX_MAX_NDIM] = {0}, count[NAX_MAX_NDIM];
  int32_t map[NAX_MAX_NDIM];
  *out = NULL;
  *n = 0;
  NAX_TRY(nax_i_h5_check_whole(ctx, d, max));
  NAX_TRY_ALLOC(x, d->n, sizeof *x);
  for (int32_t k = 0; k < d->ndim; k++) {
    map[k] = d->ndim - 1 - k;
    count[k] = d->dim[map[k]];
  }
  if (d->n > 0) {
    NAX_TRY(
        nax_i_h5_read(ctx, d, d->ndim, map, NULL, start, count, 1.0, 0.0, NAX_F64, x));
  }
  *out = x;
  *n = d->n;
  x = NULL;
done:
  nax_i_free(x);
  return status;
}

nax_status
nax_i_h5_integers(nax_ctx *ctx, nax_i_h5_data *d, nax_index max, int64_t **out,
                  nax_index *n)
{
  nax_status status = NAX_OK;
  int64_t *x = NULL;
  double *f = NULL;
  nax_index got;
  *out = NULL;
  *n = 0;
  nax_i_hdf5_lock();
  NAX_TRY(nax_i_h5_check_whole(ctx, d, max));
  NAX_TRY(nax_i_h5_check_filters(ctx, d));
  NAX_TRY_ALLOC(x, d->n, sizeof *x);
  if (d->klass == NAX_I_H5_NUMBER && (d->dtype == NAX_F64 || d->dtype == NAX_F32 ||
                                      d->dtype == NAX_F16 || d->dtype == NAX_BOOL)) {
    NAX_TRY(nax_i_h5_numbers(ctx, d, max, &f, &got));
    for (nax_index i = 0; i < got; i++) {
      NAX_REQUIRE_FILE(f[i] == floor(f[i]) && fabs(f[i]) < 9e15, NAX_EDATA, d->file->path,
                       "%s: value %lld is %g (expected a whole number)", d->path,
                       (long long)i, f[i]);
      x[i] = (int64_t)f[i];
    }
  } else {
    NAX_REQUIRE_FILE(d->klass == NAX_I_H5_NUMBER, NAX_ETYPE, d->file->path,
                     "dataset %s has type %s (expected integers)", d->path,
                     d->file_dtype);
    int u64 = d->dtype == NAX_U64;
    if (d->n > 0 && H5Dread(d->id, u64 ? H5T_NATIVE_UINT64 : H5T_NATIVE_INT64, H5S_ALL,
                            H5S_ALL, H5P_DEFAULT, x) < 0) {
      status = nax_i_h5_read_failed(ctx, d);
      goto done;
    }
    for (nax_index i = 0; i < d->n && u64; i++) {
      NAX_REQUIRE_FILE(x[i] >= 0, NAX_EDATA, d->file->path,
                       "%s: value %lld is %llu (a negative number stored as unsigned "
                       "looks like this)",
                       d->path, (long long)i, (unsigned long long)x[i]);
    }
  }
  *out = x;
  *n = d->n;
  x = NULL;
done:
  nax_i_hdf5_unlock();
  nax_i_free(f);
  nax_i_free(x);
  return status;
}
