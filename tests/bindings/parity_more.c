/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preprocessing, statistics, graphs, comparisons of matrices, single tests of tagging,
 * and what reads and writes files. */
#include "parity.h"

static void
give(const char *name, nax_array *a)
{
  save(one(name, a), name);
}

/* Raw fluorescence of four cells, in raw.nc. */
static void
fluorescence(void)
{
  nax_simulate_opts o = NAX_SIMULATE_OPTS_INIT;
  nax_dataset *d, *raw;
  nax_array *f, *fneu, *a;
  o.units = o.trials = 4;
  o.raw = 1;
  o.seed = 7;
  must(nax_simulate(NULL, &o, &d), "raw");
  must(nax_array_convert(NULL, nax_dataset_array(d, "F"), NAX_F64, &f), "raw");
  must(nax_array_convert(NULL, nax_dataset_array(d, "Fneu"), NAX_F64, &fneu), "raw");
  must(nax_signal_neuropil(NULL, f, fneu, NULL, &a), "subtract_neuropil");
  give("subtract_neuropil", a);
  must(nax_signal_dff(NULL, f, NULL, &a), "dff");
  give("dff", a);
  must(nax_dataset_create(NULL, &raw), "raw");
  must(nax_dataset_add_array(NULL, raw, "F", f), "raw");
  must(nax_dataset_add_array(NULL, raw, "Fneu", fneu), "raw");
  save(raw, "raw");
  nax_dataset_free(d);
}

static void
preprocessing(const parity_input *in)
{
  const double events[] = {1.0, 5.0}, start[] = {1.0, 8.0}, stop[] = {3.0, 10.5};
  const double stamps[] = {0.0, 1.0, 2.0, 9.0, 10.0};
  nax_array *a;
  nax_axis *time;
  nax_dataset *d;
  must(nax_signal_detrend(NULL, in->dff, NULL, &a), "detrend_time");
  give("detrend_time", a);
  nax_signal_resample_opts resample = NAX_SIGNAL_RESAMPLE_OPTS_INIT;
  resample.rate = 10.0;
  resample.method = NAX_INTERPOLATE_AVERAGE;
  must(nax_signal_resample(NULL, in->dff, &resample, &a), "resample_time");
  give("resample_time", a);
  nax_signal_align_opts align = NAX_SIGNAL_ALIGN_OPTS_INIT;
  align.start = -0.5;
  align.stop = 1.0;
  must(nax_signal_align(NULL, in->dff, 2, events, &align, &a), "align_events");
  give("align_events", a);
  nax_index length[2];
  must(nax_signal_cut(NULL, in->dff, 2, start, stop, length, &a), "cut_trials");
  d = one("x", a);
  add_columns(d, "trials", 2, 1, (const char *const[]){"bins"},
              (double[]){(double)length[0], (double)length[1]});
  save(d, "cut_trials");
  must(nax_signal_psth(NULL, in->trials, NULL, &a), "psth");
  give("psth", a);
  must(nax_axis_create_coords(NULL, "time", "s", 5, stamps, &time), "find_gaps");
  must(nax_signal_gaps(NULL, time, NAX_NOT_GIVEN, &a), "find_gaps");
  give("find_gaps", a);
  nax_axis_free(time);
  must(nax_array_slice_coord(NULL, in->dff, 1, 2.0, 5.0, &a), "slice_time");
  give("slice_time", a);
  must(nax_array_zscore(NULL, in->dff, 1, 0.0, &a), "zscore");
  give("zscore", a);
  must(nax_array_map(NULL, in->dff, NAX_MAP_EXP, &a), "transform_values");
  give("transform_values", a);
  must(nax_array_scale(NULL, in->dff, 0, NAX_SCALE_SD, &a), "rescale");
  give("rescale", a);
}

