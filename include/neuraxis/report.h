/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reports: one self-contained HTML page about a recording.
 *
 * The page needs no network and no script, keeps to the reader's light or dark mode,
 * prints, and has the same bytes whenever it is made from the same input. */
#ifndef NEURAXIS_REPORT_H
#define NEURAXIS_REPORT_H
#include <neuraxis/freqtag_fit.h>
#include <neuraxis/gpfa.h>
#include <neuraxis/connectome.h>
#include <neuraxis/gpvae.h>
#include <neuraxis/bicluster.h>
#include <neuraxis/ntf.h>
#include <neuraxis/quality.h>
#include <neuraxis/rsa.h>
NAX_BEGIN_DECLS

/** What a report says and where it goes. Table "report" of options.h. */
typedef struct nax_report_opts {
  size_t struct_size;      /**< set by the INIT macro; do not touch */
  const char *title;       /**< of the page; NULL = name of the file */
  const char *command;     /**< command line that makes the page again; NULL = made from
                              the path and what differs from the defaults */
  const char *figures_dir; /**< folder that also gets each figure as .svg and the numbers
                              behind it, and each table, as .csv; NULL = none */
  int64_t memory;          /**< MB of traces held at once when reading from a file */
  int32_t signal;          /**< nax_signal_kind of the main variable */
  int32_t no_hash;         /**< 1: leave out the SHA-256 of the file */
  int32_t force;           /**< 1: replace existing files */
} nax_report_opts;

/** Defaults of nax_report_opts. */
#define NAX_REPORT_OPTS_INIT                                                             \
  {                                                                                      \
    sizeof(nax_report_opts), NULL, NULL, NULL, 128, NAX_SIGNAL_AUTO, 0, 0                \
  }

/** Write the page about an opened recording: identity and provenance, warnings (those the
 * context has collected since the recording was opened), quality of each unit, overview,
 * population activity, spectrum, correlations with clustering order, missing data,
 * trials, which analyses suit it and why, how to make the page again. The main variable
 * is read a group of units at a time; spike trains and tables are read whole.
 * @param quality thresholds of the quality measures; NULL = defaults. Its `memory` and
 * `signal` are those of `opts`.
 * @status NAX_EINVAL, NAX_EIO (not writable, exists and not `force`), NAX_ENOMEM,
 * NAX_EINTERRUPT, and those of nax_source_read. @threads over units. @cost two passes
 * over the file (one for its hash). */
NAX_API NAX_NODISCARD nax_status nax_report_source(nax_ctx *ctx, nax_source *s,
                                                   const nax_report_opts *opts,
                                                   const nax_quality_opts *quality,
                                                   const char *path);

/** The same about a dataset in memory.
 * @status NAX_EINVAL, NAX_EIO, NAX_ENOMEM, NAX_EINTERRUPT. */
NAX_API NAX_NODISCARD nax_status nax_report_dataset(nax_ctx *ctx, const nax_dataset *d,
                                                    const nax_report_opts *opts,
                                                    const nax_quality_opts *quality,
                                                    const char *path);

/** What the page about a multi-modal model is told besides the model. All members may be
 * NULL or 0. */
typedef struct nax_report_gpvae_info {
  const char *subject;            /**< one line under the title, e.g. the file's name */
  const nax_gpvae_trials *trials; /**< trials of the fit, to set the model beside them */
  nax_index image_rows; /**< features are pictures of so many rows; 0: they are not */
} nax_report_gpvae_info;

/** Write the page about a multi-modal model: latents over time with bands, paths,
 * loadings, length scales, which directions behaviour depends on, recorded against
 * modelled activity and behaviour (with `info->trials`), bound and its terms over the
 * epochs, method with resolved options. Of `opts`, title, command, figures_dir and force
 * are used.
 * @param p latents of the trials of the fit
 * @param info NULL: nothing more is known
 * @status NAX_EDIM (trials that are not those of the fit), NAX_EINVAL, NAX_EIO,
 * NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_report_gpvae(nax_ctx *ctx, const nax_gpvae *m,
                                                  const nax_gpvae_posterior *p,
                                                  const nax_report_gpvae_info *info,
                                                  const nax_report_opts *opts,
                                                  const char *path);

/** What the page about a factorisation is told besides the factorisation. All members may
 * be NULL or 0. */
typedef struct nax_report_ntf_info {
  const char *subject;       /**< one line under the title, e.g. the file's name */
  const nax_table *ranks;    /**< table of nax_ntf_select */
  nax_ntf_selection chosen;  /**< what it found; with `ranks` */
  nax_index n_events;        /**< stretches of time shaded behind the profiles */
  const double *event_start; /**< n_events starts, in the unit of the time axis */
  const double *event_stop;  /**< n_events stops */
  const nax_table *null;     /**< table of nax_ntf_null */
} nax_report_ntf_info;

