/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hierarchical frequency tagging of models and brains: the published rule, and the
 * comparison of their geometries. */
#include "methods_i.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static nax_status
run_alignment(nxb_call *c)
{
  nax_view model = nxb_view(c, 0), brain = nxb_view(c, 1);
  nax_index top = 1;
  nax_status s = nxb_dense(c, 0, 3, 3);
  s = s == NAX_OK ? nxb_dense(c, 1, 3, 3) : s;
  s = s == NAX_OK ? nxb_whole(c, 2, 1.0, 1.0, 1e9, &top) : s;
  if (s == NAX_OK && (model.dim[0] != brain.dim[0] || model.dim[1] != brain.dim[1])) {
    s = nxb_fail(c, NAX_EDIM,
                 "`brain` is %lld x %lld x ..., expected %lld x %lld as `model`",
                 (long long)brain.dim[0], (long long)brain.dim[1],
                 (long long)model.dim[0], (long long)model.dim[1]);
  }
  nax_index n = model.ndim > 2 ? model.dim[2] : 0, m = brain.ndim > 2 ? brain.dim[2] : 0;
  double *rho = s == NAX_OK ? nxb_doubles(c, n * m) : NULL;
  double *best = s == NAX_OK ? nxb_doubles(c, n) : NULL;
  nax_index pairs = nax_rdm_pairs(model.dim[1]);
  double *layers = s == NAX_OK ? nxb_doubles(c, pairs * n) : NULL;
  double *channels = s == NAX_OK ? nxb_doubles(c, pairs * m) : NULL;
  if (s == NAX_OK) {
    s = rho != NULL && best != NULL && layers != NULL && channels != NULL
            ? nax_freqtag_alignment(c->ctx, model.dim[0], model.dim[1], n, model.data, m,
                                    brain.data, top, layers, channels, rho, best)
            : NAX_ENOMEM;
  }
  const char *const axes[] = {"layer", "channel"};
  const nax_index dim[] = {n, m};
  s = s == NAX_OK ? nxb_give_numbers(c, "rho", 2, axes, dim, rho) : s;
  s = s == NAX_OK ? nxb_give_numbers(c, "top", 1, axes, &n, best) : s;
  const char *const of_layer[] = {"pair", "layer"}, *const of_channel[] = {"pair",
                                                                           "channel"};
  const nax_index by_layer[] = {pairs, n}, by_channel[] = {pairs, m};
  s = s == NAX_OK ? nxb_give_numbers(c, "layer_rdm", 2, of_layer, by_layer, layers) : s;
  s = s == NAX_OK
          ? nxb_give_numbers(c, "channel_rdm", 2, of_channel, by_channel, channels)
          : s;
  return s;
}