static void
statistics(const nax_array *weights)
{
  const double *w = nax_array_f64(weights);
  nax_merge merges[11];
  nax_index order[12];
  int64_t label[12];
  double rows[44], at[12];
  must(nax_stats_cluster(NULL, 12, w, NAX_LINKAGE_COMPLETE, merges), "cluster_tree");
  must(nax_stats_leaf_order(NULL, 12, merges, order), "cluster_tree");
  must(nax_stats_cut_tree(NULL, 12, merges, 2, label), "cluster_tree");
  for (int i = 0; i < 11; i++) {
    rows[i] = (double)merges[i].a + 1.0;
    rows[i + 11] = (double)merges[i].b + 1.0;
    rows[i + 22] = merges[i].height;
    rows[i + 33] = (double)merges[i].count;
  }
  nax_dataset *d;
  const nax_index n = 12;
  must(nax_dataset_create(NULL, &d), "cluster_tree");
  add_columns(d, "merges", 11, 4, (const char *const[]){"a", "b", "height", "items"},
              rows);
  for (int i = 0; i < 12; i++) {
    at[i] = (double)order[i] + 1.0;
  }
  add_numbers(d, "order", 1, &n, at);
  for (int i = 0; i < 12; i++) {
    at[i] = (double)label[i] + 1.0;
  }
  add_numbers(d, "label", 1, &n, at);
  save(d, "cluster_tree");
  const int64_t first[] = {1, 1, 2, 2, 3}, second[] = {5, 5, 6, 7, 7};
  double x[4];
  must(nax_stats_ari(NULL, 5, first, second, &x[0]), "partition_agreement");
  must(nax_stats_nmi(NULL, 5, first, second, &x[1]), "partition_agreement");
  columns("partition_agreement", 1, 2, (const char *const[]){"ari", "nmi"}, x);
  const double p[] = {0.01, 0.02, 0.5, 0.04}, angle[] = {0.1, -0.1, 0.2, 2.0};
  must(nax_stats_fdr(NULL, 4, p, NAX_FDR_BY, x), "adjust_p");
  numbers("adjust_p", 1, (nax_index[]){4}, x);
  x[0] = 4.0;
  nax_stats_circular(4, angle, NULL, &x[1], &x[2]);
  x[3] = nax_stats_rayleigh(4, x[2]);
  columns("circular_mean", 1, 4,
          (const char *const[]){"n", "mean", "resultant", "rayleigh_p"}, x);
}

static void
graphs(const nax_array *dff)
{
  const nax_index from[] = {0, 0, 1, 3, 3, 4, 2}, to[] = {1, 2, 2, 4, 5, 5, 3};
  const nax_index group[] = {0, 0, 0, 1, 1, 1};
  nax_sbm_opts o = NAX_SBM_OPTS_INIT;
  nax_sbm *m;
  nax_dataset *d;
  o.n_restarts = 2;
  o.seed = 5;
  o.weights = NAX_SBM_NONE;
  must(nax_sbm_fit_edges(NULL, 6, 7, from, to, NULL, &o, &m), "sbm_edges");
  must(nax_sbm_dataset(NULL, m, NULL, &d), "sbm_edges");
  nax_sbm_free(m);
  save(d, "sbm_edges");
  double rows[16];
  for (int k = 0; k < 2; k++) {
    nax_sbm_terms t;
    o.degrees = k == 0 ? NAX_SBM_PLAIN : NAX_SBM_CORRECTED;
    must(nax_sbm_describe_edges(NULL, 6, 7, from, to, NULL, group, &o, &t),
         "sbm_describe");
    const double row[] = {k,       t.adjacency, t.degrees, t.partition,
                          t.edges, t.weights,   t.totals,  t.total};
    for (int i = 0; i < 8; i++) {
      rows[k + 2 * i] = row[i];
    }
  }
  columns("sbm_describe", 2, 8,
          (const char *const[]){"corrected", "adjacency", "degrees", "partition", "edges",
                                "weights", "totals", "total"},
          rows);
  nax_array *u, *a;
  must(nax_connectome_derivatives(NULL, dff, NULL, &u), "connectome_derivatives");
  must(nax_connectome_affinity(NULL, u, NULL, &a), "connectome_affinity");
  give("connectome_affinity", a);
  give("connectome_derivatives", u);
}

