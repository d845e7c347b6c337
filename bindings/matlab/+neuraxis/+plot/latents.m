function latents(r)
%LATENTS  Latents of trials over time, a panel for each.
%   neuraxis.plot.latents(r)
%
%   R is the result of neuraxis.gpfa or neuraxis.gpvae.
%
%   Example:
%     d = neuraxis.simulate_recording('kind', 'spikes', 'units', 12, 'trials', 12);
%     x = neuraxis.align_events(d.spikes, d.trials.start_time, 'stop', 2, 'bin', 0.05);
%     neuraxis.plot.latents(neuraxis.gpfa(x, 'latents', 2, 'max_iter', 20));
  v = r.latents.values;
  t = neuraxis.axis_values(r.latents, 2);
  for k = 1:size(v, 1)
    subplot(size(v, 1), 1, k);
    plot(t, squeeze(v(k, :, :)));
    ylabel(sprintf('latent %d', k));
  end
  xlabel('time (s)');
end
