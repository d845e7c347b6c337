/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Persistent homology in `neuraxis trsa`: bars, what they are compared with, summaries.
 */
#include "cmd_trsa.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Columns of the table of bars. */
typedef struct bars {
  double *rdm, *dim, *birth, *death;
  nax_index n, room;
} bars;

/* Diagrams of d go into the table, and to *out unless that is NULL. */
static nax_status
add_bars(cli_topology *j, double rdm, const double *d, bars *b, nax_ph **out)
{
  nax_ph *p = NULL;
  nax_status s = nax_ph_rips(j->c->ctx, j->n, d, &j->ph, &p);
  for (int64_t dim = 0; s == NAX_OK && dim <= nax_ph_max_dim(p); dim++) {
    nax_index n;
    const double *bar = nax_ph_bars(p, dim, &n);
    if (b->n + n > b->room) {
      b->room = 2 * (b->n + n);
      b->rdm = cli_grow(b->rdm, (size_t)b->room, sizeof *b->rdm);
      b->dim = cli_grow(b->dim, (size_t)b->room, sizeof *b->dim);
      b->birth = cli_grow(b->birth, (size_t)b->room, sizeof *b->birth);
      b->death = cli_grow(b->death, (size_t)b->room, sizeof *b->death);
    }
    for (nax_index i = 0; i < n; i++, b->n++) {
      b->rdm[b->n] = rdm;
      b->dim[b->n] = (double)dim;
      b->birth[b->n] = bar[2 * i];
      /* NaN: never */
      b->death[b->n] = isinf(bar[2 * i + 1]) ? (double)NAN : bar[2 * i + 1];
    }
  }
  if (s == NAX_OK && out != NULL) {
    *out = p;
  } else {
    nax_ph_free(p);
  }
  return s;
}

enum { SLICES = 50 }; /* directions of the sliced distance */

static nax_status
sliced_distances(cli_topology *j, nax_ph **sets, double *d)
{
  nax_status s = NAX_OK;
  for (nax_index a = 0, k = 0; a < j->count; a++) {
    for (nax_index b = a + 1; b < j->count && s == NAX_OK; b++, k++) {
      nax_index na, nb;
      const double *x = nax_ph_bars(sets[a], 1, &na), *y = nax_ph_bars(sets[b], 1, &nb);
      s = nax_ph_sliced(j->c->ctx, na, x, nb, y, SLICES, &d[k]);
    }
  }
  return s;
}

/* What differs between the loops of all pairs of RDMs. */
static nax_status
compare_diagrams(cli_topology *j, nax_ph **sets)
{
  cli *c = j->c;
  const char *how = cli_value(c, "diagrams");
  int worst = strcmp(how, "bottleneck") == 0;
  nax_index m = nax_rdm_pairs(j->count);
  double *d = cli_alloc((size_t)m, sizeof *d);
  nax_array *a = NULL;
  nax_axis *second = NULL;
  const nax_axis *axes[2] = {nax_rdms_axis(j->rdms), NULL};
  char *other = cli_printf("%s_2", nax_axis_name(axes[0]));
  nax_status s =
      strcmp(how, "sliced") == 0
          ? sliced_distances(j, sets, d)
          : nax_ph_distances(c->ctx, j->count, (const nax_ph *const *)sets, 1,
                             worst ? (double)INFINITY : 1.0, (double)INFINITY, d);
  for (nax_index i = 0; i < m && s == NAX_OK; i++) {
    d[i] = isinf(d[i]) ? (double)NAN : d[i];
  }
  s = s == NAX_OK ? nax_axis_rename(c->ctx, axes[0], other, &second) : s;
  axes[1] = second;
  s = s == NAX_OK ? nax_array_create(c->ctx, NAX_F64, 2, axes, "1", &a) : s;
  s = s == NAX_OK ? nax_rdm_to_square(c->ctx, j->count, d, nax_array_data_mut(a)) : s;
  s = s == NAX_OK
          ? nax_array_set_description(c->ctx, a, "distance between diagrams of loops")
          : s;
  s = s == NAX_OK ? nax_dataset_add_array(c->ctx, j->out, "diagram_distance", a) : s;
  if (s != NAX_OK) {
    nax_array_free(a);
  }
  nax_axis_free(second);
  free(other);
  free(d);
  return s;
}

