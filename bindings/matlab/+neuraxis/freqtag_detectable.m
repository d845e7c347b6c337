function r = freqtag_detectable(trials, varargin)
%FREQTAG_DETECTABLE  The smallest response that so many trials find.
%   r = neuraxis.freqtag_detectable(trials, 'NAME', VALUE, ...)
%
%   kappa = A^2 N / (4 s^2) of a line of amplitude A in N samples of white noise of
%   standard deviation s that T2circ finds.
%
%   Inputs:
%     trials  numbers of trials
%   Names and values [default]:
%     'alpha'  level of the test; not given: 0.05
%     'power'  probability of finding it; not given: 0.8
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns kappa for each number of trials; A = 2 s sqrt(kappa / N).
%
%   Example:
%     r = neuraxis.freqtag_detectable([10 20 40]);
  r = neuraxis.internal.call('freqtag_detectable', {trials}, {'alpha', 'power'}, '', varargin);
end
