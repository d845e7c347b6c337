function r = slice_time(x, start, stop, varargin)
%SLICE_TIME  A part of a recording.
%   r = neuraxis.slice_time(x, start, stop, 'NAME', VALUE, ...)
%
%   Samples or spikes from `start` to before `stop`, in seconds.
%
%   Inputs:
%     x  array with an axis called time, or spike trains
%     start  first time in s
%     stop  end in s
%   Names and values [default]:
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns an array like `x`.
%
%   Example:
%     d = neuraxis.simulate_recording('units', 6, 'trials', 4); x = d.dff;
%     r = neuraxis.slice_time(x, 2, 5);
  r = neuraxis.internal.call('slice_time', {x, start, stop}, {}, '', varargin);
end
