function r = cluster_tree(x, varargin)
%CLUSTER_TREE  Hierarchical clustering from distances.
%   r = neuraxis.cluster_tree(x, 'NAME', VALUE, ...)
%
%   The tree, an order in which no branches cross, and, when `clusters` is given, the
%   clusters.
%
%   Inputs:
%     x  symmetric matrix of distances
%   Names and values [default]:
%     'linkage'  average, complete or single; not given: average
%     'clusters'  number of clusters
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns the table `merges`, `order` and, on request, `label`.
%
%   Example:
%     y = [1 2 6 7]; x = abs(y' - y);
%     r = neuraxis.cluster_tree(x, 'clusters', 2);
  r = neuraxis.internal.call('cluster_tree', {x}, {'linkage', 'clusters'}, 'cluster_tree', varargin);
end
