% SPDX-License-Identifier: GPL-3.0-or-later
% Memory of this process that is in use, in kB.
function kb = resident()
  text = fileread('/proc/self/status');
  found = regexp(text, 'VmRSS:\s+(\d+)', 'tokens', 'once');
  kb = str2double(found{1});
end