static nax_status
run_hftp(nxb_call *c)
{
  nax_view x = nxb_view(c, 0), y = nxb_view(c, 1);
  nax_index sentence = 0, permutations = 0, n_phrase = 0, groups = 0, *bin = NULL;
  int64_t *phrase = NULL, *group = NULL;
  nax_freqtag_hftp *h = NULL;
  const char *page;
  nax_status s = nxb_page(c, 6, &page);
  s = s == NAX_OK ? nxb_whole(c, 2, 0.0, 1.0, 1e9, &sentence) : s;
  s = s == NAX_OK ? nxb_codes(c, 3, -1, &phrase, &n_phrase) : s;
  s = s == NAX_OK ? nxb_whole(c, 4, 1000.0, 1.0, 1e7, &permutations) : s;
  s = s == NAX_OK ? nxb_groups(c, 5, x.dim[0], &group, &groups) : s;
  bin = s == NAX_OK ? nxb_room(c, n_phrase, sizeof *bin) : NULL;
  s = s == NAX_OK && bin == NULL ? NAX_ENOMEM : s;
  for (nax_index k = 0; s == NAX_OK && k < n_phrase; k++) {
    bin[k] = phrase[k];
  }
  free(phrase);
  s = s == NAX_OK ? nax_freqtag_hftp_published(c->ctx, &x, &y, sentence, n_phrase, bin,
                                               permutations, NULL, nxb_seed(c), &h)
                  : s;
  if (s == NAX_OK && page != NULL) {
    const char **name = nxb_group_names(c, groups);
    s = name != NULL ? nax_report_hftp(c->ctx, h, NULL, groups, group, name,
                                       nxb_opts(c, "report"), page)
                     : NAX_ENOMEM;
  }
  nax_index n = s == NAX_OK ? h->n_units : 0, wide = 1 + n_phrase;
  double *out = s == NAX_OK ? nxb_doubles(c, 8 * n) : NULL;
  s = s == NAX_OK && out == NULL ? NAX_ENOMEM : s;
  for (nax_index u = 0; s == NAX_OK && u < n; u++) {
    for (int k = 0; k < 2; k++) {
      out[u + k * n] = h->amplitude[k + 2 * u];
      out[u + (2 + k) * n] = h->contrast[k + 2 * u];
      out[u + (4 + k) * n] = h->z[k + 2 * u];
    }
    out[u + 6 * n] = (double)h->passed[u];
    out[u + 7 * n] = (double)h->flagged[u];
  }
  static const char *const names[] = {"sentence_amplitude",
                                      "phrase_amplitude",
                                      "sentence_contrast",
                                      "phrase_contrast",
                                      "sentence_z",
                                      "phrase_z",
                                      "passed",
                                      "flagged"};
  const char *const axes[] = {"rate", "unit"};
  const nax_index dim[] = {wide, n};
  s = s == NAX_OK ? nxb_give_columns(c, "units", "unit", n, 8, names, out) : s;
  s = s == NAX_OK ? nxb_give_numbers(c, "threshold", 2, axes, dim, h->threshold) : s;
  nax_freqtag_hftp_free(h);
  return s;
}

static nax_status
run_block_spectra(nxb_call *c)
{
  nax_view x = nxb_view(c, 0);
  int64_t *block = NULL;
  double rate = 0.0, from = 0.0, to = 0.0, coherence = 0.0, *out = NULL;
  nax_index blocks = 0, bins = 0;
  nax_status s = NAX_OK;
  if (x.ndim != 3) {
    return nxb_fail(c, NAX_EDIM, "`x` has %d axes, expected unit x time x trial",
                    (int)x.ndim);
  }
  s = nxb_groups(c, 1, x.dim[2], &block, &blocks);
  s = s == NAX_OK ? nxb_number(c, 2, 0.5, &from) : s;
  s = s == NAX_OK ? nxb_number(c, 3, 2.0, &to) : s;
  s = s == NAX_OK ? nxb_number(c, 4, 0.0, &coherence) : s;
  s = s == NAX_OK ? nxb_rate(c, 0, 5, &rate) : s;
  for (int pass = 0; s == NAX_OK && pass < 2; pass++) { /* the first counts the bins */
    if (pass == 1) {
      out = nxb_doubles(c, bins * blocks * x.dim[0]);
      s = out != NULL ? NAX_OK : NAX_ENOMEM;
    }
    s = s == NAX_OK ? nax_freqtag_block_spectra(c->ctx, &x, rate, from, to, blocks, block,
                                                coherence != 0.0, &bins, out)
                    : s;
  }
  const char *const axes[] = {"bin", "block", "unit"};
  const nax_index dim[] = {bins, blocks, x.dim[0]};
  return s == NAX_OK ? nxb_give_numbers(c, "spectra", 3, axes, dim, out) : s;
}

/* What each unit follows, as one of so many kinds: one level alone, or several together,
 * which is the last kind. */
