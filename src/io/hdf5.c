/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HDF5 files, what is in them, and their attributes. */
#define _POSIX_C_SOURCE 200809L
#include "hdf5_i.h"
#include <errno.h>
#include <hdf5.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>

_Static_assert(sizeof(hid_t) == sizeof(int64_t), "identifiers of HDF5 1.10 and later");

/* --------------------------------------------------------------------- the lock */

static pthread_mutex_t lock;
static pthread_once_t lock_once = PTHREAD_ONCE_INIT;
static int lock_depth;
static H5E_auto2_t host_print;
static void *host_print_data;

static void
make_lock(void)
{
  pthread_mutexattr_t a;
  pthread_mutexattr_init(&a);
  pthread_mutexattr_settype(&a, PTHREAD_MUTEX_RECURSIVE);
  pthread_mutex_init(&lock, &a);
  pthread_mutexattr_destroy(&a);
}

void
nax_i_hdf5_lock(void)
{
  pthread_once(&lock_once, make_lock);
  pthread_mutex_lock(&lock);
  if (lock_depth++ == 0) {
    host_print = NULL;
    host_print_data = NULL;
    H5Eget_auto2(H5E_DEFAULT, &host_print, &host_print_data);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  }
}

void
nax_i_hdf5_unlock(void)
{
  if (--lock_depth == 0) {
    H5Eset_auto2(H5E_DEFAULT, host_print, host_print_data);
  }
  pthread_mutex_unlock(&lock);
}

/* --------------------------------------------------------------------- opening */

typedef struct reason {
  unsigned long long have, want;
  int truncated, locked, cut;
} reason;

static herr_t
look_at_error(unsigned n, const H5E_error2_t *e, void *user)
{
  reason *r = user;
  unsigned long long have, base, want;
  (void)n;
  if (e->desc == NULL) {
    return 0;
  }
  if (sscanf(e->desc,
             "truncated file: eof = %llu, sblock->base_addr = %llu, stored_eof = %llu",
             &have, &base, &want) == 3) {
    r->truncated = 1;
    r->have = have;
    r->want = want;
  }
  r->locked = r->locked || strstr(e->desc, "unable to lock file") != NULL;
  r->cut = r->cut || strstr(e->desc, "addr overflow") != NULL ||
           strstr(e->desc, "beyond end of file") != NULL;
  return 0;
}

nax_status
nax_i_h5_open(nax_ctx *ctx, const char *path, nax_i_h5 **out)
{
  nax_status status = NAX_OK;
  nax_i_h5 *f = NULL;
  struct stat st;
  reason why = {0, 0, 0, 0, 0};
  *out = NULL;
  nax_i_hdf5_lock();
  NAX_TRY_ALLOC(f, 1, sizeof *f);
  f->id = H5I_INVALID_HID;
  NAX_TRY_DUP(f->path, path);
  NAX_REQUIRE_FILE(stat(path, &st) == 0, NAX_EIO, path, "cannot open: %s",
                   strerror(errno));
  f->size = (uint64_t)st.st_size;
  f->id = nax_i_h5_fopen(path);
  if (f->id < 0) {
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, look_at_error, &why);
    H5Eclear2(H5E_DEFAULT);
    NAX_REQUIRE_FILE(!why.truncated, NAX_EFORMAT, path,
                     "file is truncated: %llu of %llu bytes", why.have, why.want);
    NAX_REQUIRE_FILE(!why.locked, NAX_EIO, path,
                     "is locked: another program has it open for writing");
    NAX_REQUIRE_FILE(0, NAX_EFORMAT, path, "is a damaged HDF5 file (%s)",
                     why.cut ? "it points beyond its own end"
                             : "its headers cannot be decoded");
  }
  *out = f;
  f = NULL;
done:
  nax_i_h5_close(f);
  nax_i_hdf5_unlock();
  return status;
}

void
nax_i_h5_close(nax_i_h5 *f)
{
  if (f == NULL) {
    return;
  }
  nax_i_hdf5_lock();
  if (f->id >= 0) {
    H5Fclose(f->id);
  }
  nax_i_hdf5_unlock();
  nax_i_free(f->path);
  nax_i_free(f);
}

const char *
nax_i_h5_path(const nax_i_h5 *f)
{
  return f->path;
}

uint64_t
nax_i_h5_size(const nax_i_h5 *f)
{
  return f->size;
}

/* --------------------------------------------------------------------- objects */

