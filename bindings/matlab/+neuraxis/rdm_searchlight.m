function r = rdm_searchlight(x, condition, places, varargin)
%RDM_SEARCHLIGHT  A dissimilarity matrix for each neighbourhood of channels.
%   r = neuraxis.rdm_searchlight(x, condition, places, 'NAME', VALUE, ...)
%
%   A searchlight: each place is a set of channels that is looked at by itself, with the
%   noise covariance of its own channels.
%
%   Inputs:
%     x  responses, channel x observation, or the path of a file, which is read block by
%       block
%     condition  condition of each observation, whole numbers
%     places  a list of channel numbers from 1, or a result of searchlight_places
%   Names and values [default]:
%     'fold'  fold of each observation; not given: the k-th occurrence of a condition is
%       in fold k
%     'precision'  inverse of the noise covariance between channels
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
%   Returns an array condition x condition x place.
%
%   Example:
%     x = randn(20, 24);
%     r = neuraxis.rdm_searchlight(x, repmat(1:6, 1, 4), {1:10, 5:14, 11:20});
  r = neuraxis.internal.call('rdm_searchlight', {x, condition, places}, {'fold', 'precision'}, '', varargin);
end
