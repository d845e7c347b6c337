/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files and folders: names, small reads, and writing that appears whole or not at all. */
#define _XOPEN_SOURCE 700 /* realpath */
#include "io_i.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

int
nax_i_has_ext(const char *path, const char *ext)
{
  size_t n = strlen(path), m = strlen(ext);
  return n > m + 1 && path[n - m - 1] == '.' && strcasecmp(path + n - m, ext) == 0;
}

char *
nax_i_join(const char *dir, const char *name)
{
  size_t n = strlen(dir);
  return nax_i_asprintf("%s%s%s", dir, n > 0 && dir[n - 1] == '/' ? "" : "/", name);
}

int
nax_i_dir_has(const char *dir, const char *name)
{
  struct stat st;
  char p[4200]; /* no allocation: detection cannot fail */
  size_t n = strlen(dir);
  int w =
      snprintf(p, sizeof p, "%s%s%s", dir, n > 0 && dir[n - 1] == '/' ? "" : "/", name);
  return w > 0 && (size_t)w < sizeof p && stat(p, &st) == 0;
}

int
nax_i_exists(const char *path)
{
  struct stat st;
  return stat(path, &st) == 0;
}

int
nax_i_dir_any(const char *dir, int (*match)(const char *name))
{
  int found = 0;
  DIR *d = opendir(dir);
  if (d != NULL) {
    for (struct dirent *e = readdir(d); e != NULL && !found; e = readdir(d)) {
      found = match(e->d_name);
    }
    closedir(d);
  }
  return found;
}

static int
by_text(const void *a, const void *b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

nax_status
nax_i_list_dir(nax_ctx *ctx, const char *dir, char ***names, nax_index *n)
{
  nax_status status = NAX_OK;
  char **list = NULL;
  nax_index count = 0, cap = 0;
  *names = NULL;
  *n = 0;
  DIR *d = opendir(dir);
  NAX_REQUIRE_FILE(d != NULL, NAX_EIO, dir, "cannot list the folder: %s",
                   strerror(errno));
  for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
    if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) {
      continue;
    }
    if (count == cap) {
      cap = cap ? 2 * cap : 32;
      char **p = nax_i_realloc(list, (size_t)cap, sizeof *p);
      NAX_REQUIRE(p != NULL, NAX_ENOMEM, "out of memory");
      list = p;
    }
    NAX_TRY_DUP(list[count], e->d_name);
    count++;
  }
  if (count > 0) {
    qsort(list, (size_t)count, sizeof *list, by_text);
  }
  *names = list;
  *n = count;
  list = NULL;
done:
  if (d != NULL) {
    closedir(d);
  }
  nax_i_free_strings(list, count);
  return status;
}

nax_status
nax_i_open_regular(nax_ctx *ctx, const char *path, int *fd, uint64_t *size)
{
  nax_status status = NAX_OK;
  struct stat st;
  /* Without O_NONBLOCK a pipe of that name would wait for its writer. */
  int f = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  *fd = -1;
  *size = 0;
  NAX_REQUIRE_FILE(f >= 0, NAX_EIO, path, "cannot open: %s", strerror(errno));
  NAX_REQUIRE_FILE(fstat(f, &st) == 0, NAX_EIO, path, "cannot open: %s", strerror(errno));
  NAX_REQUIRE_FILE(S_ISREG(st.st_mode), NAX_EIO, path, "is not a regular file");
  *fd = f;
  *size = (uint64_t)st.st_size;
  f = -1;
done:
  if (f >= 0) {
    close(f);
  }
  return status;
}

nax_status
nax_i_pread(nax_ctx *ctx, const char *path, int fd, uint64_t at, void *dst, size_t n)
{
  char *p = dst;
  for (size_t got = 0; got < n;) {
    ssize_t k = pread(fd, p + got, n - got, (off_t)(at + got));
    if (k < 0 && errno == EINTR) {
      continue;
    }
    if (k < 0) {
      return nax_i_fail_file(ctx, NAX_EIO, path, "cannot read: %s", strerror(errno));
    }
    if (k == 0) {
      return nax_i_fail_file(
          ctx, NAX_EFORMAT, path, "ends early (found %llu bytes, expected at least %llu)",
          (unsigned long long)(at + got), (unsigned long long)(at + n));
    }
    got += (size_t)k;
  }
  return NAX_OK;
}

nax_status
nax_i_read_file(nax_ctx *ctx, const char *path, size_t max, char **data, size_t *n)
{
  nax_status status = NAX_OK;
  char *p = NULL;
  int fd = -1;
  uint64_t size = 0;
  *data = NULL;
  *n = 0;
  NAX_TRY(nax_i_open_regular(ctx, path, &fd, &size));
  NAX_REQUIRE_FILE(
      size <= max, NAX_EFORMAT, path,
      "is larger than such a file can be (found %llu bytes, expected at most %zu)",
      (unsigned long long)size, max);
  p = nax_i_realloc(NULL, (size_t)size + 1, 1);
  NAX_REQUIRE(p != NULL, NAX_ENOMEM, "out of memory (%llu bytes)",
              (unsigned long long)size);
  NAX_TRY(nax_i_pread(ctx, path, fd, 0, p, (size_t)size));
  p[size] = '\0';
  *data = p;
  *n = (size_t)size;
  p = NULL;
done:
  if (fd >= 0) {
    close(fd);
  }
  nax_i_free(p);
  return status;
}

