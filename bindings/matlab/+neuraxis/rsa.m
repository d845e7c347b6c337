function r = rsa(x, models, varargin)
%RSA  Which model explains the geometry.
%   r = neuraxis.rsa(x, models, 'NAME', VALUE, ...)
%
%   Compares models with the dissimilarity matrices of subjects, and with each other,
%   under inference that holds for new subjects, new conditions or both; with noise
%   ceiling.
%
%   Inputs:
%     x  matrices of subjects, condition x condition x subject
%     models  a list of models, each condition x condition (x what a flexible model is
%       made from)
%   Names and values [default]:
%     'kind'  what the models may do to fit: fixed, select, weighted, nonnegative or
%       interpolate; not given: fixed
%     'sigma_k'  covariance between conditions of the noise, for whitened comparators
%     'subject'  whose each matrix is, whole numbers, where subjects have several
%       (sessions); not given: each is a subject of its own
%     'report'  path of an HTML page about the result to write
%     'seed'  seed of all resampling; not given: drawn from the host's generator.
%     'samples'  bootstrap samples. [1000]
%     'permutations'  relabellings of the conditions (all of up to 8 conditions); 0: no
%       such test. [1000]
%     'assignments'  random assignments to folds, or random test sets, per sample, for
%       models that are fitted. [2]
%     'subject_folds'  folds of subjects; 0: 2 to 5, by their number. [0]
%     'condition_folds'  folds of conditions; 0: 2 to 5, by their number. [0]
%     'ridge'  penalty on the weights of weighted models. [0]
%     'level'  level of the intervals. [0.95]
%     'comparator'  how similar two RDMs are; one of
%       cosine/corr/spearman/rho-a/tau-a/tau-b/cosine-cov/corr-cov/bures/bures-metric/neg-riemann.
%       ['corr']
%     'resample'  what results should hold for: new subjects (none: from their spread),
%       new conditions, or both (dual); one of none/subjects/conditions/both/dual.
%       ['none']
%     'crossvalidate'  evaluate in folds also when every model is fixed. [false]
%     'interval'  intervals by Student's t, or from the samples of subjects or
%       conditions; one of t/percentile/bca. ['t']
%     'test_sets'  what fitted models are tested on: each fold, random sets, or what a
%       sample has not; one of folds/random/outside. ['folds']
%     'test_conditions'  conditions in a random test set; 0: as in a fold. [0]
%     'test_subjects'  subjects in a random test set; 0: as in a fold. [0]
%     'title'  title of the page.
%     'figures_dir'  folder that gets each figure as SVG and its numbers as CSV.
%     'force'  replace existing files. [false]
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns the tables `models` and `differences`, the similarity of each model to each
%   subject, and their covariance.
%
%   Example:
%     x = rand(8, 8, 6); x = x + permute(x, [2 1 3]); d = abs((1:8)' - (1:8));
%     r = neuraxis.rsa(x, struct('line', d, 'square', d .^ 2));
  r = neuraxis.internal.call('rsa', {x, models}, {'kind', 'sigma_k', 'subject', 'report'}, 'rsa', varargin);
end
