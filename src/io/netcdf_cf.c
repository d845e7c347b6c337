/* SPDX-License-Identifier: GPL-3.0-or-later */
/* netCDF files of other programs, by the CF conventions: what each variable is. */
#include "netcdf_cf_i.h"
#include <math.h>
#include <strings.h>

void
nax_i_cf_free(void *p)
{
  nax_i_cf_var *x = p;
  if (x != NULL) {
    nax_i_free(x->dim_name);
    nax_i_free(x->column);
    nax_i_free(x->mask);
    nax_i_free(x);
  }
}

/* ------------------------------------------------------------------- inventory */

/* One variable of the file. */
typedef struct entry {
  int nc, id; /* nc: its group */
  char name[NC_MAX_NAME + 1], path[1024];
  nc_type type;
  int n_dims, dim[NAX_MAX_NDIM];
  int used; /* as an axis, a label, a count ... */
} entry;

typedef struct inventory {
  entry *e;
  nax_index n, cap;
  nax_i_buf refused; /* variables of user types */
} inventory;

enum { MOST_VARS = 20000, DEEPEST = 16 };

static nax_status
take_vars(nax_ctx *ctx, nax_source *s, inventory *v, int nc, const char *group)
{
  nax_status status = NAX_OK;
  int n = 0, dims[NC_MAX_VAR_DIMS];
  NAX_TRY_NC(nc_inq_nvars(nc, &n), s->path, "the list of variables");
  for (int i = 0; i < n; i++) {
    NAX_REQUIRE_FILE(v->n < MOST_VARS, NAX_EFORMAT, s->path, "has more than %d variables",
                     (int)MOST_VARS);
    if (v->n == v->cap) {
      nax_index cap = v->cap ? 2 * v->cap : 64;
      entry *p = nax_i_realloc(v->e, (size_t)cap, sizeof *p);
      NAX_REQUIRE(p != NULL, NAX_ENOMEM, "out of memory");
      v->e = p;
      v->cap = cap;
    }
    entry *e = &v->e[v->n];
    memset(e, 0, sizeof *e);
    e->nc = nc;
    e->id = i;
    NAX_TRY_NC(nc_inq_var(nc, i, e->name, &e->type, &e->n_dims, dims, NULL), s->path,
               "a variable");
    snprintf(e->path, sizeof e->path, "%s/%s", group, e->name);
    if (e->type > NC_STRING || e->n_dims > NAX_MAX_NDIM) {
      nax_i_buf_printf(&v->refused, "%s%s", v->refused.len ? ", " : "", e->path);
      continue;
    }
    memcpy(e->dim, dims, (size_t)e->n_dims * sizeof *dims);
    v->n++;
  }
done:
  return status;
}

static nax_status
take_groups(nax_ctx *ctx, nax_source *s, inventory *v, int nc, const char *path,
            int depth)
{
  nax_status status = NAX_OK;
  int n = 0, *id = NULL;
  char name[NC_MAX_NAME + 1], sub[700];
  NAX_TRY(take_vars(ctx, s, v, nc, path));
  if (depth >= DEEPEST || nc_inq_grps(nc, &n, NULL) != NC_NOERR || n == 0) {
    goto done;
  }
  NAX_TRY_ALLOC(id, n, sizeof *id);
  NAX_TRY_NC(nc_inq_grps(nc, &n, id), s->path, "the list of groups");
  for (int i = 0; i < n; i++) {
    NAX_TRY_NC(nc_inq_grpname(id[i], name), s->path, "a group");
    snprintf(sub, sizeof sub, "%.400s/%.256s", path, name);
    NAX_TRY(take_groups(ctx, s, v, id[i], sub, depth + 1));
  }
done:
  nax_i_free(id);
  return status;
}

static int
is_text(const entry *e)
{
  return e->type == NC_CHAR || e->type == NC_STRING;
}

/* Axes that a variable has: the length of texts is none. */
static int
n_axes(const entry *e)
{
  return e->type == NC_CHAR && e->n_dims > 0 ? e->n_dims - 1 : e->n_dims;
}

/* The variable called `name`, seen from the group `nc`. */
static entry *
find_entry(inventory *v, int nc, const char *name)
{
  entry *found = NULL;
  for (nax_index i = 0; i < v->n; i++) {
    if (strcmp(v->e[i].name, name) == 0 && (v->e[i].nc == nc || found == NULL)) {
      found = &v->e[i];
    }
  }
  return found;
}

