function r = encoding_ceiling(y, varargin)
%ENCODING_CEILING  Noise ceiling of each target from repetitions.
%   r = neuraxis.encoding_ceiling(y, 'NAME', VALUE, ...)
%
%   The squared correlation between the mean of so many repetitions and the response
%   without noise: what encoding_score takes as `ceiling`. Allen and others 2022.
%
%   Inputs:
%     y  target x repetition x observation
%   Names and values [default]:
%     'repeats'  repetitions that the data to predict are means of; not given: those of
%       y
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns a number for each target.
%
%   Example:
%     y = randn(2, 3, 20) + randn(1, 1, 20);
%     r = neuraxis.encoding_ceiling(y);
  r = neuraxis.internal.call('encoding_ceiling', {y}, {'repeats'}, '', varargin);
end
