function r = geodesic_sweep(x, upper, varargin)
%GEODESIC_SWEEP  Geodesic distances for many thresholds.
%   r = neuraxis.geodesic_sweep(x, upper, 'NAME', VALUE, ...)
%
%   Shortest paths over the pairs below each upper threshold, as long as a ramp from the
%   lower one says.
%
%   Inputs:
%     x  condition x condition
%     upper  upper thresholds, ascending
%   Names and values [default]:
%     'lower'  distance at or below which a link has length 0; not given: 0
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns an array condition x condition x upper; missing where there is no path.
%
%   Example:
%     x = abs((1:8)' - (1:8));
%     r = neuraxis.geodesic_sweep(x, [2 4]);
  r = neuraxis.internal.call('geodesic_sweep', {x, upper}, {'lower'}, '', varargin);
end
