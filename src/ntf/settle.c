/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the options say of the modes: which are free, which fixed, how each is penalised,
 * and whether all that goes together. */
#include "ntf_i.h"

static const char fn[] = "nax_ntf_fit";

int32_t
nax_i_ntf_find_mode(int32_t n_modes, const char *const *names, const char *name, size_t n)
{
  for (int32_t k = 0; k < n_modes; k++) {
    if (names[k] != NULL && strlen(names[k]) == n && memcmp(names[k], name, n) == 0) {
      return k;
    }
  }
  int64_t k;
  return nax_i_parse_int64(name, name + n, &k) && k >= 0 && k < n_modes ? (int32_t)k : -1;
}

static nax_status
mark_modes(nax_ctx *ctx, nax_i_ntf_operand *x, const char *const *names,
           const char *option, const char *list, size_t flag)
{
  for (const char *p = list; p != NULL && *p != '\0';) {
    size_t n = strcspn(p, ",");
    int32_t k = nax_i_ntf_find_mode(x->n_modes, names, p, n);
    if (k < 0) {
      return nax_i_fail(ctx, NAX_EINVAL, fn,
                        "option `%s` names `%.*s`, which is not an axis of `x`", option,
                        (int)n, p);
    }
    ((char *)&x->mode[k])[flag] = 1;
    p += n + (p[n] == ',');
  }
  return NAX_OK;
}

int
nax_i_ntf_any_penalty(const nax_i_ntf_operand *x)
{
  for (int32_t k = 0; k < x->n_modes; k++) {
    if (nax_i_ntf_is_penalised(&x->mode[k])) {
      return 1;
    }
  }
  return 0;
}

/* One "MODE:KIND=VALUE" of n characters. */
static nax_status
one_penalty(nax_ctx *ctx, nax_i_ntf_operand *x, const char *const *names, const char *p,
            size_t n)
{
  const char *end = p + n, *colon = memchr(p, ':', n), *equals = memchr(p, '=', n);
  double value = 0.0, *to = NULL;
  if (colon != NULL && equals != NULL && colon < equals) {
    int32_t k = nax_i_ntf_find_mode(x->n_modes, names, p, (size_t)(colon - p));
    if (k < 0) {
      return nax_i_fail(ctx, NAX_EINVAL, fn,
                        "option `penalty` names `%.*s`, which is not an axis of `x`",
                        (int)(colon - p), p);
    }
    nax_i_ntf_mode *m = &x->mode[k];
    size_t length = (size_t)(equals - colon) - 1;
    to = length == 5 && memcmp(colon + 1, "ridge", 5) == 0    ? &m->ridge
         : length == 2 && memcmp(colon + 1, "l1", 2) == 0     ? &m->l1
         : length == 6 && memcmp(colon + 1, "smooth", 6) == 0 ? &m->smooth
                                                              : NULL;
  }
  if (to == NULL || !nax_i_parse_double(equals + 1, end, &value) || !(value >= 0.0) ||
      value > 1e300) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      "option `penalty` has `%.*s`, expected AXIS:KIND=VALUE with ridge, "
                      "l1 or smooth and a value of at least 0",
                      (int)n, p);
  }
  *to = value;
  return NAX_OK;
}

static nax_status
settle_penalties(nax_ctx *ctx, nax_i_ntf_operand *x, const char *const *names,
                 const nax_ntf_opts *o)
{
  nax_status status = NAX_OK;
  int32_t n = 0;
  for (int32_t k = 0; k < x->n_modes; k++) {
    x->mode[k].in_ball = 0;
    x->mode[k].smooth = 0.0;
    x->mode[k].ridge = x->mode[k].is_fixed ? 0.0 : o->ridge;
    x->mode[k].l1 = x->mode[k].is_fixed ? 0.0 : o->l1;
  }
  for (const char *p = o->penalty; p != NULL && *p != '\0';) {
    size_t length = strcspn(p, ",");
    NAX_TRY(one_penalty(ctx, x, names, p, length));
    p += length + (p[length] == ',');
  }
  for (int32_t k = 0; k < x->n_modes; k++) {
    if (x->mode[k].is_fixed && nax_i_ntf_is_penalised(&x->mode[k])) {
      return nax_i_fail(ctx, NAX_EINVAL, fn, "mode %d is fixed and has a penalty",
                        (int)k);
    }
    n += nax_i_ntf_is_penalised(&x->mode[k]);
  }
  for (int32_t k = 0; n > 0 && k < x->n_modes; k++) {
    nax_i_ntf_mode *m = &x->mode[k];
    m->in_ball = !m->is_fixed && !nax_i_ntf_is_penalised(m);
    if (n > 1 && m->smooth > 0.0 && m->ridge <= 0.0 && m->l1 <= 0.0) {
      return nax_i_fail(ctx, NAX_EINVAL, fn,
                        "mode %d is penalised by `smooth` alone while other modes are "
                        "penalised too: give it a ridge or l1, which bounds its scale",
                        (int)k);
    }
  }
done:
  return status;
}

