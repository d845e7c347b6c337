function r = rdm_compare(x, y, varargin)
%RDM_COMPARE  How similar dissimilarity matrices are.
%   r = neuraxis.rdm_compare(x, y, 'NAME', VALUE, ...)
%
%   Cosine, Pearson, Spearman, Kendall, and the cosine and correlation that are whitened
%   by the covariance of the dissimilarities.
%
%   Inputs:
%     x  condition x condition (x rdm)
%     y  the same for the second set
%   Names and values [default]:
%     'comparator'  cosine, corr, spearman, rho-a, tau-a, tau-b, cosine-cov, corr-cov,
%       bures, bures-metric or neg-riemann; not given: corr
%     'sigma_k'  covariance between conditions of the noise, for whitened comparators
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns an array: each matrix of the first set against each of the second.
%
%   Example:
%     x = neuraxis.rdm(randn(10, 10), 1:10);
%     r = neuraxis.rdm_compare(x, x);
  r = neuraxis.internal.call('rdm_compare', {x, y}, {'comparator', 'sigma_k'}, '', varargin);
end
