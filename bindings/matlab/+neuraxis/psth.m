function r = psth(x, varargin)
%PSTH  Average over trials.
%   r = neuraxis.psth(x, 'NAME', VALUE, ...)
%
%   Peri-stimulus time histogram: mean over the trial axis of what was recorded.
%
%   Inputs:
%     x  array with an axis called time
%   Names and values [default]:
%     'per_second'  divide by the width of a bin: counts become Hz. [false]
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns an array neuron x time.
%
%   Example:
%     d = neuraxis.simulate_recording('units', 6, 'trials', 4); x = d.dff; x = neuraxis.align_events(x, [5 10]);
%     r = neuraxis.psth(x);
  r = neuraxis.internal.call('psth', {x}, {}, '', varargin);
end
