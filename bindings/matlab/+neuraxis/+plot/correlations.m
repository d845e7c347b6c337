function correlations(r)
%CORRELATIONS  Correlations with neurons in clustering order.
%   neuraxis.plot.correlations(r)
%
%   Example:
%     neuraxis.plot.correlations(neuraxis.correlations(randn(6, 50)));
  o = r.order.values;
  neuraxis.internal.heatmap(1:numel(o), 1:numel(o), r.correlation.values(o, o), ...
                            'correlation', [-1 1]);
  axis('square');
  xlabel('neuron');
  ylabel('neuron');
end
