function summary(r)
%SUMMARY  What a result or a dataset holds and says, in a few lines.
%   neuraxis.summary(r)
%
%   Prints each member with its axes, what was found, and the options. R is the result of
%   any function of neuraxis, an array, a table or spike trains.
%
%   Example:
%     d = neuraxis.simulate_recording('units', 6, 'trials', 4, 'seed', 1);
%     neuraxis.summary(d);
  if ~isstruct(r) || numel(r) ~= 1
    error('neuraxis:ETYPE', 'neuraxis.summary: expected a result of neuraxis');
  end
  if isfield(r, 'axes') || isfield(r, 'times') || ~any(structfun(@isstruct, r))
    fprintf('%s\n', describe(r));
    return
  end
  name = 'dataset';
  if isfield(r, 'class')
    name = r.class;
  end
  fprintf('%s\n', name);
  members = setdiff(fieldnames(r), {'attributes', 'main', 'class'}, 'stable');
  width = max([0; cellfun(@numel, members(:))]);
  for i = 1:numel(members)
    fprintf('  %-*s  %s\n', width, members{i}, describe(r.(members{i})));
  end
  if isfield(r, 'attributes')
    print_facts(r.attributes, options_of(name));
  end
end

function text = describe(m)
  if isfield(m, 'times')
    text = sprintf('spike trains: %d units, %d spikes', numel(m.times), ...
                   sum(cellfun(@numel, m.times(:))));
  elseif isfield(m, 'axes')
    parts = cell(1, numel(m.axes));
    for k = 1:numel(m.axes)
      parts{k} = describe_axis(m.axes{k}, size(m.values, k));
    end
    text = strjoin(parts, ' x ');
  else
    columns = fieldnames(m);
    rows = 0;
    if ~isempty(columns)
      rows = numel(m.(columns{1}));
    end
    text = sprintf('table %d x %d: %s', rows, numel(columns), strjoin(columns(:)', ', '));
  end
end

function text = describe_axis(a, n)
  text = sprintf('%s %d', a.name, n);
  if isfield(a, 'rate')
    text = sprintf('%s (%g to %g %s, %g per %s)', text, a.start, a.start + (n - 1) / a.rate, ...
                   a.unit, a.rate, a.unit);
  end
end

% Names of the options of a function, from its help.
function names = options_of(method)
  names = {};
  file = fullfile(fileparts(mfilename('fullpath')), [method '.m']);
  if exist(file, 'file')
    found = regexp(fileread(file), '\n%     ''(\w+)''  ', 'tokens');
    names = cellfun(@(t) t{1}, found, 'UniformOutput', false);
  end
end

function print_facts(facts, options)
  keys = fieldnames(facts);
  given = {};
  for i = 1:numel(keys)
    value = facts.(keys{i});
    if ~ischar(value)
      value = sprintf('%.7g', value);
    end
    name = regexprep(keys{i}, '^[a-z]+_', '');
    if ~any(strcmp(name, options))
      fprintf('  %s = %s\n', keys{i}, value);
    elseif ~isempty(value)
      given{end + 1} = sprintf('%s = %s', name, value); %#ok<AGROW>
    end
  end
  if ~isempty(given)
    fprintf('  options: %s\n', strjoin(given, ', '));
  end
end
