function r = cut_trials(x, start, stop, varargin)
%CUT_TRIALS  Cut trials of unequal length.
%   r = neuraxis.cut_trials(x, start, stop, 'NAME', VALUE, ...)
%
%   The samples, or spike counts in whole bins, from each start to its stop, padded with
%   missing values up to the longest trial.
%
%   Inputs:
%     x  traces (neuron x time) or spike trains
%     start  start of each trial in s
%     stop  end of each trial in s
%   Names and values [default]:
%     'bin'  width of a bin in s, for spike trains
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns a dataset: `x` (neuron x time x trial) and the table `trials` with the
%   number of bins of each.
%
%   Example:
%     d = neuraxis.simulate_recording('units', 6, 'trials', 4); x = d.dff;
%     r = neuraxis.cut_trials(x, [1 8], [3 12]);
  r = neuraxis.internal.call('cut_trials', {x, start, stop}, {'bin'}, 'dataset', varargin);
end