/* An array over distances (or births and persistences), dimensions and matrices. */
static nax_status
add_summary(cli_topology *j, const char *name, const char *description, int32_t n_axes,
            const nax_axis *const *axis, const double *x)
{
  cli *c = j->c;
  nax_array *a = NULL;
  nax_index size = 1;
  for (int32_t k = 0; k < n_axes; k++) {
    size *= nax_axis_length(axis[k]);
  }
  nax_status s = nax_array_create(c->ctx, NAX_F64, n_axes, axis, "1", &a);
  if (s == NAX_OK) {
    memcpy(nax_array_data_mut(a), x, (size_t)size * sizeof *x);
    s = nax_array_set_description(c->ctx, a, description);
  }
  s = s == NAX_OK ? nax_dataset_add_array(c->ctx, j->out, name, a) : s;
  if (s != NAX_OK) {
    nax_array_free(a);
  }
  return s;
}

enum { LANDSCAPES = 5 };

/* Betti curves, landscapes and persistence images of each matrix, on one grid. */
static nax_status
summarise(cli_topology *j, nax_ph **sets)
{
  cli *c = j->c;
  nax_index n = (nax_index)j->summaries, dims = j->ph.max_dim + 1, n_bars;
  double top = 0.0;
  for (nax_index r = 0; r < j->count; r++) {
    for (int64_t k = 0; k < dims; k++) {
      const double *b = nax_ph_bars(sets[r], k, &n_bars);
      for (nax_index i = 0; i < n_bars; i++) {
        top = isfinite(b[2 * i + 1]) && b[2 * i + 1] > top ? b[2 * i + 1] : top;
      }
    }
  }
  top = top > 0.0 ? top : 1.0;
  double *t = cli_alloc((size_t)(n + dims + LANDSCAPES), sizeof *t), *dim = t + n,
         *level = dim + dims;
  double *betti = cli_alloc((size_t)(n * dims * j->count), sizeof *betti);
  double *landscape =
      cli_alloc((size_t)(n * LANDSCAPES * dims * j->count), sizeof *landscape);
  double *image = cli_alloc((size_t)(n * n * dims * j->count), sizeof *image);
  nax_axis *distance = NULL, *dimension = NULL, *levels = NULL, *birth = NULL,
           *persistence = NULL;
  const nax_axis *rdm = nax_rdms_axis(j->rdms);
  nax_ph_image_opts o = NAX_PH_IMAGE_OPTS_INIT;
  o.birth_max = o.persistence_max = top;
  o.sd = top / 20.0;
  o.n_birth = o.n_persistence = n;
  for (nax_index i = 0; i < n; i++) {
    t[i] = top * (double)i / (double)(n > 1 ? n - 1 : 1);
  }
  for (nax_index k = 0; k < dims; k++) {
    dim[k] = (double)k;
  }
  for (nax_index k = 0; k < LANDSCAPES; k++) {
    level[k] = (double)k + 1.0;
  }
  nax_status s = NAX_OK;
  for (nax_index r = 0; r < j->count; r++) {
    for (int64_t k = 0; k < dims && s == NAX_OK; k++) {
      nax_index at = k + dims * r;
      const double *b = nax_ph_bars(sets[r], k, &n_bars);
      s = nax_ph_betti(c->ctx, n_bars, b, n, t, betti + n * at);
      s = s == NAX_OK ? nax_ph_landscape(c->ctx, n_bars, b, n, t, LANDSCAPES,
                                         landscape + n * LANDSCAPES * at)
                      : s;
      s = s == NAX_OK ? nax_ph_image(c->ctx, n_bars, b, &o, image + n * n * at) : s;
    }
  }
  s = s == NAX_OK ? nax_axis_create_coords(c->ctx, "distance", "", n, t, &distance) : s;
  s = s == NAX_OK ? nax_axis_create_coords(c->ctx, "dimension", "", dims, dim, &dimension)
                  : s;
  s = s == NAX_OK
          ? nax_axis_create_coords(c->ctx, "level", "", LANDSCAPES, level, &levels)
          : s;
  for (nax_index i = 0; i < n; i++) { /* centres of the pixels */
    t[i] = top * ((double)i + 0.5) / (double)n;
  }
  s = s == NAX_OK ? nax_axis_create_coords(c->ctx, "birth", "", n, t, &birth) : s;
  s = s == NAX_OK ? nax_axis_rename(c->ctx, birth, "persistence", &persistence) : s;
  s = s == NAX_OK ? add_summary(j, "betti", "classes that are alive at each distance", 3,
                                (const nax_axis *[]){distance, dimension, rdm}, betti)
                  : s;
  s = s == NAX_OK
          ? add_summary(j, "landscape", "persistence landscapes", 4,
                        (const nax_axis *[]){distance, levels, dimension, rdm}, landscape)
          : s;
  s = s == NAX_OK
          ? add_summary(j, "persistence_image",
                        "persistence images, weighted by persistence", 4,
                        (const nax_axis *[]){birth, persistence, dimension, rdm}, image)
          : s;
  nax_axis *all[] = {distance, dimension, levels, birth, persistence};
  for (size_t k = 0; k < sizeof all / sizeof all[0]; k++) {
    nax_axis_free(all[k]);
  }
  free(t);
  free(betti);
  free(landscape);
  free(image);
  return s;
}

