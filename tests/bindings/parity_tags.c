/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tagging: files, spike trains, items and clusters, tests of coefficients, surrogates,
 * neighbours of lines, models against brains. */
#include "parity.h"

static void
give_tagged(const char *name, nax_freqtag *f)
{
  nax_dataset *d;
  must(nax_freqtag_dataset(NULL, f, &d), name);
  nax_freqtag_free(f);
  save(d, name);
}

/* The path of a file, and spike trains with trials, instead of an array. */
static void
sources(const parity_input *in)
{
  nax_freqtag_opts o = NAX_FREQTAG_OPTS_INIT;
  nax_freqtag *f;
  nax_array *copy;
  nax_source *s;
  char path[4096];
  const double start[] = {0.0, 3.0, 6.0, 9.0};
  const nax_freqtag_events events = {.n = 4, .start = start};
  must(nax_array_copy(NULL, in->trials, &copy), "trials");
  save(one("trials", copy), "trials");
  (void)snprintf(path, sizeof path, "%s/trials.nc", parity_dir);
  must(nax_source_open(NULL, path, NULL, &s), "freqtag_file");
  o.tags = "3,5";
  must(nax_freqtag_fit_source(NULL, s, nax_source_main(s), NULL, 0, NULL, &o, &f),
       "freqtag_file");
  nax_source_close(s);
  give_tagged("freqtag_file", f);
  o.window = 2.0;
  must(nax_freqtag_fit_spikes(NULL, in->spikes, NULL, &events, &o, &f), "freqtag_trains");
  give_tagged("freqtag_trains", f);
}

/* Items as observations, against a control with items of its own; groups of units, levels
 * of structure, clusters of neighbours. */
static void
items(const parity_input *in)
{
  nax_freqtag_opts o = NAX_FREQTAG_OPTS_INIT;
  nax_freqtag *f;
  nax_dataset *d;
  nax_array *squared;
  nax_table *t;
  nax_view x = nax_array_view(in->trials);
  nax_index slots = x.dim[1] / 10, start[13] = {0}, near[22], at = 0;
  int64_t item[64], other[64], group[12], label[24];
  static const char *const name[] = {"0", "1", "2"};
  double p[24], numbers_of[24];
  must(nax_array_map(NULL, in->trials, NAX_MAP_SQUARE, &squared), "freqtag_sentences");
  for (nax_index k = 0; k < 4; k++) {
    for (nax_index s = 0; s < slots; s++) {
      item[s + k * slots] = (s + k) % slots;
      other[s + k * slots] = (s + 2 * k) % slots;
    }
  }
  for (int u = 0; u < 12; u++) { /* every second unit is a neighbour */
    group[u] = u % 3;
    for (int v = u - 2; v <= u + 2; v += 4) {
      if (v >= 0 && v < 12) {
        near[at++] = v;
      }
    }
    start[u + 1] = at;
  }
  const nax_freqtag_events e = {.n_items = slots,
                                .n_slots = slots,
                                .n_item_trials = {4, 4},
                                .item = item,
                                .control_item = other};
  const nax_freqtag_adjacency adjacency = {start, near};
  double rate = nax_axis_rate(nax_array_axis(in->trials, 1));
  char tags[64];
  (void)snprintf(tags, sizeof tags, "%.17g,%.17g", rate / 10.0, rate / 5.0);
  o.tags = tags;
  o.levels = "word,phrase";
  o.item_length = 10;
  o.surrogates = 99;
  o.seed = 3;
  o.keep = 1;
  must(nax_freqtag_fit(NULL, in->trials, squared, &e, &o, &f), "freqtag_sentences");
  must(nax_freqtag_dataset(NULL, f, &d), "freqtag_sentences");
  must(nax_freqtag_profile(NULL, f, 3, group, name, &t), "freqtag_sentences");
  must(nax_dataset_add_table(NULL, d, "profile", t), "freqtag_sentences");
  must(nax_freqtag_sets(NULL, f, 3, group, name, &t), "freqtag_sentences");
  must(nax_dataset_add_table(NULL, d, "group_sets", t), "freqtag_sentences");
  must(nax_freqtag_clusters(NULL, f, &adjacency, 0.9, 99, 3, label, p, &t),
       "freqtag_sentences");
  for (int i = 0; i < 24; i++) {
    numbers_of[i] = (double)label[i] + 1.0;
  }
  add_numbers(d, "cluster", 2, (nax_index[]){12, 2}, numbers_of);
  add_numbers(d, "p_max", 2, (nax_index[]){12, 2}, p);
  static const char *const names[] = {"tag", "cluster", "units", "first", "mass", "p"};
  nax_index rows = nax_table_n_rows(t);
  double *all = calloc((size_t)rows + 1, 6 * sizeof *all);
  for (int k = 0; k < 6; k++) { /* clusters and units count from 1 in the hosts */
    for (nax_index i = 0; i < rows; i++) {
      all[i + k * rows] = nax_table_numbers(t, nax_table_find(t, names[k]))[i] +
                          (k == 1 || k == 3 ? 1.0 : 0.0);
    }
  }
  add_columns(d, "clusters", rows, 6, names, all);
  free(all);
  nax_table_free(t);
  nax_freqtag_free(f);
  save(d, "freqtag_sentences");

  nax_c64 *z = calloc(12 * (size_t)slots, sizeof *z);
  double *parts = calloc(24 * (size_t)slots, sizeof *parts);
  must(nax_freqtag_item_coefficients(NULL, &x, 10, slots, item, 1, z),
       "freqtag_item_coefficients");
  for (nax_index i = 0; i < 12 * slots; i++) {
    parts[i] = z[i].re;
    parts[i + 12 * slots] = z[i].im;
  }
  numbers("freqtag_item_coefficients", 3, (nax_index[]){slots, 12, 2}, parts);
  free(parts);
  free(z);
  nax_array_free(squared);
}

