/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A dynamic connectome as a dataset. */
#include "connectome_i.h"
#include "array/array_i.h"
#include <math.h>
#include <stdio.h>

/* An array over copies of axes of `u` (by number), a second axis of neurons (-2),
 * components (-1) and the communities that motifs are made of (-3). */
typedef struct layout {
  const char *name, *about;
  int32_t ndim;
  int axis[3];
} layout;

static nax_status
add(nax_ctx *ctx, const nax_connectome *m, const nax_array *u, nax_dataset *d,
    const layout *l, double **data)
{
  nax_status status = NAX_OK;
  nax_axis *axes[3] = {NULL};
  nax_array *a = NULL;
  char name[300];
  const nax_axis *neuron = nax_array_axis(u, 0);
  snprintf(name, sizeof name, "%.280s_other", nax_axis_name(neuron));
  for (int32_t k = 0; k < l->ndim; k++) {
    if (l->axis[k] == -1) {
      NAX_TRY(nax_axis_create_index(ctx, "component", m->s.rank, &axes[k]));
    } else if (l->axis[k] == -3) {
      NAX_TRY(nax_axis_create_index(ctx, "community", m->s.q, &axes[k]));
    } else if (l->axis[k] == -2) {
      NAX_TRY(nax_axis_rename(ctx, neuron, name, &axes[k]));
    } else {
      NAX_TRY(nax_axis_copy(ctx, nax_array_axis(u, l->axis[k]), &axes[k]));
    }
  }
  NAX_TRY(nax_i_array_adopt(ctx, NAX_F64, l->ndim, axes, "1", &a));
  memset(axes, 0, sizeof axes);
  NAX_TRY(nax_array_set_description(ctx, a, l->about));
  *data = nax_array_data_mut(a);
  NAX_TRY(nax_dataset_add_array(ctx, d, l->name, a));
  a = NULL;
done:
  for (int k = 0; k < 3; k++) {
    nax_axis_free(axes[k]);
  }
  nax_array_free(a);
  return status;
}

static nax_status
add_arrays(nax_ctx *ctx, const nax_connectome *m, const nax_array *u, nax_dataset *d)
{
  static const layout when = {"when", "time factor of each component", 2, {1, -1}};
  static const layout who = {"who", "animal factor of each component", 2, {2, -1}};
  static const layout motifs = {"motifs", "pair factor, folded", 3, {0, -2, -1}};
  static const layout communities = {
      "communities", "community of each neuron in each motif", 2, {0, -1}};
  static const layout uncertainty = {
      "uncertainty", "entropy of the community over posterior samples", 2, {0, -1}};
  static const layout membership = {
      "membership", "strength of each neuron in each community", 3, {0, -1, -3}};
  static const layout dynamics = {
      "dynamics", "weight x when x who: each motif in each animal", 3, {1, 2, -1}};
  static const layout state = {"state", "motif in force, -1 for none", 1, {1}};
  static const layout together = {
      "coassignment", "share of bootstrap draws in one community", 3, {0, -2, -1}};
  nax_status status = NAX_OK;
  nax_index n = m->s.n, n_time = m->n_time, n_animals = m->n_animals;
  const double *f = nax_ntf_factor(m->s.ntf, 1), *w = nax_ntf_weights(m->s.ntf);
  size_t rank = (size_t)m->s.rank, square = (size_t)(n * n) * rank * sizeof(double);
  double *x;
  NAX_TRY(add(ctx, m, u, d, &when, &x));
  memcpy(x, m->when, (size_t)n_time * rank * sizeof *x);
  NAX_TRY(add(ctx, m, u, d, &who, &x));
  memcpy(x, f, (size_t)n_animals * rank * sizeof *x);
  NAX_TRY(add(ctx, m, u, d, &motifs, &x));
  memcpy(x, m->s.motif, square);
  NAX_TRY(add(ctx, m, u, d, &communities, &x));
  for (nax_index k = 0; k < n * m->s.rank; k++) {
    x[k] = (double)m->s.label[k];
  }
  if (m->s.q > 0) {
    NAX_TRY(add(ctx, m, u, d, &membership, &x));
    for (nax_index k = 0; k < n * m->s.rank * m->s.q; k++) {
      x[k] = nax_connectome_membership(m, k / n % m->s.rank, k % n, k / n / m->s.rank);
    }
  }
  if (m->opts.n_samples > 0 && m->s.q == 0) {
    NAX_TRY(add(ctx, m, u, d, &uncertainty, &x));
    for (nax_index k = 0; k < n * m->s.rank; k++) {
      const nax_sbm *b = m->s.blocks[k / n];
      x[k] = b != NULL ? nax_sbm_uncertainty(b)[k % n] : (double)NAN;
    }
  }
  NAX_TRY(add(ctx, m, u, d, &dynamics, &x));
  for (int64_t r = 0; r < m->s.rank; r++) {
    for (nax_index a = 0; a < n_animals; a++) {
      for (nax_index t = 0; t < n_time; t++) {
        x[t + n_time * (a + n_animals * r)] =
            w[r] * m->when[t + n_time * r] * f[a + n_animals * r];
      }
    }
  }
  NAX_TRY(add(ctx, m, u, d, &state, &x));
  for (nax_index t = 0; t < n_time; t++) {
    x[t] = (double)m->state[t];
  }
  if (m->together != NULL) {
    NAX_TRY(add(ctx, m, u, d, &together, &x));
    memcpy(x, m->together, square);
  }
done:
  return status;
}

