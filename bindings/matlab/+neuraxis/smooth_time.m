function r = smooth_time(x, varargin)
%SMOOTH_TIME  Smooth along time.
%   r = neuraxis.smooth_time(x, 'NAME', VALUE, ...)
%
%   Local weighted averages; missing samples take no part.
%
%   Inputs:
%     x  array with an axis called time
%   Names and values [default]:
%     'kind'  kernel; the exponential one looks back only; one of
%       gaussian/exponential/boxcar. ['gaussian']
%     'width'  standard deviation, time constant or full width of the kernel (s). [0.1]
%     'truncate'  reach of the gaussian in standard deviations. [4]
%     'edge'  what the kernel sees beyond the ends; one of
%       renormalise/reflect/nearest/zero. ['renormalise']
%     'fill'  give missing samples the average of what is near them. [false]
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns an array like `x`.
%
%   Example:
%     d = neuraxis.simulate_recording('units', 6, 'trials', 4); x = d.dff;
%     r = neuraxis.smooth_time(x, 'width', 0.2);
  r = neuraxis.internal.call('smooth_time', {x}, {}, '', varargin);
end