/* The four subjects that parity.c wrote, as it read them back. */
static nax_rdms *
load_rdms(const char *file)
{
  char path[4096];
  nax_dataset *d;
  nax_rdms *r;
  (void)snprintf(path, sizeof path, "%s/%s.nc", parity_dir, file);
  must(nax_dataset_load(NULL, path, NULL, &d), file);
  must(nax_rdms_from_array(NULL, nax_dataset_array(d, file), &r), file);
  nax_dataset_free(d);
  return r;
}

static void
comparisons(const parity_input *in)
{
  /* Voxel 4 (from 0, first axis fastest) of 3 x 3 x 2 is not in the mask; the library
   * counts with the last axis fastest. */
  unsigned char mask[18];
  nax_index n, *centre, *offset, *index;
  memset(mask, 1, sizeof mask);
  mask[4] = 0;
  must(nax_rdm_places_volume(NULL, (nax_index[]){2, 3, 3}, mask, 1.0, 1.0, 1, &n, &centre,
                             &offset, &index),
       "searchlight_places");
  nax_dataset *d;
  must(nax_dataset_create(NULL, &d), "searchlight_places");
  double *at = calloc((size_t)offset[n] + (size_t)n + 1, sizeof *at);
  for (nax_index i = 0; i < n; i++) {
    at[i] = (double)centre[i] + 1.0;
  }
  add_numbers(d, "centre", 1, &n, at);
  const nax_index bounds = n + 1, members = offset[n];
  for (nax_index i = 0; i < bounds; i++) {
    at[i] = (double)offset[i];
  }
  add_numbers(d, "offset", 1, &bounds, at);
  for (nax_index i = 0; i < members; i++) {
    at[i] = (double)index[i] + 1.0;
  }
  add_numbers(d, "index", 1, &members, at);
  save(d, "searchlight_places");
  free(at);
  nax_rdm_places_free(centre);
  nax_rdm_places_free(offset);
  nax_rdm_places_free(index);

  nax_view x = nax_array_view(in->weights), y = nax_array_view(in->patterns);
  double alike;
  must(nax_similarity(NULL, &y, &x, NULL, &alike), "similarity");
  numbers("similarity", 1, (nax_index[]){1}, &alike);
  const int64_t fold[] = {1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3};
  nax_table *t;
  must(nax_encoding_score(NULL, &x, &y, fold, NULL, NULL, &t), "encoding_score");
  table("encoding_score", t);

  nax_rdms *subjects = load_rdms("subjects"), *model = load_rdms("rdm"), *squares;
  double v[60], squared[60];
  for (int k = 0; k < 60; k++) {
    v[k] = nax_rdms_vector(subjects, k / 15)[k % 15];
    squared[k] = v[k] * v[k];
  }
  must(nax_rdms_create(NULL, 6, 4, squared, &squares), "rsa_compare_groups");
  nax_rsa_group_difference g;
  must(nax_rsa_compare_groups(NULL, subjects, squares, model, NAX_RSA_CORR, NULL, 20, 3,
                              &g),
       "rsa_compare_groups");
  const double row[] = {g.mean_a, g.mean_b,        g.difference, g.se,
                        g.p,      g.p_permutation, g.p_max};
  columns("rsa_compare_groups", 1, 7,
          (const char *const[]){"mean_a", "mean_b", "difference", "se", "p",
                                "p_permutation", "p_max"},
          row);
  nax_trsa_identify_opts o = NAX_TRSA_IDENTIFY_OPTS_INIT;
  o.steps = 3;
  o.n_permutations = 10;
  o.seed = 2;
  const int64_t group[] = {1, 1, 2, 2}, label[] = {1, 2, 1, 2};
  must(nax_trsa_identify(NULL, 6, 4, v, group, label, &o, NULL, &d), "trsa_identify");
  save(d, "trsa_identify");

  /* diagrams */
  nax_ph *ph[4];
  double square[16], found[6];
  for (int k = 0; k < 4; k++) {
    must(nax_ph_rips(NULL, 6, squared + 15 * k, NULL, &ph[k]), "diagram_distances");
  }
  must(nax_ph_distances(NULL, 4, (const nax_ph *const *)ph, 0, (double)INFINITY,
                        (double)INFINITY, found),
       "diagram_distances");
  must(nax_rdm_to_square(NULL, 4, found, square), "diagram_distances");
  numbers("diagram_distances", 2, (nax_index[]){4, 4}, square);
  nax_index n_a, n_b;
  const double *a = nax_ph_bars(ph[0], 0, &n_a), *b = nax_ph_bars(ph[3], 0, &n_b);
  must(nax_ph_wasserstein(NULL, n_a, a, n_b, b, 2.0, 2.0, found), "diagram_distance");
  numbers("diagram_distance", 1, (nax_index[]){1}, found);
  must(nax_ph_null(NULL, 6, squared, NULL, 19, 3, &t), "persistence_null");
  table("persistence_null", t);
  const double upper[] = {0.5, 4.0};
  nax_rdms *paths, *w;
  double swept[2 * 66];
  must(nax_rdms_from_array(NULL, in->weights, &w), "geodesic_sweep");
  must(nax_trsa_geodesic_sweep(NULL, 12, nax_rdms_vector(w, 0), 0.0, 2, upper, swept),
       "geodesic_sweep");
  for (int k = 0; k < 2 * 66; k++) {
    swept[k] = isinf(swept[k]) ? (double)NAN : swept[k];
  }
  must(nax_rdms_create(NULL, 12, 2, swept, &paths), "geodesic_sweep");
  nax_array *out;
  must(nax_rdms_array(NULL, paths, &out), "geodesic_sweep");
  give("geodesic_sweep", out);
  for (int k = 0; k < 4; k++) {
    nax_ph_free(ph[k]);
  }
  nax_rdms_free(w);
  nax_rdms_free(paths);
  nax_rdms_free(squares);
  nax_rdms_free(model);
  nax_rdms_free(subjects);
}

