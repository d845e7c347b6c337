function r = file_sha256(path, varargin)
%FILE_SHA256  SHA-256 of a file or folder.
%   r = neuraxis.file_sha256(path, 'NAME', VALUE, ...)
%
%   What reports and results name their input by.
%
%   Inputs:
%     path  file or folder
%   Names and values [default]:
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns a table with one row and the column sha256.
%
%   Example:
%     p = tempname(); f = fopen(p, 'w'); fclose(f);
%     r = neuraxis.file_sha256(p);
  r = neuraxis.internal.call('file_sha256', {path}, {}, '', varargin);
end
