function correlations(r)
%CORRELATIONS  Correlations with neurons in clustering order.
%   neuraxis.plot.correlations(r)
%
%   Example:
%     neuraxis.plot.correlations(neuraxis.correlations(randn(6, 50)));
  o = r.order.values;
  imagesc(r.correlation.values(o, o), [-1 1]);
  axis('square');
  colorbar();
  xlabel('neuron');
  ylabel('neuron');
end
