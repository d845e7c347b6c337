function r = ntf(x, varargin)
%NTF  Non-negative tensor factorisation.
%   r = neuraxis.ntf(x, 'NAME', VALUE, ...)
%
%   Approximates an array by a sum of components, each the product of one non-negative
%   profile per axis: which neurons act together, when, and in which trials or animals.
%   The best of several random starts is returned.
%
%   Inputs:
%     x  array of 2 to 6 axes, e.g. neuron x time x trial; missing values are allowed
%   Names and values [default]:
%     'init'  one matrix per axis (length x rank) to start from
%     'report'  path of an HTML page about the result to write
%     'rank'  number of components. [8]
%     'restarts'  random starts, of which the best is kept. [10]
%     'max_iter'  sweeps over all modes per start. [500]
%     'inner_sweeps'  most sweeps of coordinate descent per update (hals: exactly as
%       many). [100]
%     'tol'  stop when a sweep gains less than this share of the explained part. [1e-07]
%     'kkt_tol'  and the optimality conditions hold to this relative size. [0.001]
%     'ridge'  penalty on the sum of squares of the factors, halved. [0]
%     'l1'  penalty on the sum of absolute values of the factors. [0]
%     'seed'  seed of the random starts; not given: drawn from the host's generator.
%     'free'  axes whose factor may be negative, comma-separated.
%     'fixed'  axes whose factor stays as it was given, comma-separated.
%     'algorithm'  how one factor is updated given the others; one of
%       nnls/hals/pivot/mu/admm. ['nnls']
%     'extrapolate'  extrapolate once progress stalls. [true]
%     'keep_partial'  an interrupt returns the best factors so far. [false]
%     'loss'  what is minimised; kl is for counts; one of frobenius/kl/beta.
%       ['frobenius']
%     'beta'  exponent of the beta-divergence. [1]
%     'penalty'  penalties of single axes, AXIS:ridge/l1/smooth=VALUE, comma-separated.
%     'title'  title of the page.
%     'figures_dir'  folder that gets each figure as SVG and its numbers as CSV.
%     'force'  replace existing files. [false]
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns weights, one factor per axis, the error after each sweep, and how each start
%   went.
%
%   Example:
%     d = neuraxis.simulate_recording('units', 6, 'trials', 4); x = d.dff; x = neuraxis.transform_values(x, 'what', 'rectify');
%     r = neuraxis.ntf(x, 'rank', 2, 'restarts', 2);
  r = neuraxis.internal.call('ntf', {x}, {'init', 'report'}, 'ntf', varargin);
end
