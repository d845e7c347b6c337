function r = find_gaps(x, varargin)
%FIND_GAPS  Where a recording pauses.
%   r = neuraxis.find_gaps(x, 'NAME', VALUE, ...)
%
%   Steps of the time axis that are longer than `max_gap`.
%
%   Inputs:
%     x  array with an axis called time
%   Names and values [default]:
%     'max_gap'  longest step in s that is no gap; not given: 2.5 median steps
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns an array bound (start, stop) x gap, in s.
%
%   Example:
%     x = neuraxis.array(zeros(1, 5), {'neuron', 'time'}, 'time', [0 1 2 9 10]);
%     r = neuraxis.find_gaps(x);
  r = neuraxis.internal.call('find_gaps', {x}, {'max_gap'}, '', varargin);
end
