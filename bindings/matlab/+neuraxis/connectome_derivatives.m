function r = connectome_derivatives(x, varargin)
%CONNECTOME_DERIVATIVES  Unit-free derivatives of traces.
%   r = neuraxis.connectome_derivatives(x, 'NAME', VALUE, ...)
%
%   Each trace is scaled to its own range, smoothed and differentiated; small and short
%   changes count as none. Several recordings are put on their common neurons.
%
%   Inputs:
%     x  traces, neuron x time (x animal), or a list of recordings, whose neurons are
%       matched by label
%   Names and values [default]:
%     'smoother'  how a derivative is estimated; one of gaussian/savgol. ['gaussian']
%     'sigma'  standard deviation of the Gaussian (samples). [1.5]
%     'scales'  several values of sigma, comma-separated.
%     'window'  length of the local polynomial, odd (samples). [7]
%     'order'  order of the local polynomial. [2]
%     'threshold'  derivatives below this share of their 99 % quantile count as none.
%       [0.05]
%     'min_run'  runs of one sign shorter than this count as none (samples). [1]
%     'clip'  what is held below 1: derivatives or affinities; one of trace/pair.
%       ['trace']
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns an array neuron x time x animal x scale.
%
%   Example:
%     d = neuraxis.simulate_recording('units', 6, 'trials', 4); x = d.dff;
%     r = neuraxis.connectome_derivatives(x);
  r = neuraxis.internal.call('connectome_derivatives', {x}, {}, '', varargin);
end
