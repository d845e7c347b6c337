function r = cluster_test(x, threshold, varargin)
%CLUSTER_TEST  Cluster-mass test by sign flips.
%   r = neuraxis.cluster_test(x, threshold, 'NAME', VALUE, ...)
%
%   Neighbouring cells beyond a threshold, against the largest of each flip of signs,
%   or, with a control, of each exchange of labels. Cells have t of real, F of T2circ of
%   complex observations. Maris and Oostenveld 2007.
%
%   Inputs:
%     x  observation x cell
%     threshold  t (or F) that a cell must reach
%   Names and values [default]:
%     'flips'  not given: rows of `sign`, or 1000
%     'im'  imaginary parts; not given: observations are real
%     'control'  of the observations the last so many are the control's; not given: 0
%     'adjacency'  pairs of cells that are neighbours, two columns of numbers from 1;
%       not given: cells in a row
%     'sign'  1 and -1; not given: random
%     'seed'  seed of the permutations; not given: drawn from the host's generator.
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns the tables `clusters` and `cells`, and `null`, the largest of each flip.
%
%   Example:
%     x = randn(10, 20); x(:, 5:9) = x(:, 5:9) + 1.5;
%     r = neuraxis.cluster_test(x, 2.3, 'flips', 200);
  r = neuraxis.internal.call('cluster_test', {x, threshold}, {'flips', 'im', 'control', 'adjacency', 'sign'}, 'cluster_test', varargin);
end
