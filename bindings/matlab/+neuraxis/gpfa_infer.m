function r = gpfa_infer(fit, x, varargin)
%GPFA_INFER  Latents of new trials under a fitted model.
%   r = neuraxis.gpfa_infer(fit, x, 'NAME', VALUE, ...)
%
%   The trajectories of trials that took no part in the fit, with their uncertainty, and
%   their log likelihood.
%
%   Inputs:
%     fit  result of gpfa
%     x  trials of the neurons of the fit, as for gpfa
%   Names and values [default]:
%     'ahead'  how far to forecast (filtered only) (bins). [0]
%     'given'  what is known when a latent is told; one of smoothed/filtered.
%       ['smoothed']
%     'covariances'  keep the covariances between the latents of each bin. [false]
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns as gpfa; attribute gpfa_loglik.
%
%   Example:
%     d = neuraxis.simulate_recording('kind', 'spikes', 'units', 12, 'trials', 12); x = neuraxis.align_events(d.spikes, d.trials.start_time, 'stop', 2, 'bin', 0.05); fit = neuraxis.gpfa(x.values(:, :, 1:8), 'latents', 2, 'max_iter', 10);
%     r = neuraxis.gpfa_infer(fit, x.values(:, :, 9:12));
  r = neuraxis.internal.call('gpfa_infer', {fit, x}, {}, 'gpfa', varargin);
end