/* Tests of coefficients, of one series, of spikes. */
static void
single_tests(const parity_input *in)
{
  const double tags[] = {1.0, 2.0, 4.0}, freqs[] = {2.0, 3.0};
  double miss, rows[7 * 2];
  nax_index n;
  nax_table *t;
  nax_freqtag_opts o = NAX_FREQTAG_OPTS_INIT;
  const nax_freqtag_neighbours around = {o.gap, o.side, 0, NULL, 0};
  must(nax_freqtag_window(NULL, 512.0, 3, tags, 9 * 512, 1e-3, &n, &miss),
       "freqtag_plan");
  must(nax_freqtag_plan(NULL, 512.0, n, 3, tags, o.harmonics, &around, &t),
       "freqtag_plan");
  table_in("freqtag_plan", "lines", t);

  /* the first neuron */
  nax_index bins = nax_array_dim(in->dff, 1);
  double *x = calloc((size_t)bins, sizeof *x),
         rate = nax_axis_rate(nax_array_axis(in->dff, 1));
  for (nax_index i = 0; i < bins; i++) {
    x[i] = nax_array_f64(in->dff)[12 * i];
  }
  for (int k = 0; k < 2; k++) {
    nax_freqtag_line line;
    must(nax_freqtag_fit_line(NULL, bins, x, rate, freqs[k], (nax_freqtag_trend)o.trend,
                              &line),
         "fit_lines");
    const double row[] = {freqs[k],
                          hypot(line.coefficient.re, line.coefficient.im),
                          atan2(line.coefficient.im, line.coefficient.re),
                          line.r_squared,
                          line.test.statistic,
                          line.test.p,
                          line.test.log_p};
    for (int i = 0; i < 7; i++) {
      rows[k + 2 * i] = row[i];
    }
  }
  columns("fit_lines", 2, 7,
          (const char *const[]){"frequency", "amplitude", "phase", "r_squared", "f", "p",
                                "log_p"},
          rows);
  nax_index half = bins / 2 + 1;
  nax_c64 *mu = calloc((size_t)half, sizeof *mu);
  nax_freqtag_test *test = calloc((size_t)half, sizeof *test);
  double *psd = calloc((size_t)half, sizeof *psd),
         *all = calloc((size_t)half, 6 * sizeof *all);
  must(nax_freqtag_thomson(NULL, bins, 1, x, rate, 4.0, 7, mu, test, psd),
       "thomson_test");
  for (nax_index b = 0; b < half; b++) {
    const double row[] = {(double)b * rate / (double)bins,
                          2.0 * hypot(mu[b].re, mu[b].im),
                          atan2(mu[b].im, mu[b].re),
                          test[b].statistic,
                          test[b].p,
                          psd[b]};
    for (int i = 0; i < 6; i++) {
      all[b + i * half] = row[i];
    }
  }
  columns("thomson_test", half, 6,
          (const char *const[]){"frequency", "amplitude", "phase", "f", "p", "psd"}, all);
  free(all);
  free(psd);
  free(test);
  free(mu);
  free(x);
}

