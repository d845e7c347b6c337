function choice(x, y, se, chosen)
%CHOICE  A criterion over numbers, with standard errors and what was chosen.
  plot(x, y, 'bo-');
  hold('on');
  for k = 1:numel(x)
    if isfinite(se(k))
      plot([x(k) x(k)], y(k) + [-1 1] * se(k), 'b-');
    end
  end
  plot([chosen chosen], [min(y) max(y)], 'k--');
  hold('off');
end
