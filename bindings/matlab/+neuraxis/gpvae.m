function r = gpvae(varargin)
%GPVAE  Latents that neurons and behaviour share, and those of each alone.
%   r = neuraxis.gpvae('NAME', VALUE, ...)
%
%   Multi-modal Gaussian-process variational autoencoder: smooth latents, some seen by
%   both modalities and some by one of them. Neurons are a linear readout (Poisson,
%   Gaussian or negative binomial), behaviour a neural network. Gondur et al. 2024.
%
%   Inputs:
%   Names and values [default]:
%     'x'  spike counts or traces, as for gpfa
%     'behaviour'  behaviour in the same bins: array feature x time x trial, or a list
%     'new_x'  trials that take no part in the fit: neurons
%     'new_behaviour'  and behaviour; what is left out is told from the other
%     'report'  path of an HTML page about the result to write
%     'neural_latents'  latents that only neurons have. [1]
%     'shared_latents'  latents that neurons and behaviour share. [1]
%     'behaviour_latents'  latents that only behaviour has. [1]
%     'epochs'  passes over the trials with all parameters together. [20]
%     'neural_epochs'  passes with the neurons alone, before that. [10]
%     'share_epochs'  in between: passes in which the decoder sees all neural latents,
%       as many without and with those of behaviour. [2]
%     'batch'  trials per step (trials). [2]
%     'patience'  stop after as many without a better bound on held-out trials; 0: never
%       (epochs). [10]
%     'warm_up'  over which the weight of the divergence rises to 1, where nothing was
%       fitted before (epochs). [5]
%     'alone_every'  after so many, one of the encoder of behaviour without the neurons,
%       so that behaviour alone tells of the shared latents too; 0: never (steps). [4]
%     'components'  principal components by which behaviour of more than twice as many
%       features is told; 0: networks see the features. [128]
%     'hold_out'  share of the trials held out to judge by. [0.2]
%     'bin_width'  width of a bin (s). [0.02]
%     'min_length'  shortest length scale; not given: 0.9 times the shortest of GPFA
%       (s).
%     'max_length'  longest length scale; not given: twice the longest of GPFA (s).
%     'condition'  coefficients whose prior variance is this much smaller than the
%       largest are left out. [1e+06]
%     'behaviour_rate'  step size of the networks of behaviour; a twentieth for an
%       encoder well begun. [0.003]
%     'neural_rate'  step size of the neural encoder. [0.002]
%     'loadings_rate'  step size of loadings, offsets and noise of neurons. [0.005]
%     'scales_rate'  step size of log length scales and of the log noise of behaviour.
%       [0.01]
%     'clip'  largest norm of the gradient of each of these four; 0: any. [1]
%     'neural_weight'  weight of the log likelihood of neurons. [1]
%     'behaviour_weight'  weight of the log likelihood of behaviour; 1: the bound
%       itself; 0: its effective dimensions / features, for features that err together.
%       [1]
%     'seed'  seed of weights, order of trials and samples; not given: drawn from the
%       host's generator.
%     'neural_layers'  widths of the neural encoder (default 80,40).
%     'behaviour_layers'  widths of the encoder of behaviour (default 128,64).
%     'decoder_layers'  widths of the decoder (default 128,128,128,128).
%     'checkpoint'  file that holds the state after each epoch, to go on from.
%     'likelihood'  distribution of the neurons; one of
%       poisson/gaussian/negative-binomial. ['poisson']
%     'encoder'  what the encoders tell: a potential per bin, or coefficients; one of
%       potential/fourier. ['potential']
%     'objective'  the bound, or what the published code minimises; one of
%       elbo/released. ['elbo']
%     'prior'  Gaussian process, or independent bins; one of smooth/white. ['smooth']
%     'activation'  function of the units of the networks; one of elu/relu/tanh. ['elu']
%     'start'  how the fit begins; one of rotate/gpfa/random. ['rotate']
%     'scale_behaviour'  one spread for all features, one each, or neither mean nor
%       spread; one of all/each/none. ['all']
%     'keep_partial'  an interrupt returns the best so far. [false]
%     'title'  title of the page.
%     'figures_dir'  folder that gets each figure as SVG and its numbers as CSV.
%     'force'  replace existing files. [false]
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns latents of each trial with standard deviations, loadings, length scales, the
%   tables `trace` and `trials`, and what the model says of the trials: `rates` and
%   `behaviour`; with new trials the same of these, `new_...`.
%
%   Example:
%     d = neuraxis.simulate_recording('kind', 'spikes', 'units', 12, 'trials', 12); x = neuraxis.align_events(d.spikes, d.trials.start_time, 'stop', 2, 'bin', 0.05);
%     r = neuraxis.gpvae('x', x, 'shared_latents', 0, 'behaviour_latents', 0, 'epochs', 1, 'neural_epochs', 1);
  r = neuraxis.internal.call('gpvae', {}, {'x', 'behaviour', 'new_x', 'new_behaviour', 'report'}, 'gpvae', varargin);
end
