/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nax_test.h"
#include "sbm/sbm_i.h"

/* -------------------------------------------------------------------------- helpers */

typedef struct edges {
  nax_index n, n_edges, from[20000], to[20000];
  double w[20000];
} edges;

static edges e; /* too large for a stack */

static void
add_edge(nax_index i, nax_index j, double w)
{
  e.from[e.n_edges] = i;
  e.to[e.n_edges] = j;
  e.w[e.n_edges++] = w;
}

/* A file of lines "i,j,weight". */
static void
read_edges(const char *path)
{
  FILE *f = fopen(path, "r");
  char line[256];
  assert_non_null(f);
  e.n = e.n_edges = 0;
  while (fgets(line, sizeof line, f) != NULL) {
    long i, j;
    double w;
    if (sscanf(line, "%ld,%ld,%lf", &i, &j, &w) == 3) {
      add_edge(i, j, w);
      e.n = i + 1 > e.n ? i + 1 : e.n;
      e.n = j + 1 > e.n ? j + 1 : e.n;
    }
  }
  fclose(f);
}

static nax_index
read_labels(const char *path, nax_index *label)
{
  FILE *f = fopen(path, "r");
  nax_index n = 0;
  long x;
  assert_non_null(f);
  while (fscanf(f, "%ld", &x) == 1) {
    label[n++] = x;
  }
  fclose(f);
  return n;
}

static nax_sbm_terms
describe(const nax_index *label, const nax_sbm_opts *o)
{
  nax_sbm_terms t;
  assert_ok(
      nax_sbm_describe_edges(NULL, e.n, e.n_edges, e.from, e.to, e.w, label, o, &t));
  return t;
}

static double
exponential(uint64_t *seed)
{
  return -log(1.0 - nax_t_uniform(seed));
}

/* A random multigraph with loops and parallel edges. */
static void
random_graph(nax_index n, nax_index n_edges, uint64_t *seed)
{
  e.n = n;
  e.n_edges = 0;
  for (nax_index k = 0; k < n_edges; k++) {
    add_edge((nax_index)(nax_t_random(seed) % (uint64_t)n),
             (nax_index)(nax_t_random(seed) % (uint64_t)n), exponential(seed) + 0.01);
  }
}

/* ------------------------------------------------------------------ description length
 */

static void
terms_are_those_of_the_reference(void **state)
{
  (void)state;
  read_edges(nax_t_shared("ref/ntf/oracle_graph.csv"));
  assert_int_equal(e.n, 12);
  assert_int_equal(e.n_edges, 25);
  nax_index planted[12], one[12] = {0};
  for (nax_index i = 0; i < 12; i++) {
    planted[i] = i / 4;
  }
  nax_sbm_opts o = NAX_SBM_OPTS_INIT;
  o.floor = 1e-12;
  o.degrees = NAX_SBM_PLAIN;
  nax_sbm_terms t = describe(planted, &o);
  assert_close(t.adjacency, 39.4029002629, 0.0, 1e-9);
  assert_close(t.partition, 16.9452928396, 0.0, 1e-9);
  assert_close(t.edges, 11.8671393831, 0.0, 1e-9);
  assert_close(t.weights, 40.5603634962, 0.0, 1e-9);
  assert_close(t.totals, 19.2530634071, 0.0, 1e-9);
  assert_close(t.total, 128.0287593889, 0.0, 1e-9);
  assert_close(describe(one, &o).total, 112.0078897237, 0.0, 1e-9);
  o.weights = NAX_SBM_NONE;
  assert_close(describe(planted, &o).total, 68.2153324856, 0.0, 1e-9);
  o.degrees = NAX_SBM_CORRECTED;
  t = describe(planted, &o);
  assert_close(t.adjacency, 25.7860587648, 0.0, 1e-9);
  assert_close(t.degrees, 19.0683229821, 0.0, 1e-9);
}

/* ln q(m, k) by counting. */
static double
count_partitions(int m, int k)
{
  return m == 0            ? 1.0
         : m < 0 || k == 0 ? 0.0
                           : count_partitions(m, k - 1) + count_partitions(m - k, k);
}

