function write_dataset(x, path, varargin)
%WRITE_DATASET  Write a dataset.
%   neuraxis.write_dataset(x, path, 'NAME', VALUE, ...)
%
%   Writes a NetCDF-4 file that neuraxis, R, MATLAB, Python and ncdump read. The file is
%   complete or not there: it is written under another name beside its place, flushed to
%   disk and renamed.
%
%   Inputs:
%     x  a dataset, or a named list of arrays, spike trains and tables
%     path  file to write
%   Names and values [default]:
%     'compress'  deflate level of the output, 0 is off. [0]
%     'time'  seconds since 1970 for the history attribute, -1 is now (s). [-1]
%     'force'  replace an existing output file. [false]
%     'no_history'  write no time, command or version, for equal bytes. [false]
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Example:
%     d = neuraxis.simulate_recording('units', 4, 'trials', 4);
%     neuraxis.write_dataset(d, [tempname() '.nc']);
  neuraxis.internal.call('write_dataset', {x, path}, {}, 'nothing', varargin);
end