nax_i_h5_what
nax_i_h5_look(nax_i_h5 *f, const char *path, uint64_t addr[2])
{
  nax_i_h5_what what = NAX_I_H5_BROKEN;
  H5O_info_t info;
  nax_i_hdf5_lock();
  hid_t id = H5Oopen(f->id, path, H5P_DEFAULT);
  if (id < 0) {
    /* H5Lexists answers for the last step only; a missing step before it is an error,
     * which is an absent object all the same. */
    H5L_info_t link;
    what = H5Lget_info(f->id, path, &link, H5P_DEFAULT) >= 0 ? NAX_I_H5_BROKEN
                                                             : NAX_I_H5_ABSENT;
  } else {
    H5I_type_t type = H5Iget_type(id);
    what = type == H5I_GROUP     ? NAX_I_H5_GROUP
           : type == H5I_DATASET ? NAX_I_H5_DATASET
                                 : NAX_I_H5_STRANGE;
    if (addr != NULL) {
      addr[0] = addr[1] = 0;
      if (H5Oget_info2(id, &info, H5O_INFO_BASIC) >= 0) {
        addr[0] = (uint64_t)info.addr;
        addr[1] = (uint64_t)info.fileno;
      }
    }
    H5Oclose(id);
  }
  H5Eclear2(H5E_DEFAULT);
  nax_i_hdf5_unlock();
  return what;
}

typedef struct name_list {
  char **name;
  nax_index n, cap, max;
  int failed;
} name_list;

static herr_t
take_name(hid_t group, const char *name, const H5L_info_t *info, void *user)
{
  name_list *l = user;
  (void)group;
  (void)info;
  if (l->n == l->max) {
    return 1;
  }
  if (l->n == l->cap) {
    nax_index cap = l->cap ? 2 * l->cap : 32;
    char **p = nax_i_realloc(l->name, (size_t)cap, sizeof *p);
    if (p == NULL) {
      l->failed = 1;
      return -1;
    }
    l->name = p;
    l->cap = cap;
  }
  l->name[l->n] = nax_i_strdup(name);
  if (l->name[l->n] == NULL) {
    l->failed = 1;
    return -1;
  }
  l->n++;
  return 0;
}

nax_status
nax_i_h5_list(nax_ctx *ctx, nax_i_h5 *f, const char *path, nax_index max, char ***names,
              nax_index *n)
{
  nax_status status = NAX_OK;
  name_list l = {NULL, 0, 0, max, 0};
  *names = NULL;
  *n = 0;
  nax_i_hdf5_lock();
  herr_t r = H5Literate_by_name(f->id, path, H5_INDEX_NAME, H5_ITER_INC, NULL, take_name,
                                &l, H5P_DEFAULT);
  H5Eclear2(H5E_DEFAULT);
  NAX_REQUIRE(!l.failed, NAX_ENOMEM, "out of memory");
  NAX_REQUIRE_FILE(r >= 0, NAX_EFORMAT, f->path, "group %s cannot be listed", path);
  *names = l.name;
  *n = l.n;
  l.name = NULL;
done:
  nax_i_hdf5_unlock();
  nax_i_free_strings(l.name, l.n);
  return status;
}

void
nax_i_h5_explain(nax_i_h5 *f, const char *path, char *buf, size_t size)
{
  char step[1024];
  H5L_info_t link;
  nax_i_hdf5_lock();
  snprintf(buf, size, "%s is missing", path);
  /* The first step that does not open is the one to talk about. */
  for (size_t i = 1; i <= strlen(path) && i < sizeof step; i++) {
    if (path[i] != '/' && path[i] != '\0') {
      continue;
    }
    memcpy(step, path, i);
    step[i] = '\0';
    hid_t id = H5Oopen(f->id, step, H5P_DEFAULT);
    if (id >= 0) {
      H5Oclose(id);
      continue;
    }
    if (H5Lget_info(f->id, step, &link, H5P_DEFAULT) < 0) {
      snprintf(buf, size, "%s is missing", step);
      break;
    }
    char target[1024] = "";
    const char *file = NULL, *object = NULL;
    unsigned flags;
    int known = link.type != H5L_TYPE_HARD && link.u.val_size < sizeof target &&
                H5Lget_val(f->id, step, target, sizeof target - 1, H5P_DEFAULT) >= 0;
    if (link.type == H5L_TYPE_SOFT && known) {
      snprintf(buf, size, "%s is a link to %s, which is missing or leads in a circle",
               step, target);
    } else if (link.type == H5L_TYPE_EXTERNAL && known &&
               H5Lunpack_elink_val(target, link.u.val_size, &flags, &file, &object) >=
                   0) {
      snprintf(buf, size, "%s is a link to %s in the file %s, which cannot be opened",
               step, object, file);
    } else {
      snprintf(buf, size, "%s cannot be opened (damaged)", step);
    }
    break;
  }
  H5Eclear2(H5E_DEFAULT);
  nax_i_hdf5_unlock();
}

