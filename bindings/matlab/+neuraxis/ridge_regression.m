function r = ridge_regression(x, y, varargin)
%RIDGE_REGRESSION  Ridge regression of targets on features.
%   r = neuraxis.ridge_regression(x, y, 'NAME', VALUE, ...)
%
%   With an intercept that is not penalised, and the penalty chosen by leaving out each
%   observation, in closed form. Golub and others 1979.
%
%   Inputs:
%     x  feature x observation
%     y  target x observation
%   Names and values [default]:
%     'alphas'  penalties to try; not given: those of the options
%     'alpha_min'  smallest penalty tried. [0.001]
%     'alpha_max'  largest penalty tried. [1e+07]
%     'n_alphas'  penalties, evenly spaced on a logarithmic scale. [21]
%     'per_target'  choose the penalty of each target by itself. [true]
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns `weights`, feature x target, `intercept` and `alpha` of each target;
%   attribute at_edge: targets for which the first or last penalty was best.
%
%   Example:
%     x = randn(5, 60);
%     r = neuraxis.ridge_regression(x, [x(1, :) + randn(1, 60); randn(1, 60)]);
  r = neuraxis.internal.call('ridge_regression', {x, y}, {'alphas'}, 'ridge_regression', varargin);
end