/* The coordinate variable of a dimension: the one of its name and nothing else. */
static entry *
coordinate_of(inventory *v, int nc, int dim)
{
  char name[NC_MAX_NAME + 1];
  if (nc_inq_dimname(nc, dim, name) != NC_NOERR) {
    return NULL;
  }
  for (nax_index i = 0; i < v->n; i++) {
    entry *e = &v->e[i];
    if (n_axes(e) == 1 && e->dim[0] == dim && strcmp(e->name, name) == 0) {
      return e;
    }
  }
  return NULL;
}

/* ------------------------------------------------------------------------ time */

/* Seconds in one `unit`, which may go on with " since ..."; 0 when it is no time. */
static double
seconds_in(const char *unit)
{
  static const struct {
    const char *name;
    double seconds;
  } known[] = {{"s", 1.0},
               {"sec", 1.0},
               {"secs", 1.0},
               {"second", 1.0},
               {"seconds", 1.0},
               {"ms", 1e-3},
               {"msec", 1e-3},
               {"millisecond", 1e-3},
               {"milliseconds", 1e-3},
               {"us", 1e-6},
               {"usec", 1e-6},
               {"microsecond", 1e-6},
               {"microseconds", 1e-6},
               {"ns", 1e-9},
               {"nanosecond", 1e-9},
               {"nanoseconds", 1e-9},
               {"min", 60.0},
               {"minute", 60.0},
               {"minutes", 60.0},
               {"h", 3600.0},
               {"hr", 3600.0},
               {"hour", 3600.0},
               {"hours", 3600.0},
               {"d", 86400.0},
               {"day", 86400.0},
               {"days", 86400.0}};
  size_t n = strcspn(unit, " ");
  if (unit[n] != '\0' && strncasecmp(unit + n, " since ", 7) != 0) {
    return 0.0;
  }
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
    if (strlen(known[i].name) == n && strncasecmp(unit, known[i].name, n) == 0) {
      return known[i].seconds;
    }
  }
  return 0.0;
}

static nax_status
text_of(nax_ctx *ctx, nax_source *s, const entry *e, const char *name, char **out)
{
  return nax_i_nc_text(ctx, s->path, e->nc, e->id, name, out);
}

/* Does this dimension count time? By its coordinate's unit or role, else by its name. */
static nax_status
is_time(nax_ctx *ctx, nax_source *s, inventory *v, int nc, int dim, int *yes)
{
  nax_status status = NAX_OK;
  char name[NC_MAX_NAME + 1] = "", *role = NULL, *axis = NULL, *unit = NULL;
  entry *c = coordinate_of(v, nc, dim);
  NAX_TRY_NC(nc_inq_dimname(nc, dim, name), s->path, "a dimension");
  *yes = strcasecmp(name, "time") == 0 || strcasecmp(name, "t") == 0;
  if (c != NULL && !is_text(c)) {
    NAX_TRY(text_of(ctx, s, c, "standard_name", &role));
    NAX_TRY(text_of(ctx, s, c, "axis", &axis));
    NAX_TRY(text_of(ctx, s, c, "units", &unit));
    *yes = *yes || (role != NULL && strcmp(role, "time") == 0) ||
           (axis != NULL && strcmp(axis, "T") == 0) ||
           (unit != NULL && strstr(unit, " since ") != NULL && seconds_in(unit) > 0.0);
  }
done:
  nax_i_free(role);
  nax_i_free(axis);
  nax_i_free(unit);
  return status;
}

static double
stated_rate(const entry *e)
{
  static const char *const names[] = {
      "sampling_rate", "sampling_frequency", "sample_rate", "rate", "fs", "frame_rate"};
  int root = e->nc;
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    double x = nax_i_nc_number(e->nc, e->id, names[i], NAN);
    x = isnan(x) ? nax_i_nc_number(e->nc, NC_GLOBAL, names[i], NAN) : x;
    for (int up = e->nc; isnan(x) && nc_inq_grp_parent(up, &root) == NC_NOERR;
         up = root) {
      x = nax_i_nc_number(root, NC_GLOBAL, names[i], NAN);
    }
    if (isfinite(x) && x > 0.0) {
      return x;
    }
  }
  return NAN;
}

