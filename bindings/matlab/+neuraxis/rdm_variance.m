function r = rdm_variance(x, folds, channels, varargin)
%RDM_VARIANCE  Covariance of the entries of a crossnobis matrix.
%   r = neuraxis.rdm_variance(x, folds, channels, 'NAME', VALUE, ...)
%
%   In closed form; the square roots of its diagonal are standard errors that need no
%   bootstrap.
%
%   Inputs:
%     x  condition x condition, taken as the true ones
%     folds  number of folds
%     channels  number of channels
%   Names and values [default]:
%     'sigma_k'  from rdm_sigma_k; not given: identity
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns an array pair x pair.
%
%   Example:
%     x = neuraxis.rdm(randn(20, 24), repmat(1:6, 1, 4), 'measure', 'crossnobis');
%     r = neuraxis.rdm_variance(x, 4, 20);
  r = neuraxis.internal.call('rdm_variance', {x, folds, channels}, {'sigma_k'}, '', varargin);
end
