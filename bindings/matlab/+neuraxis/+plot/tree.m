function tree(r)
%TREE  Dendrogram.
%   neuraxis.plot.tree(r)
%
%   R is the result of neuraxis.cluster_tree.
%
%   Example:
%     y = [1 2 6 7];
%     neuraxis.plot.tree(neuraxis.cluster_tree(abs(y' - y)));
  m = r.merges;
  n = numel(m.height) + 1;
  at = zeros(1, 2 * n - 1);
  height = zeros(1, 2 * n - 1);
  at(r.order.values) = 1:n;
  hold('on');
  for k = 1:n - 1
    a = m.a(k);
    b = m.b(k);
    plot([at(a) at(a) at(b) at(b)], [height(a) m.height(k) m.height(k) height(b)], 'k-');
    at(n + k) = (at(a) + at(b)) / 2;
    height(n + k) = m.height(k);
  end
  hold('off');
  xlabel('item');
  ylabel('height');
end
