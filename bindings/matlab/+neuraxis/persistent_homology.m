function r = persistent_homology(x, varargin)
%PERSISTENT_HOMOLOGY  Persistent homology of a dissimilarity matrix.
%   r = neuraxis.persistent_homology(x, 'NAME', VALUE, ...)
%
%   Components, loops and voids of the Vietoris-Rips filtration: at distance t all sets
%   of conditions whose distances are at most t.
%
%   Inputs:
%     x  condition x condition
%   Names and values [default]:
%     'threshold'  largest distance looked at (not given: the enclosing radius).
%     'max_dim'  0 components, 1 also loops, 2 also voids. [1]
%     'memory'  memory that may be used; 0: any amount (MB). [0]
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns the table `bars` with dimension, birth and death.
%
%   Example:
%     a = 1:12; x = abs(exp(1i * a) - exp(1i * a.'));
%     r = neuraxis.persistent_homology(x);
  r = neuraxis.internal.call('persistent_homology', {x}, {}, 'persistent_homology', varargin);
end
