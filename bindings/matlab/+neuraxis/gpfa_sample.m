function r = gpfa_sample(fit, bins, varargin)
%GPFA_SAMPLE  Draw trials from a fitted model.
%   r = neuraxis.gpfa_sample(fit, bins, 'NAME', VALUE, ...)
%
%   Latents and activity of trials as the model has them; square roots are not undone.
%
%   Inputs:
%     fit  result of gpfa
%     bins  length of each trial in bins
%   Names and values [default]:
%     'seed'  seed of the start and of segments; not given: drawn from the host's
%       generator.
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns `latents` and `activity`, each x time x trial.
%
%   Example:
%     d = neuraxis.simulate_recording('kind', 'spikes', 'units', 12, 'trials', 12); x = neuraxis.align_events(d.spikes, d.trials.start_time, 'stop', 2, 'bin', 0.05); fit = neuraxis.gpfa(x.values(:, :, 1:8), 'latents', 2, 'max_iter', 10);
%     r = neuraxis.gpfa_sample(fit, [40 40]);
  r = neuraxis.internal.call('gpfa_sample', {fit, bins}, {}, 'gpfa_sample', varargin);
end
