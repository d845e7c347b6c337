function r = fit_lines(x, frequencies, varargin)
%FIT_LINES  Sinusoids of known frequency in a series.
%   r = neuraxis.fit_lines(x, frequencies, 'NAME', VALUE, ...)
%
%   Least squares of a line with a trend, on or off the grid, with its F test.
%
%   Inputs:
%     x  evenly spaced samples
%     frequencies  frequencies in Hz
%   Names and values [default]:
%     'rate'  samples per second; not given: of the time axis of `x`
%     'trend'  what is taken out of each trial; one of none/constant/linear.
%       ['constant']
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns a table with one row per frequency.
%
%   Example:
%     x = sin(2 * pi * 5 * (0:499) / 100) + randn(1, 500);
%     r = neuraxis.fit_lines(x, [5 7], 'rate', 100);
  r = neuraxis.internal.call('fit_lines', {x, frequencies}, {'rate'}, '', varargin);
end
