function r = similarity(x, y, varargin)
%SIMILARITY  How similar two representations of the same observations are.
%   r = neuraxis.similarity(x, y, 'NAME', VALUE, ...)
%
%   Centred kernel alignment (unbiased unless asked otherwise), the RV coefficient,
%   Procrustes and shape distances, canonical correlations, distance correlation and
%   shared nearest neighbours: without models, for any numbers of channels.
%
%   Inputs:
%     x  channel x observation
%     y  the same observations in other channels
%   Names and values [default]:
%     'bandwidth'  width of the Gaussian kernel, as a share of the median distance.
%       [0.5]
%     'whitening'  shape: 0 Procrustes angle, 1 as canonical correlations. [0]
%     'variance'  svcca: share of the variance that components must hold. [0.99]
%     'neighbours'  nearest neighbours of each observation. [10]
%     'batch'  cka: observations of a batch; 0: all at once. [0]
%     'measure'  how two representations are compared; one of
%       cka/cka-rbf/rv/procrustes/shape/permutation/cca/svcca/pwcca/distance-correlation/neighbours.
%       ['cka']
%     'biased'  cka, cka-rbf, distance correlation: with the bias that noise gives them.
%       [false]
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns one number.
%
%   Example:
%     x = randn(10, 20);
%     r = neuraxis.similarity(x, x(1:4, :));
  r = neuraxis.internal.call('similarity', {x, y}, {}, '', varargin);
end
