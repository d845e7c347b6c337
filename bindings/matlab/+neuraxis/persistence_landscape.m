function r = persistence_landscape(x, at, varargin)
%PERSISTENCE_LANDSCAPE  Persistence landscape.
%   r = neuraxis.persistence_landscape(x, at, 'NAME', VALUE, ...)
%
%   Function k at t is the k-th largest over bars of min(t - birth, death - t), at least
%   0.
%
%   Inputs:
%     x  result of persistent_homology
%     at  distances t
%   Names and values [default]:
%     'levels'  how many functions; not given: 3
%     'dimension'  0 components, 1 loops, 2 voids; not given: 1
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns an array distance x level.
%
%   Example:
%     a = 1:12; x = neuraxis.persistent_homology(abs(exp(1i * a) - exp(1i * a.')));
%     r = neuraxis.persistence_landscape(x, 0:0.1:2);
  r = neuraxis.internal.call('persistence_landscape', {x, at}, {'levels', 'dimension'}, '', varargin);
end