static void
partitions_of_integers_are_counted(void **state)
{
  (void)state;
  nax_i_sbm_counts t, large;
  assert_ok(nax_i_sbm_counts_init(NULL, 100, 60, &t));
  for (int m = 1; m <= 40; m++) {
    for (int k = 1; k <= m; k++) {
      assert_close(nax_i_sbm_log_q(&t, m, k), log(count_partitions(m, k)), 1e-12, 1e-12);
    }
  }
  nax_i_sbm_counts_free(&t);
  /* The asymptotic form against the table. */
  assert_ok(nax_i_sbm_counts_init(NULL, 10, 2000, &large));
  assert_ok(nax_i_sbm_counts_init(NULL, 10, 1, &t));
  for (int k = 1; k <= 2000; k = k * 3 / 2 + 1) {
    double exact = nax_i_sbm_log_q(&large, 2000, k);
    assert_close(nax_i_sbm_log_q(&t, 2000, k), exact, 0.01, 0.1);
  }
  nax_i_sbm_counts_free(&t);
  nax_i_sbm_counts_free(&large);
}

/* What a move is said to change against the length from scratch, on graphs with loops,
 * parallel edges, all distributions, upper levels. */
/* Two groups under the same group of level 1; 0: there are none. */
static int
two_of_one_parent(const nax_i_sbm_state *s, nax_index *a, nax_index *b)
{
  for (nax_index i = 0; i < s->n_groups; i++) {
    for (nax_index j = 0; j < i; j++) {
      *a = s->active[j];
      *b = s->active[i];
      if (s->upper[0].parent[*a] == s->upper[0].parent[*b]) {
        return 1;
      }
    }
  }
  return 0;
}

static void
changes_agree_with_the_length_from_scratch(void **state)
{
  (void)state;
  for (uint64_t round = 0; round < 30; round++) {
    /* the last have so many neighbours that counts to groups are kept */
    int dense = round >= 24;
    uint64_t seed = 300 + round;
    nax_sbm_opts o = NAX_SBM_OPTS_INIT;
    nax_i_sbm_graph g;
    nax_i_sbm_state s;
    nax_rng *rng;
    nax_index label[80], n = dense ? 80 : 20;
    random_graph(n, dense ? 6000 : 60, &seed);
    o.weights = (int32_t)(1 + round % 4);
    assert_ok(nax_rng_create(NULL, round, 0, &rng));
    assert_ok(
        nax_i_sbm_graph_init(NULL, __func__, n, e.n_edges, e.from, e.to, e.w, &o, &g));
    assert_ok(nax_i_sbm_state_init(NULL, &g, round % 2 == 0, 10, &s));
    assert_int_equal(s.to != NULL, dense);
    for (nax_index i = 0; i < n; i++) {
      label[i] = i % 6;
    }
    nax_i_sbm_state_set(&s, label);
    if (round % 3 == 2) {
      assert_ok(nax_i_sbm_stack(&s));
    }
    double total = nax_i_sbm_terms(&s).total;
    for (int k = 0; k < 60; k++) {
      nax_index v = nax_rng_below(rng, n), from = s.label[v];
      nax_index parent = s.upper[0].parent[from], to;
      if (s.upper[0].size[parent] == 1 && s.size[from] == 1) {
        continue;
      }
      nax_i_sbm_detach(&s, v);
      double cost = -nax_i_sbm_attach_cost(&s, v, from, parent);
      to = nax_rng_below(rng, s.n_groups + 1);
      to = to < s.n_groups ? s.active[to] : nax_i_sbm_free_slot(&s);
      if (to < 0) {
        to = s.active[0];
      }
      cost += nax_i_sbm_attach_cost(&s, v, to, parent);
      nax_i_sbm_attach(&s, v, to, parent);
      double now = nax_i_sbm_terms(&s).total;
      assert_close(now - total, cost, 1e-9, 1e-9);
      total = now;
    }
    nax_index a, b;
    while (two_of_one_parent(&s, &a, &b)) {
      double cost = nax_i_sbm_merge_cost(&s, a, b);
      for (nax_index i = 0; i < n; i++) {
        if (s.label[i] == a) {
          nax_i_sbm_detach(&s, i);
          nax_i_sbm_attach(&s, i, b, 0);
        }
      }
      double now = nax_i_sbm_terms(&s).total;
      assert_close(now - total, cost, 1e-9, 1e-9);
      total = now;
    }
    nax_rng_free(rng);
    nax_i_sbm_state_free(&s);
    nax_i_sbm_graph_free(&g);
  }
}

/* --------------------------------------------------------------------------- sampling */

/* Next partition of n items as a restricted growth string; 0 at the end. */
static int
next_partition(nax_index n, nax_index *label)
{
  for (nax_index i = n - 1; i > 0; i--) {
    nax_index most = 0;
    for (nax_index j = 0; j < i; j++) {
      most = label[j] > most ? label[j] : most;
    }
    if (label[i] <= most) {
      label[i]++;
      memset(label + i + 1, 0, (size_t)(n - i - 1) * sizeof *label);
      return 1;
    }
  }
  return 0;
}

