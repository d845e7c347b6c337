# Made by bindings/common/generate.c: do not edit.

#' Read a recording
#'
#' Reads everything that is in a file or folder: arrays, spike trains, tables and
#' attributes. NWB, Suite2p, CaImAn, Phy and Kilosort, ALF, MClust, Neurosuite, MATLAB,
#' NumPy, EDF and BDF, BrainVision, NetCDF, HDF5, CSV and TSV are told apart by content.
#'
#' @param path file or folder
#' @param rate sampling rate; overrides what the file states (Hz).
#' @param format read as this format instead of recognising it.
#' @param var variable to work on, by name or path inside the file.
#' @param axes axis names of the variable in the file's order, e.g. neuron,time.
#' @param rows text tables: what a row is: time, neuron or spike.
#' @param allow_inf accept infinite values as data.
#' @param cells_only leave out ROIs or units that the file marks as rejected.
#' @param strict treat violations of the format's rules as errors.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return a dataset: its members by name, and attributes
#' @examples
#' path <- tempfile(fileext = ".nc")
#' write_dataset(simulate_recording(units = 4, trials = 4), path)
#' read_recording(path)
#' @export
read_recording <- function(path, rate = NULL, format = NULL, var = NULL, axes = NULL,
    rows = NULL, allow_inf = FALSE, cells_only = FALSE, strict = FALSE,
    threads = nax_threads(), progress = nax_progress()) {
  call_method("read_recording", list(path),
    list(rate = rate, format = format, var = var, axes = axes, rows = rows,
      allow_inf = allow_inf, cells_only = cells_only, strict = strict), "dataset",
      threads, progress)
}

#' What is in a recording, without reading it
#'
#' Lists the variables of a file or folder with their axes, units, sampling rates and
#' times. Nothing but headers is read.
#'
#' @param path file or folder
#' @param rate sampling rate; overrides what the file states (Hz).
#' @param format read as this format instead of recognising it.
#' @param var variable to work on, by name or path inside the file.
#' @param axes axis names of the variable in the file's order, e.g. neuron,time.
#' @param rows text tables: what a row is: time, neuron or spike.
#' @param allow_inf accept infinite values as data.
#' @param cells_only leave out ROIs or units that the file marks as rejected.
#' @param strict treat violations of the format's rules as errors.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return a dataset with the table `variables` and the attributes of the file
#' @examples
#' path <- tempfile(fileext = ".nc")
#' write_dataset(simulate_recording(units = 4, trials = 4), path)
#' recording_info(path)
#' @export
recording_info <- function(path, rate = NULL, format = NULL, var = NULL, axes = NULL,
    rows = NULL, allow_inf = FALSE, cells_only = FALSE, strict = FALSE,
    threads = nax_threads(), progress = nax_progress()) {
  call_method("recording_info", list(path),
    list(rate = rate, format = format, var = var, axes = axes, rows = rows,
      allow_inf = allow_inf, cells_only = cells_only, strict = strict), "dataset",
      threads, progress)
}

#' Read one variable of a recording, or a part of it
#'
#' Nothing else of the file is read: positions `from` on, `count` of them along each
#' axis.
#'
#' @param path file or folder
#' @param variable name, as recording_info lists it
#' @param from first position along each axis, from 1; not given: the first
#' @param count positions along each axis; not given: the rest
#' @param rate sampling rate; overrides what the file states (Hz).
#' @param format read as this format instead of recognising it.
#' @param var variable to work on, by name or path inside the file.
#' @param axes axis names of the variable in the file's order, e.g. neuron,time.
#' @param rows text tables: what a row is: time, neuron or spike.
#' @param allow_inf accept infinite values as data.
#' @param cells_only leave out ROIs or units that the file marks as rejected.
#' @param strict treat violations of the format's rules as errors.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return an array with its axes, spike trains or a table
#' @examples
#' x <- simulate_recording(units = 6, trials = 4)$dff
#' path <- tempfile(fileext = ".nc")
#' write_dataset(list(x = x), path)
#' read_variable(path, "x", from = c(1, 1), count = c(3, 10))
#' @export
read_variable <- function(path, variable, from = NULL, count = NULL, rate = NULL,
    format = NULL, var = NULL, axes = NULL, rows = NULL, allow_inf = FALSE,
    cells_only = FALSE, strict = FALSE, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("read_variable", list(path, variable, from, count),
    list(rate = rate, format = format, var = var, axes = axes, rows = rows,
      allow_inf = allow_inf, cells_only = cells_only, strict = strict), "", threads,
      progress)
}

#' Formats that can be read
#'
#' Formats are told apart by content, not by the name of the file.
#'
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return a table with name and description
#' @examples
#' file_formats()
#' @export
file_formats <- function(threads = nax_threads(), progress = nax_progress()) {
  call_method("file_formats", list(),
    list(), "", threads, progress)
}

#' SHA-256 of a file or folder
#'
#' What reports and results name their input by.
#'
#' @param path file or folder
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return a table with one row and the column sha256
#' @examples
#' path <- tempfile()
#' writeLines("a", path)
#' file_sha256(path)
#' @export
file_sha256 <- function(path, threads = nax_threads(), progress = nax_progress()) {
  call_method("file_sha256", list(path),
    list(), "", threads, progress)
}

#' Write an array or a table for other programs
#'
#' An array as .npy, or, with at most two axes, as .csv with its coordinates; a table as
#' .csv. The file is complete or not there.
#'
#' @param x array or table
#' @param path file to write, .npy or .csv
#' @param force replace an existing output file.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return `NULL`, invisibly.
#' @examples
#' x <- simulate_recording(units = 6, trials = 4)$dff
#' write_values(x, tempfile(fileext = ".npy"))
#' @export
write_values <- function(x, path, force = FALSE, threads = nax_threads(),
    progress = nax_progress()) {
  invisible(call_method("write_values", list(x, path),
    list(force = force), NULL, threads, progress))
}

#' Write a dataset
#'
#' Writes a NetCDF-4 file that neuraxis, R, MATLAB, Python and ncdump read. The file is
#' complete or not there: it is written under another name beside its place, flushed to
#' disk and renamed.
#'
#' @param x a dataset, or a named list of arrays, spike trains and tables
#' @param path file to write
#' @param compress deflate level of the output, 0 is off.
#' @param time seconds since 1970 for the history attribute, -1 is now (s).
#' @param force replace an existing output file.
#' @param no_history write no time, command or version, for equal bytes.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return `NULL`, invisibly.
#' @examples
#' d <- simulate_recording(units = 4, trials = 4)
#' write_dataset(d, tempfile(fileext = ".nc"))
#' @export
write_dataset <- function(x, path, compress = 0, time = -1, force = FALSE,
    no_history = FALSE, threads = nax_threads(), progress = nax_progress()) {
  invisible(call_method("write_dataset", list(x, path),
    list(compress = compress, time = time, force = force, no_history = no_history),
      NULL, threads, progress))
}

#' A recording with known structure
#'
#' Calcium traces, spikes or field potentials of neurons that follow what is asked for:
#' assemblies, latent trajectories, clusters and states, conditions, tags. What was
#' planted comes back beside the data.
#'
#' @param kind what is recorded; one of calcium/spikes/both/field.
#' @param seed same seed, same recording; not given: drawn from the host's generator.
#' @param units neurons or channels.
#' @param rate frames or samples per second; not given: 30 for calcium, else 200 (Hz).
#' @param trials number of trials; 0: none, the recording lasts as long as one trial.
#' @param trial_length length of a trial (s).
#' @param trial_jitter trials last trial-length * (1 +- this).
#' @param gap pause before and after each trial (s).
#' @param animals animals that share their neurons (calcium only).
#' @param firing_rate median over neurons at rest; not given: 0.5 for calcium, else 5
#'   (Hz).
#' @param refractory shortest time between two spikes of a neuron (s).
#' @param assemblies groups of neurons that are active together.
#' @param epochs parts of the recording with assemblies of their own; 0: none.
#' @param member_share share of the neurons in each assembly.
#' @param event_rate events of each assembly (Hz).
#' @param event_length length of an event (s).
#' @param event_gain factor by which an event raises the firing rate.
#' @param latents smooth latent trajectories shared by all neurons.
#' @param timescale timescale of the latents (s).
#' @param latent_gain standard deviation of the log rate that latents cause.
#' @param clusters groups of neurons with latent dynamics of their own.
#' @param states states that the dynamics switch through.
#' @param state_length mean time in a state (s).
#' @param conditions conditions of the trials, each with a pattern over the neurons.
#' @param geometry how the patterns of the conditions lie to each other; one of
#'   ring/line/groups/scatter.
#' @param pattern_gain standard deviation of the log rate over the patterns.
#' @param tags tag frequencies in Hz, e.g. 1,2,4: cosines from the start of each trial.
#' @param tag_depth amplitude of a tag in the log rate.
#' @param tag_share share of the neurons that follow each tag.
#' @param tag_conditions tags are in trials of the first so many conditions only; 0: in
#'   all.
#' @param amplitude calcium transient of one spike (dF/F).
#' @param decay decay of that transient (s).
#' @param noise standard deviation of the noise (field: in 100 uV) (dF/F).
#' @param missing share of the frames lost at random.
#' @param raw calcium as raw fluorescence with neuropil: F, Fneu and the truth.
#' @param images side of pictures of behaviour that latent 0 turns and another scales
#'   (pixels).
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return a dataset: the recording, and the truth in members called `truth_...`
#' @examples
#' simulate_recording(units = 12, trials = 4, assemblies = 2)
#' @export
simulate_recording <- function(kind = "calcium", seed = NULL, units = 60, rate = NULL,
    trials = 20, trial_length = 4, trial_jitter = 0, gap = 1, animals = 1,
    firing_rate = NULL, refractory = 0.002, assemblies = 4, epochs = 0,
    member_share = 0.2, event_rate = 0.1, event_length = 1, event_gain = 10,
    latents = 0, timescale = 0.2, latent_gain = 0.7, clusters = 0, states = 2,
    state_length = 5, conditions = 0, geometry = "ring", pattern_gain = 0.7,
    tags = NULL, tag_depth = 0.3, tag_share = 0.3, tag_conditions = 0, amplitude = 0.7,
    decay = 0.7, noise = 0.1, missing = 0, raw = FALSE, images = 0,
    threads = nax_threads(), progress = nax_progress()) {
  call_method("simulate_recording", list(),
    list(kind = kind, seed = draw_seed(seed), units = units, rate = rate,
      trials = trials, trial_length = trial_length, trial_jitter = trial_jitter,
      gap = gap, animals = animals, firing_rate = firing_rate, refractory = refractory,
      assemblies = assemblies, epochs = epochs, member_share = member_share,
      event_rate = event_rate, event_length = event_length, event_gain = event_gain,
      latents = latents, timescale = timescale, latent_gain = latent_gain,
      clusters = clusters, states = states, state_length = state_length,
      conditions = conditions, geometry = geometry, pattern_gain = pattern_gain,
      tags = tags, tag_depth = tag_depth, tag_share = tag_share,
      tag_conditions = tag_conditions, amplitude = amplitude, decay = decay,
      noise = noise, missing = missing, raw = raw, images = images), "dataset", threads,
      progress)
}

#' Quality of each unit
#'
#' Spike trains get rates, refractory-period violations by both definitions in use, and
#' measures of irregularity; traces get noise, signal, baseline, drift and what is
#' suspicious about them.
#'
#' @param x traces (neuron x time (x trial)), spike trains, or the path of a file, which
#'   is read a group of units at a time
#' @param isi_threshold Hill: shorter intervals between spikes are violations (s).
#' @param isi_min Hill: shortest interval that the sorter can report (s).
#' @param refractory Llobet: refractory period (s).
#' @param censored Llobet: censored period after a spike (s).
#' @param presence_bin bin of the presence ratio (s).
#' @param fano_window window in which spikes are counted for the Fano factor (s).
#' @param range_bin bin of the firing range (s).
#' @param lvr_refractory refractoriness constant of LvR (s).
#' @param baseline_percentile percentile of the values in a window that is the baseline
#'   (%).
#' @param baseline_window window of the baseline (s).
#' @param event_threshold height of an event above baseline in units of the noise.
#' @param duplicate correlation above which two units are called duplicates.
#' @param fano_ddof 1: unbiased variance in the Fano factor, 0: divided by the count.
#' @param memory traces held at once when reading from a file (MB).
#' @param signal what the values of a trace are; one of
#'   auto/dff/fluorescence/inferred/potential/counts/other.
#' @param format read as this format instead of recognising it.
#' @param var variable to work on, by name or path inside the file.
#' @param axes axis names of the variable in the file's order, e.g. neuron,time.
#' @param rows text tables: what a row is: time, neuron or spike.
#' @param allow_inf accept infinite values as data.
#' @param cells_only leave out ROIs or units that the file marks as rejected.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return a table with one row per unit
#' @examples
#' x <- simulate_recording(units = 6, trials = 4)$dff
#' unit_quality(x)
#' @export
unit_quality <- function(x, isi_threshold = 0.0015, isi_min = 0, refractory = 0.001,
    censored = 0, presence_bin = 60, fano_window = 1, range_bin = 5,
    lvr_refractory = 0.005, baseline_percentile = 8, baseline_window = 60,
    event_threshold = 5, duplicate = 0.9, fano_ddof = 1, memory = 128, signal = "auto",
    format = NULL, var = NULL, axes = NULL, rows = NULL, allow_inf = FALSE,
    cells_only = FALSE, threads = nax_threads(), progress = nax_progress()) {
  call_method("unit_quality", list(x),
    list(isi_threshold = isi_threshold, isi_min = isi_min, refractory = refractory,
      censored = censored, presence_bin = presence_bin, fano_window = fano_window,
      range_bin = range_bin, lvr_refractory = lvr_refractory,
      baseline_percentile = baseline_percentile, baseline_window = baseline_window,
      event_threshold = event_threshold, duplicate = duplicate, fano_ddof = fano_ddof,
      memory = memory, signal = signal, format = format, var = var, axes = axes,
      rows = rows, allow_inf = allow_inf, cells_only = cells_only), "", threads,
      progress)
}

#' The page about a recording
#'
#' Writes one self-contained HTML page: identity and provenance, quality of each unit,
#' overview, population activity, spectrum, correlations, trials, and which analyses the
#' recording suits. A dataset with the matrices `rgtm` (and rgdm, mean_rdm, bars, null,
#' windows, where there are) gets the page about their geometry and topology.
#'
#' @param x a dataset, or the path of a file
#' @param path page to write
#' @param title title of the page.
#' @param figures_dir folder that gets each figure as SVG and its numbers as CSV.
#' @param memory traces held at once when reading from a file (MB).
#' @param signal what the values of the main variable are; one of
#'   auto/dff/fluorescence/inferred/potential/counts/other.
#' @param no_hash leave out the SHA-256 of the file.
#' @param force replace existing files.
#' @param isi_threshold Hill: shorter intervals between spikes are violations (s).
#' @param isi_min Hill: shortest interval that the sorter can report (s).
#' @param refractory Llobet: refractory period (s).
#' @param censored Llobet: censored period after a spike (s).
#' @param presence_bin bin of the presence ratio (s).
#' @param fano_window window in which spikes are counted for the Fano factor (s).
#' @param range_bin bin of the firing range (s).
#' @param lvr_refractory refractoriness constant of LvR (s).
#' @param baseline_percentile percentile of the values in a window that is the baseline
#'   (%).
#' @param baseline_window window of the baseline (s).
#' @param event_threshold height of an event above baseline in units of the noise.
#' @param duplicate correlation above which two units are called duplicates.
#' @param fano_ddof 1: unbiased variance in the Fano factor, 0: divided by the count.
#' @param rate sampling rate; overrides what the file states (Hz).
#' @param format read as this format instead of recognising it.
#' @param var variable to work on, by name or path inside the file.
#' @param axes axis names of the variable in the file's order, e.g. neuron,time.
#' @param rows text tables: what a row is: time, neuron or spike.
#' @param allow_inf accept infinite values as data.
#' @param cells_only leave out ROIs or units that the file marks as rejected.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return `NULL`, invisibly.
#' @examples
#' d <- simulate_recording(units = 4, trials = 4)
#' write_report(d, tempfile(fileext = ".html"))
#' @export
write_report <- function(x, path, title = NULL, figures_dir = NULL, memory = 128,
    signal = "auto", no_hash = FALSE, force = FALSE, isi_threshold = 0.0015,
    isi_min = 0, refractory = 0.001, censored = 0, presence_bin = 60, fano_window = 1,
    range_bin = 5, lvr_refractory = 0.005, baseline_percentile = 8,
    baseline_window = 60, event_threshold = 5, duplicate = 0.9, fano_ddof = 1,
    rate = NULL, format = NULL, var = NULL, axes = NULL, rows = NULL, allow_inf = FALSE,
    cells_only = FALSE, threads = nax_threads(), progress = nax_progress()) {
  invisible(call_method("write_report", list(x, path),
    list(title = title, figures_dir = figures_dir, memory = memory, signal = signal,
      no_hash = no_hash, force = force, isi_threshold = isi_threshold,
      isi_min = isi_min, refractory = refractory, censored = censored,
      presence_bin = presence_bin, fano_window = fano_window, range_bin = range_bin,
      lvr_refractory = lvr_refractory, baseline_percentile = baseline_percentile,
      baseline_window = baseline_window, event_threshold = event_threshold,
      duplicate = duplicate, fano_ddof = fano_ddof, rate = rate, format = format,
      var = var, axes = axes, rows = rows, allow_inf = allow_inf,
      cells_only = cells_only), NULL, threads, progress))
}

#' Count spikes in bins
#'
#' Half-open bins of equal width, or between given edges. Every spike is counted once or
#' reported; bins in which nothing was recorded are missing.
#'
#' @param x spike trains
#' @param edges edges of the bins in s, ascending; not given: bins of `width`
#' @param bin width of a time bin (s).
#' @param bin_start where the first bin begins; not given: with the recording (s).
#' @param bin_stop where the last bin ends; not given: with the recording (s).
#' @param drop_partial leave out a last bin that is not full.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return an array unit x time of counts
#' @examples
#' x <- simulate_recording(kind = "spikes", units = 5, trials = 4)$spikes
#' bin_spikes(x, bin = 0.1)
#' @export
bin_spikes <- function(x, edges = NULL, bin = 0.02, bin_start = NULL, bin_stop = NULL,
    drop_partial = FALSE, threads = nax_threads(), progress = nax_progress()) {
  call_method("bin_spikes", list(x, edges),
    list(bin = bin, bin_start = bin_start, bin_stop = bin_stop,
      drop_partial = drop_partial), "", threads, progress)
}

#' Smooth along time
#'
#' Local weighted averages; missing samples take no part.
#'
#' @param x array with an axis called time
#' @param kind kernel; the exponential one looks back only; one of
#'   gaussian/exponential/boxcar.
#' @param width standard deviation, time constant or full width of the kernel (s).
#' @param truncate reach of the gaussian in standard deviations.
#' @param edge what the kernel sees beyond the ends; one of
#'   renormalise/reflect/nearest/zero.
#' @param fill give missing samples the average of what is near them.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return an array like `x`
#' @examples
#' x <- simulate_recording(units = 6, trials = 4)$dff
#' smooth_time(x, width = 0.2)
#' @export
smooth_time <- function(x, kind = "gaussian", width = 0.1, truncate = 4,
    edge = "renormalise", fill = FALSE, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("smooth_time", list(x),
    list(kind = kind, width = width, truncate = truncate, edge = edge, fill = fill), "",
      threads, progress)
}

#' Take away the neuropil signal
#'
#' F less a share of the fluorescence around each cell.
#'
#' @param x array with an axis called time
#' @param neuropil fluorescence around each cell, of the same shape
#' @param coefficient share of the neuropil signal to take away.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return an array like `x`
#' @examples
#' d <- simulate_recording(units = 4, trials = 4, raw = TRUE)
#' subtract_neuropil(d$F, d$Fneu)
#' @export
subtract_neuropil <- function(x, neuropil, coefficient = 0.7, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("subtract_neuropil", list(x, neuropil),
    list(coefficient = coefficient), "", threads, progress)
}

#' Relative change of fluorescence
#'
#' (F - F0) / F0 with F0 from a rolling percentile, the maximin filter of Suite2p, one
#' percentile or a constant.
#'
#' @param x array with an axis called time
#' @param baseline how the resting fluorescence F0 is found; one of
#'   maximin/rolling/percentile/constant.
#' @param window window of maximin and rolling (s).
#' @param sigma_frames standard deviation of the gaussian of maximin and constant
#'   (frames).
#' @param percentile percentile of rolling and percentile (%).
#' @param floor smallest F0 to divide by; not given: F0 as it is.
#' @param output (F - F0) / F0, F - F0, or F0 itself; one of ratio/difference/baseline.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return an array like `x`
#' @examples
#' x <- simulate_recording(units = 4, trials = 4, raw = TRUE)$F
#' dff(x)
#' @export
dff <- function(x, baseline = "maximin", window = 60, sigma_frames = 10, percentile = 8,
    floor = NULL, output = "ratio", threads = nax_threads(), progress = nax_progress())
    {
  call_method("dff", list(x),
    list(baseline = baseline, window = window, sigma_frames = sigma_frames,
      percentile = percentile, floor = floor, output = output), "", threads, progress)
}

#' Take a polynomial away along time
#'
#' Least squares of each trace on a polynomial of time.
#'
#' @param x array with an axis called time
#' @param order of the polynomial: 0 the mean, 1 a line.
#' @param keep_mean add the mean of the trace again.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return an array like `x`
#' @examples
#' x <- simulate_recording(units = 6, trials = 4)$dff
#' detrend_time(x)
#' @export
detrend_time <- function(x, order = 1, keep_mean = FALSE, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("detrend_time", list(x),
    list(order = order, keep_mean = keep_mean), "", threads, progress)
}

#' Bring a recording to a regular grid
#'
#' From irregular timestamps, or to another rate; long gaps become missing.
#'
#' @param x array with an axis called time
#' @param rate of the result; not given: one over the median step (Hz).
#' @param method how a value between samples is made; one of
#'   linear/nearest/previous/average.
#' @param max_gap longer gaps become missing; not given: 2.5 median steps (s).
#' @param start first time; not given: that of the first sample (s).
#' @param stop last time at most; not given: that of the last sample (s).
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return an array with a regular time axis
#' @examples
#' x <- simulate_recording(units = 6, trials = 4)$dff
#' resample_time(x, rate = 10, method = "average")
#' @export
resample_time <- function(x, rate = NULL, method = "linear", max_gap = NULL,
    start = NULL, stop = NULL, threads = nax_threads(), progress = nax_progress()) {
  call_method("resample_time", list(x),
    list(rate = rate, method = method, max_gap = max_gap, start = start, stop = stop),
      "", threads, progress)
}

