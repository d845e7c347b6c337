/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dataset_i.h"

typedef struct column {
  char *name, *unit;
  double *numbers; /* one of the two */
  char **text;
} column;

struct nax_table {
  char *dim;
  nax_index n_rows;
  column *columns;
  int32_t n_columns, cap;
};

nax_status
nax_table_create(nax_ctx *ctx, const char *dim, nax_index n_rows, nax_table **out)
{
  nax_status status = NAX_OK;
  nax_table *t = NULL;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_REQUIRE(dim != NULL && dim[0] != '\0', NAX_EINVAL, "`dim` is empty");
  NAX_REQUIRE(n_rows >= 0, NAX_EINVAL, "n_rows must be at least 0, got %lld",
              (long long)n_rows);
  NAX_TRY_ALLOC(t, 1, sizeof *t);
  t->n_rows = n_rows;
  NAX_TRY_DUP(t->dim, dim);
  *out = t;
  t = NULL;
done:
  nax_table_free(t);
  return status;
}

static void
free_column(const nax_table *t, column *c)
{
  nax_i_free(c->name);
  nax_i_free(c->unit);
  nax_i_free(c->numbers);
  nax_i_free_strings(c->text, t->n_rows);
}

void
nax_table_free(nax_table *t)
{
  if (t == NULL) {
    return;
  }
  for (int32_t j = 0; j < t->n_columns; j++) {
    free_column(t, &t->columns[j]);
  }
  nax_i_free(t->columns);
  nax_i_free(t->dim);
  nax_i_free(t);
}

static nax_status
add_column(nax_ctx *ctx, const char *fn, nax_table *t, const char *name, const char *unit,
           int is_text, const double *numbers, const char *const *text)
{
  nax_status status = NAX_OK;
  column c = {0};
  if (name == NULL || name[0] == '\0') {
    return nax_i_fail(ctx, NAX_EINVAL, fn, "column name is empty");
  }
  if (nax_table_find(t, name) >= 0) {
    return nax_i_fail(ctx, NAX_EINVAL, fn, "the table has a column `%s` already", name);
  }
  if (t->n_rows > 0 && (is_text ? text == NULL : numbers == NULL)) {
    return nax_i_fail(ctx, NAX_EINVAL, fn, "`values` is NULL");
  }
  NAX_TRY_DUP(c.name, name);
  NAX_TRY_DUP(c.unit, unit);
  if (!is_text) {
    NAX_TRY_ALLOC(c.numbers, t->n_rows, sizeof(double));
    if (t->n_rows > 0) {
      memcpy(c.numbers, numbers, (size_t)t->n_rows * sizeof(double));
    }
  } else {
    c.text = nax_i_dup_strings(text, t->n_rows);
    NAX_REQUIRE(c.text != NULL, NAX_ENOMEM, "out of memory");
  }
  if (t->n_columns == t->cap) {
    int32_t cap = t->cap ? 2 * t->cap : 8;
    column *p = nax_i_realloc(t->columns, (size_t)cap, sizeof *p);
    NAX_REQUIRE(p != NULL, NAX_ENOMEM, "out of memory");
    t->columns = p;
    t->cap = cap;
  }
  t->columns[t->n_columns++] = c;
  c = (column){0};
done:
  free_column(t, &c);
  return status;
}

nax_status
nax_table_add_numbers(nax_ctx *ctx, nax_table *t, const char *name, const char *unit,
                      const double *values)
{
  nax_i_begin(ctx);
  return add_column(ctx, __func__, t, name, unit, 0, values, NULL);
}

nax_status
nax_table_add_text(nax_ctx *ctx, nax_table *t, const char *name,
                   const char *const *values)
{
  nax_i_begin(ctx);
  return add_column(ctx, __func__, t, name, NULL, 1, NULL, values);
}

nax_index
nax_table_n_rows(const nax_table *t)
{
  return t->n_rows;
}

int32_t
nax_table_n_columns(const nax_table *t)
{
  return t->n_columns;
}

const char *
nax_table_dim(const nax_table *t)
{
  return t->dim;
}

static const column *
column_at(const nax_table *t, int32_t j)
{
  return j >= 0 && j < t->n_columns ? &t->columns[j] : NULL;
}

const char *
nax_table_column_name(const nax_table *t, int32_t j)
{
  const column *c = column_at(t, j);
  return c ? c->name : NULL;
}

const char *
nax_table_column_unit(const nax_table *t, int32_t j)
{
  const column *c = column_at(t, j);
  return c ? c->unit : NULL;
}

nax_dtype
nax_table_column_dtype(const nax_table *t, int32_t j)
{
  const column *c = column_at(t, j);
  return c == NULL ? (nax_dtype)0 : c->text != NULL ? NAX_TEXT : NAX_F64;
}

int32_t
nax_table_find(const nax_table *t, const char *name)
{
  for (int32_t j = 0; j < t->n_columns; j++) {
    if (strcmp(t->columns[j].name, name) == 0) {
      return j;
    }
  }
  return -1;
}

const double *
nax_table_numbers(const nax_table *t, int32_t j)
{
  const column *c = column_at(t, j);
  return c ? c->numbers : NULL;
}

const char *const *
nax_table_text(const nax_table *t, int32_t j)
{
  const column *c = column_at(t, j);
  return c ? (const char *const *)c->text : NULL;
}
