function r = z2_test(t, frequencies, varargin)
%Z2_TEST  Z-squared test of event times.
%   r = neuraxis.z2_test(t, frequencies, 'NAME', VALUE, ...)
%
%   Are events uniform in the cycle of a frequency, over m harmonics?
%
%   Inputs:
%     t  times in s
%     frequencies  frequencies in Hz
%   Names and values [default]:
%     'harmonics'  m; not given: 1
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns a table with one row per frequency.
%
%   Example:
%     t = (1:50) / 5 + 0.01 * randn(1, 50);
%     r = neuraxis.z2_test(t, 5);
  r = neuraxis.internal.call('z2_test', {t, frequencies}, {'harmonics'}, '', varargin);
end
