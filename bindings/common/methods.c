/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "methods_i.h"
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

const nxb_method *
nxb_method_at(int i)
{
  const nxb_method *const lists[] = {
      nxb_data_methods,   nxb_signal_methods,   nxb_stats_methods, nxb_fit_methods,
      nxb_latent_methods, nxb_geometry_methods, nxb_model_methods, nxb_topology_methods,
      nxb_tag_methods,    nxb_spectral_methods};
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
