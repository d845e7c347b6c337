function r = combine_p(log_p, varargin)
%COMBINE_P  Independent p values combined.
%   r = neuraxis.combine_p(log_p, 'NAME', VALUE, ...)
%
%   Fisher's method, from logarithms, which do not underflow.
%
%   Inputs:
%     log_p  natural logarithms of p; missing ones take no part
%   Names and values [default]:
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns a table: chi_squared, df, p, log_p.
%
%   Example:
%     r = neuraxis.combine_p(log([0.04 0.1 0.02]));
  r = neuraxis.internal.call('combine_p', {log_p}, {}, '', varargin);
end
