/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Datasets and tables: what a file loads into and what a result saves as. */
#ifndef NEURAXIS_DATASET_H
#define NEURAXIS_DATASET_H
#include <neuraxis/spikes.h>
NAX_BEGIN_DECLS

/* ----------------------------------------------------------------- tables */

/** Columns of equal length, numbers (double) or text: trials, events, per-unit facts.
 * The rows are positions of a named dimension, e.g. "trial" or "neuron". Opaque. */
typedef struct nax_table nax_table;

/** Empty table of `n_rows` rows over the dimension `dim` (e.g. "trial").
 * @owns free with nax_table_free. @status NAX_EINVAL, NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_table_create(nax_ctx *ctx, const char *dim,
                                                  nax_index n_rows, nax_table **out);

/** Free a table; NULL is accepted. */
NAX_API void nax_table_free(nax_table *t);

/** Add a column of numbers (copied). NaN marks missing cells. `unit` may be NULL.
 * @status NAX_EINVAL when the name is empty or taken or `values` NULL, NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_table_add_numbers(nax_ctx *ctx, nax_table *t,
                                                       const char *name, const char *unit,
                                                       const double *values);

/** Add a column of strings (copied; NULL entries become "").
 * @status as nax_table_add_numbers. */
NAX_API NAX_NODISCARD nax_status nax_table_add_text(nax_ctx *ctx, nax_table *t,
                                                    const char *name,
                                                    const char *const *values);

/** Number of rows. */
NAX_API nax_index nax_table_n_rows(const nax_table *t);

/** Number of columns. */
NAX_API int32_t nax_table_n_columns(const nax_table *t);

/** Name of the dimension that the rows belong to. @borrows */
NAX_API const char *nax_table_dim(const nax_table *t);

/** Name of column j; NULL out of range. @borrows */
NAX_API const char *nax_table_column_name(const nax_table *t, int32_t j);

/** Unit of column j, "" for none; NULL out of range. @borrows */
NAX_API const char *nax_table_column_unit(const nax_table *t, int32_t j);

/** NAX_F64 or NAX_TEXT; 0 out of range. */
NAX_API nax_dtype nax_table_column_dtype(const nax_table *t, int32_t j);

/** Position of a column by name, or -1. */
NAX_API int32_t nax_table_find(const nax_table *t, const char *name);

/** Cells of a column of numbers; NULL for text and out of range. @borrows */
NAX_API const double *nax_table_numbers(const nax_table *t, int32_t j);

/** Cells of a column of text; NULL for numbers and out of range. @borrows */
NAX_API const char *const *nax_table_text(const nax_table *t, int32_t j);

/* --------------------------------------------------------------- datasets */

/** What a named member of a dataset or file is. */
typedef enum nax_var_kind {
  NAX_VAR_ARRAY = 1,             /**< a labelled array */
  NAX_VAR_SPIKES = 2,            /**< spike trains */
  NAX_VAR_TABLE = 3,             /**< a table */
  NAX_VAR_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_var_kind;

/** A named collection of arrays, spike trains and tables with attributes. Opaque. */
typedef struct nax_dataset nax_dataset;

/** Empty dataset. @owns free with nax_dataset_free. @status NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_dataset_create(nax_ctx *ctx, nax_dataset **out);

/** Free a dataset and everything in it; NULL is accepted. */
NAX_API void nax_dataset_free(nax_dataset *d);

/** Put an array into the dataset under a name that is not taken.
 * @owns the dataset owns `a` after success; after a failure the caller still does.
 * @status NAX_EINVAL, NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_dataset_add_array(nax_ctx *ctx, nax_dataset *d,
                                                       const char *name, nax_array *a);

/** The same for spike trains. @owns as nax_dataset_add_array.
 * @status NAX_EINVAL, NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_dataset_add_spikes(nax_ctx *ctx, nax_dataset *d,
                                                        const char *name, nax_spikes *s);

/** The same for tables. @owns as nax_dataset_add_array. @status NAX_EINVAL, NAX_ENOMEM.
 */
NAX_API NAX_NODISCARD nax_status nax_dataset_add_table(nax_ctx *ctx, nax_dataset *d,
                                                       const char *name, nax_table *t);

/** Take a member out and free it; nothing happens when there is none of that name. */
NAX_API void nax_dataset_remove(nax_dataset *d, const char *name);

/** Number of members. */
NAX_API int32_t nax_dataset_n_vars(const nax_dataset *d);

/** Name of member i in order of addition; NULL out of range. @borrows */
NAX_API const char *nax_dataset_var_name(const nax_dataset *d, int32_t i);

/** Kind of member i; 0 out of range. */
NAX_API nax_var_kind nax_dataset_var_kind(const nax_dataset *d, int32_t i);

/** Array by name; NULL when there is none. @borrows valid until removed or freed. */
NAX_API const nax_array *nax_dataset_array(const nax_dataset *d, const char *name);

/** Spike trains by name; NULL when there are none. @borrows */
NAX_API const nax_spikes *nax_dataset_spikes(const nax_dataset *d, const char *name);

/** Table by name; NULL when there is none. @borrows */
NAX_API const nax_table *nax_dataset_table(const nax_dataset *d, const char *name);

/** Name of the member that methods take unless told otherwise: the one set by
 * nax_dataset_set_main, else the only array with a "time" axis, else the only spike
 * trains, else the only array; NULL when that leaves a choice. @borrows */
NAX_API const char *nax_dataset_main(const nax_dataset *d);

/** Name the main member. @status NAX_EINVAL when there is none of that name, NAX_ENOMEM.
 */
NAX_API NAX_NODISCARD nax_status nax_dataset_set_main(nax_ctx *ctx, nax_dataset *d,
                                                      const char *name);

/** Set an attribute of the dataset to text, replacing an older value.
 * @status NAX_EINVAL for an empty key, NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_dataset_set_text(nax_ctx *ctx, nax_dataset *d,
                                                      const char *key, const char *value);

/** Set an attribute of the dataset to a number, replacing an older value.
 * @status as nax_dataset_set_text. */
NAX_API NAX_NODISCARD nax_status nax_dataset_set_number(nax_ctx *ctx, nax_dataset *d,
                                                        const char *key, double value);

/** Number of attributes. */
NAX_API int32_t nax_dataset_n_attrs(const nax_dataset *d);

/** Key of attribute i; NULL out of range. @borrows */
NAX_API const char *nax_dataset_attr_key(const nax_dataset *d, int32_t i);

/** Text of an attribute; NULL when it is missing or a number. @borrows */
NAX_API const char *nax_dataset_text(const nax_dataset *d, const char *key);

/** Value of a numeric attribute; NaN when it is missing or text. */
NAX_API double nax_dataset_number(const nax_dataset *d, const char *key);

NAX_END_DECLS
#endif
