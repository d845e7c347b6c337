function r = cluster_test(x, threshold, varargin)
%CLUSTER_TEST  Cluster-mass test by sign flips.
%   r = neuraxis.cluster_test(x, threshold, 'NAME', VALUE, ...)
%
%   Stretches of neighbouring cells beyond a threshold, against the largest of each flip
%   of signs. Maris and Oostenveld 2007.
%
%   Inputs:
%     x  observation x cell
%     threshold  t that a cell must reach
%   Names and values [default]:
%     'flips'  not given: 1000
%     'seed'  seed of the permutations; not given: drawn from the host's generator.
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns the tables `clusters` and `cells`.
%
%   Example:
%     x = randn(10, 20); x(:, 5:9) = x(:, 5:9) + 1.5;
%     r = neuraxis.cluster_test(x, 2.3, 'flips', 200);
  r = neuraxis.internal.call('cluster_test', {x, threshold}, {'flips'}, 'cluster_test', varargin);
end
