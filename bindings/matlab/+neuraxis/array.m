function a = array(x, names, varargin)
%ARRAY  An array whose axes have names.
%   a = neuraxis.array(x, names, 'NAME', VALUE, ...)
%
%   Methods find their axes by name: neuron, time, trial, condition, ... A plain array gets
%   the names in the order of its axes; this function says more.
%
%   Inputs:
%     x      numbers
%     names  cell of strings, one for each axis
%   Names and values [default]:
%     'rate'   samples per second of the axis called time
%     'start'  first time in s [0]
%     'unit'   unit of the values ['']
%     any name of an axis: its coordinates (numbers) or labels (cell of strings)
%
%   Returns a struct with fields values, axes, unit and description, as the methods do.
%
%   Example:
%     x = neuraxis.array(rand(4, 200), {'neuron', 'time'}, 'rate', 30);
  if ~(isnumeric(x) || islogical(x)) || ~isreal(x)
    error('neuraxis:ETYPE', 'neuraxis.array: `x`, expected real numbers');
  end
  if ~iscellstr(names) || numel(names) < ndims(x) && ~(numel(names) == 1 && isvector(x))
    error('neuraxis:EDIM', 'neuraxis.array: `names`, expected one string for each axis');
  end
  if mod(numel(varargin), 2) ~= 0
    error('neuraxis:EINVAL', 'neuraxis.array: names and values come in pairs');
  end
  a = struct('values', double(x), 'axes', {cell(1, numel(names))}, 'unit', '', ...
             'description', '');
  given = struct('rate', [], 'start', 0, 'unit', '');
  for k = 1:numel(names)
    a.axes{k} = struct('name', names{k}, 'unit', '');
  end
  for i = 1:2:numel(varargin)
    k = find(strcmp(varargin{i}, names), 1);
    if isfield(given, varargin{i})
      given.(varargin{i}) = varargin{i + 1};
    elseif isempty(k)
      error('neuraxis:EINVAL', 'neuraxis.array: there is no axis `%s`', varargin{i});
    elseif iscell(varargin{i + 1})
      a.axes{k}.labels = varargin{i + 1};
    else
      a.axes{k}.coords = double(varargin{i + 1});
    end
  end
  k = find(strcmp('time', names), 1);
  if ~isempty(k)
    a.axes{k}.unit = 's';
    if ~isempty(given.rate)
      a.axes{k}.rate = given.rate;
      a.axes{k}.start = given.start;
    end
  end
  a.unit = given.unit;
end
