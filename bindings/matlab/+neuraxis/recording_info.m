function r = recording_info(path, varargin)
%RECORDING_INFO  What is in a recording, without reading it.
%   r = neuraxis.recording_info(path, 'NAME', VALUE, ...)
%
%   Lists the variables of a file or folder with their axes, units, sampling rates and
%   times. Nothing but headers is read.
%
%   Inputs:
%     path  file or folder
%   Names and values [default]:
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
%   Returns a dataset with the table `variables` and the attributes of the file.
%
%   Example:
%     p = [tempname() '.nc']; neuraxis.write_dataset(neuraxis.simulate_recording('units', 4, 'trials', 4), p);
%     r = neuraxis.recording_info(p);
  r = neuraxis.internal.call('recording_info', {path}, {}, 'dataset', varargin);
end