/* Phase locking of spikes in the first 2 s of three trials. */
static void
locking(const nax_spikes *spikes)
{
  static const char *const names[] = {
      "spikes", "vector_strength", "phase", "ppc0", "ppc1", "ppc2", "power", "p"};
  const double start[] = {0.0, 4.0, 8.0}, freqs[] = {1.0, 2.0};
  nax_index units = nax_spikes_n_units(spikes);
  const nax_index dim[] = {units, 2};
  double *out = calloc((size_t)units, 16 * sizeof *out);
  for (nax_index u = 0; u < units; u++) {
    nax_index n_times, n = 0;
    const double *all = nax_spikes_times(spikes, u, &n_times);
    double *t = calloc(3 * (size_t)n_times + 1, sizeof *t);
    nax_index *trial = calloc(3 * (size_t)n_times + 1, sizeof *trial);
    nax_freqtag_spike_stats f[2];
    for (int k = 0; k < 3; k++) {
      for (nax_index i = 0; i < n_times; i++) {
        if (all[i] >= start[k] && all[i] - start[k] < 2.0) {
          trial[n] = k;
          t[n++] = all[i] - start[k];
        }
      }
    }
    must(nax_freqtag_spikes(NULL, n, t, trial, 3, 2.0, 2, freqs, NULL, NULL, f),
         "freqtag_spikes");
    for (int k = 0; k < 2; k++) {
      const double row[] = {
          (double)f[k].n, f[k].vector_strength, f[k].phase,     f[k].ppc0, f[k].ppc1,
          f[k].ppc2,      f[k].power,           f[k].rayleigh.p};
      for (int i = 0; i < 8; i++) {
        out[u + units * (k + 2 * i)] = row[i];
      }
    }
    free(trial);
    free(t);
  }
  nax_dataset *d;
  must(nax_dataset_create(NULL, &d), "freqtag_spikes");
  for (int i = 0; i < 8; i++) {
    add_numbers(d, names[i], 2, dim, out + 2 * units * i);
  }
  save(d, "freqtag_spikes");
  free(out);
}

