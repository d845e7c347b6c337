function r = freqtag_expected(kappa, trials, varargin)
%FREQTAG_EXPECTED  Phase coherence that a line in white noise is expected to have.
%   r = neuraxis.freqtag_expected(kappa, trials, 'NAME', VALUE, ...)
%
%   For lines of kappa = A^2 N / (4 s^2).
%
%   Inputs:
%     kappa  of each line
%     trials  number of trials
%   Names and values [default]:
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns a table: kappa, expected squared ITPC, and the limit of ITPC for many
%   trials.
%
%   Example:
%     r = neuraxis.freqtag_expected([0 0.5 2], 20);
  r = neuraxis.internal.call('freqtag_expected', {kappa, trials}, {}, '', varargin);
end
