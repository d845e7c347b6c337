% SPDX-License-Identifier: GPL-3.0-or-later
% Ctrl-C in every function that looks whether to stop, at its first look, in the middle and
% at its last one, on its example (sigint.c), as interrupts.R has it. Octave goes on with the
% next line of its prompt after an interrupt, so this writes such lines:
%
%   interrupts('write', CALLS, FILE)  CALLS is written by bindings/common/generate
%
% whose other commands are: 'begin' an example, 'run' it to stop at a share of its looks (0:
% not at all), 'judge' what came of that, and 'end'.
function interrupts(command, varargin)
  persistent s
  if isempty(s)
    s = struct('functions', 0, 'stops', 0, 'bad', 0, 'silent', {{}});
  end
  again = 4;
  switch command
    case 'write'
      write_lines(fileread(varargin{1}), varargin{2}, again);
    case 'begin'
      [s.name, setup, s.call] = varargin{1:3};
      s.n = NaN;
      s.used = [];
      warning('off', 'all');
      evalin('base', setup);
    case 'run'
      if s.n == 0
        return
      end
      s.share = varargin{1};
      s.look = max(double(s.share > 0), ceil(s.n * s.share));
      if isnan(s.look)
        s.look = 0;
      end
      s.ended = false;
      go(s.call, s.look);
      s.ended = true;
    case 'judge'
      if s.n ~= 0
        s = judge(s);
      end
    case 'end'
      printf('# %d functions, stopped %d times; these never look on their examples: %s\n', ...
             s.functions, s.stops, strjoin(s.silent, ' '));
      status = {'not ok', 'ok'};
      printf(['%s Octave: Ctrl-C stops every function at every look, and nothing is ' ...
              'lost\n'], status{1 + (s.bad == 0 && s.functions >= 80)});
  end
end

function go(call, look)
  at = getenv('SIGINT_AT');
  rand('twister', 1);
  randn('twister', 1);
  f = fopen(at, 'w');
  fprintf(f, '%d\n', look);
  fclose(f);
  unwind_protect
    evalin('base', [call ';']);
  unwind_protect_cleanup
    delete(at);
  end_unwind_protect
end

function s = judge(s)
  seen = sscanf(fileread([getenv('SIGINT_AT') '.seen']), '%d %d %d');
  if s.share == 0
    if ~s.ended
      s = wrong(s, 'did not end without a signal');
    end
    if isnan(s.n) && seen(1) == 0
      s.silent{end + 1} = s.name;
    end
    s.functions = s.functions + (isnan(s.n) && seen(1) > 0);
    s.n = seen(1);
    if ~isempty(s.used)
      s = judge_memory(s);
    end
    return
  end
  if s.ended && seen(1) < s.look
    return % one that waits for other threads looks less often when they end sooner
  end
  s.stops = s.stops + 1;
  if s.ended || seen(2) > 0
    s = wrong(s, sprintf('stop at %g of %d looks: %d looks more', s.share, s.n, seen(2)));
  end
  s.used(end + 1) = seen(3);
end

% The first stops may have begun what stays for later calls, and the netCDF library keeps
% 2 kB of each file that it opens.
function s = judge_memory(s)
  grown = s.used(end) - s.used(min(4, end));
  if grown > 3000 * (numel(s.used) - 4)
    s = wrong(s, sprintf('%d bytes more after %d stops', grown, numel(s.used) - 4));
  end
end

function s = wrong(s, text)
  s.bad = s.bad + 1;
  printf('# %s: %s\n', s.name, text);
end

function write_lines(calls, file, again)
  shares = [0, eps, 0.5, 1, repmat(0.5, 1, again), 0];
  f = fopen(file, 'w');
  calls = strsplit(strtrim(calls), '\n');
  for i = 1:numel(calls)
    % what stands before the options, which are not used
    head = regexp(calls{i}, '^bounds\((''(?:[^'']|'''')*'', ''(?:[^'']|'''')*'', ''(?:[^'']|'''')*'')', ...
                  'tokens', 'once');
    fprintf(f, 'interrupts(''begin'', %s);\n', head{1});
    for share = shares
      fprintf(f, 'interrupts(''run'', %.17g);\ninterrupts(''judge'');\n', share);
    end
  end
  fprintf(f, 'interrupts(''end'');\n');
  fclose(f);
end
