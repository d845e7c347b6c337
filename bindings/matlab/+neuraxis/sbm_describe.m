function r = sbm_describe(from, to, label, varargin)
%SBM_DESCRIBE  Description length of a partition of a graph.
%   r = neuraxis.sbm_describe(from, to, label, 'NAME', VALUE, ...)
%
%   How many nats it takes to tell the graph by these groups, and what they are spent
%   on: the shorter, the better the partition.
%
%   Inputs:
%     from  one end of each edge, numbers from 1
%     to  the other end
%     label  group of each node, whole numbers from 0, each used
%   Names and values [default]:
%     'weight'  weight of each edge; not given: none
%     'nodes'  number of nodes; not given: the largest end
%     'floor'  positive weights below this share of the largest are raised to it.
%       [0.001]
%     'weights'  distribution of positive weights; one of
%       none/exponential/gamma/lognormal; not given: that of the data.
%     'degrees'  what is known of the degrees; one of plain/corrected/either. ['either']
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns a table with one row for each model of the degrees.
%
%   Example:
%     from = [1 1 2 4 4 5 3]; to = [2 3 3 5 6 6 4];
%     r = neuraxis.sbm_describe(from, to, [0 0 0 1 1 1]);
  r = neuraxis.internal.call('sbm_describe', {from, to, label}, {'weight', 'nodes'}, '', varargin);
end
