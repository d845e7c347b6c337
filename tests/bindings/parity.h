/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the parts of the program parity, parity*.c, write what the hosts compare with. The
 * name of a file is that of the function of the hosts; so is that of its only member
 * unless the function returns a dataset. */
#ifndef PARITY_H
#define PARITY_H
#include <neuraxis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The folder that is written to. */
extern const char *parity_dir;

static inline void
must(nax_status s, const char *what)
{
  if (s != NAX_OK) {
    (void)fprintf(stderr, "parity: %s: %s\n", what, nax_ctx_error(NULL));
    exit(1);
  }
}

static inline void
save(nax_dataset *d, const char *name)
{
  char path[4096];
  nax_save_opts o = NAX_SAVE_OPTS_INIT;
  o.force = 1;
  (void)snprintf(path, sizeof path, "%s/%s.nc", parity_dir, name);
  must(nax_dataset_save(NULL, d, path, &o), name);
  nax_dataset_free(d);
}

static inline nax_dataset *
one(const char *name, nax_array *a)
{
  nax_dataset *d;
  must(nax_dataset_create(NULL, &d), name);
  must(nax_dataset_add_array(NULL, d, name, a), name);
  return d;
}

static inline void
table_in(const char *name, const char *member, nax_table *t)
{
  nax_dataset *d;
  must(nax_dataset_create(NULL, &d), name);
  must(nax_dataset_add_table(NULL, d, member, t), name);
  save(d, name);
}

static inline void
table(const char *name, nax_table *t)
{
  table_in(name, name, t);
}

/* Numbers as a dataset of one array. */
static inline void
numbers(const char *name, int ndim, const nax_index *dim, const double *x)
{
  nax_array *a;
  static const char *const names[] = {"a", "b", "c", "d"};
  must(nax_array_create_dims(NULL, NAX_F64, ndim, names, dim, "", &a), name);
  memcpy(nax_array_data_mut(a), x, (size_t)nax_array_size(a) * sizeof *x);
  save(one(name, a), name);
}

/* The columns of a table side by side: its numbers are what is compared. */
static inline void
columns(const char *name, nax_index rows, int n, const char *const *names,
        const double *x)
{
  nax_table *t;
  must(nax_table_create(NULL, "row", rows, &t), name);
  for (int k = 0; k < n; k++) {
    must(nax_table_add_numbers(NULL, t, names[k], "", x + k * rows), name);
  }
  table(name, t);
}

/* Numbers, and columns, as members of a dataset. */
static inline void
add_numbers(nax_dataset *d, const char *name, int ndim, const nax_index *dim,
            const double *x)
{
  nax_array *a;
  char axis[4][64];
  const char *names[4];
  for (int k = 0; k < ndim; k++) {
    (void)snprintf(axis[k], sizeof axis[k], "%.50s_%d", name, k);
    names[k] = axis[k];
  }
  must(nax_array_create_dims(NULL, NAX_F64, ndim, names, dim, "", &a), name);
  memcpy(nax_array_data_mut(a), x, (size_t)nax_array_size(a) * sizeof *x);
  must(nax_dataset_add_array(NULL, d, name, a), name);
}

static inline void
add_columns(nax_dataset *d, const char *name, nax_index rows, int n,
            const char *const *names, const double *x)
{
  nax_table *t;
  must(nax_table_create(NULL, name, rows, &t), name);
  for (int k = 0; k < n; k++) {
    must(nax_table_add_numbers(NULL, t, names[k], "", x + k * rows), name);
  }
  must(nax_dataset_add_table(NULL, d, name, t), name);
}

/* What the other files write. */
typedef struct parity_input {
  const nax_array *dff, *rectified, *weights, *trials, *patterns;
  const nax_spikes *spikes;
} parity_input;
void parity_more(const parity_input *in);
void parity_tags(const parity_input *in);
/* Needs what parity_tags wrote. */
void parity_rdms(const parity_input *in);
/* Needs input.nc to be there. */
void parity_files(void);

#endif
