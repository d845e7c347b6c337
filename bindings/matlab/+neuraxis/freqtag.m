function r = freqtag(x, varargin)
%FREQTAG  Which units follow the tagged frequencies.
%   r = neuraxis.freqtag(x, 'NAME', VALUE, ...)
%
%   Effect sizes and p values of each unit at each tagged frequency: amplitude and phase
%   locked to the stimulus, coherence between trials, power against the neighbouring
%   frequencies; units that follow a tag at a controlled false discovery rate. With a
%   control condition the tests compare the two; with items (sentences) as observations
%   they speak of items like these. Spike trains are taken as they are, without bins.
%
%   Inputs:
%     x  array with the axis time, trials where there are some, and units; spike trains;
%       or the path of a file, which is read block by block
%   Names and values [default]:
%     'control'  the same units in a control condition, given likewise
%     'events'  starts of the trials, for a recording without a trial axis
%     'control_events'  starts of the trials of the control condition in `x`
%     'group'  group of each unit, whole numbers from 0, or -1: adds the tables
%       `profile` and `group_sets`
%     'items'  with option `item_length`: item in each slot of each trial, numbers from
%       1, 0 for none; not given: slot s is item s
%     'control_items'  the same for the control condition
%     'adjacency'  pairs of units that are neighbours, two columns of numbers from 1;
%       not given: units that follow each other
%     'cluster'  p that a unit of a cluster must reach by itself: adds clusters of
%       neighbouring units, tested by their mass against `surrogates` surrogates
%     'report'  path of an HTML page about the result to write
%     'tags'  tagged frequencies in Hz, comma-separated.
%     'levels'  a name for each tag, comma-separated, e.g. sentence,phrase,phrase: tags
%       of one name are one level of structure.
%     'harmonics'  harmonics of each tag that are tested together; 1: the tag alone. [1]
%     'window'  length of the window in each trial; not given: the longest with whole
%       cycles of every tag (s).
%     'skip'  left out at the start of each trial, where the response builds up (s). [0]
%     'sampling'  samples per second; not given: of the time axis, which may be uneven
%       (Hz).
%     'test'  what decides on a unit: mean coefficient, the same for any covariance,
%       phases, power of the mean or of single trials against neighbours, the mean
%       coefficient by t2 where its scatter is no circle, Thomson's harmonic F, a line
%       by least squares (Lomb-Scargle), phases of all spikes; one of
%       t2circ/t2/rayleigh/snr/power/auto/thomson/line/z2. ['t2circ']
%     'q'  false discovery rate over units, for each tag. [0.05]
%     'fdr'  procedure: Benjamini-Hochberg, Benjamini-Yekutieli for any dependence, or
%       the largest statistic of all units in each surrogate, which controls the
%       family-wise error; one of bh/by/max. ['bh']
%     'null'  surrogates that p values come from, instead of the closed form: trials are
%       turned by random angles, shifted by random samples, change their sign, or (with
%       a control) exchange their condition; one of none/phase/shift/sign/label.
%       ['none']
%     'surrogates'  number of surrogates. [999]
%     'stop'  a unit is done when so many surrogates reach its value; 0: all are drawn.
%       [0]
%     'seed'  seed of the surrogates; not given: drawn from the host's generator.
%     'item_length'  length of an item, such as a sentence: p values are over items, not
%       trials, so that they speak of items like these; 0: trials (samples). [0]
%     'paired'  trial (or item) i of the control belongs to trial i: the differences are
%       tested. [false]
%     'bandwidth'  time-bandwidth product of the tapers of test thomson. [2]
%     'tapers'  tapers of test thomson. [3]
%     'keep'  keep the coefficients of single trials (or items). [false]
%     'neighbours'  neighbouring bins on each side of a line, where no tag, harmonic or
%       sum or difference of two (up to order 4) lies; 0: none. [4]
%     'gap'  bins left out next to the line. [1]
%     'exclude'  other lines that are no neighbours, e.g. mains, in Hz, comma-separated.
%     'trend'  what is taken out of each trial; one of none/constant/linear.
%       ['constant']
%     'taper'  window function; boxcar is right for whole cycles; one of boxcar/hann.
%       ['boxcar']
%     'engine'  how coefficients are computed; one of auto/fft/dft/fold. ['auto']
%     'off_grid'  use a window without whole cycles, by least squares. [false]
%     'spectrum'  keep mean spectra and those of the best units. [false]
%     'ress'  add components of all channels, one for each tag: rhythmic entrainment
%       source separation, each trial by a filter that has not seen it. [false]
%     'ress_width'  width of its filter at the tag (full, at half maximum) (Hz). [0.5]
%     'ress_distance'  distance of its references; not given: 1 Hz, or half the way to 0
%       or half the rate (Hz).
%     'ress_reference'  width of its references; not given: their distance (Hz).
%     'ress_shrinkage'  share of the identity in the covariance of its references.
%       [0.01]
%     'memory'  data and spectra held at once (MB). [256]
%     'format'  read as this format instead of recognising it.
%     'var'  variable to work on, by name or path inside the file.
%     'axes'  axis names of the variable in the file's order, e.g. neuron,time.
%     'rows'  text tables: what a row is: time, neuron or spike.
%     'allow_inf'  accept infinite values as data. [false]
%     'cells_only'  leave out ROIs or units that the file marks as rejected. [false]
%     'title'  title of the page.
%     'figures_dir'  folder that gets each figure as SVG and its numbers as CSV.
%     'force'  replace existing files. [false]
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns one array unit x frequency per measure, `tagged` (1 or 0), the levels that
%   each unit follows (`set`, table `sets`), tables of groups and clusters where asked
%   for, and the options.
%
%   Example:
%     d = neuraxis.simulate_recording('kind', 'field', 'units', 6, 'tags', '2,3'); x = neuraxis.cut_trials(d.field, d.trials.start_time, d.trials.stop_time);
%     r = neuraxis.freqtag(x.x, 'tags', '2,3');
  r = neuraxis.internal.call('freqtag', {x}, {'control', 'events', 'control_events', 'group', 'items', 'control_items', 'adjacency', 'cluster', 'report'}, 'freqtag', varargin);
end
