function r = gpfa_leave_neuron_out(fit, x, varargin)
%GPFA_LEAVE_NEURON_OUT  How well each neuron is told from the others.
%   r = neuraxis.gpfa_leave_neuron_out(fit, x, 'NAME', VALUE, ...)
%
%   Each neuron of each trial predicted from all others through the latents, in closed
%   form.
%
%   Inputs:
%     fit  result of gpfa
%     x  trials of the neurons of the fit, as for gpfa
%   Names and values [default]:
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns `predicted`, neuron x time x trial; `reduced`, squared errors of the first
%   1, 2, ... latents; attributes sse and log_density.
%
%   Example:
%     d = neuraxis.simulate_recording('kind', 'spikes', 'units', 12, 'trials', 12); x = neuraxis.align_events(d.spikes, d.trials.start_time, 'stop', 2, 'bin', 0.05); fit = neuraxis.gpfa(x.values(:, :, 1:8), 'latents', 2, 'max_iter', 10);
%     r = neuraxis.gpfa_leave_neuron_out(fit, x);
  r = neuraxis.internal.call('gpfa_leave_neuron_out', {fit, x}, {}, 'gpfa_leave_neuron_out', varargin);
end
