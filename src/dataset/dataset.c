/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dataset_i.h"
#include <math.h>

typedef struct member {
  char *name;
  nax_var_kind kind;
  nax_array *array; /* one of the three */
  nax_spikes *spikes;
  nax_table *table;
} member;

struct nax_dataset {
  member *members;
  int32_t n, cap;
  char *main;
  nax_i_attrs attrs;
};

/* ------------------------------------------------------------- attributes */

const nax_i_attr *
nax_i_attrs_find(const nax_i_attrs *a, const char *key)
{
  for (int32_t i = 0; i < a->n; i++) {
    if (strcmp(a->item[i].key, key) == 0) {
      return &a->item[i];
    }
  }
  return NULL;
}

nax_status
nax_i_attrs_set(nax_ctx *ctx, const char *fn, nax_i_attrs *a, const char *key,
                const char *text, double number)
{
  nax_status status = NAX_OK;
  nax_i_attr new = {NULL, NULL, number};
  if (key == NULL || key[0] == '\0') {
    return nax_i_fail(ctx, NAX_EINVAL, fn, "attribute key is empty");
  }
  NAX_TRY_DUP(new.key, key);
  if (text != NULL) {
    NAX_TRY_DUP(new.text, text);
  }
  nax_i_attr *old = NULL;
  for (int32_t i = 0; i < a->n; i++) {
    old = strcmp(a->item[i].key, key) == 0 ? &a->item[i] : old;
  }
  if (old == NULL && a->n == a->cap) {
    int32_t cap = a->cap ? 2 * a->cap : 16;
    nax_i_attr *p = nax_i_realloc(a->item, (size_t)cap, sizeof *p);
    NAX_REQUIRE(p != NULL, NAX_ENOMEM, "out of memory");
    a->item = p;
    a->cap = cap;
  }
  if (old == NULL) {
    a->item[a->n++] = new;
    new = (nax_i_attr){NULL, NULL, 0.0};
  } else {
    nax_i_attr swap = *old;
    *old = new;
    new = swap;
  }
done:
  nax_i_free(new.key);
  nax_i_free(new.text);
  return status;
}

void
nax_i_attrs_free(nax_i_attrs *a)
{
  for (int32_t i = 0; i < a->n; i++) {
    nax_i_free(a->item[i].key);
    nax_i_free(a->item[i].text);
  }
  nax_i_free(a->item);
  *a = (nax_i_attrs){NULL, 0, 0};
}

/* ---------------------------------------------------------------- members */

nax_status
nax_dataset_create(nax_ctx *ctx, nax_dataset **out)
{
  nax_status status = NAX_OK;
  nax_i_begin(ctx);
  NAX_TRY_ALLOC(*out, 1, sizeof **out);
done:
  return status;
}

static void
free_member(member *m)
{
  nax_i_free(m->name);
  nax_array_free(m->array);
  nax_spikes_free(m->spikes);
  nax_table_free(m->table);
}

void
nax_dataset_free(nax_dataset *d)
{
  if (d == NULL) {
    return;
  }
  for (int32_t i = 0; i < d->n; i++) {
    free_member(&d->members[i]);
  }
  nax_i_free(d->members);
  nax_i_free(d->main);
  nax_i_attrs_free(&d->attrs);
  nax_i_free(d);
}

static const member *
find(const nax_dataset *d, const char *name)
{
  for (int32_t i = 0; name != NULL && i < d->n; i++) {
    if (strcmp(d->members[i].name, name) == 0) {
      return &d->members[i];
    }
  }
  return NULL;
}

static nax_status
add(nax_ctx *ctx, const char *fn, nax_dataset *d, const char *name, member m)
{
  if (name == NULL || name[0] == '\0') {
    return nax_i_fail(ctx, NAX_EINVAL, fn, "member name is empty");
  }
  if (m.array == NULL && m.spikes == NULL && m.table == NULL) {
    return nax_i_fail(ctx, NAX_EINVAL, fn, "member `%s` is NULL", name);
  }
  if (find(d, name) != NULL) {
    return nax_i_fail(ctx, NAX_EINVAL, fn, "the dataset has a member `%s` already", name);
  }
  if (d->n == d->cap) {
    int32_t cap = d->cap ? 2 * d->cap : 8;
    member *p = nax_i_realloc(d->members, (size_t)cap, sizeof *p);
    if (p == NULL) {
      return nax_i_fail(ctx, NAX_ENOMEM, fn, "out of memory");
    }
    d->members = p;
    d->cap = cap;
  }
  m.name = nax_i_strdup(name);
  if (m.name == NULL) {
    return nax_i_fail(ctx, NAX_ENOMEM, fn, "out of memory");
  }
  d->members[d->n++] = m;
  return NAX_OK;
}

nax_status
nax_dataset_add_array(nax_ctx *ctx, nax_dataset *d, const char *name, nax_array *a)
{
  nax_i_begin(ctx);
  return add(ctx, __func__, d, name, (member){.kind = NAX_VAR_ARRAY, .array = a});
}

