function r = encoding_score(x, y, varargin)
%ENCODING_SCORE  How well features predict responses.
%   r = neuraxis.encoding_score(x, y, 'NAME', VALUE, ...)
%
%   Ridge regression of each target on the features, with its penalty chosen by leaving
%   out each observation, scored by the correlation with folds that took no part in the
%   fit.
%
%   Inputs:
%     x  feature x observation
%     y  target x observation
%   Names and values [default]:
%     'fold'  fold of each observation, whole numbers; not given: five blocks
%     'ceiling'  noise ceiling of each target, as a squared correlation
%     'alpha_min'  smallest penalty tried. [0.001]
%     'alpha_max'  largest penalty tried. [1e+07]
%     'n_alphas'  penalties, evenly spaced on a logarithmic scale. [21]
%     'per_target'  choose the penalty of each target by itself. [true]
%     'standardise'  bring features to unit variance in the training data. [true]
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns the table `targets` with the score of each, its standard error over folds
%   and the penalty.
%
%   Example:
%     x = randn(5, 60);
%     r = neuraxis.encoding_score(x, [x(1, :) + randn(1, 60); randn(1, 60)]);
  r = neuraxis.internal.call('encoding_score', {x, y}, {'fold', 'ceiling'}, '', varargin);
end
