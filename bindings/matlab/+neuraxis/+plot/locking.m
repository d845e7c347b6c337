function locking(r)
%LOCKING  Vector strength of each unit at each frequency.
%   neuraxis.plot.locking(r)
%
%   R is the result of neuraxis.freqtag_spikes.
%
%   Example:
%     d = neuraxis.simulate_recording('kind', 'spikes', 'units', 4, 'trials', 6);
%     neuraxis.plot.locking(neuraxis.freqtag_spikes(d.spikes, d.trials.start_time, 2, [1 2]));
  f = neuraxis.axis_values(r.vector_strength, 2);
  v = reshape(r.vector_strength.values, [], numel(f));
  h = plot(1:size(v, 1), v, 'o');
  neuraxis.internal.items(size(v, 1));
  xlabel('unit');
  ylabel('vector strength');
  legend(h, arrayfun(@(x) sprintf('%g Hz', x), f(:)', 'UniformOutput', false));
end
