function r = scalloping(offset, samples, varargin)
%SCALLOPING  What a bin still sees of a line off the grid.
%   r = neuraxis.scalloping(offset, samples, 'NAME', VALUE, ...)
%
%   The share of the amplitude that is left at so many bins from the line.
%
%   Inputs:
%     offset  distances from a bin, in bins
%     samples  length of the window
%   Names and values [default]:
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns a share for each offset.
%
%   Example:
%     r = neuraxis.scalloping([0 0.25 0.5], 200);
  r = neuraxis.internal.call('scalloping', {offset, samples}, {}, '', varargin);
end
