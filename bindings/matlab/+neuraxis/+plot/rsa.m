function rsa(r)
%RSA  How well each model explains the geometry.
%   neuraxis.plot.rsa(r)
%
%   Mean similarity with its interval, one bar for each model.
%
%   Example:
%     x = rand(8, 8, 6);
%     x = x + permute(x, [2 1 3]);
%     neuraxis.plot.rsa(neuraxis.rsa(x, struct('line', abs((1:8)' - (1:8)))));
  m = r.models;
  n = numel(m.mean);
  bar(1:n, m.mean);
  hold('on');
  for k = 1:n
    plot([k k], [m.lower(k) m.upper(k)], 'k');
  end
  hold('off');
  set(gca(), 'xtick', 1:n, 'xticklabel', m.model);
  ylabel('similarity');
end
