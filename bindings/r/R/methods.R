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
#' @export
recording_info <- function(path, rate = NULL, format = NULL, var = NULL, axes = NULL,
    rows = NULL, allow_inf = FALSE, cells_only = FALSE, strict = FALSE,
    threads = nax_threads(), progress = nax_progress()) {
  call_method("recording_info", list(path),
    list(rate = rate, format = format, var = var, axes = axes, rows = rows,
      allow_inf = allow_inf, cells_only = cells_only, strict = strict), "dataset",
      threads, progress)
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
#' @param trials number of trials; 0: none, the recording lasts for --trial-length.
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
#' @param x traces (neuron x time (x trial)) or spike trains
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
    threads = nax_threads(), progress = nax_progress()) {
  call_method("unit_quality", list(x),
    list(isi_threshold = isi_threshold, isi_min = isi_min, refractory = refractory,
      censored = censored, presence_bin = presence_bin, fano_window = fano_window,
      range_bin = range_bin, lvr_refractory = lvr_refractory,
      baseline_percentile = baseline_percentile, baseline_window = baseline_window,
      event_threshold = event_threshold, duplicate = duplicate, fano_ddof = fano_ddof,
      memory = memory, signal = signal), "", threads, progress)
}

#' The page about a recording
#'
#' Writes one self-contained HTML page: identity and provenance, quality of each unit,
#' overview, population activity, spectrum, correlations, trials, and which analyses the
#' recording suits.
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
#' resample_time(x, rate = 10)
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

