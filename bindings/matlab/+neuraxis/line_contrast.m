function r = line_contrast(x, varargin)
%LINE_CONTRAST  Each bin of a spectrum against its neighbours.
%   r = neuraxis.line_contrast(x, 'NAME', VALUE, ...)
%
%   Signal-to-noise ratio, baseline-corrected amplitude and z of every bin. z is not
%   normal: snr_test has p.
%
%   Inputs:
%     x  amplitude or power of each bin
%   Names and values [default]:
%     'exclude'  bins that are no neighbours (other tags, mains), from 1
%     'trim'  so many of the smallest and of the largest are dropped; not given: 0
%     'truncate'  at the ends of the spectrum: 1 uses what is there, 0 gives missing;
%       not given: 1
%     'neighbours'  neighbouring bins on each side of a line, where no tag, harmonic or
%       sum or difference of two (up to order 4) lies; 0: none. [4]
%     'gap'  bins left out next to the line. [1]
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns the table `bins`, and `neighbours`, the bins used (numbers from 1).
%
%   Example:
%     x = abs(randn(1, 40)); x(11) = 9;
%     r = neuraxis.line_contrast(x);
  r = neuraxis.internal.call('line_contrast', {x}, {'exclude', 'trim', 'truncate'}, 'line_contrast', varargin);
end
