function r = power_spectrum(x, varargin)
%POWER_SPECTRUM  Power spectral density (Welch).
%   r = neuraxis.power_spectrum(x, 'NAME', VALUE, ...)
%
%   Average of the periodograms of overlapping segments.
%
%   Inputs:
%     x  array with an axis called time
%   Names and values [default]:
%     'segment'  length of a segment; not given: an eighth of the recording (s).
%     'overlap'  share of a segment that the next one repeats. [0.5]
%     'window'  taper of a segment; one of hann/hamming/boxcar. ['hann']
%     'trend'  what is taken from each segment first; one of constant/linear/none.
%       ['constant']
%     'average'  how segments are put together; one of mean/median. ['mean']
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns an array with the axis frequency in place of time.
%
%   Example:
%     d = neuraxis.simulate_recording('units', 6, 'trials', 4); x = d.dff;
%     r = neuraxis.power_spectrum(x);
  r = neuraxis.internal.call('power_spectrum', {x}, {}, '', varargin);
end
