function r = rdm_mds(x, varargin)
%RDM_MDS  Conditions as points in the plane.
%   r = neuraxis.rdm_mds(x, 'NAME', VALUE, ...)
%
%   Points whose distances resemble the dissimilarities (multidimensional scaling).
%
%   Inputs:
%     x  condition x condition
%   Names and values [default]:
%     'kind'  classical, metric or nonmetric; not given: metric
%     'dims'  dimensions; not given: 2
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns `points`, condition x dimension, and the attribute stress.
%
%   Example:
%     x = neuraxis.rdm(randn(10, 10), 1:10);
%     r = neuraxis.rdm_mds(x);
  r = neuraxis.internal.call('rdm_mds', {x}, {'kind', 'dims'}, 'rdm_mds', varargin);
end
