/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Output of a spike sorter as two parallel vectors: when, and which cluster. */
#ifndef NAX_SORTING_I_H
#define NAX_SORTING_I_H
#include "npy_i.h"
#include "spikes_io_i.h"

typedef struct nax_i_sorting {
  char *times_path, *clusters_path;
  nax_i_bytes times, clusters;
  nax_i_npy times_header, clusters_header;
  nax_index n;            /* spikes */
  double per_second;      /* stored times in one second */
  double t_first, t_last; /* in seconds */
  nax_index n_ids;        /* ids are below this */
  nax_index *count;       /* spikes of each id; 0 also for the ids that are left out */
  int32_t *unit_of_id;    /* position on the axis, -1 */
  nax_index n_units;
  int32_t *id; /* of each unit, ascending */
  nax_axis *units;
  double interval[2]; /* recording, when `has_interval` */
  int has_interval;
} nax_i_sorting;

/* Open and check both vectors: equal lengths, finite times, ids of at least 0. With
 * `samples` times are whole numbers of at least 0, otherwise seconds (negative ones are
 * only pointed out). Both are read once, in pieces. */
nax_status nax_i_sorting_open(nax_ctx *ctx, nax_source *s, const char *times,
                              const char *clusters, int samples, double per_second,
                              nax_i_sorting *so);

/* After `count` of unwanted ids was zeroed: units, their axis and the variable
 * "spikes". */
nax_status nax_i_sorting_units(nax_ctx *ctx, nax_source *s, nax_i_sorting *so);

nax_status nax_i_sorting_spikes(nax_ctx *ctx, nax_source *s, nax_i_sorting *so,
                                nax_spikes **out);

/* Add the columns of a text table with one row per cluster to `table`, a table over the
 * units; columns whose name is taken already are left out, and so are files that cannot
 * be understood (a violation). `silent` counts ids without spikes. */
nax_status nax_i_sorting_merge(nax_ctx *ctx, nax_source *s, const nax_i_sorting *so,
                               const char *path, nax_table *table, nax_index *silent);

void nax_i_sorting_close(nax_i_sorting *so);

/* State of a source that is a folder with a sorter's output. */
typedef struct nax_i_sorting_folder {
  nax_i_sorting sorting;
  char **names; /* in the folder */
  nax_index n_names;
} nax_i_sorting_folder;

/* `close` and `spikes` of a reader whose state is a nax_i_sorting_folder. */
void nax_i_sorting_folder_close(nax_source *s);
nax_status nax_i_sorting_folder_spikes(nax_ctx *ctx, nax_source *s, nax_i_var *v,
                                       nax_spikes **out);

#endif
