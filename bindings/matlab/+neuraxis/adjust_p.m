function r = adjust_p(p, varargin)
%ADJUST_P  p values at a false discovery rate.
%   r = neuraxis.adjust_p(p, 'NAME', VALUE, ...)
%
%   Rejecting those that are at most q keeps the false discovery rate at q.
%
%   Inputs:
%     p  p values
%   Names and values [default]:
%     'method'  bh (Benjamini and Hochberg) or by (Benjamini and Yekutieli); not given:
%       bh
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns as many numbers; missing ones stay missing.
%
%   Example:
%     r = neuraxis.adjust_p([0.01 0.02 0.5]);
  r = neuraxis.internal.call('adjust_p', {p}, {'method'}, '', varargin);
end
