/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Internals of the stochastic block model.
 *
 * A state is a partition of the nodes with all counts that its description length needs;
 * a node is taken out of its group and put into another, and each time the length is kept
 * up to date by what changed. Above the groups stand upper levels: level 1 has groups of
 * the groups of nodes and so on, up to a level of one group. */
#ifndef NAX_SBM_I_H
#define NAX_SBM_I_H
#include "dataset/dataset_i.h"
#include "rng/rng_i.h"
#include "stats/stats_i.h"
#include <math.h>
#include <neuraxis/sbm.h>

/* --- numbers ----------------------------------------------------------------------- */

/* ln k! from a table, or by lgamma beyond it. Make the table before threads start. */
typedef struct nax_i_sbm_counts {
  nax_index n;
  double *log_factorial;
  nax_index q_max; /* ln q(m, k) is exact up to here */
  double *log_q;   /* (q_max + 1) square, m fastest */
} nax_i_sbm_counts;

nax_status nax_i_sbm_counts_init(nax_ctx *ctx, nax_index n, nax_index q_max,
                                 nax_i_sbm_counts *t);
void nax_i_sbm_counts_free(nax_i_sbm_counts *t);
static inline double
nax_i_sbm_log_factorial(const nax_i_sbm_counts *t, nax_index k)
{
  return k <= t->n ? t->log_factorial[k] : lgamma((double)k + 1.0);
}
/* ln C(n + k - 1, k): ways to deal k edges to n pairs. */
double nax_i_sbm_log_multichoose(const nax_i_sbm_counts *t, nax_index n, nax_index k);
/* ln of the partitions of m into at most k parts. */
double nax_i_sbm_log_q(const nax_i_sbm_counts *t, nax_index m, nax_index k);

/* --- graph -------------------------------------------------------------------------- */

enum { NAX_I_SBM_SUMS = 2 }; /* sums over weights that a distribution needs, at most */

typedef struct nax_i_sbm_graph {
  nax_ctx *ctx; /* asked whether to stop, between moves */
  nax_index n, n_edges;
  nax_index *first; /* n + 1: neighbours of node i at first[i] .. */
  nax_index *nbr;
  nax_index *count;          /* edges to that neighbour */
  double *x[NAX_I_SBM_SUMS]; /* sums over their weights */
  nax_index *loop;           /* half-edges of loops of each node */
  double *loop_x[NAX_I_SBM_SUMS];
  nax_index *degree;
  nax_index n_degrees;  /* distinct degrees */
  nax_index *degree_id; /* of each node */
  nax_sbm_weights weights;
  int n_sums;
  double adjacency; /* terms that no partition changes: sum of ln A_ij! and ln A_ii!! */
  double degrees;   /* sum of ln k_i! */
  double *fixed;    /* nax_i_sbm_fixed of 0 .. n_edges, or NULL */
  double constant;  /* of the weights */
  double sum;       /* of all weights */
  double par[4];    /* of the prior of the weights */
  nax_i_sbm_counts table;
} nax_i_sbm_graph;

/* From a list of edges (weights NULL: none); applies floor and strength correction. */
nax_status nax_i_sbm_graph_init(nax_ctx *ctx, const char *fn, nax_index n,
                                nax_index n_edges, const nax_index *from,
                                const nax_index *to, const double *weight,
                                const nax_sbm_opts *o, nax_i_sbm_graph *g);
void nax_i_sbm_graph_free(nax_i_sbm_graph *g);

/* Shape of the posterior of the rate (gamma) or the precision (log-normal) after m
 * weights. */
static inline double
nax_i_sbm_shape(const nax_i_sbm_graph *g, double m)
{
  return g->weights == NAX_SBM_GAMMA ? m * g->par[0] + g->par[1] : g->par[2] + 0.5 * m;
}

/* What so many edges between two groups take off the description length whatever their
 * weights are; these add power x log(argument). */
double nax_i_sbm_fixed(const nax_i_sbm_graph *g, nax_index edges);

/* --- state -------------------------------------------------------------------------- */

/* Level 1 and up: groups of the groups below. */
typedef struct nax_i_sbm_upper {
  nax_index cap;
  nax_index n_used;  /* slots from here on are empty */
  nax_index *parent; /* of each slot of the level below */
  nax_index *size;   /* groups below in each group here */
  nax_index *e;      /* cap square, half-edges */
  nax_index *k;      /* half-edges of the node in hand to each group */
  nax_index n_groups;
} nax_i_sbm_upper;

enum { NAX_I_SBM_MAX_UPPER = 12 };

/* ln q(m, k) beyond the table takes a while and comes back often. */
enum { NAX_I_SBM_REMEMBER = 1 << 12 };
typedef struct nax_i_sbm_remembered {
  nax_index m, k;
  double log_q;
} nax_i_sbm_remembered;

