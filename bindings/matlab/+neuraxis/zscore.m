function r = zscore(x, varargin)
%ZSCORE  Standard scores along an axis.
%   r = neuraxis.zscore(x, 'NAME', VALUE, ...)
%
%   (x - mean) / sd of each line's values that are not missing; lines that do not vary
%   become 0.
%
%   Inputs:
%     x  array with an axis called time
%   Names and values [default]:
%     'axis'  name of the axis; not given: time
%     'ddof'  the divisor of the variance is n less this; not given: 0
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns an array like `x`.
%
%   Example:
%     d = neuraxis.simulate_recording('units', 6, 'trials', 4); x = d.dff;
%     r = neuraxis.zscore(x);
  r = neuraxis.internal.call('zscore', {x}, {'axis', 'ddof'}, '', varargin);
end
