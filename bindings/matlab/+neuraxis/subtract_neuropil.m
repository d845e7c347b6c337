function r = subtract_neuropil(x, neuropil, varargin)
%SUBTRACT_NEUROPIL  Take away the neuropil signal.
%   r = neuraxis.subtract_neuropil(x, neuropil, 'NAME', VALUE, ...)
%
%   F less a share of the fluorescence around each cell.
%
%   Inputs:
%     x  array with an axis called time
%     neuropil  fluorescence around each cell, of the same shape
%   Names and values [default]:
%     'coefficient'  share of the neuropil signal to take away. [0.7]
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns an array like `x`.
%
%   Example:
%     d = neuraxis.simulate_recording('units', 4, 'raw', true);
%     r = neuraxis.subtract_neuropil(d.F, d.Fneu);
  r = neuraxis.internal.call('subtract_neuropil', {x, neuropil}, {}, '', varargin);
end
