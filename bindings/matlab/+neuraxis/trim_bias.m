function r = trim_bias(trim, neighbours, varargin)
%TRIM_BIAS  What trimming does to the mean of powers.
%   r = neuraxis.trim_bias(trim, neighbours, 'NAME', VALUE, ...)
%
%   The mean of powers of Gaussian noise without so many of the smallest and largest, as
%   a share of the mean of all: divide a trimmed mean by it.
%
%   Inputs:
%     trim  dropped at either end
%     neighbours  how many powers there are
%   Names and values [default]:
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns a share for each number.
%
%   Example:
%     r = neuraxis.trim_bias(0:3, 8);
  r = neuraxis.internal.call('trim_bias', {trim, neighbours}, {}, '', varargin);
end