static nax_status
add_components(nax_ctx *ctx, const nax_connectome *m, nax_dataset *d)
{
  nax_status status = NAX_OK;
  static const char *const name[] = {"weight", "n_communities", "description_length",
                                     "excess", "p_value",       "stability"};
  nax_table *t = NULL;
  double *x = NULL;
  NAX_TRY_ALLOC(x, m->s.rank, sizeof *x);
  NAX_TRY(nax_table_create(ctx, "component", m->s.rank, &t));
  for (int c = 0; c < 6; c++) {
    if ((c == 3 || c == 4) && m->p == NULL) {
      continue;
    }
    if (c == 5 && m->stability == NULL) {
      continue;
    }
    for (int64_t r = 0; r < m->s.rank; r++) {
      const nax_sbm *b = m->s.blocks[r];
      x[r] = c == 0   ? nax_ntf_weights(m->s.ntf)[r]
             : c == 1 ? (double)m->s.n_groups[r]
             : c == 2 ? (b != NULL ? nax_sbm_description(b).total : (double)NAN)
             : c == 3 ? nax_connectome_excess(m, r, -1)
             : c == 4 ? nax_connectome_p_value(m, r, -1)
                      : m->stability[r];
    }
    NAX_TRY(nax_table_add_numbers(ctx, t, name[c], c == 2 ? "nat" : "1", x));
  }
  NAX_TRY(nax_dataset_add_table(ctx, d, "components", t));
  t = NULL;
done:
  nax_i_free(x);
  nax_table_free(t);
  return status;
}

static nax_status
add_communities(nax_ctx *ctx, const nax_connectome *m, nax_dataset *d)
{
  nax_status status = NAX_OK;
  static const char *const name[] = {"component",   "community", "size",
                                     "mean_weight", "excess",    "p_value"};
  nax_table *t = NULL;
  double *x = NULL;
  nax_index rows = 0, n = m->s.n;
  for (int64_t r = 0; r < m->s.rank; r++) {
    rows += m->s.n_groups[r];
  }
  NAX_TRY_ALLOC(x, 6 * rows, sizeof *x);
  NAX_TRY(nax_table_create(ctx, "community", rows, &t));
  nax_index row = 0;
  for (int64_t r = 0; r < m->s.rank; r++) {
    for (nax_index g = 0; g < m->s.n_groups[r]; g++, row++) {
      const nax_index *label = m->s.label + n * r;
      double size = 0.0, sum = 0.0, pairs = 0.0;
      for (nax_index i = 0; i < n; i++) {
        size += label[i] == g;
        for (nax_index j = 0; j < i; j++) {
          double v = m->s.motif[i + n * (j + n * r)];
          if (label[i] == g && label[j] == g && !isnan(v)) {
            sum += v;
            pairs += 1.0;
          }
        }
      }
      x[row] = (double)r;
      x[row + rows] = (double)g;
      x[row + 2 * rows] = size;
      x[row + 3 * rows] = pairs > 0.0 ? sum / pairs : (double)NAN;
      x[row + 4 * rows] = nax_connectome_excess(m, r, g);
      x[row + 5 * rows] = nax_connectome_p_value(m, r, g);
    }
  }
  for (int c = 0; c < (m->p != NULL ? 6 : 4); c++) {
    NAX_TRY(nax_table_add_numbers(ctx, t, name[c], "1", x + c * rows));
  }
  NAX_TRY(nax_dataset_add_table(ctx, d, "communities_table", t));
  t = NULL;
done:
  nax_i_free(x);
  nax_table_free(t);
  return status;
}

static nax_status
add_options(nax_ctx *ctx, nax_dataset *d, const char *prefix, const nax_opt_table *table,
            const void *opts)
{
  nax_status status = NAX_OK;
  for (int32_t i = 0; i < table->n_opts; i++) {
    char key[96], value[256];
    snprintf(key, sizeof key, "%s_%.60s", prefix, table->opts[i].name);
    nax_options_format(table, opts, i, value, sizeof value);
    NAX_TRY(nax_dataset_set_text(ctx, d, key, value));
  }
done:
  return status;
}

nax_status
nax_connectome_dataset(nax_ctx *ctx, const nax_connectome *m, const nax_array *u,
                       nax_dataset **out)
{
  nax_status status = NAX_OK;
  nax_i_derivatives v;
  nax_dataset *d = NULL;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_derivatives_of(ctx, __func__, u, &v));
  NAX_REQUIRE(v.n == m->s.n && v.n_time == m->n_time && v.n_animals == m->n_animals,
              NAX_EDIM,
              "`u` has %lld neurons, %lld times and %lld animals, the connectome %lld, "
              "%lld and %lld",
              (long long)v.n, (long long)v.n_time, (long long)v.n_animals,
              (long long)m->s.n, (long long)m->n_time, (long long)m->n_animals);
  NAX_TRY(nax_dataset_create(ctx, &d));
  NAX_TRY(add_arrays(ctx, m, u, d));
  NAX_TRY(add_components(ctx, m, d));
  NAX_TRY(add_communities(ctx, m, d));
  NAX_TRY(add_options(ctx, d, "connectome", &nax_i_connectome_table, &m->opts));
  NAX_TRY(add_options(ctx, d, "ntf", &nax_i_ntf_table, nax_i_ntf_options(m->s.ntf)));
  NAX_TRY(nax_dataset_set_number(ctx, d, "ntf_error", nax_ntf_error(m->s.ntf)));
  NAX_TRY(nax_dataset_set_number(ctx, d, "ntf_converged",
                                 nax_ntf_stop(m->s.ntf) == NAX_STOP_TOL ? 1.0 : 0.0));
  NAX_TRY(nax_dataset_set_main(ctx, d, "motifs"));
  *out = d;
  d = NULL;
done:
  nax_dataset_free(d);
  return status;
}
