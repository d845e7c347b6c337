function r = harmonic_response(x, bins, varargin)
%HARMONIC_RESPONSE  A response spread over harmonics.
%   r = neuraxis.harmonic_response(x, bins, 'NAME', VALUE, ...)
%
%   Sum of the baseline-corrected amplitudes, root of the sum of their squares, and
%   ratio and z of the spectra around all harmonics, added up. Retter and colleagues
%   2021.
%
%   Inputs:
%     x  amplitude spectrum
%     bins  bins of the harmonics, from 1
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
%   Returns a table: sum, root_power, snr, z.
%
%   Example:
%     x = abs(randn(1, 60)); x([11 21 31]) = 9;
%     r = neuraxis.harmonic_response(x, [11 21 31]);
  r = neuraxis.internal.call('harmonic_response', {x, bins}, {'exclude', 'trim', 'truncate'}, '', varargin);
end
