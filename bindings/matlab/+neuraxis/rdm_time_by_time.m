function r = rdm_time_by_time(x, condition, varargin)
%RDM_TIME_BY_TIME  Dissimilarities between two times.
%   r = neuraxis.rdm_time_by_time(x, condition, 'NAME', VALUE, ...)
%
%   What the differences between conditions at one time have in common with those at
%   another: positive where a difference stays the same, 0 where it is another one,
%   negative where it turns round. King and Dehaene 2014.
%
%   Inputs:
%     x  responses, channel x time x observation
%     condition  condition of each observation, whole numbers
%   Names and values [default]:
%     'fold'  fold of each observation; not given: the k-th occurrence of a condition is
%       in fold k
%     'precision'  inverse of the noise covariance between channels
%     'bin'  samples averaged into one time; not given: 1
%     'report'  path of an HTML page about the result to write
%     'prior'  rate that the poisson measures expect before any count. [1]
%     'prior_weight'  number of observations that this rate counts for. [0.1]
%     'floor_variance'  least variance between folds, as a share of that within (*-cv).
%       [0.1]
%     'floor_denominator'  least denominator, as a share of the mean variance (*-cv).
%       [0.25]
%     'tau'  time constant of the filter (van-rossum) (s). [0.02]
%     'shift_cost'  cost of moving a spike, per second (victor-purpura) (1/s). [100]
%     'measure'  what a dissimilarity is; the last two are of spike trains; one of
%       euclidean/correlation/cosine/mahalanobis/crossnobis/poisson/poisson-cv/cosine-cv/correlation-cv/ldt/van-rossum/victor-purpura.
%       ['euclidean']
%     'noise'  covariance of the noise, from the residuals, for measures that use one;
%       one of none/full/diag/shrinkage-eye/shrinkage-diag. ['none']
%     'design'  means of conditions, or all pairs of observations by their common
%       channels or alike; one of auto/means/number/equal. ['auto']
%     'remove_mean'  take from each pattern its mean over channels. [false]
%     'compat'  give what rsatoolbox 0.3 returns where it is wrong. [false]
%     'subtract_within'  spike trains: less what trials of a condition differ by among
%       themselves. [false]
%     'title'  title of the page.
%     'figures_dir'  folder that gets each figure as SVG and its numbers as CSV.
%     'force'  replace existing files. [false]
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns an array condition x condition x time x time.
%
%   Example:
%     x = randn(10, 6, 24);
%     r = neuraxis.rdm_time_by_time(x, repmat(1:6, 1, 4), 'bin', 2);
  r = neuraxis.internal.call('rdm_time_by_time', {x, condition}, {'fold', 'precision', 'bin', 'report'}, '', varargin);
end
