function agtic(r)
%AGTIC  Distance correlation for all pairs of windows.
%   neuraxis.plot.agtic(r)
%
%   R is the result of neuraxis.trsa_agtic.
%
%   Example:
%     x = abs((1:10)' - (1:10));
%     neuraxis.plot.agtic(neuraxis.trsa_agtic(x, x .^ 2, 'levels', 4, 'permutations', 20));
  imagesc(r.map.values);
  axis('xy');
  colorbar();
  xlabel('window of x');
  ylabel('window of y');
end
