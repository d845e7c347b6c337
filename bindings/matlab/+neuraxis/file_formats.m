function r = file_formats(varargin)
%FILE_FORMATS  Formats that can be read.
%   r = neuraxis.file_formats('NAME', VALUE, ...)
%
%   Formats are told apart by content, not by the name of the file.
%
%   Inputs:
%   Names and values [default]:
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns a table with name and description.
%
%   Example:
%     r = neuraxis.file_formats();
  r = neuraxis.internal.call('file_formats', {}, {}, '', varargin);
end
