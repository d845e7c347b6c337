function tests = test_methods()
%TEST_METHODS  What the methods return, how they fail, that they are reproducible.
  tests = struct( ...
    'threads_do_not_change_a_bit', @threads, ...
    'the_generator_of_the_host_governs_the_seed', @seeds, ...
    'failures_have_an_identifier_and_the_text_of_the_library', @failures, ...
    'warnings_have_an_identifier', @warnings, ...
    'odd_arguments_are_refused', @odd, ...
    'factors_multiply_to_the_model', @model, ...
    'every_function_has_help', @help_texts, ...
    'the_example_of_every_function_runs', @examples, ...
    'results_are_plotted', @plots);
end

function check(condition, text)
  if ~condition
    error('test:failed', '%s', text);
  end
end

function x = data()
  d = neuraxis.simulate_recording('units', 8, 'trials', 4, 'assemblies', 2, 'seed', 1);
  x = neuraxis.transform_values(d.dff, 'what', 'rectify');
end

function threads()
  x = data();
  a = neuraxis.ntf(x, 'rank', 3, 'restarts', 2, 'seed', 1, 'threads', 1);
  b = neuraxis.ntf(x, 'rank', 3, 'restarts', 2, 'seed', 1, 'threads', 2);
  check(isequal(a, b), 'results differ');
end

function seeds()
  x = data();
  if exist('OCTAVE_VERSION', 'builtin')
    reset = @() rand('seed', 1); %#ok<RAND>
    randi(2); reset = @() rand('twister', 1);
  else
    reset = @() rng(1);
  end
  reset();
  a = neuraxis.ntf(x, 'rank', 2, 'restarts', 1);
  reset();
  b = neuraxis.ntf(x, 'rank', 2, 'restarts', 1);
  check(isequal(a, b), 'results differ');
end

function id = identifier(f)
  id = '';
  try
    f();
  catch e
    id = e.identifier;
  end
end

function failures()
  x = data();
  check(strcmp(identifier(@() neuraxis.ntf(-x.values - 1, 'rank', 2)), 'neuraxis:EDATA'), 'data');
  check(strcmp(identifier(@() neuraxis.ntf(x, 'rank', 0)), 'neuraxis:EINVAL'), 'rank');
  check(strcmp(identifier(@() neuraxis.ntf(x, 'ranc', 2)), 'neuraxis:EINVAL'), 'name');
  check(strcmp(identifier(@() neuraxis.ntf(x, 'rank')), 'neuraxis:EINVAL'), 'pairs');
  check(strcmp(identifier(@() neuraxis.ntf(zeros(0, 3))), 'neuraxis:EDIM'), 'empty');
  check(strcmp(identifier(@() neuraxis.read_recording('/nonexistent')), 'neuraxis:EIO'), 'file');
  try
    neuraxis.ntf(x, 'rank', 0);
  catch e
    check(~isempty(strfind(e.message, 'rank')), 'message'); %#ok<STREMP>
  end
end

function warnings()
  lastwarn('', '');
  neuraxis.zscore(ones(2, 5));
  [~, id] = lastwarn();
  check(strncmp(id, 'neuraxis:', 9), id);
end