static nax_status
kinds_of(nxb_call *c, int i, nax_index n, int64_t **kind, nax_index *n_kinds)
{
  const double *set;
  nax_index given, levels = 1;
  nax_status s = nxb_numbers(c, i, &set, &given);
  *kind = s == NAX_OK ? nxb_room(c, n, sizeof **kind) : NULL;
  *n_kinds = 1;
  if (s != NAX_OK || *kind == NULL) {
    return s != NAX_OK ? s : NAX_ENOMEM;
  }
  if (set != NULL && given != n) {
    return nxb_fail(c, NAX_EDIM, "`%s` has %lld values, expected %lld",
                    c->method->in[i].name, (long long)given, (long long)n);
  }
  for (nax_index u = 0; set != NULL && u < n; u++) {
    if (!isnan(set[u]) &&
        !(set[u] >= 0.0 && set[u] < 1024.0 && set[u] == floor(set[u]))) {
      return nxb_fail(c, NAX_EDATA, "`%s` is %g at %lld, expected 0 to 1023",
                      c->method->in[i].name, set[u], (long long)u + 1);
    }
    for (nax_index l = 0; !isnan(set[u]) && l < 10; l++) {
      levels = ((int64_t)set[u] >> l & 1) != 0 && l + 1 > levels ? l + 1 : levels;
    }
  }
  for (nax_index u = 0; set != NULL && u < n; u++) {
    int64_t of = isnan(set[u]) ? 0 : (int64_t)set[u];
    (*kind)[u] = of > 0 ? levels : -1;
    for (nax_index l = 0; l < levels; l++) {
      (*kind)[u] = of == (int64_t)1 << l ? l : (*kind)[u];
    }
  }
  *n_kinds = levels + (levels > 1);
  return NAX_OK;
}

static nax_status
give_similarity(nxb_call *c, const nax_freqtag_similarity_spec *spec,
                const nax_freqtag_similarity *o)
{
  nax_index cells = o->n_cells, wide = spec->n_regions * spec->n_kinds;
  double *x = nxb_doubles(c, 4 * (cells + wide));
  nax_status s = x != NULL ? NAX_OK : NAX_ENOMEM;
  for (nax_index i = 0; s == NAX_OK && i < cells; i++) {
    x[i] = (double)(i % spec->n_layers);
    x[cells + i] = (double)(i / spec->n_layers);
    x[2 * cells + i] = (double)o->n_units[i];
    x[3 * cells + i] = o->top[i];
  }
  static const char *const layers[] = {"layer", "kind", "units", "similarity"};
  static const char *const regions[] = {"region", "kind", "similarity", "channels"};
  s = s == NAX_OK ? nxb_give_columns(c, "layers", "cell", cells, 4, layers, x) : s;
  if (s == NAX_OK && spec->n_regions > 0) {
    for (nax_index i = 0; i < wide; i++) {
      x[i] = (double)(i % spec->n_regions);
      x[wide + i] = (double)(i / spec->n_regions);
      x[2 * wide + i] = o->region[i];
      x[3 * wide + i] = o->found[i % spec->n_regions];
    }
    s = nxb_give_columns(c, "regions", "cell", wide, 4, regions, x);
  }
  const char *const pairs[] = {"pair", "cell"}, *const each[] = {"cell", "channel"};
  const char *const kind[] = {"kind"}, *const draw[] = {"draw"};
  const nax_index of_pairs[] = {o->n_pairs, cells}, of_each[] = {cells, spec->n_channels};
  s = s == NAX_OK ? nxb_give_numbers(c, "rdm", 2, pairs, of_pairs, o->rdm) : s;
  s = s == NAX_OK ? nxb_give_numbers(c, "rho", 2, each, of_each, o->rho) : s;
  s = s == NAX_OK ? nxb_give_numbers(c, "of_kind", 1, kind, &spec->n_kinds, o->of_kind)
                  : s;
  if (s == NAX_OK && spec->n_random > 0) {
    s = nxb_give_numbers(c, "random", 1, draw, &spec->n_random, o->random);
    s = s == NAX_OK ? nax_dataset_set_number(c->ctx, c->out, "p", o->p) : s;
  }
  s = s == NAX_OK ? nax_dataset_set_number(c->ctx, c->out, "similarity", o->similarity)
                  : s;
  if (s == NAX_OK && spec->n_regions > 1) {
    s = nax_dataset_set_number(c->ctx, c->out, "spread_chi_squared", o->spread.statistic);
    s = s == NAX_OK ? nax_dataset_set_number(c->ctx, c->out, "spread_p", o->spread.p) : s;
  }
  return s;
}

