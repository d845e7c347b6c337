function r = lomb_scargle(t, y, frequencies, varargin)
%LOMB_SCARGLE  Sinusoids of known frequency in samples at any times.
%   r = neuraxis.lomb_scargle(t, y, frequencies, 'NAME', VALUE, ...)
%
%   Generalised Lomb-Scargle; no penalty for a search is in p, as the frequencies are
%   known.
%
%   Inputs:
%     t  times in s
%     y  values
%     frequencies  frequencies in Hz
%   Names and values [default]:
%     'floating_mean'  1: fit a constant too, 0: the classic form; not given: 1
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns a table with one row per frequency.
%
%   Example:
%     t = sort(10 * rand(1, 200)); y = sin(2 * pi * 2 * t) + randn(1, 200);
%     r = neuraxis.lomb_scargle(t, y, [2 3]);
  r = neuraxis.internal.call('lomb_scargle', {t, y, frequencies}, {'floating_mean'}, '', varargin);
end
