function r = rsa_ceiling(x, varargin)
%RSA_CEILING  What a perfect model could reach.
%   r = neuraxis.rsa_ceiling(x, 'NAME', VALUE, ...)
%
%   The noise ceiling of a set of subjects, and the matrix that is most similar to all
%   of them.
%
%   Inputs:
%     x  condition x condition x subject
%   Names and values [default]:
%     'comparator'  as rdm_compare; not given: corr
%     'sigma_k'  covariance between conditions of the noise, for whitened comparators
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns `pool` and the attributes lower and upper.
%
%   Example:
%     x = rand(8, 8, 5); x = x + permute(x, [2 1 3]);
%     r = neuraxis.rsa_ceiling(x);
  r = neuraxis.internal.call('rsa_ceiling', {x}, {'comparator', 'sigma_k'}, 'rsa_ceiling', varargin);
end
