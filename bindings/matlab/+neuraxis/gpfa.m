function r = gpfa(x, varargin)
%GPFA  Smooth low-dimensional trajectories (GPFA).
%   r = neuraxis.gpfa(x, 'NAME', VALUE, ...)
%
%   Gaussian-process factor analysis: each latent is a smooth function of time with its
%   own time scale, each neuron a linear readout of the latents with its own noise.
%   Exact for trials of any lengths, with missing values. The width of a bin is that of
%   a regular time axis unless given. Yu et al. 2009.
%
%   Inputs:
%     x  array neuron x time x trial (missing at the end of shorter trials), or a list
%       of matrices neuron x time
%   Names and values [default]:
%     'report'  path of an HTML page about the result to write
%     'latents'  number of latents. [3]
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
%     'ahead'  how far to forecast (filtered only) (bins). [0]
%     'given'  what is known when a latent is told; one of smoothed/filtered.
%       ['smoothed']
%     'covariances'  keep the covariances between the latents of each bin. [false]
%     'title'  title of the page.
%     'figures_dir'  folder that gets each figure as SVG and its numbers as CSV.
%     'force'  replace existing files. [false]
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns orthonormal latents of each trial with standard deviations, loadings, time
%   scales, log likelihood of each iteration, and the share of variance that each latent
%   explains.
%
%   Example:
%     d = neuraxis.simulate_recording('kind', 'spikes', 'units', 12, 'trials', 12); x = neuraxis.align_events(d.spikes, d.trials.start_time, 'stop', 2, 'bin', 0.05);
%     r = neuraxis.gpfa(x, 'latents', 2, 'root', true, 'max_iter', 20);
  r = neuraxis.internal.call('gpfa', {x}, {'report'}, 'gpfa', varargin);
end
