function sbm(r)
%SBM  Nodes ordered by their communities.
%   neuraxis.plot.sbm(r)
%
%   Shows in what share of the samples two nodes have the same group.
%
%   Example:
%     neuraxis.plot.sbm(neuraxis.sbm(kron(eye(2), ones(6)) + 0.1, 'restarts', 2));
  label = r.labels.values(:, 1);
  [label, order] = sort(label);
  if isfield(r, 'coassignment')
    m = r.coassignment.values(order, order);
  else
    m = double(label == label');
  end
  neuraxis.internal.heatmap(1:size(m, 1), 1:size(m, 1), m, ...
                            'share of samples in one group', [0 1]);
  axis('square');
  edges = find(diff(label) ~= 0) + 0.5;
  hold('on');
  for e = edges'
    plot([e e], [0.5 numel(label) + 0.5], 'w', [0.5 numel(label) + 0.5], [e e], 'w');
  end
  hold('off');
  xlabel('node');
  ylabel('node');
end
