function matrix(r)
%MATRIX  The matrix that a result is about.
%   neuraxis.plot.matrix(r)
%
%   R is the result of neuraxis.rsa_ceiling (what fits all subjects best),
%   neuraxis.rdm_rescale (the mean of all matrices), neuraxis.freqtag_alignment or
%   neuraxis.freqtag_similarity (layers x channels), or neuraxis.ridge_regression (weights).
%
%   Example:
%     x = rand(8, 8, 5);
%     neuraxis.plot.matrix(neuraxis.rsa_ceiling(x + permute(x, [2 1 3])));
  names = {'pool', 'mean', 'rho', 'weights'};
  found = names(isfield(r, names));
  if isempty(found)
    error('neuraxis:EINVAL', 'neuraxis.plot.matrix: there is no matrix to draw');
  end
  neuraxis.plot.array(r.(found{1}));
end