#' Cut windows around events
#'
#' Traces or spike counts around each event, with time 0 at the event.
#'
#' @param x traces (neuron x time) or spike trains
#' @param events times of the events in s
#' @param start start of the window, from the event (s).
#' @param stop end of the window, from the event (s).
#' @param bin width of a bin (spikes: 0.01) or step of the result (s).
#' @param method how a value between samples is made; one of linear/nearest.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return an array neuron x time x trial
#' @examples
#' x <- simulate_recording(units = 6, trials = 4)$dff
#' align_events(x, c(5, 10), start = -1, stop = 2)
#' @export
align_events <- function(x, events, start = -0.5, stop = 1, bin = NULL,
    method = "nearest", threads = nax_threads(), progress = nax_progress()) {
  call_method("align_events", list(x, events),
    list(start = start, stop = stop, bin = bin, method = method), "", threads, progress)
}

#' Cut trials of unequal length
#'
#' The samples, or spike counts in whole bins, from each start to its stop, padded with
#' missing values up to the longest trial.
#'
#' @param x traces (neuron x time) or spike trains
#' @param start start of each trial in s
#' @param stop end of each trial in s
#' @param bin width of a bin in s, for spike trains
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return a dataset: `x` (neuron x time x trial) and the table `trials` with the number
#'   of bins of each
#' @examples
#' x <- simulate_recording(units = 6, trials = 4)$dff
#' cut_trials(x, start = c(1, 8), stop = c(3, 12))
#' @export
cut_trials <- function(x, start, stop, bin = NULL, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("cut_trials", list(x, start, stop, bin),
    list(), "dataset", threads, progress)
}

#' Average over trials
#'
#' Peri-stimulus time histogram: mean over the trial axis of what was recorded.
#'
#' @param x array with an axis called time
#' @param per_second divide by the width of a bin: counts become Hz.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return an array neuron x time
#' @examples
#' x <- simulate_recording(units = 6, trials = 4)$dff
#' x <- align_events(x, c(5, 10))
#' psth(x)
#' @export
psth <- function(x, per_second = FALSE, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("psth", list(x),
    list(per_second = per_second), "", threads, progress)
}

#' Power spectral density (Welch)
#'
#' Average of the periodograms of overlapping segments.
#'
#' @param x array with an axis called time
#' @param segment length of a segment; not given: an eighth of the recording (s).
#' @param overlap share of a segment that the next one repeats.
#' @param window taper of a segment; one of hann/hamming/boxcar.
#' @param trend what is taken from each segment first; one of constant/linear/none.
#' @param average how segments are put together; one of mean/median.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return an array with the axis frequency in place of time
#' @examples
#' x <- simulate_recording(units = 6, trials = 4)$dff
#' power_spectrum(x)
#' @export
power_spectrum <- function(x, segment = NULL, overlap = 0.5, window = "hann",
    trend = "constant", average = "mean", threads = nax_threads(),
    progress = nax_progress()) {
  call_method("power_spectrum", list(x),
    list(segment = segment, overlap = overlap, window = window, trend = trend,
      average = average), "", threads, progress)
}

#' Where a recording pauses
#'
#' Steps of the time axis that are longer than `max_gap`.
#'
#' @param x array with an axis called time
#' @param max_gap longest step in s that is no gap; not given: 2.5 median steps
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return an array bound (start, stop) x gap, in s
#' @examples
#' x <- nax_array(matrix(0, 1, 5), c("neuron", "time"),
#'   coords = list(time = c(0, 1, 2, 9, 10)))
#' find_gaps(x)
#' @export
find_gaps <- function(x, max_gap = NULL, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("find_gaps", list(x, max_gap),
    list(), "", threads, progress)
}

#' A part of a recording
#'
#' Samples or spikes from `start` to before `stop`, in seconds.
#'
#' @param x array with an axis called time, or spike trains
#' @param start first time in s
#' @param stop end in s
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return an array like `x`
#' @examples
#' x <- simulate_recording(units = 6, trials = 4)$dff
#' slice_time(x, 2, 5)
#' @export
slice_time <- function(x, start, stop, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("slice_time", list(x, start, stop),
    list(), "", threads, progress)
}

#' Standard scores along an axis
#'
#' (x - mean) / sd of each line's values that are not missing; lines that do not vary
#' become 0.
#'
#' @param x array with an axis called time
#' @param axis name of the axis; not given: time
#' @param ddof the divisor of the variance is n less this; not given: 0
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return an array like `x`
#' @examples
#' x <- simulate_recording(units = 6, trials = 4)$dff
#' zscore(x)
#' @export
zscore <- function(x, axis = NULL, ddof = NULL, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("zscore", list(x, axis, ddof),
    list(), "", threads, progress)
}

#' Apply a function to every value
#'
#' Square root (steadies the variance of counts), square, abs, log, log1p, exp, or
#' rectify: the larger of x and 0.
#'
#' @param x array with an axis called time
#' @param what sqrt, square, abs, log, log1p, exp or rectify; not given: sqrt
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return an array like `x`
#' @examples
#' x <- simulate_recording(units = 6, trials = 4)$dff
#' transform_values(x, "rectify")
#' @export
transform_values <- function(x, what = NULL, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("transform_values", list(x, what),
    list(), "", threads, progress)
}

#' Give neurons comparable sizes
#'
#' Divides each position of an axis by one number: its largest absolute value, norm,
#' standard deviation or range.
#'
#' @param x array with an axis called time
#' @param by max, norm, sd or range; not given: max
#' @param axis name of the axis; not given: neuron
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return an array like `x`
#' @examples
#' x <- simulate_recording(units = 6, trials = 4)$dff
#' rescale(x, "sd")
#' @export
rescale <- function(x, by = NULL, axis = NULL, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("rescale", list(x, by, axis),
    list(), "", threads, progress)
}

#' Correlation of each pair of neurons
#'
#' Pearson's or Spearman's, over all bins of all trials, with missing values; and an
#' order that puts similar neurons together.
#'
#' @param x array with an axis of neurons
#' @param kind of the values, or of their ranks; one of pearson/spearman.
#' @param axis whose positions are correlated; not given: neuron, channel ....
#' @param missing observations that a pair uses; one of pairwise/complete.
#' @param min_samples pairs with fewer common observations are missing.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return `correlation`, neuron x neuron, and `order`
#' @examples
#' x <- simulate_recording(units = 6, trials = 4)$dff
#' correlations(x)
#' @export
correlations <- function(x, kind = "pearson", axis = NULL, missing = "pairwise",
    min_samples = 3, threads = nax_threads(), progress = nax_progress()) {
  call_method("correlations", list(x),
    list(kind = kind, axis = axis, missing = missing, min_samples = min_samples),
      "correlations", threads, progress)
}

#' Shrunk covariance between neurons
#'
#' Pulled towards a multiple of the identity as far as the data ask for: Ledoit and Wolf
#' 2004, or oracle approximating shrinkage.
#'
#' @param x array with an axis of neurons
#' @param method none, ledoit-wolf or oas; not given: ledoit-wolf
#' @param axis name of the axis; not given: of the neurons
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return an array neuron x neuron
#' @examples
#' x <- simulate_recording(units = 6, trials = 4)$dff
#' covariance(x)
#' @export
covariance <- function(x, method = NULL, axis = NULL, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("covariance", list(x, method, axis),
    list(), "", threads, progress)
}

#' Hierarchical clustering from distances
#'
#' The tree, an order in which no branches cross, and, when `clusters` is given, the
#' clusters.
#'
#' @param x symmetric matrix of distances
#' @param linkage average, complete or single; not given: average
#' @param clusters number of clusters
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return the table `merges`, `order` and, on request, `label`
#' @examples
#' x <- as.matrix(dist(c(1, 2, 6, 7)))
#' cluster_tree(x, clusters = 2)
#' @export
cluster_tree <- function(x, linkage = NULL, clusters = NULL, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("cluster_tree", list(x, linkage, clusters),
    list(), "cluster_tree", threads, progress)
}

#' How alike two partitions are
#'
#' Adjusted Rand index (1 the same, 0 as chance) and normalised mutual information of
#' two labellings.
#'
#' @param a label of each item, whole numbers
#' @param b the other labelling
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return a table with ari and nmi
#' @examples
#' partition_agreement(c(1, 1, 2, 2), c(5, 5, 6, 7))
#' @export
partition_agreement <- function(a, b, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("partition_agreement", list(a, b),
    list(), "", threads, progress)
}

#' p values at a false discovery rate
#'
#' Rejecting those that are at most q keeps the false discovery rate at q.
#'
#' @param p p values
#' @param method bh (Benjamini and Hochberg) or by (Benjamini and Yekutieli); not given:
#'   bh
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return as many numbers; missing ones stay missing
#' @examples
#' adjust_p(c(0.01, 0.02, 0.5))
#' @export
adjust_p <- function(p, method = NULL, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("adjust_p", list(p, method),
    list(), "", threads, progress)
}

#' Mean direction and its strength
#'
#' Of angles in radians, with Rayleigh's test that they have no preferred direction.
#'
#' @param angle radians
#' @param weight weight of each; with weights there is no test
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return a table with n, mean, resultant and rayleigh_p
#' @examples
#' circular_mean(c(0.1, -0.1, 0.2))
#' @export
circular_mean <- function(angle, weight = NULL, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("circular_mean", list(angle, weight),
    list(), "", threads, progress)
}

#' Non-negative tensor factorisation
#'
#' Approximates an array by a sum of components, each the product of one non-negative
#' profile per axis: which neurons act together, when, and in which trials or animals.
#' The best of several random starts is returned.
#'
#' @param x array of 2 to 6 axes, e.g. neuron x time x trial; missing values are allowed
#' @param init one matrix per axis (length x rank) to start from
#' @param report path of an HTML page about the result to write
#' @param rank number of components.
#' @param restarts random starts, of which the best is kept.
#' @param max_iter sweeps over all modes per start.
#' @param inner_sweeps most sweeps of coordinate descent per update (hals: exactly as
#'   many).
#' @param tol stop when a sweep gains less than this share of the explained part.
#' @param kkt_tol and the optimality conditions hold to this relative size.
#' @param ridge penalty on the sum of squares of the factors, halved.
#' @param l1 penalty on the sum of absolute values of the factors.
#' @param seed seed of the random starts; not given: drawn from the host's generator.
#' @param free axes whose factor may be negative, comma-separated.
#' @param fixed axes whose factor stays as it was given, comma-separated.
#' @param algorithm how one factor is updated given the others; one of
#'   nnls/hals/pivot/mu/admm.
#' @param extrapolate extrapolate once progress stalls.
#' @param keep_partial an interrupt returns the best factors so far.
#' @param loss what is minimised; kl is for counts; one of frobenius/kl/beta.
#' @param beta exponent of the beta-divergence.
#' @param penalty penalties of single axes, AXIS:ridge/l1/smooth=VALUE, comma-separated.
#' @param title title of the page.
#' @param figures_dir folder that gets each figure as SVG and its numbers as CSV.
#' @param force replace existing files.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return weights, one factor per axis, the error after each sweep, and how each start
#'   went
#' @examples
#' x <- simulate_recording(units = 6, trials = 4)$dff
#' x <- transform_values(x, "rectify")
#' ntf(x, rank = 2, restarts = 2)
#' @export
ntf <- function(x, init = NULL, report = NULL, rank = 8, restarts = 10, max_iter = 500,
    inner_sweeps = 100, tol = 1e-07, kkt_tol = 0.001, ridge = 0, l1 = 0, seed = NULL,
    free = NULL, fixed = NULL, algorithm = "nnls", extrapolate = TRUE,
    keep_partial = FALSE, loss = "frobenius", beta = 1, penalty = NULL, title = NULL,
    figures_dir = NULL, force = FALSE, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("ntf", list(x, init, report),
    list(rank = rank, restarts = restarts, max_iter = max_iter,
      inner_sweeps = inner_sweeps, tol = tol, kkt_tol = kkt_tol, ridge = ridge, l1 = l1,
      seed = draw_seed(seed), free = free, fixed = fixed, algorithm = algorithm,
      extrapolate = extrapolate, keep_partial = keep_partial, loss = loss, beta = beta,
      penalty = penalty, title = title, figures_dir = figures_dir, force = force),
      "ntf", threads, progress)
}

#' How many components the data support
#'
#' Two criteria that need not agree: the error on entries left out of the fit, and the
#' agreement between random starts. Where they differ the recommendation is the smaller
#' one.
#'
#' @param x array of 2 to 6 axes, e.g. neuron x time x trial; missing values are allowed
#' @param restarts random starts, of which the best is kept.
#' @param max_iter sweeps over all modes per start.
#' @param inner_sweeps most sweeps of coordinate descent per update (hals: exactly as
#'   many).
#' @param tol stop when a sweep gains less than this share of the explained part.
#' @param kkt_tol and the optimality conditions hold to this relative size.
#' @param ridge penalty on the sum of squares of the factors, halved.
#' @param l1 penalty on the sum of absolute values of the factors.
#' @param seed seed of the random starts; not given: drawn from the host's generator.
#' @param free axes whose factor may be negative, comma-separated.
#' @param fixed axes whose factor stays as it was given, comma-separated.
#' @param algorithm how one factor is updated given the others; one of
#'   nnls/hals/pivot/mu/admm.
#' @param extrapolate extrapolate once progress stalls.
#' @param keep_partial an interrupt returns the best factors so far.
#' @param loss what is minimised; kl is for counts; one of frobenius/kl/beta.
#' @param beta exponent of the beta-divergence.
#' @param penalty penalties of single axes, AXIS:ridge/l1/smooth=VALUE, comma-separated.
#' @param rank_min smallest rank tried.
#' @param rank_max largest rank tried.
#' @param folds held-out sets; 0 leaves cross-validation out.
#' @param block length of held-out blocks; 1 holds out single entries.
#' @param fold_starts random starts of each held-out fit.
#' @param fraction share of the entries held out in each fold.
#' @param similar median similarity between starts that counts as stable.
#' @param block_axis axis along which held-out blocks run.
#' @param leave_out parts of the slice axis left out in turn; as many as it is long: one
#'   each.
#' @param halves splits of the slice axis into two halves.
#' @param similar_parts median similarity under both that counts as stable.
#' @param slice_axis slice axis, which parts and halves are of; not given: animal or
#'   trial.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return the table `ranks`, and `rank`, `rank_cv` and `rank_stable`
#' @examples
#' x <- simulate_recording(units = 6, trials = 4)$dff
#' x <- transform_values(x, "rectify")
#' ntf_select(x, rank_max = 2, restarts = 2, folds = 2)
#' @export
ntf_select <- function(x, restarts = 10, max_iter = 500, inner_sweeps = 100,
    tol = 1e-07, kkt_tol = 0.001, ridge = 0, l1 = 0, seed = NULL, free = NULL,
    fixed = NULL, algorithm = "nnls", extrapolate = TRUE, keep_partial = FALSE,
    loss = "frobenius", beta = 1, penalty = NULL, rank_min = 1, rank_max = 10,
    folds = 3, block = 1, fold_starts = 2, fraction = 0.1, similar = 0.98,
    block_axis = NULL, leave_out = 0, halves = 0, similar_parts = 0.9,
    slice_axis = NULL, threads = nax_threads(), progress = nax_progress()) {
  call_method("ntf_select", list(x),
    list(restarts = restarts, max_iter = max_iter, inner_sweeps = inner_sweeps,
      tol = tol, kkt_tol = kkt_tol, ridge = ridge, l1 = l1, seed = draw_seed(seed),
      free = free, fixed = fixed, algorithm = algorithm, extrapolate = extrapolate,
      keep_partial = keep_partial, loss = loss, beta = beta, penalty = penalty,
      rank_min = rank_min, rank_max = rank_max, folds = folds, block = block,
      fold_starts = fold_starts, fraction = fraction, similar = similar,
      block_axis = block_axis, leave_out = leave_out, halves = halves,
      similar_parts = similar_parts, slice_axis = slice_axis), "ntf_select", threads,
      progress)
}

#' Are the components more than chance
#'
#' A p value for each component, from fits of data whose courses were shifted circularly
#' against each other: each keeps its spectrum and its values, and what courses have in
#' common goes.
#'
#' @param x array of 2 to 6 axes, e.g. neuron x time x trial; missing values are allowed
#' @param rank number of components.
#' @param restarts random starts, of which the best is kept.
#' @param max_iter sweeps over all modes per start.
#' @param inner_sweeps most sweeps of coordinate descent per update (hals: exactly as
#'   many).
#' @param tol stop when a sweep gains less than this share of the explained part.
#' @param kkt_tol and the optimality conditions hold to this relative size.
#' @param ridge penalty on the sum of squares of the factors, halved.
#' @param l1 penalty on the sum of absolute values of the factors.
#' @param seed seed of the random starts; not given: drawn from the host's generator.
#' @param free axes whose factor may be negative, comma-separated.
#' @param algorithm how one factor is updated given the others; one of
#'   nnls/hals/pivot/mu/admm.
#' @param extrapolate extrapolate once progress stalls.
#' @param keep_partial an interrupt returns the best factors so far.
#' @param loss what is minimised; kl is for counts; one of frobenius/kl/beta.
#' @param beta exponent of the beta-divergence.
#' @param penalty penalties of single axes, AXIS:ridge/l1/smooth=VALUE, comma-separated.
#' @param draws fits of shifted data; the least p-value is 1 / (draws + 1).
#' @param null_starts random starts of each of them.
#' @param shift_axis axis along which courses are shifted; not given: time.
#' @param shift_each axes whose positions shift each by itself; not given: all others.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return a table with one row per component
#' @examples
#' x <- simulate_recording(units = 6, trials = 4)$dff
#' x <- transform_values(x, "rectify")
#' ntf_null(x, rank = 2, restarts = 2, draws = 19)
#' @export
ntf_null <- function(x, rank = 8, restarts = 10, max_iter = 500, inner_sweeps = 100,
    tol = 1e-07, kkt_tol = 0.001, ridge = 0, l1 = 0, seed = NULL, free = NULL,
    algorithm = "nnls", extrapolate = TRUE, keep_partial = FALSE, loss = "frobenius",
    beta = 1, penalty = NULL, draws = 99, null_starts = 1, shift_axis = NULL,
    shift_each = NULL, threads = nax_threads(), progress = nax_progress()) {
  call_method("ntf_null", list(x),
    list(rank = rank, restarts = restarts, max_iter = max_iter,
      inner_sweeps = inner_sweeps, tol = tol, kkt_tol = kkt_tol, ridge = ridge, l1 = l1,
      seed = draw_seed(seed), free = free, algorithm = algorithm,
      extrapolate = extrapolate, keep_partial = keep_partial, loss = loss, beta = beta,
      penalty = penalty, draws = draws, null_starts = null_starts,
      shift_axis = shift_axis, shift_each = shift_each), "", threads, progress)
}

#' New slices on the components of a factorisation
#'
#' The loadings of new trials, animals or stretches of time: each slice is solved by
#' itself with the other factors as they are. On the slices of the fit this is weight
#' times factor.
#'
#' @param fit result of ntf
#' @param x array like the one of the fit but for the length of one axis
#' @param axis name of the axis that is new; not given: the last
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return an array, length of the axis x component
#' @examples
#' x <- simulate_recording(units = 6, trials = 4)$dff
#' x <- transform_values(x, "rectify")
#' fit <- ntf(x, rank = 2, restarts = 2)
#' ntf_project(fit, x[, 1:50], "time")
#' @export
ntf_project <- function(fit, x, axis = NULL, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("ntf_project", list(fit, x, axis),
    list(), "", threads, progress)
}

#' Factorisation of an array that is mostly zero
#'
#' As ntf, from the entries that are not zero: what is not listed is zero and counts as
#' data.
#'
#' @param position positions from 1, one row per entry and one column per axis
#' @param value value of each entry
#' @param dim lengths of the axes
#' @param rank number of components.
#' @param restarts random starts, of which the best is kept.
#' @param max_iter sweeps over all modes per start.
#' @param inner_sweeps most sweeps of coordinate descent per update (hals: exactly as
#'   many).
#' @param tol stop when a sweep gains less than this share of the explained part.
#' @param kkt_tol and the optimality conditions hold to this relative size.
#' @param ridge penalty on the sum of squares of the factors, halved.
#' @param l1 penalty on the sum of absolute values of the factors.
#' @param seed seed of the random starts; not given: drawn from the host's generator.
#' @param free axes whose factor may be negative, comma-separated.
#' @param algorithm how one factor is updated given the others; one of
#'   nnls/hals/pivot/mu/admm.
#' @param extrapolate extrapolate once progress stalls.
#' @param keep_partial an interrupt returns the best factors so far.
#' @param loss what is minimised; kl is for counts; one of frobenius/kl/beta.
#' @param beta exponent of the beta-divergence.
#' @param penalty penalties of single axes, AXIS:ridge/l1/smooth=VALUE, comma-separated.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return as ntf; the axes are called mode1, mode2, ...
#' @examples
#' x <- matrix(rpois(400, 0.05), 20)
#' at <- which(x > 0, arr.ind = TRUE)
#' ntf_sparse(at, x[at], dim(x), rank = 2, restarts = 2)
#' @export
ntf_sparse <- function(position, value, dim, rank = 8, restarts = 10, max_iter = 500,
    inner_sweeps = 100, tol = 1e-07, kkt_tol = 0.001, ridge = 0, l1 = 0, seed = NULL,
    free = NULL, algorithm = "nnls", extrapolate = TRUE, keep_partial = FALSE,
    loss = "frobenius", beta = 1, penalty = NULL, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("ntf_sparse", list(position, value, dim),
    list(rank = rank, restarts = restarts, max_iter = max_iter,
      inner_sweeps = inner_sweeps, tol = tol, kkt_tol = kkt_tol, ridge = ridge, l1 = l1,
      seed = draw_seed(seed), free = free, algorithm = algorithm,
      extrapolate = extrapolate, keep_partial = keep_partial, loss = loss, beta = beta,
      penalty = penalty), "ntf", threads, progress)
}

