% SPDX-License-Identifier: GPL-3.0-or-later
% Each option of a number at its bounds, outside of them and at what is no number, on the
% example of its function, as bounds.R has it; for calls that go on, a signal of Ctrl-C
% comes after half a second (sigint.c), and Octave goes on with the next line of its prompt.
%
%   bounds_of_options('write', CALLS, FILE)  writes these lines
function bounds_of_options(command, varargin)
  persistent s
  if isempty(s)
    s = struct('works', 0, 'refused', 0, 'stopped', 0, 'bad', 0, 'last', '');
  end
  switch command
    case 'write'
      write_lines(fileread(varargin{1}), varargin{2});
    case 'begin'
      warning('off', 'all');
      f = fopen(getenv('SIGINT_AT'), 'w');
      fprintf(f, '0 0.5\n');
      fclose(f);
      evalin('base', varargin{1});
    case 'try'
      s.last = varargin{1};
      s.how = 'stopped';
      s.t0 = cputime();
      try
        evalin('base', [varargin{1} ';']);
        s.how = 'works';
      catch e
        s.how = 'refused';
        if ~strncmp(e.identifier, 'neuraxis:', 9)
          s.how = e.message;
        end
      end
    case 'judge'
      took = cputime() - s.t0;
      if ~isfield(s, s.how) || took > 3
        s.bad = s.bad + 1;
        printf('# %s: %s, %.1f s\n', s.last, s.how, took);
      else
        s.(s.how) = s.(s.how) + 1;
      end
    case 'end'
      printf('# %d work, %d are refused, %d were stopped\n', s.works, s.refused, s.stopped);
      status = {'not ok', 'ok'};
      printf('%s Octave: options at their bounds work or are refused\n', ...
             status{1 + (s.bad == 0 && s.works > 400)});
  end
end

function write_lines(calls, file)
  f = fopen(file, 'w');
  calls = strsplit(strtrim(calls), '\n');
  text = '''((?:[^'']|'''')*)''';
  for i = 1:numel(calls)
    part = regexp(calls{i}, ['^bounds\(' text ', ' text ', ' text ', (\{.*\})\);$'], ...
                  'tokens', 'once');
    options = eval(part{4});
    fprintf(f, 'bounds_of_options(''begin'', ''%s'');\n', part{2});
    for k = 1:size(options, 1)
      range = [options{k, 2:3}];
      outside = range + [-1, 1] .* max(1, 1e-9 * abs(range));
      for value = [range, outside(abs(range) < 1e300), NaN, Inf, -Inf]
        call = regexprep(part{3}, '\)$', sprintf(', ''''%s'''', %.17g)', options{k, 1}, value));
        call = regexprep(call, '\(, ', '(');
        fprintf(f, 'bounds_of_options(''try'', ''%s'');\nbounds_of_options(''judge'');\n', call);
      end
    end
  end
  fprintf(f, 'bounds_of_options(''end'');\n');
  fclose(f);
end
