function r = thomson_test(x, varargin)
%THOMSON_TEST  Lines in a multitaper spectrum.
%   r = neuraxis.thomson_test(x, 'NAME', VALUE, ...)
%
%   Thomson's harmonic F test at every bin; trials share one phase-locked line. Thomson
%   1982.
%
%   Inputs:
%     x  time (x trial)
%   Names and values [default]:
%     'nw'  time-bandwidth product; not given: 4
%     'tapers'  not given: 2 nw - 1
%     'rate'  samples per second; not given: of the time axis of `x`
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns a table with one row per frequency.
%
%   Example:
%     x = sin(2 * pi * 5 * (0:499) / 100) + randn(1, 500);
%     r = neuraxis.thomson_test(x, 'rate', 100);
  r = neuraxis.internal.call('thomson_test', {x}, {'nw', 'tapers', 'rate'}, '', varargin);
end