/* Unmasked numbers of a small variable, in fresh memory. */
static nax_status
load_numbers(nax_ctx *ctx, nax_source *s, const entry *e, nax_index n, double **out)
{
  nax_status status = NAX_OK;
  double *x = NULL;
  NAX_TRY(nax_i_nc_check_size(ctx, s->state, s->path, e->nc, e->id, e->path));
  NAX_TRY_ALLOC(x, n, sizeof *x);
  if (n > 0) {
    NAX_TRY_NC(nc_get_var_double(e->nc, e->id, x), s->path, e->path);
  }
  double scale = nax_i_nc_number(e->nc, e->id, "scale_factor", 1.0);
  double offset = nax_i_nc_number(e->nc, e->id, "add_offset", 0.0);
  for (nax_index i = 0; i < n && !(scale == 1.0 && offset == 0.0); i++) {
    x[i] = x[i] * scale + offset;
  }
  *out = x;
  x = NULL;
done:
  nax_i_free(x);
  return status;
}

static nax_status
set_time(nax_ctx *ctx, nax_source *s, inventory *v, const entry *e, int dim, nax_index n,
         nax_i_var *var, int32_t k)
{
  nax_status status = NAX_OK;
  char *unit = NULL;
  double *t = NULL, rate = stated_rate(e), factor = 1.0;
  entry *c = coordinate_of(v, e->nc, dim);
  if (c == NULL || is_text(c)) {
    NAX_TRY(nax_i_var_regular_time(ctx, s, var, k, n, 0.0, rate, NAX_RATE_FILE));
    goto done;
  }
  c->used = 1;
  NAX_TRY(text_of(ctx, s, c, "units", &unit));
  factor = unit != NULL ? seconds_in(unit) : 0.0;
  if (factor == 0.0) {
    nax_i_warn(ctx, NAX_VIOLATION, "netcdf.time-unit",
               "%s: the unit of time is `%s`, taken as seconds", c->path,
               unit != NULL ? unit : "");
    factor = 1.0;
  }
  const char *since = unit != NULL ? strstr(unit, " since ") : NULL;
  if (since != NULL) {
    NAX_TRY(nax_i_source_attr(ctx, s, "time_origin", since + 7, NAN));
  }
  NAX_TRY(load_numbers(ctx, s, c, n, &t));
  for (nax_index i = 0; i < n; i++) {
    t[i] *= factor;
  }
  /* A stated rate that the times agree with is more exact than one computed. */
  double computed = n > 1 ? (double)(n - 1) / (t[n - 1] - t[0]) : (double)NAN;
  int agree = isfinite(rate) && fabs(computed - rate) <= 1e-4 * rate;
  for (nax_index i = 0; i < n && agree; i++) {
    agree = fabs(t[i] - (t[0] + (double)i / rate)) * rate <= 0.02;
  }
  if (agree) {
    NAX_TRY(nax_i_var_regular_time(ctx, s, var, k, n, t[0], rate, NAX_RATE_FILE));
  } else {
    NAX_TRY(nax_i_var_timestamps(ctx, s, var, k, n, t));
  }
done:
  nax_i_free(unit);
  nax_i_free(t);
  return status;
}

/* ------------------------------------------------------------------------ axes */

/* A one-dimensional variable along `dim` that names its positions: its coordinate
 * variable, else one that `coordinates` of a variable lists, texts before numbers. */
static nax_status
namer_of(nax_ctx *ctx, nax_source *s, inventory *v, const entry *e, int dim, entry **out)
{
  nax_status status = NAX_OK;
  char *list = NULL;
  entry *best = coordinate_of(v, e->nc, dim);
  NAX_TRY(text_of(ctx, s, e, "coordinates", &list));
  for (char *p = list; p != NULL && best == NULL && *p != '\0';) {
    size_t n = strcspn(p, " ");
    char end = p[n];
    p[n] = '\0';
    entry *c = n > 0 ? find_entry(v, e->nc, p) : NULL;
    if (c != NULL && n_axes(c) == 1 && c->dim[0] == dim) {
      best = c;
    }
    p += n + (end != '\0');
  }
  for (nax_index i = 0; i < v->n && best == NULL; i++) {
    entry *c = &v->e[i];
    if (is_text(c) && n_axes(c) == 1 && c->n_dims > 0 && c->dim[0] == dim) {
      best = c;
    }
  }
  *out = best;
done:
  nax_i_free(list);
  return status;
}

