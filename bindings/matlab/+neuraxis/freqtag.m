function r = freqtag(x, varargin)
%FREQTAG  Which units follow the tagged frequencies.
%   r = neuraxis.freqtag(x, 'NAME', VALUE, ...)
%
%   Effect sizes and p values of each unit at each tagged frequency: amplitude and phase
%   locked to the stimulus, coherence between trials, power against the neighbouring
%   frequencies; units that follow a tag at a controlled false discovery rate. With a
%   control condition the tests compare the two.
%
%   Inputs:
%     x  array with the axis time, trials where there are some, and units
%   Names and values [default]:
%     'control'  the same units in a control condition
%     'events'  starts of the trials, for a recording without a trial axis
%     'control_events'  starts of the trials of the control condition in `x`
%     'tags'  tagged frequencies in Hz, comma-separated.
%     'harmonics'  harmonics of each tag that are tested together; 1: the tag alone. [1]
%     'window'  length of the window in each trial; not given: the longest with whole
%       cycles of every tag (s).
%     'skip'  left out at the start of each trial, where the response builds up (s). [0]
%     'sampling'  samples per second; not given: of the time axis (Hz).
%     'test'  what decides on a unit: mean coefficient, the same for any covariance,
%       phases, power of the mean or of single trials against neighbours; one of
%       t2circ/t2/rayleigh/snr/power. ['t2circ']
%     'q'  false discovery rate over units, for each tag. [0.05]
%     'fdr'  procedure: Benjamini-Hochberg, or Benjamini-Yekutieli for any dependence;
%       one of bh/by. ['bh']
%     'neighbours'  neighbouring bins on each side of a line; 0: none. [4]
%     'gap'  bins left out next to the line. [1]
%     'exclude'  other lines that are no neighbours, e.g. mains, in Hz, comma-separated.
%     'trend'  what is taken out of each trial; one of none/constant/linear.
%       ['constant']
%     'taper'  window function; boxcar is right for whole cycles; one of boxcar/hann.
%       ['boxcar']
%     'engine'  how coefficients are computed; one of auto/fft/dft/fold. ['auto']
%     'off_grid'  use a window without whole cycles, by least squares. [false]
%     'spectrum'  keep mean spectra and those of the best units. [false]
%     'memory'  data and spectra held at once (MB). [256]
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns one array unit x frequency per measure, `tagged` (1 or 0), and the options.
%
%   Example:
%     d = neuraxis.simulate_recording('kind', 'field', 'units', 6, 'tags', '2,3'); x = neuraxis.cut_trials(d.field, d.trials.start_time, d.trials.stop_time);
%     r = neuraxis.freqtag(x.x, 'tags', '2,3');
  r = neuraxis.internal.call('freqtag', {x}, {'control', 'events', 'control_events'}, 'freqtag', varargin);
end
