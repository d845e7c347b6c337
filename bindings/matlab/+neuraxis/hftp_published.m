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
%     'group'  group of each unit for the page, whole numbers from 0, or -1
%     'report'  path of an HTML page about the result to write
%     'seed'  seed of the permutations; not given: drawn from the host's generator.
%     'title'  title of the page.
%     'figures_dir'  folder that gets each figure as SVG and its numbers as CSV.
%     'force'  replace existing files. [false]
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns `units`, a table whose column flagged is 1 sentence, 2 phrase, 3 both, and
%   `threshold`, of the sentence and each phrase rate x unit.
%
%   Example:
%     x = randn(6, 64, 5); y = randn(6, 64, 5);
%     r = neuraxis.hftp_published(x, y, 4, 8, 'permutations', 100);
  r = neuraxis.internal.call('hftp_published', {x, control, sentence, phrase}, {'permutations', 'group', 'report'}, 'hftp_published', varargin);
end
