function r = unit_quality(x, varargin)
%UNIT_QUALITY  Quality of each unit.
%   r = neuraxis.unit_quality(x, 'NAME', VALUE, ...)
%
%   Spike trains get rates, refractory-period violations by both definitions in use, and
%   measures of irregularity; traces get noise, signal, baseline, drift and what is
%   suspicious about them.
%
%   Inputs:
%     x  traces (neuron x time (x trial)), spike trains, or the path of a file, which is
%       read a group of units at a time
%   Names and values [default]:
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
%     'memory'  traces held at once when reading from a file (MB). [128]
%     'signal'  what the values of a trace are; one of
%       auto/dff/fluorescence/inferred/potential/counts/other. ['auto']
%     'format'  read as this format instead of recognising it.
%     'var'  variable to work on, by name or path inside the file.
%     'axes'  axis names of the variable in the file's order, e.g. neuron,time.
%     'rows'  text tables: what a row is: time, neuron or spike.
%     'allow_inf'  accept infinite values as data. [false]
%     'cells_only'  leave out ROIs or units that the file marks as rejected. [false]
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns a table with one row per unit.
%
%   Example:
%     d = neuraxis.simulate_recording('units', 6, 'trials', 4); x = d.dff;
%     r = neuraxis.unit_quality(x);
  r = neuraxis.internal.call('unit_quality', {x}, {}, '', varargin);
end
