function r = correlations(x, varargin)
%CORRELATIONS  Correlation of each pair of neurons.
%   r = neuraxis.correlations(x, 'NAME', VALUE, ...)
%
%   Pearson's or Spearman's, over all bins of all trials, with missing values; and an
%   order that puts similar neurons together.
%
%   Inputs:
%     x  array with an axis of neurons
%   Names and values [default]:
%     'kind'  of the values, or of their ranks; one of pearson/spearman. ['pearson']
%     'axis'  whose positions are correlated; not given: neuron, channel ....
%     'missing'  observations that a pair uses; one of pairwise/complete. ['pairwise']
%     'min_samples'  pairs with fewer common observations are missing. [3]
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns `correlation`, neuron x neuron, and `order`.
%
%   Example:
%     d = neuraxis.simulate_recording('units', 6, 'trials', 4); x = d.dff;
%     r = neuraxis.correlations(x);
  r = neuraxis.internal.call('correlations', {x}, {}, 'correlations', varargin);
end
