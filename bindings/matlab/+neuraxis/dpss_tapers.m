function r = dpss_tapers(samples, varargin)
%DPSS_TAPERS  Tapers of the multitaper spectrum.
%   r = neuraxis.dpss_tapers(samples, 'NAME', VALUE, ...)
%
%   Discrete prolate spheroidal sequences: orthonormal, with as much of their energy in
%   the band as there can be. Thomson 1982.
%
%   Inputs:
%     samples  length
%   Names and values [default]:
%     'nw'  time-bandwidth product; not given: 4
%     'tapers'  not given: 2 nw - 1
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns `tapers`, time x taper, and `ratios`, their energy within the band.
%
%   Example:
%     r = neuraxis.dpss_tapers(64, 'nw', 2);
  r = neuraxis.internal.call('dpss_tapers', {samples}, {'nw', 'tapers'}, 'dpss_tapers', varargin);
end
