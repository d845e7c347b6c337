function r = align_events(x, events, varargin)
%ALIGN_EVENTS  Cut windows around events.
%   r = neuraxis.align_events(x, events, 'NAME', VALUE, ...)
%
%   Traces or spike counts around each event, with time 0 at the event.
%
%   Inputs:
%     x  traces (neuron x time) or spike trains
%     events  times of the events in s
%   Names and values [default]:
%     'start'  start of the window, from the event (s). [-0.5]
%     'stop'  end of the window, from the event (s). [1]
%     'bin'  width of a bin (spikes: 0.01) or step of the result (s).
%     'method'  how a value between samples is made; one of linear/nearest. ['nearest']
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns an array neuron x time x trial.
%
%   Example:
%     d = neuraxis.simulate_recording('units', 6, 'trials', 4); x = d.dff;
%     r = neuraxis.align_events(x, [5 10], 'start', -1, 'stop', 2);
  r = neuraxis.internal.call('align_events', {x, events}, {}, '', varargin);
end
