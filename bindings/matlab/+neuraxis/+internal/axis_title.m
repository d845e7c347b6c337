function text = axis_title(a)
%AXIS_TITLE  Name of an axis, without the number that a second one of that name has, and unit.
  text = regexprep(a.name, '_2$', '');
  if isfield(a, 'unit') && ~isempty(a.unit)
    text = sprintf('%s (%s)', text, a.unit);
  end
end
