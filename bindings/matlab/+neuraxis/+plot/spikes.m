function spikes(s)
%SPIKES  Raster of spike trains.
%   neuraxis.plot.spikes(s)
%
%   Example:
%     d = neuraxis.simulate_recording('kind', 'spikes', 'units', 5, 'trials', 4);
%     neuraxis.plot.spikes(d.spikes);
  n = cellfun(@numel, s.times(:));
  unit = arrayfun(@(k) k * ones(n(k), 1), (1:numel(n))', 'UniformOutput', false);
  t = cellfun(@(x) x(:), s.times(:), 'UniformOutput', false);
  t = vertcat(t{:})';
  unit = vertcat(unit{:})';
  gap = NaN(size(t)); % ends the line of a spike: one line object for all
  plot(reshape([t; t; gap], [], 1), reshape([unit - 0.4; unit + 0.4; gap], [], 1), 'k-');
  if ~isempty(t) && min(t) < max(t)
    xlim([min(t), max(t)]);
  end
  ylim([0.4, max(numel(n), 1) + 0.6]);
  neuraxis.internal.whole('y', 1:numel(n));
  xlabel('time (s)');
  ylabel('unit');
end
