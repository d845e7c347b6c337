/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many components the affinities support. */
#include "connectome_i.h"
#include <math.h>

/* Parts of the tensor that are looked at, and fewest bins that neurons are left out for.
 */
static const double MOST_BYTES = 256e6;
enum { FEWEST_BINS = 500 };

/* Every how many bins and neurons, so that the tensor has the size that is allowed. */
static void
find_steps(const nax_i_derivatives *d, const nax_i_extent *e,
           const nax_connectome_opts *o, nax_index *bins, nax_index *neurons)
{
  double each = (o->single ? 4.0 : 8.0) * (double)d->n_animals *
                (o->channels == NAX_CONNECTOME_BOTH ? 2.0 : 1.0) *
                (double)(o->scale_mode ? d->n_scales : 1);
  double fewest = (double)(e->n_bins < FEWEST_BINS ? e->n_bins : FEWEST_BINS);
  *neurons = *bins = 1;
  while (each * fewest * (double)nax_i_n_pairs(nax_i_n_blocks(d->n, *neurons)) >
             MOST_BYTES &&
         d->n / *neurons > 2) {
    ++*neurons;
  }
  double pairs = (double)nax_i_n_pairs(nax_i_n_blocks(d->n, *neurons));
  double most = fmax(MOST_BYTES / (each * pairs), 1.0);
  *bins = (nax_index)ceil((double)e->n_bins / most);
}

/* Bins that a derivative spans: what is held out must be longer, or its neighbours tell
 * it. */
static int64_t
reach(const nax_connectome_opts *o, nax_index bins)
{
  double span =
      o->smoother == NAX_CONNECTOME_SAVGOL ? (double)o->window : 8.0 * o->sigma + 1.0;
  return (int64_t)ceil(span / (double)bins);
}

/* Means over stretches of `average` bins of what is there, in place; returns how many
 * stretches there are. `columns` is how often the bins follow each other. */
static nax_index
average_bins(const nax_i_extent *e, int64_t average, nax_index columns, nax_dtype dtype,
             void *x)
{
  nax_index n = 0, at = 0;
  float *single = x;
  double *twice = x;
  for (nax_index c = 0; c < columns; c++) {
    for (nax_index from = 0, to; from < e->n_bins; from = to) {
      double sum = 0.0;
      nax_index have = 0;
      for (to = from; to < e->n_bins && e->bin[to] / average == e->bin[from] / average;
           to++) {
        nax_index k = to + e->n_bins * c;
        double v = dtype == NAX_F32 ? (double)single[k] : twice[k];
        sum += isnan(v) ? 0.0 : v;
        have += !isnan(v);
      }
      sum = have > 0 ? sum / (double)have : (double)NAN;
      if (dtype == NAX_F32) {
        single[at++] = (float)sum;
      } else {
        twice[at++] = sum;
      }
      n += c == 0;
    }
  }
  return n;
}

nax_status
nax_connectome_select(nax_ctx *ctx, const nax_array *u, const nax_connectome_opts *opts,
                      const nax_ntf_opts *fit, const nax_ntf_select_opts *select,
                      nax_table **table, nax_ntf_selection *out)
{
  nax_status status = NAX_OK;
  nax_connectome_opts o;
  nax_ntf_opts f;
  nax_ntf_select_opts s;
  nax_i_derivatives d;
  nax_i_extent e = {.n_bins = 0}, some = {.n_bins = 0};
  nax_index dim[NAX_MAX_NDIM], size = 0, bins, neurons;
  const char *name[NAX_MAX_NDIM];
  void *x = NULL;
  if (table != NULL) {
    *table = NULL;
  }
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_connectome_table, &o, opts));
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_ntf_table, &f, fit));
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_ntf_select_table, &s, select));
  NAX_TRY(nax_i_derivatives_of(ctx, __func__, u, &d));
  NAX_TRY(nax_i_extent_init(ctx, __func__, &d, &e));
  find_steps(&d, &e, &o, &bins, &neurons);
  NAX_TRY(nax_i_extent_thin(ctx, &e, 0, bins, neurons, &some));
  int32_t n = nax_i_affinity_shape(&d, &some, &o, dim, name);
  size_t each = o.single ? sizeof(float) : sizeof(double);
  if (!nax_i_size_product(n, dim, each, &size)) {
    status = nax_i_fail(ctx, NAX_EOVERFLOW, __func__, "there are too many affinities");
    goto done;
  }
  NAX_TRY_ALLOC(x, size, each);
  NAX_TRY(
      nax_i_affinity_fill(ctx, __func__, &d, &some, &o, o.single ? NAX_F32 : NAX_F64, x));
  if (o.average > 1) {
    dim[0] =
        average_bins(&some, o.average, size / dim[0], o.single ? NAX_F32 : NAX_F64, x);
    bins = bins > o.average ? bins : o.average;
  }
  nax_view v = o.single ? nax_view_f32(x, n, dim) : nax_view_f64(x, n, dim);
  memcpy(v.name, name, (size_t)n * sizeof *name);
  if (s.block_mode == NULL) {
    s.block_mode = "time";
    s.block = s.block > reach(&o, bins) ? s.block : reach(&o, bins);
  }
  NAX_TRY(nax_ntf_select(ctx, &v, &f, &s, table, out));
done:
  nax_i_extent_free(&e);
  nax_i_extent_free(&some);
  nax_i_free(x);
  return status;
}
