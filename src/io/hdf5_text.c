/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text in HDF5 files: strings of every kind, names of enumerated values, references. */
#include "hdf5_i.h"
#include <hdf5.h>

/* --------------------------------------------------------------------- strings */

/* What HDF5 may hand out for strings of any length: a hostile file can name the same
 * long text a million times. */
typedef struct vlen_budget {
  size_t left;
  void **given; /* what was handed out, so that a read that fails midway leaks nothing */
  nax_index n_given, most;
  int out_of_memory, over;
} vlen_budget;

static void *
vlen_alloc(size_t size, void *user)
{
  vlen_budget *b = user;
  if (size > b->left || b->n_given >= b->most) {
    b->over = 1;
    return NULL;
  }
  b->left -= size;
  void *p = nax_i_calloc(size, 1);
  if (p != NULL) {
    b->given[b->n_given++] = p;
  }
  b->out_of_memory = b->out_of_memory || p == NULL;
  return p;
}

static void
vlen_free(void *p, void *user)
{
  vlen_budget *b = user;
  for (nax_index i = b->n_given; i-- > 0;) {
    if (b->given[i] == p) {
      b->given[i] = b->given[--b->n_given];
      nax_i_free(p);
      return;
    }
  }
}

static nax_status
read_vlen(nax_ctx *ctx, nax_i_h5 *f, const char *what, hid_t id, int is_attr, hid_t type,
          nax_index n, char **out)
{
  nax_status status = NAX_OK;
  vlen_budget b = {(size_t)256 << 20, NULL, 0, n, 0, 0};
  hid_t plist = H5Pcreate(H5P_DATASET_XFER);
  herr_t r = -1;
  /* The budget reaches datasets only: H5Aread takes no property list. Attributes are
   * small by their nature, and their memory is the library's to free. */
  NAX_TRY_ALLOC(b.given, is_attr ? 0 : n, sizeof *b.given);
  if (!is_attr && plist >= 0 &&
      H5Pset_vlen_mem_manager(plist, vlen_alloc, &b, vlen_free, &b) >= 0) {
    hid_t create = H5Dget_create_plist(id);
    nax_i_h5_texts_are_read(create >= 0 && H5Pget_nfilters(create) == 0);
    r = H5Dread(id, type, H5S_ALL, H5S_ALL, plist, out);
    nax_i_h5_texts_are_read(0);
    if (create >= 0) {
      H5Pclose(create);
    }
  } else if (is_attr) {
    r = H5Aread(id, type, out);
  }
  H5Eclear2(H5E_DEFAULT);
  for (nax_index i = 0; r < 0 && i < b.n_given; i++) {
    nax_i_free(b.given[i]);
  }
  for (nax_index i = 0; r < 0 && i < n; i++) {
    out[i] = NULL;
  }
  NAX_REQUIRE(!b.out_of_memory, NAX_ENOMEM, "out of memory");
  NAX_REQUIRE_FILE(!b.over, NAX_EFORMAT, f->path, "%s: the texts take more than 256 MiB",
                   what);
  NAX_REQUIRE_FILE(r >= 0, NAX_EFORMAT, f->path, "%s: the texts cannot be read (damaged)",
                   what);
  for (nax_index i = 0; i < n; i++) {
    /* Copies of our own, so that every string is freed the same way. */
    char *text = NULL;
    int failed = 0;
    if (is_attr || out[i] == NULL) {
      text = nax_i_strdup(out[i]);
      failed = text == NULL;
      if (out[i] != NULL) {
        H5free_memory(out[i]);
      }
      out[i] = text;
    }
    if (failed) {
      for (nax_index j = i + 1; j < n && is_attr; j++) {
        H5free_memory(out[j]);
        out[j] = NULL;
      }
      NAX_REQUIRE(0, NAX_ENOMEM, "out of memory");
    }
    nax_i_clean_utf8(out[i]);
  }
done:
  nax_i_free(b.given);
  if (plist >= 0) {
    H5Pclose(plist);
  }
  return status;
}

