/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MATLAB level 7.3 files, walked before matio reads them.
 *
 * matio 1.5.23 follows references without looking for loops, reads attributes of any
 * length into single integers, and takes the columns of a struct array to be equally
 * long. This walk goes the same way as matio's and refuses what it cannot stand. */
#define _POSIX_C_SOURCE 200809L
#include "hdf5_i.h"
#include "mat_i.h"
#include <hdf5.h>
#include <stdlib.h>

enum {
  MAX_DEPTH = 24, /* of structs, cells and references */
  MAX_OBJECTS = 200000,
  MAX_FIELDS = 4096,
  MAX_RATIO = 1032 /* deflate cannot do better */
};

typedef struct walk {
  nax_ctx *ctx;
  const char *path;
  int64_t n_objects;
  int32_t n_top;
  nax_status status;
  const char *top; /* variable being walked */
} walk;

static nax_status
refuse(walk *w, nax_status code, const char *what)
{
  return nax_i_fail_file(w->ctx, code, w->path, "variable `%.100s` %s", w->top, what);
}

static nax_status check_object(walk *w, hid_t id, int depth);

/* ---------------------------------------------------------------------- attributes */

/* -1: there is none, 0: it is not one integer, 1: it is, and *value has it. */
static int
one_integer(hid_t id, const char *name, long long *value)
{
  if (H5Aexists(id, name) <= 0) {
    return -1;
  }
  int good = 0;
  hid_t a = H5Aopen(id, name, H5P_DEFAULT);
  hid_t type = a >= 0 ? H5Aget_type(a) : -1, space = a >= 0 ? H5Aget_space(a) : -1;
  if (type >= 0 && space >= 0 && H5Tget_class(type) == H5T_INTEGER &&
      H5Sget_simple_extent_npoints(space) == 1) {
    good = H5Aread(a, H5T_NATIVE_LLONG, value) >= 0;
  }
  H5Sclose(space);
  H5Tclose(type);
  H5Aclose(a);
  return good;
}

/* The text of MATLAB_class, "" when there is none. */
static nax_status
get_class(walk *w, hid_t id, char class[64])
{
  class[0] = '\0';
  if (H5Aexists(id, "MATLAB_class") <= 0) {
    return NAX_OK;
  }
  int good = 0;
  hid_t a = H5Aopen(id, "MATLAB_class", H5P_DEFAULT);
  hid_t type = a >= 0 ? H5Aget_type(a) : -1, space = a >= 0 ? H5Aget_space(a) : -1;
  if (type >= 0 && space >= 0 && H5Tget_class(type) == H5T_STRING &&
      H5Tis_variable_str(type) == 0 && H5Tget_size(type) < 64 &&
      H5Sget_simple_extent_npoints(space) == 1) {
    /* matio reads a terminated string of the same size, and so loses the last letter of
     * one that is only padded. */
    char cut[64] = "";
    hid_t memory = H5Tcopy(H5T_C_S1);
    H5Tset_size(memory, 64);
    good = H5Aread(a, memory, class) >= 0;
    class[63] = '\0';
    H5Tset_size(memory, H5Tget_size(type));
    good = good && H5Aread(a, memory, cut) >= 0 ? 1 + (strcmp(cut, class) != 0) : 0;
    H5Tclose(memory);
  }
  H5Sclose(space);
  H5Tclose(type);
  H5Aclose(a);
  return good == 1 ? NAX_OK
         : good == 2
             ? refuse(w, NAX_ENOTSUP,
                      "cannot be read: its MATLAB_class has no terminating zero byte, "
                      "which matio needs (written by something else than MATLAB)")
             : refuse(w, NAX_EFORMAT,
                      "is damaged: its MATLAB_class is not one short string");
}

static nax_status
check_attributes(walk *w, hid_t id)
{
  static const char *const names[] = {"MATLAB_int_decode", "MATLAB_empty",
                                      "MATLAB_sparse", "MATLAB_object_decode",
                                      "MATLAB_global"};
  for (size_t k = 0; k < sizeof names / sizeof names[0]; k++) {
    long long value;
    if (one_integer(id, names[k], &value) == 0) {
      char text[100];
      snprintf(text, sizeof text, "is damaged: its %s is not one integer", names[k]);
      return refuse(w, NAX_EFORMAT, text);
    }
  }
  return NAX_OK;
}

