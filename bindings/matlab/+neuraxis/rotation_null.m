function r = rotation_null(re, im, varargin)
%ROTATION_NULL  Phase coherence when no phase is preferred.
%   r = neuraxis.rotation_null(re, im, 'NAME', VALUE, ...)
%
%   Each trial is turned by an angle of its own, at random or as given: -2 pi f tau is a
%   circular shift by tau.
%
%   Inputs:
%     re  real parts, trial (x column)
%     im  imaginary parts
%   Names and values [default]:
%     'surrogates'  how many; not given: those of `angle`, or 999
%     'angle'  angles in radians; not given: random
%     'phases'  1: ITPC, 0: amplitude of the mean; not given: 1
%     'seed'  seed of the permutations; not given: drawn from the host's generator.
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns `tests` with the observed value and p of each column, and `null`, surrogate
%   x column.
%
%   Example:
%     re = randn(10, 2) + 1; im = randn(10, 2);
%     r = neuraxis.rotation_null(re, im, 'surrogates', 199);
  r = neuraxis.internal.call('rotation_null', {re, im}, {'surrogates', 'angle', 'phases'}, 'rotation_null', varargin);
end
