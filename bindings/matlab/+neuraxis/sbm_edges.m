function r = sbm_edges(from, to, varargin)
%SBM_EDGES  Communities of a graph given by its edges.
%   r = neuraxis.sbm_edges(from, to, 'NAME', VALUE, ...)
%
%   As sbm, for large sparse graphs. Several edges of one pair are parallel edges.
%
%   Inputs:
%     from  one end of each edge, numbers from 1
%     to  the other end
%   Names and values [default]:
%     'weight'  weight of each edge; not given: none
%     'nodes'  number of nodes; not given: the largest end
%     'restarts'  independent searches, of which the shortest description is kept. [10]
%     'sweeps'  sweeps over all nodes that sample the posterior; 0: no uncertainty.
%       [200]
%     'burn_in'  sweeps before samples count. [50]
%     'min_groups'  fewest groups at the lowest level. [1]
%     'max_groups'  most groups at the lowest level; 0: half the nodes. [0]
%     'floor'  positive weights below this share of the largest are raised to it.
%       [0.001]
%     'seed'  seed of searches and samples; not given: drawn from the host's generator.
%     'weights'  distribution of positive weights; one of
%       none/exponential/gamma/lognormal; not given: that of the data.
%     'degrees'  what is known of the degrees; one of plain/corrected/either. ['either']
%     'nested'  groups of groups for the edge counts. [true]
%     'strength'  divide weights by the mean weight of the edges of both ends first.
%       [false]
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns as sbm.
%
%   Example:
%     from = [1 1 2 4 4 5 3]; to = [2 3 3 5 6 6 4];
%     r = neuraxis.sbm_edges(from, to, 'restarts', 2);
  r = neuraxis.internal.call('sbm_edges', {from, to}, {'weight', 'nodes'}, 'sbm', varargin);
end