#' Factorisation of a file that may be larger than memory
#'
#' As ntf of a variable of a file. When it does not go into `memory`, it is read block
#' by block in every sweep.
#'
#' @param path file or folder
#' @param variable name of the variable; not given: the main one
#' @param memory megabytes to use; not given: 1024
#' @param rank number of components.
#' @param restarts random starts, of which the best is kept.
#' @param max_iter sweeps over all modes per start.
#' @param inner_sweeps most sweeps of coordinate descent per update (hals: exactly as
#'   many).
#' @param tol stop when a sweep gains less than this share of the explained part.
#' @param kkt_tol and the optimality conditions hold to this relative size.
#' @param ridge penalty on the sum of squares of the factors, halved.
#' @param l1 penalty on the sum of absolute values of the factors.
#' @param seed seed of the random starts; not given: drawn from the host's generator.
#' @param free axes whose factor may be negative, comma-separated.
#' @param algorithm how one factor is updated given the others; one of
#'   nnls/hals/pivot/mu/admm.
#' @param extrapolate extrapolate once progress stalls.
#' @param keep_partial an interrupt returns the best factors so far.
#' @param loss what is minimised; kl is for counts; one of frobenius/kl/beta.
#' @param beta exponent of the beta-divergence.
#' @param penalty penalties of single axes, AXIS:ridge/l1/smooth=VALUE, comma-separated.
#' @param rate sampling rate; overrides what the file states (Hz).
#' @param format read as this format instead of recognising it.
#' @param var variable to work on, by name or path inside the file.
#' @param axes axis names of the variable in the file's order, e.g. neuron,time.
#' @param rows text tables: what a row is: time, neuron or spike.
#' @param allow_inf accept infinite values as data.
#' @param cells_only leave out ROIs or units that the file marks as rejected.
#' @param strict treat violations of the format's rules as errors.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return as ntf
#' @examples
#' x <- simulate_recording(units = 6, trials = 4)$dff
#' x <- transform_values(x, "rectify")
#' path <- tempfile(fileext = ".nc")
#' write_dataset(list(x = x), path)
#' ntf_file(path, "x", rank = 2, restarts = 2)
#' @export
ntf_file <- function(path, variable = NULL, memory = NULL, rank = 8, restarts = 10,
    max_iter = 500, inner_sweeps = 100, tol = 1e-07, kkt_tol = 0.001, ridge = 0, l1 = 0,
    seed = NULL, free = NULL, algorithm = "nnls", extrapolate = TRUE,
    keep_partial = FALSE, loss = "frobenius", beta = 1, penalty = NULL, rate = NULL,
    format = NULL, var = NULL, axes = NULL, rows = NULL, allow_inf = FALSE,
    cells_only = FALSE, strict = FALSE, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("ntf_file", list(path, variable, memory),
    list(rank = rank, restarts = restarts, max_iter = max_iter,
      inner_sweeps = inner_sweeps, tol = tol, kkt_tol = kkt_tol, ridge = ridge, l1 = l1,
      seed = draw_seed(seed), free = free, algorithm = algorithm,
      extrapolate = extrapolate, keep_partial = keep_partial, loss = loss, beta = beta,
      penalty = penalty, rate = rate, format = format, var = var, axes = axes,
      rows = rows, allow_inf = allow_inf, cells_only = cells_only, strict = strict),
      "ntf", threads, progress)
}

#' Communities of a weighted graph
#'
#' The nested microcanonical stochastic block model: groups of nodes that are joined
#' alike, their number chosen by description length.
#'
#' @param x symmetric matrix of weights >= 0; 0: not joined
#' @param restarts independent searches, of which the shortest description is kept.
#' @param sweeps sweeps over all nodes that sample the posterior; 0: no uncertainty.
#' @param burn_in sweeps before samples count.
#' @param min_groups fewest groups at the lowest level.
#' @param max_groups most groups at the lowest level; 0: half the nodes.
#' @param floor positive weights below this share of the largest are raised to it.
#' @param seed seed of searches and samples; not given: drawn from the host's generator.
#' @param weights distribution of positive weights; one of
#'   none/exponential/gamma/lognormal.
#' @param degrees what is known of the degrees; one of plain/corrected/either.
#' @param nested groups of groups for the edge counts.
#' @param strength divide weights by the mean weight of the edges of both ends first.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return the group of each node at each level, how sure that is, and the description
#'   lengths
#' @examples
#' x <- outer(rep(1:2, each = 6), rep(1:2, each = 6), "==") + 0.1
#' sbm(x, restarts = 2)
#' @export
sbm <- function(x, restarts = 10, sweeps = 200, burn_in = 50, min_groups = 1,
    max_groups = 0, floor = 0.001, seed = NULL, weights = "exponential",
    degrees = "either", nested = TRUE, strength = FALSE, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("sbm", list(x),
    list(restarts = restarts, sweeps = sweeps, burn_in = burn_in,
      min_groups = min_groups, max_groups = max_groups, floor = floor,
      seed = draw_seed(seed), weights = weights, degrees = degrees, nested = nested,
      strength = strength), "sbm", threads, progress)
}

#' Communities of a graph given by its edges
#'
#' As sbm, for large sparse graphs. Several edges of one pair are parallel edges.
#'
#' @param from one end of each edge, numbers from 1
#' @param to the other end
#' @param weight weight of each edge; not given: none
#' @param nodes number of nodes; not given: the largest end
#' @param restarts independent searches, of which the shortest description is kept.
#' @param sweeps sweeps over all nodes that sample the posterior; 0: no uncertainty.
#' @param burn_in sweeps before samples count.
#' @param min_groups fewest groups at the lowest level.
#' @param max_groups most groups at the lowest level; 0: half the nodes.
#' @param floor positive weights below this share of the largest are raised to it.
#' @param seed seed of searches and samples; not given: drawn from the host's generator.
#' @param weights distribution of positive weights; one of
#'   none/exponential/gamma/lognormal; not given: that of the data.
#' @param degrees what is known of the degrees; one of plain/corrected/either.
#' @param nested groups of groups for the edge counts.
#' @param strength divide weights by the mean weight of the edges of both ends first.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return as sbm
#' @examples
#' from <- c(1, 1, 2, 4, 4, 5, 3)
#' to <- c(2, 3, 3, 5, 6, 6, 4)
#' sbm_edges(from, to, restarts = 2)
#' @export
sbm_edges <- function(from, to, weight = NULL, nodes = NULL, restarts = 10,
    sweeps = 200, burn_in = 50, min_groups = 1, max_groups = 0, floor = 0.001,
    seed = NULL, weights = NULL, degrees = "either", nested = TRUE, strength = FALSE,
    threads = nax_threads(), progress = nax_progress()) {
  call_method("sbm_edges", list(from, to, weight, nodes),
    list(restarts = restarts, sweeps = sweeps, burn_in = burn_in,
      min_groups = min_groups, max_groups = max_groups, floor = floor,
      seed = draw_seed(seed), weights = weights, degrees = degrees, nested = nested,
      strength = strength), "sbm", threads, progress)
}

#' Description length of a partition of a graph
#'
#' How many nats it takes to tell the graph by these groups, and what they are spent on:
#' the shorter, the better the partition.
#'
#' @param from one end of each edge, numbers from 1
#' @param to the other end
#' @param label group of each node, whole numbers from 0, each used
#' @param weight weight of each edge; not given: none
#' @param nodes number of nodes; not given: the largest end
#' @param floor positive weights below this share of the largest are raised to it.
#' @param weights distribution of positive weights; one of
#'   none/exponential/gamma/lognormal; not given: that of the data.
#' @param degrees what is known of the degrees; one of plain/corrected/either.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return a table with one row for each model of the degrees
#' @examples
#' from <- c(1, 1, 2, 4, 4, 5, 3)
#' to <- c(2, 3, 3, 5, 6, 6, 4)
#' sbm_describe(from, to, label = c(0, 0, 0, 1, 1, 1))
#' @export
sbm_describe <- function(from, to, label, weight = NULL, nodes = NULL, floor = 0.001,
    weights = NULL, degrees = "either", threads = nax_threads(),
    progress = nax_progress()) {
  call_method("sbm_describe", list(from, to, label, weight, nodes),
    list(floor = floor, weights = weights, degrees = degrees), "", threads, progress)
}

#' Unit-free derivatives of traces
#'
#' Each trace is scaled to its own range, smoothed and differentiated; small and short
#' changes count as none. Several recordings are put on their common neurons.
#'
#' @param x traces, neuron x time (x animal), or a list of recordings, whose neurons are
#'   matched by label
#' @param smoother how a derivative is estimated; one of gaussian/savgol.
#' @param sigma standard deviation of the Gaussian (samples).
#' @param scales several values of sigma, comma-separated.
#' @param window length of the local polynomial, odd (samples).
#' @param order order of the local polynomial.
#' @param threshold derivatives below this share of their 99 % quantile count as none.
#' @param min_run runs of one sign shorter than this count as none (samples).
#' @param clip what is held below 1: derivatives or affinities; one of trace/pair.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return an array neuron x time x animal x scale
#' @examples
#' x <- simulate_recording(units = 6, trials = 4)$dff
#' connectome_derivatives(x)
#' @export
connectome_derivatives <- function(x, smoother = "gaussian", sigma = 1.5, scales = NULL,
    window = 7, order = 2, threshold = 0.05, min_run = 1, clip = "trace",
    threads = nax_threads(), progress = nax_progress()) {
  call_method("connectome_derivatives", list(x),
    list(smoother = smoother, sigma = sigma, scales = scales, window = window,
      order = order, threshold = threshold, min_run = min_run, clip = clip), "",
      threads, progress)
}

#' Affinity of each pair of neurons over time
#'
#' How much two neurons change together at each time, 0 to 1, from their derivatives.
#'
#' @param x traces, neuron x time (x animal), or a list of recordings, whose neurons are
#'   matched by label
#' @param kernel affinity of two neurons from their derivatives; one of
#'   prod/gm/min/ratio/up/abs.
#' @param channels which signs of the two derivatives count; one of same/opposite/both.
#' @param smoother how a derivative is estimated; one of gaussian/savgol.
#' @param sigma standard deviation of the Gaussian (samples).
#' @param scales several values of sigma, comma-separated.
#' @param scale_mode several scales are a mode of their own; else the largest affinity
#'   counts.
#' @param window length of the local polynomial, odd (samples).
#' @param order order of the local polynomial.
#' @param threshold derivatives below this share of their 99 % quantile count as none.
#' @param min_run runs of one sign shorter than this count as none (samples).
#' @param clip what is held below 1: derivatives or affinities; one of trace/pair.
#' @param interval average the affinity over each interval of constant signs.
#' @param single affinities are float32.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return an array time x animal x pair (x channel) (x scale)
#' @examples
#' x <- simulate_recording(units = 6, trials = 4)$dff
#' connectome_affinity(x)
#' @export
connectome_affinity <- function(x, kernel = "prod", channels = "same",
    smoother = "gaussian", sigma = 1.5, scales = NULL, scale_mode = FALSE, window = 7,
    order = 2, threshold = 0.05, min_run = 1, clip = "trace", interval = FALSE,
    single = TRUE, threads = nax_threads(), progress = nax_progress()) {
  call_method("connectome_affinity", list(x),
    list(kernel = kernel, channels = channels, smoother = smoother, sigma = sigma,
      scales = scales, scale_mode = scale_mode, window = window, order = order,
      threshold = threshold, min_run = min_run, clip = clip, interval = interval,
      single = single), "", threads, progress)
}

#' How many motifs the affinities support
#'
#' As ntf_select, on the affinities of all pairs of neurons; what is held out are
#' stretches of time at least as long as a derivative reaches.
#'
#' @param x traces, neuron x time (x animal), or a list of recordings, whose neurons are
#'   matched by label
#' @param kernel affinity of two neurons from their derivatives; one of
#'   prod/gm/min/ratio/up/abs.
#' @param channels which signs of the two derivatives count; one of same/opposite/both.
#' @param smoother how a derivative is estimated; one of gaussian/savgol.
#' @param sigma standard deviation of the Gaussian (samples).
#' @param scales several values of sigma, comma-separated.
#' @param scale_mode several scales are a mode of their own; else the largest affinity
#'   counts.
#' @param window length of the local polynomial, odd (samples).
#' @param order order of the local polynomial.
#' @param threshold derivatives below this share of their 99 % quantile count as none.
#' @param min_run runs of one sign shorter than this count as none (samples).
#' @param clip what is held below 1: derivatives or affinities; one of trace/pair.
#' @param interval average the affinity over each interval of constant signs.
#' @param engine whether the tensor of all pairs is formed; one of auto/explicit/free.
#' @param single affinities are float32.
#' @param symmetric motifs are made of so many communities each; 0: of any pairs.
#' @param searches searches for the communities of each motif.
#' @param samples posterior sweeps for the uncertainty of communities; 0: none.
#' @param floor weights of a motif below this share of its largest are raised to it.
#' @param weights distribution of the weights between two communities; one of
#'   none/exponential/gamma/lognormal.
#' @param degrees what is known of the degrees; one of plain/corrected/either.
#' @param strength divide weights by the mean weight of the edges of both neurons first.
#' @param average motifs are constant in time over so many bins: for animals that do not
#'   do the same at the same time (bins).
#' @param state smoothing over time for the motif in force (bins).
#' @param bootstraps bootstrap draws of animals; 0: none.
#' @param nulls draws of data shifted in time, for p-values; 0: none.
#' @param start_bins starts of a tensor not formed are made on so many bins; 0: on all
#'   (bins).
#' @param full_tol after these, stop when a sweep over all bins gains less than this
#'   share of the explained part; 0: as tol says.
#' @param restarts random starts, of which the best is kept.
#' @param max_iter sweeps over all modes per start.
#' @param inner_sweeps most sweeps of coordinate descent per update (hals: exactly as
#'   many).
#' @param tol stop when a sweep gains less than this share of the explained part.
#' @param kkt_tol and the optimality conditions hold to this relative size.
#' @param ridge penalty on the sum of squares of the factors, halved.
#' @param l1 penalty on the sum of absolute values of the factors.
#' @param seed seed of the random starts; not given: drawn from the host's generator.
#' @param free axes whose factor may be negative, comma-separated.
#' @param fixed axes whose factor stays as it was given, comma-separated.
#' @param algorithm how one factor is updated given the others; one of
#'   nnls/hals/pivot/mu/admm.
#' @param extrapolate extrapolate once progress stalls.
#' @param keep_partial an interrupt returns the best factors so far.
#' @param loss what is minimised; kl is for counts; one of frobenius/kl/beta.
#' @param beta exponent of the beta-divergence.
#' @param penalty penalties of single axes, AXIS:ridge/l1/smooth=VALUE, comma-separated.
#' @param rank_min smallest rank tried.
#' @param rank_max largest rank tried.
#' @param folds held-out sets; 0 leaves cross-validation out.
#' @param block length of held-out blocks; 1 holds out single entries.
#' @param fold_starts random starts of each held-out fit.
#' @param fraction share of the entries held out in each fold.
#' @param similar median similarity between starts that counts as stable.
#' @param block_axis axis along which held-out blocks run.
#' @param leave_out parts of the slice axis left out in turn; as many as it is long: one
#'   each.
#' @param halves splits of the slice axis into two halves.
#' @param similar_parts median similarity under both that counts as stable.
#' @param slice_axis slice axis, which parts and halves are of; not given: animal or
#'   trial.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return the table `ranks`, and `rank`, `rank_cv` and `rank_stable`
#' @examples
#' x <- simulate_recording(units = 6, trials = 4)$dff
#' connectome_select(x, rank_max = 2, restarts = 2, folds = 2)
#' @export
connectome_select <- function(x, kernel = "prod", channels = "same",
    smoother = "gaussian", sigma = 1.5, scales = NULL, scale_mode = FALSE, window = 7,
    order = 2, threshold = 0.05, min_run = 1, clip = "trace", interval = FALSE,
    engine = "auto", single = TRUE, symmetric = 0, searches = 5, samples = 200,
    floor = 0.001, weights = "gamma", degrees = "either", strength = TRUE, average = 1,
    state = 8, bootstraps = 0, nulls = 0, start_bins = 2000, full_tol = 1e-05,
    restarts = 10, max_iter = 500, inner_sweeps = 100, tol = 1e-07, kkt_tol = 0.001,
    ridge = 0, l1 = 0, seed = NULL, free = NULL, fixed = NULL, algorithm = "nnls",
    extrapolate = TRUE, keep_partial = FALSE, loss = "frobenius", beta = 1,
    penalty = NULL, rank_min = 1, rank_max = 10, folds = 3, block = 1, fold_starts = 2,
    fraction = 0.1, similar = 0.98, block_axis = NULL, leave_out = 0, halves = 0,
    similar_parts = 0.9, slice_axis = NULL, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("connectome_select", list(x),
    list(kernel = kernel, channels = channels, smoother = smoother, sigma = sigma,
      scales = scales, scale_mode = scale_mode, window = window, order = order,
      threshold = threshold, min_run = min_run, clip = clip, interval = interval,
      engine = engine, single = single, symmetric = symmetric, searches = searches,
      samples = samples, floor = floor, weights = weights, degrees = degrees,
      strength = strength, average = average, state = state, bootstraps = bootstraps,
      nulls = nulls, start_bins = start_bins, full_tol = full_tol, restarts = restarts,
      max_iter = max_iter, inner_sweeps = inner_sweeps, tol = tol, kkt_tol = kkt_tol,
      ridge = ridge, l1 = l1, seed = draw_seed(seed), free = free, fixed = fixed,
      algorithm = algorithm, extrapolate = extrapolate, keep_partial = keep_partial,
      loss = loss, beta = beta, penalty = penalty, rank_min = rank_min,
      rank_max = rank_max, folds = folds, block = block, fold_starts = fold_starts,
      fraction = fraction, similar = similar, block_axis = block_axis,
      leave_out = leave_out, halves = halves, similar_parts = similar_parts,
      slice_axis = slice_axis), "ntf_select", threads, progress)
}

#' Dynamic connectome: which neurons change together, when, in which animal
#'
#' Affinities of the smoothed derivatives of all pairs of neurons are factorised over
#' time, animals and pairs; the motif of each component, a weighted graph, is split into
#' communities by a nested block model.
#'
#' @param x traces, neuron x time (x animal), or a list of recordings, whose neurons are
#'   matched by label
#' @param report path of an HTML page about the result to write
#' @param kernel affinity of two neurons from their derivatives; one of
#'   prod/gm/min/ratio/up/abs.
#' @param channels which signs of the two derivatives count; one of same/opposite/both.
#' @param smoother how a derivative is estimated; one of gaussian/savgol.
#' @param sigma standard deviation of the Gaussian (samples).
#' @param scales several values of sigma, comma-separated.
#' @param scale_mode several scales are a mode of their own; else the largest affinity
#'   counts.
#' @param window length of the local polynomial, odd (samples).
#' @param order order of the local polynomial.
#' @param threshold derivatives below this share of their 99 % quantile count as none.
#' @param min_run runs of one sign shorter than this count as none (samples).
#' @param clip what is held below 1: derivatives or affinities; one of trace/pair.
#' @param interval average the affinity over each interval of constant signs.
#' @param engine whether the tensor of all pairs is formed; one of auto/explicit/free.
#' @param single affinities are float32.
#' @param symmetric motifs are made of so many communities each; 0: of any pairs.
#' @param searches searches for the communities of each motif.
#' @param samples posterior sweeps for the uncertainty of communities; 0: none.
#' @param floor weights of a motif below this share of its largest are raised to it.
#' @param weights distribution of the weights between two communities; one of
#'   none/exponential/gamma/lognormal.
#' @param degrees what is known of the degrees; one of plain/corrected/either.
#' @param strength divide weights by the mean weight of the edges of both neurons first.
#' @param average motifs are constant in time over so many bins: for animals that do not
#'   do the same at the same time (bins).
#' @param state smoothing over time for the motif in force (bins).
#' @param bootstraps bootstrap draws of animals; 0: none.
#' @param nulls draws of data shifted in time, for p-values; 0: none.
#' @param start_bins starts of a tensor not formed are made on so many bins; 0: on all
#'   (bins).
#' @param full_tol after these, stop when a sweep over all bins gains less than this
#'   share of the explained part; 0: as tol says.
#' @param rank number of components.
#' @param restarts random starts, of which the best is kept.
#' @param max_iter sweeps over all modes per start.
#' @param inner_sweeps most sweeps of coordinate descent per update (hals: exactly as
#'   many).
#' @param tol stop when a sweep gains less than this share of the explained part.
#' @param kkt_tol and the optimality conditions hold to this relative size.
#' @param ridge penalty on the sum of squares of the factors, halved.
#' @param l1 penalty on the sum of absolute values of the factors.
#' @param seed seed of the random starts; not given: drawn from the host's generator.
#' @param free axes whose factor may be negative, comma-separated.
#' @param fixed axes whose factor stays as it was given, comma-separated.
#' @param algorithm how one factor is updated given the others; one of
#'   nnls/hals/pivot/mu/admm.
#' @param extrapolate extrapolate once progress stalls.
#' @param keep_partial an interrupt returns the best factors so far.
#' @param loss what is minimised; kl is for counts; one of frobenius/kl/beta.
#' @param beta exponent of the beta-divergence.
#' @param penalty penalties of single axes, AXIS:ridge/l1/smooth=VALUE, comma-separated.
#' @param title title of the page.
#' @param figures_dir folder that gets each figure as SVG and its numbers as CSV.
#' @param force replace existing files.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return motifs, their time courses, animals and communities, with uncertainty
#' @examples
#' x <- simulate_recording(units = 6, trials = 4)$dff
#' connectome(x, rank = 2, restarts = 1)
#' @export
connectome <- function(x, report = NULL, kernel = "prod", channels = "same",
    smoother = "gaussian", sigma = 1.5, scales = NULL, scale_mode = FALSE, window = 7,
    order = 2, threshold = 0.05, min_run = 1, clip = "trace", interval = FALSE,
    engine = "auto", single = TRUE, symmetric = 0, searches = 5, samples = 200,
    floor = 0.001, weights = "gamma", degrees = "either", strength = TRUE, average = 1,
    state = 8, bootstraps = 0, nulls = 0, start_bins = 2000, full_tol = 1e-05, rank = 8,
    restarts = 10, max_iter = 500, inner_sweeps = 100, tol = 1e-07, kkt_tol = 0.001,
    ridge = 0, l1 = 0, seed = NULL, free = NULL, fixed = NULL, algorithm = "nnls",
    extrapolate = TRUE, keep_partial = FALSE, loss = "frobenius", beta = 1,
    penalty = NULL, title = NULL, figures_dir = NULL, force = FALSE,
    threads = nax_threads(), progress = nax_progress()) {
  call_method("connectome", list(x, report),
    list(kernel = kernel, channels = channels, smoother = smoother, sigma = sigma,
      scales = scales, scale_mode = scale_mode, window = window, order = order,
      threshold = threshold, min_run = min_run, clip = clip, interval = interval,
      engine = engine, single = single, symmetric = symmetric, searches = searches,
      samples = samples, floor = floor, weights = weights, degrees = degrees,
      strength = strength, average = average, state = state, bootstraps = bootstraps,
      nulls = nulls, start_bins = start_bins, full_tol = full_tol, rank = rank,
      restarts = restarts, max_iter = max_iter, inner_sweeps = inner_sweeps, tol = tol,
      kkt_tol = kkt_tol, ridge = ridge, l1 = l1, seed = draw_seed(seed), free = free,
      fixed = fixed, algorithm = algorithm, extrapolate = extrapolate,
      keep_partial = keep_partial, loss = loss, beta = beta, penalty = penalty,
      title = title, figures_dir = figures_dir, force = force), "connectome", threads,
      progress)
}

