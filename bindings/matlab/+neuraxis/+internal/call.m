function r = call(method, inputs, optional, result, given)
%CALL  Run a method of the library: the functions of neuraxis call it.
%   METHOD name; INPUTS cell of the positional inputs; OPTIONAL cell of the names of inputs
%   that are given by name; RESULT class of what comes back: 'nothing', '' (the only
%   member itself), or a name; GIVEN cell of names and values.
  n_given = numel(given);
  if mod(n_given, 2) ~= 0
    error('neuraxis:EINVAL', '%s: names and values come in pairs', method);
  end
  more = cell(1, numel(optional));
  names = {};
  values = {};
  threads = 1;
  for i = 1:2:n_given
    name = given{i};
    if ~ischar(name)
      error('neuraxis:EINVAL', '%s: argument %d, expected a name', method, ...
            numel(inputs) + i);
    end
    k = find(strcmp(name, optional));
    if ~isempty(k)
      more{k} = given{i + 1};
    elseif strcmp(name, 'threads')
      threads = given{i + 1};
      if ~isnumeric(threads) || ~isreal(threads) || numel(threads) ~= 1
        error('neuraxis:EINVAL', '%s: `threads`, expected one number', method);
      end
    elseif ~isempty(given{i + 1}) || ischar(given{i + 1})
      names{end + 1} = name; %#ok<AGROW>
      values{end + 1} = option_text(method, name, given{i + 1}); %#ok<AGROW>
    end
  end
  [names, values] = draw_seed(method, names, values);
  all = cellfun(@neuraxis.internal.value, [inputs, more], 'UniformOutput', false);
  a = neuraxis.internal.neuraxis_mex(method, all, names, values, double(threads));
  for i = 1:size(a.warnings, 1)
    warning(['neuraxis:' strrep(a.warnings{i, 1}, '.', ':')], '%s', a.warnings{i, 2});
  end
  code = strrep(a.status, 'NAX_', '');
  if ~strcmp(code, 'OK')
    error(['neuraxis:' code], '%s', a.message);
  end
  switch result
    case 'nothing'
      r = [];
    case ''
      f = fieldnames(a.value); % members come first
      r = a.value.(f{1});
    otherwise
      r = a.value;
      r.class = result;
  end
end

% The text of an option as the library reads it.
function text = option_text(method, name, value)
  if ischar(value)
    text = value;
  elseif iscellstr(value)
    text = strjoin(value, ',');
  elseif (islogical(value) || (isnumeric(value) && isreal(value))) && numel(value) == 1
    if isnan(value)
      text = 'nan';
    elseif value == floor(value) && abs(value) < 2^63
      text = sprintf('%.0f', value);
    else
      text = sprintf('%.17g', value);
    end
  else
    error('neuraxis:EINVAL', '%s: option `%s`, expected one value', method, name);
  end
end

% A method with a seed gets one from the host's generator, which the user governs.
function [names, values] = draw_seed(method, names, values)
  if ~any(strcmp(names, 'seed')) && any(strcmp(method, neuraxis.internal.seeded()))
    names{end + 1} = 'seed';
    values{end + 1} = sprintf('%d', randi(2^31 - 1));
  end
end
