/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SHA-256 of a file or folder, for provenance. The only file that includes nettle. */
#define _POSIX_C_SOURCE 200809L
#include "io_i.h"
#include <errno.h>
#include <nettle/sha2.h>
#include <nettle/version.h>
#include <sys/stat.h>

static void
to_hex(const uint8_t digest[SHA256_DIGEST_SIZE], char hex[65])
{
  for (int i = 0; i < SHA256_DIGEST_SIZE; i++) {
    snprintf(hex + 2 * i, 3, "%02x", digest[i]);
  }
}

static nax_status
hash_file(nax_ctx *ctx, const char *path, int64_t size, char hex[65])
{
  nax_status status = NAX_OK;
  enum { CHUNK = 1 << 18 };
  struct sha256_ctx sha;
  uint8_t digest[SHA256_DIGEST_SIZE];
  unsigned char *buf = NULL;
  nax_i_stage stage;
  int64_t done = 0;
  FILE *f = fopen(path, "rbe");
  NAX_REQUIRE_FILE(f != NULL, NAX_EIO, path, "cannot open: %s", strerror(errno));
  NAX_TRY_ALLOC(buf, CHUNK, 1);
  sha256_init(&sha);
  NAX_TRY(nax_i_stage_begin(&stage, ctx, "nax_file_sha256", "io/hash", size));
  for (size_t n = fread(buf, 1, CHUNK, f); n > 0; n = fread(buf, 1, CHUNK, f)) {
    sha256_update(&sha, n, buf);
    done += (int64_t)n;
    NAX_TRY(nax_i_stage_poll(&stage, done < size ? done : size, NAN));
  }
  NAX_REQUIRE_FILE(!ferror(f), NAX_EIO, path, "cannot read: %s", strerror(errno));
  sha256_digest(&sha, sizeof digest, digest);
  to_hex(digest, hex);
done:
  nax_i_free(buf);
  if (f != NULL) {
    fclose(f);
  }
  return status;
}

/* Add a line "name size digest" for each regular file of a folder and its folders. Names
 * are relative, so that a copied folder has the same digest. */
static nax_status
hash_folder(nax_ctx *ctx, const char *dir, const char *prefix, int depth,
            struct sha256_ctx *sha)
{
  nax_status status = NAX_OK;
  char **names = NULL, *path = NULL, *name = NULL, *line = NULL;
  nax_index n = 0;
  NAX_REQUIRE_FILE(depth < 32, NAX_EIO, dir, "folders are nested too deeply");
  NAX_TRY(nax_i_list_dir(ctx, dir, &names, &n));
  for (nax_index i = 0; i < n; i++) {
    struct stat st;
    nax_i_free(path);
    nax_i_free(name);
    nax_i_free(line);
    line = NULL;
    path = nax_i_join(dir, names[i]);
    name = nax_i_asprintf("%s%s", prefix, names[i]);
    NAX_REQUIRE(path != NULL && name != NULL, NAX_ENOMEM, "out of memory");
    NAX_REQUIRE_FILE(lstat(path, &st) == 0, NAX_EIO, path, "cannot look at: %s",
                     strerror(errno));
    /* A link to a folder could lead back up; a link to a file is that file. */
    if (S_ISLNK(st.st_mode) && (stat(path, &st) != 0 || S_ISDIR(st.st_mode))) {
      continue;
    }
    if (S_ISDIR(st.st_mode)) {
      char *deeper = nax_i_asprintf("%s/", name);
      NAX_REQUIRE(deeper != NULL, NAX_ENOMEM, "out of memory");
      status = hash_folder(ctx, path, deeper, depth + 1, sha);
      nax_i_free(deeper);
      NAX_TRY(status);
    } else if (S_ISREG(st.st_mode)) {
      char hex[65];
      NAX_TRY(hash_file(ctx, path, (int64_t)st.st_size, hex));
      line = nax_i_asprintf("%s %lld %s\n", name, (long long)st.st_size, hex);
      NAX_REQUIRE(line != NULL, NAX_ENOMEM, "out of memory");
      sha256_update(sha, strlen(line), (const uint8_t *)line);
    }
  }
done:
  nax_i_free(path);
  nax_i_free(name);
  nax_i_free(line);
  nax_i_free_strings(names, n);
  return status;
}

nax_status
nax_file_sha256(nax_ctx *ctx, const char *path, char hex[65])
{
  nax_status status = NAX_OK;
  struct stat st;
  struct sha256_ctx sha;
  uint8_t digest[SHA256_DIGEST_SIZE];
  hex[0] = '\0';
  nax_i_begin(ctx);
  NAX_REQUIRE_FILE(stat(path, &st) == 0, NAX_EIO, path, "cannot open: %s",
                   strerror(errno));
  NAX_REQUIRE_FILE(S_ISREG(st.st_mode) || S_ISDIR(st.st_mode), NAX_EIO, path,
                   "is not a regular file or folder");
  if (S_ISREG(st.st_mode)) {
    NAX_TRY(hash_file(ctx, path, (int64_t)st.st_size, hex));
  } else {
    sha256_init(&sha);
    NAX_TRY(hash_folder(ctx, path, "", 0, &sha));
    sha256_digest(&sha, sizeof digest, digest);
    to_hex(digest, hex);
  }
done:
  if (status != NAX_OK) {
    hex[0] = '\0';
  }
  return status;
}

const char *
nax_i_version_nettle(void)
{
  static _Thread_local char text[32];
  snprintf(text, sizeof text, "%d.%d", nettle_version_major(), nettle_version_minor());
  return text;
}