#' Smooth low-dimensional trajectories (GPFA)
#'
#' Gaussian-process factor analysis: each latent is a smooth function of time with its
#' own time scale, each neuron a linear readout of the latents with its own noise. Exact
#' for trials of any lengths, with missing values. The width of a bin is that of a
#' regular time axis unless given. Yu et al. 2009.
#'
#' @param x array neuron x time x trial (missing at the end of shorter trials), or a
#'   list of matrices neuron x time
#' @param report path of an HTML page about the result to write
#' @param latents number of latents.
#' @param max_iter iterations of EM, or evaluations of the likelihood.
#' @param em_first iterations of EM before em+lbfgs turns to the likelihood itself.
#' @param kernel_steps Newton steps on each length scale per iteration of EM; 0 keeps
#'   them.
#' @param segment cut trials into segments of this length for the fit; 0: not (bins).
#' @param bin width of a bin (s); not given: that of the data.
#' @param tau length scale to start from; not given: those of the factors (s).
#' @param latent_noise share of white noise in each latent.
#' @param tol stop when an iteration gains less than this share of the gain so far.
#' @param min_var least noise variance of a neuron, as share of its variance.
#' @param rank_tol eigenvalues below this share of the largest are left out (lowrank).
#' @param seed seed of the start and of segments; not given: drawn from the host's
#'   generator.
#' @param kernel covariance of a latent over time; one of rbf/matern32/matern52.
#' @param engine how the posterior is computed; one of auto/nested/lowrank/dense.
#' @param optimiser how the likelihood is maximised; one of em/lbfgs/em+lbfgs.
#' @param learn_noise fit the share of white noise of each latent too.
#' @param root take square roots, as befits counts.
#' @param keep_partial an interrupt returns the model so far.
#' @param likelihood noise of the neurons: gaussian, or poisson for counts as they are;
#'   one of gaussian/poisson.
#' @param ahead how far to forecast (filtered only) (bins).
#' @param given what is known when a latent is told; one of smoothed/filtered.
#' @param covariances keep the covariances between the latents of each bin.
#' @param title title of the page.
#' @param figures_dir folder that gets each figure as SVG and its numbers as CSV.
#' @param force replace existing files.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return orthonormal latents of each trial with standard deviations, loadings, time
#'   scales, log likelihood of each iteration, and the share of variance that each
#'   latent explains
#' @examples
#' d <- simulate_recording(kind = "spikes", units = 12, trials = 12, latents = 2)
#' x <- align_events(d$spikes, d$trials$start_time, start = 0, stop = 2, bin = 0.05)
#' gpfa(x, latents = 2, root = TRUE, max_iter = 20)
#' @export
gpfa <- function(x, report = NULL, latents = 3, max_iter = 500, em_first = 20,
    kernel_steps = 3, segment = 0, bin = NULL, tau = NULL, latent_noise = 0.001,
    tol = 1e-08, min_var = 0.01, rank_tol = 1e-14, seed = NULL, kernel = "rbf",
    engine = "auto", optimiser = "em", learn_noise = FALSE, root = FALSE,
    keep_partial = FALSE, likelihood = "gaussian", ahead = 0, given = "smoothed",
    covariances = FALSE, title = NULL, figures_dir = NULL, force = FALSE,
    threads = nax_threads(), progress = nax_progress()) {
  call_method("gpfa", list(x, report),
    list(latents = latents, max_iter = max_iter, em_first = em_first,
      kernel_steps = kernel_steps, segment = segment, bin = bin, tau = tau,
      latent_noise = latent_noise, tol = tol, min_var = min_var, rank_tol = rank_tol,
      seed = draw_seed(seed), kernel = kernel, engine = engine, optimiser = optimiser,
      learn_noise = learn_noise, root = root, keep_partial = keep_partial,
      likelihood = likelihood, ahead = ahead, given = given, covariances = covariances,
      title = title, figures_dir = figures_dir, force = force), "gpfa", threads,
      progress)
}

#' Latents of new trials under a fitted model
#'
#' The trajectories of trials that took no part in the fit, with their uncertainty, and
#' their log likelihood.
#'
#' @param fit result of gpfa
#' @param x trials of the neurons of the fit, as for gpfa
#' @param ahead how far to forecast (filtered only) (bins).
#' @param given what is known when a latent is told; one of smoothed/filtered.
#' @param covariances keep the covariances between the latents of each bin.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return as gpfa; attribute gpfa_loglik
#' @examples
#' d <- simulate_recording(kind = "spikes", units = 12, trials = 12, latents = 2)
#' x <- align_events(d$spikes, d$trials$start_time, start = 0, stop = 2, bin = 0.05)
#' fit <- gpfa(x[, , 1:8], latents = 2, max_iter = 10)
#' gpfa_infer(fit, x[, , 9:12])
#' @export
gpfa_infer <- function(fit, x, ahead = 0, given = "smoothed", covariances = FALSE,
    threads = nax_threads(), progress = nax_progress()) {
  call_method("gpfa_infer", list(fit, x),
    list(ahead = ahead, given = given, covariances = covariances), "gpfa", threads,
      progress)
}

#' How well each neuron is told from the others
#'
#' Each neuron of each trial predicted from all others through the latents, in closed
#' form.
#'
#' @param fit result of gpfa
#' @param x trials of the neurons of the fit, as for gpfa
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return `predicted`, neuron x time x trial; `reduced`, squared errors of the first 1,
#'   2, ... latents; attributes sse and log_density
#' @examples
#' d <- simulate_recording(kind = "spikes", units = 12, trials = 12, latents = 2)
#' x <- align_events(d$spikes, d$trials$start_time, start = 0, stop = 2, bin = 0.05)
#' fit <- gpfa(x[, , 1:8], latents = 2, max_iter = 10)
#' gpfa_leave_neuron_out(fit, x)
#' @export
gpfa_leave_neuron_out <- function(fit, x, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("gpfa_leave_neuron_out", list(fit, x),
    list(), "gpfa_leave_neuron_out", threads, progress)
}

#' Draw trials from a fitted model
#'
#' Latents and activity of trials as the model has them; square roots are not undone.
#'
#' @param fit result of gpfa
#' @param bins length of each trial in bins
#' @param seed seed of the start and of segments; not given: drawn from the host's
#'   generator.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return `latents` and `activity`, each x time x trial
#' @examples
#' d <- simulate_recording(kind = "spikes", units = 12, trials = 12, latents = 2)
#' x <- align_events(d$spikes, d$trials$start_time, start = 0, stop = 2, bin = 0.05)
#' fit <- gpfa(x[, , 1:8], latents = 2, max_iter = 10)
#' gpfa_sample(fit, bins = c(40, 40))
#' @export
gpfa_sample <- function(fit, bins, seed = NULL, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("gpfa_sample", list(fit, bins),
    list(seed = draw_seed(seed)), "gpfa_sample", threads, progress)
}

#' How many latents the trials support
#'
#' Cross-validation over trials: each neuron of a test trial is predicted from the
#' others by the first 1, 2, ... latents.
#'
#' @param x array neuron x time x trial (missing at the end of shorter trials), or a
#'   list of matrices neuron x time
#' @param max_iter iterations of EM, or evaluations of the likelihood.
#' @param em_first iterations of EM before em+lbfgs turns to the likelihood itself.
#' @param kernel_steps Newton steps on each length scale per iteration of EM; 0 keeps
#'   them.
#' @param segment cut trials into segments of this length for the fit; 0: not (bins).
#' @param bin width of a bin (s); not given: that of the data.
#' @param tau length scale to start from; not given: those of the factors (s).
#' @param latent_noise share of white noise in each latent.
#' @param tol stop when an iteration gains less than this share of the gain so far.
#' @param min_var least noise variance of a neuron, as share of its variance.
#' @param rank_tol eigenvalues below this share of the largest are left out (lowrank).
#' @param seed seed of the start and of segments; not given: drawn from the host's
#'   generator.
#' @param kernel covariance of a latent over time; one of rbf/matern32/matern52.
#' @param engine how the posterior is computed; one of auto/nested/lowrank/dense.
#' @param optimiser how the likelihood is maximised; one of em/lbfgs/em+lbfgs.
#' @param learn_noise fit the share of white noise of each latent too.
#' @param root take square roots, as befits counts.
#' @param keep_partial an interrupt returns the model so far.
#' @param likelihood noise of the neurons: gaussian, or poisson for counts as they are;
#'   one of gaussian/poisson.
#' @param latents_min least number of latents tried.
#' @param latents_max largest number of latents tried; 0: 8, then twice as many as long
#'   as the largest predicts best.
#' @param folds folds of the cross-validation over trials.
#' @param fold_iter at most so many iterations in the fits of the folds.
#' @param full a fit for every number of latents instead of one per fold.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return the table `dimensions`, and `latents` (the smallest not worse than the best
#'   by more than a standard error) and `best`
#' @examples
#' d <- simulate_recording(kind = "spikes", units = 12, trials = 12, latents = 2)
#' x <- align_events(d$spikes, d$trials$start_time, start = 0, stop = 2, bin = 0.05)
#' gpfa_select(x, latents_max = 3, root = TRUE, folds = 2, fold_iter = 10)
#' @export
gpfa_select <- function(x, max_iter = 500, em_first = 20, kernel_steps = 3, segment = 0,
    bin = NULL, tau = NULL, latent_noise = 0.001, tol = 1e-08, min_var = 0.01,
    rank_tol = 1e-14, seed = NULL, kernel = "rbf", engine = "auto", optimiser = "em",
    learn_noise = FALSE, root = FALSE, keep_partial = FALSE, likelihood = "gaussian",
    latents_min = 1, latents_max = 0, folds = 4, fold_iter = 20, full = FALSE,
    threads = nax_threads(), progress = nax_progress()) {
  call_method("gpfa_select", list(x),
    list(max_iter = max_iter, em_first = em_first, kernel_steps = kernel_steps,
      segment = segment, bin = bin, tau = tau, latent_noise = latent_noise, tol = tol,
      min_var = min_var, rank_tol = rank_tol, seed = draw_seed(seed), kernel = kernel,
      engine = engine, optimiser = optimiser, learn_noise = learn_noise, root = root,
      keep_partial = keep_partial, likelihood = likelihood, latents_min = latents_min,
      latents_max = latents_max, folds = folds, fold_iter = fold_iter, full = full),
      "gpfa_select", threads, progress)
}

#' Latents that neurons and behaviour share, and those of each alone
#'
#' Multi-modal Gaussian-process variational autoencoder: smooth latents, some seen by
#' both modalities and some by one of them. Neurons are a linear readout (Poisson,
#' Gaussian or negative binomial), behaviour a neural network. Gondur et al. 2024.
#'
#' @param x spike counts or traces, as for gpfa
#' @param behaviour behaviour in the same bins: array feature x time x trial, or a list
#' @param new_x trials that take no part in the fit: neurons
#' @param new_behaviour and behaviour; what is left out is told from the other
#' @param report path of an HTML page about the result to write
#' @param neural_latents latents that only neurons have.
#' @param shared_latents latents that neurons and behaviour share.
#' @param behaviour_latents latents that only behaviour has.
#' @param epochs passes over the trials with all parameters together.
#' @param neural_epochs passes with the neurons alone, before that.
#' @param share_epochs in between: passes in which the decoder sees all neural latents,
#'   as many without and with those of behaviour.
#' @param batch trials per step (trials).
#' @param patience stop after as many without a better bound on held-out trials; 0:
#'   never (epochs).
#' @param warm_up over which the weight of the divergence rises to 1, where nothing was
#'   fitted before (epochs).
#' @param alone_every after so many, one of the encoder of behaviour without the
#'   neurons, so that behaviour alone tells of the shared latents too; 0: never (steps).
#' @param components principal components by which behaviour of more than twice as many
#'   features is told; 0: networks see the features.
#' @param hold_out share of the trials held out to judge by.
#' @param bin_width width of a bin (s).
#' @param min_length shortest length scale; not given: 0.9 times the shortest of GPFA
#'   (s).
#' @param max_length longest length scale; not given: twice the longest of GPFA (s).
#' @param condition coefficients whose prior variance is this much smaller than the
#'   largest are left out.
#' @param behaviour_rate step size of the networks of behaviour; a twentieth for an
#'   encoder well begun.
#' @param neural_rate step size of the neural encoder.
#' @param loadings_rate step size of loadings, offsets and noise of neurons.
#' @param scales_rate step size of log length scales and of the log noise of behaviour.
#' @param clip largest norm of the gradient of each of these four; 0: any.
#' @param neural_weight weight of the log likelihood of neurons.
#' @param behaviour_weight weight of the log likelihood of behaviour; 1: the bound
#'   itself; 0: its effective dimensions / features, for features that err together.
#' @param seed seed of weights, order of trials and samples; not given: drawn from the
#'   host's generator.
#' @param neural_layers widths of the neural encoder (default 80,40).
#' @param behaviour_layers widths of the encoder of behaviour (default 128,64).
#' @param decoder_layers widths of the decoder (default 128,128,128,128).
#' @param checkpoint file that holds the state after each epoch, to go on from.
#' @param likelihood distribution of the neurons; one of
#'   poisson/gaussian/negative-binomial.
#' @param encoder what the encoders tell: a potential per bin, or coefficients; one of
#'   potential/fourier.
#' @param objective the bound, or what the published code minimises; one of
#'   elbo/released.
#' @param prior Gaussian process, or independent bins; one of smooth/white.
#' @param activation function of the units of the networks; one of elu/relu/tanh.
#' @param start how the fit begins; one of rotate/gpfa/random.
#' @param scale_behaviour one spread for all features, one each, or neither mean nor
#'   spread; one of all/each/none.
#' @param keep_partial an interrupt returns the best so far.
#' @param title title of the page.
#' @param figures_dir folder that gets each figure as SVG and its numbers as CSV.
#' @param force replace existing files.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return latents of each trial with standard deviations, loadings, length scales, the
#'   tables `trace` and `trials`, and what the model says of the trials: `rates` and
#'   `behaviour`; with new trials the same of these, `new_...`
#' @examples
#' d <- simulate_recording(kind = "spikes", units = 12, trials = 12, latents = 2)
#' x <- align_events(d$spikes, d$trials$start_time, start = 0, stop = 2, bin = 0.05)
#' gpvae(x, shared_latents = 0, behaviour_latents = 0, epochs = 1, neural_epochs = 1)
#' @export
gpvae <- function(x = NULL, behaviour = NULL, new_x = NULL, new_behaviour = NULL,
    report = NULL, neural_latents = 1, shared_latents = 1, behaviour_latents = 1,
    epochs = 20, neural_epochs = 10, share_epochs = 2, batch = 2, patience = 10,
    warm_up = 5, alone_every = 4, components = 128, hold_out = 0.2, bin_width = 0.02,
    min_length = NULL, max_length = NULL, condition = 1e+06, behaviour_rate = 0.003,
    neural_rate = 0.002, loadings_rate = 0.005, scales_rate = 0.01, clip = 1,
    neural_weight = 1, behaviour_weight = 1, seed = NULL, neural_layers = NULL,
    behaviour_layers = NULL, decoder_layers = NULL, checkpoint = NULL,
    likelihood = "poisson", encoder = "potential", objective = "elbo", prior = "smooth",
    activation = "elu", start = "rotate", scale_behaviour = "all", keep_partial = FALSE,
    title = NULL, figures_dir = NULL, force = FALSE, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("gpvae", list(x, behaviour, new_x, new_behaviour, report),
    list(neural_latents = neural_latents, shared_latents = shared_latents,
      behaviour_latents = behaviour_latents, epochs = epochs,
      neural_epochs = neural_epochs, share_epochs = share_epochs, batch = batch,
      patience = patience, warm_up = warm_up, alone_every = alone_every,
      components = components, hold_out = hold_out, bin_width = bin_width,
      min_length = min_length, max_length = max_length, condition = condition,
      behaviour_rate = behaviour_rate, neural_rate = neural_rate,
      loadings_rate = loadings_rate, scales_rate = scales_rate, clip = clip,
      neural_weight = neural_weight, behaviour_weight = behaviour_weight,
      seed = draw_seed(seed), neural_layers = neural_layers,
      behaviour_layers = behaviour_layers, decoder_layers = decoder_layers,
      checkpoint = checkpoint, likelihood = likelihood, encoder = encoder,
      objective = objective, prior = prior, activation = activation, start = start,
      scale_behaviour = scale_behaviour, keep_partial = keep_partial, title = title,
      figures_dir = figures_dir, force = force), "gpvae", threads, progress)
}

#' Which neurons share a trajectory, which periods share a state
#'
#' The posterior over clusters of neurons and states of time together, by Markov chain
#' Monte Carlo, without choosing either number beforehand; with diagnostics that say
#' whether to trust the chains. Wei 2023.
#'
#' @param x spike counts (or traces), neuron x time (x trial)
#' @param region region of each neuron, whole numbers from 0
#' @param report path of an HTML page about the result to write
#' @param chains independent chains.
#' @param sweeps sweeps of each chain.
#' @param burn_in of those, sweeps that do not count; -1: a half.
#' @param thin keep a draw every so many sweeps.
#' @param seed seed of all chains; not given: drawn from the host's generator.
#' @param observation what is observed: counts, or real values (calcium); one of
#'   negative-binomial/poisson/gaussian.
#' @param latent_dim dimensions of a cluster's latent besides its mean.
#' @param learn_latent_dim each cluster has its own number of latents, at most that
#'   many.
#' @param latent_mean learn-latent-dim: mean of the Poisson prior of that number.
#' @param coupled dynamics joint over this many clusters (published form); 0: each its
#'   own.
#' @param max_states most states.
#' @param partition prior of the clusters: mixture of finite mixtures or Dirichlet
#'   process; one of mfm/dp.
#' @param cluster_rho mfm: number of components is geometric with this.
#' @param cluster_weight mfm: Dirichlet parameter of the weights.
#' @param cluster_alpha dp: concentration.
#' @param region_weight regions: Dirichlet parameter of a cluster's shares, small:
#'   clusters keep to one region.
#' @param state_alpha concentration of transitions.
#' @param state_kappa extra weight of staying in a state.
#' @param state_gamma concentration of the states.
#' @param learn_concentrations put priors around the three numbers above.
#' @param dynamics_mean expected A is this times I.
#' @param dynamics_precision how firmly A is expected there.
#' @param noise_dof degrees of freedom of the noise covariance beyond its size.
#' @param noise_scale scale of the noise covariance.
#' @param loading_sd standard deviation of baselines and loadings.
#' @param dispersion_shape gamma prior of the dispersion: shape.
#' @param dispersion_rate gamma prior of the dispersion: rate.
#' @param poisson_r poisson: dispersion of the negative binomial that proposes paths.
#' @param exact exact Polya-Gamma variables (slow).
#' @param temperatures replicas of each chain for parallel tempering; 1: none.
#' @param coldest smallest power of the likelihood.
#' @param holdout share of the entries left out and predicted.
#' @param holdout_kind single entries, or stretches of 10 bins; one of speckled/blocked.
#' @param rates keep the posterior mean of what is expected of each entry.
#' @param path_draws draws per chain whose trajectories are kept.
#' @param checkpoint file from which the run can be taken up after a stop; draws stream
#'   to FILE.draws.nc, trajectories to FILE.paths.nc.
#' @param checkpoint_every seconds between checkpoints (s).
#' @param resume go on from the checkpoint.
#' @param title title of the page.
#' @param figures_dir folder that gets each figure as SVG and its numbers as CSV.
#' @param force replace existing files.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return posterior similarity of neurons and of bins, point partitions, states,
#'   trajectories with bands, draws and diagnostics; with `rates` also `rate`, the
#'   posterior mean of what is expected of each entry
#' @examples
#' x <- simulate_recording(kind = "spikes", units = 5, trials = 4)$spikes
#' x <- bin_spikes(x, bin = 0.2)
#' bicluster(x, chains = 2, sweeps = 60)
#' @export
bicluster <- function(x, region = NULL, report = NULL, chains = 4, sweeps = 2000,
    burn_in = -1, thin = 1, seed = NULL, observation = "negative-binomial",
    latent_dim = 2, learn_latent_dim = FALSE, latent_mean = 2, coupled = 0,
    max_states = 10, partition = "mfm", cluster_rho = 0.2, cluster_weight = 1,
    cluster_alpha = 1, region_weight = 1, state_alpha = 5, state_kappa = 10,
    state_gamma = 5, learn_concentrations = FALSE, dynamics_mean = 1,
    dynamics_precision = 1, noise_dof = 2, noise_scale = 0.01, loading_sd = 1,
    dispersion_shape = 1, dispersion_rate = 1, poisson_r = 100, exact = FALSE,
    temperatures = 1, coldest = 0.3, holdout = 0, holdout_kind = "speckled",
    rates = FALSE, path_draws = 200, checkpoint = NULL, checkpoint_every = 60,
    resume = FALSE, title = NULL, figures_dir = NULL, force = FALSE,
    threads = nax_threads(), progress = nax_progress()) {
  call_method("bicluster", list(x, region, report),
    list(chains = chains, sweeps = sweeps, burn_in = burn_in, thin = thin,
      seed = draw_seed(seed), observation = observation, latent_dim = latent_dim,
      learn_latent_dim = learn_latent_dim, latent_mean = latent_mean, coupled = coupled,
      max_states = max_states, partition = partition, cluster_rho = cluster_rho,
      cluster_weight = cluster_weight, cluster_alpha = cluster_alpha,
      region_weight = region_weight, state_alpha = state_alpha,
      state_kappa = state_kappa, state_gamma = state_gamma,
      learn_concentrations = learn_concentrations, dynamics_mean = dynamics_mean,
      dynamics_precision = dynamics_precision, noise_dof = noise_dof,
      noise_scale = noise_scale, loading_sd = loading_sd,
      dispersion_shape = dispersion_shape, dispersion_rate = dispersion_rate,
      poisson_r = poisson_r, exact = exact, temperatures = temperatures,
      coldest = coldest, holdout = holdout, holdout_kind = holdout_kind, rates = rates,
      path_draws = path_draws, checkpoint = checkpoint,
      checkpoint_every = checkpoint_every, resume = resume, title = title,
      figures_dir = figures_dir, force = force), "bicluster", threads, progress)
}