/* Labels renumbered in order of appearance; returns how many. */
static nax_index
number_from_zero(nax_index n, nax_index *label)
{
  nax_index next = 0, number[256];
  memset(number, -1, sizeof number);
  for (nax_index i = 0; i < n; i++) {
    if (number[label[i]] < 0) {
      number[label[i]] = next++;
    }
    label[i] = number[label[i]];
  }
  return next;
}

/* The chain visits partitions as often as exp(-S) B! says: by nodes alone and by splits
 * and merges alone plus nodes. */
static void
the_chain_visits_what_it_should(void **state)
{
  (void)state;
  enum { N = 5, STATES = 52, DRAWS = 60000 };
  uint64_t seed = 9;
  random_graph(N, 7, &seed);
  nax_sbm_opts o = NAX_SBM_OPTS_INIT;
  o.degrees = NAX_SBM_PLAIN;
  nax_index label[STATES][N] = {{0}}, now[N], scratch[2 * N];
  double p[STATES], z = 0.0;
  int n_states = 0;
  memset(now, 0, sizeof now);
  do {
    nax_index b = 0;
    for (int i = 0; i < N; i++) {
      b = now[i] + 1 > b ? now[i] + 1 : b;
    }
    memcpy(label[n_states], now, sizeof now);
    p[n_states] = exp(-describe(now, &o).total + lgamma((double)b + 1.0) + 25.0);
    z += p[n_states++];
  } while (next_partition(N, now));
  assert_int_equal(n_states, STATES);
  for (int how = 0; how < 3; how++) { /* 2: two groups offered at a time */
    int splits = how == 1;
    nax_i_sbm_graph g;
    nax_i_sbm_state s;
    nax_rng *rng;
    double count[STATES] = {0}, chi2 = 0.0;
    assert_ok(nax_rng_create(NULL, 4, (uint64_t)how, &rng));
    assert_ok(
        nax_i_sbm_graph_init(NULL, __func__, N, e.n_edges, e.from, e.to, e.w, &o, &g));
    assert_ok(nax_i_sbm_state_init(NULL, &g, 0, N, &s));
    memset(now, 0, sizeof now);
    nax_i_sbm_state_set(&s, now);
    nax_i_sbm_moves m = {rng, 1.0, 1, 1, how == 2 ? 2 : 0};
    for (int k = 0; k < DRAWS; k++) {
      for (int q = 0; q < (splits ? 6 : 0); q++) {
        (void)nax_i_sbm_split_merge(&s, &m, scratch);
      }
      for (int q = 0; q < (splits ? 0 : 2 + 2 * how); q++) {
        (void)nax_i_sbm_sweep(&s, &m, scratch);
      }
      (void)nax_i_sbm_state_get(&s, now);
      (void)number_from_zero(N, now);
      for (int i = 0; i < STATES; i++) {
        count[i] += memcmp(label[i], now, sizeof now) == 0;
      }
    }
    /* Draws are correlated a little: allow for twice the variance. */
    for (int i = 0; i < STATES; i++) {
      double want = DRAWS * p[i] / z;
      chi2 += (count[i] - want) * (count[i] - want) / fmax(want, 5.0);
    }
    if (chi2 > 2.0 * 90.0) {
      fail_msg("chi-square %g over %d partitions, way %d", chi2, STATES, how);
    }
    nax_rng_free(rng);
    nax_i_sbm_state_free(&s);
    nax_i_sbm_graph_free(&g);
  }
}

/* --------------------------------------------------------------------------- recovery */

/* What the search found describes the graph no longer than what was planted. */
static void
assert_no_longer_than(const nax_sbm *m, const nax_index *truth, nax_sbm_opts o)
{
  if (!o.nested) {
    o.degrees = nax_sbm_is_corrected(m) ? NAX_SBM_CORRECTED : NAX_SBM_PLAIN;
    assert_true(nax_sbm_description(m).total <= describe(truth, &o).total + 1e-9);
  }
}

/* Complete graph, exponential weights, mean `ratio` within groups of n / b and 1 between.
 */
static void
complete_graph(nax_index n, nax_index b, double ratio, uint64_t *seed, nax_index *truth)
{
  e.n = n;
  e.n_edges = 0;
  for (nax_index i = 0; i < n; i++) {
    truth[i] = i * b / n;
    for (nax_index j = 0; j < i; j++) {
      add_edge(j, i, exponential(seed) * (truth[i] == truth[j] ? ratio : 1.0));
    }
  }
}

