/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "methods_i.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

nax_status
nxb_give_dataset(nxb_call *c, nax_status s, nax_dataset *d)
{
  if (s == NAX_OK) {
    nax_dataset_free(c->out);
    c->out = d;
  }
  return s;
}

/* ---- dissimilarity matrices ---- */

nax_status
nxb_rdms_of(nxb_call *c, const nxb_value *v, nax_rdms **out)
{
  nax_array *a = NULL;
  *out = NULL;
  nax_status s = nxb_array_of(c, v, &a);
  if (s == NAX_OK) {
    s = nax_rdms_from_array(c->ctx, a, out);
  }
  nax_array_free(a);
  return s;
}

/* The names that an option of the library has. */
const char *
nxb_choices_of(const char *table, const char *option)
{
  const nax_opt_table *t = nax_options_table(table);
  for (int32_t j = 0; t != NULL && j < t->n_opts; j++) {
    if (strcmp(t->opts[j].name, option) == 0) {
      return t->opts[j].choices;
    }
  }
  return "";
}

/* Input i as a set of RDMs; its vectors one after the other in `d` (free). */
nax_status
nxb_vectors_of(nxb_call *c, int i, nax_rdms **r, double **d)
{
  *d = NULL;
  nax_status s = nxb_rdms_of(c, &c->in[i], r);
  if (s != NAX_OK) {
    return s;
  }
  nax_index m = nax_rdm_pairs(nax_rdms_n_conditions(*r)), count = nax_rdms_count(*r);
  *d = calloc((size_t)(m * count) + 1, sizeof **d);
  if (*d == NULL) {
    return nxb_fail(c, NAX_ENOMEM, "out of memory");
  }
  for (nax_index k = 0; k < count; k++) {
    memcpy(*d + k * m, nax_rdms_vector(*r, k), (size_t)m * sizeof **d);
  }
  return NAX_OK;
}

nax_status
nxb_give_rdms(nxb_call *c, const char *name, const nax_rdms *r)
{
  nax_array *a = NULL;
  nax_status s = nax_rdms_array(c->ctx, r, &a);
  return s == NAX_OK ? nxb_give_array(c, name, a) : s;
}

nax_status
nxb_give_vectors(nxb_call *c, const char *name, const nax_rdms *like, const double *d)
{
  nax_rdms *r = NULL;
  nax_status s =
      nax_rdms_create(c->ctx, nax_rdms_n_conditions(like), nax_rdms_count(like), d, &r);
  if (s == NAX_OK) {
    s = nax_rdms_describe(c->ctx, r, nax_rdms_condition_axis(like), nax_rdms_axis(like),
                          nax_rdms_measure(like));
  }
  s = s == NAX_OK ? nxb_give_rdms(c, name, r) : s;
  nax_rdms_free(r);
  return s;
}

nax_status
nxb_give_one(nxb_call *c, const char *name, const nax_rdms *like, const double *d)
{
  nax_rdms *r = NULL;
  nax_status s = nax_rdms_create(c->ctx, nax_rdms_n_conditions(like), 1, d, &r);
  s = s == NAX_OK ? nax_rdms_describe(c->ctx, r, nax_rdms_condition_axis(like), NULL,
                                      nax_rdms_measure(like))
                  : s;
  s = s == NAX_OK ? nxb_give_rdms(c, name, r) : s;
  nax_rdms_free(r);
  return s;
}

/* ---- tags ---- */

nax_status
nxb_rate(nxb_call *c, int i, int given, double *out)
{
  nax_status s = nxb_number(c, given, NAX_NOT_GIVEN, out);
  for (int k = 0; s == NAX_OK && isnan(*out) && k < c->in[i].view.ndim; k++) {
    const nax_axis *a = c->in[i].axis[k];
    if (strcmp(nax_axis_name(a), "time") == 0 && nax_axis_rate(a) > 0.0) {
      *out = nax_axis_rate(a);
    }
  }
  if (s == NAX_OK && !(*out > 0.0)) {
    s = nxb_fail(c, NAX_EINVAL, "`rate` is missing, and `%s` has no regular time axis",
                 c->method->in[i].name);
  }
  return s;
}

uint64_t
nxb_seed(const nxb_call *c)
{
  return ((const nax_trsa_agtic_opts *)nxb_opts(c, "agtic"))->seed;
}

