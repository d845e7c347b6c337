function r = transform_values(x, varargin)
%TRANSFORM_VALUES  Apply a function to every value.
%   r = neuraxis.transform_values(x, 'NAME', VALUE, ...)
%
%   Square root (steadies the variance of counts), square, abs, log, log1p, exp, or
%   rectify: the larger of x and 0.
%
%   Inputs:
%     x  array with an axis called time
%   Names and values [default]:
%     'what'  sqrt, square, abs, log, log1p, exp or rectify; not given: sqrt
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns an array like `x`.
%
%   Example:
%     d = neuraxis.simulate_recording('units', 6, 'trials', 4); x = d.dff;
%     r = neuraxis.transform_values(x, 'what', 'rectify');
  r = neuraxis.internal.call('transform_values', {x}, {'what'}, '', varargin);
end
