function similarity(r)
%SIMILARITY  Posterior probability that two neurons share a cluster, neurons in order.
%   neuraxis.plot.similarity(r)
%
%   R is the result of neuraxis.bicluster.
%
%   Example:
%     d = neuraxis.simulate_recording('kind', 'spikes', 'units', 5, 'trials', 4);
%     x = neuraxis.bin_spikes(d.spikes, 'bin', 0.2);
%     neuraxis.plot.similarity(neuraxis.bicluster(x, 'chains', 2, 'sweeps', 60));
  s = r.similarity.values;
  [~, order] = sort(s * (1:size(s, 1))' ./ sum(s, 2));
  neuraxis.internal.heatmap(1:size(s, 1), 1:size(s, 1), s(order, order), ...
                            'probability of one cluster', [0 1]);
  axis('square');
  xlabel('neuron');
  ylabel('neuron');
end
