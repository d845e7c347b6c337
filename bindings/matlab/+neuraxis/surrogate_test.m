function r = surrogate_test(re, im, varargin)
%SURROGATE_TEST  p values of many series by surrogates.
%   r = neuraxis.surrogate_test(re, im, 'NAME', VALUE, ...)
%
%   Trials are turned, shifted, change their sign or their condition, the same for all
%   series, so that the largest statistic of each surrogate controls the family-wise
%   error. A series may have several lines, which are tested together.
%
%   Inputs:
%     re  real parts, trial x series (x line)
%     im  imaginary parts
%   Names and values [default]:
%     'kind'  phase, shift, sign or label; not given: phase
%     'control'  of the trials the last so many are the control's (label)
%     'frequencies'  of the lines in Hz; not given: coefficients are complex
%     'rate'  samples per second; not given: 1
%     'samples'  of a trial (shift)
%     'phases'  1: phases alone (ITPC); not given: 0
%     'surrogates'  number of surrogates. [999]
%     'stop'  a unit is done when so many surrogates reach its value; 0: all are drawn.
%       [0]
%     'seed'  seed of the surrogates; not given: drawn from the host's generator.
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns a table: statistic (-ln p of T2circ, or n ITPC^2, added up over lines), p,
%   and p_max.
%
%   Example:
%     re = randn(10, 2) + 1; im = randn(10, 2);
%     r = neuraxis.surrogate_test(re, im, 'kind', 'sign', 'surrogates', 199);
  r = neuraxis.internal.call('surrogate_test', {re, im}, {'kind', 'control', 'frequencies', 'rate', 'samples', 'phases'}, '', varargin);
end
