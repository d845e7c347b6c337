function r = freqtag_spikes(x, start, length, frequencies, varargin)
%FREQTAG_SPIKES  How spikes follow a frequency.
%   r = neuraxis.freqtag_spikes(x, start, length, frequencies, 'NAME', VALUE, ...)
%
%   Vector strength, phase, pairwise phase consistencies, power and Rayleigh's test of
%   each unit over trials, from the spike times themselves. Vinck et al. 2011.
%
%   Inputs:
%     x  spike trains
%     start  start of each trial in s
%     length  length of a trial in s
%     frequencies  frequencies in Hz
%   Names and values [default]:
%     'field_phase'  phase of a field in each trial at each frequency, radians: spikes
%       in its cycle; not given: in that of the stimulus
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns one array unit x frequency per measure.
%
%   Example:
%     d = neuraxis.simulate_recording('kind', 'spikes', 'units', 4, 'trials', 6);
%     r = neuraxis.freqtag_spikes(d.spikes, d.trials.start_time, 2, [1 2]);
  r = neuraxis.internal.call('freqtag_spikes', {x, start, length, frequencies}, {'field_phase'}, 'freqtag_spikes', varargin);
end
