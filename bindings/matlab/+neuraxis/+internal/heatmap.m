function heatmap(x, y, m, label, range)
%HEATMAP  A matrix in colours; LABEL says what they stand for, RANGE which values they span.
%   What is missing stays white. X and Y are the positions of columns and rows.
  if nargin < 5
    range = [min(m(:)), max(m(:))];
    if isempty(range) || any(isnan(range))
      range = [0 1];
    end
  end
  if range(1) == range(2)
    range = range + [-0.5 0.5];
  end
  shown = m;
  shown(isnan(m)) = range(1); % not all of what draws knows NaN
  imagesc(x, y, shown, range);
  [row, col] = find(isnan(m));
  if ~isempty(row)
    w = step(x) / 2;
    h = step(y) / 2;
    x = reshape(x(col), 1, []);
    y = reshape(y(row), 1, []);
    patch([x - w; x + w; x + w; x - w], [y - h; y - h; y + h; y + h], 'w', ...
          'EdgeColor', 'none');
  end
  axis('tight');
  neuraxis.internal.whole('x', x);
  neuraxis.internal.whole('y', y);
  ylabel(colorbar(), label);
end

function d = step(x)
  d = 1;
  if numel(x) > 1
    d = (x(end) - x(1)) / (numel(x) - 1);
  end
end
