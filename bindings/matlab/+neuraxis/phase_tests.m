function r = phase_tests(phase, varargin)
%PHASE_TESTS  Have phases a preferred direction.
%   r = neuraxis.phase_tests(phase, 'NAME', VALUE, ...)
%
%   Rayleigh's test, exact for few phases, and, for a direction that is expected, the V
%   test.
%
%   Inputs:
%     phase  radians, trial (x column)
%   Names and values [default]:
%     'expected'  direction that is expected, radians; not given: no V test
%     'method'  of Rayleigh's p: auto, exact, zar, first or series; not given: auto
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns a table with one row per column.
%
%   Example:
%     x = 0.5 * randn(10, 2);
%     r = neuraxis.phase_tests(x, 'expected', 0);
  r = neuraxis.internal.call('phase_tests', {phase}, {'expected', 'method'}, '', varargin);
end