/* Two columns of 12 coefficients from numbers that hosts have too. */
static void
coefficients(const parity_input *in, int from, nax_c64 z[24])
{
  const double *re = nax_array_f64(in->weights), *im = nax_array_f64(in->patterns);
  for (int i = 0; i < 24; i++) {
    z[i] = (nax_c64){re[12 * from + i], im[12 * from + i]};
  }
}

static void
put(double *x, int row, int rows, int n, const double *values)
{
  for (int i = 0; i < n; i++) {
    x[row + i * rows] = values[i];
  }
}

static void
closed_forms(const parity_input *in)
{
  nax_c64 a[24], b[24], d[12];
  const nax_c64 mu = {0.1, 0.2}, zero = {0.0, 0.0};
  double x[50], two[20], paired[20];
  coefficients(in, 0, a);
  coefficients(in, 3, b);
  for (int k = 0; k < 2; k++) {
    int32_t used;
    nax_freqtag_moments m = nax_freqtag_moments_of(12, a + 12 * k);
    nax_freqtag_moments o = nax_freqtag_moments_of(12, b + 12 * k);
    nax_freqtag_power e = nax_freqtag_power_of(&m);
    nax_freqtag_test t2circ = nax_freqtag_t2circ(&m, mu),
                     t2 = nax_freqtag_hotelling(&m, mu),
                     best = nax_freqtag_auto(&m, mu, 0.05, &used),
                     round = nax_freqtag_sphericity(&m), real = nax_freqtag_real_t(&m);
    put(x, k, 2, 25,
        (double[]){
            (double)m.n,
            m.mean.re,
            m.mean.im,
            e.total,
            e.evoked,
            e.induced,
            e.evoked_unbiased,
            e.induced_unbiased,
            e.itpc,
            e.itpc_squared,
            e.ppc,
            nax_freqtag_t2circ_radius(&m, 0.05),
            t2circ.statistic,
            t2circ.p,
            t2.statistic,
            t2.p,
            round.statistic,
            round.p,
            best.statistic,
            best.p,
            (double)used,
            nax_freqtag_rayleigh(m.n - m.n_zero, e.itpc, NAX_FREQTAG_RAYLEIGH_AUTO).p,
            real.statistic,
            real.p,
            nax_freqtag_real_sign(&m).p});
    for (int i = 0; i < 12; i++) {
      d[i] = (nax_c64){a[12 * k + i].re - b[12 * k + i].re,
                       a[12 * k + i].im - b[12 * k + i].im};
    }
    nax_freqtag_moments q = nax_freqtag_moments_of(12, d);
    for (int how = 0; how < 2; how++) {
      nax_freqtag_test t[] = {
          how ? nax_freqtag_t2circ(&q, zero) : nax_freqtag_t2circ_two(&m, &o),
          how ? nax_freqtag_hotelling(&q, zero) : nax_freqtag_hotelling_two(&m, &o),
          how ? nax_freqtag_real_t(&q) : nax_freqtag_real_t_two(&m, &o)};
      put(how ? paired : two, k, 2, 10,
          (double[]){t[0].statistic, t[0].df2, t[0].p, t[1].statistic, t[1].df2, t[1].p,
                     t[2].statistic, t[2].df2, t[2].p, nax_freqtag_mahalanobis(&m, &o)});
    }
  }
  columns(
      "circular_tests", 2, 25,
      (const char *const[]){
          "n",         "mean_re",         "mean_im",          "total",    "evoked",
          "induced",   "evoked_unbiased", "induced_unbiased", "itpc",     "itpc_squared",
          "ppc",       "radius_95",       "t2circ_f",         "t2circ_p", "t2_f",
          "t2_p",      "condition",       "sphericity_p",     "auto_f",   "auto_p",
          "auto_used", "rayleigh_p",      "real_f",           "real_p",   "real_sign_p"},
      x);
  static const char *const names[] = {"t2circ_f", "t2circ_df2", "t2circ_p", "t2_f",
                                      "t2_df2",   "t2_p",       "real_f",   "real_df2",
                                      "real_p",   "mahalanobis"};
  columns("circular_compare", 2, 10, names, two);
  columns("circular_pairs", 2, 10, names, paired);

  static const char *const f[] = {"f", "df1", "df2", "p", "log_p"};
  double anova[10], repeated[5];
  for (int k = 0; k < 2; k++) {
    nax_freqtag_moments of[3];
    for (int g = 0; g < 3; g++) { /* groups 0, 1, 2, 0, 1, 2, ... */
      for (int i = 0; i < 4; i++) {
        d[i] = a[12 * k + 3 * i + g];
      }
      of[g] = nax_freqtag_moments_of(4, d);
    }
    nax_freqtag_test t = nax_freqtag_anova(3, of);
    put(anova, k, 2, 5, (double[]){t.statistic, t.df1, t.df2, t.p, t.log_p});
  }
  nax_freqtag_test t = nax_freqtag_anova_repeated(12, 2, a);
  put(repeated, 0, 1, 5, (double[]){t.statistic, t.df1, t.df2, t.p, t.log_p});
  columns("circular_anova", 2, 5, f, anova);
  columns("circular_repeated", 1, 5, f, repeated);

  double phases[8], mean, r;
  const double *angle = nax_array_f64(in->patterns);
  nax_stats_circular(12, angle, NULL, &mean, &r);
  nax_freqtag_test ray = nax_freqtag_rayleigh(12, r, NAX_FREQTAG_RAYLEIGH_EXACT),
                   v = nax_freqtag_v_test(12, r, mean, 0.5);
  put(phases, 0, 1, 8,
      (double[]){12.0, mean, r, ray.statistic, ray.p, ray.log_p, v.statistic, v.p});
  columns("phase_tests", 1, 8,
          (const char *const[]){"n", "mean", "resultant", "rayleigh", "p", "log_p", "v",
                                "v_p"},
          phases);
  const double log_p[] = {-1.0, -900.0, -0.25};
  nax_freqtag_test all = nax_freqtag_fisher(3, log_p);
  columns("combine_p", 1, 4, (const char *const[]){"chi_squared", "df", "p", "log_p"},
          (double[]){all.statistic, all.df1, all.p, all.log_p});
}

