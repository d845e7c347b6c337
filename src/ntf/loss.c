/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Beta-divergences, the Kullback-Leibler one for counts among them: multiplicative
 * updates with the exponents that make them descend (Fevotte & Idier 2011).
 *
 * The two tensors whose products with the factors make the update, x m^(beta - 2) and
 * m^(beta - 1), are formed for each mode and go through the same tree as the data; with
 * KL and nothing missing the second is all ones and needs no tensor. */
#include "ntf_i.h"
#include <float.h>
#include <math.h>

enum { FIBRES = 64 };

/* Models and factors are kept from an exact zero, which no update could leave. */
static const double LEAST_MODEL = 1e-60, LEAST = 1e-150;

static double
ratio_of(double x, double m, double beta)
{
  return beta == 1.0   ? x / m /* NOLINT: a given exponent */
         : beta == 0.0 ? x / (m * m)
         : beta == 2.0 ? x
                       : x * pow(m, beta - 2.0);
}

static double
weight_of(double m, double beta)
{
  return beta == 1.0   ? 1.0 /* NOLINT */
         : beta == 0.0 ? 1.0 / m
         : beta == 2.0 ? m
                       : pow(m, beta - 1.0);
}

static double
divergence_of(double x, double m, double beta)
{
  if (beta == 1.0) { /* NOLINT */
    return (x > 0.0 ? x * log(x / m) : 0.0) - x + m;
  }
  if (beta == 0.0) { /* NOLINT */
    return x / m - log(x / m) - 1.0;
  }
  double mb = pow(m, beta), xb = x > 0.0 ? pow(x, beta) : 0.0;
  return (xb + (beta - 1.0) * mb - beta * x * mb / m) / (beta * (beta - 1.0));
}

/* ------------------------------------------------------------------------ dense */

typedef struct job {
  nax_i_ntf_problem *p;
  int64_t rank, ld, ld0;
  double *const *f;
  double beta;
  double *transposed, *part; /* part: NULL when the value is not wanted */
  nax_index n_fibres;
  int32_t wants_update;
} job;

static void
form_entry(const job *c, nax_index at, double m, int is_missing, double *sum)
{
  nax_i_ntf_problem *p = c->p;
  double x = is_missing ? 0.0 : nax_i_tensor_at(&p->x, at);
  m = m > LEAST_MODEL ? m : LEAST_MODEL;
  if (c->wants_update) {
    p->ratio[0][at] = is_missing ? 0.0 : ratio_of(x, m, c->beta);
    if (p->ratio[1] != NULL) {
      p->ratio[1][at] = is_missing ? 0.0 : weight_of(m, c->beta);
    }
  }
  if (c->part != NULL && !is_missing) {
    *sum += divergence_of(x, m, c->beta);
  }
}

static nax_status
form_block(int64_t block, void *arg)
{
  const job *c = arg;
  nax_status status = NAX_OK;
  nax_ctx *ctx = NULL;
  const nax_i_ntf_problem *p = c->p;
  double *w = NULL, *model = NULL, *row = NULL;
  nax_index from = block * FIBRES, n0 = p->x.dim[0];
  nax_index n = c->n_fibres - from < FIBRES ? c->n_fibres - from : FIBRES;
  NAX_TRY_ALLOC(w, n * c->ld, sizeof *w);
  NAX_TRY_ALLOC(model, n * c->ld0, sizeof *model);
  NAX_TRY_ALLOC(row, n, sizeof *row);
  for (nax_index j = 0; j < n; j++) {
    nax_i_ntf_fibre_weights(&p->x, c->f, c->rank, c->ld, from + j, w + j * c->ld);
  }
  nax_i_skinny(NAX_F64, w, c->ld, 1, c->rank, c->transposed, c->ld0, model, c->ld0, n,
               NULL);
  nax_index skip = nax_i_ntf_first_missing(p, from * n0);
  for (nax_index j = 0; j < n; j++) {
    for (nax_index i = 0; i < n0; i++) {
      nax_index at = (from + j) * n0 + i;
      int is_missing = skip < p->n_missing && p->missing[skip] == at;
      skip += is_missing;
      form_entry(c, at, model[j * c->ld0 + i], is_missing, &row[j]);
    }
  }
  if (c->part != NULL) {
    c->part[block] = nax_i_sum(row, n);
  }
done:
  nax_i_free(w);
  nax_i_free(model);
  nax_i_free(row);
  return status;
}

/* Row j of den: products of the column sums of all modes but one, whose factor of all
 * ones they stand for. */
static void
products_of_sums(const nax_i_ntf_operand *x, int64_t rank, int64_t ld, double *const *f,
                 int32_t mode, double *den)
{
  for (int64_t r = 0; r < rank; r++) {
    double v = 1.0;
    for (int32_t k = 0; k < x->n_modes; k++) {
      double sum = 0.0;
      for (nax_index i = 0; k != mode && i < x->dim[k]; i++) {
        sum += f[k][i * ld + r];
      }
      v *= k != mode ? sum : 1.0;
    }
    for (nax_index i = 0; i < x->dim[mode]; i++) {
      den[i * ld + r] = v;
    }
  }
}

