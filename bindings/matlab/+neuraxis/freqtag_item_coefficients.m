function r = freqtag_item_coefficients(x, item_length, varargin)
%FREQTAG_ITEM_COEFFICIENTS  Coefficients of items.
%   r = neuraxis.freqtag_item_coefficients(x, item_length, 'NAME', VALUE, ...)
%
%   What freqtag_items makes its moments from: the coefficient within each item,
%   averaged over trials.
%
%   Inputs:
%     x  unit x time x trial, items end to end
%     item_length  samples of an item
%   Names and values [default]:
%     'item'  as for freqtag_items
%     'cycles'  per item; not given: 1
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns an array item x unit x part (real, imaginary); missing for items that no
%   trial has.
%
%   Example:
%     x = randn(4, 200, 5);
%     r = neuraxis.freqtag_item_coefficients(x, 20);
  r = neuraxis.internal.call('freqtag_item_coefficients', {x, item_length}, {'item', 'cycles'}, '', varargin);
end
