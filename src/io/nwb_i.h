/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of the NWB reader. */
#ifndef NAX_NWB_I_H
#define NAX_NWB_I_H
#include "hdf5_i.h"

typedef enum nax_i_nwb_kind {
  NAX_I_NWB_SERIES = 1,
  NAX_I_NWB_UNITS,
  NAX_I_NWB_INTERVALS,
  NAX_I_NWB_ROIS, /* PlaneSegmentation */
  NAX_I_NWB_TABLE
} nax_i_nwb_kind;

/* One object of interest that the walk through the file found. */
typedef struct nax_i_nwb_item {
  nax_i_nwb_kind kind;
  char *path, *type; /* neurodata_type, "" when there is none */
  char *parent_type; /* of the group it lies in */
  char *name;        /* the variable's */
  int done;          /* became (part of) a variable */
} nax_i_nwb_item;

/* State of an opened file. */
typedef struct nax_i_nwb {
  nax_i_h5 *file;
  nax_i_nwb_item *item;
  nax_index n_items, cap_items;
  uint64_t (*seen)[2]; /* open addressing; {0, 0} is free */
  nax_index n_seen, cap_seen;
  nax_index n_visited;
  nax_i_buf skipped; /* names of image series left out */
  nax_status fault;  /* of the first series that cannot be read */
  char fault_text[480];
} nax_i_nwb;

/* What a variable of the source reads; `priv` of nax_i_var. */
typedef struct nax_i_nwb_var {
  nax_i_nwb_kind kind;
  /* series: one dataset, or one for each neuron */
  nax_i_h5_data **part;
  nax_index n_parts;
  int32_t n_axes, map[NAX_MAX_NDIM];
  double scale, offset, *channel_scale;
  nax_index *keep, n_keep; /* positions along the first axis or rows; NULL: all */
  /* tables */
  int is_events;  /* a series of events: columns time and value */
  char *path;     /* the group */
  char **column;  /* datasets in it that can be columns */
  int32_t *n_sub; /* columns that each becomes */
  int32_t n_columns;
  nax_index n_rows;
  /* units */
  int64_t *ends; /* cumulative index of n_rows */
} nax_i_nwb_var;

nax_i_nwb_var *nax_i_nwb_var_create(nax_i_nwb_kind kind);
void nax_i_nwb_var_free(void *p);

/* The last component of a path. */
const char *nax_i_nwb_leaf(const char *path);
/* path + "/" + name into `buf`; returns buf. Paths too long become one that is missing.
 */
const char *nax_i_nwb_sub(char buf[1024], const char *path, const char *name);

/* Series: those that are one neuron each, then the others. */
nax_status nax_i_nwb_combine(nax_ctx *ctx, nax_source *s, nax_i_nwb *w);
nax_status nax_i_nwb_series(nax_ctx *ctx, nax_source *s, nax_i_nwb *w,
                            nax_i_nwb_item *item);
nax_status nax_i_nwb_read(nax_ctx *ctx, nax_source *s, nax_i_var *v,
                          const nax_index *start, const nax_index *count, nax_dtype dtype,
                          void *dst);
nax_status nax_i_nwb_events(nax_ctx *ctx, nax_source *s, nax_i_nwb_var *x,
                            nax_table **out);

/* Tables. `accepted` (may come back NULL): 1 for rows not marked as rejected. */
nax_status nax_i_nwb_table_open(nax_ctx *ctx, nax_source *s, nax_i_nwb *w,
                                nax_i_nwb_item *item);
nax_status nax_i_nwb_table_read(nax_ctx *ctx, nax_source *s, nax_i_var *v,
                                nax_table **out);
nax_status nax_i_nwb_accepted(nax_ctx *ctx, nax_i_nwb *w, const char *path,
                              nax_index n_rows, char **accepted);
/* Ids of the rows as labels; row numbers when there are none. */
nax_status nax_i_nwb_ids(nax_ctx *ctx, nax_i_nwb *w, const char *path, nax_index n_rows,
                         char ***labels);

/* Units: spike trains `name` and, by nax_i_nwb_table_open, their table. */
nax_status nax_i_nwb_units_open(nax_ctx *ctx, nax_source *s, nax_i_nwb *w,
                                nax_i_nwb_item *item);
nax_status nax_i_nwb_units_read(nax_ctx *ctx, nax_source *s, nax_i_var *v,
                                nax_spikes **out);

#endif
