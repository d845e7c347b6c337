function r = freqtag_similarity(model, brain, set, varargin)
%FREQTAG_SIMILARITY  Units of a model against channels of a brain.
%   r = neuraxis.freqtag_similarity(model, brain, set, 'NAME', VALUE, ...)
%
%   The spectra of each unit over blocks make a matrix of cosine dissimilarities; those
%   of the units of a layer that follow the same level are averaged and compared with
%   that of each channel by Spearman's correlation. The mean over the best channels is
%   biased upwards by their choice, which units drawn at random share. HFTP 2025.
%
%   Inputs:
%     model  from block_spectra, bin x block x unit
%     brain  from block_spectra, bin x block x channel
%     set  levels that each unit follows, as freqtag has them: 0 none, 1 the first, 2
%       the second, 3 both, ...; a kind is one level alone (from 0), the last kind
%       several together
%   Names and values [default]:
%     'layer'  layer of each unit, whole numbers from 0, or -1; not given: one layer
%     'region'  region of each channel, whole numbers from 0, or -1
%     'responds'  1 for channels that respond; not given: all do
%     'top'  best channels of a layer that count; not given: 100
%     'random'  draws of units at random from those that follow nothing; not given: 0
%     'seed'  seed of the permutations; not given: drawn from the host's generator.
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns the tables `layers` and (with regions) `regions`; `rho`, cell x channel,
%   where a cell is a row of `layers`; `rdm`, pair of blocks x cell; attributes
%   similarity and p.
%
%   Example:
%     model = rand(5, 6, 20); brain = rand(5, 6, 8); set = repmat(0:3, 1, 5);
%     r = neuraxis.freqtag_similarity(model, brain, set, 'top', 4);
  r = neuraxis.internal.call('freqtag_similarity', {model, brain, set}, {'layer', 'region', 'responds', 'top', 'random'}, 'freqtag_similarity', varargin);
end
