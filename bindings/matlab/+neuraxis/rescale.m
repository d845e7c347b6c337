function r = rescale(x, varargin)
%RESCALE  Give neurons comparable sizes.
%   r = neuraxis.rescale(x, 'NAME', VALUE, ...)
%
%   Divides each position of an axis by one number: its largest absolute value, norm,
%   standard deviation or range.
%
%   Inputs:
%     x  array with an axis called time
%   Names and values [default]:
%     'by'  max, norm, sd or range; not given: max
%     'axis'  name of the axis; not given: neuron
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns an array like `x`.
%
%   Example:
%     d = neuraxis.simulate_recording('units', 6, 'trials', 4); x = d.dff;
%     r = neuraxis.rescale(x, 'by', 'sd');
  r = neuraxis.internal.call('rescale', {x}, {'by', 'axis'}, '', varargin);
end
