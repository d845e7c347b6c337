/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Internals of the inference on models. */
#ifndef NAX_RSA_INFER_I_H
#define NAX_RSA_INFER_I_H
#include "compare_i.h"

/* --- boot.c ------------------------------------------------------------------------ */

/* Models and data ready for evaluation under multiplicities of conditions and subjects.
 * RDMs are numbered: those of all models one after the other, then the subjects. */
typedef struct nax_i_engine {
  const char *fn;
  nax_rsa_comparator what;
  nax_index n, m, q;           /* conditions, pairs, RDMs */
  nax_index n_models, n_rows;  /* models, their RDMs */
  nax_index n_subjects;        /* RDMs of data, q - n_rows */
  nax_index n_groups;          /* subjects that these are of ... */
  const nax_index *group;      /* ... each one's, or NULL: all different */
  const nax_rsa_model *models; /* n_models */
  const nax_index *first;      /* first RDM of each model, n_models + 1 */
  double *z;                   /* m x q, missing pairs 0 */
  char *there;                 /* pairs that all RDMs have */
  nax_i_kendall *k;            /* of each RDM, for ranks and tau */
  double ridge;
} nax_i_engine;

nax_status nax_i_engine_init(nax_ctx *ctx, const char *fn, const nax_rdms *data,
                             int64_t n_models, const nax_rsa_model *models,
                             const nax_index *first, nax_rsa_comparator what,
                             nax_i_engine *e);
void nax_i_engine_clear(nax_i_engine *e);

/* Similarities under one set of multiplicities of conditions. Ranks and features are of
 * the pairs that count, in the order of `at`. */
typedef struct nax_i_table {
  const nax_i_engine *e;
  double *c;     /* m: multiplicity of each pair */
  double total;  /* sum of c */
  nax_index *at; /* pairs that count, `listed` of them ... */
  double *root;  /* ... and the roots of their multiplicities */
  nax_index listed;
  double *sim;   /* q x n_subjects: of each RDM to each subject */
  double *gram;  /* q x q, cosines */
  double *scale; /* q: what a subject's RDM is divided by in a pool */
  double *work;  /* features, `rows` of each RDM */
  nax_index rows;
  double *pool; /* 3 (m + n) of scratch */
  /* comparators of ranks */
  double *rank;   /* m x n_subjects, about their mean */
  int32_t *count; /* m: multiplicity of each listed pair */
  int32_t *where; /* m: number of each pair in the list, -1 for the others */
  int32_t *order; /* m x (n_subjects + 1): listed pairs, ascending; the last scratch */
  char *last;     /* the same: 1 when the next value is another one */
  int32_t *times; /* m x (n_subjects + 1): counts along each order (tau) */
  int32_t *model,
      *own;           /* m x n_rows and m x n_subjects: ranks from 0, equal alike (tau) */
  int32_t *ranks;     /* q: how many of them */
  double *tied;       /* q: pairs of equal values */
  nax_i_keyed *keyed; /* 2 m of scratch */
  void *kendall;      /* scratch */
} nax_i_table;

nax_status nax_i_table_init(nax_ctx *ctx, const nax_i_engine *e, nax_i_table *t);
void nax_i_table_clear(nax_i_table *t);
/* w: n multiplicities, or NULL: each once. */
nax_status nax_i_table_fill(nax_ctx *ctx, nax_i_table *t, const double *w);
/* Mean over subjects (n_groups weights v) of the similarity to each model, which must be
 * fixed, then the lower and upper ceiling: n_models + 2 values. */
nax_status nax_i_table_evaluate(nax_ctx *ctx, nax_i_table *t, const double *v,
                                double *out);
/* Ceilings from pools weighted `train` (lower, where the left-out subject does not count)
 * and `all` (upper), averaged over the subjects of `test`. With `test` NULL: every
 * subject of `all` in turn is tested, and left out of the lower pool. */
nax_status nax_i_table_ceiling(nax_ctx *ctx, nax_i_table *t, const double *train,
                               const double *all, const double *test, double *lower,
                               double *upper);

/* Comparators of ranks: inner products of model RDMs first .. first + rows - 1 as they
 * are, about their means, and of the ranks of the data RDMs: (rows + n_subjects)^2. */
nax_status nax_i_table_rank_products(nax_ctx *ctx, const nax_i_table *t, nax_index first,
                                     nax_index rows, double *g);
/* The same: similarity of their sum with weights theta to each data RDM. */
nax_status nax_i_table_rank_combination(nax_ctx *ctx, nax_i_table *t, nax_index first,
                                        nax_index rows, const double *theta, double *sim);

/* --- folds.c ----------------------------------------------------------------------- */

/* Scratch of a cross-validated evaluation. */
typedef struct nax_i_folds {
  nax_i_table train, test;
  nax_index subject_folds, condition_folds; /* 1: that factor is not split */
  nax_index test_conditions, test_subjects; /* not 0: one random set of so many */
  double *w_train, *w_test, *v_train, *v_test, *theta, *sum, *count;
  nax_index *order, *fold_c, *fold_s;
} nax_i_folds;

