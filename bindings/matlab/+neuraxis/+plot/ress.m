function ress(r)
%RESS  What the filter picks up, channel by channel.
%   neuraxis.plot.ress(r)
%
%   R is the result of neuraxis.freqtag_ress.
%
%   Example:
%     neuraxis.plot.ress(neuraxis.freqtag_ress(randn(4, 400, 5), 10, 'rate', 100));
  bar(r.pattern.values);
  neuraxis.internal.items(numel(r.pattern.values));
  xlabel('channel');
  ylabel('pattern');
end
