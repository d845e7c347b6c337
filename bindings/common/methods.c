/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "methods_i.h"

nax_status
nxb_give_dataset(nxb_call *c, nax_status s, nax_dataset *d)
{
  if (s == NAX_OK) {
    nax_dataset_free(c->out);
    c->out = d;
  }
  return s;
}

const nxb_method *
nxb_method_at(int i)
{
  const nxb_method *const lists[] = {nxb_data_methods,     nxb_signal_methods,
                                     nxb_fit_methods,      nxb_latent_methods,
                                     nxb_geometry_methods, nxb_tag_methods};
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
