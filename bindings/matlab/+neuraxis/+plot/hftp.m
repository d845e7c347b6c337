function hftp(r)
%HFTP  z of each unit for sentences and phrases; circles: units that the rule flags.
%   neuraxis.plot.hftp(r)
%
%   R is the result of neuraxis.hftp_published.
%
%   Example:
%     r = neuraxis.hftp_published(randn(6, 64, 5), randn(6, 64, 5), 4, 8, 'permutations', 100);
%     neuraxis.plot.hftp(r);
  u = r.units;
  flagged = u.flagged > 0;
  plot(u.sentence_z, u.phrase_z, 'b.', u.sentence_z(flagged), u.phrase_z(flagged), 'ko');
  xlabel('sentence (z)');
  ylabel('phrase (z)');
end