/* Names in MATLAB_fields, in fresh memory; *n = -1 when there is no such attribute. */
static nax_status
get_fields(walk *w, hid_t id, char ***names, nax_index *n)
{
  *names = NULL;
  *n = -1;
  if (H5Aexists(id, "MATLAB_fields") <= 0) {
    return NAX_OK;
  }
  nax_status status =
      refuse(w, NAX_EFORMAT, "is damaged: its MATLAB_fields is not a list of names");
  hvl_t *text = NULL;
  hid_t a = H5Aopen(id, "MATLAB_fields", H5P_DEFAULT);
  hid_t type = a >= 0 ? H5Aget_type(a) : -1, space = a >= 0 ? H5Aget_space(a) : -1;
  hid_t base = type >= 0 ? H5Tget_super(type) : -1;
  hssize_t count = space >= 0 ? H5Sget_simple_extent_npoints(space) : -1;
  int good = count >= 0 && count <= MAX_FIELDS &&
             H5Sget_simple_extent_ndims(space) == 1 && H5Tget_class(type) == H5T_VLEN &&
             base >= 0 && H5Tget_size(base) == 1 && H5Tget_class(base) == H5T_STRING;
  if (good) {
    text = nax_i_calloc((size_t)count + 1, sizeof *text);
    *names = nax_i_calloc((size_t)count + 1, sizeof **names);
    if (text == NULL || *names == NULL) {
      status = nax_i_fail(w->ctx, NAX_ENOMEM, __func__, "out of memory");
    } else if (H5Aread(a, type, text) >= 0) {
      *n = 0;
      status = NAX_OK;
      for (hssize_t i = 0; i < count && status == NAX_OK; i++) {
        (*names)[i] = nax_i_strndup(text[i].p != NULL ? text[i].p : "",
                                    text[i].p != NULL ? text[i].len : 0);
        if ((*names)[i] == NULL) {
          status = nax_i_fail(w->ctx, NAX_ENOMEM, __func__, "out of memory");
        } else {
          (*n)++;
        }
      }
      H5Dvlen_reclaim(type, space, H5P_DEFAULT, text);
    }
  }
  nax_i_free(text);
  H5Tclose(base);
  H5Sclose(space);
  H5Tclose(type);
  H5Aclose(a);
  if (status != NAX_OK) {
    nax_i_free_strings(*names, *n > 0 ? *n : 0);
    *names = NULL;
  }
  return status;
}

/* ------------------------------------------------------------------------ datasets */

/* Every object that the n references of a dataset point to. */
static nax_status
check_references(walk *w, hid_t id, nax_index n, int depth)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = w->ctx;
  hobj_ref_t *ref = NULL;
  hid_t type = H5Dget_type(id);
  int good =
      type >= 0 && H5Tequal(type, H5T_STD_REF_OBJ) > 0 && n >= 0 && n <= MAX_OBJECTS;
  H5Tclose(type);
  if (!good) {
    return refuse(w, NAX_EFORMAT,
                  "is damaged: a cell or struct array in it does not hold references");
  }
  NAX_TRY_ALLOC(ref, n, sizeof *ref);
  if (n > 0 && H5Dread(id, H5T_STD_REF_OBJ, H5S_ALL, H5S_ALL, H5P_DEFAULT, ref) < 0) {
    status = refuse(w, NAX_EFORMAT, "is damaged: references in it cannot be read");
    goto done;
  }
  for (nax_index i = 0; i < n; i++) {
    hid_t target = H5Rdereference2(id, H5P_DEFAULT, H5R_OBJECT, &ref[i]);
    if (target < 0) {
      status = refuse(w, NAX_EFORMAT, "is damaged: a reference in it leads nowhere");
      goto done;
    }
    status = check_object(w, target, depth + 1);
    H5Oclose(target);
    if (status != NAX_OK) {
      goto done;
    }
  }
done:
  nax_i_free(ref);
  return status;
}