static nax_status
run_similarity(nxb_call *c)
{
  nax_view model = nxb_view(c, 0), brain = nxb_view(c, 1);
  int64_t *layer, *kind, *region;
  const double *responds;
  nax_index n_responds;
  nax_freqtag_similarity *o = NULL;
  nax_status s = nxb_dense(c, 0, 3, 3);
  s = s == NAX_OK ? nxb_dense(c, 1, 3, 3) : s;
  if (s == NAX_OK && (model.dim[0] != brain.dim[0] || model.dim[1] != brain.dim[1])) {
    s = nxb_fail(c, NAX_EDIM,
                 "`brain` is %lld x %lld x ..., expected %lld x %lld as `model`",
                 (long long)brain.dim[0], (long long)brain.dim[1],
                 (long long)model.dim[0], (long long)model.dim[1]);
  }
  if (s != NAX_OK) {
    return s;
  }
  nax_freqtag_similarity_spec spec = {.n_bins = model.dim[0],
                                      .n_blocks = model.dim[1],
                                      .n_units = model.dim[2],
                                      .model = model.data,
                                      .n_channels = brain.dim[2],
                                      .brain = brain.data,
                                      .seed = nxb_seed(c)};
  s = kinds_of(c, 2, spec.n_units, &kind, &spec.n_kinds);
  s = s == NAX_OK ? nxb_groups(c, 3, spec.n_units, &layer, &spec.n_layers) : s;
  s = s == NAX_OK ? nxb_groups(c, 4, spec.n_channels, &region, &spec.n_regions) : s;
  s = s == NAX_OK ? nxb_numbers(c, 5, &responds, &n_responds) : s;
  s = s == NAX_OK ? nxb_whole(c, 6, 100.0, 1.0, 1e9, &spec.n_top) : s;
  s = s == NAX_OK ? nxb_whole(c, 7, 0.0, 0.0, 1e6, &spec.n_random) : s;
  if (s == NAX_OK && layer == NULL) { /* one layer */
    layer = nxb_room(c, spec.n_units, sizeof *layer);
    spec.n_layers = 1;
    s = layer != NULL ? NAX_OK : NAX_ENOMEM;
  }
  if (s == NAX_OK && responds != NULL) {
    if (n_responds != spec.n_channels) {
      return nxb_fail(c, NAX_EDIM, "`responds` has %lld values, expected %lld",
                      (long long)n_responds, (long long)spec.n_channels);
    }
    char *flag = nxb_room(c, spec.n_channels, 1);
    for (nax_index i = 0; flag != NULL && i < spec.n_channels; i++) {
      flag[i] = responds[i] != 0.0 && !isnan(responds[i]);
    }
    spec.responds = flag;
    s = flag != NULL ? NAX_OK : NAX_ENOMEM;
  }
  spec.layer = layer;
  spec.kind = kind;
  spec.region = region;
  s = s == NAX_OK ? nax_freqtag_similarity_fit(c->ctx, &spec, &o) : s;
  s = s == NAX_OK ? give_similarity(c, &spec, o) : s;
  nax_freqtag_similarity_free(o);
  return s;
}

