% neuraxis: analysis of neural population recordings
%
%   The functions are in the package neuraxis: neuraxis.ntf, neuraxis.read_recording, ...
%   `help neuraxis.NAME` explains one; build.m compiles what they call.
%
%   An array is neuron x time x trial, plain or with axes (neuraxis.array). Results are
%   structs: each array in them has the fields values, axes, unit and description, each
%   table one field per column, spike trains the fields times, units and intervals.
%   A failure is an error neuraxis:CODE, such as neuraxis:EDIM.
