function r = trsa_agtic(x, y, varargin)
%TRSA_AGTIC  Are two geometries related in some window of distances.
%   r = neuraxis.trsa_agtic(x, y, 'NAME', VALUE, ...)
%
%   The distance correlation of two matrices for all pairs of windows of thresholds,
%   with permutation tests that make the search anew (adaptive geo-topological
%   independence criterion). Lin and Kriegeskorte 2018.
%
%   Inputs:
%     x  condition x condition
%     y  the same conditions in another region
%   Names and values [default]:
%     'levels'  thresholds, evenly spaced from 0 to 1. [6]
%     'permutations'  permutations of the conditions; 0: no test. [1000]
%     'seed'  seed of the permutations; not given: drawn from the host's generator.
%     'quantiles'  thresholds are quantiles instead of shares of the largest distance.
%       [false]
%     'hard'  distances between the thresholds stay as they are. [false]
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns `map`, windows of y x windows of x, and the table `test`.
%
%   Example:
%     x = abs((1:10)' - (1:10)); y = x .^ 2;
%     r = neuraxis.trsa_agtic(x, y, 'levels', 4, 'permutations', 20);
  r = neuraxis.internal.call('trsa_agtic', {x, y}, {}, 'trsa_agtic', varargin);
end