static void
surrogates(const parity_input *in)
{
  nax_c64 z[24];
  double angle[12] = {0.0}, null[2 * 30], x[4], most[40] = {0.0};
  nax_dataset *d;
  coefficients(in, 0, z);
  must(nax_freqtag_null_rotation(NULL, 12, 2, z, 1, 1, angle, 0, x), "rotation_null");
  must(nax_freqtag_null_rotation(NULL, 12, 2, z, 1, 30, NULL, 6, null), "rotation_null");
  for (int k = 0; k < 2; k++) {
    x[2 + k] = nax_freqtag_p_of_null(30, null + 30 * k, x[k]);
  }
  must(nax_dataset_create(NULL, &d), "rotation_null");
  add_columns(d, "tests", 2, 2, (const char *const[]){"observed", "p"}, x);
  add_numbers(d, "null", 2, (nax_index[]){30, 2}, null);
  save(d, "rotation_null");

  const double lines[] = {2.0, 4.0};
  nax_freqtag_surrogate_spec spec = {.n = 12,
                                     .n_control = 5,
                                     .n_lines = 2,
                                     .freqs = lines,
                                     .rate = 20.0,
                                     .kind = NAX_FREQTAG_NULL_LABEL,
                                     .n_surrogates = 40,
                                     .seed = 6};
  double series[3];
  must(nax_freqtag_surrogates(NULL, &spec, 1, z, series, series + 1, most),
       "surrogate_test");
  series[2] = nax_freqtag_p_of_null(40, most, series[0]);
  columns("surrogate_test", 1, 3, (const char *const[]){"statistic", "p", "p_max"},
          series);

  double sequential[4];
  for (int k = 0; k < 2; k++) {
    nax_index used;
    must(nax_freqtag_itpc_sequential(NULL, 12, z + 12 * k, 5, 100, 6, (uint64_t)k,
                                     &sequential[k], &used),
         "sequential_test");
    sequential[2 + k] = (double)used;
  }
  columns("sequential_test", 2, 2, (const char *const[]){"p", "surrogates"}, sequential);

  double phase[5], y[12];
  nax_rng *r;
  must(nax_rng_create(NULL, 6, 0, &r), "phase_scramble");
  for (int k = 0; k < 5; k++) {
    phase[k] = 2.0 * acos(-1.0) * nax_rng_uniform(r);
  }
  nax_rng_free(r);
  must(nax_freqtag_phase_scramble(NULL, 12, nax_array_f64(in->patterns), phase, y),
       "phase_scramble");
  numbers("phase_scramble", 1, (nax_index[]){12}, y);

  /* complex observations, cells 1-3, 2-4, 3-5, ... neighbours, the last 5 a control */
  nax_c64 all[144];
  nax_index start[13] = {0}, near[20], at = 0, n = 0;
  double statistic[12], p[12], rows[48], cells[36], flips[50];
  int64_t label[12];
  nax_freqtag_cluster cluster[12];
  for (int i = 0; i < 144; i++) {
    all[i] = (nax_c64){nax_array_f64(in->patterns)[i], nax_array_f64(in->weights)[i]};
  }
  for (int u = 0; u < 12; u++) {
    for (int v = u - 2; v <= u + 2; v += 4) {
      if (v >= 0 && v < 12) {
        near[at++] = v;
      }
    }
    start[u + 1] = at;
  }
  const nax_freqtag_adjacency adjacency = {start, near};
  must(nax_freqtag_cluster_test(NULL, 12, 5, 12, all, 1, 0.5, &adjacency, 50, NULL, 4,
                                statistic, label, cluster, &n, p, flips),
       "cluster_complex");
  for (int i = 0; i < 12; i++) {
    put(cells, i, 12, 3, (double[]){statistic[i], (double)label[i] + 1.0, p[i]});
  }
  for (nax_index k = 0; k < n; k++) {
    put(rows, (int)k, (int)n, 4,
        (double[]){(double)cluster[k].first + 1.0, (double)cluster[k].n, cluster[k].mass,
                   cluster[k].p});
  }
  must(nax_dataset_create(NULL, &d), "cluster_complex");
  add_columns(d, "clusters", n, 4, (const char *const[]){"first", "cells", "mass", "p"},
              rows);
  add_columns(d, "cells", 12, 3, (const char *const[]){"statistic", "cluster", "p_max"},
              cells);
  add_numbers(d, "null", 1, (nax_index[]){50}, flips);
  save(d, "cluster_complex");
}