static nax_status
make_axis(nax_ctx *ctx, nax_source *s, inventory *v, const entry *e, int dim, nax_index n,
          const char *name, nax_axis **out)
{
  nax_status status = NAX_OK;
  char **text = NULL, *unit = NULL;
  double *x = NULL;
  entry *c = NULL;
  NAX_TRY(namer_of(ctx, s, v, e, dim, &c));
  if (c == NULL) {
    NAX_TRY(nax_axis_create_index(ctx, name, n, out));
    goto done;
  }
  c->used = 1;
  if (is_text(c)) {
    NAX_TRY(nax_i_nc_check_size(ctx, s->state, s->path, c->nc, c->id, c->path));
    NAX_TRY(nax_i_nc_strings(ctx, s->path, c->nc, c->id, n, 0, &text));
    for (nax_index i = 0; i < n; i++) {
      nax_i_clean_utf8(text[i]);
    }
    NAX_TRY(nax_axis_create_labels(ctx, name, n, (const char *const *)text, out));
    goto done;
  }
  NAX_TRY(load_numbers(ctx, s, c, n, &x));
  int finite = 1;
  for (nax_index i = 0; i < n; i++) {
    finite = finite && isfinite(x[i]);
  }
  NAX_TRY(text_of(ctx, s, c, "units", &unit));
  if (finite) {
    NAX_TRY(nax_axis_create_coords(ctx, name, unit, n, x, out));
  } else {
    nax_i_warn(ctx, NAX_VIOLATION, "netcdf.coordinates",
               "%s: coordinates are missing or infinite; they are left out", c->path);
    NAX_TRY(nax_axis_create_index(ctx, name, n, out));
  }
done:
  nax_i_free_strings(text, text != NULL ? n : 0);
  nax_i_free(unit);
  nax_i_free(x);
  return status;
}

/* ---------------------------------------------------------------------- arrays */

/* What stands for missing, and what the numbers are worth. */
static nax_status
learn_packing(nax_ctx *ctx, nax_source *s, const entry *e, nax_i_cf_var *x)
{
  nax_status status = NAX_OK;
  nc_type type = NC_NAT;
  size_t n = 0, m = 0;
  char *is_unsigned = NULL;
  static const double default_fill[NC_STRING + 1] = {
      [NC_SHORT] = NC_FILL_SHORT,         [NC_INT] = NC_FILL_INT,
      [NC_FLOAT] = (double)NC_FILL_FLOAT, [NC_DOUBLE] = NC_FILL_DOUBLE,
      [NC_USHORT] = NC_FILL_USHORT,       [NC_UINT] = NC_FILL_UINT,
      [NC_INT64] = (double)NC_FILL_INT64, [NC_UINT64] = (double)NC_FILL_UINT64};
  x->scale = nax_i_nc_number(e->nc, e->id, "scale_factor", 1.0);
  x->offset = nax_i_nc_number(e->nc, e->id, "add_offset", 0.0);
  NAX_REQUIRE_FILE(isfinite(x->scale) && isfinite(x->offset), NAX_EDATA, s->path,
                   "%s: scale_factor is %g and add_offset %g (expected finite numbers)",
                   e->path, x->scale, x->offset);
  x->from = nax_i_nc_dtype(e->type);
  NAX_TRY(text_of(ctx, s, e, "_Unsigned", &is_unsigned));
  if (is_unsigned != NULL && strcmp(is_unsigned, "true") == 0) {
    x->from = x->from == NAX_I8    ? NAX_U8
              : x->from == NAX_I16 ? NAX_U16
              : x->from == NAX_I32 ? NAX_U32
                                   : x->from;
  }
  int has_fill = nc_inq_att(e->nc, e->id, "_FillValue", &type, &n) == NC_NOERR && n == 1;
  int has_missing = nc_inq_att(e->nc, e->id, "missing_value", &type, &m) == NC_NOERR &&
                    m > 0 && m < 1000 && type != NC_CHAR && type <= NC_UINT64;
  NAX_TRY_ALLOC(x->mask, 1 + (has_missing ? m : 0), sizeof *x->mask);
  if (has_fill) {
    x->mask[x->n_mask++] = nax_i_nc_number(e->nc, e->id, "_FillValue", NAN);
  } else if (e->type != NC_BYTE && e->type != NC_UBYTE) {
    x->mask[x->n_mask++] = default_fill[e->type];
  }
  if (has_missing) {
    NAX_TRY_NC(nc_get_att_double(e->nc, e->id, "missing_value", x->mask + x->n_mask),
               s->path, e->path);
    x->n_mask += (nax_index)m;
  }
  double range[2] = {-INFINITY, INFINITY};
  if (nc_inq_att(e->nc, e->id, "valid_range", &type, &n) == NC_NOERR && n == 2 &&
      type != NC_CHAR && type <= NC_UINT64) {
    NAX_TRY_NC(nc_get_att_double(e->nc, e->id, "valid_range", range), s->path, e->path);
  }
  x->low = nax_i_nc_number(e->nc, e->id, "valid_min", range[0]);
  x->high = nax_i_nc_number(e->nc, e->id, "valid_max", range[1]);
  /* NaN marks itself. */
  nax_index kept = 0;
  for (nax_index i = 0; i < x->n_mask; i++) {
    if (!isnan(x->mask[i])) {
      x->mask[kept++] = x->mask[i];
    }
  }
  x->n_mask = kept;
done:
  nax_i_free(is_unsigned);
  return status;
}

