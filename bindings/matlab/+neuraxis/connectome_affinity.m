function r = connectome_affinity(x, varargin)
%CONNECTOME_AFFINITY  Affinity of each pair of neurons over time.
%   r = neuraxis.connectome_affinity(x, 'NAME', VALUE, ...)
%
%   How much two neurons change together at each time, 0 to 1, from their derivatives.
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
%     'single'  affinities are float32. [true]
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns an array time x animal x pair (x channel) (x scale).
%
%   Example:
%     d = neuraxis.simulate_recording('units', 6, 'trials', 4); x = d.dff;
%     r = neuraxis.connectome_affinity(x);
  r = neuraxis.internal.call('connectome_affinity', {x}, {}, '', varargin);
end
