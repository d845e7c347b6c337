function r = shortest_paths(x, varargin)
%SHORTEST_PATHS  Shortest paths of a graph.
%   r = neuraxis.shortest_paths(x, 'NAME', VALUE, ...)
%
%   All pairs of nodes, over the links given; missing: no link.
%
%   Inputs:
%     x  lengths of links, node x node
%   Names and values [default]:
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns an array node x node; missing where there is no path.
%
%   Example:
%     x = abs((1:8)' - (1:8)); x(x > 1) = NaN;
%     r = neuraxis.shortest_paths(x);
  r = neuraxis.internal.call('shortest_paths', {x}, {}, '', varargin);
end