#' Dissimilarity of each pair of conditions
#'
#' Euclidean, correlation, cosine, Mahalanobis and Poisson dissimilarities of condition
#' means, and their forms between folds, which noise does not bias: crossnobis and
#' others. Conditions and folds are whole numbers, one for each observation.
#'
#' @param x responses, channel x observation
#' @param condition condition of each observation, whole numbers
#' @param fold fold (run, session) of each observation; not given: the k-th occurrence
#'   of a condition is in fold k
#' @param precision inverse of the noise covariance between channels
#' @param report path of an HTML page about the result to write
#' @param prior rate that the poisson measures expect before any count.
#' @param prior_weight number of observations that this rate counts for.
#' @param floor_variance least variance between folds, as a share of that within (*-cv).
#' @param floor_denominator least denominator, as a share of the mean variance (*-cv).
#' @param tau time constant of the filter (van-rossum) (s).
#' @param shift_cost cost of moving a spike, per second (victor-purpura) (1/s).
#' @param measure what a dissimilarity is; the last two are of spike trains; one of
#'   euclidean/correlation/cosine/mahalanobis/crossnobis/poisson/poisson-cv/cosine-cv/correlation-cv/ldt/van-rossum/victor-purpura.
#' @param noise covariance of the noise, from the residuals, for measures that use one;
#'   one of none/full/diag/shrinkage-eye/shrinkage-diag.
#' @param design means of conditions, or all pairs of observations by their common
#'   channels or alike; one of auto/means/number/equal.
#' @param remove_mean take from each pattern its mean over channels.
#' @param compat give what rsatoolbox 0.3 returns where it is wrong.
#' @param subtract_within spike trains: less what trials of a condition differ by among
#'   themselves.
#' @param title title of the page.
#' @param figures_dir folder that gets each figure as SVG and its numbers as CSV.
#' @param force replace existing files.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return an array condition x condition x rdm
#' @examples
#' x <- matrix(rnorm(20 * 24), 20)
#' rdm(x, condition = rep(1:6, 4), fold = rep(1:4, each = 6), measure = "crossnobis")
#' @export
rdm <- function(x, condition, fold = NULL, precision = NULL, report = NULL, prior = 1,
    prior_weight = 0.1, floor_variance = 0.1, floor_denominator = 0.25, tau = 0.02,
    shift_cost = 100, measure = "euclidean", noise = "none", design = "auto",
    remove_mean = FALSE, compat = FALSE, subtract_within = FALSE, title = NULL,
    figures_dir = NULL, force = FALSE, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("rdm", list(x, condition, fold, precision, report),
    list(prior = prior, prior_weight = prior_weight, floor_variance = floor_variance,
      floor_denominator = floor_denominator, tau = tau, shift_cost = shift_cost,
      measure = measure, noise = noise, design = design, remove_mean = remove_mean,
      compat = compat, subtract_within = subtract_within, title = title,
      figures_dir = figures_dir, force = force), "", threads, progress)
}

#' Dissimilarity of each pair of conditions from spike times
#'
#' Without bins: the mean over pairs of trials, and over units, of the distance of van
#' Rossum or of the edit distance of Victor and Purpura. With `subtract_within`
#' conditions that do not differ are 0 on average.
#'
#' @param x spike trains
#' @param at time of each trial in s
#' @param condition condition of each observation, whole numbers
#' @param stop where a trial ends, in s from its time
#' @param start and where it begins; not given: 0
#' @param measure van-rossum or victor-purpura; not given: van-rossum
#' @param report path of an HTML page about the result to write
#' @param tau time constant of the filter (van-rossum) (s).
#' @param shift_cost cost of moving a spike, per second (victor-purpura) (1/s).
#' @param subtract_within spike trains: less what trials of a condition differ by among
#'   themselves.
#' @param title title of the page.
#' @param figures_dir folder that gets each figure as SVG and its numbers as CSV.
#' @param force replace existing files.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return an array condition x condition x rdm
#' @examples
#' d <- simulate_recording(kind = "spikes", units = 4, trials = 12)
#' rdm_spikes(d$spikes, d$trials$start_time, rep(1:3, 4), stop = 1)
#' @export
rdm_spikes <- function(x, at, condition, stop, start = NULL, measure = NULL,
    report = NULL, tau = 0.02, shift_cost = 100, subtract_within = FALSE, title = NULL,
    figures_dir = NULL, force = FALSE, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("rdm_spikes", list(x, at, condition, stop, start, measure, report),
    list(tau = tau, shift_cost = shift_cost, subtract_within = subtract_within,
      title = title, figures_dir = figures_dir, force = force), "", threads, progress)
}

#' How similar dissimilarity matrices are
#'
#' Cosine, Pearson, Spearman, Kendall, and the cosine and correlation that are whitened
#' by the covariance of the dissimilarities.
#'
#' @param x condition x condition (x rdm)
#' @param y the same for the second set
#' @param comparator cosine, corr, spearman, rho-a, tau-a, tau-b, cosine-cov, corr-cov,
#'   bures, bures-metric or neg-riemann; not given: corr
#' @param sigma_k covariance between conditions of the noise, for whitened comparators
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return an array: each matrix of the first set against each of the second
#' @examples
#' x <- rdm(matrix(rnorm(100), 10), condition = 1:10)
#' rdm_compare(x, x, comparator = "spearman")
#' @export
rdm_compare <- function(x, y, comparator = NULL, sigma_k = NULL,
    threads = nax_threads(), progress = nax_progress()) {
  call_method("rdm_compare", list(x, y, comparator, sigma_k),
    list(), "", threads, progress)
}

#' Dissimilarity matrices over time
#'
#' A matrix for each sample, or for the mean over each stretch of samples.
#'
#' @param x responses, channel x time x observation, or the path of a file, which is
#'   read block by block
#' @param condition condition of each observation, whole numbers
#' @param fold fold of each observation; not given: the k-th occurrence of a condition
#'   is in fold k
#' @param precision inverse of the noise covariance between channels
#' @param bin samples averaged into one matrix; not given: 1
#' @param prior rate that the poisson measures expect before any count.
#' @param prior_weight number of observations that this rate counts for.
#' @param floor_variance least variance between folds, as a share of that within (*-cv).
#' @param floor_denominator least denominator, as a share of the mean variance (*-cv).
#' @param tau time constant of the filter (van-rossum) (s).
#' @param shift_cost cost of moving a spike, per second (victor-purpura) (1/s).
#' @param measure what a dissimilarity is; the last two are of spike trains; one of
#'   euclidean/correlation/cosine/mahalanobis/crossnobis/poisson/poisson-cv/cosine-cv/correlation-cv/ldt/van-rossum/victor-purpura.
#' @param noise covariance of the noise, from the residuals, for measures that use one;
#'   one of none/full/diag/shrinkage-eye/shrinkage-diag.
#' @param design means of conditions, or all pairs of observations by their common
#'   channels or alike; one of auto/means/number/equal.
#' @param remove_mean take from each pattern its mean over channels.
#' @param compat give what rsatoolbox 0.3 returns where it is wrong.
#' @param subtract_within spike trains: less what trials of a condition differ by among
#'   themselves.
#' @param rate sampling rate; overrides what the file states (Hz).
#' @param format read as this format instead of recognising it.
#' @param var variable to work on, by name or path inside the file.
#' @param axes axis names of the variable in the file's order, e.g. neuron,time.
#' @param rows text tables: what a row is: time, neuron or spike.
#' @param allow_inf accept infinite values as data.
#' @param cells_only leave out ROIs or units that the file marks as rejected.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return an array condition x condition x time
#' @examples
#' x <- array(rnorm(10 * 6 * 24), c(10, 6, 24))
#' rdm_movie(x, condition = rep(1:6, 4), bin = 2)
#' @export
rdm_movie <- function(x, condition, fold = NULL, precision = NULL, bin = NULL,
    prior = 1, prior_weight = 0.1, floor_variance = 0.1, floor_denominator = 0.25,
    tau = 0.02, shift_cost = 100, measure = "euclidean", noise = "none",
    design = "auto", remove_mean = FALSE, compat = FALSE, subtract_within = FALSE,
    rate = NULL, format = NULL, var = NULL, axes = NULL, rows = NULL, allow_inf = FALSE,
    cells_only = FALSE, threads = nax_threads(), progress = nax_progress()) {
  call_method("rdm_movie", list(x, condition, fold, precision, bin),
    list(prior = prior, prior_weight = prior_weight, floor_variance = floor_variance,
      floor_denominator = floor_denominator, tau = tau, shift_cost = shift_cost,
      measure = measure, noise = noise, design = design, remove_mean = remove_mean,
      compat = compat, subtract_within = subtract_within, rate = rate, format = format,
      var = var, axes = axes, rows = rows, allow_inf = allow_inf,
      cells_only = cells_only), "", threads, progress)
}

#' Dissimilarities between two times
#'
#' What the differences between conditions at one time have in common with those at
#' another: positive where a difference stays the same, 0 where it is another one,
#' negative where it turns round. King and Dehaene 2014.
#'
#' @param x responses, channel x time x observation
#' @param condition condition of each observation, whole numbers
#' @param fold fold of each observation; not given: the k-th occurrence of a condition
#'   is in fold k
#' @param precision inverse of the noise covariance between channels
#' @param bin samples averaged into one time; not given: 1
#' @param report path of an HTML page about the result to write
#' @param prior rate that the poisson measures expect before any count.
#' @param prior_weight number of observations that this rate counts for.
#' @param floor_variance least variance between folds, as a share of that within (*-cv).
#' @param floor_denominator least denominator, as a share of the mean variance (*-cv).
#' @param tau time constant of the filter (van-rossum) (s).
#' @param shift_cost cost of moving a spike, per second (victor-purpura) (1/s).
#' @param measure what a dissimilarity is; the last two are of spike trains; one of
#'   euclidean/correlation/cosine/mahalanobis/crossnobis/poisson/poisson-cv/cosine-cv/correlation-cv/ldt/van-rossum/victor-purpura.
#' @param noise covariance of the noise, from the residuals, for measures that use one;
#'   one of none/full/diag/shrinkage-eye/shrinkage-diag.
#' @param design means of conditions, or all pairs of observations by their common
#'   channels or alike; one of auto/means/number/equal.
#' @param remove_mean take from each pattern its mean over channels.
#' @param compat give what rsatoolbox 0.3 returns where it is wrong.
#' @param subtract_within spike trains: less what trials of a condition differ by among
#'   themselves.
#' @param title title of the page.
#' @param figures_dir folder that gets each figure as SVG and its numbers as CSV.
#' @param force replace existing files.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return an array condition x condition x time x time
#' @examples
#' x <- array(rnorm(10 * 6 * 24), c(10, 6, 24))
#' dim(rdm_time_by_time(x, condition = rep(1:6, 4), bin = 2))
#' @export
rdm_time_by_time <- function(x, condition, fold = NULL, precision = NULL, bin = NULL,
    report = NULL, prior = 1, prior_weight = 0.1, floor_variance = 0.1,
    floor_denominator = 0.25, tau = 0.02, shift_cost = 100, measure = "euclidean",
    noise = "none", design = "auto", remove_mean = FALSE, compat = FALSE,
    subtract_within = FALSE, title = NULL, figures_dir = NULL, force = FALSE,
    threads = nax_threads(), progress = nax_progress()) {
  call_method("rdm_time_by_time", list(x, condition, fold, precision, bin, report),
    list(prior = prior, prior_weight = prior_weight, floor_variance = floor_variance,
      floor_denominator = floor_denominator, tau = tau, shift_cost = shift_cost,
      measure = measure, noise = noise, design = design, remove_mean = remove_mean,
      compat = compat, subtract_within = subtract_within, title = title,
      figures_dir = figures_dir, force = force), "", threads, progress)
}

#' A dissimilarity matrix for each neighbourhood of channels
#'
#' A searchlight: each place is a set of channels that is looked at by itself, with the
#' noise covariance of its own channels.
#'
#' @param x responses, channel x observation, or the path of a file, which is read block
#'   by block
#' @param condition condition of each observation, whole numbers
#' @param places a list of channel numbers from 1, or a result of searchlight_places
#' @param fold fold of each observation; not given: the k-th occurrence of a condition
#'   is in fold k
#' @param precision inverse of the noise covariance between channels
#' @param prior rate that the poisson measures expect before any count.
#' @param prior_weight number of observations that this rate counts for.
#' @param floor_variance least variance between folds, as a share of that within (*-cv).
#' @param floor_denominator least denominator, as a share of the mean variance (*-cv).
#' @param tau time constant of the filter (van-rossum) (s).
#' @param shift_cost cost of moving a spike, per second (victor-purpura) (1/s).
#' @param measure what a dissimilarity is; the last two are of spike trains; one of
#'   euclidean/correlation/cosine/mahalanobis/crossnobis/poisson/poisson-cv/cosine-cv/correlation-cv/ldt/van-rossum/victor-purpura.
#' @param noise covariance of the noise, from the residuals, for measures that use one;
#'   one of none/full/diag/shrinkage-eye/shrinkage-diag.
#' @param design means of conditions, or all pairs of observations by their common
#'   channels or alike; one of auto/means/number/equal.
#' @param remove_mean take from each pattern its mean over channels.
#' @param compat give what rsatoolbox 0.3 returns where it is wrong.
#' @param subtract_within spike trains: less what trials of a condition differ by among
#'   themselves.
#' @param rate sampling rate; overrides what the file states (Hz).
#' @param format read as this format instead of recognising it.
#' @param var variable to work on, by name or path inside the file.
#' @param axes axis names of the variable in the file's order, e.g. neuron,time.
#' @param rows text tables: what a row is: time, neuron or spike.
#' @param allow_inf accept infinite values as data.
#' @param cells_only leave out ROIs or units that the file marks as rejected.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return an array condition x condition x place
#' @examples
#' x <- matrix(rnorm(20 * 24), 20)
#' rdm_searchlight(x, rep(1:6, 4), list(1:10, 5:14, 11:20))
#' @export
rdm_searchlight <- function(x, condition, places, fold = NULL, precision = NULL,
    prior = 1, prior_weight = 0.1, floor_variance = 0.1, floor_denominator = 0.25,
    tau = 0.02, shift_cost = 100, measure = "euclidean", noise = "none",
    design = "auto", remove_mean = FALSE, compat = FALSE, subtract_within = FALSE,
    rate = NULL, format = NULL, var = NULL, axes = NULL, rows = NULL, allow_inf = FALSE,
    cells_only = FALSE, threads = nax_threads(), progress = nax_progress()) {
  call_method("rdm_searchlight", list(x, condition, places, fold, precision),
    list(prior = prior, prior_weight = prior_weight, floor_variance = floor_variance,
      floor_denominator = floor_denominator, tau = tau, shift_cost = shift_cost,
      measure = measure, noise = noise, design = design, remove_mean = remove_mean,
      compat = compat, subtract_within = subtract_within, rate = rate, format = format,
      var = var, axes = axes, rows = rows, allow_inf = allow_inf,
      cells_only = cells_only), "", threads, progress)
}

#' Neighbourhoods of a volume
#'
#' For each voxel of a mask the voxels nearer than a radius; voxels are numbered as the
#' host numbers the elements of an array.
#'
#' @param mask array x x y x z, not 0 inside
#' @param radius in voxels; not given: 1
#' @param share least share of the neighbours in the mask; not given: 1
#' @param truncate leave out neighbours outside the mask; not given: 1
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return `centre`, the voxel in the middle of each place; its voxels are those from
#'   `offset` + 1 on of `index`
#' @examples
#' mask <- array(1, c(4, 4, 4))
#' searchlight_places(mask, radius = 1.5)
#' @export
searchlight_places <- function(mask, radius = NULL, share = NULL, truncate = NULL,
    threads = nax_threads(), progress = nax_progress()) {
  call_method("searchlight_places", list(mask, radius, share, truncate),
    list(), "searchlight_places", threads, progress)
}

#' Covariance of the noise between channels
#'
#' From the observations about the mean of their condition, as they are or shrunk.
#'
#' @param x responses, channel x observation
#' @param condition condition of each observation; not given: `x` holds residuals
#' @param method none, full, diag, shrinkage-eye or shrinkage-diag; not given:
#'   shrinkage-eye
#' @param dof degrees of freedom; not given: observations less conditions
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return an array channel x channel
#' @examples
#' x <- matrix(rnorm(20 * 24), 20)
#' rdm_noise(x, rep(1:6, 4))
#' @export
rdm_noise <- function(x, condition = NULL, method = NULL, dof = NULL,
    threads = nax_threads(), progress = nax_progress()) {
  call_method("rdm_noise", list(x, condition, method, dof),
    list(), "", threads, progress)
}

#' Inverse of a noise covariance
#'
#' What rdm and others take as `precision`.
#'
#' @param covariance covariance between channels
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return an array channel x channel
#' @examples
#' x <- rdm_noise(matrix(rnorm(20 * 24), 20), rep(1:6, 4))
#' rdm_precision(x)
#' @export
rdm_precision <- function(covariance, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("rdm_precision", list(covariance),
    list(), "", threads, progress)
}

#' Covariance between conditions of the noise
#'
#' Of the means of conditions in folds, per channel: what whitened comparators take as
#' `sigma_k`.
#'
#' @param x responses, channel x observation
#' @param condition condition of each observation, whole numbers
#' @param fold fold of each observation; not given: the k-th occurrence of a condition
#'   is in fold k
#' @param precision inverse of the noise covariance between channels
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return an array condition x condition
#' @examples
#' x <- matrix(rnorm(20 * 24), 20)
#' rdm_sigma_k(x, rep(1:6, 4))
#' @export
rdm_sigma_k <- function(x, condition, fold = NULL, precision = NULL,
    threads = nax_threads(), progress = nax_progress()) {
  call_method("rdm_sigma_k", list(x, condition, fold, precision),
    list(), "", threads, progress)
}

#' Covariance of the entries of a crossnobis matrix
#'
#' In closed form; the square roots of its diagonal are standard errors that need no
#' bootstrap.
#'
#' @param x condition x condition, taken as the true ones
#' @param folds number of folds
#' @param channels number of channels
#' @param sigma_k from rdm_sigma_k; not given: identity
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return an array pair x pair
#' @examples
#' x <- rdm(matrix(rnorm(20 * 24), 20), rep(1:6, 4), measure = "crossnobis")
#' rdm_variance(x, folds = 4, channels = 20)
#' @export
rdm_variance <- function(x, folds, channels, sigma_k = NULL, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("rdm_variance", list(x, folds, channels, sigma_k),
    list(), "", threads, progress)
}

#' A function of each dissimilarity matrix
#'
#' Ranks, square roots, negative values to 0, or to the range 0 to 1.
#'
#' @param x condition x condition (x rdm)
#' @param what rank-average, rank-min, rank-max, rank-dense, rank-ordinal, sqrt,
#'   positive or minmax; not given: rank-average
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return an array condition x condition x rdm
#' @examples
#' x <- rdm(matrix(rnorm(100), 10), condition = 1:10)
#' rdm_map(x, "rank-average")
#' @export
rdm_map <- function(x, what = NULL, threads = nax_threads(), progress = nax_progress())
    {
  call_method("rdm_map", list(x, what),
    list(), "", threads, progress)
}

#' Matrices that each lack some pairs on one scale
#'
#' Each is scaled to the norm that the mean has on its pairs, by turns.
#'
#' @param x condition x condition x rdm
#' @param weights evidence, setsize or simple; not given: evidence
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return `rdm`, the matrices, and `mean`
#' @examples
#' x <- rdm(matrix(rnorm(100), 10), condition = 1:10)
#' y <- array(c(x, 2 * x), c(10, 10, 2))
#' y[1, 2, 1] <- y[2, 1, 1] <- NA
#' rdm_rescale(y)
#' @export
rdm_rescale <- function(x, weights = NULL, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("rdm_rescale", list(x, weights),
    list(), "rdm_rescale", threads, progress)
}

#' Conditions as points in the plane
#'
#' Points whose distances resemble the dissimilarities (multidimensional scaling).
#'
#' @param x condition x condition
#' @param kind classical, metric or nonmetric; not given: metric
#' @param dims dimensions; not given: 2
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return `points`, condition x dimension, and the attribute stress
#' @examples
#' x <- rdm(matrix(rnorm(100), 10), condition = 1:10)
#' rdm_mds(x)
#' @export
rdm_mds <- function(x, kind = NULL, dims = NULL, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("rdm_mds", list(x, kind, dims),
    list(), "rdm_mds", threads, progress)
}

