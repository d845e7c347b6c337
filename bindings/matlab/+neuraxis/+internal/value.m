function v = value(x)
%VALUE  What the MEX file reads for an argument of a method.
%   Arrays stay as they are (converted to double when they are not); structs with the field
%   ATTRIBUTES are datasets, with VALUES arrays with axes, with TIMES spike trains, else
%   datasets; cells are lists.
  if ischar(x)
    v = struct('kind', 'text', 'text', x);
  elseif (isnumeric(x) || islogical(x)) && isempty(x) && ndims(x) == 2 && all(size(x) == 0)
    v = [];
  elseif isnumeric(x) || islogical(x)
    v = array_value(x, {}, '', '');
  elseif isstruct(x) && numel(x) == 1
    v = struct_value(x);
  elseif iscell(x)
    items = cellfun(@neuraxis.internal.value, x(:)', 'UniformOutput', false);
    v = struct('kind', 'list', 'items', {items});
  else
    v = struct('kind', class(x));
  end
end

function v = array_value(x, axes, unit, description)
  if ~isreal(x)
    error('neuraxis:ETYPE', 'complex numbers, expected real ones');
  end
  v = struct('kind', 'array', 'x', full(double(x)), 'axes', {axes}, 'unit', unit, ...
             'description', description);
end

function v = struct_value(x)
  if isfield(x, 'attributes') % a member may be called values or times
    v = dataset_value(x);
  elseif isfield(x, 'values')
    axes = {};
    unit = '';
    description = '';
    if isfield(x, 'axes') && iscell(x.axes)
      axes = x.axes;
    end
    if isfield(x, 'unit') && ischar(x.unit)
      unit = x.unit;
    end
    if isfield(x, 'description') && ischar(x.description)
      description = x.description;
    end
    if ~(isnumeric(x.values) || islogical(x.values))
      error('neuraxis:ETYPE', '`values`, expected numbers');
    end
    v = array_value(x.values, axes, unit, description);
  elseif isfield(x, 'times')
    v = struct('kind', 'spikes', 'times', {x.times}, 'units', [], 'intervals', []);
    if isfield(x, 'units')
      v.units = x.units;
    end
    if isfield(x, 'intervals')
      v.intervals = double(x.intervals);
    end
  else
    v = dataset_value(x);
  end
end

function v = dataset_value(x)
  members = struct();
  names = setdiff(fieldnames(x), {'attributes', 'main', 'class'}, 'stable');
  for i = 1:numel(names)
    m = x.(names{i});
    if isstruct(m) && numel(m) == 1 && ~isfield(m, 'values') && ~isfield(m, 'times')
      members.(names{i}) = table_value(m);
    else
      members.(names{i}) = neuraxis.internal.value(m);
    end
  end
  v = struct('kind', 'dataset', 'members', members, 'attributes', struct(), 'main', '');
  if isfield(x, 'attributes') && isstruct(x.attributes)
    v.attributes = x.attributes;
  end
  if isfield(x, 'main') && ischar(x.main)
    v.main = x.main;
  end
end

function v = table_value(m)
  columns = struct();
  rows = 0;
  names = fieldnames(m);
  for i = 1:numel(names)
    c = m.(names{i});
    if isnumeric(c) || islogical(c)
      c = double(c);
    end
    columns.(names{i}) = c;
    rows = numel(c);
  end
  v = struct('kind', 'table', 'columns', columns, 'rows', rows, 'dim', 'row');
end
