function r = trsa_identify(x, group, label, varargin)
%TRSA_IDENTIFY  Regions or layers told from their geometry and topology.
%   r = neuraxis.trsa_identify(x, group, label, 'NAME', VALUE, ...)
%
%   Each group (subject, seed) is left out in turn and its matrices get the label of the
%   nearest centroid of the others; for the matrices as they are, their ranks, and every
%   window of thresholds, chosen within the other groups.
%
%   Inputs:
%     x  condition x condition x rdm
%     group  group of each matrix, whole numbers
%     label  label of each matrix, whole numbers
%   Names and values [default]:
%     'report'  path of an HTML page about the result to write
%     'steps'  thresholds are multiples of 1 / steps. [20]
%     'permutations'  permutations of the labels within groups; 0: no tests. [1000]
%     'seed'  seed of the permutations; not given: drawn from the host's generator.
%     'statistic'  what is computed in each window: geo-topological or geodesic
%       matrices; one of rgtm/rgdm. ['rgtm']
%     'zero_links'  paths: pairs below the window are links of length 0. [true]
%     'adjacency'  also windows of equal thresholds: who is linked, and no more. [false]
%     'title'  title of the page.
%     'figures_dir'  folder that gets each figure as SVG and its numbers as CSV.
%     'force'  replace existing files. [false]
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns the tables `windows`, `groups` and `rdms`, accuracies and p values.
%
%   Example:
%     x = rand(8, 8, 12); x = x + permute(x, [2 1 3]); g = ceil((1:12) / 2);
%     r = neuraxis.trsa_identify(x, g, repmat(1:2, 1, 6), 'steps', 4, 'permutations', 20);
  r = neuraxis.internal.call('trsa_identify', {x, group, label}, {'report'}, 'trsa_identify', varargin);
end