#' Non-negative tensor factorisation
#'
#' Approximates an array by a sum of components, each the product of one non-negative
#' profile per axis: which neurons act together, when, and in which trials or animals.
#' The best of several random starts is returned.
#'
#' @param x array of 2 to 6 axes, e.g. neuron x time x trial; missing values are allowed
#' @param init one matrix per axis (length x rank) to start from
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
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return weights, one factor per axis, the error after each sweep, and how each start
#'   went
#' @examples
#' x <- simulate_recording(units = 6, trials = 4)$dff
#' x <- transform_values(x, "rectify")
#' ntf(x, rank = 2, restarts = 2)
#' @export
ntf <- function(x, init = NULL, rank = 8, restarts = 10, max_iter = 500,
    inner_sweeps = 100, tol = 1e-07, kkt_tol = 0.001, ridge = 0, l1 = 0, seed = NULL,
    free = NULL, fixed = NULL, algorithm = "nnls", extrapolate = TRUE,
    keep_partial = FALSE, loss = "frobenius", beta = 1, penalty = NULL,
    threads = nax_threads(), progress = nax_progress()) {
  call_method("ntf", list(x, init),
    list(rank = rank, restarts = restarts, max_iter = max_iter,
      inner_sweeps = inner_sweeps, tol = tol, kkt_tol = kkt_tol, ridge = ridge, l1 = l1,
      seed = draw_seed(seed), free = free, fixed = fixed, algorithm = algorithm,
      extrapolate = extrapolate, keep_partial = keep_partial, loss = loss, beta = beta,
      penalty = penalty), "ntf", threads, progress)
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
#' @param leave_out parts of --slice-axis left out in turn; as many as it is long: one
#'   each.
#' @param halves splits of --slice-axis into two halves.
#' @param similar_parts median similarity under both that counts as stable.
#' @param slice_axis axis that --leave-out and --halves split; not given: animal or
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
#' @param strength divide weights by the strengths of both ends first.
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

#' Dynamic connectome: which neurons change together, when, in which animal
#'
#' Affinities of the smoothed derivatives of all pairs of neurons are factorised over
#' time, animals and pairs; the motif of each component, a weighted graph, is split into
#' communities by a nested block model.
#'
#' @param x traces, neuron x time (x animal)
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
#' @param single keep a tensor that is formed in float32.
#' @param searches searches for the communities of each motif.
#' @param samples posterior sweeps for the uncertainty of communities; 0: none.
#' @param floor weights of a motif below this share of its largest are raised to it.
#' @param weights distribution of the weights between two communities; one of
#'   none/exponential/gamma/lognormal.
#' @param degrees what is known of the degrees; one of plain/corrected/either.
#' @param strength divide weights by the strengths of both neurons first.
#' @param state smoothing over time for the motif in force (bins).
#' @param bootstraps bootstrap draws of animals; 0: none.
#' @param nulls draws of data shifted in time, for p-values; 0: none.
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
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return motifs, their time courses, animals and communities, with uncertainty
#' @examples
#' x <- simulate_recording(units = 6, trials = 4)$dff
#' connectome(x, rank = 2, restarts = 1)
#' @export
connectome <- function(x, kernel = "prod", channels = "same", smoother = "gaussian",
    sigma = 1.5, scales = NULL, scale_mode = FALSE, window = 7, order = 2,
    threshold = 0.05, min_run = 1, clip = "trace", interval = FALSE, engine = "auto",
    single = TRUE, searches = 5, samples = 200, floor = 0.001, weights = "gamma",
    degrees = "either", strength = TRUE, state = 8, bootstraps = 0, nulls = 0, rank = 8,
    restarts = 10, max_iter = 500, inner_sweeps = 100, tol = 1e-07, kkt_tol = 0.001,
    ridge = 0, l1 = 0, seed = NULL, free = NULL, fixed = NULL, algorithm = "nnls",
    extrapolate = TRUE, keep_partial = FALSE, loss = "frobenius", beta = 1,
    penalty = NULL, threads = nax_threads(), progress = nax_progress()) {
  call_method("connectome", list(x),
    list(kernel = kernel, channels = channels, smoother = smoother, sigma = sigma,
      scales = scales, scale_mode = scale_mode, window = window, order = order,
      threshold = threshold, min_run = min_run, clip = clip, interval = interval,
      engine = engine, single = single, searches = searches, samples = samples,
      floor = floor, weights = weights, degrees = degrees, strength = strength,
      state = state, bootstraps = bootstraps, nulls = nulls, rank = rank,
      restarts = restarts, max_iter = max_iter, inner_sweeps = inner_sweeps, tol = tol,
      kkt_tol = kkt_tol, ridge = ridge, l1 = l1, seed = draw_seed(seed), free = free,
      fixed = fixed, algorithm = algorithm, extrapolate = extrapolate,
      keep_partial = keep_partial, loss = loss, beta = beta, penalty = penalty),
      "connectome", threads, progress)
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
#' @param latents number of latents.
#' @param max_iter iterations of EM, or evaluations of the likelihood.
#' @param em_first iterations of EM before em+lbfgs turns to the likelihood itself.
#' @param kernel_steps Newton steps on each length scale per iteration of EM; 0 keeps
#'   them.
#' @param segment cut trials into segments of this length for the fit; 0: not (bins).
#' @param bin width of a bin (s); not given: that of the data.
#' @param tau length scale to start from (s).
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
gpfa <- function(x, latents = 3, max_iter = 500, em_first = 20, kernel_steps = 3,
    segment = 0, bin = NULL, tau = 0.1, latent_noise = 0.001, tol = 1e-08,
    min_var = 0.01, rank_tol = 1e-14, seed = NULL, kernel = "rbf", engine = "auto",
    optimiser = "em", learn_noise = FALSE, root = FALSE, keep_partial = FALSE,
    likelihood = "gaussian", ahead = 0, given = "smoothed", threads = nax_threads(),
    progress = nax_progress()) {
  call_method("gpfa", list(x),
    list(latents = latents, max_iter = max_iter, em_first = em_first,
      kernel_steps = kernel_steps, segment = segment, bin = bin, tau = tau,
      latent_noise = latent_noise, tol = tol, min_var = min_var, rank_tol = rank_tol,
      seed = draw_seed(seed), kernel = kernel, engine = engine, optimiser = optimiser,
      learn_noise = learn_noise, root = root, keep_partial = keep_partial,
      likelihood = likelihood, ahead = ahead, given = given), "gpfa", threads, progress)
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
#' @param tau length scale to start from (s).
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
#' @param latents_max largest number of latents tried.
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
    bin = NULL, tau = 0.1, latent_noise = 0.001, tol = 1e-08, min_var = 0.01,
    rank_tol = 1e-14, seed = NULL, kernel = "rbf", engine = "auto", optimiser = "em",
    learn_noise = FALSE, root = FALSE, keep_partial = FALSE, likelihood = "gaussian",
    latents_min = 1, latents_max = 8, folds = 4, fold_iter = 60, full = FALSE,
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
#' @param neural_latents latents that only neurons have.
#' @param shared_latents latents that neurons and behaviour share.
#' @param behaviour_latents latents that only behaviour has.
#' @param epochs passes over the trials with all parameters together.
#' @param neural_epochs passes with the neurons alone, before that.
#' @param share_epochs passes in which the decoder sees all latents, in between.
#' @param batch trials per step (trials).
#' @param patience stop after as many without a better bound on held-out trials; 0:
#'   never (epochs).
#' @param warm_up over which the weight of the divergence rises to 1 (epochs).
#' @param hold_out share of the trials held out to judge by.
#' @param bin_width width of a bin (s).
#' @param min_length shortest length scale; not given: 0.9 times the shortest of GPFA
#'   (s).
#' @param max_length longest length scale; not given: twice the longest of GPFA (s).
#' @param condition coefficients whose prior variance is this much smaller than the
#'   largest are left out.
#' @param behaviour_rate step size of the networks of behaviour.
#' @param neural_rate step size of the neural encoder.
#' @param loadings_rate step size of loadings, offsets and noise of neurons.
#' @param scales_rate step size of log length scales and of the log noise of behaviour.
#' @param clip largest norm of the gradient of each of these four; 0: any.
#' @param neural_weight weight of the log likelihood of neurons.
#' @param behaviour_weight weight of the log likelihood of behaviour; 1: the bound
#'   itself; not given: its effective dimensions / features.
#' @param seed seed of weights, order of trials and samples; not given: drawn from the
#'   host's generator.
#' @param neural_layers widths of the neural encoder (default 80,40).
#' @param behaviour_layers widths of the encoder of behaviour (default 256,128).
#' @param decoder_layers widths of the decoder (default: those of the encoder turned
#'   round).
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
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return latents of each trial with standard deviations, loadings, length scales, and
#'   the tables `trace` and `trials`
#' @examples
#' d <- simulate_recording(kind = "spikes", units = 12, trials = 12, latents = 2)
#' x <- align_events(d$spikes, d$trials$start_time, start = 0, stop = 2, bin = 0.05)
#' gpvae(x, shared_latents = 0, behaviour_latents = 0, epochs = 1, neural_epochs = 1)
#' @export
gpvae <- function(x = NULL, behaviour = NULL, neural_latents = 1, shared_latents = 1,
    behaviour_latents = 1, epochs = 40, neural_epochs = 40, share_epochs = 4,
    batch = 20, patience = 15, warm_up = 5, hold_out = 0.2, bin_width = 0.02,
    min_length = NULL, max_length = NULL, condition = 1e+06, behaviour_rate = 0.001,
    neural_rate = 0.002, loadings_rate = 0.005, scales_rate = 0.01, clip = 1,
    neural_weight = 1, behaviour_weight = NULL, seed = NULL, neural_layers = NULL,
    behaviour_layers = NULL, decoder_layers = NULL, checkpoint = NULL,
    likelihood = "poisson", encoder = "potential", objective = "elbo", prior = "smooth",
    activation = "elu", start = "rotate", scale_behaviour = "all", keep_partial = FALSE,
    threads = nax_threads(), progress = nax_progress()) {
  call_method("gpvae", list(x, behaviour),
    list(neural_latents = neural_latents, shared_latents = shared_latents,
      behaviour_latents = behaviour_latents, epochs = epochs,
      neural_epochs = neural_epochs, share_epochs = share_epochs, batch = batch,
      patience = patience, warm_up = warm_up, hold_out = hold_out,
      bin_width = bin_width, min_length = min_length, max_length = max_length,
      condition = condition, behaviour_rate = behaviour_rate, neural_rate = neural_rate,
      loadings_rate = loadings_rate, scales_rate = scales_rate, clip = clip,
      neural_weight = neural_weight, behaviour_weight = behaviour_weight,
      seed = draw_seed(seed), neural_layers = neural_layers,
      behaviour_layers = behaviour_layers, decoder_layers = decoder_layers,
      checkpoint = checkpoint, likelihood = likelihood, encoder = encoder,
      objective = objective, prior = prior, activation = activation, start = start,
      scale_behaviour = scale_behaviour, keep_partial = keep_partial), "gpvae", threads,
      progress)
}

#' Which neurons share a trajectory, which periods share a state
#'
#' The posterior over clusters of neurons and states of time together, by Markov chain
#' Monte Carlo, without choosing either number beforehand; with diagnostics that say
#' whether to trust the chains. Wei 2023.
#'
#' @param x spike counts (or traces), neuron x time (x trial)
#' @param region region of each neuron, whole numbers from 0
#' @param chains independent chains.
#' @param sweeps sweeps of each chain.
#' @param burn_in of those, sweeps that do not count; -1: a half.
#' @param thin keep a draw every so many sweeps.
#' @param seed seed of all chains; not given: drawn from the host's generator.
#' @param observation what is observed: counts, or real values (calcium); one of
#'   negative-binomial/poisson/gaussian.
#' @param latent_dim dimensions of a cluster's latent besides its mean.
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
#' @param path_draws draws per chain whose trajectories are kept.
#' @param checkpoint file from which the run can be taken up after a stop; draws stream
#'   to FILE.draws.nc, trajectories to FILE.paths.nc.
#' @param checkpoint_every seconds between checkpoints (s).
#' @param resume go on from the checkpoint.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return posterior similarity of neurons and of bins, point partitions, states,
#'   trajectories with bands, draws and diagnostics
#' @examples
#' x <- simulate_recording(kind = "spikes", units = 5, trials = 4)$spikes
#' x <- bin_spikes(x, bin = 0.2)
#' bicluster(x, chains = 2, sweeps = 60)
#' @export
bicluster <- function(x, region = NULL, chains = 4, sweeps = 2000, burn_in = -1,
    thin = 1, seed = NULL, observation = "negative-binomial", latent_dim = 2,
    max_states = 10, partition = "mfm", cluster_rho = 0.2, cluster_weight = 1,
    cluster_alpha = 1, region_weight = 1, state_alpha = 5, state_kappa = 10,
    state_gamma = 5, learn_concentrations = FALSE, dynamics_mean = 1,
    dynamics_precision = 1, noise_dof = 2, noise_scale = 0.01, loading_sd = 1,
    dispersion_shape = 1, dispersion_rate = 1, poisson_r = 100, exact = FALSE,
    temperatures = 1, coldest = 0.3, holdout = 0, holdout_kind = "speckled",
    path_draws = 200, checkpoint = NULL, checkpoint_every = 60, resume = FALSE,
    threads = nax_threads(), progress = nax_progress()) {
  call_method("bicluster", list(x, region),
    list(chains = chains, sweeps = sweeps, burn_in = burn_in, thin = thin,
      seed = draw_seed(seed), observation = observation, latent_dim = latent_dim,
      max_states = max_states, partition = partition, cluster_rho = cluster_rho,
      cluster_weight = cluster_weight, cluster_alpha = cluster_alpha,
      region_weight = region_weight, state_alpha = state_alpha,
      state_kappa = state_kappa, state_gamma = state_gamma,
      learn_concentrations = learn_concentrations, dynamics_mean = dynamics_mean,
      dynamics_precision = dynamics_precision, noise_dof = noise_dof,
      noise_scale = noise_scale, loading_sd = loading_sd,
      dispersion_shape = dispersion_shape, dispersion_rate = dispersion_rate,
      poisson_r = poisson_r, exact = exact, temperatures = temperatures,
      coldest = coldest, holdout = holdout, holdout_kind = holdout_kind,
      path_draws = path_draws, checkpoint = checkpoint,
      checkpoint_every = checkpoint_every, resume = resume), "bicluster", threads,
      progress)
}

#' Dissimilarity of each pair of conditions
#'
#' Euclidean, correlation, cosine, Mahalanobis and Poisson dissimilarities of condition
#' means, and their forms between folds, which noise does not bias: crossnobis and
#' others. Conditions and folds are whole numbers, one for each observation.
#'
#' @param x responses, channel x observation
#' @param condition condition of each observation
#' @param fold fold (run, session) of each observation; not given: the k-th occurrence
#'   of a condition is in fold k
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
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return an array condition x condition x rdm
#' @examples
#' x <- matrix(rnorm(20 * 24), 20)
#' rdm(x, condition = rep(1:6, 4), fold = rep(1:4, each = 6), measure = "crossnobis")
#' @export
rdm <- function(x, condition, fold = NULL, precision = NULL, prior = 1,
    prior_weight = 0.1, floor_variance = 0.1, floor_denominator = 0.25, tau = 0.02,
    shift_cost = 100, measure = "euclidean", noise = "none", design = "auto",
    remove_mean = FALSE, compat = FALSE, subtract_within = FALSE,
    threads = nax_threads(), progress = nax_progress()) {
  call_method("rdm", list(x, condition, fold, precision),
    list(prior = prior, prior_weight = prior_weight, floor_variance = floor_variance,
      floor_denominator = floor_denominator, tau = tau, shift_cost = shift_cost,
      measure = measure, noise = noise, design = design, remove_mean = remove_mean,
      compat = compat, subtract_within = subtract_within), "", threads, progress)
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
#' @param seed seed of all resampling; not given: drawn from the host's generator.
#' @param samples bootstrap samples.
#' @param permutations relabellings of the conditions (all of up to 8 conditions); 0: no
#'   such test.
#' @param assignments random assignments to folds per sample, for models that are
#'   fitted.
#' @param subject_folds folds of subjects; 0: 2 to 5, by their number.
#' @param condition_folds folds of conditions; 0: 2 to 5, by their number.
#' @param ridge penalty on the weights of weighted models.
#' @param level level of the intervals.
#' @param comparator how similar two RDMs are; one of
#'   cosine/corr/spearman/rho-a/tau-a/tau-b/cosine-cov/corr-cov/bures/bures-metric/neg-riemann.
#' @param resample what results should hold for: new subjects (none: from their spread),
#'   new conditions, or both (dual); one of none/subjects/conditions/both/dual.
#' @param crossvalidate evaluate in folds also when every model is fixed.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return the tables `models` and `differences`, the similarity of each model to each
#'   subject, and their covariance
#' @examples
#' x <- array(dim = c(8, 8, 5))
#' for (k in 1:5) x[, , k] <- as.matrix(dist(matrix(1:8 + rnorm(40), 8)))
#' rsa(x, list(line = as.matrix(dist(1:8)), other = as.matrix(dist(sin(1:8)))))
#' @export
rsa <- function(x, models, kind = NULL, sigma_k = NULL, seed = NULL, samples = 1000,
    permutations = 1000, assignments = 2, subject_folds = 0, condition_folds = 0,
    ridge = 0, level = 0.95, comparator = "corr", resample = "none",
    crossvalidate = FALSE, threads = nax_threads(), progress = nax_progress()) {
  call_method("rsa", list(x, models, kind, sigma_k),
    list(seed = draw_seed(seed), samples = samples, permutations = permutations,
      assignments = assignments, subject_folds = subject_folds,
      condition_folds = condition_folds, ridge = ridge, level = level,
      comparator = comparator, resample = resample, crossvalidate = crossvalidate),
      "rsa", threads, progress)
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
#' @param steps thresholds are multiples of 1 / steps.
#' @param permutations permutations of the labels within groups; 0: no tests.
#' @param seed seed of the permutations; not given: drawn from the host's generator.
#' @param statistic what is computed in each window: geo-topological or geodesic
#'   matrices; one of rgtm/rgdm.
#' @param zero_links paths: pairs below the window are links of length 0.
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return the tables `windows`, `groups` and `rdms`, accuracies and p values
#' @export
trsa_identify <- function(x, group, label, steps = 20, permutations = 1000, seed = NULL,
    statistic = "rgtm", zero_links = TRUE, threads = nax_threads(),
    progress = nax_progress()) {
  call_method("trsa_identify", list(x, group, label),
    list(steps = steps, permutations = permutations, seed = draw_seed(seed),
      statistic = statistic, zero_links = zero_links), "trsa_identify", threads,
      progress)
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

#' Which units follow the tagged frequencies
#'
#' Effect sizes and p values of each unit at each tagged frequency: amplitude and phase
#' locked to the stimulus, coherence between trials, power against the neighbouring
#' frequencies; units that follow a tag at a controlled false discovery rate. With a
#' control condition the tests compare the two.
#'
#' @param x array with the axis time, trials where there are some, and units
#' @param control the same units in a control condition
#' @param events starts of the trials, for a recording without a trial axis
#' @param control_events starts of the trials of the control condition in `x`
#' @param tags tagged frequencies in Hz, comma-separated.
#' @param harmonics harmonics of each tag that are tested together; 1: the tag alone.
#' @param window length of the window in each trial; not given: the longest with whole
#'   cycles of every tag (s).
#' @param skip left out at the start of each trial, where the response builds up (s).
#' @param sampling samples per second; not given: of the time axis (Hz).
#' @param test what decides on a unit: mean coefficient, the same for any covariance,
#'   phases, power of the mean or of single trials against neighbours, the mean
#'   coefficient by t2 where its scatter is no circle, Thomson's harmonic F; one of
#'   t2circ/t2/rayleigh/snr/power/auto/thomson.
#' @param q false discovery rate over units, for each tag.
#' @param fdr procedure: Benjamini-Hochberg, Benjamini-Yekutieli for any dependence, or
#'   the largest statistic of all units in each surrogate, which controls the
#'   family-wise error; one of bh/by/max.
#' @param null surrogates that p values come from, instead of the closed form: trials
#'   are turned by random angles, shifted by random samples, change their sign, or (with
#'   a control) exchange their condition; one of none/phase/shift/sign/label.
#' @param surrogates number of surrogates.
#' @param stop a unit is done when so many surrogates reach its value; 0: all are drawn.
#' @param seed seed of the surrogates.
#' @param item_length length of an item, such as a sentence: p values are over items,
#'   not trials, so that they speak of items like these; 0: trials (samples).
#' @param paired trial (or item) i of the control belongs to trial i: the differences
#'   are tested.
#' @param bandwidth time-bandwidth product of the tapers of test thomson.
#' @param tapers tapers of test thomson.
#' @param keep keep the coefficients of single trials (or items).
#' @param neighbours neighbouring bins on each side of a line; 0: none.
#' @param gap bins left out next to the line.
#' @param exclude other lines that are no neighbours, e.g. mains, in Hz,
#'   comma-separated.
#' @param trend what is taken out of each trial; one of none/constant/linear.
#' @param taper window function; boxcar is right for whole cycles; one of boxcar/hann.
#' @param engine how coefficients are computed; one of auto/fft/dft/fold.
#' @param off_grid use a window without whole cycles, by least squares.
#' @param spectrum keep mean spectra and those of the best units.
#' @param memory data and spectra held at once (MB).
#' @param threads Number of threads; the result does not depend on it.
#' @param progress Show how far a long call is?
#' @return one array unit x frequency per measure, `tagged` (1 or 0), and the options
#' @examples
#' d <- simulate_recording(kind = "field", units = 6, trials = 12,
#'   trial_length = 4, tags = "2,3")
#' x <- cut_trials(d$field, d$trials$start_time, d$trials$stop_time)$x
#' freqtag(x, tags = "2,3")
#' @export
freqtag <- function(x, control = NULL, events = NULL, control_events = NULL,
    tags = NULL, harmonics = 1, window = NULL, skip = 0, sampling = NULL,
    test = "t2circ", q = 0.05, fdr = "bh", null = "none", surrogates = 999, stop = 0,
    seed = 1, item_length = 0, paired = FALSE, bandwidth = 2, tapers = 3, keep = FALSE,
    neighbours = 4, gap = 1, exclude = NULL, trend = "constant", taper = "boxcar",
    engine = "auto", off_grid = FALSE, spectrum = FALSE, memory = 256,
    threads = nax_threads(), progress = nax_progress()) {
  call_method("freqtag", list(x, control, events, control_events),
    list(tags = tags, harmonics = harmonics, window = window, skip = skip,
      sampling = sampling, test = test, q = q, fdr = fdr, null = null,
      surrogates = surrogates, stop = stop, seed = seed, item_length = item_length,
      paired = paired, bandwidth = bandwidth, tapers = tapers, keep = keep,
      neighbours = neighbours, gap = gap, exclude = exclude, trend = trend,
      taper = taper, engine = engine, off_grid = off_grid, spectrum = spectrum,
      memory = memory), "freqtag", threads, progress)
}
