function r = gpfa_select(x, varargin)
%GPFA_SELECT  How many latents the trials support.
%   r = neuraxis.gpfa_select(x, 'NAME', VALUE, ...)
%
%   Cross-validation over trials: each neuron of a test trial is predicted from the
%   others by the first 1, 2, ... latents.
%
%   Inputs:
%     x  array neuron x time x trial (missing at the end of shorter trials), or a list
%       of matrices neuron x time
%   Names and values [default]:
%     'max_iter'  iterations of EM, or evaluations of the likelihood. [500]
%     'em_first'  iterations of EM before em+lbfgs turns to the likelihood itself. [20]
%     'kernel_steps'  Newton steps on each length scale per iteration of EM; 0 keeps
%       them. [3]
%     'segment'  cut trials into segments of this length for the fit; 0: not (bins). [0]
%     'bin'  width of a bin (s); not given: that of the data.
%     'tau'  length scale to start from; not given: those of the factors (s).
%     'latent_noise'  share of white noise in each latent. [0.001]
%     'tol'  stop when an iteration gains less than this share of the gain so far.
%       [1e-08]
%     'min_var'  least noise variance of a neuron, as share of its variance. [0.01]
%     'rank_tol'  eigenvalues below this share of the largest are left out (lowrank).
%       [1e-14]
%     'seed'  seed of the start and of segments; not given: drawn from the host's
%       generator.
%     'kernel'  covariance of a latent over time; one of rbf/matern32/matern52. ['rbf']
%     'engine'  how the posterior is computed; one of auto/nested/lowrank/dense.
%       ['auto']
%     'optimiser'  how the likelihood is maximised; one of em/lbfgs/em+lbfgs. ['em']
%     'learn_noise'  fit the share of white noise of each latent too. [false]
%     'root'  take square roots, as befits counts. [false]
%     'keep_partial'  an interrupt returns the model so far. [false]
%     'likelihood'  noise of the neurons: gaussian, or poisson for counts as they are;
%       one of gaussian/poisson. ['gaussian']
%     'latents_min'  least number of latents tried. [1]
%     'latents_max'  largest number of latents tried; 0: 8, then twice as many as long
%       as the largest predicts best. [0]
%     'folds'  folds of the cross-validation over trials. [4]
%     'fold_iter'  at most so many iterations in the fits of the folds. [20]
%     'full'  a fit for every number of latents instead of one per fold. [false]
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns the table `dimensions`, and `latents` (the smallest not worse than the best
%   by more than a standard error) and `best`.
%
%   Example:
%     d = neuraxis.simulate_recording('kind', 'spikes', 'units', 12, 'trials', 12); x = neuraxis.align_events(d.spikes, d.trials.start_time, 'stop', 2, 'bin', 0.05);
%     r = neuraxis.gpfa_select(x, 'latents_max', 3, 'folds', 2);
  r = neuraxis.internal.call('gpfa_select', {x}, {}, 'gpfa_select', varargin);
end
