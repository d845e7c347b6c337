function ntf(r)
%NTF  The components of a factorisation over all axes.
%   neuraxis.plot.ntf(r)
%
%   Example:
%     d = neuraxis.simulate_recording('units', 8, 'trials', 4);
%     x = neuraxis.transform_values(d.dff, 'what', 'rectify');
%     neuraxis.plot.ntf(neuraxis.ntf(x, 'rank', 2, 'restarts', 2));
  names = fieldnames(r);
  names = names(strncmp(names, 'factor_', 7));
  rank = numel(r.weights.values);
  for c = 1:rank
    for k = 1:numel(names)
      f = r.(names{k});
      x = neuraxis.axis_values(f, 1);
      subplot(rank, numel(names), (c - 1) * numel(names) + k);
      if iscell(x) || ~isfield(f.axes{1}, 'rate')
        bar(f.values(:, c));
        xlim([0, size(f.values, 1) + 1]);
      else
        plot(x, f.values(:, c));
        xlim([min(x), max(x) + (numel(x) < 2)]);
      end
      if c == rank
        xlabel(neuraxis.internal.axis_title(f.axes{1}), 'interpreter', 'none');
      end
    end
  end
end
