function r = bicluster(x, varargin)
%BICLUSTER  Which neurons share a trajectory, which periods share a state.
%   r = neuraxis.bicluster(x, 'NAME', VALUE, ...)
%
%   The posterior over clusters of neurons and states of time together, by Markov chain
%   Monte Carlo, without choosing either number beforehand; with diagnostics that say
%   whether to trust the chains. Wei 2023.
%
%   Inputs:
%     x  spike counts (or traces), neuron x time (x trial)
%   Names and values [default]:
%     'region'  region of each neuron, whole numbers from 0
%     'report'  path of an HTML page about the result to write
%     'chains'  independent chains. [4]
%     'sweeps'  sweeps of each chain. [2000]
%     'burn_in'  of those, sweeps that do not count; -1: a half. [-1]
%     'thin'  keep a draw every so many sweeps. [1]
%     'seed'  seed of all chains; not given: drawn from the host's generator.
%     'observation'  what is observed: counts, or real values (calcium); one of
%       negative-binomial/poisson/gaussian. ['negative-binomial']
%     'latent_dim'  dimensions of a cluster's latent besides its mean. [2]
%     'learn_latent_dim'  each cluster has its own number of latents, at most that many.
%       [false]
%     'latent_mean'  learn-latent-dim: mean of the Poisson prior of that number. [2]
%     'coupled'  dynamics joint over this many clusters (published form); 0: each its
%       own. [0]
%     'max_states'  most states. [10]
%     'partition'  prior of the clusters: mixture of finite mixtures or Dirichlet
%       process; one of mfm/dp. ['mfm']
%     'cluster_rho'  mfm: number of components is geometric with this. [0.2]
%     'cluster_weight'  mfm: Dirichlet parameter of the weights. [1]
%     'cluster_alpha'  dp: concentration. [1]
%     'region_weight'  regions: Dirichlet parameter of a cluster's shares, small:
%       clusters keep to one region. [1]
%     'state_alpha'  concentration of transitions. [5]
%     'state_kappa'  extra weight of staying in a state. [10]
%     'state_gamma'  concentration of the states. [5]
%     'learn_concentrations'  put priors around the three numbers above. [false]
%     'dynamics_mean'  expected A is this times I. [1]
%     'dynamics_precision'  how firmly A is expected there. [1]
%     'noise_dof'  degrees of freedom of the noise covariance beyond its size. [2]
%     'noise_scale'  scale of the noise covariance. [0.01]
%     'loading_sd'  standard deviation of baselines and loadings. [1]
%     'dispersion_shape'  gamma prior of the dispersion: shape. [1]
%     'dispersion_rate'  gamma prior of the dispersion: rate. [1]
%     'poisson_r'  poisson: dispersion of the negative binomial that proposes paths.
%       [100]
%     'exact'  exact Polya-Gamma variables (slow). [false]
%     'temperatures'  replicas of each chain for parallel tempering; 1: none. [1]
%     'coldest'  smallest power of the likelihood. [0.3]
%     'holdout'  share of the entries left out and predicted. [0]
%     'holdout_kind'  single entries, or stretches of 10 bins; one of speckled/blocked.
%       ['speckled']
%     'rates'  keep the posterior mean of what is expected of each entry. [false]
%     'path_draws'  draws per chain whose trajectories are kept. [200]
%     'checkpoint'  file from which the run can be taken up after a stop; draws stream
%       to FILE.draws.nc, trajectories to FILE.paths.nc.
%     'checkpoint_every'  seconds between checkpoints (s). [60]
%     'resume'  go on from the checkpoint. [false]
%     'title'  title of the page.
%     'figures_dir'  folder that gets each figure as SVG and its numbers as CSV.
%     'force'  replace existing files. [false]
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns posterior similarity of neurons and of bins, point partitions, states,
%   trajectories with bands, draws and diagnostics; with `rates` also `rate`, the
%   posterior mean of what is expected of each entry.
%
%   Example:
%     d = neuraxis.simulate_recording('kind', 'spikes', 'units', 5, 'trials', 4); x = d.spikes; x = neuraxis.bin_spikes(x, 'bin', 0.2);
%     r = neuraxis.bicluster(x, 'chains', 2, 'sweeps', 60);
  r = neuraxis.internal.call('bicluster', {x}, {'region', 'report'}, 'bicluster', varargin);
end