/* Losses other than squares are fitted by multiplicative updates, which take less. */
static nax_status
settle_loss(nax_ctx *ctx, const nax_i_ntf_operand *x, const nax_ntf_opts *o)
{
  if (o->loss == NAX_NTF_FROBENIUS) {
    return NAX_OK;
  }
  double beta = nax_i_ntf_beta(o);
  if (o->algorithm != NAX_NTF_NNLS && o->algorithm != NAX_NTF_MU) {
    return nax_i_fail(ctx, NAX_EINVAL, fn,
                      "losses other than frobenius are fitted by multiplicative updates: "
                      "leave `algorithm` out or set it to mu");
  }
  if (x->type->divergence == NULL) {
    return nax_i_fail(ctx, NAX_ENOTSUP, fn,
                      "this kind of tensor is fitted by least squares only");
  }
  for (int32_t k = 0; k < x->n_modes; k++) {
    const nax_i_ntf_mode *m = &x->mode[k];
    if (m->is_free) {
      return nax_i_fail(ctx, NAX_EINVAL, fn,
                        "mode %d is free, which only the loss frobenius allows", (int)k);
    }
    if (nax_i_ntf_is_coupled(m) || (m->ridge > 0.0 && beta != 1.0) || /* NOLINT */
        (m->l1 > 0.0 && beta > 1.0)) {
      return nax_i_fail(
          ctx, NAX_EINVAL, fn,
          "mode %d has a penalty that the loss does not go with: ridge goes "
          "with kl, l1 with kl and beta below 1, on every mode alike; smooth "
          "with frobenius only",
          (int)k);
    }
  }
  return NAX_OK;
}

nax_status
nax_i_ntf_settle(nax_ctx *ctx, nax_i_ntf_operand *x, const char *const *names,
                 const nax_ntf_opts *o)
{
  nax_status status = NAX_OK;
  for (int32_t k = 0; k < x->n_modes; k++) {
    /* A component per entry of the smallest unfolding explains anything. */
    double others = 1.0;
    for (int32_t j = 0; j < x->n_modes; j++) {
      others *= j == k ? 1.0 : (double)x->dim[j];
    }
    nax_index most = others < (double)x->dim[k] ? (nax_index)others : x->dim[k];
    if (x->n_modes == 2 && o->rank > most) {
      return nax_i_fail(ctx, NAX_EINVAL, fn,
                        "rank is %lld, a %lld x %lld matrix has at most %lld components",
                        (long long)o->rank, (long long)x->dim[0], (long long)x->dim[1],
                        (long long)most);
    }
    if ((double)o->rank > others) {
      return nax_i_fail(ctx, NAX_EINVAL, fn,
                        "rank is %lld, the axes other than %d allow at most %lld "
                        "components",
                        (long long)o->rank, (int)k, (long long)others);
    }
  }
  NAX_TRY(mark_modes(ctx, x, names, "free", o->free_modes,
                     offsetof(nax_i_ntf_mode, is_free)));
  NAX_TRY(mark_modes(ctx, x, names, "fixed", o->fixed_modes,
                     offsetof(nax_i_ntf_mode, is_fixed)));
  NAX_TRY(settle_penalties(ctx, x, names, o));
  NAX_TRY(settle_loss(ctx, x, o));
done:
  return status;
}
