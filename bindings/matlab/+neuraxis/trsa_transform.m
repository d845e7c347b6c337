function r = trsa_transform(x, varargin)
%TRSA_TRANSFORM  Geo-topological forms of dissimilarity matrices.
%   r = neuraxis.trsa_transform(x, 'NAME', VALUE, ...)
%
%   Distances below a lower threshold become 0, those above an upper one 1, with a ramp
%   between (RGTM); or the geodesic distances over the graph that the thresholds leave
%   (RGDM). Lin and Kriegeskorte 2024.
%
%   Inputs:
%     x  condition x condition (x rdm)
%   Names and values [default]:
%     'what'  matrix or geodesics; not given: matrix
%     'lower'  lower threshold, as a quantile of the pairs. [0]
%     'upper'  upper threshold, as a quantile of the pairs. [1]
%     'slope'  slope of the sigmoid, at ranks scaled to 0..1. [10]
%     'centre'  centre of the sigmoid. [0.5]
%     'share'  share of the pairs that are links, or of the conditions as neighbours.
%       [0.1]
%     'neighbours'  nearest conditions that are linked; 0: by share. [0]
%     'scale'  what thresholds are laid on; one of ranks/values. ['ranks']
%     'shape'  shape between small and large dissimilarities; one of ramp/sigmoid.
%       ['ramp']
%     'graph'  which pairs are links of the graph of paths; one of
%       window/shortest/nearest/mutual. ['window']
%     'convention'  the definitions, or the numbers of other programs; one of
%       exact/published/rsatoolbox. ['exact']
%     'rank_paths'  rank the path lengths. [false]
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns an array condition x condition x rdm.
%
%   Example:
%     x = neuraxis.rdm(randn(10, 10), 1:10);
%     r = neuraxis.trsa_transform(x);
  r = neuraxis.internal.call('trsa_transform', {x}, {'what'}, '', varargin);
end