static nax_status
read_fixed(nax_ctx *ctx, nax_i_h5 *f, const char *what, hid_t id, int is_attr, hid_t type,
           nax_index n, char **out)
{
  nax_status status = NAX_OK;
  char *raw = NULL;
  size_t size = H5Tget_size(type);
  H5T_str_t pad = H5Tget_strpad(type);
  NAX_REQUIRE_FILE(n == 0 || size <= ((size_t)256 << 20) / (size_t)n, NAX_EFORMAT,
                   f->path, "%s: the texts take more than 256 MiB", what);
  NAX_TRY_ALLOC(raw, n, size);
  herr_t r = is_attr ? H5Aread(id, type, raw)
                     : H5Dread(id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, raw);
  H5Eclear2(H5E_DEFAULT);
  NAX_REQUIRE_FILE(r >= 0, NAX_EFORMAT, f->path, "%s: the texts cannot be read (damaged)",
                   what);
  for (nax_index i = 0; i < n; i++) {
    const char *text = raw + (size_t)i * size;
    size_t length = 0;
    while (length < size && text[length] != '\0') {
      length++;
    }
    while (pad == H5T_STR_SPACEPAD && length > 0 && text[length - 1] == ' ') {
      length--;
    }
    out[i] = nax_i_strndup(text, length);
    NAX_REQUIRE(out[i] != NULL, NAX_ENOMEM, "out of memory");
    nax_i_clean_utf8(out[i]);
  }
done:
  nax_i_free(raw);
  return status;
}

nax_status
nax_i_h5_read_strings(nax_ctx *ctx, nax_i_h5 *f, const char *what, int64_t id,
                      int is_attr, nax_index n, char **out)
{
  hid_t type = is_attr ? H5Aget_type(id) : H5Dget_type(id);
  if (type < 0) {
    return nax_i_fail_file(ctx, NAX_EFORMAT, f->path, "%s: damaged type", what);
  }
  nax_status status = H5Tis_variable_str(type) > 0
                          ? read_vlen(ctx, f, what, id, is_attr, type, n, out)
                          : read_fixed(ctx, f, what, id, is_attr, type, n, out);
  H5Tclose(type);
  return status;
}

static nax_status
read_enum_names(nax_ctx *ctx, nax_i_h5_data *d, char **out)
{
  nax_status status = NAX_OK;
  hid_t type = H5I_INVALID_HID;
  unsigned char *raw = NULL;
  NAX_TRY(nax_i_h5_enum_type(ctx, d, &type));
  size_t size = H5Tget_size(type);
  NAX_TRY_ALLOC(raw, d->n, size);
  if (d->n > 0 && H5Dread(d->id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, raw) < 0) {
    status = nax_i_h5_read_failed(ctx, d);
    goto done;
  }
  for (nax_index i = 0; i < d->n; i++) {
    char name[256] = "?";
    if (H5Tenum_nameof(type, raw + (size_t)i * size, name, sizeof name - 1) < 0) {
      H5Eclear2(H5E_DEFAULT);
    }
    NAX_TRY_DUP(out[i], name);
    nax_i_clean_utf8(out[i]);
  }
done:
  if (type >= 0) {
    H5Tclose(type);
  }
  nax_i_free(raw);
  return status;
}

static nax_status
read_reference_names(nax_ctx *ctx, nax_i_h5_data *d, char **out)
{
  nax_status status = NAX_OK;
  hobj_ref_t *ref = NULL;
  NAX_TRY_ALLOC(ref, d->n, sizeof *ref);
  if (d->n > 0 &&
      H5Dread(d->id, H5T_STD_REF_OBJ, H5S_ALL, H5S_ALL, H5P_DEFAULT, ref) < 0) {
    status = nax_i_h5_read_failed(ctx, d);
    goto done;
  }
  for (nax_index i = 0; i < d->n; i++) {
    char name[1024] = "";
    ssize_t length = H5Rget_name(d->id, H5R_OBJECT, &ref[i], name, sizeof name);
    H5Eclear2(H5E_DEFAULT);
    const char *slash = strrchr(name, '/');
    NAX_TRY_DUP(out[i], length <= 0 ? "" : slash != NULL ? slash + 1 : name);
    nax_i_clean_utf8(out[i]);
  }
done:
  nax_i_free(ref);
  return status;
}

