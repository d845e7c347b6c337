function r = rsa_compare_groups(x, y, models, varargin)
%RSA_COMPARE_GROUPS  Models in two groups of subjects.
%   r = neuraxis.rsa_compare_groups(x, y, models, 'NAME', VALUE, ...)
%
%   How well fixed models do in one group and in the other, by Welch's test and by
%   exchanging subjects between the groups.
%
%   Inputs:
%     x  matrices of the first group
%     y  matrices of the second group
%     models  condition x condition (x model)
%   Names and values [default]:
%     'sigma_k'  covariance between conditions of the noise, for whitened comparators
%     'seed'  seed of all resampling; not given: drawn from the host's generator.
%     'permutations'  relabellings of the conditions (all of up to 8 conditions); 0: no
%       such test. [1000]
%     'comparator'  how similar two RDMs are; one of
%       cosine/corr/spearman/rho-a/tau-a/tau-b/cosine-cov/corr-cov/bures/bures-metric/neg-riemann.
%       ['corr']
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns a table with one row per model.
%
%   Example:
%     x = rand(8, 8, 8); x = x + permute(x, [2 1 3]);
%     r = neuraxis.rsa_compare_groups(x(:, :, 1:4), x(:, :, 5:8), x(:, :, 1));
  r = neuraxis.internal.call('rsa_compare_groups', {x, y, models}, {'sigma_k'}, '', varargin);
end
