/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lists of methods, by what they do. Each ends with an entry without a name. */
#ifndef NXB_METHODS_I_H
#define NXB_METHODS_I_H
#include "call.h"

extern const nxb_method nxb_data_methods[];
extern const nxb_method nxb_signal_methods[];
extern const nxb_method nxb_fit_methods[];
extern const nxb_method nxb_latent_methods[];
extern const nxb_method nxb_geometry_methods[];
extern const nxb_method nxb_tag_methods[];

/* Another dataset becomes the result; after a failure nothing does. */
nax_status nxb_give_dataset(nxb_call *c, nax_status s, nax_dataset *d);

/* Inputs of the examples. */
#define R_CALCIUM "x <- simulate_recording(units = 6, trials = 4)$dff"
#define M_CALCIUM "d = neuraxis.simulate_recording('units', 6, 'trials', 4); x = d.dff;"
#define R_RECTIFY "\nx <- transform_values(x, \"rectify\")"
#define M_RECTIFY " x = neuraxis.transform_values(x, 'what', 'rectify');"
#define R_COUNTS                                                                         \
  "x <- simulate_recording(kind = \"spikes\", units = 5, trials = 4)$spikes"
#define M_COUNTS                                                                         \
  "d = neuraxis.simulate_recording('kind', 'spikes', 'units', 5, 'trials', 4); "         \
  "x = d.spikes;"

enum {
  NXB_IN_ARRAY = 1 << NXB_ARRAY,
  NXB_IN_SPIKES = 1 << NXB_SPIKES,
  NXB_IN_DATASET = 1 << NXB_DATASET,
  NXB_IN_TEXT = 1 << NXB_TEXT,
  NXB_IN_LIST = 1 << NXB_LIST
};

#endif