static nax_status
new_var(nax_ctx *ctx, nax_source *s, nax_var_kind kind, const char *name,
        const char *path, nax_i_var **v, nax_i_cf_var **x)
{
  nax_status status = NAX_OK;
  char unique[1024];
  nax_i_cf_var *priv = NULL;
  NAX_TRY_ALLOC(priv, 1, sizeof *priv);
  snprintf(unique, sizeof unique, "%s", name);
  for (int k = 0; nax_i_cf_taken(s, unique) && k < 100000; k++) {
    /* The group tells variables of one name apart. */
    snprintf(unique, sizeof unique, k == 0 ? "%.900s" : "%.900s_%d", path + 1, k);
    for (char *p = unique; *p != '\0'; p++) {
      *p = *p == '/' ? '.' : *p;
    }
  }
  *v = nax_i_source_add(s, kind, unique);
  NAX_REQUIRE(*v != NULL, NAX_ENOMEM, "out of memory");
  (*v)->priv = priv;
  (*v)->free_priv = nax_i_cf_free;
  *x = priv;
  priv = NULL;
  NAX_REQUIRE(nax_i_var_text(&(*v)->path, path), NAX_ENOMEM, "out of memory");
done:
  nax_i_free(priv);
  return status;
}

int
nax_i_cf_taken(const nax_source *s, const char *name)
{
  for (int32_t i = 0; i < s->n_vars; i++) {
    if (strcmp(s->vars[i].name, name) == 0) {
      return 1;
    }
  }
  return 0;
}

/* Which names of dimensions mean what our methods call so. */
static const char *
our_name(const char *name)
{
  static const char *const pairs[][2] = {{"neurons", "neuron"},
                                         {"cell", "neuron"},
                                         {"cells", "neuron"},
                                         {"units", "unit"},
                                         {"rois", "roi"},
                                         {"channels", "channel"},
                                         {"trials", "trial"},
                                         {"conditions", "condition"},
                                         {"freq", "frequency"},
                                         {"frequencies", "frequency"},
                                         {"components", "component"}};
  for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
    if (strcasecmp(name, pairs[i][0]) == 0) {
      return pairs[i][1];
    }
    if (strcasecmp(name, pairs[i][1]) == 0) {
      return pairs[i][1];
    }
  }
  return name;
}

