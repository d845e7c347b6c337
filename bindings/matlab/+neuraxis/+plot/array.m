function array(a)
%ARRAY  Heatmap or traces of an array.
%   neuraxis.plot.array(a)
%
%   The mean over what lies beyond the first two axes is shown.
%
%   Example:
%     d = neuraxis.simulate_recording('units', 6, 'trials', 4);
%     neuraxis.plot.array(d.dff);
  if ~isstruct(a)
    a = struct('values', a, 'axes', {{struct('name', 'axis 1'), struct('name', 'axis 2')}});
  end
  v = mean(a.values(:, :, :), 3);
  if isvector(v)
    plot(neuraxis.axis_values(a, find(size(v) > 1, 1)), v);
    xlabel(a.axes{find([size(v), 2] > 1, 1)}.name);
    return
  end
  x = neuraxis.axis_values(a, 2);
  if iscell(x)
    x = 1:numel(x);
  end
  imagesc(x, 1:size(v, 1), v);
  axis('tight');
  colorbar();
  xlabel(a.axes{2}.name);
  ylabel(a.axes{1}.name);
end
