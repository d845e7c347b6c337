function r = rdm_noise(x, varargin)
%RDM_NOISE  Covariance of the noise between channels.
%   r = neuraxis.rdm_noise(x, 'NAME', VALUE, ...)
%
%   From the observations about the mean of their condition, as they are or shrunk.
%
%   Inputs:
%     x  responses, channel x observation
%   Names and values [default]:
%     'condition'  condition of each observation; not given: `x` holds residuals
%     'method'  none, full, diag, shrinkage-eye or shrinkage-diag; not given:
%       shrinkage-eye
%     'dof'  degrees of freedom; not given: observations less conditions
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns an array channel x channel.
%
%   Example:
%     x = randn(20, 24);
%     r = neuraxis.rdm_noise(x, 'condition', repmat(1:6, 1, 4));
  r = neuraxis.internal.call('rdm_noise', {x}, {'condition', 'method', 'dof'}, '', varargin);
end