static nax_status
add_array(nax_ctx *ctx, nax_source *s, inventory *v, entry *e)
{
  nax_status status = NAX_OK;
  nax_i_var *var = NULL;
  nax_i_cf_var *x = NULL;
  char dim_name[NAX_MAX_NDIM][NC_MAX_NAME + 1], plan_text[256], *text = NULL;
  const char *defaults[NAX_MAX_NDIM], *name[NAX_MAX_NDIM];
  nax_index length[NAX_MAX_NDIM];
  int time_dim = -1;
  e->used = 1;
  NAX_TRY(nax_i_nc_check_size(ctx, s->state, s->path, e->nc, e->id, e->path));
  NAX_TRY(new_var(ctx, s, NAX_VAR_ARRAY, e->name, e->path, &var, &x));
  x->nc = e->nc;
  x->id = e->id;
  for (int k = 0; k < e->n_dims; k++) {
    size_t n = 0;
    int yes = 0;
    NAX_TRY_NC(nc_inq_dim(e->nc, e->dim[k], dim_name[k], &n), s->path, e->path);
    NAX_REQUIRE_FILE(n > 0, NAX_EDATA, s->path,
                     "variable %s is empty: dimension %s has length 0", e->path,
                     dim_name[k]);
    length[k] = (nax_index)n;
    NAX_TRY(is_time(ctx, s, v, e->nc, e->dim[k], &yes));
    defaults[k] = our_name(dim_name[k]);
    if (yes && time_dim < 0) {
      defaults[k] = "time";
      time_dim = k;
    }
  }
  int apply = s->opts.var == NULL || strcmp(s->opts.var, var->name) == 0 ||
              strcmp(s->opts.var, e->path) == 0;
  NAX_TRY(nax_i_plan_axes(ctx, s, apply, e->n_dims, defaults, plan_text, name, x->map));
  var->info.ndim = e->n_dims;
  for (int k = 0; k < e->n_dims; k++) {
    int d = x->map[k];
    if (strcmp(name[d], "time") == 0) {
      NAX_TRY(set_time(ctx, s, v, e, e->dim[d], length[d], var, k));
    } else {
      NAX_TRY(make_axis(ctx, s, v, e, e->dim[d], length[d], name[d], &var->axis[k]));
    }
  }
  NAX_TRY(nax_i_nc_describe(ctx, s->path, e->nc, e->id, e->n_dims, x->map, var));
  NAX_REQUIRE(nax_i_var_text(&var->path, e->path), NAX_ENOMEM, "out of memory");
  NAX_TRY(learn_packing(ctx, s, e, x));
  NAX_TRY(text_of(ctx, s, e, "units", &text));
  NAX_REQUIRE(nax_i_var_text(&var->unit, text), NAX_ENOMEM, "out of memory");
  nax_i_free(text);
  text = NULL;
  NAX_TRY(text_of(ctx, s, e, "long_name", &text));
  NAX_REQUIRE(nax_i_var_text(&var->description, text), NAX_ENOMEM, "out of memory");
done:
  nax_i_free(text);
  return status;
}

/* ---------------------------------------------------------------------- ragged */

/* CF's two kinds: counts for each instance (contiguous), or an instance for each value
 * (indexed). */
static nax_status
add_ragged(nax_ctx *ctx, nax_source *s, inventory *v, entry *rows, const char *attribute)
{
  nax_status status = NAX_OK;
  char *dim_name = NULL, *unit = NULL, *role = NULL;
  int contiguous = strcmp(attribute, "sample_dimension") == 0, named = 0;
  size_t n_units = 0;
  NAX_TRY(text_of(ctx, s, rows, attribute, &dim_name));
  NAX_REQUIRE_FILE(dim_name != NULL &&
                       nc_inq_dimid(rows->nc, dim_name, &named) == NC_NOERR,
                   NAX_EFORMAT, s->path, "%s: %s names no dimension of the file (%s)",
                   rows->path, attribute, dim_name != NULL ? dim_name : "");
  int sample = contiguous ? named : rows->dim[0];
  int instance = contiguous ? rows->dim[0] : named;
  rows->used = 1;
  NAX_TRY_NC(nc_inq_dimlen(rows->nc, instance, &n_units), s->path, rows->path);
  for (nax_index i = 0; i < v->n; i++) {
    entry *e = &v->e[i];
    if (e->used || e == rows || e->n_dims != 1 || e->dim[0] != sample || is_text(e)) {
      continue;
    }
    NAX_TRY(text_of(ctx, s, e, "units", &unit));
    NAX_TRY(text_of(ctx, s, e, "standard_name", &role));
    double factor = unit != NULL ? seconds_in(unit) : 0.0;
    if (factor > 0.0 || (role != NULL && strcmp(role, "time") == 0)) {
      nax_i_var *var = NULL;
      nax_i_cf_var *x = NULL;
      NAX_TRY(nax_i_nc_check_size(ctx, s->state, s->path, e->nc, e->id, e->path));
      NAX_TRY(
          nax_i_nc_check_size(ctx, s->state, s->path, rows->nc, rows->id, rows->path));
      NAX_TRY(new_var(ctx, s, NAX_VAR_SPIKES, e->name, e->path, &var, &x));
      x->nc = e->nc;
      x->id = e->id;
      x->rows_nc = rows->nc;
      x->rows_id = rows->id;
      x->contiguous = contiguous;
      x->scale = factor > 0.0 ? factor : 1.0;
      size_t n = 0;
      NAX_TRY_NC(nc_inq_dimlen(e->nc, sample, &n), s->path, e->path);
      x->n_rows = (nax_index)n;
      NAX_TRY(make_axis(ctx, s, v, rows, instance, (nax_index)n_units, "unit",
                        &var->axis[0]));
      int32_t map[1] = {0};
      NAX_TRY(nax_i_nc_describe(ctx, s->path, e->nc, e->id, 1, map, var));
      var->info.chunk[0] = 0;
      var->info.dim[0] = (nax_index)n_units;
      var->info.n_values = x->n_rows;
      NAX_REQUIRE(nax_i_var_text(&var->path, e->path) && nax_i_var_text(&var->unit, "s"),
                  NAX_ENOMEM, "out of memory");
    } else {
      nax_i_warn(ctx, NAX_INFO, "netcdf.ragged",
                 "%s: ragged values that are no times are not read", e->path);
    }
    e->used = 1;
    nax_i_free(unit);
    nax_i_free(role);
    unit = role = NULL;
  }
done:
  nax_i_free(dim_name);
  nax_i_free(unit);
  nax_i_free(role);
  return status;
}

