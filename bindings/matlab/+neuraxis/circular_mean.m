function r = circular_mean(angle, varargin)
%CIRCULAR_MEAN  Mean direction and its strength.
%   r = neuraxis.circular_mean(angle, 'NAME', VALUE, ...)
%
%   Of angles in radians, with Rayleigh's test that they have no preferred direction.
%
%   Inputs:
%     angle  radians
%   Names and values [default]:
%     'weight'  weight of each; with weights there is no test
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns a table with n, mean, resultant and rayleigh_p.
%
%   Example:
%     r = neuraxis.circular_mean([0.1 -0.1 0.2]);
  r = neuraxis.internal.call('circular_mean', {angle}, {'weight'}, '', varargin);
end
