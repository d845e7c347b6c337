function r = permutation_moments(x, varargin)
%PERMUTATION_MOMENTS  What all permutations of a series have in their spectrum.
%   r = neuraxis.permutation_moments(x, 'NAME', VALUE, ...)
%
%   In closed form what the screen of hftp_published samples: the mean power over all
%   permutations, and the 95th percentile of the amplitude of a Gaussian one within the
%   spectrum and at half the rate.
%
%   Inputs:
%     x  evenly spaced samples
%   Names and values [default]:
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns a table: power, inside_95, nyquist_95.
%
%   Example:
%     r = neuraxis.permutation_moments(randn(1, 64));
  r = neuraxis.internal.call('permutation_moments', {x}, {}, '', varargin);
end
