/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of nax_freqtag_fit share. */
#ifndef NAX_FREQTAG_FIT_I_H
#define NAX_FREQTAG_FIT_I_H
#include "freqtag_i.h"

enum {
  NAX_I_FT_LEVELS = 10,
  NAX_I_FT_TAGS = 64,
  NAX_I_FT_HARMONICS = 100,
  NAX_I_FT_SPECTRA = 4
};

/* Which axis is what. */
typedef struct nax_i_ft_axes {
  int32_t time, trial;             /* trial -1: none */
  int32_t first_unit, n_unit_axes; /* side by side; -1 and 0: one trace */
  nax_index n_units;
} nax_i_ft_axes;

/* One condition. */
typedef struct nax_i_ft_side {
  int used;
  int32_t ndim;
  const nax_axis *axis[NAX_MAX_NDIM];
  nax_i_ft_axes axes;
  int cut;                    /* trials begin at `start`; else the trial axis has them */
  nax_index *start;           /* first samples */
  nax_index *event;           /* which of the events given each is */
  double *when;               /* where the windows begin, in the unit of the time axis */
  nax_index n_trials, offset; /* offset: first sample of the window in each trial */
  nax_index n_outside;        /* trials that do not lie within the recording */
} nax_i_ft_side;

typedef struct nax_i_ft_fit nax_i_ft_fit;
struct nax_i_ft_fit {
  nax_freqtag_opts o;
  nax_i_ft_side side[2]; /* data, control */
  int same_recording;    /* both conditions are trials of one recording */
  double rate, *tag;
  nax_index n_tags;
  int on_grid, use_sides;
  double *freq; /* all frequencies that are needed */
  nax_index n_freqs;
  nax_index *line;    /* harmonics x tag: position of each line among the frequencies */
  nax_index *n_lines; /* per tag */
  nax_index *near;    /* 2 side x harmonics x tag: positions of the neighbours */
  nax_index *n_near;  /* harmonics x tag */
  nax_index n_short;  /* lines with fewer neighbours than asked for */
  char *designed;     /* bins: tags, harmonics, intermodulations, `exclude` */
  nax_freqtag_spec spec;
  /* coefficients that are no transforms of even samples (series.c) */
  const nax_spikes *spikes[2];
  int uneven;
  double highest;     /* frequency that uneven samples can show */
  nax_c64 *series[2]; /* frequency x trial x unit of the block in hand */
  nax_index n_bins;   /* of the spectrum */
  nax_index *bin;     /* positions of the bins of the spectrum; NULL: as numbered */
  /* what needs the coefficients of single trials or items (observe.c) */
  int observing;
  nax_index *seen_line; /* positions of the lines that are tested, tag after tag */
  double *seen_freq;    /* lines that are tested, tag after tag */
  nax_index *seen_at;   /* n_tags + 1: where those of a tag begin */
  nax_index n_items;    /* 0: trials are the observations */
  int64_t *item[2];     /* slot x trial, or NULL */
  double *most;         /* surrogate x tag: largest statistic of all units */
  double *statistic;    /* unit x tag, with `most` */
  double *windows;      /* option `ress`: channel x time x trial */
  nax_i_ft_walk walk;
  nax_index n_seen; /* units in the mean spectra */
  nax_freqtag *out;
  /* Units [from, from + n) of a side as unit x time (x trial). */
  nax_status (*get)(nax_ctx *ctx, nax_i_ft_fit *j, int which, nax_index from, nax_index n,
                    nax_view *out);
  nax_view whole[2]; /* in memory */
  void *self;        /* from files */
};

struct nax_freqtag {
  nax_index n_units, n_tags, n_samples, n_bins;
  double rate, *tag;
  nax_freqtag_opts o;
  char *tags_text, *exclude_text, *levels_text;
  nax_index n_trials[2], n_outside[2], n_left_out, n_constant, n_empty, n_short;
  nax_axis *axis[NAX_MAX_NDIM];
  int32_t n_axes;
  double *field[NAX_FREQTAG_N_FIELDS];
  double *spectrum[NAX_I_FT_SPECTRA];
  char *designed; /* bins that are no neighbours */
  double *best;   /* bin x tag */
  nax_index *best_unit;
  nax_index n_levels, level_of[NAX_I_FT_TAGS];
  char *level_name[NAX_I_FT_TAGS];
  double *level_q;     /* unit x level */
  nax_index n_seen[2]; /* observations of both conditions */
  nax_c64 *kept;       /* observation x unit x tag */
  nax_freqtag_components ress;
};

nax_status nax_i_ft_layout(nax_ctx *ctx, const char *fn, int32_t ndim,
                           const nax_axis *const *axis, nax_i_ft_axes *l);
/* A view of all axes as unit x time (x trial). */
void nax_i_ft_collapse(const nax_i_ft_axes *l, const nax_view *v, nax_view *out);
/* Everything that does not depend on values, from `o` and the axes of the sides. */
nax_status nax_i_ft_fit_prepare(nax_ctx *ctx, const char *fn, nax_i_ft_fit *j,
                                const nax_freqtag_events *events);
/* Units per block, so that their sums go into half of the memory allowed. */
nax_index nax_i_ft_fit_block(const nax_i_ft_fit *j);
nax_status nax_i_ft_fit_run(nax_ctx *ctx, const char *fn, nax_i_ft_fit *j,
                            nax_index block, nax_freqtag **out);
void nax_i_ft_fit_free(nax_i_ft_fit *j);
/* Levels of the tags, by option `levels`. */
nax_status nax_i_ft_levels_create(nax_ctx *ctx, const char *fn, const nax_i_ft_fit *j);
/* p of each level, adjusted for the number of units. */
nax_status nax_i_ft_levels_adjust(nax_ctx *ctx, nax_freqtag *f);
/* Name of a set of levels; free with nax_i_free. NULL: out of memory. */
char *nax_i_ft_set_name(const nax_freqtag *f, int64_t set);
/* The test of the mean that the options ask for; `c` is the control or NULL. */
nax_freqtag_test nax_i_ft_mean_test(int32_t test, const nax_freqtag_moments *m,
                                    const nax_freqtag_moments *c, int is_real);
/* What single trials or items are asked for: lines, items, room for results. */
nax_status nax_i_ft_observe_prepare(nax_ctx *ctx, const char *fn, nax_i_ft_fit *j,
                                    const nax_freqtag_events *events);
/* Coefficients are not transforms of even samples. */
static inline int
nax_i_ft_is_series(const nax_i_ft_fit *j)
{
  return j->uneven || j->spikes[0] != NULL;
}
/* Coefficients of a block of units of a side, frequency x trial x unit. */
nax_status nax_i_ft_series_block(nax_ctx *ctx, nax_i_ft_fit *j, int which, nax_index from,
                                 nax_index n, const nax_view *v, nax_c64 *z);
/* Leave out windows that the spikes were not recorded in; how many. */
nax_index nax_i_ft_series_recorded(nax_i_ft_fit *j);
/* Decide on units [from, from + n) by them; `v` as `get` gives it. */
nax_status nax_i_ft_observe(nax_ctx *ctx, const char *fn, nax_i_ft_fit *j, nax_index from,
                            nax_index n, const nax_view v[2]);

/* Keep the windows of units [from, from + n) for components. */
void nax_i_ft_components_take(nax_i_ft_fit *j, nax_index from, nax_index n,
                              const nax_view *v);
/* Components of these windows, for the result. */
nax_status nax_i_ft_components(nax_ctx *ctx, const char *fn, nax_i_ft_fit *j);
void nax_i_ft_components_free(nax_freqtag_components *c);

#endif
