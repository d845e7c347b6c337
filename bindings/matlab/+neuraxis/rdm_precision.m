function r = rdm_precision(covariance, varargin)
%RDM_PRECISION  Inverse of a noise covariance.
%   r = neuraxis.rdm_precision(covariance, 'NAME', VALUE, ...)
%
%   What rdm and others take as `precision`.
%
%   Inputs:
%     covariance  covariance between channels
%   Names and values [default]:
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns an array channel x channel.
%
%   Example:
%     x = neuraxis.rdm_noise(randn(20, 24), 'condition', repmat(1:6, 1, 4));
%     r = neuraxis.rdm_precision(x);
  r = neuraxis.internal.call('rdm_precision', {covariance}, {}, '', varargin);
end