/* The length of a dataset and its rank; -1 when the product overflows. */
static nax_index
length_of(hid_t id, int *rank)
{
  hsize_t dims[H5S_MAX_RANK];
  int64_t n = 1;
  hid_t space = H5Dget_space(id);
  *rank = H5Sget_simple_extent_ndims(space);
  if (*rank < 0 || H5Sget_simple_extent_dims(space, dims, NULL) < 0) {
    n = -1;
  }
  for (int k = 0; n >= 0 && k < *rank; k++) {
    if (dims[k] > INT32_MAX || __builtin_mul_overflow(n, (int64_t)dims[k], &n) ||
        n > (int64_t)1 << 48) {
      n = -1;
    }
  }
  H5Sclose(space);
  return n;
}

/* Compressed with something this HDF5 has no filter for, or claiming more than the file
 * can hold. */
static nax_status
check_storage(walk *w, hid_t id, nax_index n)
{
  nax_status status = NAX_OK;
  hid_t plist = H5Dget_create_plist(id), type = H5Dget_type(id);
  int n_filters = plist >= 0 ? H5Pget_nfilters(plist) : 0, packed = 0;
  for (int k = 0; k < n_filters && status == NAX_OK; k++) {
    unsigned flags, config;
    size_t n_values = 0;
    char name[64] = "";
    H5Z_filter_t f = H5Pget_filter2(plist, (unsigned)k, &flags, &n_values, NULL,
                                    sizeof name, name, &config);
    packed = 1;
    if (f >= 0 && H5Zfilter_avail(f) <= 0) {
      status = nax_i_fail_file(w->ctx, NAX_ENOTSUP, w->path,
                               "variable `%.100s` uses HDF5 filter %d (%.40s), which is "
                               "not available; set HDF5_PLUGIN_PATH",
                               w->top, (int)f, name);
    }
  }
  double need = (double)n * (double)H5Tget_size(type);
  double have = (double)H5Dget_storage_size(id) * (packed ? MAX_RATIO : 1);
  if (status == NAX_OK && !nax_i_h5_first_chunk_is_whole(id, plist, type)) {
    status = refuse(w, NAX_EFORMAT,
                    "is damaged: a chunk unpacks to fewer bytes than its elements have");
  }
  H5Tclose(type);
  H5Pclose(plist);
  if (status == NAX_OK && need > have) {
    status =
        nax_i_fail_file(w->ctx, NAX_EFORMAT, w->path,
                        "variable `%.100s` is damaged: %.0f bytes are claimed (found at "
                        "most %.0f)",
                        w->top, need, have);
  }
  return status;
}

static nax_status
check_empty(walk *w, hid_t id)
{
  uint64_t dim[32] = {0};
  int rank, zero = 0;
  nax_index n = length_of(id, &rank);
  hid_t type = H5Dget_type(id);
  int good = rank == 1 && n >= 1 && n <= 32 && H5Tget_class(type) == H5T_INTEGER &&
             H5Dread(id, H5T_NATIVE_UINT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, dim) >= 0;
  H5Tclose(type);
  for (nax_index k = 0; good && k < n; k++) {
    zero = zero || dim[k] == 0;
    good = dim[k] <= INT32_MAX;
  }
  return good && zero
             ? NAX_OK
             : refuse(w, NAX_EFORMAT, "is damaged: an empty array in it has no shape");
}

static nax_status
check_dataset(walk *w, hid_t id, int depth)
{
  nax_status status = NAX_OK;
  char class[64];
  char **fields = NULL;
  long long empty = 0;
  int rank = 0;
  nax_index n = length_of(id, &rank), n_fields = 0;
  NAX_TRY(get_class(w, id, class));
  if (n < 0) {
    status = refuse(w, NAX_EFORMAT, "is damaged: the shape of an array in it");
    goto done;
  }
  if (one_integer(id, "MATLAB_empty", &empty) == 1 && empty != 0) {
    NAX_TRY(check_empty(w, id));
  } else if (strcmp(class, "cell") == 0) {
    NAX_TRY(check_references(w, id, n, depth));
  } else if (strcmp(class, "struct") != 0) {
    NAX_TRY(check_storage(w, id, n));
  }
  if (strcmp(class, "struct") == 0) {
    NAX_TRY(get_fields(w, id, &fields, &n_fields));
  }
done:
  nax_i_free_strings(fields, n_fields > 0 ? n_fields : 0);
  return status;
}