typedef struct nax_i_sbm_state {
  const nax_i_sbm_graph *g;
  int corrected;
  int nested; /* upper levels have partition terms */
  nax_index cap, min_groups, max_groups;
  nax_index n_groups, n_pairs; /* pairs of groups with edges */
  nax_index *label;            /* slot of each node, -1: in hand */
  nax_index *size, *degree;    /* of each slot */
  nax_index *active, *where;   /* slots in use, and where each stands in that list */
  nax_index *e;                /* cap square */
  double *x[NAX_I_SBM_SUMS];   /* cap square */
  double *term;                /* cap square: what the pair adds */
  double *own;                 /* of each slot: what the group itself adds */
  nax_index *eta;              /* cap x distinct degrees: nodes of that degree */
  int n_upper;
  nax_i_sbm_upper upper[NAX_I_SBM_MAX_UPPER];
  /* Half-edges of each node to each slot and sums over their weights, as of label `home`
   * (n x cap, node fastest); NULL for graphs of few edges, where neighbours are counted
   * each time. */
  nax_index *to;
  double *to_x[NAX_I_SBM_SUMS];
  nax_index *home;
  /* the node in hand */
  nax_index *k, *touched, n_touched; /* half-edges to each slot, and slots with any */
  double *kx[NAX_I_SBM_SUMS];
  double *cost;            /* scratch of moves */
  nax_index *option;       /* and slots of these */
  double *above;           /* what the upper levels add under each group of level 1 */
  nax_index *joint;        /* scratch: edges of each touched slot with one more node, */
  double *log_of, *less;   /* logarithms of their weights, and their fixed terms */
  nax_i_sbm_remembered *q; /* values of ln q beyond the table */
} nax_i_sbm_state;

/* All nodes in the groups of `label` (0 .. B-1, every one used), one upper level. */
nax_status nax_i_sbm_state_init(nax_ctx *ctx, const nax_i_sbm_graph *g, int corrected,
                                nax_index cap, nax_i_sbm_state *s);
void nax_i_sbm_state_free(nax_i_sbm_state *s);
/* Set the partition; the upper levels become one group. */
void nax_i_sbm_state_set(nax_i_sbm_state *s, const nax_index *label);
/* The partition and the upper levels of another state of the same graph and capacity. */
void nax_i_sbm_copy(nax_i_sbm_state *s, const nax_i_sbm_state *from);
/* Labels 0 .. B-1 in order of slots; returns B. */
nax_index nax_i_sbm_state_get(const nax_i_sbm_state *s, nax_index *label);

/* Description length from scratch. */
nax_sbm_terms nax_i_sbm_terms(const nax_i_sbm_state *s);

/* Take node v out; what it told of the description length is gone. */
void nax_i_sbm_detach(nax_i_sbm_state *s, nax_index v);
/* What putting the node in hand into slot r would add to the description length; for a
 * slot not in use, with the group of level 1 it would belong to. */
double nax_i_sbm_attach_cost(const nax_i_sbm_state *s, nax_index v, nax_index r,
                             nax_index parent);
/* That of n slots in use. */
void nax_i_sbm_attach_costs(const nax_i_sbm_state *s, nax_index v, nax_index n,
                            const nax_index *slot, double *cost);
void nax_i_sbm_attach(nax_i_sbm_state *s, nax_index v, nax_index r, nax_index parent);
/* A slot not in use, or -1. */
nax_index nax_i_sbm_free_slot(const nax_i_sbm_state *s);
/* Change of the description length when the groups in slots r and s become one; both are
 * under one group of level 1. */
double nax_i_sbm_merge_cost(const nax_i_sbm_state *st, nax_index r, nax_index s);

/* --- moves ---------------------------------------------------------------------------
 */

/* How moves are drawn: probability of a state proportional to exp(-beta S); HUGE_VAL
 * always takes the best. `births`: empty groups are offered. `posterior`: partitions, not
 * labellings, are what has a probability (S less ln B!). */
typedef struct nax_i_sbm_moves {
  nax_rng *rng;
  double beta;
  int births, posterior;
  /* A node is offered at most so many of the groups, drawn at random, its own among them;
   * 0: all. */
  nax_index most;
} nax_i_sbm_moves;

/* Each node in random order into a group drawn from its conditional distribution.
 * Returns nodes that moved. `order` has room for n. */
nax_index nax_i_sbm_sweep(nax_i_sbm_state *s, const nax_i_sbm_moves *m, nax_index *order);
/* One split or merge by two nodes drawn at random (Jain & Neal 2004); 1 when accepted.
 * `scratch` has room for 2 n. */
int nax_i_sbm_split_merge(nax_i_sbm_state *s, const nax_i_sbm_moves *m,
                          nax_index *scratch);

/* --- searching ------------------------------------------------------------------------
 */

/* A short flat description from a random beginning; labels in s. */
nax_status nax_i_sbm_search(nax_i_sbm_state *s, nax_rng *rng);
/* Splits, merges and sweeps until none of many tries helps. `scratch` has room for 2 n.
 */
void nax_i_sbm_polish(nax_i_sbm_state *s, nax_rng *rng, nax_index *scratch);
/* Upper levels for the groups as they are, then all levels in turn while that helps. */
nax_status nax_i_sbm_nest(nax_i_sbm_state *s, nax_rng *rng);
/* Upper levels for the groups of s, nothing else moved. */
nax_status nax_i_sbm_stack(nax_i_sbm_state *s);
/* Description length of the upper levels of s alone. */
double nax_i_sbm_upper_terms(const nax_i_sbm_state *s);

#endif