#' Which model explains the geometry
#'
#' Compares models with the dissimilarity matrices of subjects, and with each other,
#' under inference that holds for new subjects, new conditions or both; with noise
#' ceiling.
#'
#' @param x matrices of subjects, condition x condition x subject
#' @param models a list of models, each condition x condition (x what a flexible model
#'   is made from)
#' @param kind what the models may do to fit: fixed, select, weighted, nonnegative or
#'   interpolate; not given: fixed
#' @param sigma_k covariance between conditions of the noise, for whitened comparators
#' @param subject whose each matrix is, whole numbers, where subjects have several
#'   (sessions); not given: each is a subject of its own
#' @param report path of an HTML page about the result to write
#' @param seed seed of all resampling; not given: drawn from the host's generator.
#' @param samples bootstrap samples.
#' @param permutations relabellings of the conditions (all of up to 8 conditions); 0: no
#'   such test.
#' @param assignments random assignments to folds, or random test sets, per sample, for
#'   models that are fitted.
#' @param subject_folds folds of subjects; 0: 2 to 5, by their number.
#' @param condition_folds folds of conditions; 0: 2 to 5, by their number.
#' @param ridge penalty on the weights of weighted models.
#' @param level level of the intervals.
#' @param comparator how similar two RDMs are; one of
#'   cosine/corr/spearman/rho-a/tau-a/tau-b/cosine-cov/corr-cov/bures/bures-metric/neg-riemann.
#' @param resample what results should hold for: new subjects (none: from their spread),
#'   new conditions, or both (dual); one of none/subjects/conditions/both/dual.
#' @param crossvalidate evaluate in folds also when every model is fixed.
#' @param interval intervals by Student's t, or from the samples of subjects or
#'   conditions; one of t/percentile/bca.
#' @param test_sets what fitted models are tested on: each fold, random sets, or what a
#'   sample has not; one of folds/random/outside.
#' @param test_conditions conditions in a random test set; 0: as in a fold.
#' @param test_subjects subjects in a random test set; 0: as in a fold.
#' @param title title of the page.
#' @param figures_dir folder that gets each figure as SVG and its numbers as CSV.
#' @param force replace existing files.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return the tables `models` and `differences`, the similarity of each model to each
#'   subject, and their covariance
#' @examples
#' x <- array(dim = c(8, 8, 6))
#' for (k in 1:6) x[, , k] <- as.matrix(dist(matrix(1:8 + rnorm(40), 8)))
#' rsa(x, list(line = as.matrix(dist(1:8)), other = as.matrix(dist(sin(1:8)))))
#' @export
rsa <- function(x, models, kind = NULL, sigma_k = NULL, subject = NULL, report = NULL,
    seed = NULL, samples = 1000, permutations = 1000, assignments = 2,
    subject_folds = 0, condition_folds = 0, ridge = 0, level = 0.95,
    comparator = "corr", resample = "none", crossvalidate = FALSE, interval = "t",
    test_sets = "folds", test_conditions = 0, test_subjects = 0, title = NULL,
    figures_dir = NULL, force = FALSE, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("rsa", list(x, models, kind, sigma_k, subject, report),
    list(seed = draw_seed(seed), samples = samples, permutations = permutations,
      assignments = assignments, subject_folds = subject_folds,
      condition_folds = condition_folds, ridge = ridge, level = level,
      comparator = comparator, resample = resample, crossvalidate = crossvalidate,
      interval = interval, test_sets = test_sets, test_conditions = test_conditions,
      test_subjects = test_subjects, title = title, figures_dir = figures_dir,
      force = force), "rsa", threads, progress)
}

#' What each model adds to the others
#'
#' Partial correlation of, or regression weight for, each model and each matrix.
#'
#' @param x condition x condition (x subject)
#' @param models condition x condition x model
#' @param kind pearson, spearman or regression; not given: pearson
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return an array model x rdm
#' @examples
#' x <- array(runif(128), c(8, 8, 2))
#' x <- x + aperm(x, c(2, 1, 3))
#' models <- array(runif(128), c(8, 8, 2))
#' models <- models + aperm(models, c(2, 1, 3))
#' rsa_partial(x, models)
#' @export
rsa_partial <- function(x, models, kind = NULL, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("rsa_partial", list(x, models, kind),
    list(), "", threads, progress)
}

#' What a perfect model could reach
#'
#' The noise ceiling of a set of subjects, and the matrix that is most similar to all of
#' them.
#'
#' @param x condition x condition x subject
#' @param comparator as rdm_compare; not given: corr
#' @param sigma_k covariance between conditions of the noise, for whitened comparators
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return `pool` and the attributes lower and upper
#' @examples
#' x <- array(dim = c(8, 8, 5))
#' for (k in 1:5) x[, , k] <- as.matrix(dist(matrix(1:8 + rnorm(40), 8)))
#' rsa_ceiling(x)
#' @export
rsa_ceiling <- function(x, comparator = NULL, sigma_k = NULL, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("rsa_ceiling", list(x, comparator, sigma_k),
    list(), "rsa_ceiling", threads, progress)
}

#' Weights of a flexible model
#'
#' What makes a model that is made of several matrices most similar to the data.
#'
#' @param x condition x condition (x subject)
#' @param model condition x condition x what it is made of
#' @param kind select, weighted, nonnegative or interpolate; not given: nonnegative
#' @param comparator as rdm_compare; not given: corr
#' @param ridge penalty on weights; not given: 0
#' @param sigma_k covariance between conditions of the noise, for whitened comparators
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return an array with a number for each matrix of the model
#' @examples
#' model <- array(runif(128), c(8, 8, 2))
#' model <- model + aperm(model, c(2, 1, 3))
#' x <- model[, , 1] + 2 * model[, , 2]
#' rsa_model_fit(x, model)
#' @export
rsa_model_fit <- function(x, model, kind = NULL, comparator = NULL, ridge = NULL,
    sigma_k = NULL, threads = nax_threads(), progress = nax_progress()) {
  call_method("rsa_model_fit", list(x, model, kind, comparator, ridge, sigma_k),
    list(), "", threads, progress)
}

#' Models in two groups of subjects
#'
#' How well fixed models do in one group and in the other, by Welch's test and by
#' exchanging subjects between the groups.
#'
#' @param x matrices of the first group
#' @param y matrices of the second group
#' @param models condition x condition (x model)
#' @param sigma_k covariance between conditions of the noise, for whitened comparators
#' @param seed seed of all resampling; not given: drawn from the host's generator.
#' @param permutations relabellings of the conditions (all of up to 8 conditions); 0: no
#'   such test.
#' @param comparator how similar two RDMs are; one of
#'   cosine/corr/spearman/rho-a/tau-a/tau-b/cosine-cov/corr-cov/bures/bures-metric/neg-riemann.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return a table with one row per model
#' @examples
#' x <- array(dim = c(8, 8, 8))
#' for (k in 1:8) x[, , k] <- as.matrix(dist(matrix(1:8 + rnorm(40), 8)))
#' rsa_compare_groups(x[, , 1:4], x[, , 5:8], as.matrix(dist(1:8)))
#' @export
rsa_compare_groups <- function(x, y, models, sigma_k = NULL, seed = NULL,
    permutations = 1000, comparator = "corr", threads = nax_threads(),
    progress = nax_progress()) {
  call_method("rsa_compare_groups", list(x, y, models, sigma_k),
    list(seed = draw_seed(seed), permutations = permutations, comparator = comparator),
      "", threads, progress)
}

#' Where over times or places a value differs from 0
#'
#' Neighbouring points whose t over subjects exceeds that of a single point make a
#' cluster; its mass, the sum of t, is compared with the largest of any cluster when the
#' values of subjects change sign at random. Maris and Oostenveld 2007.
#'
#' @param x point x subject, e.g. similarities to a model, or their difference between
#'   two models
#' @param p_point one-sided p of a point that makes it part of a cluster; not given:
#'   0.01
#' @param two_sided 1: also clusters below 0; not given: 0
#' @param line points are a plane of lines of so many; not given: one line
#' @param adjacency pairs of points that are neighbours instead, two columns of numbers
#'   from 1
#' @param seed seed of all resampling; not given: drawn from the host's generator.
#' @param permutations relabellings of the conditions (all of up to 8 conditions); 0: no
#'   such test.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return the table `clusters` (points, first, last and peak point, sum of t, p), and
#'   `cluster`, the number of that of each point, 0 for none
#' @examples
#' x <- matrix(rnorm(40 * 8), 40)
#' x[11:20, ] <- x[11:20, ] + 1
#' rsa_clusters(x, permutations = 200)
#' @export
rsa_clusters <- function(x, p_point = NULL, two_sided = NULL, line = NULL,
    adjacency = NULL, seed = NULL, permutations = 1000, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("rsa_clusters", list(x, p_point, two_sided, line, adjacency),
    list(seed = draw_seed(seed), permutations = permutations), "rsa_clusters", threads,
      progress)
}

#' Geo-topological forms of dissimilarity matrices
#'
#' Distances below a lower threshold become 0, those above an upper one 1, with a ramp
#' between (RGTM); or the geodesic distances over the graph that the thresholds leave
#' (RGDM). Lin and Kriegeskorte 2024.
#'
#' @param x condition x condition (x rdm)
#' @param what matrix or geodesics; not given: matrix
#' @param lower lower threshold, as a quantile of the pairs.
#' @param upper upper threshold, as a quantile of the pairs.
#' @param slope slope of the sigmoid, at ranks scaled to 0..1.
#' @param centre centre of the sigmoid.
#' @param share share of the pairs that are links, or of the conditions as neighbours.
#' @param neighbours nearest conditions that are linked; 0: by share.
#' @param scale what thresholds are laid on; one of ranks/values.
#' @param shape shape between small and large dissimilarities; one of ramp/sigmoid.
#' @param graph which pairs are links of the graph of paths; one of
#'   window/shortest/nearest/mutual.
#' @param convention the definitions, or the numbers of other programs; one of
#'   exact/published/rsatoolbox.
#' @param rank_paths rank the path lengths.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return an array condition x condition x rdm
#' @examples
#' x <- rdm(matrix(rnorm(100), 10), condition = 1:10)
#' trsa_transform(x, lower = 0.2, upper = 0.8)
#' @export
trsa_transform <- function(x, what = NULL, lower = 0, upper = 1, slope = 10,
    centre = 0.5, share = 0.1, neighbours = 0, scale = "ranks", shape = "ramp",
    graph = "window", convention = "exact", rank_paths = FALSE, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("trsa_transform", list(x, what),
    list(lower = lower, upper = upper, slope = slope, centre = centre, share = share,
      neighbours = neighbours, scale = scale, shape = shape, graph = graph,
      convention = convention, rank_paths = rank_paths), "", threads, progress)
}

#' Regions or layers told from their geometry and topology
#'
#' Each group (subject, seed) is left out in turn and its matrices get the label of the
#' nearest centroid of the others; for the matrices as they are, their ranks, and every
#' window of thresholds, chosen within the other groups.
#'
#' @param x condition x condition x rdm
#' @param group group of each matrix, whole numbers
#' @param label label of each matrix, whole numbers
#' @param report path of an HTML page about the result to write
#' @param steps thresholds are multiples of 1 / steps.
#' @param permutations permutations of the labels within groups; 0: no tests.
#' @param seed seed of the permutations; not given: drawn from the host's generator.
#' @param statistic what is computed in each window: geo-topological or geodesic
#'   matrices; one of rgtm/rgdm.
#' @param zero_links paths: pairs below the window are links of length 0.
#' @param adjacency also windows of equal thresholds: who is linked, and no more.
#' @param title title of the page.
#' @param figures_dir folder that gets each figure as SVG and its numbers as CSV.
#' @param force replace existing files.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return the tables `windows`, `groups` and `rdms`, accuracies and p values
#' @examples
#' group <- rep(1:6, each = 2)
#' label <- rep(1:2, 6)
#' x <- sapply(label, function(l) as.matrix(dist(cbind(1:8, (1:8)^l) + rnorm(16))), simplify = "array")
#' trsa_identify(x, group, label, steps = 4, permutations = 20)
#' @export
trsa_identify <- function(x, group, label, report = NULL, steps = 20,
    permutations = 1000, seed = NULL, statistic = "rgtm", zero_links = TRUE,
    adjacency = FALSE, title = NULL, figures_dir = NULL, force = FALSE,
    threads = nax_threads(), progress = nax_progress()) {
  call_method("trsa_identify", list(x, group, label, report),
    list(steps = steps, permutations = permutations, seed = draw_seed(seed),
      statistic = statistic, zero_links = zero_links, adjacency = adjacency,
      title = title, figures_dir = figures_dir, force = force), "trsa_identify",
      threads, progress)
}

#' Persistent homology of a dissimilarity matrix
#'
#' Components, loops and voids of the Vietoris-Rips filtration: at distance t all sets
#' of conditions whose distances are at most t.
#'
#' @param x condition x condition
#' @param threshold largest distance looked at (not given: the enclosing radius).
#' @param max_dim 0 components, 1 also loops, 2 also voids.
#' @param memory memory that may be used; 0: any amount (MB).
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return the table `bars` with dimension, birth and death
#' @examples
#' x <- as.matrix(dist(cbind(cos(1:12), sin(1:12))))
#' persistent_homology(x)
#' @export
persistent_homology <- function(x, threshold = NULL, max_dim = 1, memory = 0,
    threads = nax_threads(), progress = nax_progress()) {
  call_method("persistent_homology", list(x),
    list(threshold = threshold, max_dim = max_dim, memory = memory),
      "persistent_homology", threads, progress)
}

#' Distance between two persistence diagrams
#'
#' Bottleneck or Wasserstein: how far the bars of one have to be moved to become those
#' of the other.
#'
#' @param x result of persistent_homology
#' @param y another result of persistent_homology
#' @param dimension 0 components, 1 loops, 2 voids; not given: 1
#' @param order of the Wasserstein distance; infinite, as when not given: the bottleneck
#'   distance
#' @param norm p of the norm of the plane; not given: infinite
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return a number
#' @examples
#' x <- persistent_homology(as.matrix(dist(cbind(cos(1:12), sin(1:12)))))
#' diagram_distance(x, x)
#' @export
diagram_distance <- function(x, y, dimension = NULL, order = NULL, norm = NULL,
    threads = nax_threads(), progress = nax_progress()) {
  call_method("diagram_distance", list(x, y, dimension, order, norm),
    list(), "", threads, progress)
}

#' Sliced Wasserstein distance between two persistence diagrams
#'
#' The mean over directions of the distance on a line between the projections of both;
#' classes that never die are left out. Carriere and others 2017.
#'
#' @param x result of persistent_homology
#' @param y another result of persistent_homology
#' @param dimension 0 components, 1 loops, 2 voids; not given: 1
#' @param slices directions; not given: 50
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return a number
#' @examples
#' x <- persistent_homology(as.matrix(dist(cbind(cos(1:12), sin(1:12)))))
#' diagram_sliced(x, x)
#' @export
diagram_sliced <- function(x, y, dimension = NULL, slices = NULL,
    threads = nax_threads(), progress = nax_progress()) {
  call_method("diagram_sliced", list(x, y, dimension, slices),
    list(), "", threads, progress)
}

#' Heat kernel of two persistence diagrams
#'
#' The inner product of the heat that their points spread within a time; the distance
#' that it stands for is sqrt(k(a,a) + k(b,b) - 2 k(a,b)). Classes that never die are
#' left out. Reininghaus and others 2015.
#'
#' @param x result of persistent_homology
#' @param y another result of persistent_homology
#' @param dimension 0 components, 1 loops, 2 voids; not given: 1
#' @param sigma the time; not given: 1
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return a number
#' @examples
#' x <- persistent_homology(as.matrix(dist(cbind(cos(1:12), sin(1:12)))))
#' diagram_kernel(x, x, sigma = 0.5)
#' @export
diagram_kernel <- function(x, y, dimension = NULL, sigma = NULL,
    threads = nax_threads(), progress = nax_progress()) {
  call_method("diagram_kernel", list(x, y, dimension, sigma),
    list(), "", threads, progress)
}

#' What differs in the topology of several matrices
#'
#' The distance between the persistence diagrams of each pair of dissimilarity matrices.
#'
#' @param x condition x condition x rdm
#' @param dimension 0 components, 1 loops, 2 voids; not given: 1
#' @param order of the Wasserstein distance; infinite, as when not given: the bottleneck
#'   distance
#' @param norm p of the norm of the plane; not given: infinite
#' @param threshold largest distance looked at (not given: the enclosing radius).
#' @param memory memory that may be used; 0: any amount (MB).
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return an array rdm x rdm
#' @examples
#' x <- array(dim = c(8, 8, 3))
#' for (k in 1:3) x[, , k] <- as.matrix(dist(matrix(rnorm(16), 8)))
#' diagram_distances(x)
#' @export
diagram_distances <- function(x, dimension = NULL, order = NULL, norm = NULL,
    threshold = NULL, memory = 0, threads = nax_threads(), progress = nax_progress()) {
  call_method("diagram_distances", list(x, dimension, order, norm),
    list(threshold = threshold, memory = memory), "", threads, progress)
}

#' Persistence image
#'
#' A sum of Gaussians over birth and persistence, each weighted by its persistence: a
#' diagram as a picture of fixed size.
#'
#' @param x result of persistent_homology
#' @param dimension 0 components, 1 loops, 2 voids; not given: 1
#' @param birth_min left edge.
#' @param birth_max right edge.
#' @param persistence_min lower edge.
#' @param persistence_max upper edge.
#' @param sd standard deviation of the Gaussian around each point.
#' @param power a point weighs its persistence to this power.
#' @param n_birth pixels across.
#' @param n_persistence pixels up.
#' @param integral integrate over each pixel instead of the density at a point.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return an array birth x persistence
#' @examples
#' x <- persistent_homology(as.matrix(dist(cbind(cos(1:12), sin(1:12)))))
#' persistence_image(x, birth_max = 2, persistence_max = 2)
#' @export
persistence_image <- function(x, dimension = NULL, birth_min = 0, birth_max = 1,
    persistence_min = 0, persistence_max = 1, sd = 0.1, power = 1, n_birth = 20,
    n_persistence = 20, integral = TRUE, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("persistence_image", list(x, dimension),
    list(birth_min = birth_min, birth_max = birth_max,
      persistence_min = persistence_min, persistence_max = persistence_max, sd = sd,
      power = power, n_birth = n_birth, n_persistence = n_persistence,
      integral = integral), "", threads, progress)
}

#' Persistence landscape
#'
#' Function k at t is the k-th largest over bars of min(t - birth, death - t), at least
#' 0.
#'
#' @param x result of persistent_homology
#' @param at distances t
#' @param levels how many functions; not given: 3
#' @param dimension 0 components, 1 loops, 2 voids; not given: 1
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return an array distance x level
#' @examples
#' x <- persistent_homology(as.matrix(dist(cbind(cos(1:12), sin(1:12)))))
#' persistence_landscape(x, seq(0, 2, 0.1))
#' @export
persistence_landscape <- function(x, at, levels = NULL, dimension = NULL,
    threads = nax_threads(), progress = nax_progress()) {
  call_method("persistence_landscape", list(x, at, levels, dimension),
    list(), "", threads, progress)
}

#' Betti curve
#'
#' How many bars are alive at each distance.
#'
#' @param x result of persistent_homology
#' @param at distances
#' @param dimension 0 components, 1 loops, 2 voids; not given: 1
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return an array along distance
#' @examples
#' x <- persistent_homology(as.matrix(dist(cbind(cos(1:12), sin(1:12)))))
#' betti_curve(x, seq(0, 2, 0.1))
#' @export
betti_curve <- function(x, at, dimension = NULL, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("betti_curve", list(x, at, dimension),
    list(), "", threads, progress)
}

#' Are the bars longer than chance
#'
#' The distances are shuffled among the pairs and the diagrams made again.
#'
#' @param x condition x condition
#' @param shuffles how many, 19 or more; not given: 199
#' @param threshold largest distance looked at (not given: the enclosing radius).
#' @param max_dim 0 components, 1 also loops, 2 also voids.
#' @param memory memory that may be used; 0: any amount (MB).
#' @param seed seed of the permutations; not given: drawn from the host's generator.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return a table with one row per dimension from 1
#' @examples
#' x <- as.matrix(dist(cbind(cos(1:12), sin(1:12))))
#' persistence_null(x, shuffles = 19)
#' @export
persistence_null <- function(x, shuffles = NULL, threshold = NULL, max_dim = 1,
    memory = 0, seed = NULL, threads = nax_threads(), progress = nax_progress()) {
  call_method("persistence_null", list(x, shuffles),
    list(threshold = threshold, max_dim = max_dim, memory = memory,
      seed = draw_seed(seed)), "", threads, progress)
}

#' Are two geometries related in some window of distances
#'
#' The distance correlation of two matrices for all pairs of windows of thresholds, with
#' permutation tests that make the search anew (adaptive geo-topological independence
#' criterion). Lin and Kriegeskorte 2018.
#'
#' @param x condition x condition
#' @param y the same conditions in another region
#' @param levels thresholds, evenly spaced from 0 to 1.
#' @param permutations permutations of the conditions; 0: no test.
#' @param seed seed of the permutations; not given: drawn from the host's generator.
#' @param quantiles thresholds are quantiles instead of shares of the largest distance.
#' @param hard distances between the thresholds stay as they are.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return `map`, windows of y x windows of x, and the table `test`
#' @examples
#' x <- as.matrix(dist(1:10))
#' y <- as.matrix(dist((1:10)^2 + rnorm(10)))
#' trsa_agtic(x, y, levels = 4, permutations = 20)
#' @export
trsa_agtic <- function(x, y, levels = 6, permutations = 1000, seed = NULL,
    quantiles = FALSE, hard = FALSE, threads = nax_threads(), progress = nax_progress())
    {
  call_method("trsa_agtic", list(x, y),
    list(levels = levels, permutations = permutations, seed = draw_seed(seed),
      quantiles = quantiles, hard = hard), "trsa_agtic", threads, progress)
}

#' Geodesic distances for many thresholds
#'
#' Shortest paths over the pairs below each upper threshold, as long as a ramp from the
#' lower one says.
#'
#' @param x condition x condition
#' @param upper upper thresholds, ascending
#' @param lower distance at or below which a link has length 0; not given: 0
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return an array condition x condition x upper; missing where there is no path
#' @examples
#' x <- as.matrix(dist(1:8))
#' geodesic_sweep(x, upper = c(2, 4))
#' @export
geodesic_sweep <- function(x, upper, lower = NULL, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("geodesic_sweep", list(x, upper, lower),
    list(), "", threads, progress)
}

#' Shortest paths of a graph
#'
#' All pairs of nodes, over the links given; missing: no link.
#'
#' @param x lengths of links, node x node
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return an array node x node; missing where there is no path
#' @examples
#' x <- as.matrix(dist(1:8))
#' x[x > 1] <- NA
#' shortest_paths(x)
#' @export
shortest_paths <- function(x, threads = nax_threads(), progress = nax_progress()) {
  call_method("shortest_paths", list(x),
    list(), "", threads, progress)
}