nax_status nax_i_folds_init(nax_ctx *ctx, const nax_i_engine *e, nax_index subject_folds,
                            nax_index condition_folds, nax_i_folds *f);
void nax_i_folds_clear(nax_i_folds *f);
/* Folds for so many conditions or subjects, where none were asked for. */
nax_index nax_i_folds_default(nax_index n, int conditions);
/* As nax_i_table_evaluate, with models fitted to other subjects and conditions than they
 * are tested on, folds drawn from `stream` of the seed. `each` (n_models x subjects, or
 * NULL) gets the similarity to each subject. *valid 0: too few different ones for the
 * folds. */
nax_status nax_i_folds_evaluate(nax_ctx *ctx, nax_i_folds *f, const double *w,
                                const double *v, uint64_t seed, uint64_t stream,
                                double *out, double *each, int *valid);

/* As nax_i_folds_evaluate: models are fitted under w and v, and tested on conditions and
 * subjects that have no weight; a factor whose weights are NULL is not split. */
nax_status nax_i_folds_outside(nax_ctx *ctx, nax_i_folds *f, const double *w,
                               const double *v, double *out, int *valid);

/* Variance of a two-factor design from those of samples of both factors, of subjects
 * alone and of conditions alone. */
double nax_i_dual_variance(double both, double subjects, double conditions, double n_s,
                           double n_c);

/* --- infer.c, conclude.c ----------------------------------------------------------- */

struct nax_rsa {
  nax_index n, n_models, n_subjects; /* n: conditions */
  int64_t n_valid;
  double dof, ceiling[2];
  char **name;
  double *eval; /* n_models x n_subjects */
  double *cov;  /* (n_models + 2)^2 */
  nax_rsa_estimate *estimate;
  nax_rsa_difference *difference; /* n_models^2 */
  nax_rsa_opts opts;
};

/* Everything of one call. */
typedef struct nax_i_rsa_work {
  nax_ctx *ctx;
  const char *fn;
  const nax_rdms *data;
  nax_index n_subjects;
  nax_index *group; /* subject of each RDM, from 0; NULL: each its own */
  double *weight;   /* of each RDM in a mean over subjects, sum 1 */
  const nax_rsa_model *models;
  const nax_view *sigma;
  nax_rsa_opts o;
  nax_rsa *r;
  nax_rdms *all;    /* RDMs of all models */
  nax_index *first; /* of each model, n_models + 1 */
  int flexible, cross;
  nax_index n_out; /* n_models + 2 */
  nax_i_engine engine;
  nax_index subject_folds, condition_folds, test_conditions, test_subjects;
  int n_kinds;    /* resamplings evaluated of each sample: both, subjects, conditions */
  int64_t n_each; /* assignments to folds, 1 without */
  double *sample; /* n_out x n_kinds x n_each x samples */
  char *valid;    /* of each sample */
  double *cov[3]; /* of both (or the only one), subjects, conditions */
  double *raw[3]; /* the same with what the assignments to folds add */
} nax_i_rsa_work;

static inline int
nax_i_over_conditions(const nax_i_rsa_work *w)
{
  return w->o.resampling >= NAX_RSA_RESAMPLE_CONDITIONS;
}

static inline int
nax_i_over_subjects(const nax_i_rsa_work *w)
{
  return w->o.resampling != NAX_RSA_RESAMPLE_CONDITIONS;
}

/* Fills the results from evaluations and samples. */
nax_status nax_i_rsa_conclude(nax_i_rsa_work *w);

/* The resolved options. @borrows */
const nax_rsa_opts *nax_i_rsa_options(const nax_rsa *r);

/* --- tests.c ----------------------------------------------------------------------- */

/* p value of t, two-sided or of the upper tail; never 0. se 0: 1 unless the difference
 * says otherwise. */
double nax_i_t_p(double difference, double se, double dof, int two_sided);
/* Wilcoxon's signed rank test, two-sided, zeros left out: exact up to 50 values, with
 * the ranks that they have, else normal. 1 when all are 0. `work` has 2 n entries. */
double nax_i_signed_rank(nax_index n, const double *x, nax_i_keyed *work);
/* 1 for comparators of ranks. */
int nax_i_is_rank(nax_rsa_comparator c);
/* Permutation tests of relatedness for fixed models: p of each, and against the largest
 * of all. weight: of each RDM of data, sum 1. */
nax_status nax_i_rsa_permute(nax_ctx *ctx, const char *fn, const nax_rdms *data,
                             const double *weight, const nax_rdms *models,
                             nax_rsa_comparator c, const nax_view *sigma_k,
                             int64_t n_permutations, uint64_t seed, double *p,
                             double *p_max);

#endif
