function r = diagram_distance(x, y, varargin)
%DIAGRAM_DISTANCE  Distance between two persistence diagrams.
%   r = neuraxis.diagram_distance(x, y, 'NAME', VALUE, ...)
%
%   Bottleneck or Wasserstein: how far the bars of one have to be moved to become those
%   of the other.
%
%   Inputs:
%     x  result of persistent_homology
%     y  another result of persistent_homology
%   Names and values [default]:
%     'dimension'  0 components, 1 loops, 2 voids; not given: 1
%     'order'  of the Wasserstein distance; infinite, as when not given: the bottleneck
%       distance
%     'norm'  p of the norm of the plane; not given: infinite
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns a number.
%
%   Example:
%     a = 1:12; x = neuraxis.persistent_homology(abs(exp(1i * a) - exp(1i * a.')));
%     r = neuraxis.diagram_distance(x, x);
  r = neuraxis.internal.call('diagram_distance', {x, y}, {'dimension', 'order', 'norm'}, '', varargin);
end
