function gpfa_select(r)
%GPFA_SELECT  Prediction error for each number of latents.
%   neuraxis.plot.gpfa_select(r)
%
%   The line marks the number that is recommended.
%
%   Example:
%     x = randn(6, 20, 8);
%     neuraxis.plot.gpfa_select(neuraxis.gpfa_select(x, 'latents_max', 2, 'folds', 2, ...
%                                                    'fold_iter', 5));
  t = r.dimensions;
  neuraxis.internal.choice(t.latents, t.score, t.score_se, r.attributes.latents);
  xlabel('latents');
  ylabel('prediction error');
end