/* -------------------------------------------------------------------------- groups */

/* A member of a group that is there by a plain link. */
static nax_status
open_member(walk *w, hid_t group, const char *name, hid_t *out)
{
  H5L_info_t link;
  *out = -1;
  if (name[0] == '\0' || strchr(name, '/') != NULL || strcmp(name, ".") == 0 ||
      H5Lexists(group, name, H5P_DEFAULT) <= 0) {
    return refuse(w, NAX_EFORMAT, "is damaged: a field of it is missing");
  }
  if (H5Lget_info(group, name, &link, H5P_DEFAULT) < 0 || link.type != H5L_TYPE_HARD) {
    return refuse(w, NAX_EFORMAT,
                  "has a symbolic or external link, which MATLAB does not write");
  }
  *out = H5Oopen(group, name, H5P_DEFAULT);
  return *out >= 0 ? NAX_OK : refuse(w, NAX_EFORMAT, "is damaged: a field of it");
}

static nax_status
check_sparse(walk *w, hid_t id)
{
  static const char *const names[] = {"jc", "ir", "data"};
  nax_index length[3] = {0, 0, 0};
  for (int k = 0; k < 3; k++) {
    hid_t d;
    int rank = 0;
    if (k > 0 && H5Lexists(id, names[k], H5P_DEFAULT) <= 0) {
      continue; /* no value is not zero */
    }
    nax_status status = open_member(w, id, names[k], &d);
    if (status != NAX_OK) {
      return status;
    }
    int good = H5Iget_type(d) == H5I_DATASET;
    length[k] = good ? length_of(d, &rank) : -1;
    if (good && length[k] >= 0) {
      status = check_storage(w, d, length[k]);
    }
    H5Oclose(d);
    if (status != NAX_OK) {
      return status;
    }
    if (rank != 1 || length[k] < 0) {
      return refuse(w, NAX_EFORMAT, "is damaged: a part of a sparse matrix is missing");
    }
  }
  if (length[0] < 1 || length[1] != length[2]) {
    return refuse(w, NAX_EFORMAT,
                  "is damaged: the parts of a sparse matrix differ in length");
  }
  return NAX_OK;
}

/* The members of a struct. The first one tells whether it is an array of structs. */
static nax_status
check_members(walk *w, hid_t id, char **names, nax_index n, int depth)
{
  nax_status status = NAX_OK;
  nax_index elements = -1;
  for (nax_index k = 0; k < n && status == NAX_OK; k++) {
    hid_t m;
    status = open_member(w, id, names[k], &m);
    if (status != NAX_OK) {
      break;
    }
    int is_data = H5Iget_type(m) == H5I_DATASET, rank = 0;
    hid_t type = is_data ? H5Dget_type(m) : -1;
    if (k == 0 && is_data && H5Tget_class(type) == H5T_REFERENCE &&
        H5Aexists(m, "MATLAB_class") <= 0) {
      elements = length_of(m, &rank);
      elements = elements < 0 ? MAX_OBJECTS + 1 : elements;
    }
    H5Tclose(type);
    if (elements >= 0 && is_data) {
      if (length_of(m, &rank) != elements) {
        status = refuse(w, NAX_EFORMAT,
                        "is damaged: fields of a struct array differ in length");
      } else {
        status = check_references(w, m, elements, depth);
      }
    } else {
      status = check_object(w, m, depth + 1);
    }
    H5Oclose(m);
  }
  return status;
}

typedef struct name_list {
  char **name;
  nax_index n;
} name_list;

static herr_t
take_name(hid_t group, const char *name, const H5L_info_t *info, void *user)
{
  name_list *l = user;
  (void)group;
  (void)info;
  if (l->n >= MAX_FIELDS) {
    return -1;
  }
  l->name[l->n] = nax_i_strdup(name);
  return l->name[l->n] != NULL ? (l->n++, 0) : -1;
}

