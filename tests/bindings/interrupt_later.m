% SPDX-License-Identifier: GPL-3.0-or-later
% Sends this Octave the signal of Ctrl-C after some seconds, and writes when to a file; 0: not
% at all.
function interrupt_later(seconds, file)
  if seconds > 0
    system(sprintf('(sleep %g; date +%%s.%%N >%s; kill -INT %d) >/dev/null 2>&1 &', ...
                   seconds, file, getpid()));
  end
end
