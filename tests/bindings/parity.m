% SPDX-License-Identifier: GPL-3.0-or-later
% parity(DIR): the methods from Octave against what parity.c wrote, bit for bit.
function parity(folder)
  in = neuraxis.read_recording(fullfile(folder, 'input.nc'));
  compare(folder, 'smooth', neuraxis.smooth_time(in.dff, 'width', 0.2));
  compare(folder, 'bin', neuraxis.bin_spikes(in.spikes, 'bin', 0.25));
  compare(folder, 'welch', neuraxis.power_spectrum(in.dff));
  compare(folder, 'ntf', neuraxis.ntf(in.rectified, 'rank', 3, 'restarts', 3, 'seed', 11));
  compare(folder, 'sbm', neuraxis.sbm(in.weights, 'restarts', 2, 'seed', 5));
  compare(folder, 'gpfa', neuraxis.gpfa(in.trials, 'latents', 2, 'max_iter', 10, 'seed', 3));
  d = neuraxis.rdm(in.patterns, repmat(1:6, 1, 2), 'measure', 'crossnobis');
  compare(folder, 'rdm', d);
  subjects = neuraxis.read_recording(fullfile(folder, 'subjects.nc'));
  compare(folder, 'rsa', neuraxis.rsa(subjects.subjects, struct('first', d), ...
                                      'samples', 50, 'permutations', 50, 'seed', 9));
  compare(folder, 'ranks', neuraxis.ntf_select(in.rectified, 'restarts', 2, ...
                                               'rank_max', 2, 'folds', 2, 'seed', 4));
  compare(folder, 'null', neuraxis.ntf_null(in.rectified, 'rank', 2, 'restarts', 2, ...
                                            'draws', 5, 'seed', 4));
  compare(folder, 'dimensions', neuraxis.gpfa_select(in.trials, 'latents_max', 2, ...
                                                     'folds', 2, 'fold_iter', 5, 'seed', 4));
  compare(folder, 'quality', neuraxis.unit_quality(in.dff));
  compare(folder, 'connectome', neuraxis.connectome(in.dff, 'rank', 2, 'restarts', 1, ...
                                                    'seed', 6));
  counts = neuraxis.bin_spikes(in.spikes, 'bin', 0.25);
  compare(folder, 'bicluster', neuraxis.bicluster(counts, 'chains', 2, 'sweeps', 60, ...
                                                  'seed', 8));
  compare(folder, 'gpvae', neuraxis.gpvae('x', in.trials, 'likelihood', 'gaussian', ...
                                          'shared_latents', 0, 'behaviour_latents', 0, ...
                                          'epochs', 1, 'neural_epochs', 1, 'seed', 2));
  compare(folder, 'freqtag', neuraxis.freqtag(in.trials, 'tags', '3,5'));
  topology = neuraxis.trsa_transform(in.weights);
  compare(folder, 'topology', topology);
  compare(folder, 'similarity', neuraxis.rdm_compare(in.weights, topology, ...
                                                     'comparator', 'spearman'));
  compare(folder, 'bars', neuraxis.persistent_homology(in.weights));
  compare(folder, 'simulated', neuraxis.simulate_recording('kind', 'spikes', ...
                                                           'units', 12, 'trials', 4, ...
                                                           'seed', 7));
  rest(folder, in);
end

% Of results with several members, the one that is named.
function rest(folder, in)
  fit = neuraxis.ntf(in.rectified, 'rank', 2, 'restarts', 2, 'seed', 12);
  compare(folder, 'project', neuraxis.ntf_project(fit, in.rectified, 'axis', 'time'));
  [k, j, i] = ndgrid(1:2, 1:3, 1:4);
  at = [i(:), j(:), k(:)];
  at = at(mod(sum(at, 2) - 3, 2) == 0, :);
  value = 1 + (at(:, 1) - 1) .* (at(:, 2) - 1) + at(:, 3) - 1;
  compare(folder, 'sparse', neuraxis.ntf_sparse(at, value, [4 3 2], 'rank', 2, ...
                                                'restarts', 2, 'seed', 12));
  model = neuraxis.gpfa(in.trials, 'latents', 2, 'max_iter', 5, 'seed', 3);
  inferred = neuraxis.gpfa_infer(model, in.trials);
  compare(folder, 'infer', inferred);
  told = neuraxis.gpfa_leave_neuron_out(model, in.trials);
  compare(folder, 'told', told.predicted);
  drawn = neuraxis.gpfa_sample(model, [5 7], 'seed', 4);
  compare(folder, 'drawn', drawn.activity);
  compare(folder, 'movie', neuraxis.rdm_movie(reshape(in.patterns.values, 12, 2, 6), 1:6));
  c = repmat(1:6, 1, 2);
  compare(folder, 'places', neuraxis.rdm_searchlight(in.patterns, c, {1:6, 7:12}));
  noise = neuraxis.rdm_noise(in.patterns, 'condition', c);
  compare(folder, 'noise', noise);
  compare(folder, 'precision', neuraxis.rdm_precision(noise));
  sigma_k = neuraxis.rdm_sigma_k(in.patterns, c);
  compare(folder, 'sigma_k', sigma_k);
  r = neuraxis.rdm(in.patterns, c);
  compare(folder, 'variance', neuraxis.rdm_variance(r, 2, 12, 'sigma_k', sigma_k));
  compare(folder, 'map', neuraxis.rdm_map(r));
  x = neuraxis.rdm_mds(r);
  compare(folder, 'points', x.points);
  both = neuraxis.read_recording(fullfile(folder, 'both.nc'));
  x = neuraxis.rdm_rescale(both.both, 'weights', 'simple');
  compare(folder, 'rescaled', x.rdm);
  compare(folder, 'partial', neuraxis.rsa_partial(r, both.both, 'kind', 'regression'));
  x = neuraxis.rsa_ceiling(both.both);
  compare(folder, 'pool', x.pool);
  compare(folder, 'theta', neuraxis.rsa_model_fit(r, both.both, 'ridge', 0.01));
  x = neuraxis.trsa_agtic(in.weights, in.weights, 'levels', 3, 'permutations', 10);
  compare(folder, 'agtic', x.map);
  bars = neuraxis.persistent_homology(in.weights);
  compare(folder, 'image', neuraxis.persistence_image(bars, 'dimension', 0, 'n_birth', 6, ...
                                                      'n_persistence', 5));
  compare(folder, 'landscape', neuraxis.persistence_landscape(bars, 0:3, 'dimension', 0));
  compare(folder, 'betti', neuraxis.betti_curve(bars, 0:3, 'dimension', 0));
  compare(folder, 'paths', neuraxis.shortest_paths(in.weights));
  x = neuraxis.correlations(in.dff);
  compare(folder, 'correlation', x.correlation);
  compare(folder, 'covariance', neuraxis.covariance(in.dff, 'method', 'oas'));
  t = [0.1 0.2 0.4 0.5 0.9 1.1 1.2 1.8];
  y = [0.3 -0.1 0.8 0.2 -0.5 0.4 0.1 -0.9];
  compare(folder, 'lomb', neuraxis.lomb_scargle(t, y, 1:2));
  compare(folder, 'z2', rmfield(neuraxis.z2_test(t, 1:2, 'harmonics', 2), 'log_p'));
  x = neuraxis.freqtag_ress(in.trials, 3);
  compare(folder, 'ress', x.component);
  compare(folder, 'coefficients', neuraxis.freqtag_coefficients(in.trials, 1:2));
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
  if same
    printf('ok Octave and C agree to the last bit: %s\n', name);
  else
    printf('not ok Octave and C agree to the last bit: %s\n', name);
  end
end