static nax_status
check_group(walk *w, hid_t id, int depth)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = w->ctx;
  char class[64];
  char **fields = NULL;
  nax_index n = -1;
  NAX_TRY(get_class(w, id, class));
  if (H5Aexists(id, "MATLAB_sparse") > 0) {
    NAX_TRY(check_sparse(w, id));
    goto done;
  }
  if (strcmp(class, "struct") != 0) {
    status = nax_i_fail_file(ctx, NAX_ENOTSUP, w->path,
                             "variable `%.100s` is or holds an object of class `%s`, "
                             "which cannot be read (expected arrays, cells, structs)",
                             w->top, class);
    goto done;
  }
  NAX_TRY(get_fields(w, id, &fields, &n));
  if (n < 0) {
    name_list l = {NULL, 0};
    NAX_TRY_ALLOC(l.name, MAX_FIELDS, sizeof *l.name);
    fields = l.name;
    herr_t bad = H5Literate(id, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, take_name, &l);
    n = l.n;
    if (bad < 0) {
      status = refuse(w, NAX_EFORMAT, "is damaged: its fields cannot be listed");
      goto done;
    }
  }
  NAX_TRY(check_members(w, id, fields, n, depth));
done:
  nax_i_free_strings(fields, n > 0 ? n : 0);
  return status;
}

static nax_status
check_object(walk *w, hid_t id, int depth)
{
  nax_status status = NAX_OK;
  if (depth > MAX_DEPTH) {
    return refuse(w, NAX_EFORMAT,
                  "is nested too deeply, or its references go round in a circle");
  }
  if (++w->n_objects > MAX_OBJECTS) {
    return refuse(w, NAX_ENOTSUP, "holds too many arrays in structs and cells");
  }
  NAX_TRY(check_attributes(w, id));
  switch (H5Iget_type(id)) {
  case H5I_DATASET:
    return check_dataset(w, id, depth);
  case H5I_GROUP:
    return check_group(w, id, depth);
  default:
    return refuse(w, NAX_EFORMAT, "is damaged: it is neither data nor a group");
  }
done:
  return status;
}

static herr_t
check_top(hid_t root, const char *name, const H5L_info_t *info, void *user)
{
  walk *w = user;
  H5O_info_t object;
  w->top = name;
  if (strcmp(name, "#refs#") == 0 || strcmp(name, "#subsystem#") == 0) {
    return 0;
  }
  if (info->type != H5L_TYPE_HARD) {
    w->status = refuse(w, NAX_EFORMAT,
                       "is a symbolic or external link, which MATLAB does not write");
    return -1;
  }
  hid_t id = H5Oopen(root, name, H5P_DEFAULT);
  if (id < 0 || H5Oget_info(id, &object) < 0) {
    H5Oclose(id);
    w->status = refuse(w, NAX_EFORMAT, "is damaged: it cannot be opened");
    return -1;
  }
  if (object.type == H5O_TYPE_DATASET || object.type == H5O_TYPE_GROUP) {
    w->n_top++;
    w->status = check_object(w, id, 0);
  }
  H5Oclose(id);
  return w->status == NAX_OK ? 0 : -1;
}

nax_status
nax_i_hdf5_mat_check(nax_ctx *ctx, const char *path, int32_t *n_top)
{
  nax_status status = NAX_OK;
  nax_i_h5 *f = NULL;
  walk w = {ctx, path, 0, 0, NAX_OK, ""};
  hid_t id = -1;
  nax_i_hdf5_lock();
  NAX_TRY(nax_i_h5_open(ctx, path, &f)); /* it knows how to explain a failure */
  id = nax_i_h5_fopen(path);
  NAX_REQUIRE_FILE(id >= 0, NAX_EFORMAT, path, "is a damaged HDF5 file");
  herr_t bad = H5Literate(id, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, check_top, &w);
  NAX_TRY(w.status);
  NAX_REQUIRE_FILE(bad >= 0, NAX_EFORMAT, path,
                   "is damaged: its variables cannot be listed");
  *n_top = w.n_top;
done:
  if (id >= 0) {
    H5Fclose(id);
  }
  H5Eclear2(H5E_DEFAULT);
  nax_i_h5_close(f);
  nax_i_hdf5_unlock();
  return status;
}