/* ------------------------------------------------------------------ attributes */

int
nax_i_h5_has_attr(nax_i_h5 *f, const char *path, const char *name)
{
  nax_i_hdf5_lock();
  htri_t yes = H5Aexists_by_name(f->id, path, name, H5P_DEFAULT);
  H5Eclear2(H5E_DEFAULT);
  nax_i_hdf5_unlock();
  return yes > 0;
}

/* Attribute with its type and number of elements; 0 when there is none. */
static int
open_attr(nax_i_h5 *f, const char *path, const char *name, hid_t *id, hid_t *type,
          nax_index *n)
{
  *id = *type = H5I_INVALID_HID;
  *n = 0;
  if (!nax_i_h5_has_attr(f, path, name)) {
    return 0;
  }
  *id = H5Aopen_by_name(f->id, path, name, H5P_DEFAULT, H5P_DEFAULT);
  hid_t space = *id >= 0 ? H5Aget_space(*id) : H5I_INVALID_HID;
  *type = *id >= 0 ? H5Aget_type(*id) : H5I_INVALID_HID;
  if (space >= 0) {
    hssize_t count = H5Sget_simple_extent_npoints(space);
    *n = count > 0 ? (nax_index)count : 0;
    H5Sclose(space);
  }
  return *type >= 0;
}

void
nax_i_h5_close_attr(hid_t id, hid_t type, hid_t space)
{
  if (space >= 0) {
    H5Sclose(space);
  }
  if (type >= 0) {
    H5Tclose(type);
  }
  if (id >= 0) {
    H5Aclose(id);
  }
  H5Eclear2(H5E_DEFAULT);
}

nax_status
nax_i_h5_attr_strings(nax_ctx *ctx, nax_i_h5 *f, const char *path, const char *name,
                      char ***out, nax_index *n)
{
  nax_status status = NAX_OK;
  hid_t id, type;
  nax_index count;
  char **list = NULL;
  enum { MOST = 1 << 20 };
  *out = NULL;
  *n = 0;
  nax_i_hdf5_lock();
  if (open_attr(f, path, name, &id, &type, &count) && H5Tget_class(type) == H5T_STRING &&
      count > 0) {
    NAX_REQUIRE_FILE(count <= MOST, NAX_EFORMAT, f->path,
                     "attribute %s of %s claims %lld texts (expected at most %d)", name,
                     path, (long long)count, (int)MOST);
    NAX_TRY_ALLOC(list, count, sizeof *list);
    NAX_TRY(nax_i_h5_read_strings(ctx, f, name, id, 1, count, list));
    *out = list;
    *n = count;
    list = NULL;
  }
done:
  nax_i_h5_close_attr(id, type, H5I_INVALID_HID);
  nax_i_hdf5_unlock();
  nax_i_free_strings(list, list != NULL ? count : 0);
  return status;
}

nax_status
nax_i_h5_attr_text(nax_ctx *ctx, nax_i_h5 *f, const char *path, const char *name,
                   char **out)
{
  char **list;
  nax_index n;
  *out = NULL;
  nax_status status = nax_i_h5_attr_strings(ctx, f, path, name, &list, &n);
  if (status == NAX_OK && n > 0) {
    *out = list[0];
    list[0] = NULL;
  }
  nax_i_free_strings(list, n);
  return status;
}

double
nax_i_h5_attr_number(nax_i_h5 *f, const char *path, const char *name, double otherwise)
{
  hid_t id, type;
  nax_index n;
  double value = otherwise;
  nax_i_hdf5_lock();
  if (open_attr(f, path, name, &id, &type, &n) && n == 1) {
    H5T_class_t c = H5Tget_class(type);
    if ((c != H5T_INTEGER && c != H5T_FLOAT) ||
        H5Aread(id, H5T_NATIVE_DOUBLE, &value) < 0) {
      value = otherwise;
    }
  }
  nax_i_h5_close_attr(id, type, H5I_INVALID_HID);
  nax_i_hdf5_unlock();
  return value;
}

