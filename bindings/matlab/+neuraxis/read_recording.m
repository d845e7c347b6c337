function r = read_recording(path, varargin)
%READ_RECORDING  Read a recording.
%   r = neuraxis.read_recording(path, 'NAME', VALUE, ...)
%
%   Reads everything that is in a file or folder: arrays, spike trains, tables and
%   attributes. NWB, Suite2p, CaImAn, Phy and Kilosort, ALF, MClust, Neurosuite, MATLAB,
%   NumPy, EDF and BDF, BrainVision, NetCDF, HDF5, CSV and TSV are told apart by
%   content.
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
%   Returns a dataset: its members by name, and attributes.
%
%   Example:
%     p = [tempname() '.nc']; neuraxis.write_dataset(neuraxis.simulate_recording('units', 4, 'trials', 4), p);
%     r = neuraxis.read_recording(p);
  r = neuraxis.internal.call('read_recording', {path}, {}, 'dataset', varargin);
end
