function r = diagram_kernel(x, y, varargin)
%DIAGRAM_KERNEL  Heat kernel of two persistence diagrams.
%   r = neuraxis.diagram_kernel(x, y, 'NAME', VALUE, ...)
%
%   The inner product of the heat that their points spread within a time; the distance
%   that it stands for is sqrt(k(a,a) + k(b,b) - 2 k(a,b)). Classes that never die are
%   left out. Reininghaus and others 2015.
%
%   Inputs:
%     x  result of persistent_homology
%     y  another result of persistent_homology
%   Names and values [default]:
%     'dimension'  0 components, 1 loops, 2 voids; not given: 1
%     'sigma'  the time; not given: 1
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns a number.
%
%   Example:
%     a = 1:12; x = neuraxis.persistent_homology(abs(exp(1i * a) - exp(1i * a.')));
%     r = neuraxis.diagram_kernel(x, x, 'sigma', 0.5);
  r = neuraxis.internal.call('diagram_kernel', {x, y}, {'dimension', 'sigma'}, '', varargin);
end
