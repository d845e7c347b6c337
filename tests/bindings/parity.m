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
