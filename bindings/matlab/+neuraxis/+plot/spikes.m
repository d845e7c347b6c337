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
  plot(vertcat(t{:}), vertcat(unit{:}), 'k.', 'MarkerSize', 4);
  xlabel('time (s)');
  ylabel('unit');
end
