function r = bin_spikes(x, varargin)
%BIN_SPIKES  Count spikes in bins.
%   r = neuraxis.bin_spikes(x, 'NAME', VALUE, ...)
%
%   Half-open bins of equal width, or between given edges. Every spike is counted once
%   or reported; bins in which nothing was recorded are missing.
%
%   Inputs:
%     x  spike trains
%   Names and values [default]:
%     'edges'  edges of the bins in s, ascending; not given: bins of `width`
%     'bin'  width of a time bin (s). [0.02]
%     'bin_start'  where the first bin begins; not given: with the recording (s).
%     'bin_stop'  where the last bin ends; not given: with the recording (s).
%     'drop_partial'  leave out a last bin that is not full. [false]
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns an array unit x time of counts.
%
%   Example:
%     d = neuraxis.simulate_recording('kind', 'spikes', 'units', 5, 'trials', 4); x = d.spikes;
%     r = neuraxis.bin_spikes(x, 'bin', 0.1);
  r = neuraxis.internal.call('bin_spikes', {x}, {'edges'}, '', varargin);
end
