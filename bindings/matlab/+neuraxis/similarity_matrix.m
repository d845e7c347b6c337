function r = similarity_matrix(x, varargin)
%SIMILARITY_MATRIX  How similar several representations are, pair by pair.
%   r = neuraxis.similarity_matrix(x, 'NAME', VALUE, ...)
%
%   As similarity, for example of the layers of two networks; pwcca weighs by its row
%   and is not symmetric.
%
%   Inputs:
%     x  a list of representations, each channel x observation
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
%   Returns an array representation x representation.
%
%   Example:
%     x = randn(10, 20);
%     r = neuraxis.similarity_matrix({x, x(1:4, :), x .^ 2});
  r = neuraxis.internal.call('similarity_matrix', {x}, {}, '', varargin);
end
