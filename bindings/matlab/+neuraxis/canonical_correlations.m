function r = canonical_correlations(x, y, varargin)
%CANONICAL_CORRELATIONS  Canonical correlations.
%   r = neuraxis.canonical_correlations(x, y, 'NAME', VALUE, ...)
%
%   Of all channels, or of the leading principal components that hold a share of the
%   variance. Hotelling 1936.
%
%   Inputs:
%     x  channel x observation
%     y  the same observations in other channels
%   Names and values [default]:
%     'variance'  share of the variance that components must hold; not given: 1, all of
%       them
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns the correlations, descending.
%
%   Example:
%     x = randn(5, 40);
%     r = neuraxis.canonical_correlations(x, x(1:3, :) .^ 2);
  r = neuraxis.internal.call('canonical_correlations', {x, y}, {'variance'}, '', varargin);
end
