/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A look through a file that another library is about to open.
 *
 * The netCDF library opens HDF5 files by itself, not through the driver of ours that
 * turns damaged blocks back. What it will read is read here first: every object header,
 * every attribute, fill values, and the texts of datasets. */
#include "hdf5_i.h"
#include <hdf5.h>

typedef struct survey {
  nax_i_h5 *file;
  const char *refused; /* what is wrong, or NULL */
  int out_of_memory;
} survey;

static int
is_list(hid_t type)
{
  return H5Tdetect_class(type, H5T_VLEN) > 0 || H5Tis_variable_str(type) > 0;
}

static herr_t
read_attribute(hid_t object, const char *name, const H5A_info_t *info, void *user)
{
  (void)info;
  survey *w = user;
  hid_t id = H5Aopen(object, name, H5P_DEFAULT);
  hid_t type = id >= 0 ? H5Aget_type(id) : H5I_INVALID_HID;
  hid_t space = id >= 0 ? H5Aget_space(id) : H5I_INVALID_HID;
  hssize_t n = space >= 0 ? H5Sget_simple_extent_npoints(space) : 0;
  if (n > 0 && type >= 0 && is_list(type) && H5Tget_size(type) <= SIZE_MAX / (size_t)n) {
    void *values = nax_i_calloc((size_t)n, H5Tget_size(type));
    w->out_of_memory = values == NULL;
    if (values != NULL && H5Aread(id, type, values) >= 0) {
      H5Dvlen_reclaim(type, space, H5P_DEFAULT, values);
    } else if (values != NULL) { /* texts never read would be freed by whoever opens it */
      w->refused = "an attribute cannot be read";
    }
    nax_i_free(values);
  }
  nax_i_h5_close_attr(id, type, space);
  return w->out_of_memory || w->refused != NULL;
}

/* The texts of a dataset, and its fill value. */
static nax_status
read_texts(nax_i_h5 *file, const char *path)
{
  nax_ctx *ctx = NULL; /* what goes wrong here is no damage yet */
  nax_status status = NAX_OK;
  nax_i_h5_data *d = NULL;
  char **text = NULL;
  nax_index n = 0;
  NAX_TRY(nax_i_h5_data_open(ctx, file, path, &d));
  if (d->klass == NAX_I_H5_STRING && d->filter_missing == 0) {
    NAX_TRY(nax_i_h5_strings(ctx, d, d->n, &text, &n));
  }
done:
  nax_i_free_strings(text, n);
  nax_i_h5_data_close(d);
  return status;
}

static herr_t
read_object(hid_t root, const char *name, const H5O_info_t *info, void *user)
{
  survey *w = user;
  hsize_t first = 0;
  H5Aiterate_by_name(root, name, H5_INDEX_NAME, H5_ITER_NATIVE, &first, read_attribute, w,
                     H5P_DEFAULT);
  if (info->type == H5O_TYPE_DATASET) {
    w->out_of_memory = w->out_of_memory || read_texts(w->file, name) == NAX_ENOMEM;
  }
  H5Eclear2(H5E_DEFAULT);
  const char *block = nax_i_h5_refusal(); /* says more */
  w->refused = block != NULL ? block : w->refused;
  return w->refused != NULL || w->out_of_memory;
}

nax_status
nax_i_h5_survey(nax_ctx *ctx, const char *path)
{
  nax_status status = NAX_OK;
  survey w = {NULL, NULL, 0};
  nax_i_hdf5_lock();
  htri_t is_hdf5 = H5Fis_hdf5(path);
  H5Eclear2(H5E_DEFAULT);
  if (is_hdf5 <= 0) {
    goto done; /* whoever opens it will say what it is */
  }
  NAX_TRY(nax_i_h5_open(ctx, path, &w.file));
  (void)nax_i_h5_refusal(); /* of a file before */
  if (H5Ovisit2(w.file->id, H5_INDEX_NAME, H5_ITER_NATIVE, read_object, &w,
                H5O_INFO_BASIC) < 0) {
    w.refused = nax_i_h5_refusal();
  }
  H5Eclear2(H5E_DEFAULT);
  NAX_REQUIRE(!w.out_of_memory, NAX_ENOMEM, "out of memory");
  NAX_REQUIRE_FILE(w.refused == NULL, NAX_EFORMAT, path, "is a damaged HDF5 file (%s)",
                   w.refused);
done:
  nax_i_h5_close(w.file);
  nax_i_hdf5_unlock();
  return status;
}