static void
spectra(const parity_input *in)
{
  nax_dataset *d;
  double tapers[48], ratios[3];
  must(nax_freqtag_dpss(NULL, 16, 2.0, 3, tapers, ratios), "dpss_tapers");
  must(nax_dataset_create(NULL, &d), "dpss_tapers");
  add_numbers(d, "tapers", 2, (nax_index[]){16, 3}, tapers);
  add_numbers(d, "ratios", 1, (nax_index[]){3}, ratios);
  save(d, "dpss_tapers");

  /* the first 24 numbers of the patterns as a spectrum */
  char excluded[24] = {0};
  const nax_freqtag_neighbours around = {1, 3, 1, excluded, 1};
  const double *x = nax_array_f64(in->patterns);
  nax_freqtag_contrast of[24];
  double rows[24 * 7], used[6 * 24];
  excluded[4] = excluded[9] = 1;
  must(nax_freqtag_contrast_all(NULL, 24, x, &around, of), "line_contrast");
  for (int k = 0; k < 24; k++) {
    nax_index bin[6], n = nax_freqtag_neighbour_bins(24, k, &around, bin);
    put(rows, k, 24, 7,
        (double[]){x[k], (double)of[k].n, of[k].mean, of[k].sd, of[k].snr,
                   of[k].difference, of[k].z});
    for (int i = 0; i < 6; i++) {
      used[i + 6 * k] = i < n ? (double)bin[i] + 1.0 : (double)NAN;
    }
  }
  must(nax_dataset_create(NULL, &d), "line_contrast");
  add_columns(
      d, "bins", 24, 7,
      (const char *const[]){"line", "neighbours", "mean", "sd", "snr", "difference", "z"},
      rows);
  add_numbers(d, "neighbours", 2, (nax_index[]){6, 24}, used);
  save(d, "line_contrast");
  const nax_index bins[] = {7, 14};
  nax_freqtag_harmonics h;
  must(nax_freqtag_harmonics_of(NULL, 24, x, 2, bins, &around, &h), "harmonic_response");
  columns("harmonic_response", 1, 4,
          (const char *const[]){"sum", "root_power", "snr", "z"},
          (double[]){h.sum, h.root_power, h.snr, h.z});
  numbers("trim_bias", 1, (nax_index[]){2},
          (double[]){nax_freqtag_trim_bias(8, 0), nax_freqtag_trim_bias(8, 2)});
  const double freqs[] = {0.21, 0.3};
  nax_freqtag_test lines[2];
  nax_c64 mu[2];
  double found[2], line[12];
  must(nax_freqtag_thomson_at(NULL, 24, 1, x, 1.0, 2.0, 3, 2, freqs, 1, found, mu, lines),
       "thomson_lines");
  for (int k = 0; k < 2; k++) {
    put(line, k, 2, 6,
        (double[]){found[k], 2.0 * hypot(mu[k].re, mu[k].im), atan2(mu[k].im, mu[k].re),
                   lines[k].statistic, lines[k].p, lines[k].log_p});
  }
  columns("thomson_lines", 2, 6,
          (const char *const[]){"frequency", "amplitude", "phase", "f", "p", "log_p"},
          line);
  nax_freqtag_test t = nax_freqtag_snr_test(8.0, 6, 3);
  columns("snr_test", 1, 5, (const char *const[]){"snr", "df1", "df2", "p", "log_p"},
          (double[]){8.0, t.df1, t.df2, t.p, t.log_p});

  numbers("freqtag_detectable", 1, (nax_index[]){2},
          (double[]){nax_freqtag_detectable(10, 0.01, 0.9),
                     nax_freqtag_detectable(40, 0.01, 0.9)});
  double limit, itpc = nax_freqtag_expected_itpc_squared(0.5, 20, &limit);
  columns("freqtag_expected", 1, 3,
          (const char *const[]){"kappa", "itpc_squared", "limit"},
          (double[]){0.5, itpc, limit});
  numbers("tag_alias", 1, (nax_index[]){2},
          (double[]){nax_freqtag_alias(3.0, 50.0), nax_freqtag_alias(40.0, 50.0)});
  numbers("scalloping", 1, (nax_index[]){1},
          (double[]){nax_freqtag_scalloping(200, 0.3)});
  double log_f = nax_freqtag_log_f(5000.0, 3.0, 38.0);
  columns("f_tail", 1, 3, (const char *const[]){"f", "p", "log_p"},
          (double[]){5000.0, exp(log_f), log_f});
  double p = log(nax_freqtag_noncentral_f(4.0, 2.0, 38.0, 6.0));
  columns("f_noncentral", 1, 3, (const char *const[]){"f", "p", "log_p"},
          (double[]){4.0, exp(p), p});
  double moments[3];
  nax_freqtag_permutation_moments(24, x, &moments[0], &moments[1], &moments[2]);
  columns("permutation_moments", 1, 3,
          (const char *const[]){"power", "inside_95", "nyquist_95"}, moments);
}

