function r = persistence_image(x, varargin)
%PERSISTENCE_IMAGE  Persistence image.
%   r = neuraxis.persistence_image(x, 'NAME', VALUE, ...)
%
%   A sum of Gaussians over birth and persistence, each weighted by its persistence: a
%   diagram as a picture of fixed size.
%
%   Inputs:
%     x  result of persistent_homology
%   Names and values [default]:
%     'dimension'  0 components, 1 loops, 2 voids; not given: 1
%     'birth_min'  left edge. [0]
%     'birth_max'  right edge. [1]
%     'persistence_min'  lower edge. [0]
%     'persistence_max'  upper edge. [1]
%     'sd'  standard deviation of the Gaussian around each point. [0.1]
%     'power'  a point weighs its persistence to this power. [1]
%     'n_birth'  pixels across. [20]
%     'n_persistence'  pixels up. [20]
%     'integral'  integrate over each pixel instead of the density at a point. [true]
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns an array birth x persistence.
%
%   Example:
%     a = 1:12; x = neuraxis.persistent_homology(abs(exp(1i * a) - exp(1i * a.')));
%     r = neuraxis.persistence_image(x, 'birth_max', 2, 'persistence_max', 2);
  r = neuraxis.internal.call('persistence_image', {x}, {'dimension'}, '', varargin);
end
