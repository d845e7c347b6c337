function rotations(r)
%ROTATIONS  Coherence of each column (circles) and of its surrogates.
%   neuraxis.plot.rotations(r)
%
%   R is the result of neuraxis.rotation_null.
%
%   Example:
%     neuraxis.plot.rotations(neuraxis.rotation_null(randn(10, 2), randn(10, 2)));
  n = numel(r.tests.observed);
  plot(1:n, r.null.values', 'b.', 1:n, r.tests.observed, 'ko');
  neuraxis.internal.items(n);
  xlabel('column');
  ylabel('coherence');
end
