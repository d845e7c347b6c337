/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether components are more than chance: the same fit on data whose courses were
 * shifted circularly against each other, which keeps each course and undoes what they
 * have in common.
 *
 * For a component with course s(t) = sum_g s_g(t), where s_g is the contribution of what
 * shifts together, the statistic is var(s) / sum_g var(s_g): 1 when the parts know
 * nothing of each other. It does not depend on how strong the component is, only on how
 * much its parts agree in time. The largest value over the components of a shifted fit is
 * what a value is held against, since those fits too pick the best they find. */
#include "ntf_i.h"
#include "rng/rng_i.h"
#include <math.h>

typedef struct null {
  nax_ctx *ctx;
  nax_ntf_null_opts o;
  nax_ntf_opts fit;
  nax_view x;   /* shifted copy; its values are in `shifted` */
  double *data; /* as given, dense */
  double *shifted;
  int32_t along;
  nax_index n, inner, fibres; /* length and stride of that mode; number of fibres */
  nax_index *group, n_groups; /* of each fibre: what shifts together */
  nax_index *order;           /* fibres by group */
  nax_index *offset;          /* of each group */
  int64_t rank;
  double *total, *part; /* rank x n: courses of all groups and of one */
} null;

/* Place of the first entry of fibre p. */
static nax_index
base_of(const null *s, nax_index p)
{
  return p % s->inner + p / s->inner * s->inner * s->n;
}

static nax_status
set_groups(null *s)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = s->ctx;
  char each[NAX_MAX_NDIM];
  nax_index *count = NULL;
  memset(each, s->o.each == NULL, sizeof each);
  for (const char *p = s->o.each; p != NULL && *p != '\0';) {
    size_t n = strcspn(p, ",");
    int32_t k = nax_i_ntf_find_mode(s->x.ndim, s->x.name, p, n);
    NAX_REQUIRE(k >= 0 && k != s->along, NAX_EINVAL,
                "option `shift-each` names `%.*s`, which is not another axis of `x`",
                (int)n, p);
    each[k] = 1;
    p += n + (p[n] == ',');
  }
  NAX_TRY_ALLOC(s->group, s->fibres, sizeof *s->group);
  NAX_TRY_ALLOC(s->order, s->fibres, sizeof *s->order);
  s->n_groups = 1;
  for (int32_t k = 0; k < s->x.ndim; k++) {
    s->n_groups *= each[k] && k != s->along ? s->x.dim[k] : 1;
  }
  NAX_REQUIRE(s->n_groups > 1, NAX_EINVAL,
              "everything shifts together: option `shift-each` must name an axis with "
              "more than one position");
  NAX_TRY_ALLOC(count, s->n_groups + 1, sizeof *count);
  NAX_TRY_ALLOC(s->offset, s->n_groups, sizeof *s->offset);
  for (nax_index p = 0; p < s->fibres; p++) {
    nax_index rest = p, step = 1;
    for (int32_t k = 0; k < s->x.ndim; k++) {
      if (k != s->along) {
        s->group[p] += each[k] ? rest % s->x.dim[k] * step : 0;
        step *= each[k] ? s->x.dim[k] : 1;
        rest /= s->x.dim[k];
      }
    }
    count[s->group[p] + 1]++;
  }
  for (nax_index g = 0; g < s->n_groups; g++) {
    count[g + 1] += count[g];
  }
  for (nax_index p = 0; p < s->fibres; p++) {
    s->order[count[s->group[p]]++] = p;
  }
done:
  nax_i_free(count);
  return status;
}

/* Weight of a fibre in component r: the product of its loadings. */
static double
loading(const null *s, const nax_ntf *m, nax_index p, int64_t r)
{
  double v = 1.0;
  for (int32_t k = 0; k < s->x.ndim; k++) {
    if (k != s->along) {
      v *= nax_ntf_factor(m, k)[p % s->x.dim[k] + r * s->x.dim[k]];
      p /= s->x.dim[k];
    }
  }
  return v;
}

