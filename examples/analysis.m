% SPDX-License-Identifier: GPL-3.0-or-later
% One analysis in four languages (analysis.c, .sh, .R and .m print the same). This one is
% for MATLAB and Octave, with bindings/matlab on the path and the MEX file built.
recording = neuraxis.read_recording('datasets/assemblies.nc');
x = neuraxis.smooth_time(recording.dff, 'kind', 'gaussian', 'width', 0.1);
x = neuraxis.transform_values(x, 'what', 'rectify');
fit = neuraxis.ntf(x, 'rank', 4, 'restarts', 5, 'seed', 1);
figure('visible', 'off');
neuraxis.plot.ntf(fit);
file = [tempname() '.nc'];
neuraxis.write_dataset(fit, file);
delete(file);

fprintf('error %.4f\n', fit.attributes.ntf_error);
[~, top] = max(fit.factor_neuron.values);
fprintf('component %d: largest in neuron %d\n', [1:numel(top); top]);
