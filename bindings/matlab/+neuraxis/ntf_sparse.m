function r = ntf_sparse(position, value, dim, varargin)
%NTF_SPARSE  Factorisation of an array that is mostly zero.
%   r = neuraxis.ntf_sparse(position, value, dim, 'NAME', VALUE, ...)
%
%   As ntf, from the entries that are not zero: what is not listed is zero and counts as
%   data.
%
%   Inputs:
%     position  positions from 1, one row per entry and one column per axis
%     value  value of each entry
%     dim  lengths of the axes
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
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns as ntf; the axes are called mode1, mode2, ....
%
%   Example:
%     [i, j, v] = find(sprand(20, 20, 0.1));
%     r = neuraxis.ntf_sparse([i, j], v, [20 20], 'rank', 2, 'restarts', 2);
  r = neuraxis.internal.call('ntf_sparse', {position, value, dim}, {}, 'ntf', varargin);
end
