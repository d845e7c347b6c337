function r = circular_tests(re, im, varargin)
%CIRCULAR_TESTS  Is the mean coefficient different from 0.
%   r = neuraxis.circular_tests(re, im, 'NAME', VALUE, ...)
%
%   T2circ, Hotelling's T2, the test of the circularity that T2circ assumes, the one of
%   the two that it recommends, and Rayleigh's test of the phases, for each column of
%   coefficients; t and sign tests for frequencies at which coefficients are real.
%   Victor and Mast 1991.
%
%   Inputs:
%     re  real parts, trial (x column)
%     im  imaginary parts
%   Names and values [default]:
%     'mu'  mean to test against, real and imaginary part; not given: 0
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns a table with one row per column: effect sizes and tests.
%
%   Example:
%     re = randn(10, 2) + 1; im = randn(10, 2);
%     r = neuraxis.circular_tests(re, im);
  r = neuraxis.internal.call('circular_tests', {re, im}, {'mu'}, '', varargin);
end
