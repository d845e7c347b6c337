function r = rsa_partial(x, models, varargin)
%RSA_PARTIAL  What each model adds to the others.
%   r = neuraxis.rsa_partial(x, models, 'NAME', VALUE, ...)
%
%   Partial correlation of, or regression weight for, each model and each matrix.
%
%   Inputs:
%     x  condition x condition (x subject)
%     models  condition x condition x model
%   Names and values [default]:
%     'kind'  pearson, spearman or regression; not given: pearson
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns an array model x rdm.
%
%   Example:
%     x = rand(8, 8); x = x + x'; m = rand(8, 8, 2); m = m + permute(m, [2 1 3]);
%     r = neuraxis.rsa_partial(x, m);
  r = neuraxis.internal.call('rsa_partial', {x, models}, {'kind'}, '', varargin);
end
