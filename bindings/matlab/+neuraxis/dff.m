function r = dff(x, varargin)
%DFF  Relative change of fluorescence.
%   r = neuraxis.dff(x, 'NAME', VALUE, ...)
%
%   (F - F0) / F0 with F0 from a rolling percentile, the maximin filter of Suite2p, one
%   percentile or a constant.
%
%   Inputs:
%     x  array with an axis called time
%   Names and values [default]:
%     'baseline'  how the resting fluorescence F0 is found; one of
%       maximin/rolling/percentile/constant. ['maximin']
%     'window'  window of maximin and rolling (s). [60]
%     'sigma_frames'  standard deviation of the gaussian of maximin and constant
%       (frames). [10]
%     'percentile'  percentile of rolling and percentile (%). [8]
%     'floor'  smallest F0 to divide by; not given: F0 as it is.
%     'output'  (F - F0) / F0, F - F0, or F0 itself; one of ratio/difference/baseline.
%       ['ratio']
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns an array like `x`.
%
%   Example:
%     d = neuraxis.simulate_recording('units', 4, 'raw', true); x = d.F;
%     r = neuraxis.dff(x);
  r = neuraxis.internal.call('dff', {x}, {}, '', varargin);
end
