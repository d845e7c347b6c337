function clusters(r)
%CLUSTERS  The cluster that each point belongs to; 0: none.
%   neuraxis.plot.clusters(r)
%
%   R is the result of neuraxis.rsa_clusters.
%
%   Example:
%     neuraxis.plot.clusters(neuraxis.rsa_clusters(randn(40, 8) + 1, 'permutations', 50));
  stairs(r.cluster.values);
  xlabel('point');
  ylabel('cluster');
end
