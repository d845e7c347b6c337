function r = hftp_published(x, control, sentence, phrase, varargin)
%HFTP_PUBLISHED  The published two-stage rule of HFTP.
%   r = neuraxis.hftp_published(x, control, sentence, phrase, 'NAME', VALUE, ...)
%
%   For comparison: without correction for many units it flags units in pure noise. The
%   default rule of freqtag with a control does not. HFTP 2025.
%
%   Inputs:
%     x  unit x time x group
%     control  the same, control
%     sentence  cycles of the sentence in the window
%     phrase  cycles of each phrase rate
%   Names and values [default]:
%     'permutations'  of time; not given: 1000
%     'seed'  seed of the permutations; not given: drawn from the host's generator.
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns a table with one row per unit; flagged is 1 sentence, 2 phrase, 3 both.
%
%   Example:
%     x = randn(6, 64, 5); y = randn(6, 64, 5);
%     r = neuraxis.hftp_published(x, y, 4, 8, 'permutations', 100);
  r = neuraxis.internal.call('hftp_published', {x, control, sentence, phrase}, {'permutations'}, '', varargin);
end
