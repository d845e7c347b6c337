function items(n)
%ITEMS  An abscissa of items 1 to N, with room for what stands at its ends.
  xlim([0.4, max(n, 1) + 0.6]);
  neuraxis.internal.whole('x', 1:n);
end