static nax_status
run_permutation_moments(nxb_call *c)
{
  static const char *const names[] = {"power", "inside_95", "nyquist_95"};
  const double *x;
  nax_index n;
  double row[3] = {0.0, 0.0, 0.0};
  nax_status s = nxb_numbers(c, 0, &x, &n);
  if (s == NAX_OK && n < 2) {
    s = nxb_fail(c, NAX_EDIM, "`x` has %lld values, expected at least 2", (long long)n);
  }
  if (s == NAX_OK) {
    nax_freqtag_permutation_moments(n, x, &row[0], &row[1], &row[2]);
    s = nxb_give_columns(c, "moments", "series", 1, 3, names, row);
  }
  return s;
}

const nxb_method nxb_hftp_methods[] = {
    {.name = "freqtag_alignment",
     .title = "Alignment of layers with channels",
     .details = "Spectra of blocks of trials make a matrix of cosine dissimilarities; "
                "Spearman's correlation between each layer's and each channel's, and the "
                "mean over the best channels, whose choice biases it upwards. HFTP 2025.",
     .value = "`rho`, layer x channel, `top`, and the matrices, pair of blocks x layer "
              "and x channel",
     .result = "freqtag_alignment",
     .r = {"model <- array(runif(5 * 6 * 2), c(5, 6, 2))\n"
           "brain <- array(runif(5 * 6 * 3), c(5, 6, 3))",
           "freqtag_alignment(model, brain)"},
     .m = {"model = rand(5, 6, 2); brain = rand(5, 6, 3);",
           "neuraxis.freqtag_alignment(model, brain)"},
     .in = {{"model", NXB_IN_ARRAY, 0, "bin,block,layer", "bin x block x layer"},
            {"brain", NXB_IN_ARRAY, 0, "bin,block,channel", "bin x block x channel"},
            {"top", NXB_IN_ARRAY, 1, "value", "channels averaged; not given: 1"}},
     .run = run_alignment},
    {.name = "hftp_published",
     .title = "The published two-stage rule of HFTP",
     .details =
         "For comparison: without correction for many units it flags units in pure "
         "noise. The default rule of freqtag with a control does not. HFTP 2025.",
     .value =
         "`units`, a table whose column flagged is 1 sentence, 2 phrase, 3 both, and "
         "`threshold`, of the sentence and each phrase rate x unit",
     .result = "hftp_published",
     .r = {"x <- array(rnorm(6 * 64 * 5), c(6, 64, 5))\n"
           "y <- array(rnorm(6 * 64 * 5), c(6, 64, 5))",
           "hftp_published(x, y, sentence = 4, phrase = 8, permutations = 100)"},
     .m = {"x = randn(6, 64, 5); y = randn(6, 64, 5);",
           "neuraxis.hftp_published(x, y, 4, 8, 'permutations', 100)"},
     .in = {{"x", NXB_IN_ARRAY, 0, "neuron,time,trial", "unit x time x group"},
            {"control", NXB_IN_ARRAY, 0, "neuron,time,trial", "the same, control"},
            {"sentence", NXB_IN_ARRAY, 0, "value",
             "cycles of the sentence in the window"},
            {"phrase", NXB_IN_ARRAY, 0, "value", "cycles of each phrase rate"},
            {"permutations", NXB_IN_ARRAY, 1, "value", "of time; not given: 1000"},
            {"group", NXB_IN_ARRAY, 1, "unit",
             "group of each unit for the page, whole numbers from 0, or -1"},
            NXB_REPORT},
     .tables = {"agtic", "report"},
     .shown = ",seed,title,figures_dir,force,",
     .run = run_hftp},
    {.name = "block_spectra",
     .title = "Spectra of blocks of trials",
     .details = "Amplitude of the mean of the trials of each block, or phase coherence "
                "over them, in a range of bins: what freqtag_similarity and "
                "freqtag_alignment compare.",
     .value = "an array bin x block x unit",
     .result = "",
     .r = {"x <- array(rnorm(3 * 100 * 12), c(3, 100, 12))",
           "block_spectra(x, rep(0:3, 3), from = 1, to = 4, rate = 50)"},
     .m =
         {"x = randn(3, 100, 12);",
          "neuraxis.block_spectra(x, repmat(0:3, 1, 3), 'from', 1, 'to', 4, 'rate', 50)"},
     .in = {{"x", NXB_IN_ARRAY, 0, "neuron,time,trial", "unit x time x trial"},
            {"block", NXB_IN_ARRAY, 0, "trial",
             "block of each trial, whole numbers from 0, or -1 for none"},
            {"from", NXB_IN_ARRAY, 1, "value", "lowest frequency, Hz; not given: 0.5"},
            {"to", NXB_IN_ARRAY, 1, "value", "highest frequency, Hz; not given: 2"},
            {"coherence", NXB_IN_ARRAY, 1, "value",
             "1: phase coherence, as of brains; not given: 0, amplitude"},
            NXB_RATE},
     .run = run_block_spectra},
    {.name = "freqtag_similarity",
     .title = "Units of a model against channels of a brain",
     .details =
         "The spectra of each unit over blocks make a matrix of cosine dissimilarities; "
         "those of the units of a layer that follow the same level are averaged and "
         "compared with that of each channel by Spearman's correlation. The mean over the "
         "best channels is biased upwards by their choice, which units drawn at random "
         "share. HFTP 2025.",
     .value = "the tables `layers` and (with regions) `regions`; `rho`, cell x channel, "
              "where a cell is a row of `layers`; `rdm`, pair of blocks x cell; "
              "attributes similarity and p",
     .result = "freqtag_similarity",
     .r = {"model <- array(runif(5 * 6 * 20), c(5, 6, 20))\n"
           "brain <- array(runif(5 * 6 * 8), c(5, 6, 8))\nset <- rep(0:3, 5)",
           "freqtag_similarity(model, brain, set, top = 4, random = 19)"},
     .m = {"model = rand(5, 6, 20); brain = rand(5, 6, 8); set = repmat(0:3, 1, 5);",
           "neuraxis.freqtag_similarity(model, brain, set, 'top', 4)"},
     .in = {{"model", NXB_IN_ARRAY, 0, "bin,block,unit",
             "from block_spectra, bin x block x unit"},
            {"brain", NXB_IN_ARRAY, 0, "bin,block,channel",
             "from block_spectra, bin x block x channel"},
            {"set", NXB_IN_ARRAY, 0, "unit",
             "levels that each unit follows, as freqtag has them: 0 none, 1 the first, 2 "
             "the second, 3 both, ...; a kind is one level alone (from 0), the last kind "
             "several together"},
            {"layer", NXB_IN_ARRAY, 1, "unit",
             "layer of each unit, whole numbers from 0, or -1; not given: one layer"},
            {"region", NXB_IN_ARRAY, 1, "channel",
             "region of each channel, whole numbers from 0, or -1"},
            {"responds", NXB_IN_ARRAY, 1, "channel",
             "1 for channels that respond; not given: all do"},
            {"top", NXB_IN_ARRAY, 1, "value",
             "best channels of a layer that count; not given: 100"},
            {"random", NXB_IN_ARRAY, 1, "value",
             "draws of units at random from those that follow nothing; not given: 0"}},
     .tables = {"agtic"},
     .shown = ",seed,",
     .run = run_similarity},
    {.name = "permutation_moments",
     .title = "What all permutations of a series have in their spectrum",
     .details =
         "In closed form what the screen of hftp_published samples: the mean power "
         "over all permutations, and the 95th percentile of the amplitude of a "
         "Gaussian one within the spectrum and at half the rate.",
     .value = "a table: power, inside_95, nyquist_95",
     .result = "",
     .r = {NULL, "permutation_moments(rnorm(64))"},
     .m = {NULL, "neuraxis.permutation_moments(randn(1, 64))"},
     .in = {{"x", NXB_IN_ARRAY, 0, "time", "evenly spaced samples"}},
     .run = run_permutation_moments},
    {.name = NULL},
};