/* Adds the fibre, less its mean, to the courses. What is missing adds nothing. */
static void
add_fibre(null *s, const nax_ntf *m, nax_index p)
{
  const double *x = s->shifted + base_of(s, p);
  double mean = 0.0;
  nax_index seen = 0;
  for (nax_index t = 0; t < s->n; t++) {
    double v = x[t * s->inner];
    mean += isnan(v) ? 0.0 : v;
    seen += !isnan(v);
  }
  mean /= seen > 0 ? (double)seen : 1.0;
  for (int64_t r = 0; r < s->rank; r++) {
    double v = loading(s, m, p, r);
    for (nax_index t = 0; v != 0.0 && t < s->n; t++) { /* NOLINT */
      double d = x[t * s->inner] - mean;
      s->part[r * s->n + t] += isnan(d) ? 0.0 : v * d;
    }
  }
}

static double
sum_of_squares(const double *x, nax_index n)
{
  double sum = 0.0;
  for (nax_index i = 0; i < n; i++) {
    sum += x[i] * x[i];
  }
  return sum;
}

/* var(s) / sum_g var(s_g) of each component on the (shifted) data. */
static nax_status
concord(null *s, const nax_ntf *m, double *out)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = s->ctx;
  double *parts = NULL;
  NAX_TRY_ALLOC(parts, s->rank, sizeof *parts);
  memset(s->total, 0, (size_t)(s->rank * s->n) * sizeof *s->total);
  for (nax_index i = 0; i < s->fibres; i++) {
    add_fibre(s, m, s->order[i]);
    if (i + 1 < s->fibres && s->group[s->order[i + 1]] == s->group[s->order[i]]) {
      continue;
    }
    for (int64_t r = 0; r < s->rank; r++) {
      parts[r] += sum_of_squares(s->part + r * s->n, s->n);
    }
    for (nax_index j = 0; j < s->rank * s->n; j++) {
      s->total[j] += s->part[j];
      s->part[j] = 0.0;
    }
  }
  for (int64_t r = 0; r < s->rank; r++) {
    out[r] = parts[r] > 0.0 ? sum_of_squares(s->total + r * s->n, s->n) / parts[r] : 0.0;
  }
done:
  nax_i_free(parts);
  return status;
}

static nax_status
shift(null *s, int64_t draw)
{
  nax_status status = NAX_OK;
  nax_rng *rng = NULL;
  NAX_TRY(
      nax_rng_create(s->ctx, s->fit.seed, ((uint64_t)1 << 34) + (uint64_t)draw, &rng));
  for (nax_index g = 0; g < s->n_groups; g++) {
    s->offset[g] = nax_rng_below(rng, s->n);
  }
  for (nax_index p = 0; p < s->fibres; p++) {
    nax_index base = base_of(s, p), by = s->offset[s->group[p]];
    for (nax_index t = 0; t < s->n; t++) {
      s->shifted[base + (t + by) % s->n * s->inner] = s->data[base + t * s->inner];
    }
  }
done:
  nax_rng_free(rng);
  return status;
}

static nax_status
set_up(null *s, const nax_view *x, const nax_ntf *m)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = s->ctx;
  const char *name = s->o.shift_mode != NULL ? s->o.shift_mode : "time";
  NAX_REQUIRE(x->ndim == nax_ntf_n_modes(m), NAX_EDIM,
              "`x` has %d axes, the fit has %d modes", (int)x->ndim,
              (int)nax_ntf_n_modes(m));
  for (int32_t k = 0; k < x->ndim; k++) {
    NAX_REQUIRE(x->dim[k] == nax_ntf_dim(m, k), NAX_EDIM,
                "axis %d of `x` has %lld positions, the fit has %lld", (int)k,
                (long long)x->dim[k], (long long)nax_ntf_dim(m, k));
  }
  s->along = nax_i_ntf_find_mode(x->ndim, x->name, name, strlen(name));
  NAX_REQUIRE(s->along >= 0, NAX_EINVAL,
              "`x` has no axis `%s`: name one with option `shift-axis`", name);
  s->rank = nax_ntf_rank(m);
  s->n = x->dim[s->along];
  s->fibres = nax_view_size(x) / s->n;
  s->inner = 1;
  for (int32_t k = 0; k < s->along; k++) {
    s->inner *= x->dim[k];
  }
  NAX_TRY_ALLOC(s->data, nax_view_size(x), sizeof *s->data);
  NAX_TRY_ALLOC(s->shifted, nax_view_size(x), sizeof *s->shifted);
  NAX_TRY_ALLOC(s->total, s->rank * s->n, sizeof *s->total);
  NAX_TRY_ALLOC(s->part, s->rank * s->n, sizeof *s->part);
  NAX_TRY(nax_view_copy_to(ctx, x, NAX_F64, s->data));
  memcpy(s->shifted, s->data, (size_t)nax_view_size(x) * sizeof *s->data);
  s->x = nax_view_f64(s->shifted, x->ndim, x->dim);
  memcpy(s->x.name, x->name, sizeof x->name);
  NAX_TRY(set_groups(s));
