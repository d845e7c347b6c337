/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One NumPy array in a file. */
#include "npy_i.h"

typedef struct state {
  nax_i_bytes bytes;
  nax_i_npy header;
  int32_t order[NAX_MAX_NDIM];
} state;

static int
npy_probe(const nax_i_probe *p)
{
  if (p->is_dir) {
    return 0;
  }
  if (p->n_head >= 6 && memcmp(p->head, "\x93NUMPY", 6) == 0) {
    return 100;
  }
  /* So that a damaged file of that name gets a message about .npy files. */
  return nax_i_has_ext(p->path, "npy") ? 2 : 0;
}

/* A single file of a folder that knows more about it. */
static void
point_to_folder(nax_ctx *ctx, const nax_source *s)
{
  static const struct {
    const char *file, *beside, *format;
  } known[] = {{"F.npy", "iscell.npy", "Suite2p"},
               {"Fneu.npy", "iscell.npy", "Suite2p"},
               {"spks.npy", "iscell.npy", "Suite2p"},
               {"spike_times.npy", "params.py", "Phy"},
               {"spike_clusters.npy", "params.py", "Phy"}};
  const char *slash = strrchr(s->path, '/'), *name = slash != NULL ? slash + 1 : s->path;
  char dir[4200];
  int n = snprintf(dir, sizeof dir, "%.*s", (int)(name - s->path), s->path);
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
    if (strcmp(name, known[i].file) == 0 && n >= 0 && (size_t)n < sizeof dir &&
        nax_i_dir_has(n > 0 ? dir : ".", known[i].beside)) {
      nax_i_warn(ctx, NAX_SUGGESTION, "io.part-of-folder",
                 "this file is part of a %s folder: opened as a folder it has its rate "
                 "and its units",
                 known[i].format);
    }
  }
}

static nax_status
npy_open(nax_ctx *ctx, nax_source *s)
{
  nax_status status = NAX_OK;
  state *st = NULL;
  char text[16];
  NAX_TRY_ALLOC(st, 1, sizeof *st);
  s->state = st;
  st->bytes.fd = -1;
  NAX_TRY(nax_i_bytes_open(ctx, s->path, &st->bytes));
  nax_i_npy *h = &st->header;
  NAX_TRY(nax_i_npy_header(ctx, s, &st->bytes, h));
  NAX_REQUIRE_FILE(h->ndim > 0, NAX_EDATA, s->path,
                   "holds a single number (found shape (), expected an array)");
  NAX_REQUIRE_FILE(h->n > 0, NAX_EDATA, s->path,
                   "holds no values (found shape %s, expected lengths of at least 1)",
                   h->shape);
  snprintf(text, sizeof text, "%d.%d", h->major, h->minor);
  nax_i_free(s->version);
  NAX_TRY_DUP(s->version, text);
  nax_i_var *v = nax_i_source_add(s, NAX_VAR_ARRAY, "data");
  NAX_REQUIRE(v != NULL && nax_i_var_text(&v->file_dtype, h->descr), NAX_ENOMEM,
              "out of memory");
  v->info.dtype = h->dtype;
  point_to_folder(ctx, s);
  NAX_TRY(nax_i_var_plain_axes(ctx, s, v, 1, h->ndim, h->dim, st->order));
done:
  return status;
}

static void
npy_close(nax_source *s)
{
  state *st = s->state;
  if (st != NULL) {
    nax_i_bytes_close(&st->bytes);
  }
  nax_i_free(st);
}

static nax_status
npy_read(nax_ctx *ctx, nax_source *s, nax_i_var *v, const nax_index *start,
         const nax_index *count, nax_dtype dtype, void *dst)
{
  state *st = s->state;
  return nax_i_npy_read(ctx, &st->bytes, &st->header, v->name, st->order, NULL, start,
                        count, dtype, dst);
}

const nax_i_format nax_i_format_npy = {
    "npy", "NumPy array (.npy)", npy_probe, npy_open, npy_close, npy_read, NULL, NULL};