/* Tests over units, items, layers. */
static void
group_tests(const parity_input *in)
{
  const double *x = nax_array_f64(in->patterns);
  double statistic[12], p[12], rows[48], cells[36], flips[50];
  int64_t label[12];
  nax_freqtag_cluster cluster[12];
  nax_index n = 0;
  must(nax_freqtag_cluster_test(NULL, 12, 0, 12, x, 0, 1.0, NULL, 50, NULL, 4, statistic,
                                label, cluster, &n, p, flips),
       "cluster_test");
  for (int i = 0; i < 12; i++) {
    cells[i] = statistic[i];
    cells[12 + i] = (double)label[i] + 1.0;
    cells[24 + i] = p[i];
  }
  for (nax_index k = 0; k < n; k++) {
    rows[k] = (double)cluster[k].first + 1.0;
    rows[k + n] = (double)cluster[k].n;
    rows[k + 2 * n] = cluster[k].mass;
    rows[k + 3 * n] = cluster[k].p;
  }
  nax_dataset *d;
  must(nax_dataset_create(NULL, &d), "cluster_test");
  add_columns(d, "clusters", n, 4, (const char *const[]){"first", "cells", "mass", "p"},
              rows);
  add_columns(d, "cells", 12, 3, (const char *const[]){"statistic", "cluster", "p_max"},
              cells);
  add_numbers(d, "null", 1, (nax_index[]){50}, flips);
  save(d, "cluster_test");

  nax_view trials = nax_array_view(in->trials);
  nax_freqtag_moments m[12];
  double units[72];
  must(nax_freqtag_items(NULL, &trials, 10, trials.dim[1] / 10, NULL, 1, m),
       "freqtag_items");
  for (int u = 0; u < 12; u++) {
    nax_freqtag_test t = nax_freqtag_t2circ(&m[u], (nax_c64){0.0, 0.0});
    const double row[] = {(double)m[u].n, m[u].mean.re,
                          m[u].mean.im,   nax_freqtag_power_of(&m[u]).itpc,
                          t.statistic,    t.p};
    for (int i = 0; i < 6; i++) {
      units[u + 12 * i] = row[i];
    }
  }
  columns("freqtag_items", 12, 6,
          (const char *const[]){"items", "mean_re", "mean_im", "coherence", "t2circ_f",
                                "t2circ_p"},
          units);

  /* 144 numbers as bin x block x layer */
  double rho[144], top[12], layers[72], channels[72];
  must(nax_freqtag_alignment(NULL, 3, 4, 12, nax_array_f64(in->weights), 12, x, 2, layers,
                             channels, rho, top),
       "freqtag_alignment");
  must(nax_dataset_create(NULL, &d), "freqtag_alignment");
  add_numbers(d, "rho", 2, (nax_index[]){12, 12}, rho);
  add_numbers(d, "top", 1, (nax_index[]){12}, top);
  add_numbers(d, "layer_rdm", 2, (nax_index[]){6, 12}, layers);
  add_numbers(d, "channel_rdm", 2, (nax_index[]){6, 12}, channels);
  save(d, "freqtag_alignment");

  nax_array *squared;
  nax_freqtag_hftp *h;
  const nax_index phrase[] = {4};
  must(nax_array_map(NULL, in->trials, NAX_MAP_SQUARE, &squared), "hftp_published");
  nax_view control = nax_array_view(squared);
  must(nax_freqtag_hftp_published(NULL, &trials, &control, 2, 1, phrase, 20, NULL, 5, &h),
       "hftp_published");
  double flags[96];
  for (int u = 0; u < 12; u++) {
    for (int k = 0; k < 2; k++) {
      flags[u + 12 * k] = h->amplitude[k + 2 * u];
      flags[u + 12 * (2 + k)] = h->contrast[k + 2 * u];
      flags[u + 12 * (4 + k)] = h->z[k + 2 * u];
    }
    flags[u + 72] = h->passed[u];
    flags[u + 84] = h->flagged[u];
  }
  must(nax_dataset_create(NULL, &d), "hftp_published");
  add_columns(d, "units", 12, 8,
              (const char *const[]){"sentence_amplitude", "phrase_amplitude",
                                    "sentence_contrast", "phrase_contrast", "sentence_z",
                                    "phrase_z", "passed", "flagged"},
              flags);
  add_numbers(d, "threshold", 2, (nax_index[]){2, 12}, h->threshold);
  save(d, "hftp_published");
  nax_freqtag_hftp_free(h);
  nax_array_free(squared);
}

void
parity_more(const parity_input *in)
{
  fluorescence();
  preprocessing(in);
  statistics(in->weights);
  graphs(in->dff);
  comparisons(in);
  single_tests(in);
  locking(in->spikes);
  group_tests(in);
}

