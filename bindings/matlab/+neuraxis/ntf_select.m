function r = ntf_select(x, varargin)
%NTF_SELECT  How many components the data support.
%   r = neuraxis.ntf_select(x, 'NAME', VALUE, ...)
%
%   Two criteria that need not agree: the error on entries left out of the fit, and the
%   agreement between random starts. Where they differ the recommendation is the smaller
%   one.
%
%   Inputs:
%     x  array of 2 to 6 axes, e.g. neuron x time x trial; missing values are allowed
%   Names and values [default]:
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
%     'rank_min'  smallest rank tried. [1]
%     'rank_max'  largest rank tried. [10]
%     'folds'  held-out sets; 0 leaves cross-validation out. [3]
%     'block'  length of held-out blocks; 1 holds out single entries. [1]
%     'fold_starts'  random starts of each held-out fit. [2]
%     'fraction'  share of the entries held out in each fold. [0.1]
%     'similar'  median similarity between starts that counts as stable. [0.98]
%     'block_axis'  axis along which held-out blocks run.
%     'leave_out'  parts of the slice axis left out in turn; as many as it is long: one
%       each. [0]
%     'halves'  splits of the slice axis into two halves. [0]
%     'similar_parts'  median similarity under both that counts as stable. [0.9]
%     'slice_axis'  slice axis, which parts and halves are of; not given: animal or
%       trial.
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns the table `ranks`, and `rank`, `rank_cv` and `rank_stable`.
%
%   Example:
%     d = neuraxis.simulate_recording('units', 6, 'trials', 4); x = d.dff; x = neuraxis.transform_values(x, 'what', 'rectify');
%     r = neuraxis.ntf_select(x, 'rank_max', 2, 'restarts', 2);
  r = neuraxis.internal.call('ntf_select', {x}, {}, 'ntf_select', varargin);
end
