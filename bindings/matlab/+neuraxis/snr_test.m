function r = snr_test(snr, neighbours, varargin)
%SNR_TEST  Exact test of a power against its neighbours.
%   r = neuraxis.snr_test(snr, neighbours, 'NAME', VALUE, ...)
%
%   For Gaussian noise that is flat near the line the ratio has an F distribution: of
%   the power of averaged trials, or of power averaged over trials.
%
%   Inputs:
%     snr  power over the mean of its neighbours
%     neighbours  how many neighbours there are
%   Names and values [default]:
%     'averaged'  trials whose power was averaged; not given: 1, trials were averaged
%       before
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns a table: snr, df1, df2, p, log_p.
%
%   Example:
%     r = neuraxis.snr_test([2 8], 8);
  r = neuraxis.internal.call('snr_test', {snr, neighbours}, {'averaged'}, '', varargin);
end