static void
complete_graphs_show_groups_when_there_are(void **state)
{
  (void)state;
  static const double ratio[] = {1.0, 1.6, 3.0};
  for (int r = 0; r < 3; r++) {
    double sum = 0.0;
    for (uint64_t k = 0; k < 6; k++) {
      uint64_t seed = 50 + k;
      nax_index truth[60];
      nax_sbm_opts o = NAX_SBM_OPTS_INIT;
      nax_sbm *m;
      double ari;
      complete_graph(60, 3, ratio[r], &seed, truth);
      o.n_sweeps = 0;
      o.n_restarts = 3;
      o.nested = (int32_t)(k % 2);
      assert_ok(nax_sbm_fit_edges(NULL, 60, e.n_edges, e.from, e.to, e.w, &o, &m));
      nax_index b = nax_sbm_n_groups(m, nax_sbm_chosen_level(m));
      if (r < 2) {
        if (b != 1) {
          fail_msg("ratio %g, graph %d: %d groups", ratio[r], (int)k, (int)b);
        }
      } else {
        assert_ok(nax_stats_ari(NULL, 60, truth,
                                nax_sbm_labels(m, nax_sbm_chosen_level(m)), &ari));
        assert_int_equal(b, 3);
        assert_no_longer_than(m, truth, o);
        sum += ari / 6.0;
      }
      nax_sbm_free(m);
    }
    assert_true(r < 2 || sum > 0.97);
  }
}

static void
too_little_data_are_one_group(void **state)
{
  (void)state;
  read_edges(nax_t_shared("ref/ntf/oracle_graph.csv"));
  nax_sbm_opts o = NAX_SBM_OPTS_INIT;
  nax_sbm *m;
  o.degrees = NAX_SBM_PLAIN;
  o.nested = 0;
  assert_ok(nax_sbm_fit_edges(NULL, e.n, e.n_edges, e.from, e.to, e.w, &o, &m));
  assert_int_equal(nax_sbm_n_groups(m, 0), 1);
  nax_sbm_free(m);
}

/* Sparse graph without weights: two groups below the threshold of detection are one, well
 * above it are two. */
static void
sparse_graphs_show_groups_above_the_threshold(void **state)
{
  (void)state;
  static const double gap[] = {0.0, 4.0, 18.0}; /* c_in - c_out, mean degree 10 */
  for (int r = 0; r < 3; r++) {
    uint64_t seed = 5;
    nax_index truth[400];
    nax_sbm_opts o = NAX_SBM_OPTS_INIT;
    nax_sbm *m;
    double ari;
    e.n = 400;
    e.n_edges = 0;
    for (nax_index i = 0; i < 400; i++) {
      truth[i] = i / 200;
      for (nax_index j = 0; j < i; j++) {
        double c = 10.0 + (truth[i] == truth[j] ? 0.5 : -0.5) * gap[r];
        if (nax_t_uniform(&seed) < c / 400.0) {
          add_edge(j, i, 1.0);
        }
      }
    }
    o.weights = NAX_SBM_NONE;
    o.degrees = NAX_SBM_PLAIN;
    o.n_sweeps = 0;
    o.n_restarts = 1;
    o.nested = 0;
    assert_ok(nax_sbm_fit_edges(NULL, 400, e.n_edges, e.from, e.to, NULL, &o, &m));
    assert_int_equal(nax_sbm_n_groups(m, 0), r < 2 ? 1 : 2);
    assert_ok(nax_stats_ari(NULL, 400, truth, nax_sbm_labels(m, 0), &ari));
    assert_true(r < 2 || ari > 0.95);
    nax_sbm_free(m);
  }
}

/* Total length of a partition of the nodes with the upper levels that fit it. */
static double
nested_length(const nax_index *label, nax_index groups, const nax_sbm_opts *o)
{
  nax_i_sbm_graph g;
  nax_i_sbm_state s;
  int corrected = o->degrees == NAX_SBM_CORRECTED;
  assert_ok(
      nax_i_sbm_graph_init(NULL, __func__, e.n, e.n_edges, e.from, e.to, e.w, o, &g));
  assert_ok(nax_i_sbm_state_init(NULL, &g, corrected, groups, &s));
  nax_i_sbm_state_set(&s, label);
  assert_ok(nax_i_sbm_stack(&s));
  double total = nax_i_sbm_terms(&s).total;
  nax_i_sbm_state_free(&s);
  nax_i_sbm_graph_free(&g);
  return total;
}

/* Upper levels: twelve groups in three clusters of four, joined within a cluster with
 * probability `near`. */
