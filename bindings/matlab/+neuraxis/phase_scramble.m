function r = phase_scramble(x, varargin)
%PHASE_SCRAMBLE  A series of the same power spectrum with other phases.
%   r = neuraxis.phase_scramble(x, 'NAME', VALUE, ...)
%
%   Keeps power at every frequency, so it says nothing about power.
%
%   Inputs:
%     x  evenly spaced samples
%   Names and values [default]:
%     'phase'  (n - 1) / 2 angles in radians, rounded down; not given: random
%     'seed'  seed of the permutations; not given: drawn from the host's generator.
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns as many values.
%
%   Example:
%     x = sin(1:50) + randn(1, 50);
%     r = neuraxis.phase_scramble(x);
  r = neuraxis.internal.call('phase_scramble', {x}, {'phase'}, '', varargin);
end
