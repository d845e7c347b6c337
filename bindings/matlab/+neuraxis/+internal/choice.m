function choice(x, y, se, chosen)
%CHOICE  A criterion over numbers, with standard errors and what was chosen.
  plot(x, y, 'bo-');
  hold('on');
  for k = 1:numel(x)
    if isfinite(se(k))
      plot([x(k) x(k)], y(k) + [-1 1] * se(k), 'b-');
    end
  end
  span = ylim();
  plot([chosen chosen], span, 'k--');
  hold('off');
  axis([min(x) - 0.5, max(x) + 0.5, span]);
  neuraxis.internal.whole('x', x);
end
