function tapers(r)
%TAPERS  The tapers of a multitaper spectrum.
%   neuraxis.plot.tapers(r)
%
%   R is the result of neuraxis.dpss_tapers.
%
%   Example:
%     neuraxis.plot.tapers(neuraxis.dpss_tapers(64, 'nw', 2));
  plot(r.tapers.values);
  xlim([1, size(r.tapers.values, 1)]);
  xlabel('sample');
  ylabel('taper');
end
