function plan(r)
%PLAN  The lines of a tagging design.
%   neuraxis.plot.plan(r)
%
%   R is the result of neuraxis.freqtag_plan.
%
%   Example:
%     neuraxis.plot.plan(neuraxis.freqtag_plan('tags', '1,2', 'window', 4, 'sampling', 100));
  f = r.lines.frequency;
  stem(f, ones(size(f)));
  axis([0, max(f) * 1.1, 0, 1.2]);
  set(gca(), 'ytick', []);
  xlabel('frequency (Hz)');
end
