function tests = test_methods()
%TEST_METHODS  What the methods return, how they fail, that they are reproducible.
  tests = struct( ...
    'threads_do_not_change_a_bit', @threads, ...
    'the_generator_of_the_host_governs_the_seed', @seeds, ...
    'failures_have_an_identifier_and_the_text_of_the_library', @failures, ...
    'warnings_have_an_identifier', @warnings, ...
    'odd_arguments_are_refused', @odd, ...
    'odd_options_are_refused', @odd_options, ...
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
            struct('values', 1, 'axes', {{struct('name', 1)}}), uint8(3), [], ...
            zeros(2^31, 0), zeros(2^40, 0, 2), closed_handle(), closed_file(), ...
            struct('attributes', 1), struct('times', {{zeros(0, 2^31)}}), ...
            struct('values', 1, 'axes', {{struct('name', 'time', 'rate', NaN)}})};
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

% The handle of a figure that is no more, and of a file.
function h = closed_handle()
  h = NaN;
  if ~exist('OCTAVE_VERSION', 'builtin') || ~isempty(available_graphics_toolkits())
    h = figure('visible', 'off');
    close(h);
  end
end

function f = closed_file()
  f = fopen(tempname(), 'w');
  fclose(f);
end

function odd_options()
  values = {{1, 2}, @sin, struct(), 1i, [1 2], {[]}};
  names = neuraxis.internal.neuraxis_mex('methods');
  here = fileparts(fileparts(mfilename('fullpath')));
  calls = 0;
  for i = 1:numel(names)
    f = str2func(['neuraxis.' names{i}]);
    inputs = neuraxis.internal.neuraxis_mex('inputs', names{i});
    in = fieldnames(inputs);
    kinds = cellfun(@(n) inputs.(n), in);
    args = cellfun(@plain, num2cell(kinds(kinds > 0)), 'UniformOutput', false);
    text = fileread(fullfile(here, '+neuraxis', [names{i} '.m']));
    options = regexp(text, '\n%     ''(\w+)''  ', 'tokens');
    options = setdiff(cellfun(@(o) o{1}, options, 'UniformOutput', false), in);
    for k = 1:numel(options)
      for v = 1:numel(values)
        calls = calls + 1;
        id = identifier(@() f(args{:}, options{k}, values{v}));
        check(strncmp(id, 'neuraxis:', 9), [names{i} ' takes any ' options{k}]);
      end
    end
  end
  check(calls > 3000, 'every option was tried');
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
  d = neuraxis.simulate_recording('kind', 'spikes', 'units', 8, 'trials', 8, 'seed', 1);
  trials = neuraxis.align_events(d.spikes, d.trials.start_time, 'stop', 2, 'bin', 0.1);
  fit = neuraxis.gpfa(trials, 'latents', 1, 'max_iter', 5);
  a = 1:12;
  ring = abs(exp(1i * a) - exp(1i * a.'));
  squares = rand(8, 8, 12);
  squares = squares + permute(squares, [2 1 3]);
  tagged = randn(4, 400, 6);
  state = warning('off', 'all');
  back = onCleanup(@() warning(state));
  results = { ...
    x, d.spikes, d, fit, neuraxis.gpfa_leave_neuron_out(fit, trials), ...
    neuraxis.gpfa_sample(fit, [10 12]), ...
    neuraxis.gpfa_select(trials, 'latents_max', 2, 'folds', 2, 'fold_iter', 3), ...
    neuraxis.gpvae('x', trials, 'shared_latents', 0, 'behaviour_latents', 0, 'epochs', 1, ...
                   'neural_epochs', 1), ...
    neuraxis.ntf(x, 'rank', 2, 'restarts', 1), ...
    neuraxis.ntf_select(x, 'rank_max', 2, 'restarts', 2, 'folds', 2), ...
    neuraxis.sbm(kron(eye(2), ones(6)) + 0.1, 'restarts', 2), ...
    neuraxis.connectome(x, 'rank', 2, 'restarts', 1), ...
    neuraxis.bicluster(neuraxis.bin_spikes(d.spikes, 'bin', 0.5), 'chains', 2, 'sweeps', 40), ...
    neuraxis.rsa(squares, struct('a', ring(1:8, 1:8)), 'samples', 40, 'permutations', 20), ...
    neuraxis.rsa_ceiling(squares), neuraxis.rdm_rescale(squares), neuraxis.rdm_mds(ring), ...
    neuraxis.trsa_identify(squares, ceil((1:12) / 2), repmat(1:2, 1, 6), 'steps', 3, ...
                           'permutations', 10), ...
    neuraxis.trsa_agtic(ring, ring .^ 2, 'levels', 3, 'permutations', 10), ...
    neuraxis.persistent_homology(ring), neuraxis.cluster_tree(ring), ...
    neuraxis.correlations(x), neuraxis.cluster_test(randn(10, 20), 2, 'flips', 20), ...
    neuraxis.freqtag(tagged, 'tags', '2,4', 'sampling', 100), ...
    neuraxis.freqtag_plan('tags', '1,2', 'window', 4, 'sampling', 100), ...
    neuraxis.freqtag_spikes(d.spikes, d.trials.start_time, 2, [1 2]), ...
    neuraxis.freqtag_ress(tagged, 10, 'rate', 100), ...
    neuraxis.freqtag_alignment(rand(5, 6, 2), rand(5, 6, 3)), ...
    neuraxis.searchlight_places(ones(3, 3, 2)), ...
    neuraxis.freqtag_similarity(rand(5, 6, 20), rand(5, 6, 8), repmat(0:3, 1, 5), 'top', 4, ...
                                'random', 19), ...
    neuraxis.ridge_regression(randn(5, 60), randn(2, 60)), ...
    neuraxis.dpss_tapers(64, 'nw', 2), ...
    neuraxis.hftp_published(randn(6, 64, 5), randn(6, 64, 5), 4, 8, 'permutations', 100), ...
    neuraxis.line_contrast(abs(randn(1, 40))), ...
    neuraxis.rotation_null(randn(10, 2), randn(10, 2), 'surrogates', 19), ...
    neuraxis.rsa_clusters(randn(40, 8) + 1, 'permutations', 50)};
  shown = {};
  for k = 1:numel(results)
    clf();
    neuraxis.plot.result(results{k});
    check(~isempty(get(gcf(), 'children')), sprintf('result %d is drawn', k));
    if isfield(results{k}, 'class')
      shown{end + 1} = results{k}.class; %#ok<AGROW>
    end
  end
  missing = setdiff(classes(), [shown, {'dataset'}]);
  check(isempty(missing), ['a class is not drawn: ' strjoin(missing, ', ')]);
end

% Classes of what the functions return, as they say.
function found = classes()
  here = fileparts(fileparts(mfilename('fullpath')));
  files = dir(fullfile(here, '+neuraxis', '*.m'));
  found = {};
  for i = 1:numel(files)
    text = fileread(fullfile(here, '+neuraxis', files(i).name));
    name = regexp(text, 'internal\.call\(.*, ''(\w+)'', varargin\)', 'tokens', 'once');
    if ~isempty(name) && ~strcmp(name{1}, 'nothing')
      found = union(found, name);
    end
  end
end
