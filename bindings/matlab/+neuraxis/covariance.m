function r = covariance(x, varargin)
%COVARIANCE  Shrunk covariance between neurons.
%   r = neuraxis.covariance(x, 'NAME', VALUE, ...)
%
%   Pulled towards a multiple of the identity as far as the data ask for: Ledoit and
%   Wolf 2004, or oracle approximating shrinkage.
%
%   Inputs:
%     x  array with an axis of neurons
%   Names and values [default]:
%     'method'  none, ledoit-wolf or oas; not given: ledoit-wolf
%     'axis'  name of the axis; not given: of the neurons
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns an array neuron x neuron.
%
%   Example:
%     d = neuraxis.simulate_recording('units', 6, 'trials', 4); x = d.dff;
%     r = neuraxis.covariance(x);
  r = neuraxis.internal.call('covariance', {x}, {'method', 'axis'}, '', varargin);
end