function odd()
  values = {1i, @sin, {}, {1}, {[]}, struct(), struct('a', {1, 2}), 'text', '', true, NaN, ...
            Inf, -1, 1e300, zeros(0, 0), zeros(0, 2^31), zeros(1, 1, 1, 1, 1, 1, 1, 1, 2), ...
            sparse(eye(3)), {{}}, NaN(3), struct('values', 'x'), struct('times', 1), ...
            struct('times', {{'a'}}), struct('weights', 1, 'factor_a', 'x'), ...
            struct('values', 1, 'axes', {{struct('name', 1)}}), uint8(3), []};
  small = struct('restarts', 1, 'max_iter', 2, 'rank', 2, 'rank_max', 2, 'sweeps', 20, ...
                 'chains', 2, 'epochs', 1, 'neural_epochs', 1, 'share_epochs', 1, ...
                 'permutations', 10, 'samples', 10, 'draws', 3, 'searches', 1, 'folds', 2, ...
                 'fold_iter', 2, 'latents', 1, 'latents_max', 2, 'levels', 3, 'steps', 3);
  names = neuraxis.internal.neuraxis_mex('methods');
  check(numel(names) > 80, 'methods');
  state = warning('off', 'all');
  c = onCleanup(@() warning(state));
  here = cd(tempdir());
  back = onCleanup(@() cd(here));
  calls = 0;
  for i = 1:numel(names)
    f = str2func(['neuraxis.' names{i}]);
    inputs = neuraxis.internal.neuraxis_mex('inputs', names{i});
    in = fieldnames(inputs);
    kinds = cellfun(@(n) inputs.(n), in);
    options = small_options(names{i}, small, in);
    for k = 1:numel(in)
      for v = 1:numel(values)
        args = cellfun(@plain, num2cell(kinds(kinds > 0)), 'UniformOutput', false);
        if kinds(k) > 0
          args{k - sum(kinds(1:k) < 0)} = values{v};
        else
          args = [args(:)', in(k), values(v)];
        end
        calls = calls + 1;
        try
          f(args{:}, options{:});
        catch e
          check(~isempty(e.message), names{i});
        end
      end
    end
  end
  check(calls > 4000, 'every function was tried');
  check(~isempty(identifier(@() neuraxis.internal.neuraxis_mex(1, 2))), 'dispatcher');
  check(isempty(fieldnames(neuraxis.internal.neuraxis_mex('inputs', 'nothing'))), 'inputs');
  r = neuraxis.zscore([1 2 3; 4 5 7]);
  check(isequal(size(r.values), [2 3]), 'and the next call works');
end

% Options that make a run small, of those that the help of a function names.
function options = small_options(name, small, inputs)
  options = {};
  here = fileparts(fileparts(mfilename('fullpath')));
  text = fileread(fullfile(here, '+neuraxis', [name '.m']));
  known = setdiff(fieldnames(small), inputs);
  for i = 1:numel(known)
    if ~isempty(strfind(text, sprintf('%%     ''%s''  ', known{i}))) %#ok<STREMP>
      options = [options, {known{i}, small.(known{i})}]; %#ok<AGROW>
    end
  end
end

% Something that a method can at least look at, by the kinds that it takes.
function x = plain(kinds)
  if bitand(kinds, 2)
    x = reshape(abs(sin(1:60)), 6, 10);
  elseif bitand(kinds, 4)
    x = struct('times', {{[0.1 0.5], 1}});
  elseif bitand(kinds, 16)
    x = struct('a', [1 2; 3 4]);
  elseif bitand(kinds, 32)
    x = {[1 2], [2 3]};
  else
    x = tempname();
  end
end

function model()
  x = data();
  r = neuraxis.ntf(x, 'rank', 2, 'restarts', 2, 'seed', 1);
  m = r.factor_neuron.values * diag(r.weights.values) * r.factor_time.values';
  e = norm(x.values - m, 'fro') / norm(x.values, 'fro');
  check(abs(e - r.attributes.ntf_error) < 1e-10, 'error');
end

function help_texts()
  names = neuraxis.internal.neuraxis_mex('methods');
  here = fileparts(fileparts(mfilename('fullpath')));
  for i = 1:numel(names)
    text = fileread(fullfile(here, '+neuraxis', [names{i} '.m']));
    check(~isempty(strfind(text, ['%' upper(names{i}) '  '])), names{i}); %#ok<STREMP>
  end
end

function examples()
  here = fileparts(fileparts(mfilename('fullpath')));
  folders = {fullfile(here, '+neuraxis'), fullfile(here, '+neuraxis', '+plot')};
  n_folders = 2;
  c = [];
  if exist('OCTAVE_VERSION', 'builtin') && isempty(available_graphics_toolkits())
    n_folders = 1; % nothing can be drawn here
  else
    f = figure('visible', 'off');
    c = onCleanup(@() close(f));
  end
  for k = 1:n_folders
    files = dir(fullfile(folders{k}, '*.m'));
    for i = 1:numel(files)
      text = fileread(fullfile(folders{k}, files(i).name));
      code = regexp(text, '%   Example:\n((?:%     [^\n]*\n)+)', 'tokens', 'once');
      if strcmp(files(i).name, 'version.m')
        continue
      end
      check(~isempty(code), [files(i).name ' has no example']);
      try
        run_lines(regexprep(code{1}, '(^|\n)%     ', '$1'));
      catch e
        error('test:failed', '%s: %s', files(i).name, e.message);
      end
    end
  end
  clear('c');
end

function run_lines(code)
  eval(code);
end

function plots()
  if exist('OCTAVE_VERSION', 'builtin') && isempty(available_graphics_toolkits())
    fprintf('  this Octave has no graphics toolkit: nothing was drawn\n');
    return
  end
  f = figure('visible', 'off');
  c = onCleanup(@() close(f));
  x = data();
  neuraxis.plot.array(x);
  neuraxis.plot.ntf(neuraxis.ntf(x, 'rank', 2, 'restarts', 1, 'seed', 1));
  neuraxis.plot.spikes(struct('times', {{[0.1 0.2], 0.3}}));
  neuraxis.plot.sbm(neuraxis.sbm(kron(eye(2), ones(6)) + 0.1, 'restarts', 2, 'seed', 1));
end
