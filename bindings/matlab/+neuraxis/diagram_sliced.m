function r = diagram_sliced(x, y, varargin)
%DIAGRAM_SLICED  Sliced Wasserstein distance between two persistence diagrams.
%   r = neuraxis.diagram_sliced(x, y, 'NAME', VALUE, ...)
%
%   The mean over directions of the distance on a line between the projections of both;
%   classes that never die are left out. Carriere and others 2017.
%
%   Inputs:
%     x  result of persistent_homology
%     y  another result of persistent_homology
%   Names and values [default]:
%     'dimension'  0 components, 1 loops, 2 voids; not given: 1
%     'slices'  directions; not given: 50
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns a number.
%
%   Example:
%     a = 1:12; x = neuraxis.persistent_homology(abs(exp(1i * a) - exp(1i * a.')));
%     r = neuraxis.diagram_sliced(x, x);
  r = neuraxis.internal.call('diagram_sliced', {x, y}, {'dimension', 'slices'}, '', varargin);
end
