function r = betti_curve(x, at, varargin)
%BETTI_CURVE  Betti curve.
%   r = neuraxis.betti_curve(x, at, 'NAME', VALUE, ...)
%
%   How many bars are alive at each distance.
%
%   Inputs:
%     x  result of persistent_homology
%     at  distances
%   Names and values [default]:
%     'dimension'  0 components, 1 loops, 2 voids; not given: 1
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns an array along distance.
%
%   Example:
%     a = 1:12; x = neuraxis.persistent_homology(abs(exp(1i * a) - exp(1i * a.')));
%     r = neuraxis.betti_curve(x, 0:0.1:2);
  r = neuraxis.internal.call('betti_curve', {x, at}, {'dimension'}, '', varargin);
end