#' How similar two representations of the same observations are
#'
#' Centred kernel alignment (unbiased unless asked otherwise), the RV coefficient,
#' Procrustes and shape distances, canonical correlations, distance correlation and
#' shared nearest neighbours: without models, for any numbers of channels.
#'
#' @param x channel x observation
#' @param y the same observations in other channels
#' @param bandwidth width of the Gaussian kernel, as a share of the median distance.
#' @param whitening shape: 0 Procrustes angle, 1 as canonical correlations.
#' @param variance svcca: share of the variance that components must hold.
#' @param neighbours nearest neighbours of each observation.
#' @param batch cka: observations of a batch; 0: all at once.
#' @param measure how two representations are compared; one of
#'   cka/cka-rbf/rv/procrustes/shape/permutation/cca/svcca/pwcca/distance-correlation/neighbours.
#' @param biased cka, cka-rbf, distance correlation: with the bias that noise gives
#'   them.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return one number
#' @examples
#' x <- matrix(rnorm(200), 10)
#' similarity(x, x[1:4, ], measure = "cka")
#' @export
similarity <- function(x, y, bandwidth = 0.5, whitening = 0, variance = 0.99,
    neighbours = 10, batch = 0, measure = "cka", biased = FALSE,
    threads = nax_threads(), progress = nax_progress()) {
  call_method("similarity", list(x, y),
    list(bandwidth = bandwidth, whitening = whitening, variance = variance,
      neighbours = neighbours, batch = batch, measure = measure, biased = biased), "",
      threads, progress)
}

#' How similar several representations are, pair by pair
#'
#' As similarity, for example of the layers of two networks; pwcca weighs by its row and
#' is not symmetric.
#'
#' @param x a list of representations, each channel x observation
#' @param bandwidth width of the Gaussian kernel, as a share of the median distance.
#' @param whitening shape: 0 Procrustes angle, 1 as canonical correlations.
#' @param variance svcca: share of the variance that components must hold.
#' @param neighbours nearest neighbours of each observation.
#' @param batch cka: observations of a batch; 0: all at once.
#' @param measure how two representations are compared; one of
#'   cka/cka-rbf/rv/procrustes/shape/permutation/cca/svcca/pwcca/distance-correlation/neighbours.
#' @param biased cka, cka-rbf, distance correlation: with the bias that noise gives
#'   them.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return an array representation x representation
#' @examples
#' x <- matrix(rnorm(200), 10)
#' similarity_matrix(list(x, x[1:4, ], x^2))
#' @export
similarity_matrix <- function(x, bandwidth = 0.5, whitening = 0, variance = 0.99,
    neighbours = 10, batch = 0, measure = "cka", biased = FALSE,
    threads = nax_threads(), progress = nax_progress()) {
  call_method("similarity_matrix", list(x),
    list(bandwidth = bandwidth, whitening = whitening, variance = variance,
      neighbours = neighbours, batch = batch, measure = measure, biased = biased), "",
      threads, progress)
}

#' Canonical correlations
#'
#' Of all channels, or of the leading principal components that hold a share of the
#' variance. Hotelling 1936.
#'
#' @param x channel x observation
#' @param y the same observations in other channels
#' @param variance share of the variance that components must hold; not given: 1, all of
#'   them
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return the correlations, descending
#' @examples
#' x <- matrix(rnorm(200), 5)
#' canonical_correlations(x, x[1:3, ]^2)
#' @export
canonical_correlations <- function(x, y, variance = NULL, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("canonical_correlations", list(x, y, variance),
    list(), "", threads, progress)
}

#' Ridge regression of targets on features
#'
#' With an intercept that is not penalised, and the penalty chosen by leaving out each
#' observation, in closed form. Golub and others 1979.
#'
#' @param x feature x observation
#' @param y target x observation
#' @param alphas penalties to try; not given: those of the options
#' @param alpha_min smallest penalty tried.
#' @param alpha_max largest penalty tried.
#' @param n_alphas penalties, evenly spaced on a logarithmic scale.
#' @param per_target choose the penalty of each target by itself.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return `weights`, feature x target, `intercept` and `alpha` of each target;
#'   attribute at_edge: targets for which the first or last penalty was best
#' @examples
#' x <- matrix(rnorm(300), 5)
#' ridge_regression(x, rbind(x[1, ] + rnorm(60), rnorm(60)))
#' @export
ridge_regression <- function(x, y, alphas = NULL, alpha_min = 0.001, alpha_max = 1e+07,
    n_alphas = 21, per_target = TRUE, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("ridge_regression", list(x, y, alphas),
    list(alpha_min = alpha_min, alpha_max = alpha_max, n_alphas = n_alphas,
      per_target = per_target), "ridge_regression", threads, progress)
}

#' Noise ceiling of each target from repetitions
#'
#' The squared correlation between the mean of so many repetitions and the response
#' without noise: what encoding_score takes as `ceiling`. Allen and others 2022.
#'
#' @param y target x repetition x observation
#' @param repeats repetitions that the data to predict are means of; not given: those of
#'   y
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return a number for each target
#' @examples
#' y <- array(rnorm(2 * 3 * 20), c(2, 3, 20)) + rep(rnorm(20), each = 6)
#' encoding_ceiling(y)
#' @export
encoding_ceiling <- function(y, repeats = NULL, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("encoding_ceiling", list(y, repeats),
    list(), "", threads, progress)
}

#' How well features predict responses
#'
#' Ridge regression of each target on the features, with its penalty chosen by leaving
#' out each observation, scored by the correlation with folds that took no part in the
#' fit.
#'
#' @param x feature x observation
#' @param y target x observation
#' @param fold fold of each observation, whole numbers; not given: five blocks
#' @param ceiling noise ceiling of each target, as a squared correlation
#' @param alpha_min smallest penalty tried.
#' @param alpha_max largest penalty tried.
#' @param n_alphas penalties, evenly spaced on a logarithmic scale.
#' @param per_target choose the penalty of each target by itself.
#' @param standardise bring features to unit variance in the training data.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return the table `targets` with the score of each, its standard error over folds and
#'   the penalty
#' @examples
#' x <- matrix(rnorm(300), 5)
#' encoding_score(x, rbind(x[1, ] + rnorm(60), rnorm(60)))
#' @export
encoding_score <- function(x, y, fold = NULL, ceiling = NULL, alpha_min = 0.001,
    alpha_max = 1e+07, n_alphas = 21, per_target = TRUE, standardise = TRUE,
    threads = nax_threads(), progress = nax_progress()) {
  call_method("encoding_score", list(x, y, fold, ceiling),
    list(alpha_min = alpha_min, alpha_max = alpha_max, n_alphas = n_alphas,
      per_target = per_target, standardise = standardise), "", threads, progress)
}

#' Which units follow the tagged frequencies
#'
#' Effect sizes and p values of each unit at each tagged frequency: amplitude and phase
#' locked to the stimulus, coherence between trials, power against the neighbouring
#' frequencies; units that follow a tag at a controlled false discovery rate. With a
#' control condition the tests compare the two; with items (sentences) as observations
#' they speak of items like these. Spike trains are taken as they are, without bins.
#'
#' @param x array with the axis time, trials where there are some, and units; spike
#'   trains; or the path of a file, which is read block by block
#' @param control the same units in a control condition, given likewise
#' @param events starts of the trials, for a recording without a trial axis
#' @param control_events starts of the trials of the control condition in `x`
#' @param group group of each unit, whole numbers from 0, or -1: adds the tables
#'   `profile` and `group_sets`
#' @param items with option `item_length`: item in each slot of each trial, numbers from
#'   1, 0 for none; not given: slot s is item s
#' @param control_items the same for the control condition
#' @param adjacency pairs of units that are neighbours, two columns of numbers from 1;
#'   not given: units that follow each other
#' @param cluster p that a unit of a cluster must reach by itself: adds clusters of
#'   neighbouring units, tested by their mass against `surrogates` surrogates
#' @param report path of an HTML page about the result to write
#' @param tags tagged frequencies in Hz, comma-separated.
#' @param levels a name for each tag, comma-separated, e.g. sentence,phrase,phrase: tags
#'   of one name are one level of structure.
#' @param harmonics harmonics of each tag that are tested together; 1: the tag alone.
#' @param window length of the window in each trial; not given: the longest with whole
#'   cycles of every tag (s).
#' @param skip left out at the start of each trial, where the response builds up (s).
#' @param sampling samples per second; not given: of the time axis, which may be uneven
#'   (Hz).
#' @param test what decides on a unit: mean coefficient, the same for any covariance,
#'   phases, power of the mean or of single trials against neighbours, the mean
#'   coefficient by t2 where its scatter is no circle, Thomson's harmonic F, a line by
#'   least squares (Lomb-Scargle), phases of all spikes; one of
#'   t2circ/t2/rayleigh/snr/power/auto/thomson/line/z2.
#' @param q false discovery rate over units, for each tag.
#' @param fdr procedure: Benjamini-Hochberg, Benjamini-Yekutieli for any dependence, or
#'   the largest statistic of all units in each surrogate, which controls the
#'   family-wise error; one of bh/by/max.
#' @param null surrogates that p values come from, instead of the closed form: trials
#'   are turned by random angles, shifted by random samples, change their sign, or (with
#'   a control) exchange their condition; one of none/phase/shift/sign/label.
#' @param surrogates number of surrogates.
#' @param stop a unit is done when so many surrogates reach its value; 0: all are drawn.
#' @param seed seed of the surrogates; not given: drawn from the host's generator.
#' @param item_length length of an item, such as a sentence: p values are over items,
#'   not trials, so that they speak of items like these; 0: trials (samples).
#' @param paired trial (or item) i of the control belongs to trial i: the differences
#'   are tested.
#' @param bandwidth time-bandwidth product of the tapers of test thomson.
#' @param tapers tapers of test thomson.
#' @param keep keep the coefficients of single trials (or items).
#' @param neighbours neighbouring bins on each side of a line, where no tag, harmonic or
#'   sum or difference of two (up to order 4) lies; 0: none.
#' @param gap bins left out next to the line.
#' @param exclude other lines that are no neighbours, e.g. mains, in Hz,
#'   comma-separated.
#' @param trend what is taken out of each trial; one of none/constant/linear.
#' @param taper window function; boxcar is right for whole cycles; one of boxcar/hann.
#' @param engine how coefficients are computed; one of auto/fft/dft/fold.
#' @param off_grid use a window without whole cycles, by least squares.
#' @param spectrum keep mean spectra and those of the best units.
#' @param ress add components of all channels, one for each tag: rhythmic entrainment
#'   source separation, each trial by a filter that has not seen it.
#' @param ress_width width of its filter at the tag (full, at half maximum) (Hz).
#' @param ress_distance distance of its references; not given: 1 Hz, or half the way to
#'   0 or half the rate (Hz).
#' @param ress_reference width of its references; not given: their distance (Hz).
#' @param ress_shrinkage share of the identity in the covariance of its references.
#' @param memory data and spectra held at once (MB).
#' @param format read as this format instead of recognising it.
#' @param var variable to work on, by name or path inside the file.
#' @param axes axis names of the variable in the file's order, e.g. neuron,time.
#' @param rows text tables: what a row is: time, neuron or spike.
#' @param allow_inf accept infinite values as data.
#' @param cells_only leave out ROIs or units that the file marks as rejected.
#' @param title title of the page.
#' @param figures_dir folder that gets each figure as SVG and its numbers as CSV.
#' @param force replace existing files.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return one array unit x frequency per measure, `tagged` (1 or 0), the levels that
#'   each unit follows (`set`, table `sets`), tables of groups and clusters where asked
#'   for, and the options
#' @examples
#' d <- simulate_recording(kind = "field", units = 6, trials = 12,
#'   trial_length = 4, tags = "2,3")
#' x <- cut_trials(d$field, d$trials$start_time, d$trials$stop_time)$x
#' freqtag(x, tags = "2,3")
#' @export
freqtag <- function(x, control = NULL, events = NULL, control_events = NULL,
    group = NULL, items = NULL, control_items = NULL, adjacency = NULL, cluster = NULL,
    report = NULL, tags = NULL, levels = NULL, harmonics = 1, window = NULL, skip = 0,
    sampling = NULL, test = "t2circ", q = 0.05, fdr = "bh", null = "none",
    surrogates = 999, stop = 0, seed = NULL, item_length = 0, paired = FALSE,
    bandwidth = 2, tapers = 3, keep = FALSE, neighbours = 4, gap = 1, exclude = NULL,
    trend = "constant", taper = "boxcar", engine = "auto", off_grid = FALSE,
    spectrum = FALSE, ress = FALSE, ress_width = 0.5, ress_distance = NULL,
    ress_reference = NULL, ress_shrinkage = 0.01, memory = 256, format = NULL,
    var = NULL, axes = NULL, rows = NULL, allow_inf = FALSE, cells_only = FALSE,
    title = NULL, figures_dir = NULL, force = FALSE, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("freqtag", list(x, control, events, control_events, group, items, control_items, adjacency, cluster, report),
    list(tags = tags, levels = levels, harmonics = harmonics, window = window,
      skip = skip, sampling = sampling, test = test, q = q, fdr = fdr, null = null,
      surrogates = surrogates, stop = stop, seed = draw_seed(seed),
      item_length = item_length, paired = paired, bandwidth = bandwidth,
      tapers = tapers, keep = keep, neighbours = neighbours, gap = gap,
      exclude = exclude, trend = trend, taper = taper, engine = engine,
      off_grid = off_grid, spectrum = spectrum, ress = ress, ress_width = ress_width,
      ress_distance = ress_distance, ress_reference = ress_reference,
      ress_shrinkage = ress_shrinkage, memory = memory, format = format, var = var,
      axes = axes, rows = rows, allow_inf = allow_inf, cells_only = cells_only,
      title = title, figures_dir = figures_dir, force = force), "freqtag", threads,
      progress)
}

#' A tagging design looked through before anything is recorded
#'
#' The longest window with whole cycles of every tag, the bin of each tag and harmonic,
#' what they share or are too near to, and the amplitude that so many trials find.
#'
#' @param trials number of trials
#' @param tags tagged frequencies in Hz, comma-separated.
#' @param harmonics harmonics of each tag that are tested together; 1: the tag alone.
#' @param window length of the window in each trial; not given: the longest with whole
#'   cycles of every tag (s).
#' @param sampling samples per second; not given: of the time axis, which may be uneven
#'   (Hz).
#' @param neighbours neighbouring bins on each side of a line, where no tag, harmonic or
#'   sum or difference of two (up to order 4) lies; 0: none.
#' @param gap bins left out next to the line.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return the table `lines`, and samples, window, bin_width and detectable_amplitude
#'   (standard deviations of white noise) as attributes
#' @examples
#' freqtag_plan(trials = 20, tags = "1,2,4", window = 9, sampling = 512)
#' @export
freqtag_plan <- function(trials = NULL, tags = NULL, harmonics = 1, window = NULL,
    sampling = NULL, neighbours = 4, gap = 1, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("freqtag_plan", list(trials),
    list(tags = tags, harmonics = harmonics, window = window, sampling = sampling,
      neighbours = neighbours, gap = gap), "freqtag_plan", threads, progress)
}

#' Items as observations
#'
#' When trials are the same items (sentences) in other orders, tests that speak of items
#' like these: coefficients of an item are averaged over trials first.
#'
#' @param x unit x time x trial, items end to end
#' @param item_length samples of an item
#' @param item item in each slot of each trial, numbers from 1, 0 for none; not given:
#'   slot s is item s
#' @param cycles per item; not given: 1
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return a table with one row per unit
#' @examples
#' x <- array(rnorm(4 * 200 * 5), c(4, 200, 5))
#' freqtag_items(x, 20, item = replicate(5, sample(10)))
#' @export
freqtag_items <- function(x, item_length, item = NULL, cycles = NULL,
    threads = nax_threads(), progress = nax_progress()) {
  call_method("freqtag_items", list(x, item_length, item, cycles),
    list(), "", threads, progress)
}

#' Coefficients of items
#'
#' What freqtag_items makes its moments from: the coefficient within each item, averaged
#' over trials.
#'
#' @param x unit x time x trial, items end to end
#' @param item_length samples of an item
#' @param item as for freqtag_items
#' @param cycles per item; not given: 1
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return an array item x unit x part (real, imaginary); missing for items that no
#'   trial has
#' @examples
#' x <- array(rnorm(4 * 200 * 5), c(4, 200, 5))
#' dim(freqtag_item_coefficients(x, 20))
#' @export
freqtag_item_coefficients <- function(x, item_length, item = NULL, cycles = NULL,
    threads = nax_threads(), progress = nax_progress()) {
  call_method("freqtag_item_coefficients", list(x, item_length, item, cycles),
    list(), "", threads, progress)
}

#' The smallest response that so many trials find
#'
#' kappa = A^2 N / (4 s^2) of a line of amplitude A in N samples of white noise of
#' standard deviation s that T2circ finds.
#'
#' @param trials numbers of trials
#' @param alpha level of the test; not given: 0.05
#' @param power probability of finding it; not given: 0.8
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return kappa for each number of trials; A = 2 s sqrt(kappa / N)
#' @examples
#' freqtag_detectable(c(10, 20, 40))
#' @export
freqtag_detectable <- function(trials, alpha = NULL, power = NULL,
    threads = nax_threads(), progress = nax_progress()) {
  call_method("freqtag_detectable", list(trials, alpha, power),
    list(), "", threads, progress)
}

#' Phase coherence that a line in white noise is expected to have
#'
#' For lines of kappa = A^2 N / (4 s^2).
#'
#' @param kappa of each line
#' @param trials number of trials
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return a table: kappa, expected squared ITPC, and the limit of ITPC for many trials
#' @examples
#' freqtag_expected(c(0, 0.5, 2), trials = 20)
#' @export
freqtag_expected <- function(kappa, trials, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("freqtag_expected", list(kappa, trials),
    list(), "", threads, progress)
}

#' Where a tag is seen at a sampling rate
#'
#' Tags above half the rate are folded back.
#'
#' @param frequency frequencies in Hz
#' @param rate samples per second
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return a frequency for each
#' @examples
#' tag_alias(c(3, 40), rate = 50)
#' @export
tag_alias <- function(frequency, rate, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("tag_alias", list(frequency, rate),
    list(), "", threads, progress)
}

#' What a bin still sees of a line off the grid
#'
#' The share of the amplitude that is left at so many bins from the line.
#'
#' @param offset distances from a bin, in bins
#' @param samples length of the window
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return a share for each offset
#' @examples
#' scalloping(c(0, 0.25, 0.5), samples = 200)
#' @export
scalloping <- function(offset, samples, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("scalloping", list(offset, samples),
    list(), "", threads, progress)
}

#' Upper tail of F, also where it underflows
#'
#' P(F > f), central or not, and its logarithm.
#'
#' @param f values of F
#' @param df1 degrees of freedom of the numerator
#' @param df2 of the denominator
#' @param lambda non-centrality; not given: 0
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return a table: f, p, log_p
#' @examples
#' f_tail(c(4, 4000), 2, 38)
#' @export
f_tail <- function(f, df1, df2, lambda = NULL, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("f_tail", list(f, df1, df2, lambda),
    list(), "", threads, progress)
}

#' Is the mean coefficient different from 0
#'
#' T2circ, Hotelling's T2, the test of the circularity that T2circ assumes, the one of
#' the two that it recommends, and Rayleigh's test of the phases, for each column of
#' coefficients; t and sign tests for frequencies at which coefficients are real. Victor
#' and Mast 1991.
#'
#' @param re real parts, trial (x column)
#' @param im imaginary parts
#' @param mu mean to test against, real and imaginary part; not given: 0
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return a table with one row per column: effect sizes and tests
#' @examples
#' re <- matrix(rnorm(20, 1), 10)
#' im <- matrix(rnorm(20), 10)
#' circular_tests(re, im)
#' @export
circular_tests <- function(re, im, mu = NULL, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("circular_tests", list(re, im, mu),
    list(), "", threads, progress)
}

#' Have two sets of trials the same mean coefficient
#'
#' T2circ and Hotelling's T2 for two samples or for pairs, t for real coefficients, and
#' the Mahalanobis distance between the means. Victor and Mast 1991.
#'
#' @param re real parts, trial (x column)
#' @param im imaginary parts
#' @param re_2 real parts of the other set
#' @param im_2 and imaginary parts
#' @param paired 1: row i of both belongs together; not given: 0
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return a table with one row per column
#' @examples
#' re <- matrix(rnorm(20, 1), 10)
#' im <- matrix(rnorm(20), 10)
#' circular_compare(re, im, re - 1, im)
#' @export
circular_compare <- function(re, im, re_2, im_2, paired = NULL, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("circular_compare", list(re, im, re_2, im_2, paired),
    list(), "", threads, progress)
}

#' Have several sets of trials the same mean coefficient
#'
#' ANOVA2circ: one-way over groups of trials, or, without groups, with repeated measures
#' over subjects. Baker 2021.
#'
#' @param re real parts, trial (x column), or subject x condition (x column)
#' @param im imaginary parts
#' @param group group of each trial, whole numbers from 0, or -1 for none; not given:
#'   rows are subjects and columns conditions
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return a table with one row per column
#' @examples
#' re <- matrix(rnorm(20, 1), 10)
#' im <- matrix(rnorm(20), 10)
#' circular_anova(re, im, group = rep(0:1, 5))
#' @export
circular_anova <- function(re, im, group = NULL, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("circular_anova", list(re, im, group),
    list(), "", threads, progress)
}

#' Have phases a preferred direction
#'
#' Rayleigh's test, exact for few phases, and, for a direction that is expected, the V
#' test.
#'
#' @param phase radians, trial (x column)
#' @param expected direction that is expected, radians; not given: no V test
#' @param method of Rayleigh's p: auto, exact, zar, first or series; not given: auto
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return a table with one row per column
#' @examples
#' x <- matrix(rnorm(20, 0, 0.5), 10)
#' phase_tests(x, expected = 0)
#' @export
phase_tests <- function(phase, expected = NULL, method = NULL, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("phase_tests", list(phase, expected, method),
    list(), "", threads, progress)
}

