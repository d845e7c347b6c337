function clusters(r)
%CLUSTERS  The cluster that each point belongs to; 0: none.
%   neuraxis.plot.clusters(r)
%
%   R is the result of neuraxis.rsa_clusters.
%
%   Example:
%     neuraxis.plot.clusters(neuraxis.rsa_clusters(randn(40, 8) + 1, 'permutations', 50));
  c = r.cluster.values(:);
  stairs((1:numel(c) + 1) - 0.5, [c; c(end)]); % each point in the middle of its step
  axis([0.4, numel(c) + 0.6, -0.2, max([c; 1]) + 0.2]);
  neuraxis.internal.whole('y', 0:max([c; 1]));
  xlabel('point');
  ylabel('cluster');
end
