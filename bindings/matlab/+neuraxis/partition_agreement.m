function r = partition_agreement(a, b, varargin)
%PARTITION_AGREEMENT  How alike two partitions are.
%   r = neuraxis.partition_agreement(a, b, 'NAME', VALUE, ...)
%
%   Adjusted Rand index (1 the same, 0 as chance) and normalised mutual information of
%   two labellings.
%
%   Inputs:
%     a  label of each item, whole numbers
%     b  the other labelling
%   Names and values [default]:
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns a table with ari and nmi.
%
%   Example:
%     r = neuraxis.partition_agreement([1 1 2 2], [5 5 6 7]);
  r = neuraxis.internal.call('partition_agreement', {a, b}, {}, '', varargin);
end