nax_status
nax_i_atomic_begin(nax_ctx *ctx, const char *path, int force, nax_i_atomic *a)
{
  nax_status status = NAX_OK;
  struct stat st;
  *a = (nax_i_atomic){NULL, NULL};
  int exists = stat(path, &st) == 0;
  NAX_REQUIRE_FILE(!(exists && S_ISDIR(st.st_mode)), NAX_EIO, path,
                   "is a folder (expected a file name to write to)");
  NAX_REQUIRE_FILE(!exists || force, NAX_EIO, path,
                   "exists already (give option `force` to replace it)");
  /* A rename would put a file in the place of /dev/null. */
  NAX_REQUIRE_FILE(!exists || S_ISREG(st.st_mode), NAX_EIO, path,
                   "is not a regular file (expected a file name to write to)");
  if (exists) { /* behind a symbolic link the file is replaced, not the link */
    char *real = realpath(path, NULL);
    NAX_REQUIRE_FILE(real != NULL, NAX_EIO, path, "cannot write: %s", strerror(errno));
    a->path = nax_i_strdup(real);
    free(real); /* realpath's own malloc */
    NAX_REQUIRE(a->path != NULL, NAX_ENOMEM, "out of memory");
  } else {
    NAX_TRY_DUP(a->path, path);
  }
  int fd = -1;
  for (int k = 0; k < 100 && fd < 0; k++) {
    nax_i_free(a->temp);
    a->temp = nax_i_asprintf("%s.%ld-%d.tmp", a->path, (long)getpid(), k);
    NAX_REQUIRE(a->temp != NULL, NAX_ENOMEM, "out of memory");
    fd = open(a->temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
              exists ? st.st_mode & 0777 : 0666);
    if (fd < 0 && errno != EEXIST) {
      break;
    }
  }
  if (fd < 0) {
    const char *why = strerror(errno);
    nax_i_free(a->temp); /* not ours: do not unlink it */
    a->temp = NULL;
    NAX_REQUIRE_FILE(0, NAX_EIO, path, "cannot write: %s", why);
  }
  close(fd);
done:
  if (status != NAX_OK) {
    nax_i_atomic_abort(a);
  }
  return status;
}

static int
sync_path(const char *path, int flags)
{
  int fd = open(path, flags | O_CLOEXEC);
  if (fd < 0) {
    return -1;
  }
  int bad = fsync(fd);
  int saved = errno;
  close(fd);
  errno = saved;
  return bad;
}

nax_status
nax_i_atomic_commit(nax_ctx *ctx, nax_i_atomic *a, int force)
{
  nax_status status = NAX_OK;
  char *dir = NULL;
  NAX_REQUIRE_FILE(sync_path(a->temp, O_RDONLY) == 0, NAX_EIO, a->path,
                   "cannot flush to disk: %s", strerror(errno));
  if (force) {
    NAX_REQUIRE_FILE(rename(a->temp, a->path) == 0, NAX_EIO, a->path, "cannot rename: %s",
                     strerror(errno));
  } else {
    /* link refuses a target that appeared meanwhile; rename would replace it. */
    if (link(a->temp, a->path) == 0) {
      unlink(a->temp);
    } else {
      NAX_REQUIRE_FILE(errno != EEXIST, NAX_EIO, a->path,
                       "exists already (give option `force` to replace it)");
      NAX_REQUIRE_FILE(rename(a->temp, a->path) == 0, NAX_EIO, a->path,
                       "cannot rename: %s", strerror(errno));
    }
  }
  nax_i_free(a->temp);
  a->temp = NULL;
  /* The name is durable once its folder is; a file system that cannot sync folders is
   * not a reason to call the written file a failure. */
  dir = nax_i_strdup(a->path);
  if (dir != NULL) {
    char *slash = strrchr(dir, '/');
    if (slash == dir) {
      slash[1] = '\0';
    } else if (slash != NULL) {
      *slash = '\0';
    }
    (void)sync_path(slash != NULL ? dir : ".", O_RDONLY | O_DIRECTORY);
  }
done:
  nax_i_free(dir);
  nax_i_atomic_abort(a);
  return status;
}

void
nax_i_atomic_abort(nax_i_atomic *a)
{
  if (a->temp != NULL) {
    unlink(a->temp);
  }
  nax_i_free(a->temp);
  nax_i_free(a->path);
  *a = (nax_i_atomic){NULL, NULL};
}