static nax_status
ratio_memory(nax_ctx *ctx, nax_i_ntf_problem *p, double beta, int64_t rank)
{
  nax_status status = NAX_OK;
  int needs_second = beta != 1.0 || p->n_missing > 0; /* NOLINT */
  if (p->ratio[0] != NULL) {
    return NAX_OK;
  }
  nax_i_tree_free(&p->tree); /* of the data, which is not contracted itself */
  NAX_TRY_ALLOC(p->ratio[0], p->x.size, sizeof(double));
  if (needs_second) {
    NAX_TRY_ALLOC(p->ratio[1], p->x.size, sizeof(double));
  }
  p->ratio_x = p->x;
  p->ratio_x.dtype = NAX_F64;
  NAX_TRY(nax_i_tree_init(&p->ratio_tree, ctx, &p->ratio_x, 1, rank));
done:
  return status;
}

static nax_status
contract_ratio(nax_ctx *ctx, nax_i_ntf_problem *p, int which, double *const *f,
               int32_t mode, double *out)
{
  p->ratio_x.x = p->ratio[which];
  p->ratio_tree.ctx = ctx;
  p->ratio_tree.held = -1; /* another tensor */
  return nax_i_tree_mttkrp(&p->ratio_tree, f, mode, out);
}

nax_status
nax_i_ntf_dense_divergence(nax_i_ntf_operand *x, nax_ctx *ctx, double beta, int64_t rank,
                           int64_t ld, double *const *f, int32_t mode, double *num,
                           double *den, double *value)
{
  nax_status status = NAX_OK;
  nax_i_ntf_problem *p = (nax_i_ntf_problem *)x;
  nax_index n0 = p->x.dim[0];
  job c = {.p = p,
           .rank = rank,
           .ld = ld,
           .ld0 = nax_i_skinny_pad(NAX_F64, n0),
           .f = f,
           .beta = beta,
           .wants_update = mode >= 0,
           .n_fibres = p->x.size / n0};
  int64_t n_blocks = nax_i_n_blocks(c.n_fibres, FIBRES);
  if (mode >= 0) {
    NAX_TRY(ratio_memory(ctx, p, beta, rank));
  }
  NAX_TRY_ALLOC(c.transposed, rank * c.ld0, sizeof(double));
  if (value != NULL) {
    NAX_TRY_ALLOC(c.part, n_blocks, sizeof(double));
  }
  for (nax_index i = 0; i < n0; i++) {
    for (int64_t r = 0; r < rank; r++) {
      c.transposed[r * c.ld0 + i] = f[0][i * ld + r];
    }
  }
  NAX_TRY(nax_i_parallel(ctx, NULL, n_blocks, form_block, &c));
  if (value != NULL) {
    *value = nax_i_sum(c.part, n_blocks);
  }
  if (mode >= 0) {
    NAX_TRY(contract_ratio(ctx, p, 0, f, mode, num));
    if (p->ratio[1] != NULL) {
      NAX_TRY(contract_ratio(ctx, p, 1, f, mode, den));
    } else {
      products_of_sums(x, rank, ld, f, mode, den);
    }
  }
done:
  nax_i_free(c.transposed);
  nax_i_free(c.part);
  return status;
}

/* ----------------------------------------------------------------------- fitting */

/* One start. */
typedef struct fit {
  const nax_ntf_opts *o;
  nax_i_ntf_operand *x;
  nax_i_ntf_run *run;
  int64_t rank, ld;
  double beta, exponent;
  double *num, *den, *scale, *square;
  double first, before; /* objective at the start and after the last sweep */
} fit;

/* New value of one entry: the minimum of the function that bounds the loss from above. */
static double
next_value(const fit *s, const nax_i_ntf_mode *mode, double a, double num, double den)
{
  double below = den + mode->l1, to;
  num = num > 0.0 ? num : 0.0;
  if (!(below > 0.0)) {
    return a;
  }
  if (mode->ridge > 0.0) { /* KL: ridge a'^2 + below a' - num a = 0 */
    to = 2.0 * num * a / (below + sqrt(below * below + 4.0 * mode->ridge * num * a));
  } else {
    double u = num / below;
    to = a * (s->exponent == 1.0 ? u : pow(u, s->exponent)); /* NOLINT */
  }
  return a > 0.0 && to < LEAST ? LEAST : to;
}

static void
update_rows(fit *s, int32_t k)
{
  const nax_i_ntf_mode *mode = &s->x->mode[k];
  double *f = s->run->f[k], bad = 0.0, all = 0.0;
  for (nax_index i = 0; i < s->x->dim[k]; i++) {
    for (int64_t r = 0; r < s->rank; r++) {
      nax_index at = i * s->ld + r;
      double grad = s->den[at] + mode->l1 + mode->ridge * f[at] - s->num[at];
      double v = f[at] < grad ? f[at] : grad;
      bad += v * v;
      all += s->num[at] * s->num[at];
      f[at] = next_value(s, mode, f[at], s->num[at], s->den[at]);
    }
  }
  s->run->kkt = fmax(s->run->kkt, all > 0.0 ? sqrt(bad / all) : 0.0);
}