nax_status
nxb_groups(nxb_call *c, int i, nax_index n, int64_t **group, nax_index *groups)
{
  nax_status s = nxb_labels(c, i, n, -1, 0, group);
  *groups = 0;
  for (nax_index u = 0; s == NAX_OK && *group != NULL && u < n; u++) {
    if ((*group)[u] >= n) {
      s = nxb_fail(c, NAX_EINVAL,
                   "`%s` is %lld at %lld, expected 0 to %lld, or -1 for none",
                   c->method->in[i].name, (long long)(*group)[u], (long long)u + 1,
                   (long long)n - 1);
    } else {
      *groups = (*group)[u] >= *groups ? (*group)[u] + 1 : *groups;
    }
  }
  return s;
}

const char **
nxb_group_names(nxb_call *c, nax_index groups)
{
  const char **name = nxb_room(c, groups, sizeof(char *));
  char(*text)[24] = name != NULL ? nxb_room(c, groups, sizeof *text) : NULL;
  for (nax_index g = 0; text != NULL && g < groups; g++) {
    (void)snprintf(text[g], sizeof text[g], "%lld", (long long)g);
    name[g] = text[g];
  }
  return text != NULL ? name : NULL;
}

nax_status
nxb_adjacency(nxb_call *c, int i, nax_index n, nax_freqtag_adjacency *near,
              const nax_freqtag_adjacency **given)
{
  const nax_view *v = nxb_optional(c, i);
  *given = NULL;
  if (v == NULL) {
    return NAX_OK;
  }
  nax_status s = nxb_dense(c, i, 2, 2);
  if (s == NAX_OK && v->dim[1] != 2) {
    s = nxb_fail(c, NAX_EDIM, "`%s` has %lld columns, expected 2", c->method->in[i].name,
                 (long long)v->dim[1]);
  }
  nax_index pairs = s == NAX_OK ? v->dim[0] : 0;
  nax_index *start = s == NAX_OK ? nxb_room(c, n + 2, sizeof *start) : NULL;
  nax_index *to = start != NULL ? nxb_room(c, 2 * pairs, sizeof *to) : NULL;
  s = s == NAX_OK && to == NULL ? NAX_ENOMEM : s;
  const double *end = v->data; /* pair k has ends k and k + pairs */
  for (nax_index k = 0; s == NAX_OK && k < 2 * pairs; k++) {
    if (!(end[k] >= 1.0 && end[k] <= (double)n && end[k] == floor(end[k]))) {
      s = nxb_fail(c, NAX_EINVAL, "`%s` is %g in row %lld, expected 1 to %lld",
                   c->method->in[i].name, end[k], (long long)(k % pairs) + 1,
                   (long long)n);
    } else {
      start[(nax_index)end[k] + 1]++;
    }
  }
  for (nax_index u = 0; s == NAX_OK && u < n; u++) {
    start[u + 2] += start[u + 1];
  }
  for (nax_index k = 0; s == NAX_OK && k < 2 * pairs; k++) {
    nax_index other = k < pairs ? k + pairs : k - pairs;
    to[start[(nax_index)end[k]]++] = (nax_index)end[other] - 1;
  }
  if (s == NAX_OK) { /* `start` of u is now that of u + 1, and what was first is 0 */
    *near = (nax_freqtag_adjacency){start, to};
    *given = near;
  }
  return s;
}

nax_status
nxb_give_complex(nxb_call *c, const char *name, int ndim, const char *const *axes,
                 const nax_index *dim, const nax_c64 *z)
{
  const char *names[NAX_MAX_NDIM];
  nax_index dims[NAX_MAX_NDIM], n = 1;
  for (int k = 0; k < ndim; k++) {
    names[k] = axes[k];
    dims[k] = dim[k];
    n *= dim[k];
  }
  names[ndim] = "part";
  dims[ndim] = 2;
  double *x = nxb_doubles(c, 2 * n);
  for (nax_index i = 0; x != NULL && i < n; i++) {
    x[i] = z[i].re;
    x[n + i] = z[i].im;
  }
  return x != NULL ? nxb_give_numbers(c, name, ndim + 1, names, dims, x) : NAX_ENOMEM;
}

const nxb_method *
nxb_method_at(int i)
{
  const nxb_method *const lists[] = {
      nxb_data_methods,  nxb_signal_methods,   nxb_stats_methods,
      nxb_fit_methods,   nxb_latent_methods,   nxb_geometry_methods,
      nxb_model_methods, nxb_topology_methods, nxb_similarity_methods,
      nxb_tag_methods,   nxb_circular_methods, nxb_spectral_methods,
      nxb_hftp_methods};
  for (size_t k = 0; i >= 0 && k < sizeof lists / sizeof lists[0]; k++) {
    const nxb_method *m = lists[k];
    for (; m->name != NULL; m++, i--) {
      if (i == 0) {
        return m;
      }
    }
  }
  return NULL;
}
