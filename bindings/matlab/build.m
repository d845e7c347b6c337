function build(varargin)
%BUILD  Compile the MEX file of neuraxis, in MATLAB or in Octave.
%   build
%   build('include', DIRS, 'libs', FLAGS, 'output', DIR, 'common', DIR)
%
%   The library is found by pkg-config (set PKG_CONFIG_PATH when it is installed in an
%   unusual place) unless its compiler and linker flags are given. The MEX file goes beside
%   the functions that use it.
%
%   MATLAB brings a BLAS of its own with 64-bit integers under the names of the usual one.
%   So that neither takes the calls of the other, the symbols of this file are bound within
%   it (-Bsymbolic), and in MATLAB OpenBLAS is linked into it and hidden: README.md has the
%   command. Octave shares the system's BLAS with the library, which is as it should be.
  here = fileparts(mfilename('fullpath'));
  o = struct('include', '', 'libs', '', 'output', fullfile(here, '+neuraxis', '+internal'), ...
             'common', fullfile(here, '..', 'common'));
  for i = 1:2:numel(varargin)
    o.(varargin{i}) = varargin{i + 1};
  end
  if isempty(o.libs)
    [bad, o.include] = system('pkg-config --cflags neuraxis');
    [bad2, o.libs] = system('pkg-config --libs neuraxis');
    if bad || bad2
      error('neuraxis:EIO', ['libneuraxis was not found by pkg-config: install it, or set ' ...
                             'PKG_CONFIG_PATH to the folder of neuraxis.pc']);
    end
  end
  files = dir(fullfile(o.common, '*.c'));
  sources = [{fullfile(here, '+neuraxis', '+internal', 'neuraxis_mex.c')}, ...
             cellfun(@(f) fullfile(o.common, f), setdiff({files.name}, {'generate.c'}), ...
                     'UniformOutput', false)];
  target = fullfile(o.output, ['neuraxis_mex.' mexext()]);
  flags = [strsplit(strtrim(o.include)), {['-I' o.common]}];
  libs = [strsplit(strtrim(o.libs)), {'-Wl,-Bsymbolic'}];
  flags = flags(~cellfun(@isempty, flags));
  if exist('OCTAVE_VERSION', 'builtin')
    % -R2018a gives interleaved complex numbers; an undeclared function is an error, as its
    % result would be taken for an int.
    setenv('CFLAGS', [getenv('CFLAGS') ' -O2 -D_GNU_SOURCE -Werror=implicit-function-declaration']);
    mkoctfile('--mex', '-R2018a', '-o', target, flags{:}, sources{:}, libs{:});
  else
    mex('-R2018a', 'CFLAGS=$CFLAGS -std=c11 -D_GNU_SOURCE -Werror=implicit-function-declaration', ...
        ['LDFLAGS=$LDFLAGS ' strjoin(libs, ' ')], '-output', target, flags{:}, sources{:});
  end
end
