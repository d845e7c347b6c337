function r = connectome_select(x, varargin)
%CONNECTOME_SELECT  How many motifs the affinities support.
%   r = neuraxis.connectome_select(x, 'NAME', VALUE, ...)
%
%   As ntf_select, on the affinities of all pairs of neurons; what is held out are
%   stretches of time at least as long as a derivative reaches.
%
%   Inputs:
%     x  traces, neuron x time (x animal), or a list of recordings, whose neurons are
%       matched by label
%   Names and values [default]:
%     'kernel'  affinity of two neurons from their derivatives; one of
%       prod/gm/min/ratio/up/abs. ['prod']
%     'channels'  which signs of the two derivatives count; one of same/opposite/both.
%       ['same']
%     'smoother'  how a derivative is estimated; one of gaussian/savgol. ['gaussian']
%     'sigma'  standard deviation of the Gaussian (samples). [1.5]
%     'scales'  several values of sigma, comma-separated.
%     'scale_mode'  several scales are a mode of their own; else the largest affinity
%       counts. [false]
%     'window'  length of the local polynomial, odd (samples). [7]
%     'order'  order of the local polynomial. [2]
%     'threshold'  derivatives below this share of their 99 % quantile count as none.
%       [0.05]
%     'min_run'  runs of one sign shorter than this count as none (samples). [1]
%     'clip'  what is held below 1: derivatives or affinities; one of trace/pair.
%       ['trace']
%     'interval'  average the affinity over each interval of constant signs. [false]
%     'engine'  whether the tensor of all pairs is formed; one of auto/explicit/free.
%       ['auto']
%     'single'  affinities are float32. [true]
%     'symmetric'  motifs are made of so many communities each; 0: of any pairs. [0]
%     'searches'  searches for the communities of each motif. [5]
%     'samples'  posterior sweeps for the uncertainty of communities; 0: none. [200]
%     'floor'  weights of a motif below this share of its largest are raised to it.
%       [0.001]
%     'weights'  distribution of the weights between two communities; one of
%       none/exponential/gamma/lognormal. ['gamma']
%     'degrees'  what is known of the degrees; one of plain/corrected/either. ['either']
%     'strength'  divide weights by the mean weight of the edges of both neurons first.
%       [true]
%     'average'  motifs are constant in time over so many bins: for animals that do not
%       do the same at the same time (bins). [1]
%     'state'  smoothing over time for the motif in force (bins). [8]
%     'bootstraps'  bootstrap draws of animals; 0: none. [0]
%     'nulls'  draws of data shifted in time, for p-values; 0: none. [0]
%     'start_bins'  starts of a tensor not formed are made on so many bins; 0: on all
%       (bins). [2000]
%     'full_tol'  after these, stop when a sweep over all bins gains less than this
%       share of the explained part; 0: as tol says. [1e-05]
%     'restarts'  random starts, of which the best is kept. [10]
%     'max_iter'  sweeps over all modes per start. [500]
%     'inner_sweeps'  most sweeps of coordinate descent per update (hals: exactly as
%       many). [100]
%     'tol'  stop when a sweep gains less than this share of the explained part. [1e-07]
%     'kkt_tol'  and the optimality conditions hold to this relative size. [0.001]
%     'ridge'  penalty on the sum of squares of the factors, halved. [0]
%     'l1'  penalty on the sum of absolute values of the factors. [0]
%     'seed'  seed of the random starts; not given: drawn from the host's generator.
%     'free'  axes whose factor may be negative, comma-separated.
%     'fixed'  axes whose factor stays as it was given, comma-separated.
%     'algorithm'  how one factor is updated given the others; one of
%       nnls/hals/pivot/mu/admm. ['nnls']
%     'extrapolate'  extrapolate once progress stalls. [true]
%     'keep_partial'  an interrupt returns the best factors so far. [false]
%     'loss'  what is minimised; kl is for counts; one of frobenius/kl/beta.
%       ['frobenius']
%     'beta'  exponent of the beta-divergence. [1]
%     'penalty'  penalties of single axes, AXIS:ridge/l1/smooth=VALUE, comma-separated.
%     'rank_min'  smallest rank tried. [1]
%     'rank_max'  largest rank tried. [10]
%     'folds'  held-out sets; 0 leaves cross-validation out. [3]
%     'block'  length of held-out blocks; 1 holds out single entries. [1]
%     'fold_starts'  random starts of each held-out fit. [2]
%     'fraction'  share of the entries held out in each fold. [0.1]
%     'similar'  median similarity between starts that counts as stable. [0.98]
%     'block_axis'  axis along which held-out blocks run.
%     'leave_out'  parts of the slice axis left out in turn; as many as it is long: one
%       each. [0]
%     'halves'  splits of the slice axis into two halves. [0]
%     'similar_parts'  median similarity under both that counts as stable. [0.9]
%     'slice_axis'  slice axis, which parts and halves are of; not given: animal or
%       trial.
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns the table `ranks`, and `rank`, `rank_cv` and `rank_stable`.
%
%   Example:
%     d = neuraxis.simulate_recording('units', 6, 'trials', 4); x = d.dff;
%     r = neuraxis.connectome_select(x, 'rank_max', 2, 'restarts', 2);
  r = neuraxis.internal.call('connectome_select', {x}, {}, 'ntf_select', varargin);
end