done:
  return status;
}

static nax_status
make_table(null *s, const double *value, const double *p, double null_median,
           nax_table **out)
{
  nax_status status = NAX_OK;
  nax_ctx *ctx = s->ctx;
  nax_table *t = NULL;
  double *column = NULL;
  NAX_TRY_ALLOC(column, s->rank, sizeof *column);
  NAX_TRY(nax_table_create(ctx, "component", s->rank, &t));
  NAX_TRY(nax_table_add_numbers(ctx, t, "concord", "1", value));
  for (int64_t r = 0; r < s->rank; r++) {
    column[r] = null_median;
  }
  NAX_TRY(nax_table_add_numbers(ctx, t, "concord_shifted", "1", column));
  NAX_TRY(nax_table_add_numbers(ctx, t, "p", "1", p));
  *out = t;
  t = NULL;
done:
  nax_i_free(column);
  nax_table_free(t);
  return status;
}

nax_status
nax_ntf_null(nax_ctx *ctx, const nax_view *x, const nax_ntf *m,
             const nax_ntf_null_opts *opts, nax_table **out)
{
  nax_status status = NAX_OK;
  null s = {.ctx = ctx};
  nax_i_stage stage;
  nax_ntf *fit = NULL;
  double *value = NULL, *drawn = NULL, *largest = NULL, *p = NULL;
  *out = NULL;
  nax_i_begin(ctx);
  NAX_TRY(nax_i_options_load(ctx, __func__, &nax_i_ntf_null_table, &s.o, opts));
  s.fit = *nax_i_ntf_options(m);
  NAX_REQUIRE(s.fit.fixed_modes == NULL, NAX_EINVAL,
              "the fit has fixed modes, which shifted data would not go with");
  s.fit.n_restarts = s.o.starts;
  NAX_TRY(set_up(&s, x, m));
  NAX_TRY_ALLOC(value, s.rank, sizeof *value);
  NAX_TRY_ALLOC(drawn, s.rank, sizeof *drawn);
  NAX_TRY_ALLOC(p, s.rank, sizeof *p);
  NAX_TRY_ALLOC(largest, s.o.n_draws, sizeof *largest);
  NAX_TRY(concord(&s, m, value));
  NAX_TRY(nax_i_stage_begin(&stage, ctx, __func__, "ntf/null", s.o.n_draws));
  for (int64_t b = 0; b < s.o.n_draws; b++) {
    NAX_TRY(shift(&s, b));
    NAX_TRY(nax_ntf_fit(ctx, &s.x, NULL, &s.fit, &fit));
    NAX_TRY(concord(&s, fit, drawn));
    for (int64_t r = 0; r < s.rank; r++) {
      largest[b] = drawn[r] > largest[b] ? drawn[r] : largest[b];
    }
    nax_ntf_free(fit);
    fit = NULL;
    NAX_TRY(nax_i_stage_poll(&stage, b + 1, largest[b]));
  }
  for (int64_t r = 0; r < s.rank; r++) {
    int64_t above = 0;
    for (int64_t b = 0; b < s.o.n_draws; b++) {
      above += largest[b] >= value[r];
    }
    p[r] = (1.0 + (double)above) / (1.0 + (double)s.o.n_draws);
  }
  NAX_TRY(make_table(&s, value, p, nax_i_ntf_median(largest, s.o.n_draws), out));
done:
  nax_ntf_free(fit);
  nax_i_free(value);
  nax_i_free(drawn);
  nax_i_free(largest);
  nax_i_free(p);
  nax_i_free(s.data);
  nax_i_free(s.shifted);
  nax_i_free(s.group);
  nax_i_free(s.order);
  nax_i_free(s.offset);
  nax_i_free(s.total);
  nax_i_free(s.part);
  return status;
}
