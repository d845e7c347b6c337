/* SPDX-License-Identifier: GPL-3.0-or-later */
/* neuraxis simulate: a recording whose structure is known. */
#include "cli_i.h"
#include <string.h>

static const cli_opt simulate_opts[] = {
    {"preset", "METHOD", NULL,
     "start from what a method needs: ntf (assemblies over animals), connectome (groups "
     "that change between epochs, eight animals), gpfa (latents, spikes, unequal trials), "
     "gpvae (latents, spikes, pictures), bicluster (clusters and states), rsa (condition "
     "patterns, and models in a known order), trsa (patterns on a ring) or freqtag (tags "
     "of 1, 2 and 4 Hz, and a control condition)",
     "ntf|connectome|gpfa|gpvae|bicluster|rsa|trsa|freqtag", CLI_TEXT, 0, 0, 0},
    {NULL, NULL, NULL, NULL, NULL, CLI_FLAG, 0, 0, 0}};

static const cli_section simulate_sections[] = {{"Options", simulate_opts, NULL, NULL},
                                                {"Recording", NULL, "simulate", NULL},
                                                {"Output", cli_output_opts, NULL, NULL},
                                                {NULL, NULL, NULL, NULL}};

/* Options of a preset as they could be given by hand. */
static const struct {
  const char *preset, *name, *value;
} presets[] = {
    {"ntf", "animals", "8"},
    {"ntf", "trials", "0"},
    {"ntf", "trial-length", "120"},
    {"ntf", "event-rate", "0.05"},
    {"connectome", "animals", "8"},
    {"connectome", "trials", "0"},
    {"connectome", "trial-length", "240"},
    {"connectome", "rate", "4"},
    {"connectome", "assemblies", "9"},
    {"connectome", "epochs", "3"},
    {"connectome", "event-rate", "0.3"},
    {"connectome", "event-length", "3"},
    {"connectome", "event-gain", "30"},
    {"connectome", "firing-rate", "0.3"},
    {"gpfa", "kind", "spikes"},
    {"gpfa", "units", "50"},
    {"gpfa", "trials", "40"},
    {"gpfa", "trial-length", "1.5"},
    {"gpfa", "trial-jitter", "0.3"},
    {"gpfa", "gap", "0.5"},
    {"gpfa", "assemblies", "0"},
    {"gpfa", "latents", "3"},
    {"gpvae", "kind", "spikes"},
    {"gpvae", "units", "100"},
    {"gpvae", "trials", "300"},
    {"gpvae", "trial-length", "2"},
    {"gpvae", "gap", "0.2"},
    {"gpvae", "rate", "30"},
    {"gpvae", "firing-rate", "30"},
    {"gpvae", "assemblies", "0"},
    {"gpvae", "latents", "2"},
    {"gpvae", "latent-gain", "0.8"},
    {"gpvae", "timescale", "0.3333333333333333"},
    {"gpvae", "images", "36"},
    {"bicluster", "kind", "spikes"},
    {"bicluster", "units", "30"},
    {"bicluster", "trials", "0"},
    {"bicluster", "trial-length", "250"},
    {"bicluster", "rate", "50"},
    {"bicluster", "assemblies", "0"},
    {"bicluster", "clusters", "3"},
    {"rsa", "kind", "spikes"},
    {"rsa", "units", "80"},
    {"rsa", "trials", "240"},
    {"rsa", "trial-length", "1"},
    {"rsa", "gap", "0.5"},
    {"rsa", "assemblies", "0"},
    {"rsa", "conditions", "12"},
    {"trsa", "kind", "spikes"},
    {"trsa", "units", "80"},
    {"trsa", "trials", "480"},
    {"trsa", "trial-length", "1"},
    {"trsa", "gap", "0.5"},
    {"trsa", "assemblies", "0"},
    {"trsa", "conditions", "24"},
    {"trsa", "geometry", "ring"},
    {"freqtag", "kind", "field"},
    {"freqtag", "units", "40"},
    {"freqtag", "trials", "40"},
    {"freqtag", "trial-length", "8"},
    {"freqtag", "assemblies", "0"},
    {"freqtag", "tags", "1,2,4"},
    {"freqtag", "conditions", "2"},
    {"freqtag", "pattern-gain", "0"},
    {"freqtag", "tag-conditions", "1"},
};

static int
run_simulate(cli *c)
{
  nax_simulate_opts o;
  nax_save_opts save;
  nax_dataset *d = NULL;
  const nax_opt_table *t = nax_options_table("simulate");
  const char *path = cli_value(c, "output"), *preset = cli_value(c, "preset");
  if (path == NULL || strcmp(path, "-") == 0) {
    return cli_error(c, CLI_USAGE, "give an output file with -o FILE");
  }
  int status = cli_save_opts(c, &save);
  status = status == CLI_OK ? cli_may_write(c, path) : status;
  if (status != CLI_OK) {
    return status;
  }
  nax_options_default(t, &o);
  nax_status s = NAX_OK;
  for (size_t i = 0; preset != NULL && i < sizeof presets / sizeof presets[0]; i++) {
    if (s == NAX_OK && strcmp(presets[i].preset, preset) == 0) {
      s = nax_options_set(c->ctx, t, &o, presets[i].name, presets[i].value);
    }
  }
  if (s != NAX_OK) {
    return cli_fail(c, s);
  }
  status = cli_overlay(c, "simulate", &o);
  if (status != CLI_OK) {
    return status;
  }
  s = nax_simulate(c->ctx, &o, &d);
  s = s == NAX_OK ? cli_provenance(c, d, 0, NULL) : s;
  s = s == NAX_OK ? nax_dataset_save(c->ctx, d, path, &save) : s;
  nax_dataset_free(d);
  if (s != NAX_OK) {
    return cli_fail(c, s);
  }
  char size[32];
  cli_note(c, 1, "wrote %s, %s", path, cli_bytes(size, cli_file_size(path)));
  return CLI_OK;
}

const cli_cmd cli_cmd_simulate = {
    "simulate",
    "Recordings",
    "-o OUTPUT",
    "a recording whose structure is known, with the truth in the same file",
    "Calcium traces, spike trains or field potentials with planted assemblies, smooth "
    "latents, clusters whose dynamics switch, condition patterns and frequency tags, in "
    "trials that may differ in length. Any of these may be combined. The truth is in "
    "variables and tables called truth_*. The same seed gives the same recording, for "
    "any number of threads; without one a seed is drawn, printed and recorded.",
    "  neuraxis simulate --seed=1 -o calcium.nc\n"
    "  neuraxis simulate --preset=gpfa --trials=100 -o latents.nc\n"
    "  neuraxis simulate --kind=spikes --tags=1,2,4 --conditions=8 -o both.nc\n",
    simulate_sections,
    run_simulate,
    0,
    0,
    NULL};
