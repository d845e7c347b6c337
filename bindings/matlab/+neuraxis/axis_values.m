function v = axis_values(a, name)
%AXIS_VALUES  Coordinates or labels along an axis.
%   v = neuraxis.axis_values(a, name)
%
%   Inputs:
%     a     an array with axes, as the methods return it
%     name  name or number of the axis
%
%   Returns numbers (times in s, frequencies, ...) or labels; 1, 2, ... when the axis knows
%   neither.
%
%   Example:
%     x = neuraxis.array(rand(4, 200), {'neuron', 'time'}, 'rate', 30);
%     t = neuraxis.axis_values(x, 'time');
  if ischar(name)
    k = find(cellfun(@(s) strcmp(s.name, name), a.axes), 1);
  else
    k = name;
  end
  if isempty(k) || k < 1 || k > numel(a.axes)
    error('neuraxis:EINVAL', 'neuraxis.axis_values: no such axis');
  end
  n = size(a.values, k);
  if numel(a.axes) == 1
    n = numel(a.values);
  end
  s = a.axes{k};
  if isfield(s, 'labels')
    v = s.labels;
  elseif isfield(s, 'coords')
    v = s.coords(:)';
  elseif isfield(s, 'rate')
    v = s.start + (0:n - 1) / s.rate;
  else
    v = 1:n;
  end
end
