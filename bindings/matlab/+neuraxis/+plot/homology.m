function homology(r)
%HOMOLOGY  Persistence diagram: birth against death of each bar.
%   neuraxis.plot.homology(r)
%
%   R is the result of neuraxis.persistent_homology.
%
%   Example:
%     a = 1:12;
%     x = neuraxis.persistent_homology(abs(exp(1i * a) - exp(1i * a.')));
%     neuraxis.plot.homology(x);
  b = r.bars;
  last = max([b.birth; b.death(isfinite(b.death))]);
  marks = {'b.', 'r.', 'g.'};
  names = {'components', 'loops', 'voids'};
  hold('on');
  h = [];
  for k = 0:max(b.dimension)
    i = b.dimension == k;
    if any(i)
      h(end + 1) = plot(b.birth(i), min(b.death(i), 1.05 * last), marks{k + 1}, ...
                        'MarkerSize', 12); %#ok<AGROW>
    end
  end
  plot([0 last], [0 last], 'k-');
  hold('off');
  legend(h, names(unique(b.dimension) + 1), 'location', 'southeast');
  xlabel('birth');
  ylabel('death');
end
