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
  values = {1i, @sin, {}, {1}, struct(), struct('a', {1, 2}), 'text', '', true, NaN, Inf, ...
            zeros(0, 0), zeros(1, 1, 1, 1, 1, 1, 1, 1, 2), sparse(eye(3)), {{}}, ...
            struct('values', 'x'), struct('times', 1), struct('times', {{'a'}}), ...
            struct('values', 1, 'axes', {{struct('name', 1)}}), uint8(3)};
  names = neuraxis.internal.neuraxis_mex('methods');
  state = warning('off', 'all');
  c = onCleanup(@() warning(state));
  for i = 1:numel(names)
    f = str2func(['neuraxis.' names{i}]);
    if any(strcmp(names{i}, {'simulate_recording', 'write_report', 'write_dataset'}))
      continue
    end
    for k = 1:numel(values)
      try
        f(values{k});
      catch e
        check(~isempty(e.message), names{i});
      end
    end
  end
  check(~isempty(identifier(@() neuraxis.internal.neuraxis_mex(1, 2))), 'dispatcher');
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