#' Independent p values combined
#'
#' Fisher's method, from logarithms, which do not underflow.
#'
#' @param log_p natural logarithms of p; missing ones take no part
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return a table: chi_squared, df, p, log_p
#' @examples
#' combine_p(log(c(0.04, 0.1, 0.02)))
#' @export
combine_p <- function(log_p, threads = nax_threads(), progress = nax_progress()) {
  call_method("combine_p", list(log_p),
    list(), "", threads, progress)
}

#' Phase coherence when no phase is preferred
#'
#' Each trial is turned by an angle of its own, at random or as given: -2 pi f tau is a
#' circular shift by tau.
#'
#' @param re real parts, trial (x column)
#' @param im imaginary parts
#' @param surrogates how many; not given: those of `angle`, or 999
#' @param angle angles in radians; not given: random
#' @param phases 1: ITPC, 0: amplitude of the mean; not given: 1
#' @param seed seed of the permutations; not given: drawn from the host's generator.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return `tests` with the observed value and p of each column, and `null`, surrogate x
#'   column
#' @examples
#' re <- matrix(rnorm(20, 1), 10)
#' im <- matrix(rnorm(20), 10)
#' rotation_null(re, im, surrogates = 199)
#' @export
rotation_null <- function(re, im, surrogates = NULL, angle = NULL, phases = NULL,
    seed = NULL, threads = nax_threads(), progress = nax_progress()) {
  call_method("rotation_null", list(re, im, surrogates, angle, phases),
    list(seed = draw_seed(seed)), "rotation_null", threads, progress)
}

#' p values of many series by surrogates
#'
#' Trials are turned, shifted, change their sign or their condition, the same for all
#' series, so that the largest statistic of each surrogate controls the family-wise
#' error. A series may have several lines, which are tested together.
#'
#' @param re real parts, trial x series (x line)
#' @param im imaginary parts
#' @param kind phase, shift, sign or label; not given: phase
#' @param control of the trials the last so many are the control's (label)
#' @param frequencies of the lines in Hz; not given: coefficients are complex
#' @param rate samples per second; not given: 1
#' @param samples of a trial (shift)
#' @param phases 1: phases alone (ITPC); not given: 0
#' @param surrogates number of surrogates.
#' @param stop a unit is done when so many surrogates reach its value; 0: all are drawn.
#' @param seed seed of the surrogates; not given: drawn from the host's generator.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return a table: statistic (-ln p of T2circ, or n ITPC^2, added up over lines), p,
#'   and p_max
#' @examples
#' re <- matrix(rnorm(20, 1), 10)
#' im <- matrix(rnorm(20), 10)
#' surrogate_test(re, im, kind = "sign", surrogates = 199)
#' @export
surrogate_test <- function(re, im, kind = NULL, control = NULL, frequencies = NULL,
    rate = NULL, samples = NULL, phases = NULL, surrogates = 999, stop = 0, seed = NULL,
    threads = nax_threads(), progress = nax_progress()) {
  call_method("surrogate_test", list(re, im, kind, control, frequencies, rate, samples, phases),
    list(surrogates = surrogates, stop = stop, seed = draw_seed(seed)), "", threads,
      progress)
}

#' Phase coherence tested with as few surrogates as will do
#'
#' Drawing ends as soon as `enough` surrogates reach the observed ITPC. Besag and
#' Clifford 1991.
#'
#' @param re real parts, trial (x column)
#' @param im imaginary parts
#' @param enough not given: 10
#' @param most surrogates at most; not given: 9999
#' @param seed seed of the permutations; not given: drawn from the host's generator.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return a table: p and the surrogates drawn, one row per column
#' @examples
#' re <- matrix(rnorm(20, 1), 10)
#' im <- matrix(rnorm(20), 10)
#' sequential_test(re, im, most = 999)
#' @export
sequential_test <- function(re, im, enough = NULL, most = NULL, seed = NULL,
    threads = nax_threads(), progress = nax_progress()) {
  call_method("sequential_test", list(re, im, enough, most),
    list(seed = draw_seed(seed)), "", threads, progress)
}

#' A series of the same power spectrum with other phases
#'
#' Keeps power at every frequency, so it says nothing about power.
#'
#' @param x evenly spaced samples
#' @param phase (n - 1) / 2 angles in radians, rounded down; not given: random
#' @param seed seed of the permutations; not given: drawn from the host's generator.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return as many values
#' @examples
#' x <- sin(1:50) + rnorm(50)
#' phase_scramble(x)
#' @export
phase_scramble <- function(x, phase = NULL, seed = NULL, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("phase_scramble", list(x, phase),
    list(seed = draw_seed(seed)), "", threads, progress)
}

#' Cluster-mass test by sign flips
#'
#' Neighbouring cells beyond a threshold, against the largest of each flip of signs, or,
#' with a control, of each exchange of labels. Cells have t of real, F of T2circ of
#' complex observations. Maris and Oostenveld 2007.
#'
#' @param x observation x cell
#' @param threshold t (or F) that a cell must reach
#' @param flips not given: rows of `sign`, or 1000
#' @param im imaginary parts; not given: observations are real
#' @param control of the observations the last so many are the control's; not given: 0
#' @param adjacency pairs of cells that are neighbours, two columns of numbers from 1;
#'   not given: cells in a row
#' @param sign 1 and -1; not given: random
#' @param seed seed of the permutations; not given: drawn from the host's generator.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return the tables `clusters` and `cells`, and `null`, the largest of each flip
#' @examples
#' x <- matrix(rnorm(200), 10)
#' x[, 5:9] <- x[, 5:9] + 1.5
#' cluster_test(x, 2.3, flips = 200)
#' @export
cluster_test <- function(x, threshold, flips = NULL, im = NULL, control = NULL,
    adjacency = NULL, sign = NULL, seed = NULL, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("cluster_test", list(x, threshold, flips, im, control, adjacency, sign),
    list(seed = draw_seed(seed)), "cluster_test", threads, progress)
}

#' Fourier coefficients of trials at given frequencies
#'
#' What all tests of tagging start from, at frequencies on or off the grid.
#'
#' @param x unit x time (x trial)
#' @param frequencies frequencies in Hz
#' @param rate samples per second; not given: of the time axis of `x`
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return an array frequency x trial x unit x part (real, imaginary)
#' @examples
#' x <- array(rnorm(4 * 200 * 6), c(4, 200, 6))
#' freqtag_coefficients(x, c(2, 4), rate = 100)
#' @export
freqtag_coefficients <- function(x, frequencies, rate = NULL, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("freqtag_coefficients", list(x, frequencies, rate),
    list(), "", threads, progress)
}

#' Sinusoids of known frequency in a series
#'
#' Least squares of a line with a trend, on or off the grid, with its F test.
#'
#' @param x evenly spaced samples
#' @param frequencies frequencies in Hz
#' @param rate samples per second; not given: of the time axis of `x`
#' @param trend what is taken out of each trial; one of none/constant/linear.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return a table with one row per frequency
#' @examples
#' x <- sin(2 * pi * 5 * (0:499) / 100) + rnorm(500)
#' fit_lines(x, c(5, 7), rate = 100)
#' @export
fit_lines <- function(x, frequencies, rate = NULL, trend = "constant",
    threads = nax_threads(), progress = nax_progress()) {
  call_method("fit_lines", list(x, frequencies, rate),
    list(trend = trend), "", threads, progress)
}

#' Sinusoids of known frequency in samples at any times
#'
#' Generalised Lomb-Scargle; no penalty for a search is in p, as the frequencies are
#' known.
#'
#' @param t times in s
#' @param y values
#' @param frequencies frequencies in Hz
#' @param floating_mean 1: fit a constant too, 0: the classic form; not given: 1
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return a table with one row per frequency
#' @examples
#' t <- sort(runif(200, 0, 10))
#' y <- sin(2 * pi * 2 * t) + rnorm(200)
#' lomb_scargle(t, y, c(2, 3))
#' @export
lomb_scargle <- function(t, y, frequencies, floating_mean = NULL,
    threads = nax_threads(), progress = nax_progress()) {
  call_method("lomb_scargle", list(t, y, frequencies, floating_mean),
    list(), "", threads, progress)
}

#' Lines in a multitaper spectrum
#'
#' Thomson's harmonic F test at every bin; trials share one phase-locked line. Thomson
#' 1982.
#'
#' @param x time (x trial)
#' @param nw time-bandwidth product; not given: 4
#' @param tapers not given: 2 nw - 1
#' @param rate samples per second; not given: of the time axis of `x`
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return a table with one row per frequency
#' @examples
#' x <- sin(2 * pi * 5 * (0:499) / 100) + rnorm(500)
#' head(thomson_test(x, rate = 100))
#' @export
thomson_test <- function(x, nw = NULL, tapers = NULL, rate = NULL,
    threads = nax_threads(), progress = nax_progress()) {
  call_method("thomson_test", list(x, nw, tapers, rate),
    list(), "", threads, progress)
}

#' Lines of known frequency in a multitaper spectrum
#'
#' Thomson's harmonic F test at any frequencies, on the grid or off, which may move to
#' the next maximum within the band of the tapers; p has no penalty for that search.
#' Thomson 1982.
#'
#' @param x time (x trial)
#' @param frequencies frequencies in Hz
#' @param nw time-bandwidth product; not given: 4
#' @param tapers not given: 2 nw - 1
#' @param refine 1: move to the next maximum; not given: 0
#' @param rate samples per second; not given: of the time axis of `x`
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return a table with one row per frequency
#' @examples
#' x <- sin(2 * pi * 5 * (0:499) / 100) + rnorm(500)
#' thomson_lines(x, c(4.9, 7), rate = 100, refine = 1)
#' @export
thomson_lines <- function(x, frequencies, nw = NULL, tapers = NULL, refine = NULL,
    rate = NULL, threads = nax_threads(), progress = nax_progress()) {
  call_method("thomson_lines", list(x, frequencies, nw, tapers, refine, rate),
    list(), "", threads, progress)
}

#' Tapers of the multitaper spectrum
#'
#' Discrete prolate spheroidal sequences: orthonormal, with as much of their energy in
#' the band as there can be. Thomson 1982.
#'
#' @param samples length
#' @param nw time-bandwidth product; not given: 4
#' @param tapers not given: 2 nw - 1
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return `tapers`, time x taper, and `ratios`, their energy within the band
#' @examples
#' dpss_tapers(64, nw = 2)$ratios
#' @export
dpss_tapers <- function(samples, nw = NULL, tapers = NULL, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("dpss_tapers", list(samples, nw, tapers),
    list(), "dpss_tapers", threads, progress)
}

#' Each bin of a spectrum against its neighbours
#'
#' Signal-to-noise ratio, baseline-corrected amplitude and z of every bin. z is not
#' normal: snr_test has p.
#'
#' @param x amplitude or power of each bin
#' @param exclude bins that are no neighbours (other tags, mains), from 1
#' @param trim so many of the smallest and of the largest are dropped; not given: 0
#' @param truncate at the ends of the spectrum: 1 uses what is there, 0 gives missing;
#'   not given: 1
#' @param neighbours neighbouring bins on each side of a line, where no tag, harmonic or
#'   sum or difference of two (up to order 4) lies; 0: none.
#' @param gap bins left out next to the line.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return the table `bins`, and `neighbours`, the bins used (numbers from 1)
#' @examples
#' x <- abs(rnorm(40))
#' x[11] <- 9
#' line_contrast(x)$bins[11, ]
#' @export
line_contrast <- function(x, exclude = NULL, trim = NULL, truncate = NULL,
    neighbours = 4, gap = 1, threads = nax_threads(), progress = nax_progress()) {
  call_method("line_contrast", list(x, exclude, trim, truncate),
    list(neighbours = neighbours, gap = gap), "line_contrast", threads, progress)
}

#' A response spread over harmonics
#'
#' Sum of the baseline-corrected amplitudes, root of the sum of their squares, and ratio
#' and z of the spectra around all harmonics, added up. Retter and colleagues 2021.
#'
#' @param x amplitude spectrum
#' @param bins bins of the harmonics, from 1
#' @param exclude bins that are no neighbours (other tags, mains), from 1
#' @param trim so many of the smallest and of the largest are dropped; not given: 0
#' @param truncate at the ends of the spectrum: 1 uses what is there, 0 gives missing;
#'   not given: 1
#' @param neighbours neighbouring bins on each side of a line, where no tag, harmonic or
#'   sum or difference of two (up to order 4) lies; 0: none.
#' @param gap bins left out next to the line.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return a table: sum, root_power, snr, z
#' @examples
#' x <- abs(rnorm(60))
#' x[c(11, 21, 31)] <- 9
#' harmonic_response(x, c(11, 21, 31))
#' @export
harmonic_response <- function(x, bins, exclude = NULL, trim = NULL, truncate = NULL,
    neighbours = 4, gap = 1, threads = nax_threads(), progress = nax_progress()) {
  call_method("harmonic_response", list(x, bins, exclude, trim, truncate),
    list(neighbours = neighbours, gap = gap), "", threads, progress)
}

#' What trimming does to the mean of powers
#'
#' The mean of powers of Gaussian noise without so many of the smallest and largest, as
#' a share of the mean of all: divide a trimmed mean by it.
#'
#' @param trim dropped at either end
#' @param neighbours how many powers there are
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return a share for each number
#' @examples
#' trim_bias(0:3, neighbours = 8)
#' @export
trim_bias <- function(trim, neighbours, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("trim_bias", list(trim, neighbours),
    list(), "", threads, progress)
}

#' Exact test of a power against its neighbours
#'
#' For Gaussian noise that is flat near the line the ratio has an F distribution: of the
#' power of averaged trials, or of power averaged over trials.
#'
#' @param snr power over the mean of its neighbours
#' @param neighbours how many neighbours there are
#' @param averaged trials whose power was averaged; not given: 1, trials were averaged
#'   before
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return a table: snr, df1, df2, p, log_p
#' @examples
#' snr_test(c(2, 8), neighbours = 8)
#' @export
snr_test <- function(snr, neighbours, averaged = NULL, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("snr_test", list(snr, neighbours, averaged),
    list(), "", threads, progress)
}

#' How spikes follow a frequency
#'
#' Vector strength, phase, pairwise phase consistencies, power and Rayleigh's test of
#' each unit over trials, from the spike times themselves. Vinck et al. 2011.
#'
#' @param x spike trains
#' @param start start of each trial in s
#' @param length length of a trial in s
#' @param frequencies frequencies in Hz
#' @param field_phase phase of a field in each trial at each frequency, radians: spikes
#'   in its cycle; not given: in that of the stimulus
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return one array unit x frequency per measure
#' @examples
#' d <- simulate_recording(kind = "spikes", units = 4, trials = 6)
#' freqtag_spikes(d$spikes, d$trials$start_time, 2, c(1, 2))
#' @export
freqtag_spikes <- function(x, start, length, frequencies, field_phase = NULL,
    threads = nax_threads(), progress = nax_progress()) {
  call_method("freqtag_spikes", list(x, start, length, frequencies, field_phase),
    list(), "freqtag_spikes", threads, progress)
}

#' Z-squared test of event times
#'
#' Are events uniform in the cycle of a frequency, over m harmonics?
#'
#' @param t times in s
#' @param frequencies frequencies in Hz
#' @param harmonics m; not given: 1
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return a table with one row per frequency
#' @examples
#' t <- (1:50) / 5 + rnorm(50, 0, 0.01)
#' z2_test(t, 5)
#' @export
z2_test <- function(t, frequencies, harmonics = NULL, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("z2_test", list(t, frequencies, harmonics),
    list(), "", threads, progress)
}

#' The combination of channels that follows a tag
#'
#' Rhythmic entrainment source separation: the filter whose power at the tag is largest
#' against its neighbourhood. Cohen and Gulbinaite 2017.
#'
#' @param x channel x time (x trial)
#' @param frequency of the tag in Hz
#' @param width of the filter there, Hz; not given: 0.5
#' @param distance of the reference filters on both sides, Hz; not given: 1
#' @param distance_width their width, Hz; not given: 1
#' @param shrinkage share of the identity in the reference; not given: 0.01
#' @param leave_out 1: each trial by a filter that has not seen it; not given: 0
#' @param rate samples per second; not given: of the time axis of `x`
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return `component` (time x trial), `pattern`, `filters` and their `values`
#' @examples
#' x <- array(rnorm(4 * 400 * 5), c(4, 400, 5))
#' freqtag_ress(x, 10, rate = 100)
#' @export
freqtag_ress <- function(x, frequency, width = NULL, distance = NULL,
    distance_width = NULL, shrinkage = NULL, leave_out = NULL, rate = NULL,
    threads = nax_threads(), progress = nax_progress()) {
  call_method("freqtag_ress", list(x, frequency, width, distance, distance_width, shrinkage, leave_out, rate),
    list(), "freqtag_ress", threads, progress)
}

#' Alignment of layers with channels
#'
#' Spectra of blocks of trials make a matrix of cosine dissimilarities; Spearman's
#' correlation between each layer's and each channel's, and the mean over the best
#' channels, whose choice biases it upwards. HFTP 2025.
#'
#' @param model bin x block x layer
#' @param brain bin x block x channel
#' @param top channels averaged; not given: 1
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return `rho`, layer x channel, `top`, and the matrices, pair of blocks x layer and x
#'   channel
#' @examples
#' model <- array(runif(5 * 6 * 2), c(5, 6, 2))
#' brain <- array(runif(5 * 6 * 3), c(5, 6, 3))
#' freqtag_alignment(model, brain)
#' @export
freqtag_alignment <- function(model, brain, top = NULL, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("freqtag_alignment", list(model, brain, top),
    list(), "freqtag_alignment", threads, progress)
}

#' The published two-stage rule of HFTP
#'
#' For comparison: without correction for many units it flags units in pure noise. The
#' default rule of freqtag with a control does not. HFTP 2025.
#'
#' @param x unit x time x group
#' @param control the same, control
#' @param sentence cycles of the sentence in the window
#' @param phrase cycles of each phrase rate
#' @param permutations of time; not given: 1000
#' @param group group of each unit for the page, whole numbers from 0, or -1
#' @param report path of an HTML page about the result to write
#' @param seed seed of the permutations; not given: drawn from the host's generator.
#' @param title title of the page.
#' @param figures_dir folder that gets each figure as SVG and its numbers as CSV.
#' @param force replace existing files.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return `units`, a table whose column flagged is 1 sentence, 2 phrase, 3 both, and
#'   `threshold`, of the sentence and each phrase rate x unit
#' @examples
#' x <- array(rnorm(6 * 64 * 5), c(6, 64, 5))
#' y <- array(rnorm(6 * 64 * 5), c(6, 64, 5))
#' hftp_published(x, y, sentence = 4, phrase = 8, permutations = 100)
#' @export
hftp_published <- function(x, control, sentence, phrase, permutations = NULL,
    group = NULL, report = NULL, seed = NULL, title = NULL, figures_dir = NULL,
    force = FALSE, threads = nax_threads(), progress = nax_progress()) {
  call_method("hftp_published", list(x, control, sentence, phrase, permutations, group, report),
    list(seed = draw_seed(seed), title = title, figures_dir = figures_dir,
      force = force), "hftp_published", threads, progress)
}

#' Spectra of blocks of trials
#'
#' Amplitude of the mean of the trials of each block, or phase coherence over them, in a
#' range of bins: what freqtag_similarity and freqtag_alignment compare.
#'
#' @param x unit x time x trial
#' @param block block of each trial, whole numbers from 0, or -1 for none
#' @param from lowest frequency, Hz; not given: 0.5
#' @param to highest frequency, Hz; not given: 2
#' @param coherence 1: phase coherence, as of brains; not given: 0, amplitude
#' @param rate samples per second; not given: of the time axis of `x`
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return an array bin x block x unit
#' @examples
#' x <- array(rnorm(3 * 100 * 12), c(3, 100, 12))
#' block_spectra(x, rep(0:3, 3), from = 1, to = 4, rate = 50)
#' @export
block_spectra <- function(x, block, from = NULL, to = NULL, coherence = NULL,
    rate = NULL, threads = nax_threads(), progress = nax_progress()) {
  call_method("block_spectra", list(x, block, from, to, coherence, rate),
    list(), "", threads, progress)
}

#' Units of a model against channels of a brain
#'
#' The spectra of each unit over blocks make a matrix of cosine dissimilarities; those
#' of the units of a layer that follow the same level are averaged and compared with
#' that of each channel by Spearman's correlation. The mean over the best channels is
#' biased upwards by their choice, which units drawn at random share. HFTP 2025.
#'
#' @param model from block_spectra, bin x block x unit
#' @param brain from block_spectra, bin x block x channel
#' @param set levels that each unit follows, as freqtag has them: 0 none, 1 the first, 2
#'   the second, 3 both, ...; a kind is one level alone (from 0), the last kind several
#'   together
#' @param layer layer of each unit, whole numbers from 0, or -1; not given: one layer
#' @param region region of each channel, whole numbers from 0, or -1
#' @param responds 1 for channels that respond; not given: all do
#' @param top best channels of a layer that count; not given: 100
#' @param random draws of units at random from those that follow nothing; not given: 0
#' @param seed seed of the permutations; not given: drawn from the host's generator.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return the tables `layers` and (with regions) `regions`; `rho`, cell x channel,
#'   where a cell is a row of `layers`; `rdm`, pair of blocks x cell; attributes
#'   similarity and p
#' @examples
#' model <- array(runif(5 * 6 * 20), c(5, 6, 20))
#' brain <- array(runif(5 * 6 * 8), c(5, 6, 8))
#' set <- rep(0:3, 5)
#' freqtag_similarity(model, brain, set, top = 4, random = 19)
#' @export
freqtag_similarity <- function(model, brain, set, layer = NULL, region = NULL,
    responds = NULL, top = NULL, random = NULL, seed = NULL, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("freqtag_similarity", list(model, brain, set, layer, region, responds, top, random),
    list(seed = draw_seed(seed)), "freqtag_similarity", threads, progress)
}

#' What all permutations of a series have in their spectrum
#'
#' In closed form what the screen of hftp_published samples: the mean power over all
#' permutations, and the 95th percentile of the amplitude of a Gaussian one within the
#' spectrum and at half the rate.
#'
#' @param x evenly spaced samples
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return a table: power, inside_95, nyquist_95
#' @examples
#' permutation_moments(rnorm(64))
#' @export
permutation_moments <- function(x, threads = nax_threads(), progress = nax_progress()) {
  call_method("permutation_moments", list(x),
    list(), "", threads, progress)
}
