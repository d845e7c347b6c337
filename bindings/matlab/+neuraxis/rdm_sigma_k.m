function r = rdm_sigma_k(x, condition, varargin)
%RDM_SIGMA_K  Covariance between conditions of the noise.
%   r = neuraxis.rdm_sigma_k(x, condition, 'NAME', VALUE, ...)
%
%   Of the means of conditions in folds, per channel: what whitened comparators take as
%   `sigma_k`.
%
%   Inputs:
%     x  responses, channel x observation
%     condition  condition of each observation, whole numbers
%   Names and values [default]:
%     'fold'  fold of each observation; not given: the k-th occurrence of a condition is
%       in fold k
%     'precision'  inverse of the noise covariance between channels
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns an array condition x condition.
%
%   Example:
%     x = randn(20, 24);
%     r = neuraxis.rdm_sigma_k(x, repmat(1:6, 1, 4));
  r = neuraxis.internal.call('rdm_sigma_k', {x, condition}, {'fold', 'precision'}, '', varargin);
end
