function r = freqtag_items(x, item_length, varargin)
%FREQTAG_ITEMS  Items as observations.
%   r = neuraxis.freqtag_items(x, item_length, 'NAME', VALUE, ...)
%
%   When trials are the same items (sentences) in other orders, tests that speak of
%   items like these: coefficients of an item are averaged over trials first.
%
%   Inputs:
%     x  unit x time x trial, items end to end
%     item_length  samples of an item
%   Names and values [default]:
%     'item'  item in each slot of each trial, numbers from 1, 0 for none; not given:
%       slot s is item s
%     'cycles'  per item; not given: 1
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns a table with one row per unit.
%
%   Example:
%     x = randn(4, 200, 5);
%     r = neuraxis.freqtag_items(x, 20);
  r = neuraxis.internal.call('freqtag_items', {x, item_length}, {'item', 'cycles'}, '', varargin);
end
