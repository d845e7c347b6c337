function similarity(r)
%SIMILARITY  Posterior probability that two neurons share a cluster, neurons in order.
%   neuraxis.plot.similarity(r)
%
%   R is the result of neuraxis.bicluster.
  s = r.similarity.values;
  [~, order] = sort(s * (1:size(s, 1))' ./ sum(s, 2));
  imagesc(s(order, order));
  axis('square');
  colorbar();
  xlabel('neuron');
  ylabel('neuron');
end
