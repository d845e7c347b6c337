function r = rdm_spikes(x, at, condition, stop, varargin)
%RDM_SPIKES  Dissimilarity of each pair of conditions from spike times.
%   r = neuraxis.rdm_spikes(x, at, condition, stop, 'NAME', VALUE, ...)
%
%   Without bins: the mean over pairs of trials, and over units, of the distance of van
%   Rossum or of the edit distance of Victor and Purpura. With `subtract_within`
%   conditions that do not differ are 0 on average.
%
%   Inputs:
%     x  spike trains
%     at  time of each trial in s
%     condition  condition of each observation, whole numbers
%     stop  where a trial ends, in s from its time
%   Names and values [default]:
%     'start'  and where it begins; not given: 0
%     'measure'  van-rossum or victor-purpura; not given: van-rossum
%     'report'  path of an HTML page about the result to write
%     'tau'  time constant of the filter (van-rossum) (s). [0.02]
%     'shift_cost'  cost of moving a spike, per second (victor-purpura) (1/s). [100]
%     'subtract_within'  spike trains: less what trials of a condition differ by among
%       themselves. [false]
%     'title'  title of the page.
%     'figures_dir'  folder that gets each figure as SVG and its numbers as CSV.
%     'force'  replace existing files. [false]
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns an array condition x condition x rdm.
%
%   Example:
%     d = neuraxis.simulate_recording('kind', 'spikes', 'units', 4, 'trials', 12);
%     r = neuraxis.rdm_spikes(d.spikes, d.trials.start_time, repmat(1:3, 1, 4), 1);
  r = neuraxis.internal.call('rdm_spikes', {x, at, condition, stop}, {'start', 'measure', 'report'}, '', varargin);
end
