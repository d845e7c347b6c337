function r = rdm_rescale(x, varargin)
%RDM_RESCALE  Matrices that each lack some pairs on one scale.
%   r = neuraxis.rdm_rescale(x, 'NAME', VALUE, ...)
%
%   Each is scaled to the norm that the mean has on its pairs, by turns.
%
%   Inputs:
%     x  condition x condition x rdm
%   Names and values [default]:
%     'weights'  evidence, setsize or simple; not given: evidence
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns `rdm`, the matrices, and `mean`.
%
%   Example:
%     x = neuraxis.rdm(randn(10, 10), 1:10); y = cat(3, x.values, 2 * x.values); y(1, 2, 1) = NaN; y(2, 1, 1) = NaN;
%     r = neuraxis.rdm_rescale(y);
  r = neuraxis.internal.call('rdm_rescale', {x}, {'weights'}, 'rdm_rescale', varargin);
end
