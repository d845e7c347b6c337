function result(r)
%RESULT  The picture of any result.
%   neuraxis.plot.result(r)
%
%   R is an array, spike trains, a recording or what a function of neuraxis returned; the
%   function of neuraxis.plot that draws its kind is called.
%
%   Example:
%     neuraxis.plot.result(neuraxis.ntf(rand(6, 20), 'rank', 2, 'restarts', 2));
  how = struct('ntf', 'ntf', 'ntf_select', 'ntf_select', 'sbm', 'sbm', ...
               'connectome', 'connectome', 'gpfa', 'latents', 'gpvae', 'latents', ...
               'gpfa_sample', 'latents', 'gpfa_select', 'gpfa_select', ...
               'bicluster', 'similarity', 'rsa', 'rsa', 'persistent_homology', 'homology', ...
               'trsa_identify', 'windows', 'trsa_agtic', 'agtic', 'rdm_mds', 'points', ...
               'correlations', 'correlations', 'cluster_tree', 'tree', ...
               'cluster_test', 'cluster_test', 'freqtag', 'freqtag', 'freqtag_ress', 'ress', ...
               'freqtag_plan', 'plan', 'freqtag_spikes', 'locking', ...
               'freqtag_alignment', 'matrix', 'gpfa_leave_neuron_out', 'left_out', ...
               'rsa_ceiling', 'matrix', 'rdm_rescale', 'matrix', ...
               'freqtag_similarity', 'matrix', 'ridge_regression', 'matrix', ...
               'dpss_tapers', 'tapers', 'hftp_published', 'hftp', ...
               'line_contrast', 'contrast', 'rotation_null', 'rotations', ...
               'rsa_clusters', 'clusters');
  if isfield(r, 'class') && isfield(how, r.class)
    feval(['neuraxis.plot.' how.(r.class)], r);
  elseif isnumeric(r) || isfield(r, 'values')
    neuraxis.plot.array(r);
  elseif isfield(r, 'times')
    neuraxis.plot.spikes(r);
  else % the main member of a dataset, or its first array or spike trains
    names = fieldnames(r);
    if isfield(r, 'main') && ~isempty(r.main)
      names = [{r.main}; names];
    end
    for k = 1:numel(names)
      m = r.(names{k});
      if isstruct(m) && (isfield(m, 'values') || isfield(m, 'times'))
        neuraxis.plot.result(m);
        return
      end
    end
    error('neuraxis:EINVAL', 'neuraxis.plot.result: there is nothing to draw');
  end
end
