function contrast(r)
%CONTRAST  Each bin of a spectrum over its neighbours.
%   neuraxis.plot.contrast(r)
%
%   R is the result of neuraxis.line_contrast.
%
%   Example:
%     neuraxis.plot.contrast(neuraxis.line_contrast(abs(randn(1, 40))));
  bar(r.bins.snr);
  neuraxis.internal.items(numel(r.bins.snr));
  xlabel('bin');
  ylabel('line over neighbours');
end