static void
balance(fit *s)
{
  for (int32_t k = 0; k < s->x->n_modes; k++) {
    double *square = s->square + k * s->ld;
    memset(square, 0, (size_t)s->ld * sizeof *square);
    for (nax_index i = 0; i < s->x->dim[k]; i++) {
      for (int64_t r = 0; r < s->rank; r++) {
        double a = s->run->f[k][i * s->ld + r];
        square[r] += a * a;
      }
    }
  }
  (void)nax_i_ntf_find_scale(s->x, s->rank, s->ld, s->run->f, s->square, s->scale);
  for (int32_t k = 0; k < s->x->n_modes; k++) {
    if (!s->x->mode[k].is_fixed) {
      nax_i_ntf_scale_columns(s->run->f[k], s->x->dim[k], s->rank, s->ld,
                              s->scale + k * s->ld);
    }
  }
}

/* The loss of the factors as they are now goes to the trace; 1 when that is the end. */
static int
conclude(fit *s, double loss)
{
  nax_i_ntf_run *run = s->run;
  double now = loss;
  for (int32_t k = 0; k < s->x->n_modes; k++) {
    now += nax_i_ntf_penalty(&s->x->mode[k], run->f[k], s->x->dim[k], s->rank, s->ld);
  }
  run->loss = loss;
  if (run->n_iter == 0) {
    s->first = s->before = now;
    return 0;
  }
  run->trace[run->n_iter - 1] = loss;
  double gain = s->before - now, so_far = s->first - now;
  s->before = now;
  if (fabs(gain) <= s->o->tol * fabs(so_far) && run->kkt <= s->o->kkt_tol) {
    run->stop = NAX_STOP_TOL;
    return 1;
  }
  return run->n_iter >= s->o->max_iter;
}

static nax_status
fit_start(nax_ctx *ctx, fit *s, nax_i_stage *stage, int64_t *n_sweeps)
{
  nax_status status = NAX_OK;
  nax_i_ntf_run *run = s->run;
  for (;;) {
    int is_first = 1;
    double kkt = run->kkt;
    for (int32_t k = 0; k < s->x->n_modes; k++) {
      double loss;
      if (s->x->mode[k].is_fixed) {
        continue;
      }
      NAX_TRY(s->x->type->divergence(s->x, ctx, s->beta, s->rank, s->ld, run->f, k,
                                     s->num, s->den, is_first ? &loss : NULL));
      if (is_first) {
        run->kkt = kkt; /* of the sweep that the loss is of */
        if (conclude(s, loss)) {
          return NAX_OK;
        }
        run->kkt = 0.0;
        is_first = 0;
      }
      update_rows(s, k);
    }
    balance(s);
    run->n_iter++;
    NAX_TRY(nax_i_stage_poll(stage, ++*n_sweeps, run->loss));
  }
done:
  return status;
}

nax_status
nax_i_ntf_run_loss(nax_ctx *ctx, const nax_ntf_opts *o, nax_i_ntf_operand *x, int64_t n,
                   nax_i_ntf_run *run)
{
  nax_status status = NAX_OK;
  nax_i_stage stage;
  int64_t n_sweeps = 0, longest = 0, ld = nax_i_ntf_ld(o->rank);
  fit s = {.o = o, .x = x, .rank = o->rank, .ld = ld, .beta = nax_i_ntf_beta(o)};
  s.exponent = s.beta < 1.0   ? 1.0 / (2.0 - s.beta)
               : s.beta > 2.0 ? 1.0 / (s.beta - 1.0)
                              : 1.0;
  for (int32_t k = 0; k < x->n_modes; k++) {
    longest = x->dim[k] > longest ? x->dim[k] : longest;
  }
  NAX_TRY_ALLOC(s.num, longest * ld, sizeof(double));
  NAX_TRY_ALLOC(s.den, longest * ld, sizeof(double));
  NAX_TRY_ALLOC(s.scale, x->n_modes * ld, sizeof(double));
  NAX_TRY_ALLOC(s.square, x->n_modes * ld, sizeof(double));
  NAX_TRY(nax_i_stage_begin(&stage, ctx, "nax_ntf_fit", "ntf/sweep", n * o->max_iter));
  for (int64_t j = 0; j < n; j++) {
    s.run = &run[j];
    run[j].stop = NAX_STOP_ITER;
    run[j].n_iter = 0;
    run[j].kkt = 0.0;
    status = fit_start(ctx, &s, &stage, &n_sweeps);
    if (status == NAX_EINTERRUPT && o->keep_partial) {
      NAX_TRY(x->type->divergence(x, ctx, s.beta, s.rank, ld, run[j].f, -1, NULL, NULL,
                                  &run[j].loss));
      run[j].trace[run[j].n_iter - 1] = run[j].loss;
      run[j].stop = NAX_STOP_USER;
      status = NAX_OK;
      break;
    }
    NAX_TRY(status);
  }
done:
  nax_i_free(s.num);
  nax_i_free(s.den);
  nax_i_free(s.scale);
  nax_i_free(s.square);
  return status;
}
