function freqtag(r)
%FREQTAG  Amplitude of each unit at each tagged frequency; circles: units that follow it.
%   neuraxis.plot.freqtag(r)
%
%   Example:
%     neuraxis.plot.freqtag(neuraxis.freqtag(randn(5, 400, 8), 'tags', '2,4', 'sampling', 100));
  a = r.amplitude.values;
  f = neuraxis.axis_values(r.amplitude, numel(r.amplitude.axes));
  a = reshape(a, [], numel(f));
  tagged = reshape(r.tagged.values, [], numel(f)) > 0;
  h = plot(1:size(a, 1), a, '.');
  hold('on');
  for k = 1:numel(f)
    u = find(tagged(:, k));
    plot(u, a(u, k), 'ko');
  end
  hold('off');
  neuraxis.internal.items(size(a, 1));
  xlabel('unit');
  ylabel('amplitude');
  legend(h, arrayfun(@(x) sprintf('%g Hz', x), f(:)', 'UniformOutput', false));
end