static nax_sbm *
fit_clusters(double near, const nax_index *truth, const nax_index *upper, nax_sbm_opts *o)
{
  uint64_t seed = 21;
  nax_sbm *m;
  e.n = 240;
  e.n_edges = 0;
  for (nax_index i = 0; i < 240; i++) {
    for (nax_index j = 0; j < i; j++) {
      double p = truth[i] == truth[j] ? 0.8 : upper[i] == upper[j] ? near : 0.0005;
      if (nax_t_uniform(&seed) < p) {
        add_edge(j, i, 1.0);
      }
    }
  }
  o->weights = NAX_SBM_NONE;
  o->n_sweeps = 0;
  o->n_restarts = 1;
  o->degrees = NAX_SBM_PLAIN;
  assert_ok(nax_sbm_fit_edges(NULL, 240, e.n_edges, e.from, e.to, NULL, o, &m));
  return m;
}

static void
groups_of_groups_are_found(void **state)
{
  (void)state;
  nax_index truth[240], upper[240];
  nax_sbm_opts o = NAX_SBM_OPTS_INIT;
  double ari;
  for (nax_index i = 0; i < 240; i++) {
    truth[i] = i / 20;
    upper[i] = i / 80;
  }
  nax_sbm *m = fit_clusters(0.1, truth, upper, &o);
  assert_true(nax_sbm_n_levels(m) >= 2);
  assert_ok(nax_stats_ari(NULL, 240, truth, nax_sbm_labels(m, 0), &ari));
  assert_true(ari > 0.98);
  assert_int_equal(nax_sbm_n_groups(m, 1), 3);
  assert_ok(nax_stats_ari(NULL, 240, upper, nax_sbm_labels(m, 1), &ari));
  assert_true(ari > 0.98);
  assert_true(nax_sbm_description(m).total <= nested_length(truth, 12, &o) + 1e-9);
  nax_sbm_free(m);
  /* At 0.3 the three clusters alone are a shorter description than the twelve groups, and
   * that is what must come out: 240 ln 12 nats name the groups, more than they save. */
  m = fit_clusters(0.3, truth, upper, &o);
  assert_true(nested_length(upper, 3, &o) < nested_length(truth, 12, &o));
  assert_true(nax_sbm_description(m).total <= nested_length(upper, 3, &o) + 1e-9);
  nax_sbm_free(m);
}

typedef struct agreement {
  double mean, best; /* at the level chosen, and at the best one for the truth */
  double alone;      /* of every node in a group of its own */
  int n;
} agreement;

/* Mean over the ten graphs of a set, those of one planted group left out. What is found
 * describes each in fewer nats than what was planted. */
static agreement
agreement_with_planted(int set, int first, int64_t restarts, nax_sbm_weights weights,
                       int strength)
{
  agreement a = {0.0, 0.0, 0.0, 0};
  for (int seed = first; seed < first + 10; seed++) {
    char path[128];
    nax_index truth[200], alone[200], b = 0;
    nax_sbm_opts o = NAX_SBM_OPTS_INIT;
    nax_sbm *m;
    double nmi, highest = 0.0;
    snprintf(path, sizeof path, "ref/ntf/lfr/set%d_seed%d.csv", set, seed);
    read_edges(nax_t_shared(path));
    snprintf(path, sizeof path, "ref/ntf/lfr/set%d_seed%d.labels", set, seed);
    e.n = read_labels(nax_t_shared(path), truth);
    b = number_from_zero(e.n, truth);
    if (b < 2) {
      continue;
    }
    o.n_sweeps = 0;
    o.n_restarts = restarts;
    o.weights = weights;
    o.strength = strength;
    assert_ok(nax_sbm_fit_edges(NULL, e.n, e.n_edges, e.from, e.to, e.w, &o, &m));
    for (int32_t l = 0; l < nax_sbm_n_levels(m); l++) {
      assert_ok(nax_stats_nmi(NULL, e.n, truth, nax_sbm_labels(m, l), &nmi));
      highest = fmax(highest, nmi);
    }
    assert_ok(nax_stats_nmi(NULL, e.n, truth, nax_sbm_labels(m, nax_sbm_chosen_level(m)),
                            &nmi));
    o.degrees = nax_sbm_is_corrected(m) ? NAX_SBM_CORRECTED : NAX_SBM_PLAIN;
    assert_true(nax_sbm_description(m).total < nested_length(truth, b, &o));
    a.mean += nmi;
    for (nax_index i = 0; i < e.n; i++) {
      alone[i] = i;
    }
    assert_ok(nax_stats_nmi(NULL, e.n, truth, alone, &nmi));
    a.alone += nmi;
    a.best += highest;
    a.n++;
    nax_sbm_free(m);
  }
  a.mean /= a.n;
  a.best /= a.n;
  a.alone /= a.n;
  return a;
}

