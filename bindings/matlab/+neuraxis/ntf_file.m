function r = ntf_file(path, varargin)
%NTF_FILE  Factorisation of a file that may be larger than memory.
%   r = neuraxis.ntf_file(path, 'NAME', VALUE, ...)
%
%   As ntf of a variable of a file. When it does not go into `memory`, it is read block
%   by block in every sweep.
%
%   Inputs:
%     path  file or folder
%   Names and values [default]:
%     'variable'  name of the variable; not given: the main one
%     'memory'  megabytes to use; not given: 1024
%     'rank'  number of components. [8]
%     'restarts'  random starts, of which the best is kept. [10]
%     'max_iter'  sweeps over all modes per start. [500]
%     'inner_sweeps'  most sweeps of coordinate descent per update (hals: exactly as
%       many). [100]
%     'tol'  stop when a sweep gains less than this share of the explained part. [1e-07]
%     'kkt_tol'  and the optimality conditions hold to this relative size. [0.001]
%     'ridge'  penalty on the sum of squares of the factors, halved. [0]
%     'l1'  penalty on the sum of absolute values of the factors. [0]
%     'seed'  seed of the random starts; not given: drawn from the host's generator.
%     'free'  axes whose factor may be negative, comma-separated.
%     'algorithm'  how one factor is updated given the others; one of
%       nnls/hals/pivot/mu/admm. ['nnls']
%     'extrapolate'  extrapolate once progress stalls. [true]
%     'keep_partial'  an interrupt returns the best factors so far. [false]
%     'loss'  what is minimised; kl is for counts; one of frobenius/kl/beta.
%       ['frobenius']
%     'beta'  exponent of the beta-divergence. [1]
%     'penalty'  penalties of single axes, AXIS:ridge/l1/smooth=VALUE, comma-separated.
%     'rate'  sampling rate; overrides what the file states (Hz).
%     'format'  read as this format instead of recognising it.
%     'var'  variable to work on, by name or path inside the file.
%     'axes'  axis names of the variable in the file's order, e.g. neuron,time.
%     'rows'  text tables: what a row is: time, neuron or spike.
%     'allow_inf'  accept infinite values as data. [false]
%     'cells_only'  leave out ROIs or units that the file marks as rejected. [false]
%     'strict'  treat violations of the format's rules as errors. [false]
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns as ntf.
%
%   Example:
%     d = neuraxis.simulate_recording('units', 6, 'trials', 4); x = d.dff; x = neuraxis.transform_values(x, 'what', 'rectify'); p = [tempname() '.nc']; neuraxis.write_dataset(struct('x', x), p);
%     r = neuraxis.ntf_file(p, 'variable', 'x', 'rank', 2, 'restarts', 2);
  r = neuraxis.internal.call('ntf_file', {path}, {'variable', 'memory'}, 'ntf', varargin);
end