nax_status
cli_topology_bars(cli_topology *j, double *work)
{
  cli *c = j->c;
  int compare =
      j->count > 1 && j->ph.max_dim >= 1 && strcmp(cli_value(c, "diagrams"), "none") != 0;
  int keep = compare || j->summaries > 0.0;
  nax_ph **sets = cli_alloc((size_t)j->count, sizeof *sets);
  bars b = {NULL, NULL, NULL, NULL, 0, 0};
  nax_table *t = NULL;
  nax_status s =
      add_bars(j, (double)NAN, j->mean, &b, keep && j->count == 1 ? &sets[0] : NULL);
  for (nax_index r = 0; r < j->count && j->count > 1 && s == NAX_OK; r++) {
    s = add_bars(j, (double)r, work + r * j->m, &b, keep ? &sets[r] : NULL);
  }
  s = s == NAX_OK && compare ? compare_diagrams(j, sets) : s;
  s = s == NAX_OK && j->summaries > 0.0 ? summarise(j, sets) : s;
  for (nax_index r = 0; r < j->count; r++) {
    nax_ph_free(sets[r]);
  }
  free(sets);
  s = s == NAX_OK ? nax_table_create(c->ctx, "bar", b.n, &t) : s;
  s = s == NAX_OK ? nax_table_add_numbers(c->ctx, t, "rdm", NULL, b.rdm) : s;
  s = s == NAX_OK ? nax_table_add_numbers(c->ctx, t, "dimension", NULL, b.dim) : s;
  s = s == NAX_OK ? nax_table_add_numbers(c->ctx, t, "birth", NULL, b.birth) : s;
  s = s == NAX_OK ? nax_table_add_numbers(c->ctx, t, "death", NULL, b.death) : s;
  s = s == NAX_OK ? nax_dataset_add_table(c->ctx, j->out, "bars", t) : s;
  if (s != NAX_OK) {
    nax_table_free(t);
  }
  free(b.rdm);
  free(b.dim);
  free(b.birth);
  free(b.death);
  if (s == NAX_OK && j->shuffles > 0.0 && j->ph.max_dim >= 1) {
    s = nax_ph_null(c->ctx, j->n, j->mean, &j->ph, (int64_t)j->shuffles, j->identify.seed,
                    &t);
    s = s == NAX_OK ? nax_dataset_add_table(c->ctx, j->out, "null", t) : s;
  }
  return s;
}