nax_status
nax_dataset_add_spikes(nax_ctx *ctx, nax_dataset *d, const char *name, nax_spikes *s)
{
  nax_i_begin(ctx);
  return add(ctx, __func__, d, name, (member){.kind = NAX_VAR_SPIKES, .spikes = s});
}

nax_status
nax_dataset_add_table(nax_ctx *ctx, nax_dataset *d, const char *name, nax_table *t)
{
  nax_i_begin(ctx);
  return add(ctx, __func__, d, name, (member){.kind = NAX_VAR_TABLE, .table = t});
}

void
nax_dataset_remove(nax_dataset *d, const char *name)
{
  const member *m = find(d, name);
  if (m == NULL) {
    return;
  }
  int32_t i = (int32_t)(m - d->members);
  free_member(&d->members[i]);
  memmove(&d->members[i], &d->members[i + 1],
          (size_t)(d->n - i - 1) * sizeof d->members[0]);
  d->n--;
}

int32_t
nax_dataset_n_vars(const nax_dataset *d)
{
  return d->n;
}

const char *
nax_dataset_var_name(const nax_dataset *d, int32_t i)
{
  return i >= 0 && i < d->n ? d->members[i].name : NULL;
}

nax_var_kind
nax_dataset_var_kind(const nax_dataset *d, int32_t i)
{
  return i >= 0 && i < d->n ? d->members[i].kind : (nax_var_kind)0;
}

const nax_array *
nax_dataset_array(const nax_dataset *d, const char *name)
{
  const member *m = find(d, name);
  return m ? m->array : NULL;
}

const nax_spikes *
nax_dataset_spikes(const nax_dataset *d, const char *name)
{
  const member *m = find(d, name);
  return m ? m->spikes : NULL;
}

const nax_table *
nax_dataset_table(const nax_dataset *d, const char *name)
{
  const member *m = find(d, name);
  return m ? m->table : NULL;
}

/* The only member that passes `test`, else NULL. */
static const char *
only(const nax_dataset *d, int (*test)(const member *m))
{
  const char *name = NULL;
  for (int32_t i = 0; i < d->n; i++) {
    if (test(&d->members[i])) {
      if (name != NULL) {
        return NULL;
      }
      name = d->members[i].name;
    }
  }
  return name;
}

static int
is_time_array(const member *m)
{
  return m->array != NULL && nax_array_find_axis(m->array, "time") >= 0;
}

static int
is_spikes(const member *m)
{
  return m->spikes != NULL;
}

static int
is_array(const member *m)
{
  return m->array != NULL;
}

const char *
nax_dataset_main(const nax_dataset *d)
{
  const member *m = find(d, d->main);
  if (m != NULL) {
    return m->name;
  }
  int any_time = 0, any_spikes = 0;
  for (int32_t i = 0; i < d->n; i++) {
    any_time = any_time || is_time_array(&d->members[i]);
    any_spikes = any_spikes || is_spikes(&d->members[i]);
  }
  return only(d, any_time ? is_time_array : any_spikes ? is_spikes : is_array);
}

nax_status
nax_dataset_set_main(nax_ctx *ctx, nax_dataset *d, const char *name)
{
  nax_status status = NAX_OK;
  char *copy = NULL;
  nax_i_begin(ctx);
  NAX_REQUIRE(find(d, name) != NULL, NAX_EINVAL, "the dataset has no member `%s`",
              name ? name : "");
  NAX_TRY_DUP(copy, name);
  nax_i_free(d->main);
  d->main = copy;
done:
  return status;
}

nax_status
nax_dataset_set_text(nax_ctx *ctx, nax_dataset *d, const char *key, const char *value)
{
  nax_i_begin(ctx);
  return nax_i_attrs_set(ctx, __func__, &d->attrs, key, value ? value : "", 0.0);
}

nax_status
nax_dataset_set_number(nax_ctx *ctx, nax_dataset *d, const char *key, double value)
{
  nax_i_begin(ctx);
  return nax_i_attrs_set(ctx, __func__, &d->attrs, key, NULL, value);
}

int32_t
nax_dataset_n_attrs(const nax_dataset *d)
{
  return d->attrs.n;
}

const char *
nax_dataset_attr_key(const nax_dataset *d, int32_t i)
{
  return i >= 0 && i < d->attrs.n ? d->attrs.item[i].key : NULL;
}

const char *
nax_dataset_text(const nax_dataset *d, const char *key)
{
  const nax_i_attr *a = nax_i_attrs_find(&d->attrs, key);
  return a ? a->text : NULL;
}

double
nax_dataset_number(const nax_dataset *d, const char *key)
{
  const nax_i_attr *a = nax_i_attrs_find(&d->attrs, key);
  return a != NULL && a->text == NULL ? a->number : (double)NAN;
}