/** Write the page about a factorisation: the components over all modes, whether the
 * starts agree, how many components the data support (with `info->ranks`), convergence,
 * method with resolved options. Of `opts`, title, command, figures_dir and force are
 * used.
 * @param axes of the tensor (N entries), or NULL
 * @param info NULL: nothing more is known
 * @status NAX_EDIM (axes do not fit), NAX_EINVAL, NAX_EIO, NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_report_ntf(nax_ctx *ctx, const nax_ntf *m,
                                                const nax_axis *const *axes,
                                                const nax_report_ntf_info *info,
                                                const nax_report_opts *opts,
                                                const char *path);

/** What the page about latent trajectories is told besides model and latents. All members
 * may be NULL or 0. */
typedef struct nax_report_gpfa_info {
  const char *subject;       /**< one line under the title, e.g. the file's name */
  nax_trial_labels labels;   /**< of neurons, trials and time */
  const double *explained;   /**< of nax_gpfa_explained, q */
  const nax_table *numbers;  /**< table of nax_gpfa_select */
  nax_gpfa_selection chosen; /**< what it found; with `numbers` */
  const int32_t *condition;  /**< of each trial, from 0; negative: none */
  nax_index n_conditions;    /**< how many there are */
  const char *const *condition_name; /**< n_conditions names */
} nax_report_gpfa_info;

/** Write the page about latent trajectories: orthonormal latents over time with bands,
 * trajectories in two and three dimensions by condition, loadings, length scales,
 * variance explained, cross-validation (with `info->numbers`), convergence, method with
 * resolved options. Of `opts`, title, command, figures_dir and force are used.
 * @param p latents of trials under `m`
 * @param info NULL: nothing more is known
 * @status NAX_EDIM (labels do not fit), NAX_EINVAL, NAX_EIO, NAX_ENOMEM, NAX_ENUMERIC. */
NAX_API NAX_NODISCARD nax_status nax_report_gpfa(nax_ctx *ctx, const nax_gpfa *m,
                                                 const nax_gpfa_posterior *p,
                                                 const nax_report_gpfa_info *info,
                                                 const nax_report_opts *opts,
                                                 const char *path);

/** What the page about frequency tags is told besides the result. */
typedef struct nax_report_freqtag_info {
  const char *subject;       /**< one line under the title; NULL: none */
  const nax_table *profile;  /**< table of nax_freqtag_profile; NULL: none */
  const nax_table *sets;     /**< table of nax_freqtag_sets; NULL: that of all units */
  const nax_table *clusters; /**< table of nax_freqtag_clusters; NULL: none */
  const nax_table *layers;  /**< similarity of each layer and set with a brain, or NULL */
  const nax_table *regions; /**< that of its regions, or NULL */
} nax_report_freqtag_info;

/** Write the page about frequency tags: how many units follow each, spectra with the tags
 * and the bins they are compared with (when the result has them), phases, profile over
 * groups, the strongest units, method with resolved options. Of `opts`, title, command,
 * figures_dir and force are used.
 * @param info NULL: nothing more is known
 * @status NAX_EINVAL, NAX_EIO, NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_report_freqtag(nax_ctx *ctx, const nax_freqtag *f,
                                                    const nax_report_freqtag_info *info,
                                                    const nax_report_opts *opts,
                                                    const char *path);
/** Write the page about the published rule of HFTP: how many units it flags, how many it
 * flags when there is nothing to find, contrasts in standard deviations, counts in
 * groups. Of `opts`, title, command, figures_dir and force are used.
 * @param subject one line under the title, or NULL
 * @param group, name groups of the units as nax_freqtag_profile; n_groups 0: none
 * @status NAX_EINVAL, NAX_EIO, NAX_ENOMEM. @paper{hftp2025} */
NAX_API NAX_NODISCARD nax_status nax_report_hftp(nax_ctx *ctx, const nax_freqtag_hftp *h,
                                                 const char *subject, nax_index n_groups,
                                                 const int64_t *group,
                                                 const char *const *name,
                                                 const nax_report_opts *opts,
                                                 const char *path);

