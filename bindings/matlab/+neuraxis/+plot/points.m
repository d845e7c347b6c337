function points(r)
%POINTS  Conditions as points in the plane.
%   neuraxis.plot.points(r)
%
%   R is the result of neuraxis.rdm_mds.
%
%   Example:
%     neuraxis.plot.points(neuraxis.rdm_mds(neuraxis.rdm(randn(10, 6), 1:6)));
  p = r.points.values;
  p = p(:, 1:min(2, end));
  if size(p, 2) < 2
    p(:, 2) = 0;
  end
  plot(p(:, 1), p(:, 2), 'b.');
  for k = 1:size(p, 1)
    text(p(k, 1), p(k, 2), sprintf(' %d', k));
  end
  axis('equal');
  middle = (max(p, [], 1) + min(p, [], 1)) / 2;
  side = 0.6 * max([max(p, [], 1) - min(p, [], 1), eps]); % room for the numbers
  axis([middle(1) + [-side side], middle(2) + [-side side]]);
end
