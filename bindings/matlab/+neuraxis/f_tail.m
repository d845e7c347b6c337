function r = f_tail(f, df1, df2, varargin)
%F_TAIL  Upper tail of F, also where it underflows.
%   r = neuraxis.f_tail(f, df1, df2, 'NAME', VALUE, ...)
%
%   P(F > f), central or not, and its logarithm.
%
%   Inputs:
%     f  values of F
%     df1  degrees of freedom of the numerator
%     df2  of the denominator
%   Names and values [default]:
%     'lambda'  non-centrality; not given: 0
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns a table: f, p, log_p.
%
%   Example:
%     r = neuraxis.f_tail([4 4000], 2, 38);
  r = neuraxis.internal.call('f_tail', {f, df1, df2}, {'lambda'}, '', varargin);
end
