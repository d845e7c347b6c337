function r = sbm(x, varargin)
%SBM  Communities of a weighted graph.
%   r = neuraxis.sbm(x, 'NAME', VALUE, ...)
%
%   The nested microcanonical stochastic block model: groups of nodes that are joined
%   alike, their number chosen by description length.
%
%   Inputs:
%     x  symmetric matrix of weights >= 0; 0: not joined
%   Names and values [default]:
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
%       none/exponential/gamma/lognormal. ['exponential']
%     'degrees'  what is known of the degrees; one of plain/corrected/either. ['either']
%     'nested'  groups of groups for the edge counts. [true]
%     'strength'  divide weights by the mean weight of the edges of both ends first.
%       [false]
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns the group of each node at each level, how sure that is, and the description
%   lengths.
%
%   Example:
%     x = kron(eye(2), ones(6)) + 0.1;
%     r = neuraxis.sbm(x, 'restarts', 2);
  r = neuraxis.internal.call('sbm', {x}, {}, 'sbm', varargin);
end
