/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page about a recording: what its sections share. */
#ifndef NAX_DATASET_PAGE_I_H
#define NAX_DATASET_PAGE_I_H
#include "quality/quality_i.h"
#include "report_i.h"
#include <neuraxis/report.h>
#include <neuraxis/stats.h>

/* A table with start times: trials, epochs. */
typedef struct nax_i_trials {
  const char *name;
  const nax_table *table;
  nax_index n;          /* rows with a start */
  double *start, *stop; /* seconds, in order of the rows; stop NaN when unknown */
  int32_t condition;    /* column that tells conditions apart, -1: none */
  int n_conditions;
  char **condition_name; /* n_conditions */
  int *row_condition;    /* per row, -1: none */
  nax_index overlaps;    /* rows that start before the row before has stopped */
  double shortest, median, longest; /* durations, NaN when unknown */
} nax_i_trials;

/* What one pass over the traces leaves behind. */
typedef struct nax_i_survey {
  nax_index n_bins; /* columns of the overview */
  double t0, t1;    /* seconds (or samples) at its two ends */
  int in_time;      /* 0: the axis counts samples */
  double *heat;     /* n_bins x units: mean z-score; NaN where nothing is present */
  double *missing;  /* n_bins x units: share missing, %; NULL when nothing is */
  double *trial;    /* parts x units: mean z-score of each part; NULL for one part */
  nax_index n_pop;  /* samples of the population trace */
  nax_index pop_step;
  double *pop_t, *pop;  /* time and mean over units */
  nax_index n_spectra;  /* traces whose spectrum is taken */
  nax_array *spectra;   /* time x trace */
  double total_missing; /* share of all samples, % */
} nax_i_survey;

typedef struct nax_i_rep {
  nax_report_opts opts;
  nax_quality_opts quality_opts;
  nax_source *source; /* one of the two */
  const nax_dataset *dataset;
  const char *out_path;
  /* the main variable */
  const char *main_name;
  nax_var_kind main_kind;   /* 0: there is none */
  const nax_var_info *info; /* NULL for a dataset */
  const char *value_unit;
  nax_i_walk walk;
  const nax_spikes *spikes;
  nax_spikes *own_spikes;
  nax_index n_units;
  const nax_axis *units;
  const char *unit_word, *units_word; /* "neuron", "neurons" */
  char axis_word[32];                 /* "Neurons" */
  double duration;                    /* seconds, NaN when unknown */
  /* tables of the recording */
  int n_tables;
  const char **table_name;
  const nax_table **table;
  nax_table **own_table;
  int n_trials;
  nax_i_trials *trials;
  /* results */
  nax_table *quality;
  int *marks; /* severity per unit */
  nax_index n_flagged;
  nax_i_survey survey;
  double *r;              /* units x units */
  double correlation_bin; /* s, of spike counts */
  nax_index *order;
  nax_merge *merges;
  nax_i_page *page;
  nax_index n_warned; /* warnings that are on the page */
} nax_i_rep;

/* recording.c: find the main variable, load spikes and tables, see what they are. */
nax_status nax_i_rep_open(nax_ctx *ctx, nax_i_rep *r);
void nax_i_rep_close(nax_i_rep *r);

/* section_units.c: severities from the flags of the quality table. */
void nax_i_rep_grade(nax_i_rep *r);

/* survey.c: quality, overview, population trace, spectra in one pass. */
nax_status nax_i_rep_survey(nax_ctx *ctx, nax_i_rep *r);
/* Correlations of binned spike counts, and the order they give. */
nax_status nax_i_rep_correlate_spikes(nax_ctx *ctx, nax_i_rep *r);
/* Order of the units by clustering, from `r->r`. */
nax_status nax_i_rep_cluster(nax_ctx *ctx, nax_i_rep *r);

/* The sections. */
nax_status nax_i_page_identity(nax_ctx *ctx, nax_i_rep *r);
void nax_i_page_warnings(nax_ctx *ctx, nax_i_rep *r);
/* What came up after that section was written; nothing when nothing did. */
void nax_i_page_late_warnings(nax_ctx *ctx, nax_i_rep *r);
nax_status nax_i_page_traces(nax_ctx *ctx, nax_i_rep *r);
nax_status nax_i_page_spikes(nax_ctx *ctx, nax_i_rep *r);
nax_status nax_i_page_quality(nax_ctx *ctx, nax_i_rep *r);
nax_status nax_i_page_correlations(nax_ctx *ctx, nax_i_rep *r);
nax_status nax_i_page_trials(nax_ctx *ctx, nax_i_rep *r);
nax_status nax_i_page_advice(nax_ctx *ctx, nax_i_rep *r);
void nax_i_page_reproduce(nax_ctx *ctx, nax_i_rep *r);

/* Start times of trials on the upper edge, a colour per table, with a legend. */
void nax_i_rep_events(const nax_i_rep *r, nax_i_fig *f, const nax_i_axes *a);

/* Give a figure the unit names and these columns (ends with NULL) of the quality table.
 */
void nax_i_rep_columns(const nax_i_rep *r, nax_i_fig *f, const char *const *names);

/* Histogram of the finite values as a figure of half width; nothing is drawn when there
 * are fewer than two. `mark` (NaN: none) gets a rule. */
void nax_i_page_histogram(nax_i_page *p, const char *id, const char *title,
                          const char *label, const char *unit, nax_index n,
                          const double *values, int log, double mark,
                          const char *mark_label);
/* "1 h 2 min", "12.5 s" */
void nax_i_duration_text(char buf[64], double seconds);

#endif
