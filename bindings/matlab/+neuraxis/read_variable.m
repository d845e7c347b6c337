function r = read_variable(path, variable, varargin)
%READ_VARIABLE  Read one variable of a recording, or a part of it.
%   r = neuraxis.read_variable(path, variable, 'NAME', VALUE, ...)
%
%   Nothing else of the file is read: positions `from` on, `count` of them along each
%   axis.
%
%   Inputs:
%     path  file or folder
%     variable  name, as recording_info lists it
%   Names and values [default]:
%     'from'  first position along each axis, from 1; not given: the first
%     'count'  positions along each axis; not given: the rest
%     'rate'  sampling rate; overrides what the file states (Hz).
%     'format'  read as this format instead of recognising it.
%     'var'  variable to work on, by name or path inside the file.
%     'axes'  axis names of the variable in the file's order, e.g. neuron,time.
%     'rows'  text tables: what a row is: time, neuron or spike.
%     'allow_inf'  accept infinite values as data. [false]
%     'cells_only'  leave out ROIs or units that the file marks as rejected. [false]
%     'strict'  treat violations of the format's rules as errors. [false]
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns an array with its axes, spike trains or a table.
%
%   Example:
%     d = neuraxis.simulate_recording('units', 6, 'trials', 4); x = d.dff; p = [tempname() '.nc']; neuraxis.write_dataset(struct('x', x), p);
%     r = neuraxis.read_variable(p, 'x', 'from', [1 1], 'count', [3 10]);
  r = neuraxis.internal.call('read_variable', {path, variable}, {'from', 'count'}, '', varargin);
end
