function r = circular_compare(re, im, re_2, im_2, varargin)
%CIRCULAR_COMPARE  Have two sets of trials the same mean coefficient.
%   r = neuraxis.circular_compare(re, im, re_2, im_2, 'NAME', VALUE, ...)
%
%   T2circ and Hotelling's T2 for two samples or for pairs, t for real coefficients, and
%   the Mahalanobis distance between the means. Victor and Mast 1991.
%
%   Inputs:
%     re  real parts, trial (x column)
%     im  imaginary parts
%     re_2  real parts of the other set
%     im_2  and imaginary parts
%   Names and values [default]:
%     'paired'  1: row i of both belongs together; not given: 0
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns a table with one row per column.
%
%   Example:
%     re = randn(10, 2) + 1; im = randn(10, 2);
%     r = neuraxis.circular_compare(re, im, re - 1, im);
  r = neuraxis.internal.call('circular_compare', {re, im, re_2, im_2}, {'paired'}, '', varargin);
end
