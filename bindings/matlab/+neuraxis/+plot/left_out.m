function left_out(r)
%LEFT_OUT  Error of predicting each neuron from the others over the number of latents.
%   neuraxis.plot.left_out(r)
%
%   R is the result of neuraxis.gpfa_leave_neuron_out.
%
%   Example:
%     d = neuraxis.simulate_recording('kind', 'spikes', 'units', 12, 'trials', 12);
%     x = neuraxis.align_events(d.spikes, d.trials.start_time, 'stop', 2, 'bin', 0.05);
%     fit = neuraxis.gpfa(x, 'latents', 2, 'max_iter', 10);
%     neuraxis.plot.left_out(neuraxis.gpfa_leave_neuron_out(fit, x));
  plot(r.reduced.values, 'bo-');
  neuraxis.internal.items(numel(r.reduced.values));
  xlabel('latents');
  ylabel('squared error');
end
