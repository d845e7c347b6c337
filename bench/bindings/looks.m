% SPDX-License-Identifier: GPL-3.0-or-later
function looks()
  % How long functions go without looking whether to stop (see looks.c), in Octave: those
  % whose steps are products and factorisations of large matrices, and one of each family.
  rand('seed', 1);
  x = neuraxis.array(randn(1000, 20000), {'neuron', 'time'}, 'rate', 30);
  trials = randn(60, 100, 100);
  d = rand(1200);
  d = d + d';
  d(1:1201:end) = 0;
  y = x;
  y.values = abs(y.values(:, 1:5000));
  run('ntf', @() neuraxis.ntf(y, 'rank', 40, 'restarts', 4));
  run('connectome', @() neuraxis.connectome(y.values(1:80, 1:2000), 'rank', 10));
  run('gpfa', @() neuraxis.gpfa(trials, 'latents', 8, 'max_iter', 30));
  run('gpfa_poisson', @() neuraxis.gpfa(floor(abs(trials)), 'latents', 6, ...
                                        'likelihood', 'poisson'));
  run('gpvae', @() neuraxis.gpvae('x', trials, 'behaviour', trials(1:10, :, :), ...
                                        'likelihood', 'gaussian'));
  run('bicluster', @() neuraxis.bicluster(floor(abs(randn(600, 3000))), 'chains', 2, ...
                                          'sweeps', 60));
  run('sbm', @() neuraxis.sbm(d(1:800, 1:800)));
  run('rdm', @() neuraxis.rdm(randn(300, 4000), 1:4000));
  run('rdm_noise', @() neuraxis.rdm_noise(randn(3000, 8000), 'condition', repmat(1:400, 1, 20)));
  run('rdm_precision', @() neuraxis.rdm_precision(cov(randn(2600, 2500)) + eye(2500)));
  run('rdm_mds', @() neuraxis.rdm_mds(d));
  run('rsa', @() neuraxis.rsa(repmat(d(1:80, 1:80), [1 1 20]), d(1:80, 1:80)));
  run('persistent_homology', @() neuraxis.persistent_homology(d(1:250, 1:250)));
  run('similarity', @() neuraxis.similarity(randn(1000, 5000), randn(1000, 5000), ...
                                            'measure', 'cca'));
  run('encoding_score', @() neuraxis.encoding_score(randn(1000, 3000), randn(300, 3000)));
  run('thomson_test', @() neuraxis.thomson_test(randn(1, 4e6), 'rate', 100));
  run('freqtag_ress', @() neuraxis.freqtag_ress(randn(1500, 400, 6), 10, 'rate', 100));
  run('covariance', @() neuraxis.covariance(randn(3000, 6000)));
end

function run(name, call)
  path = getenv('LOOKS');
  if exist(path, 'file')
    delete(path);
  end
  how = '';
  try
    call();
  catch e
    how = e.message;
  end
  text = 'no call';
  if exist(path, 'file')
    text = strtrim(fileread(path));
  end
  printf('%-24s %s %s\n', name, text, how);
end
