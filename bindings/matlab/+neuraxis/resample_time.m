function r = resample_time(x, varargin)
%RESAMPLE_TIME  Bring a recording to a regular grid.
%   r = neuraxis.resample_time(x, 'NAME', VALUE, ...)
%
%   From irregular timestamps, or to another rate; long gaps become missing.
%
%   Inputs:
%     x  array with an axis called time
%   Names and values [default]:
%     'rate'  of the result; not given: one over the median step (Hz).
%     'method'  how a value between samples is made; one of
%       linear/nearest/previous/average. ['linear']
%     'max_gap'  longer gaps become missing; not given: 2.5 median steps (s).
%     'start'  first time; not given: that of the first sample (s).
%     'stop'  last time at most; not given: that of the last sample (s).
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns an array with a regular time axis.
%
%   Example:
%     d = neuraxis.simulate_recording('units', 6, 'trials', 4); x = d.dff;
%     r = neuraxis.resample_time(x, 'rate', 10, 'method', 'average');
  r = neuraxis.internal.call('resample_time', {x}, {}, '', varargin);
end