/* Weighted benchmark graphs next to a reference search, its level picked with the truth,
 * the level chosen without it here. Gamma weights with the strengths of the nodes taken
 * out, as a connectome has them, reach it on every set; exponential weights, which the
 * reference has, without that on all but set 1. There its lowest level has every node
 * alone in most graphs, which agrees with two planted groups at 0.25 and says nothing; of
 * its levels of up to half as many groups as nodes the best agree at 0.247 (graph-tool
 * 2.45, seed 13, run anew). */
static void
benchmark_graphs_are_told_apart(void **state)
{
  (void)state;
  static const struct {
    int set, first, restarts;
    double reference, without_trivial;
  } sets[] = {{1, 13, 3, 0.3628, 0.2470},
              {3, 13, 1, 0.1420, 0.1420},
              {5, 23, 1, 0.2787, 0.2787},
              {7, 13, 1, 0.0333, 0.0333},
              {9, 13, 1, 0.5142, 0.5142}};
  for (int k = 0; k < 5; k++) {
    int set = sets[k].set, first = sets[k].first;
    agreement with =
        agreement_with_planted(set, first, sets[k].restarts, NAX_SBM_GAMMA, 1);
    agreement without = agreement_with_planted(set, first, 1, NAX_SBM_EXPONENTIAL, 0);
    print_message("# set %d: %d graphs, mean NMI %.4f with strength correction, %.4f "
                  "without (best levels %.4f, %.4f), reference %.4f, every node alone "
                  "%.4f\n",
                  set, with.n, with.mean, without.mean, with.best, without.best,
                  sets[k].reference, with.alone);
    assert_true(with.mean >= sets[k].reference);
    assert_true(without.mean >= sets[k].without_trivial);
    assert_true(set != 1 || with.alone > sets[k].without_trivial);
  }
}

/* ---------------------------------------------------------------------------- the object
 */

static nax_view
matrix(nax_index n, double *w, uint64_t *seed)
{
  for (nax_index i = 0; i < n; i++) {
    w[i * n + i] = 0.0;
    for (nax_index j = 0; j < i; j++) {
      double ratio = (i < n / 2) == (j < n / 2) ? 6.0 : 1.0;
      w[i * n + j] = w[j * n + i] =
          (nax_t_uniform(seed) < 0.1 ? 0.0 : 1.0) * exponential(seed) * ratio;
    }
  }
  return nax_view_f64(w, 2, (nax_index[]){n, n});
}

static void
threads_do_not_change_a_bit(void **state)
{
  (void)state;
  uint64_t seed = 31;
  double w[40 * 40];
  nax_view v = matrix(40, w, &seed);
  nax_sbm *first = NULL;
  for (int32_t threads = 1; threads <= 4; threads *= 2) {
    nax_ctx *ctx;
    nax_sbm *m;
    nax_sbm_opts o = NAX_SBM_OPTS_INIT;
    o.n_restarts = 3;
    o.n_sweeps = 50;
    assert_ok(nax_ctx_create(&ctx));
    assert_ok(nax_ctx_set_threads(ctx, threads));
    assert_ok(nax_sbm_fit(ctx, &v, &o, &m));
    if (first == NULL) {
      first = m;
    } else {
      nax_sbm_terms a = nax_sbm_description(first), b = nax_sbm_description(m);
      assert_memory_equal(&a, &b, sizeof a);
      assert_memory_equal(nax_sbm_labels(first, 0), nax_sbm_labels(m, 0),
                          40 * sizeof(nax_index));
      assert_memory_equal(nax_sbm_coassignment(first), nax_sbm_coassignment(m),
                          1600 * sizeof(double));
      assert_memory_equal(nax_sbm_uncertainty(first), nax_sbm_uncertainty(m),
                          40 * sizeof(double));
      nax_sbm_free(m);
    }
    nax_ctx_free(ctx);
  }
  /* Two clear groups: certain, and each node with its own. */
  assert_int_equal(nax_sbm_n_groups(first, 0), 2);
  for (int i = 0; i < 40; i++) {
    assert_true(nax_sbm_uncertainty(first)[i] < 0.5);
    assert_close(nax_sbm_coassignment(first)[i * 41], 1.0, 1e-12, 0.0);
  }
  assert_true(nax_sbm_coassignment(first)[1] > 0.9);
  assert_true(nax_sbm_coassignment(first)[39] < 0.1);
  nax_dataset *d;
  assert_ok(nax_sbm_dataset(NULL, first, NULL, &d));
  const nax_array *labels = nax_dataset_array(d, "labels");
  assert_int_equal(nax_array_dim(labels, 0), 40);
  assert_close(nax_array_f64(labels)[0], (double)nax_sbm_labels(first, 0)[0], 0.0, 0.0);
  assert_non_null(nax_dataset_array(d, "coassignment"));
  assert_non_null(nax_dataset_table(d, "searches"));
  nax_dataset_free(d);
  nax_sbm_free(first);
}

