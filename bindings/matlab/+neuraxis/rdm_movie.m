function r = rdm_movie(x, condition, varargin)
%RDM_MOVIE  Dissimilarity matrices over time.
%   r = neuraxis.rdm_movie(x, condition, 'NAME', VALUE, ...)
%
%   A matrix for each sample, or for the mean over each stretch of samples.
%
%   Inputs:
%     x  responses, channel x time x observation, or the path of a file, which is read
%       block by block
%     condition  condition of each observation, whole numbers
%   Names and values [default]:
%     'fold'  fold of each observation; not given: the k-th occurrence of a condition is
%       in fold k
%     'precision'  inverse of the noise covariance between channels
%     'bin'  samples averaged into one matrix; not given: 1
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
%     'rate'  sampling rate; overrides what the file states (Hz).
%     'format'  read as this format instead of recognising it.
%     'var'  variable to work on, by name or path inside the file.
%     'axes'  axis names of the variable in the file's order, e.g. neuron,time.
%     'rows'  text tables: what a row is: time, neuron or spike.
%     'allow_inf'  accept infinite values as data. [false]
%     'cells_only'  leave out ROIs or units that the file marks as rejected. [false]
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns an array condition x condition x time.
%
%   Example:
%     x = randn(10, 6, 24);
%     r = neuraxis.rdm_movie(x, repmat(1:6, 1, 4), 'bin', 2);
  r = neuraxis.internal.call('rdm_movie', {x, condition}, {'fold', 'precision', 'bin'}, '', varargin);
end