/* ---------------------------------------------------------------------- tables */

/* What is left along a dimension that is not time: the columns of a table. */
static nax_status
add_table(nax_ctx *ctx, nax_source *s, inventory *v, const entry *first)
{
  nax_status status = NAX_OK;
  nax_i_var *var = NULL;
  nax_i_cf_var *x = NULL;
  char name[NC_MAX_NAME + 1], path[NC_MAX_NAME + 8];
  size_t n = 0;
  NAX_TRY_NC(nc_inq_dim(first->nc, first->dim[0], name, &n), s->path, first->path);
  snprintf(path, sizeof path, "/%s_table", name);
  NAX_TRY(new_var(ctx, s, NAX_VAR_TABLE, name, path, &var, &x));
  NAX_TRY_DUP(x->dim_name, our_name(name));
  NAX_TRY_ALLOC(x->column, v->n, sizeof *x->column);
  x->n_rows = (nax_index)n;
  for (nax_index i = 0; i < v->n; i++) {
    entry *e = &v->e[i];
    if (!e->used && n_axes(e) == 1 && e->dim[0] == first->dim[0] && e->n_dims > 0) {
      NAX_TRY(nax_i_nc_check_size(ctx, s->state, s->path, e->nc, e->id, e->path));
      x->column[x->n_columns].nc = e->nc;
      x->column[x->n_columns].id = e->id;
      x->n_columns++;
    }
  }
  for (nax_index i = 0; i < v->n; i++) {
    entry *e = &v->e[i];
    e->used = e->used || (n_axes(e) == 1 && e->n_dims > 0 && e->dim[0] == first->dim[0]);
  }
  var->info.ndim = 2;
  var->info.dim[0] = x->n_rows;
  var->info.dim[1] = x->n_columns;
  var->info.n_values = x->n_rows * x->n_columns;
  NAX_REQUIRE(nax_i_var_text(&var->file_dtype, "table"), NAX_ENOMEM, "out of memory");
done:
  return status;
}

/* ------------------------------------------------------------------ attributes */

static nax_status
load_attributes(nax_ctx *ctx, nax_source *s, int nc)
{
  nax_status status = NAX_OK;
  int n = 0;
  char name[NC_MAX_NAME + 1], *text = NULL;
  NAX_TRY_NC(nc_inq_natts(nc, &n), s->path, "the attributes");
  for (int i = 0; i < n; i++) {
    NAX_TRY_NC(nc_inq_attname(nc, NC_GLOBAL, i, name), s->path, "an attribute");
    NAX_TRY(nax_i_nc_text(ctx, s->path, nc, NC_GLOBAL, name, &text));
    double x = nax_i_nc_number(nc, NC_GLOBAL, name, NAN);
    if (strcmp(name, "Conventions") == 0 && text != NULL) {
      nax_i_free(s->version);
      s->version = text;
      text = NULL;
    } else if (text != NULL || !isnan(x)) {
      NAX_TRY(nax_i_source_attr(ctx, s, name, text, x));
    }
    nax_i_free(text);
    text = NULL;
  }
done:
  nax_i_free(text);
  return status;
}