static void
bounds_on_the_groups_hold(void **state)
{
  (void)state;
  uint64_t seed = 33;
  double w[30 * 30];
  nax_view v = matrix(30, w, &seed);
  nax_sbm_opts o = NAX_SBM_OPTS_INIT;
  nax_sbm *m;
  o.n_restarts = 2;
  o.n_sweeps = 20;
  o.min_groups = 4;
  o.max_groups = 5;
  assert_ok(nax_sbm_fit(NULL, &v, &o, &m));
  assert_in_range(nax_sbm_n_groups(m, 0), 4, 5);
  nax_sbm_free(m);
  o.min_groups = o.max_groups = 1;
  assert_ok(nax_sbm_fit(NULL, &v, &o, &m));
  assert_int_equal(nax_sbm_n_groups(m, 0), 1);
  nax_sbm_free(m);
  o.min_groups = 7;
  assert_error(nax_sbm_fit(NULL, &v, &o, &m), NAX_EINVAL,
               "nax_sbm_fit: `min-groups` is 7, but at most 1 groups are possible or "
               "allowed for 30 nodes");
}

/* A listed edge of weight 0 is no edge. */
static void
edges_of_no_weight_do_not_count(void **state)
{
  (void)state;
  uint64_t seed = 41;
  nax_index label[20];
  random_graph(20, 60, &seed);
  for (nax_index i = 0; i < 20; i++) {
    label[i] = i % 4;
  }
  nax_sbm_opts o = NAX_SBM_OPTS_INIT;
  o.degrees = NAX_SBM_PLAIN;
  nax_sbm_terms without = describe(label, &o);
  add_edge(3, 7, 0.0);
  nax_sbm_terms with = describe(label, &o);
  assert_memory_equal(&with, &without, sizeof with);
}

static void
bad_graphs_are_refused(void **state)
{
  (void)state;
  double w[9] = {0, 1, 2, 1, 0, 3, 2, 3, 0};
  nax_index d[] = {3, 3}, from[] = {0, 1}, to[] = {1, 5};
  nax_view v = nax_view_f64(w, 2, d);
  nax_sbm *m = NULL;
  w[1] = -1.0;
  assert_status(nax_sbm_fit(NULL, &v, NULL, &m), NAX_EDATA);
  w[1] = 2.0;
  assert_error(nax_sbm_fit(NULL, &v, NULL, &m), NAX_EDATA,
               "nax_sbm_fit: `w` is 2 at (1, 0) and 1 mirrored, expected symmetry");
  w[1] = w[3] = (double)NAN;
  assert_error(nax_sbm_fit(NULL, &v, NULL, &m), NAX_EDATA,
               "nax_sbm_fit: `w` is nan at (1, 0), expected a finite number of at least "
               "0");
  w[1] = w[3] = HUGE_VAL;
  assert_status(nax_sbm_fit(NULL, &v, NULL, &m), NAX_EDATA);
  memset(w, 0, sizeof w);
  assert_error(nax_sbm_fit(NULL, &v, NULL, &m), NAX_EDATA,
               "nax_sbm_fit: the graph has no edge");
  v = nax_view_f64(w, 2, (nax_index[]){3, 2});
  assert_status(nax_sbm_fit(NULL, &v, NULL, &m), NAX_EDIM);
  v = nax_view_f64(w, 2, (nax_index[]){1, 1});
  assert_status(nax_sbm_fit(NULL, &v, NULL, &m), NAX_EINVAL);
  assert_error(nax_sbm_fit_edges(NULL, 3, 2, from, to, w, NULL, &m), NAX_EINVAL,
               "nax_sbm_fit_edges: edge 1 joins 1 and 5, expected nodes from 0 to 2");
  to[1] = 2;
  assert_error(nax_sbm_fit_edges(NULL, 3, 2, from, to, w, NULL, &m), NAX_EDATA,
               "nax_sbm_fit_edges: all edges have weight 0");
  assert_status(nax_sbm_fit_edges(NULL, 3, 2, from, to, NULL, NULL, &m), NAX_EINVAL);
  assert_null(m);
  /* Two nodes and one edge are the smallest graph. */
  w[0] = 1.0;
  assert_ok(nax_sbm_fit_edges(NULL, 2, 1, from, to, w, NULL, &m));
  assert_int_equal(nax_sbm_n_groups(m, 0), 1);
  nax_sbm_free(m);
}