nax_status
nax_i_h5_strings(nax_ctx *ctx, nax_i_h5_data *d, nax_index max, char ***out, nax_index *n)
{
  nax_status status = NAX_OK;
  char **list = NULL;
  *out = NULL;
  *n = 0;
  nax_i_hdf5_lock();
  NAX_TRY(nax_i_h5_check_whole(ctx, d, max));
  NAX_TRY(nax_i_h5_check_filters(ctx, d));
  NAX_TRY_ALLOC(list, d->n, sizeof *list);
  if (d->klass == NAX_I_H5_ENUM) {
    NAX_TRY(read_enum_names(ctx, d, list));
  } else if (d->klass == NAX_I_H5_REFERENCE) {
    NAX_TRY(read_reference_names(ctx, d, list));
  } else {
    NAX_REQUIRE_FILE(d->klass == NAX_I_H5_STRING, NAX_ETYPE, d->file->path,
                     "dataset %s has type %s (expected text)", d->path, d->file_dtype);
    if (d->n > 0) {
      NAX_TRY(nax_i_h5_read_strings(ctx, d->file, d->path, d->id, 0, d->n, list));
    }
  }
  *out = list;
  *n = d->n;
  list = NULL;
done:
  nax_i_hdf5_unlock();
  nax_i_free_strings(list, list != NULL ? d->n : 0);
  return status;
}

nax_status
nax_i_h5_text_at(nax_ctx *ctx, nax_i_h5 *f, const char *path, char **out)
{
  nax_status status = NAX_OK;
  nax_i_h5_data *d = NULL;
  char **list = NULL;
  nax_index n = 0;
  nax_i_buf text = {0};
  *out = NULL;
  if (nax_i_h5_look(f, path, NULL) != NAX_I_H5_DATASET) {
    return NAX_OK;
  }
  NAX_TRY(nax_i_h5_data_open(ctx, f, path, &d));
  if (d->klass == NAX_I_H5_STRING && d->n > 0 && d->n <= 1000 && d->filter_missing == 0) {
    NAX_TRY(nax_i_h5_strings(ctx, d, d->n, &list, &n));
    for (nax_index i = 0; i < n; i++) {
      nax_i_buf_puts(&text, i ? ", " : "");
      nax_i_buf_puts(&text, list[i]);
    }
    NAX_REQUIRE(!text.failed, NAX_ENOMEM, "out of memory");
    *out = text.data;
    text = (nax_i_buf){0};
  }
done:
  nax_i_h5_data_close(d);
  nax_i_free_strings(list, n);
  nax_i_buf_free(&text);
  return status;
}

double
nax_i_h5_number_at(nax_i_h5 *f, const char *path, double otherwise)
{
  double value = otherwise;
  nax_i_hdf5_lock();
  hid_t id = H5Dopen2(f->id, path, H5P_DEFAULT);
  hid_t type = id >= 0 ? H5Dget_type(id) : H5I_INVALID_HID;
  hid_t space = id >= 0 ? H5Dget_space(id) : H5I_INVALID_HID;
  H5T_class_t c = type >= 0 ? H5Tget_class(type) : H5T_NO_CLASS;
  if (space >= 0 && H5Sget_simple_extent_npoints(space) == 1 &&
      (c == H5T_INTEGER || c == H5T_FLOAT) &&
      H5Dread(id, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, &value) < 0) {
    value = otherwise;
  }
  if (space >= 0) {
    H5Sclose(space);
  }
  if (type >= 0) {
    H5Tclose(type);
  }
  if (id >= 0) {
    H5Dclose(id);
  }
  H5Eclear2(H5E_DEFAULT);
  nax_i_hdf5_unlock();
  return value;
}
