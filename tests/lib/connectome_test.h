/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Derivatives for the tests of connectomes. */
#ifndef NAX_CONNECTOME_TEST_H
#define NAX_CONNECTOME_TEST_H
#include "nax_test.h"
#include "connectome/connectome_i.h"

/* Derivatives with values of their own: neuron x time x animal x scale. */
static inline nax_array *
make_u(nax_index n, nax_index n_time, nax_index n_animals, nax_index n_scales)
{
  nax_array *u;
  assert_ok(nax_array_create_dims(
      NULL, NAX_F64, 4, (const char *const[]){"neuron", "time", "animal", "scale"},
      (nax_index[]){n, n_time, n_animals, n_scales}, "1", &u));
  return u;
}

/* Three groups that change together now and then, and noise; within -1 and 1. */
static inline nax_array *
random_u(nax_index n, nax_index n_time, nax_index n_animals, uint64_t seed)
{
  nax_array *u = make_u(n, n_time, n_animals, 1);
  double *v = nax_array_data_mut(u);
  for (nax_index k = 0; k < n_time * n_animals; k++) {
    double group[3];
    for (int g = 0; g < 3; g++) {
      group[g] = nax_t_uniform(&seed) < 0.4 ? 2.0 * nax_t_uniform(&seed) - 1.0 : 0.0;
    }
    for (nax_index i = 0; i < n; i++) {
      double x = 0.7 * group[i * 3 / n] + 0.3 * (2.0 * nax_t_uniform(&seed) - 1.0);
      v[i + n * k] = fabs(x) < 0.05 ? 0.0 : x;
    }
  }
  return u;
}

#endif