/* Variables that belong to others: bounds of cells, lists of coordinates. */
static nax_status
mark_helpers(nax_ctx *ctx, nax_source *s, inventory *v)
{
  nax_status status = NAX_OK;
  static const char *const names[] = {"bounds", "climatology", "grid_mapping",
                                      "ancillary_variables"};
  char *text = NULL;
  for (nax_index i = 0; i < v->n; i++) {
    entry *e = &v->e[i];
    for (size_t k = 0; k < sizeof names / sizeof names[0]; k++) {
      NAX_TRY(text_of(ctx, s, e, names[k], &text));
      entry *other = text != NULL ? find_entry(v, e->nc, text) : NULL;
      if (other != NULL && k < 3) {
        other->used = 1;
      }
      nax_i_free(text);
      text = NULL;
    }
  }
done:
  nax_i_free(text);
  return status;
}

static nax_status
add_all(nax_ctx *ctx, nax_source *s, inventory *v)
{
  nax_status status = NAX_OK;
  char *text = NULL;
  static const char *const ragged[] = {"sample_dimension", "instance_dimension"};
  NAX_TRY(mark_helpers(ctx, s, v));
  for (nax_index i = 0; i < v->n; i++) {
    for (int k = 0; k < 2; k++) {
      if (nc_inq_atttype(v->e[i].nc, v->e[i].id, ragged[k], &(nc_type){0}) == NC_NOERR &&
          v->e[i].n_dims == 1 && !is_text(&v->e[i])) {
        NAX_TRY(add_ragged(ctx, s, v, &v->e[i], ragged[k]));
      }
    }
  }
  for (nax_index i = 0; i < v->n; i++) {
    entry *e = &v->e[i];
    int time = 0;
    if (e->used || is_text(e) || e->n_dims == 0 ||
        (e->n_dims == 1 && coordinate_of(v, e->nc, e->dim[0]) == e)) {
      continue;
    }
    for (int k = 0; k < e->n_dims && !time; k++) {
      NAX_TRY(is_time(ctx, s, v, e->nc, e->dim[k], &time));
    }
    if (time || e->n_dims > 1) {
      NAX_TRY(add_array(ctx, s, v, e));
    }
  }
  for (nax_index i = 0; i < v->n; i++) {
    entry *e = &v->e[i];
    int time = 0;
    if (e->used || n_axes(e) != 1 || e->n_dims == 0) {
      continue;
    }
    NAX_TRY(is_time(ctx, s, v, e->nc, e->dim[0], &time));
    int lonely = !is_text(e) && coordinate_of(v, e->nc, e->dim[0]) == e;
    if (!time && !lonely) {
      NAX_TRY(add_table(ctx, s, v, e));
    }
  }
done:
  nax_i_free(text);
  return status;
}

nax_status
nax_i_nc_open_cf(nax_ctx *ctx, nax_source *s, nax_i_nc *f)
{
  nax_status status = NAX_OK;
  inventory v = {NULL, 0, 0, {0}};
  NAX_TRY(load_attributes(ctx, s, f->id));
  NAX_TRY(take_groups(ctx, s, &v, f->id, "", 0));
  NAX_REQUIRE(!v.refused.failed, NAX_ENOMEM, "out of memory");
  NAX_REQUIRE_FILE(v.refused.len == 0 || s->opts.var == NULL ||
                       strstr(v.refused.data, s->opts.var) == NULL,
                   NAX_EFORMAT, s->path,
                   "variable %s is of a user-defined type, which is not read",
                   s->opts.var);
  NAX_TRY(add_all(ctx, s, &v));
  NAX_REQUIRE_FILE(s->n_vars > 0 || v.refused.len == 0, NAX_EFORMAT, s->path,
                   "has only variables of user-defined types: %.300s", v.refused.data);
  NAX_REQUIRE_FILE(s->n_vars > 0, NAX_EFORMAT, s->path,
                   "has no variables with data (found %lld in all)", (long long)v.n);
  if (v.refused.len > 0) {
    nax_i_warn(ctx, NAX_INFO, "netcdf.user-types",
               "variables of user-defined types or more than %d dimensions are not read: "
               "%.300s",
               NAX_MAX_NDIM, v.refused.data);
  }
done:
  nax_i_free(v.e);
  nax_i_buf_free(&v.refused);
  return status;
}
