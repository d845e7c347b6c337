function r = freqtag_plan(varargin)
%FREQTAG_PLAN  A tagging design looked through before anything is recorded.
%   r = neuraxis.freqtag_plan('NAME', VALUE, ...)
%
%   The longest window with whole cycles of every tag, the bin of each tag and harmonic,
%   what they share or are too near to, and the amplitude that so many trials find.
%
%   Inputs:
%   Names and values [default]:
%     'trials'  number of trials
%     'tags'  tagged frequencies in Hz, comma-separated.
%     'harmonics'  harmonics of each tag that are tested together; 1: the tag alone. [1]
%     'window'  length of the window in each trial; not given: the longest with whole
%       cycles of every tag (s).
%     'sampling'  samples per second; not given: of the time axis, which may be uneven
%       (Hz).
%     'neighbours'  neighbouring bins on each side of a line, where no tag, harmonic or
%       sum or difference of two (up to order 4) lies; 0: none. [4]
%     'gap'  bins left out next to the line. [1]
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns the table `lines`, and samples, window, bin_width and detectable_amplitude
%   (standard deviations of white noise) as attributes.
%
%   Example:
%     r = neuraxis.freqtag_plan('trials', 20, 'tags', '1,2,4', 'window', 9, 'sampling', 512);
  r = neuraxis.internal.call('freqtag_plan', {}, {'trials'}, 'freqtag_plan', varargin);
end
