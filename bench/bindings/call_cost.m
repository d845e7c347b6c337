% SPDX-License-Identifier: GPL-3.0-or-later
function call_cost()
  x = neuraxis.array(ones(1000, 10000), {'neuron', 'time'}, 'rate', 30);
  neuraxis.find_gaps(x); % loads what is loaded once
  before = resident();
  took = zeros(1, 200);
  for i = 1:200
    t = tic();
    neuraxis.find_gaps(x);
    took(i) = toc(t);
  end
  printf('Octave  %.3f ms per call (least %.3f), memory grows by %.1f MB\n', ...
         1e3 * median(took), 1e3 * min(took), resident() - before);
end

function mb = resident()
  text = fileread('/proc/self/status');
  found = regexp(text, 'VmHWM:\s+(\d+)', 'tokens', 'once');
  mb = str2double(found{1}) / 1024;
end
