function cluster_test(r)
%CLUSTER_TEST  The statistic of each cell; cells of clusters in colour.
%   neuraxis.plot.cluster_test(r)
%
%   Example:
%     neuraxis.plot.cluster_test(neuraxis.cluster_test(randn(10, 20) + 1, 2.3, 'flips', 50));
  c = r.cells;
  n = numel(c.statistic);
  bar(1:n, c.statistic, 'facecolor', [0.7 0.7 0.7]);
  hold('on');
  k = find(c.cluster > 0);
  if ~isempty(k)
    bar(k, c.statistic(k));
  end
  hold('off');
  neuraxis.internal.items(n);
  xlabel('cell');
  ylabel('statistic');
end
