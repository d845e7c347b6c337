function r = ntf_null(x, varargin)
%NTF_NULL  Are the components more than chance.
%   r = neuraxis.ntf_null(x, 'NAME', VALUE, ...)
%
%   A p value for each component, from fits of data whose courses were shifted
%   circularly against each other: each keeps its spectrum and its values, and what
%   courses have in common goes.
%
%   Inputs:
%     x  array of 2 to 6 axes, e.g. neuron x time x trial; missing values are allowed
%   Names and values [default]:
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
%     'algorithm'  how one factor is updated given the others; one of
%       nnls/hals/pivot/mu/admm. ['nnls']
%     'extrapolate'  extrapolate once progress stalls. [true]
%     'keep_partial'  an interrupt returns the best factors so far. [false]
%     'loss'  what is minimised; kl is for counts; one of frobenius/kl/beta.
%       ['frobenius']
%     'beta'  exponent of the beta-divergence. [1]
%     'penalty'  penalties of single axes, AXIS:ridge/l1/smooth=VALUE, comma-separated.
%     'draws'  fits of shifted data; the least p-value is 1 / (draws + 1). [99]
%     'null_starts'  random starts of each of them. [1]
%     'shift_axis'  axis along which courses are shifted; not given: time.
%     'shift_each'  axes whose positions shift each by itself; not given: all others.
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns a table with one row per component.
%
%   Example:
%     d = neuraxis.simulate_recording('units', 6, 'trials', 4); x = d.dff; x = neuraxis.transform_values(x, 'what', 'rectify');
%     r = neuraxis.ntf_null(x, 'rank', 2, 'restarts', 2, 'draws', 19);
  r = neuraxis.internal.call('ntf_null', {x}, {}, '', varargin);
end
