function r = rdm_map(x, varargin)
%RDM_MAP  A function of each dissimilarity matrix.
%   r = neuraxis.rdm_map(x, 'NAME', VALUE, ...)
%
%   Ranks, square roots, negative values to 0, or to the range 0 to 1.
%
%   Inputs:
%     x  condition x condition (x rdm)
%   Names and values [default]:
%     'what'  rank-average, rank-min, rank-max, rank-dense, rank-ordinal, sqrt, positive
%       or minmax; not given: rank-average
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns an array condition x condition x rdm.
%
%   Example:
%     x = neuraxis.rdm(randn(10, 10), 1:10);
%     r = neuraxis.rdm_map(x, 'what', 'rank-average');
  r = neuraxis.internal.call('rdm_map', {x}, {'what'}, '', varargin);
end
