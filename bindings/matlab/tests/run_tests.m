function run_tests()
%RUN_TESTS  Runs every test_*.m of this folder, in MATLAB or Octave.
%   Each is a function without arguments that returns a struct whose fields are tests,
%   functions that raise an error when they fail. Prints "ok NAME" or "not ok NAME".
  here = fileparts(mfilename('fullpath'));
  files = dir(fullfile(here, 'test_*.m'));
  n = 0;
  for i = 1:numel(files)
    [~, name] = fileparts(files(i).name);
    tests = feval(name);
    names = fieldnames(tests);
    for k = 1:numel(names)
      n = n + 1;
      try
        tests.(names{k})();
        printf_line('ok %s: %s', name, strrep(names{k}, '_', ' '));
      catch e
        printf_line('not ok %s: %s', name, strrep(names{k}, '_', ' '));
        printf_line('  %s', e.message);
      end
    end
  end
  printf_line('%d tests of the package', n);
end

function printf_line(varargin)
  fprintf('%s\n', sprintf(varargin{:}));
end
