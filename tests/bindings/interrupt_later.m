% SPDX-License-Identifier: GPL-3.0-or-later
% Sends this Octave the signal of Ctrl-C after some seconds; 0: not at all.
function interrupt_later(seconds)
  if seconds > 0
    system(sprintf('(sleep %g; kill -INT %d) >/dev/null 2>&1 &', seconds, getpid()));
  end
end
