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
end

function compare(folder, name, result)
  expected = neuraxis.read_recording(fullfile(folder, [name '.nc']));
  if isfield(result, 'values')
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
