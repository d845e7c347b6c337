function r = ntf_project(fit, x, varargin)
%NTF_PROJECT  New slices on the components of a factorisation.
%   r = neuraxis.ntf_project(fit, x, 'NAME', VALUE, ...)
%
%   The loadings of new trials, animals or stretches of time: each slice is solved by
%   itself with the other factors as they are. On the slices of the fit this is weight
%   times factor.
%
%   Inputs:
%     fit  result of ntf
%     x  array like the one of the fit but for the length of one axis
%   Names and values [default]:
%     'axis'  name of the axis that is new; not given: the last
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns an array, length of the axis x component.
%
%   Example:
%     d = neuraxis.simulate_recording('units', 6, 'trials', 4); x = d.dff; x = neuraxis.transform_values(x, 'what', 'rectify'); fit = neuraxis.ntf(x, 'rank', 2, 'restarts', 2);
%     r = neuraxis.ntf_project(fit, x.values(:, 1:50), 'axis', 'time');
  r = neuraxis.internal.call('ntf_project', {fit, x}, {'axis'}, '', varargin);
end
