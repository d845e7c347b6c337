function r = rsa_model_fit(x, model, varargin)
%RSA_MODEL_FIT  Weights of a flexible model.
%   r = neuraxis.rsa_model_fit(x, model, 'NAME', VALUE, ...)
%
%   What makes a model that is made of several matrices most similar to the data.
%
%   Inputs:
%     x  condition x condition (x subject)
%     model  condition x condition x what it is made of
%   Names and values [default]:
%     'kind'  select, weighted, nonnegative or interpolate; not given: nonnegative
%     'comparator'  as rdm_compare; not given: corr
%     'ridge'  penalty on weights; not given: 0
%     'sigma_k'  covariance between conditions of the noise, for whitened comparators
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns an array with a number for each matrix of the model.
%
%   Example:
%     m = rand(8, 8, 2); m = m + permute(m, [2 1 3]); x = m(:, :, 1) + 2 * m(:, :, 2);
%     r = neuraxis.rsa_model_fit(x, m);
  r = neuraxis.internal.call('rsa_model_fit', {x, model}, {'kind', 'comparator', 'ridge', 'sigma_k'}, '', varargin);
end
