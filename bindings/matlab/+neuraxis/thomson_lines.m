function r = thomson_lines(x, frequencies, varargin)
%THOMSON_LINES  Lines of known frequency in a multitaper spectrum.
%   r = neuraxis.thomson_lines(x, frequencies, 'NAME', VALUE, ...)
%
%   Thomson's harmonic F test at any frequencies, on the grid or off, which may move to
%   the next maximum within the band of the tapers; p has no penalty for that search.
%   Thomson 1982.
%
%   Inputs:
%     x  time (x trial)
%     frequencies  frequencies in Hz
%   Names and values [default]:
%     'nw'  time-bandwidth product; not given: 4
%     'tapers'  not given: 2 nw - 1
%     'refine'  1: move to the next maximum; not given: 0
%     'rate'  samples per second; not given: of the time axis of `x`
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns a table with one row per frequency.
%
%   Example:
%     x = sin(2 * pi * 5 * (0:499) / 100) + randn(1, 500);
%     r = neuraxis.thomson_lines(x, [4.9 7], 'rate', 100, 'refine', 1);
  r = neuraxis.internal.call('thomson_lines', {x, frequencies}, {'nw', 'tapers', 'refine', 'rate'}, '', varargin);
end
