function r = connectome(x, varargin)
%CONNECTOME  Dynamic connectome: which neurons change together, when, in which animal.
%   r = neuraxis.connectome(x, 'NAME', VALUE, ...)
%
%   Affinities of the smoothed derivatives of all pairs of neurons are factorised over
%   time, animals and pairs; the motif of each component, a weighted graph, is split
%   into communities by a nested block model.
%
%   Inputs:
%     x  traces, neuron x time (x animal), or a list of recordings, whose neurons are
%       matched by label
%   Names and values [default]:
%     'report'  path of an HTML page about the result to write
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
%     'rank'  number of components. [8]
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
%     'title'  title of the page.
%     'figures_dir'  folder that gets each figure as SVG and its numbers as CSV.
%     'force'  replace existing files. [false]
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns motifs, their time courses, animals and communities, with uncertainty.
%
%   Example:
%     d = neuraxis.simulate_recording('units', 6, 'trials', 4); x = d.dff;
%     r = neuraxis.connectome(x, 'rank', 2, 'restarts', 1);
  r = neuraxis.internal.call('connectome', {x}, {'report'}, 'connectome', varargin);
end
