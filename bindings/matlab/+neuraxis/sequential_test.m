function r = sequential_test(re, im, varargin)
%SEQUENTIAL_TEST  Phase coherence tested with as few surrogates as will do.
%   r = neuraxis.sequential_test(re, im, 'NAME', VALUE, ...)
%
%   Drawing ends as soon as `enough` surrogates reach the observed ITPC. Besag and
%   Clifford 1991.
%
%   Inputs:
%     re  real parts, trial (x column)
%     im  imaginary parts
%   Names and values [default]:
%     'enough'  not given: 10
%     'most'  surrogates at most; not given: 9999
%     'seed'  seed of the permutations; not given: drawn from the host's generator.
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns a table: p and the surrogates drawn, one row per column.
%
%   Example:
%     re = randn(10, 2) + 1; im = randn(10, 2);
%     r = neuraxis.sequential_test(re, im, 'most', 999);
  r = neuraxis.internal.call('sequential_test', {re, im}, {'enough', 'most'}, '', varargin);
end
