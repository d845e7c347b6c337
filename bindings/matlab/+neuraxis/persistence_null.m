function r = persistence_null(x, varargin)
%PERSISTENCE_NULL  Are the bars longer than chance.
%   r = neuraxis.persistence_null(x, 'NAME', VALUE, ...)
%
%   The distances are shuffled among the pairs and the diagrams made again.
%
%   Inputs:
%     x  condition x condition
%   Names and values [default]:
%     'shuffles'  how many, 19 or more; not given: 199
%     'threshold'  largest distance looked at (not given: the enclosing radius).
%     'max_dim'  0 components, 1 also loops, 2 also voids. [1]
%     'memory'  memory that may be used; 0: any amount (MB). [0]
%     'seed'  seed of the permutations; not given: drawn from the host's generator.
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns a table with one row per dimension from 1.
%
%   Example:
%     a = 1:12; x = abs(exp(1i * a) - exp(1i * a.'));
%     r = neuraxis.persistence_null(x, 'shuffles', 19);
  r = neuraxis.internal.call('persistence_null', {x}, {'shuffles'}, '', varargin);
end
