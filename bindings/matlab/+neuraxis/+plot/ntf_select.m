function ntf_select(r)
%NTF_SELECT  Error and agreement for each number of components.
%   neuraxis.plot.ntf_select(r)
%
%   The line marks the number that is recommended.
%
%   Example:
%     x = rand(8, 40);
%     neuraxis.plot.ntf_select(neuraxis.ntf_select(x, 'rank_max', 2, 'restarts', 2));
  t = r.ranks;
  y = t.held_out_error;
  if ~any(isfinite(y))
    y = t.error;
  end
  neuraxis.internal.choice(t.rank, y, t.held_out_se, r.attributes.rank);
  xlabel('components');
  ylabel('error on entries left out');
end