/* What is read and written: the hosts read input.nc and write the same files. */
void
parity_files(void)
{
  char path[4096], out[4096];
  nax_source *s;
  nax_dataset *in, *d;
  nax_table *t;
  nax_ntf *m;
  (void)snprintf(path, sizeof path, "%s/input.nc", parity_dir);
  must(nax_source_open(NULL, path, NULL, &s), "recording_info");
  int32_t n = nax_source_n_vars(s), var = nax_source_find(s, "dff"), streamed;
  double *x = calloc((size_t)n, 4 * sizeof *x);
  for (int32_t i = 0; i < n; i++) {
    const nax_var_info *v = nax_source_var(s, i);
    x[i] = (double)v->n_values;
    x[i + n] = v->rate;
    x[i + 2 * n] = v->t_start;
    x[i + 3 * n] = v->t_stop;
  }
  columns("recording_info", n, 4,
          (const char *const[]){"values", "rate", "t_start", "t_stop"}, x);
  free(x);
  double part[30];
  must(nax_source_read(NULL, s, var, (nax_index[]){1, 4}, (nax_index[]){3, 10}, NAX_F64,
                       part, 30),
       "read_variable");
  numbers("read_variable", 2, (nax_index[]){3, 10}, part);
  var = nax_source_find(s, "rectified");
  nax_ntf_opts o = NAX_NTF_OPTS_INIT;
  o.rank = 2;
  o.n_restarts = 2;
  o.seed = 12;
  must(nax_ntf_fit_source(NULL, s, var, 1048576, NULL, &o, &streamed, &m), "ntf_file");
  must(
      nax_ntf_dataset(NULL, m, (const nax_axis *const *)nax_source_var(s, var)->axis, &d),
      "ntf_file");
  nax_ntf_free(m);
  save(d, "ntf_file");
  nax_source_close(s);

  int32_t formats = nax_n_formats();
  const char **text = calloc((size_t)formats, 2 * sizeof *text);
  for (int32_t i = 0; i < formats; i++) {
    nax_format_info(i, &text[i], &text[i + formats]);
  }
  must(nax_table_create(NULL, "format", formats, &t), "file_formats");
  must(nax_table_add_text(NULL, t, "name", text), "file_formats");
  must(nax_table_add_text(NULL, t, "description", text + formats), "file_formats");
  table("file_formats", t);
  free(text);
  char hex[65];
  const char *sum = hex;
  must(nax_file_sha256(NULL, path, hex), "file_sha256");
  must(nax_table_create(NULL, "file", 1, &t), "file_sha256");
  must(nax_table_add_text(NULL, t, "sha256", &sum), "file_sha256");
  table("file_sha256", t);

  /* Bytes that the hosts read without our help. */
  must(nax_dataset_load(NULL, path, NULL, &in), "read_recording");
  const nax_array *dff = nax_dataset_array(in, "dff");
  (void)snprintf(out, sizeof out, "%s/read_recording.bin", parity_dir);
  FILE *f = fopen(out, "wb");
  size_t size = (size_t)nax_array_size(dff);
  if (f == NULL || fwrite(nax_array_f64(dff), sizeof(double), size, f) != size ||
      fclose(f) != 0) {
    perror(out);
    exit(1);
  }
  nax_save_opts plain = NAX_SAVE_OPTS_INIT;
  plain.no_history = plain.force = 1;
  (void)snprintf(out, sizeof out, "%s/write_values.npy", parity_dir);
  must(nax_export_npy(NULL, dff, out, &plain), "write_values");
  (void)snprintf(out, sizeof out, "%s/write_dataset.out", parity_dir);
  must(nax_dataset_save(NULL, in, out, &plain), "write_dataset");
  nax_report_opts page = NAX_REPORT_OPTS_INIT;
  page.force = 1;
  (void)snprintf(out, sizeof out, "%s/write_report.html", parity_dir);
  must(nax_report_dataset(NULL, in, &page, NULL, out), "write_report");
  nax_dataset_free(in);
}
