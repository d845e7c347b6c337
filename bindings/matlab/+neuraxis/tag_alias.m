function r = tag_alias(frequency, rate, varargin)
%TAG_ALIAS  Where a tag is seen at a sampling rate.
%   r = neuraxis.tag_alias(frequency, rate, 'NAME', VALUE, ...)
%
%   Tags above half the rate are folded back.
%
%   Inputs:
%     frequency  frequencies in Hz
%     rate  samples per second
%   Names and values [default]:
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns a frequency for each.
%
%   Example:
%     r = neuraxis.tag_alias([3 40], 50);
  r = neuraxis.internal.call('tag_alias', {frequency, rate}, {}, '', varargin);
end
