function r = freqtag_coefficients(x, frequencies, varargin)
%FREQTAG_COEFFICIENTS  Fourier coefficients of trials at given frequencies.
%   r = neuraxis.freqtag_coefficients(x, frequencies, 'NAME', VALUE, ...)
%
%   What all tests of tagging start from, at frequencies on or off the grid.
%
%   Inputs:
%     x  unit x time (x trial)
%     frequencies  frequencies in Hz
%   Names and values [default]:
%     'rate'  samples per second; not given: of the time axis of `x`
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns an array frequency x trial x unit x part (real, imaginary).
%
%   Example:
%     x = randn(4, 200, 6);
%     r = neuraxis.freqtag_coefficients(x, [2 4], 'rate', 100);
  r = neuraxis.internal.call('freqtag_coefficients', {x, frequencies}, {'rate'}, '', varargin);
end
