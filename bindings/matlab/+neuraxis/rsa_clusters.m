function r = rsa_clusters(x, varargin)
%RSA_CLUSTERS  Where over times or places a value differs from 0.
%   r = neuraxis.rsa_clusters(x, 'NAME', VALUE, ...)
%
%   Neighbouring points whose t over subjects exceeds that of a single point make a
%   cluster; its mass, the sum of t, is compared with the largest of any cluster when
%   the values of subjects change sign at random. Maris and Oostenveld 2007.
%
%   Inputs:
%     x  point x subject, e.g. similarities to a model, or their difference between two
%       models
%   Names and values [default]:
%     'p_point'  one-sided p of a point that makes it part of a cluster; not given: 0.01
%     'two_sided'  1: also clusters below 0; not given: 0
%     'line'  points are a plane of lines of so many; not given: one line
%     'adjacency'  pairs of points that are neighbours instead, two columns of numbers
%       from 1
%     'seed'  seed of all resampling; not given: drawn from the host's generator.
%     'permutations'  relabellings of the conditions (all of up to 8 conditions); 0: no
%       such test. [1000]
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns the table `clusters` (points, first, last and peak point, sum of t, p), and
%   `cluster`, the number of that of each point, 0 for none.
%
%   Example:
%     x = randn(40, 8); x(11:20, :) = x(11:20, :) + 1;
%     r = neuraxis.rsa_clusters(x, 'permutations', 200);
  r = neuraxis.internal.call('rsa_clusters', {x}, {'p_point', 'two_sided', 'line', 'adjacency'}, 'rsa_clusters', varargin);
end