/* Blocks of the four trials, 24 of them by cutting each into pieces of 6 bins. */
static void
brains(const parity_input *in)
{
  nax_view x = nax_array_view(in->trials);
  const int64_t block[] = {0, 1, 0, 1};
  double rate = nax_axis_rate(nax_array_axis(in->trials, 1));
  nax_index n;
  must(nax_freqtag_block_spectra(NULL, &x, rate, 1.0, 4.0, 2, block, 1, &n, NULL),
       "block_spectra");
  double *spectra = calloc((size_t)(24 * n), sizeof *spectra);
  must(nax_freqtag_block_spectra(NULL, &x, rate, 1.0, 4.0, 2, block, 1, &n, spectra),
       "block_spectra");
  numbers("block_spectra", 3, (nax_index[]){n, 2, 12}, spectra);
  free(spectra);

  /* 144 numbers as bin x block x unit and channel */
  const int64_t layer[] = {0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1};
  const int64_t kind[] = {-1, 0, 1, 2, -1, 0, 1, 2, -1, 0, 1, 2};
  const int64_t region[] = {0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, -1};
  const char responds[] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1};
  const nax_freqtag_similarity_spec spec = {.n_bins = 3,
                                            .n_blocks = 4,
                                            .n_units = 12,
                                            .model = nax_array_f64(in->weights),
                                            .n_layers = 2,
                                            .layer = layer,
                                            .n_kinds = 3,
                                            .kind = kind,
                                            .n_channels = 12,
                                            .brain = nax_array_f64(in->patterns),
                                            .n_regions = 2,
                                            .region = region,
                                            .responds = responds,
                                            .n_top = 3,
                                            .n_random = 9,
                                            .seed = 5};
  nax_freqtag_similarity *o;
  nax_dataset *d;
  must(nax_freqtag_similarity_fit(NULL, &spec, &o), "freqtag_similarity");
  double layers[24], regions[24];
  for (int i = 0; i < 6; i++) {
    put(layers, i, 6, 4, (double[]){i % 2, i / 2, (double)o->n_units[i], o->top[i]});
    put(regions, i, 6, 4, (double[]){i % 2, i / 2, o->region[i], o->found[i % 2]});
  }
  must(nax_dataset_create(NULL, &d), "freqtag_similarity");
  add_columns(d, "layers", 6, 4,
              (const char *const[]){"layer", "kind", "units", "similarity"}, layers);
  add_columns(d, "regions", 6, 4,
              (const char *const[]){"region", "kind", "similarity", "channels"}, regions);
  add_numbers(d, "rdm", 2, (nax_index[]){6, 6}, o->rdm);
  add_numbers(d, "rho", 2, (nax_index[]){6, 12}, o->rho);
  add_numbers(d, "of_kind", 1, (nax_index[]){3}, o->of_kind);
  add_numbers(d, "random", 1, (nax_index[]){9}, o->random);
  save(d, "freqtag_similarity");
  nax_freqtag_similarity_free(o);
}

void
parity_tags(const parity_input *in)
{
  sources(in);
  items(in);
  closed_forms(in);
  surrogates(in);
  spectra(in);
  brains(in);
}
