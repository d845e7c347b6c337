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
extern const nxb_method nxb_model_methods[];
extern const nxb_method nxb_topology_methods[];
extern const nxb_method nxb_tag_methods[];
extern const nxb_method nxb_spectral_methods[];
extern const nxb_method nxb_circular_methods[];
extern const nxb_method nxb_hftp_methods[];
extern const nxb_method nxb_similarity_methods[];
extern const nxb_method nxb_stats_methods[];

/* The names that an option of the library has, as "a|b|c". */
const char *nxb_choices_of(const char *table, const char *option);

/* One or more dissimilarity matrices. Free. */
nax_status nxb_rdms_of(nxb_call *c, const nxb_value *v, nax_rdms **out);
/* Input i as such; their vectors one after the other in `d` (free). */
nax_status nxb_vectors_of(nxb_call *c, int i, nax_rdms **r, double **d);
/* The same conditions and matrices with other numbers, as a member. */
nax_status nxb_give_vectors(nxb_call *c, const char *name, const nax_rdms *like,
                            const double *d);
/* One vector as a matrix of the conditions of `like`. */
nax_status nxb_give_one(nxb_call *c, const char *name, const nax_rdms *like,
                        const double *d);
/* Matrices as a member. */
nax_status nxb_give_rdms(nxb_call *c, const char *name, const nax_rdms *r);

/* Rate of the time axis of input i, or input `given`. */
nax_status nxb_rate(nxb_call *c, int i, int given, double *out);
#define NXB_RATE                                                                         \
  {                                                                                      \
    "rate", NXB_IN_ARRAY, 1, "value",                                                    \
        "samples per second; not given: of the time axis of `x`"                         \
  }

/* Seed of a method that has the option from table "agtic". */
uint64_t nxb_seed(const nxb_call *c);

/* Group of each of n units, whole numbers from 0 or -1 for none (NULL when not given),
 * and how many groups there are. */
nax_status nxb_groups(nxb_call *c, int i, nax_index n, int64_t **group,
                      nax_index *groups);

/* Names of groups: their numbers as the host writes them. */
const char **nxb_group_names(nxb_call *c, nax_index groups);

/* Neighbours among n cells, given as pairs of numbers from 1: `given` is `near`, or NULL
 * without. */
nax_status nxb_adjacency(nxb_call *c, int i, nax_index n, nax_freqtag_adjacency *near,
                         const nax_freqtag_adjacency **given);

/* Complex numbers as a member with a last axis `part`: real, imaginary. */
nax_status nxb_give_complex(nxb_call *c, const char *name, int ndim,
                            const char *const *axes, const nax_index *dim,
                            const nax_c64 *z);

/* The page that a method writes when `report` is given: last input, last table. */
#define NXB_REPORT                                                                       \
  {                                                                                      \
    "report", NXB_IN_TEXT, 1, NULL, "path of an HTML page about the result to write"     \
  }
#define NXB_REPORT_HIDDEN ",command,memory,signal,no_hash,"

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
  NXB_IN_TABLE = 1 << NXB_TABLE,
  NXB_IN_DATASET = 1 << NXB_DATASET,
  NXB_IN_TEXT = 1 << NXB_TEXT,
  NXB_IN_LIST = 1 << NXB_LIST
};

#endif