/** Write the page about a dynamic connectome: when and in whom each motif is active, the
 * motif in force, how many motifs the data support (with `info->ranks`), each motif
 * reordered by community and as a graph, how sure that is,
 * method with resolved options. Of `opts`, title, command, figures_dir and force are
 * used.
 * @param u what was fitted: its axes name neurons, times and animals
 * @param info NULL: nothing more is known; `ranks` of nax_connectome_select, `null` is
 * not used
 * @status NAX_EDIM (`u` does not fit), NAX_EINVAL, NAX_EIO, NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_report_connectome(
    nax_ctx *ctx, const nax_connectome *m, const nax_array *u,
    const nax_report_ntf_info *info, const nax_report_opts *opts, const char *path);

/** Write the page about a result of `neuraxis trsa`: the accuracy of identification over
 * windows of thresholds (table "windows", when there is one), matrices, persistence
 * diagram, barcode and whether the bars are longer than chance makes them. Of `opts`,
 * title, command, figures_dir and force are used.
 * @param result a dataset with "rgtm", and what else of "rgdm", "mean_rdm", "windows",
 * "groups", "bars", "null" there is
 * @param subject one line under the title; may be NULL
 * @status NAX_EINVAL (no such result), NAX_EIO, NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_report_trsa(nax_ctx *ctx, const nax_dataset *result,
                                                 const char *subject,
                                                 const nax_report_opts *opts,
                                                 const char *path);

/** What the page about a bi-clustering is told besides the result. All members may be
 * NULL. */
typedef struct nax_report_bicluster_info {
  const char *subject; /**< one line under the title, e.g. the file's name */
  const nax_view *y; /**< the data that were fitted: without them no activity is drawn */
  const nax_axis *neuron; /**< axis of the neurons */
  const nax_axis *time;   /**< axis of the time */
} nax_report_bicluster_info;

/** Write the page about a bi-clustering: activity with neurons in the order of clusters
 * (bins in time, and by state), similarity matrices, trajectories with bands, traces of
 * the chains, diagnostics with a verdict, method with resolved options. Of `opts`, title,
 * command, figures_dir and force are used.
 * @param info NULL: nothing more is known
 * @status NAX_EDIM (axes do not fit), NAX_EINVAL, NAX_EIO, NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_report_bicluster(
    nax_ctx *ctx, const nax_bicluster *m, const nax_report_bicluster_info *info,
    const nax_report_opts *opts, const char *path);

/** Write the page about dissimilarity matrices: their mean as a heat map in clustering
 * order with its tree, conditions as points in the plane, the most alike and most
 * different pairs, and, for several RDMs (subjects, times, places), how they agree. Of
 * `opts`, title, command, figures_dir and force are used.
 * @param subject one line under the title, or NULL
 * @nan missing pairs are left out of the mean; conditions that lack all are not drawn
 * @status NAX_EINVAL, NAX_EIO, NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_report_rdm(nax_ctx *ctx, const nax_rdms *r,
                                                const char *subject,
                                                const nax_report_opts *opts,
                                                const char *path);

/** Write the page about dissimilarities between times: the mean over pairs of conditions
 * as a map of each time against each other, and its course. `opts` as nax_report_rdm.
 * @param crossed of nax_rdm_time_by_time, condition x condition_2 x time x time_2
 * @nan missing pairs are left out of means
 * @status NAX_EDIM (other axes), NAX_EINVAL, NAX_EIO, NAX_ENOMEM. @paper{king2014} */
NAX_API NAX_NODISCARD nax_status nax_report_rdm_times(nax_ctx *ctx,
                                                      const nax_array *crossed,
                                                      const char *subject,
                                                      const nax_report_opts *opts,
                                                      const char *path);

/** Write the page about a comparison of models: bars with intervals, subjects, noise
 * ceiling and significance, each model against each other, the RDMs of data and models
 * side by side and as points in the plane, tables, method. `opts` as nax_report_rdm.
 * @param data RDMs of the subjects @param models the RDM of each model (its first, where
 * a model has several), in order, or NULL
 * @status NAX_EDIM (they do not fit), NAX_EINVAL, NAX_EIO, NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_report_rsa(
    nax_ctx *ctx, const nax_rsa *r, const nax_rdms *data, const nax_rdms *models,
    const char *subject, const nax_report_opts *opts, const char *path);

/** Write the page about a result of `neuraxis similarity`: the matrix of each
 * representation with each other and its pairs, or how well one predicts each channel of
 * another. `opts` as nax_report_rdm.
 * @param result a dataset with the array "similarity" (n x n) and the table "pairs", or
 * with the table "targets"
 * @param subject one line under the title; may be NULL
 * @nan shown as missing, left out of the mean score
 * @status NAX_EINVAL (no such result), NAX_EIO, NAX_ENOMEM. */
NAX_API NAX_NODISCARD nax_status nax_report_similarity(nax_ctx *ctx,
                                                       const nax_dataset *result,
                                                       const char *subject,
                                                       const nax_report_opts *opts,
                                                       const char *path);

NAX_END_DECLS
#endif