nax_status
nax_i_h5_attr_target(nax_ctx *ctx, nax_i_h5 *f, const char *path, const char *name,
                     char **out)
{
  nax_status status = NAX_OK;
  hid_t id, type;
  nax_index n;
  hobj_ref_t ref;
  char target[1024];
  *out = NULL;
  nax_i_hdf5_lock();
  if (open_attr(f, path, name, &id, &type, &n) && n == 1 &&
      H5Tequal(type, H5T_STD_REF_OBJ) > 0 && H5Aread(id, H5T_STD_REF_OBJ, &ref) >= 0) {
    ssize_t length = H5Rget_name(id, H5R_OBJECT, &ref, target, sizeof target);
    if (length > 0 && (size_t)length < sizeof target) {
      NAX_TRY_DUP(*out, target);
    }
  }
done:
  nax_i_h5_close_attr(id, type, H5I_INVALID_HID);
  nax_i_hdf5_unlock();
  return status;
}

/* ------------------------------------------------------------- kinds of files */

static int
exists(hid_t file, const char *path)
{
  return H5Lexists(file, path, H5P_DEFAULT) > 0;
}

static int
attr(hid_t file, const char *path, const char *name)
{
  return H5Aexists_by_name(file, path, name, H5P_DEFAULT) > 0;
}

static herr_t
is_netcdf_name(hid_t group, const char *name, const H5L_info_t *info, void *user)
{
  (void)user;
  if (info->type != H5L_TYPE_HARD) {
    return 0;
  }
  return attr(group, name, "_Netcdf4Dimid") || attr(group, name, "_Netcdf4Coordinates");
}

/* Without allocations of ours: what a file is must not depend on them. */
static int
root_text_is(hid_t file, const char *name, const char *want)
{
  int same = 0;
  char text[64] = "", *vlen = NULL;
  hid_t id = attr(file, "/", name) ? H5Aopen(file, name, H5P_DEFAULT) : H5I_INVALID_HID;
  hid_t type = id >= 0 ? H5Aget_type(id) : H5I_INVALID_HID;
  hid_t space = id >= 0 ? H5Aget_space(id) : H5I_INVALID_HID;
  if (type >= 0 && space >= 0 && H5Tget_class(type) == H5T_STRING &&
      H5Sget_simple_extent_npoints(space) == 1) {
    if (H5Tis_variable_str(type) > 0) {
      same = H5Aread(id, type, &vlen) >= 0 && vlen != NULL && strcmp(vlen, want) == 0;
      if (vlen != NULL) {
        H5free_memory(vlen);
      }
    } else if (H5Tget_size(type) < sizeof text) {
      same = H5Aread(id, type, text) >= 0 && strncmp(text, want, strlen(want)) == 0;
    }
  }
  nax_i_h5_close_attr(id, type, space);
  return same;
}

/* A MATLAB 7.3 file says so in the text of its user block. */
static int
has_matlab_header(const char *path)
{
  char head[8] = "";
  FILE *f = fopen(path, "rbe");
  if (f != NULL) {
    if (fread(head, 1, 6, f) != 6) {
      head[0] = '\0';
    }
    fclose(f);
  }
  return memcmp(head, "MATLAB", 6) == 0;
}

nax_i_hdf5_kind
nax_i_hdf5_sniff(const char *path)
{
  nax_i_hdf5_kind kind = NAX_I_HDF5_PLAIN;
  if (has_matlab_header(path)) {
    return NAX_I_HDF5_MAT;
  }
  nax_i_hdf5_lock();
  /* What cannot be opened is left to the reader of plain HDF5, whose texts say why. */
  hid_t id = nax_i_h5_fopen(path);
  if (id >= 0) {
    if (attr(id, "/", "neuraxis_format")) { /* whatever the file it came from was */
      kind = NAX_I_HDF5_NETCDF;
    } else if (attr(id, "/", "nwb_version") || exists(id, "nwb_version") ||
               root_text_is(id, "neurodata_type", "NWBFile")) {
      kind = NAX_I_HDF5_NWB;
    } else if (root_text_is(id, "format", "nix")) {
      kind = NAX_I_HDF5_NIX;
    } else if (exists(id, "estimates") &&
               (exists(id, "estimates/C") || exists(id, "estimates/F_dff"))) {
      kind = NAX_I_HDF5_CAIMAN;
    } else if (attr(id, "/", "_NCProperties") || attr(id, "/", "_nc3_strict") ||
               H5Literate(id, H5_INDEX_NAME, H5_ITER_INC, NULL, is_netcdf_name, NULL) >
                   0) {
      kind = NAX_I_HDF5_NETCDF;
    }
    H5Fclose(id);
  }
  H5Eclear2(H5E_DEFAULT);
  nax_i_hdf5_unlock();
  return kind;
}

const char *
nax_i_version_hdf5(void)
{
  static _Thread_local char text[48];
  unsigned major = 0, minor = 0, release = 0;
  H5get_libversion(&major, &minor, &release);
  snprintf(text, sizeof text, "%u.%u.%u", major, minor, release);
  return text;
}
