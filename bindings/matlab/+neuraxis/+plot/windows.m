function windows(r)
%WINDOWS  Accuracy of identification in each window of thresholds.
%   neuraxis.plot.windows(r)
%
%   R is the result of neuraxis.trsa_identify.
%
%   Example:
%     x = rand(8, 8, 12);
%     x = x + permute(x, [2 1 3]);
%     g = ceil((1:12) / 2);
%     neuraxis.plot.windows(neuraxis.trsa_identify(x, g, repmat(1:2, 1, 6), 'steps', 4, ...
%                                                  'permutations', 20));
  w = r.windows;
  [lower, ~, i] = unique(w.lower);
  [upper, ~, j] = unique(w.upper);
  m = NaN(numel(upper), numel(lower));
  m(sub2ind(size(m), j(:), i(:))) = w.accuracy;
  neuraxis.internal.heatmap(lower, upper, m, 'accuracy');
  axis('xy');
  xlabel('lower threshold');
  ylabel('upper threshold');
end
