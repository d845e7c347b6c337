function r = block_spectra(x, block, varargin)
%BLOCK_SPECTRA  Spectra of blocks of trials.
%   r = neuraxis.block_spectra(x, block, 'NAME', VALUE, ...)
%
%   Amplitude of the mean of the trials of each block, or phase coherence over them, in
%   a range of bins: what freqtag_similarity and freqtag_alignment compare.
%
%   Inputs:
%     x  unit x time x trial
%     block  block of each trial, whole numbers from 0, or -1 for none
%   Names and values [default]:
%     'from'  lowest frequency, Hz; not given: 0.5
%     'to'  highest frequency, Hz; not given: 2
%     'coherence'  1: phase coherence, as of brains; not given: 0, amplitude
%     'rate'  samples per second; not given: of the time axis of `x`
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns an array bin x block x unit.
%
%   Example:
%     x = randn(3, 100, 12);
%     r = neuraxis.block_spectra(x, repmat(0:3, 1, 3), 'from', 1, 'to', 4, 'rate', 50);
  r = neuraxis.internal.call('block_spectra', {x, block}, {'from', 'to', 'coherence', 'rate'}, '', varargin);
end
