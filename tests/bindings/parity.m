% SPDX-License-Identifier: GPL-3.0-or-later
% parity(DIR): the methods from Octave against what parity.c wrote, bit for bit. A case has
% the name of the function; one without a case fails.
function parity(folder)
  report('', true);
  in = neuraxis.read_recording(fullfile(folder, 'input.nc'));
  compare(folder, 'smooth_time', neuraxis.smooth_time(in.dff, 'width', 0.2));
  compare(folder, 'bin_spikes', neuraxis.bin_spikes(in.spikes, 'bin', 0.25));
  compare(folder, 'power_spectrum', neuraxis.power_spectrum(in.dff));
  compare(folder, 'ntf', neuraxis.ntf(in.rectified, 'rank', 3, 'restarts', 3, 'seed', 11));
  compare(folder, 'sbm', neuraxis.sbm(in.weights, 'restarts', 2, 'seed', 5));
  compare(folder, 'gpfa', neuraxis.gpfa(in.trials, 'latents', 2, 'max_iter', 10, 'seed', 3));
  d = neuraxis.rdm(in.patterns, repmat(1:6, 1, 2), 'measure', 'crossnobis');
  compare(folder, 'rdm', d);
  subjects = neuraxis.read_recording(fullfile(folder, 'subjects.nc'));
  compare(folder, 'rsa', neuraxis.rsa(subjects.subjects, struct('first', d), ...
                                      'samples', 50, 'permutations', 50, 'seed', 9));
  compare(folder, 'ntf_select', neuraxis.ntf_select(in.rectified, 'restarts', 2, ...
                                               'rank_max', 2, 'folds', 2, 'seed', 4));
  compare(folder, 'ntf_null', neuraxis.ntf_null(in.rectified, 'rank', 2, 'restarts', 2, ...
                                            'draws', 5, 'seed', 4));
  compare(folder, 'gpfa_select', neuraxis.gpfa_select(in.trials, 'latents_max', 2, ...
                                                     'folds', 2, 'fold_iter', 5, 'seed', 4));
  compare(folder, 'unit_quality', neuraxis.unit_quality(in.dff));
  compare(folder, 'connectome', neuraxis.connectome(in.dff, 'rank', 2, 'restarts', 1, ...
                                                    'seed', 6));
  counts = neuraxis.bin_spikes(in.spikes, 'bin', 0.25);
  compare(folder, 'bicluster', neuraxis.bicluster(counts, 'chains', 2, 'sweeps', 60, ...
                                                  'rates', true, 'seed', 8));
  compare(folder, 'gpvae', neuraxis.gpvae('x', in.trials, 'likelihood', 'gaussian', ...
                                          'shared_latents', 0, 'behaviour_latents', 0, ...
                                          'epochs', 1, 'neural_epochs', 1, 'seed', 2));
  compare(folder, 'freqtag', neuraxis.freqtag(in.trials, 'tags', '3,5'));
  topology = neuraxis.trsa_transform(in.weights);
  compare(folder, 'trsa_transform', topology);
  compare(folder, 'rdm_compare', neuraxis.rdm_compare(in.weights, topology, ...
                                                     'comparator', 'spearman'));
  compare(folder, 'persistent_homology', neuraxis.persistent_homology(in.weights));
  compare(folder, 'simulate_recording', neuraxis.simulate_recording('kind', 'spikes', ...
                                                           'units', 12, 'trials', 4, ...
                                                           'seed', 7));
  rest(folder, in);
  preparation(folder, in);
  comparisons(folder, in, subjects.subjects, d);
  tags(folder, in);
  files(folder, in);
  parity_tags(folder, in, @compare);
  parity_rdms(folder, in, @compare);
  without = setdiff(neuraxis.internal.neuraxis_mex('methods'), report('', false));
  if isempty(without)
    printf('ok every function of Octave is compared with C\n');
  else
    printf('not ok every function of Octave is compared with C: %s\n', ...
           strjoin(without(:)', ', '));
  end
end

function preparation(folder, in)
  raw = neuraxis.read_recording(fullfile(folder, 'raw.nc'));
  compare(folder, 'subtract_neuropil', neuraxis.subtract_neuropil(raw.F, raw.Fneu));
  compare(folder, 'dff', neuraxis.dff(raw.F));
  compare(folder, 'detrend_time', neuraxis.detrend_time(in.dff));
  compare(folder, 'resample_time', neuraxis.resample_time(in.dff, 'rate', 10, ...
                                                          'method', 'average'));
  compare(folder, 'align_events', neuraxis.align_events(in.dff, [1 5], 'start', -0.5, ...
                                                        'stop', 1));
  compare(folder, 'cut_trials', neuraxis.cut_trials(in.dff, [1 8], [3 10.5]));
  compare(folder, 'psth', neuraxis.psth(in.trials));
  x = neuraxis.array(zeros(1, 5), {'neuron', 'time'}, 'time', [0 1 2 9 10]);
  compare(folder, 'find_gaps', neuraxis.find_gaps(x));
  compare(folder, 'slice_time', neuraxis.slice_time(in.dff, 2, 5));
  compare(folder, 'zscore', neuraxis.zscore(in.dff));
  compare(folder, 'transform_values', neuraxis.transform_values(in.dff, 'what', 'exp'));
  compare(folder, 'rescale', neuraxis.rescale(in.dff, 'by', 'sd'));
  compare(folder, 'cluster_tree', neuraxis.cluster_tree(in.weights, 'linkage', 'complete', ...
                                                        'clusters', 2));
  compare(folder, 'partition_agreement', ...
          neuraxis.partition_agreement([1 1 2 2 3], [5 5 6 7 7]));
  compare(folder, 'adjust_p', neuraxis.adjust_p([0.01 0.02 0.5 0.04], 'method', 'by'));
  compare(folder, 'circular_mean', neuraxis.circular_mean([0.1 -0.1 0.2 2]));
end

function comparisons(folder, in, subjects, d)
  from = [1 1 2 4 4 5 3];
  to = [2 3 3 5 6 6 4];
  compare(folder, 'sbm_edges', neuraxis.sbm_edges(from, to, 'restarts', 2, 'seed', 5));
  compare(folder, 'sbm_describe', neuraxis.sbm_describe(from, to, [0 0 0 1 1 1]));
  compare(folder, 'connectome_derivatives', neuraxis.connectome_derivatives(in.dff));
  compare(folder, 'connectome_affinity', neuraxis.connectome_affinity(in.dff));
  mask = ones(3, 3, 2);
  mask(5) = 0;
  compare(folder, 'searchlight_places', neuraxis.searchlight_places(mask));
  compare(folder, 'similarity', neuraxis.similarity(in.patterns, in.weights));
  compare(folder, 'encoding_score', neuraxis.encoding_score(in.weights, in.patterns, 'fold', ...
                                                            repmat(1:3, 1, 4)));
  squares = subjects.values .^ 2;
  compare(folder, 'rsa_compare_groups', ...
          neuraxis.rsa_compare_groups(subjects, squares, d, 'permutations', 20, 'seed', 3));
  compare(folder, 'trsa_identify', ...
          neuraxis.trsa_identify(subjects, [1 1 2 2], [1 2 1 2], 'steps', 3, ...
                                 'permutations', 10, 'seed', 2));
  compare(folder, 'diagram_distances', neuraxis.diagram_distances(squares, 'dimension', 0));
  a = neuraxis.persistent_homology(squares(:, :, 1));
  b = neuraxis.persistent_homology(squares(:, :, 4));
  compare(folder, 'diagram_distance', ...
          neuraxis.diagram_distance(a, b, 'dimension', 0, 'order', 2, 'norm', 2));
  compare(folder, 'persistence_null', ...
          neuraxis.persistence_null(squares(:, :, 1), 'shuffles', 19, 'seed', 3));
  compare(folder, 'geodesic_sweep', neuraxis.geodesic_sweep(in.weights, [0.5 4]));
end

function tags(folder, in)
  compare(folder, 'freqtag_plan', ...
          neuraxis.freqtag_plan('trials', 20, 'tags', '1,2,4', 'window', 9, 'sampling', 512));
  first = neuraxis.array(in.dff.values(1, :), {'time'}, 'rate', in.dff.axes{2}.rate);
  compare(folder, 'fit_lines', neuraxis.fit_lines(first, [2 3]));
  compare(folder, 'thomson_test', neuraxis.thomson_test(first));
  compare(folder, 'freqtag_spikes', neuraxis.freqtag_spikes(in.spikes, [0 4 8], 2, [1 2]));
  compare(folder, 'cluster_test', ...
          neuraxis.cluster_test(in.patterns, 1, 'flips', 50, 'seed', 4));
  compare(folder, 'freqtag_items', neuraxis.freqtag_items(in.trials, 10));
  compare(folder, 'freqtag_alignment', ...
          neuraxis.freqtag_alignment(reshape(in.weights.values, 3, 4, 12), ...
                                     reshape(in.patterns.values, 3, 4, 12), 'top', 2));
  compare(folder, 'hftp_published', ...
          neuraxis.hftp_published(in.trials, in.trials.values .^ 2, 2, 4, ...
                                  'permutations', 20, 'seed', 5));
end

function files(folder, in)
  file = fullfile(folder, 'input.nc');
  info = neuraxis.recording_info(file);
  v = info.variables;
  compare(folder, 'recording_info', struct('values', v.values, 'rate', v.rate, ...
                                           't_start', v.t_start, 't_stop', v.t_stop));
  compare(folder, 'read_variable', ...
          neuraxis.read_variable(file, 'dff', 'from', [2 5], 'count', [3 10]));
  compare(folder, 'ntf_file', neuraxis.ntf_file(file, 'variable', 'rectified', 'memory', 1, ...
                                                'rank', 2, 'restarts', 2, 'seed', 12));
  compare(folder, 'file_formats', neuraxis.file_formats());
  compare(folder, 'file_sha256', neuraxis.file_sha256(file));
  f = fopen(fullfile(folder, 'read_recording.bin'));
  values = fread(f, Inf, 'double');
  fclose(f);
  report('read_recording', isequal(values, in.dff.values(:)));
  mine = tempname();
  mkdir(mine);
  path = fullfile(mine, 'write_values.npy');
  neuraxis.write_values(in.dff, path);
  compare_files(folder, 'write_values', path);
  path = fullfile(mine, 'write_dataset.out');
  neuraxis.write_dataset(in, path, 'no_history', true);
  compare_files(folder, 'write_dataset', path);
  path = fullfile(mine, 'write_report.html');
  neuraxis.write_report(in, path);
  compare_files(folder, 'write_report', path);
end

function compare_files(folder, name, path)
  [~, base, ext] = fileparts(path);
  report(name, isequal(fileread(path), fileread(fullfile(folder, [base ext]))));
end

% Says how a case went; the cases so far.
function cases = report(name, same)
  persistent known;
  if isempty(name) && same
    known = {};
  elseif ~isempty(name)
    known{end + 1} = name;
    words = {'not ok', 'ok'};
    printf('%s Octave and C agree to the last bit: %s\n', words{same + 1}, name);
  end
  cases = known;
end

% Of results with several members, the one that is named.
function rest(folder, in)
  fit = neuraxis.ntf(in.rectified, 'rank', 2, 'restarts', 2, 'seed', 12);
  compare(folder, 'ntf_project', neuraxis.ntf_project(fit, in.rectified, 'axis', 'time'));
  [k, j, i] = ndgrid(1:2, 1:3, 1:4);
  at = [i(:), j(:), k(:)];
  at = at(mod(sum(at, 2) - 3, 2) == 0, :);
  value = 1 + (at(:, 1) - 1) .* (at(:, 2) - 1) + at(:, 3) - 1;
  compare(folder, 'ntf_sparse', neuraxis.ntf_sparse(at, value, [4 3 2], 'rank', 2, ...
                                                'restarts', 2, 'seed', 12));
  model = neuraxis.gpfa(in.trials, 'latents', 2, 'max_iter', 5, 'seed', 3);
  inferred = neuraxis.gpfa_infer(model, in.trials, 'covariances', true);
  compare(folder, 'gpfa_infer', inferred);
  told = neuraxis.gpfa_leave_neuron_out(model, in.trials);
  compare(folder, 'gpfa_leave_neuron_out', told.predicted);
  drawn = neuraxis.gpfa_sample(model, [5 7], 'seed', 4);
  compare(folder, 'gpfa_sample', drawn.activity);
  compare(folder, 'rdm_movie', neuraxis.rdm_movie(reshape(in.patterns.values, 12, 2, 6), 1:6));
  c = repmat(1:6, 1, 2);
  compare(folder, 'rdm_searchlight', neuraxis.rdm_searchlight(in.patterns, c, {1:6, 7:12}));
  noise = neuraxis.rdm_noise(in.patterns, 'condition', c);
  compare(folder, 'rdm_noise', noise);
  compare(folder, 'rdm_precision', neuraxis.rdm_precision(noise));
  sigma_k = neuraxis.rdm_sigma_k(in.patterns, c);
  compare(folder, 'rdm_sigma_k', sigma_k);
  r = neuraxis.rdm(in.patterns, c);
  compare(folder, 'rdm_variance', neuraxis.rdm_variance(r, 2, 12, 'sigma_k', sigma_k));
  compare(folder, 'rdm_map', neuraxis.rdm_map(r));
  x = neuraxis.rdm_mds(r);
  compare(folder, 'rdm_mds', x.points);
  both = neuraxis.read_recording(fullfile(folder, 'both.nc'));
  x = neuraxis.rdm_rescale(both.both, 'weights', 'simple');
  compare(folder, 'rdm_rescale', x.rdm);
  compare(folder, 'rsa_partial', neuraxis.rsa_partial(r, both.both, 'kind', 'regression'));
  x = neuraxis.rsa_ceiling(both.both);
  compare(folder, 'rsa_ceiling', x.pool);
  compare(folder, 'rsa_model_fit', neuraxis.rsa_model_fit(r, both.both, 'ridge', 0.01));
  x = neuraxis.trsa_agtic(in.weights, in.weights, 'levels', 3, 'permutations', 10);
  compare(folder, 'trsa_agtic', x.map);
  bars = neuraxis.persistent_homology(in.weights);
  compare(folder, 'persistence_image', neuraxis.persistence_image(bars, 'dimension', 0, 'n_birth', 6, ...
                                                      'n_persistence', 5));
  compare(folder, 'persistence_landscape', neuraxis.persistence_landscape(bars, 0:3, 'dimension', 0));
  compare(folder, 'betti_curve', neuraxis.betti_curve(bars, 0:3, 'dimension', 0));
  compare(folder, 'shortest_paths', neuraxis.shortest_paths(in.weights));
  x = neuraxis.correlations(in.dff);
  compare(folder, 'correlations', x.correlation);
  compare(folder, 'covariance', neuraxis.covariance(in.dff, 'method', 'oas'));
  t = [0.1 0.2 0.4 0.5 0.9 1.1 1.2 1.8];
  y = [0.3 -0.1 0.8 0.2 -0.5 0.4 0.1 -0.9];
  compare(folder, 'lomb_scargle', neuraxis.lomb_scargle(t, y, 1:2));
  compare(folder, 'z2_test', rmfield(neuraxis.z2_test(t, 1:2, 'harmonics', 2), 'log_p'));
  x = neuraxis.freqtag_ress(in.trials, 3);
  compare(folder, 'freqtag_ress', x.component);
  compare(folder, 'freqtag_coefficients', neuraxis.freqtag_coefficients(in.trials, 1:2));
end

function compare(folder, name, result)
  expected = neuraxis.read_recording(fullfile(folder, [name '.nc']));
  if isfield(result, 'values') || ~isfield(result, 'class')
    result = struct(name, result);
  end
  members = setdiff(fieldnames(expected), {'attributes', 'main', 'class'});
  same = isempty(setxor(members, setdiff(fieldnames(result), ...
                                         {'attributes', 'main', 'class'})));
  for i = 1:numel(members)
    a = expected.(members{i});
    b = result.(members{i});
    if isfield(a, 'values')
      same = same && isequaln(a.values, b.values);
    else
      same = same && isequaln(a, b);
    end
  end
  report(name, same);
end
