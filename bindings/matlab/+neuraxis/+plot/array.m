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
    xlabel(neuraxis.internal.axis_title(a.axes{find([size(v), 2] > 1, 1)}), 'interpreter', 'none');
    return
  end
  x = neuraxis.axis_values(a, 2);
  if iscell(x)
    x = 1:numel(x);
  end
  unit = '';
  if isfield(a, 'unit') && ~strcmp(a.unit, '1')
    unit = a.unit;
  end
  neuraxis.internal.heatmap(x, 1:size(v, 1), v, unit);
  xlabel(neuraxis.internal.axis_title(a.axes{2}), 'interpreter', 'none');
  ylabel(neuraxis.internal.axis_title(a.axes{1}), 'interpreter', 'none');
end