static void
failed_allocations_are_reported(void **state)
{
  (void)state;
  uint64_t seed = 35;
  double w[12 * 12];
  nax_view v = matrix(12, w, &seed);
  nax_sbm_opts o = NAX_SBM_OPTS_INIT;
  int done = 0;
  o.n_restarts = 1;
  o.n_sweeps = 5;
  o.burn_in = 0;
  for (long k = 0; k < 4000 && !done; k++) {
    nax_sbm *m = NULL;
    nax_dataset *d = NULL;
    nax_i_alloc_fail_at = k;
    nax_status s = nax_sbm_fit(NULL, &v, &o, &m);
    s = s == NAX_OK ? nax_sbm_dataset(NULL, m, NULL, &d) : s;
    done = s == NAX_OK && nax_i_alloc_fail_at >= 0;
    nax_i_alloc_fail_at = -1;
    assert_true(s == NAX_OK || s == NAX_ENOMEM);
    nax_sbm_free(m);
    nax_dataset_free(d);
  }
  assert_true(done);
}

static int
stop_at_zero(const nax_progress *p, void *user)
{
  (void)p;
  return --*(int64_t *)user == 0;
}

static void
one_search_can_be_stopped_at_many_places(void **state)
{
  (void)state;
  enum { N = 80 };
  double weights[N * N] = {0.0};
  const nax_index dim[] = {N, N};
  nax_view v = nax_view_f64(weights, 2, dim);
  for (int i = 0; i < N; i++) {
    for (int j = 0; j < N; j++) {
      weights[i + j * N] = i == j ? 0.0 : 1.0 + sin(i * j);
    }
  }
  nax_sbm_opts o = NAX_SBM_OPTS_INIT;
  o.n_restarts = 1;
  o.degrees = NAX_SBM_PLAIN;
  o.n_sweeps = 0;
  o.seed = 1;
  nax_sbm *m, *uninterrupted;
  assert_ok(nax_sbm_fit(NULL, &v, &o, &uninterrupted));
  for (int64_t at = 3; at <= 300; at *= 10) {
    nax_ctx *ctx;
    int64_t left = at;
    assert_ok(nax_ctx_create(&ctx));
    nax_ctx_set_progress(ctx, stop_at_zero, &left, 0.0);
    assert_status(nax_sbm_fit(ctx, &v, &o, &m), NAX_EINTERRUPT);
    assert_int_equal(left, 0);
    assert_null(m);
    assert_non_null(strstr(nax_ctx_error(ctx), "stopped by the caller in sbm/search"));
    left = INT64_MAX; /* the next call works, and what looks does not change it */
    assert_ok(nax_sbm_fit(ctx, &v, &o, &m));
    assert_close(nax_sbm_description(m).total, nax_sbm_description(uninterrupted).total,
                 0.0, 0.0);
    nax_sbm_free(m);
    nax_ctx_free(ctx);
  }
  nax_sbm_free(uninterrupted);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(terms_are_those_of_the_reference),
      cmocka_unit_test(partitions_of_integers_are_counted),
      cmocka_unit_test(changes_agree_with_the_length_from_scratch),
      cmocka_unit_test(the_chain_visits_what_it_should),
      cmocka_unit_test(complete_graphs_show_groups_when_there_are),
      cmocka_unit_test(too_little_data_are_one_group),
      cmocka_unit_test(sparse_graphs_show_groups_above_the_threshold),
      cmocka_unit_test(groups_of_groups_are_found),
      cmocka_unit_test(benchmark_graphs_are_told_apart),
      cmocka_unit_test(threads_do_not_change_a_bit),
      cmocka_unit_test(bounds_on_the_groups_hold),
      cmocka_unit_test(edges_of_no_weight_do_not_count),
      cmocka_unit_test(one_search_can_be_stopped_at_many_places),
      cmocka_unit_test(bad_graphs_are_refused),
      cmocka_unit_test(failed_allocations_are_reported),
  };
  return cmocka_run_group_tests_name("sbm", tests, NULL, NULL);
}
