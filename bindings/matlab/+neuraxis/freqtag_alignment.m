function r = freqtag_alignment(model, brain, varargin)
%FREQTAG_ALIGNMENT  Alignment of layers with channels.
%   r = neuraxis.freqtag_alignment(model, brain, 'NAME', VALUE, ...)
%
%   Spectra of blocks of trials make a matrix of cosine dissimilarities; Spearman's
%   correlation between each layer's and each channel's, and the mean over the best
%   channels, whose choice biases it upwards. HFTP 2025.
%
%   Inputs:
%     model  bin x block x layer
%     brain  bin x block x channel
%   Names and values [default]:
%     'top'  channels averaged; not given: 1
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns `rho`, layer x channel, `top`, and the matrices, pair of blocks x layer and
%   x channel.
%
%   Example:
%     model = rand(5, 6, 2); brain = rand(5, 6, 3);
%     r = neuraxis.freqtag_alignment(model, brain);
  r = neuraxis.internal.call('freqtag_alignment', {model, brain}, {'top'}, 'freqtag_alignment', varargin);
end
