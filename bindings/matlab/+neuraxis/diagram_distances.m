function r = diagram_distances(x, varargin)
%DIAGRAM_DISTANCES  What differs in the topology of several matrices.
%   r = neuraxis.diagram_distances(x, 'NAME', VALUE, ...)
%
%   The distance between the persistence diagrams of each pair of dissimilarity
%   matrices.
%
%   Inputs:
%     x  condition x condition x rdm
%   Names and values [default]:
%     'dimension'  0 components, 1 loops, 2 voids; not given: 1
%     'order'  of the Wasserstein distance; infinite, as when not given: the bottleneck
%       distance
%     'norm'  p of the norm of the plane; not given: infinite
%     'threshold'  largest distance looked at (not given: the enclosing radius).
%     'memory'  memory that may be used; 0: any amount (MB). [0]
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns an array rdm x rdm.
%
%   Example:
%     x = rand(8, 8, 3); x = x + permute(x, [2 1 3]);
%     r = neuraxis.diagram_distances(x);
  r = neuraxis.internal.call('diagram_distances', {x}, {'dimension', 'order', 'norm'}, '', varargin);
end
