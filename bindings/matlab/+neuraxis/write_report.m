function write_report(x, path, varargin)
%WRITE_REPORT  The page about a recording.
%   neuraxis.write_report(x, path, 'NAME', VALUE, ...)
%
%   Writes one self-contained HTML page: identity and provenance, quality of each unit,
%   overview, population activity, spectrum, correlations, trials, and which analyses
%   the recording suits. A dataset with the matrices `rgtm` (and rgdm, mean_rdm, bars,
%   null, windows, where there are) gets the page about their geometry and topology.
%
%   Inputs:
%     x  a dataset, or the path of a file
%     path  page to write
%   Names and values [default]:
%     'title'  title of the page.
%     'figures_dir'  folder that gets each figure as SVG and its numbers as CSV.
%     'memory'  traces held at once when reading from a file (MB). [128]
%     'signal'  what the values of the main variable are; one of
%       auto/dff/fluorescence/inferred/potential/counts/other. ['auto']
%     'no_hash'  leave out the SHA-256 of the file. [false]
%     'force'  replace existing files. [false]
%     'isi_threshold'  Hill: shorter intervals between spikes are violations (s).
%       [0.0015]
%     'isi_min'  Hill: shortest interval that the sorter can report (s). [0]
%     'refractory'  Llobet: refractory period (s). [0.001]
%     'censored'  Llobet: censored period after a spike (s). [0]
%     'presence_bin'  bin of the presence ratio (s). [60]
%     'fano_window'  window in which spikes are counted for the Fano factor (s). [1]
%     'range_bin'  bin of the firing range (s). [5]
%     'lvr_refractory'  refractoriness constant of LvR (s). [0.005]
%     'baseline_percentile'  percentile of the values in a window that is the baseline
%       (%). [8]
%     'baseline_window'  window of the baseline (s). [60]
%     'event_threshold'  height of an event above baseline in units of the noise. [5]
%     'duplicate'  correlation above which two units are called duplicates. [0.9]
%     'fano_ddof'  1: unbiased variance in the Fano factor, 0: divided by the count. [1]
%     'rate'  sampling rate; overrides what the file states (Hz).
%     'format'  read as this format instead of recognising it.
%     'var'  variable to work on, by name or path inside the file.
%     'axes'  axis names of the variable in the file's order, e.g. neuron,time.
%     'rows'  text tables: what a row is: time, neuron or spike.
%     'allow_inf'  accept infinite values as data. [false]
%     'cells_only'  leave out ROIs or units that the file marks as rejected. [false]
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Example:
%     d = neuraxis.simulate_recording('units', 4, 'trials', 4);
%     neuraxis.write_report(d, [tempname() '.html']);
  neuraxis.internal.call('write_report', {x, path}, {}, 'nothing', varargin);
end
