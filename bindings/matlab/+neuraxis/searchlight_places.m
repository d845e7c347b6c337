function r = searchlight_places(mask, varargin)
%SEARCHLIGHT_PLACES  Neighbourhoods of a volume.
%   r = neuraxis.searchlight_places(mask, 'NAME', VALUE, ...)
%
%   For each voxel of a mask the voxels nearer than a radius; voxels are numbered as the
%   host numbers the elements of an array.
%
%   Inputs:
%     mask  array x x y x z, not 0 inside
%   Names and values [default]:
%     'radius'  in voxels; not given: 1
%     'share'  least share of the neighbours in the mask; not given: 1
%     'truncate'  leave out neighbours outside the mask; not given: 1
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns `centre`, the voxel in the middle of each place; its voxels are those from
%   `offset` + 1 on of `index`.
%
%   Example:
%     mask = ones(4, 4, 4);
%     r = neuraxis.searchlight_places(mask, 'radius', 1.5);
  r = neuraxis.internal.call('searchlight_places', {mask}, {'radius', 'share', 'truncate'}, 'searchlight_places', varargin);
end
