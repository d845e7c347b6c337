function r = freqtag_ress(x, frequency, varargin)
%FREQTAG_RESS  The combination of channels that follows a tag.
%   r = neuraxis.freqtag_ress(x, frequency, 'NAME', VALUE, ...)
%
%   Rhythmic entrainment source separation: the filter whose power at the tag is largest
%   against its neighbourhood. Cohen and Gulbinaite 2017.
%
%   Inputs:
%     x  channel x time (x trial)
%     frequency  of the tag in Hz
%   Names and values [default]:
%     'width'  of the filter there, Hz; not given: 0.5
%     'distance'  of the reference filters on both sides, Hz; not given: 1
%     'distance_width'  their width, Hz; not given: 1
%     'shrinkage'  share of the identity in the reference; not given: 0.01
%     'leave_out'  1: each trial by a filter that has not seen it; not given: 0
%     'rate'  samples per second; not given: of the time axis of `x`
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns `component` (time x trial), `pattern`, `filters` and their `values`.
%
%   Example:
%     x = randn(4, 400, 5);
%     r = neuraxis.freqtag_ress(x, 10, 'rate', 100);
  r = neuraxis.internal.call('freqtag_ress', {x, frequency}, {'width', 'distance', 'distance_width', 'shrinkage', 'leave_out', 'rate'}, 'freqtag_ress', varargin);
end
