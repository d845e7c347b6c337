function connectome(r)
%CONNECTOME  Motifs ordered by their communities, and when each is in force.
%   neuraxis.plot.connectome(r)
%
%   R is the result of neuraxis.connectome.
%
%   Example:
%     d = neuraxis.simulate_recording('units', 6, 'trials', 4);
%     neuraxis.plot.connectome(neuraxis.connectome(d.dff, 'rank', 2, 'restarts', 1));
  m = r.motifs.values;
  n = size(m, 3);
  t = neuraxis.axis_values(r.when, 1);
  for k = 1:n
    [~, order] = sort(r.communities.values(:, k));
    subplot(2, n, k);
    imagesc(m(order, order, k));
    axis('square');
    title(sprintf('motif %d', k));
    subplot(2, n, n + k);
    plot(t, r.when.values(:, k));
    axis('tight');
    half = floor((floor(t(end)) - ceil(t(1))) / 2);
    if half >= 1 % panels are narrow
      set(gca(), 'xtick', ceil(t(1)) + half * (0:2));
    end
    xlabel(neuraxis.internal.axis_title(r.when.axes{1}), 'interpreter', 'none');
  end
end
