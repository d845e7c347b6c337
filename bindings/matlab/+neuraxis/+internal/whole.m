function whole(side, x)
%WHOLE  Ticks of the axis SIDE ('x' or 'y') at whole numbers, where X are few of them.
  if numel(x) <= 10 && all(x(:) == round(x(:)))
    set(gca(), [side 'tick'], unique(x(:))');
  end
end
