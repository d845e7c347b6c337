function agtic(r)
%AGTIC  Distance correlation for all pairs of windows.
%   neuraxis.plot.agtic(r)
%
%   R is the result of neuraxis.trsa_agtic.
%
%   Example:
%     x = abs((1:10)' - (1:10));
%     neuraxis.plot.agtic(neuraxis.trsa_agtic(x, x .^ 2, 'levels', 4, 'permutations', 20));
  m = r.map.values;
  neuraxis.internal.heatmap(1:size(m, 2), 1:size(m, 1), m, 'distance correlation');
  axis('xy');
  xlabel('window of x');
  ylabel('window of y');
end
