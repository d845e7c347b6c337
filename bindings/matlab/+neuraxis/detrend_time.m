function r = detrend_time(x, varargin)
%DETREND_TIME  Take a polynomial away along time.
%   r = neuraxis.detrend_time(x, 'NAME', VALUE, ...)
%
%   Least squares of each trace on a polynomial of time.
%
%   Inputs:
%     x  array with an axis called time
%   Names and values [default]:
%     'order'  of the polynomial: 0 the mean, 1 a line. [1]
%     'keep_mean'  add the mean of the trace again. [false]
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns an array like `x`.
%
%   Example:
%     d = neuraxis.simulate_recording('units', 6, 'trials', 4); x = d.dff;
%     r = neuraxis.detrend_time(x);
  r = neuraxis.internal.call('detrend_time', {x}, {}, '', varargin);
end
