function write_values(x, path, varargin)
%WRITE_VALUES  Write an array or a table for other programs.
%   neuraxis.write_values(x, path, 'NAME', VALUE, ...)
%
%   An array as .npy, or, with at most two axes, as .csv with its coordinates; a table
%   as .csv. The file is complete or not there.
%
%   Inputs:
%     x  array or table
%     path  file to write, .npy or .csv
%   Names and values [default]:
%     'force'  replace an existing output file. [false]
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Example:
%     d = neuraxis.simulate_recording('units', 6, 'trials', 4); x = d.dff;
%     neuraxis.write_values(x, [tempname() '.npy']);
  neuraxis.internal.call('write_values', {x, path}, {}, 'nothing', varargin);
end
