function r = circular_anova(re, im, varargin)
%CIRCULAR_ANOVA  Have several sets of trials the same mean coefficient.
%   r = neuraxis.circular_anova(re, im, 'NAME', VALUE, ...)
%
%   ANOVA2circ: one-way over groups of trials, or, without groups, with repeated
%   measures over subjects. Baker 2021.
%
%   Inputs:
%     re  real parts, trial (x column), or subject x condition (x column)
%     im  imaginary parts
%   Names and values [default]:
%     'group'  group of each trial, whole numbers from 0, or -1 for none; not given:
%       rows are subjects and columns conditions
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns a table with one row per column.
%
%   Example:
%     re = randn(10, 2) + 1; im = randn(10, 2);
%     r = neuraxis.circular_anova(re, im, 'group', repmat(0:1, 1, 5));
  r = neuraxis.internal.call('circular_anova', {re, im}, {'group'}, '', varargin);
end
