function r = simulate_recording(varargin)
%SIMULATE_RECORDING  A recording with known structure.
%   r = neuraxis.simulate_recording('NAME', VALUE, ...)
%
%   Calcium traces, spikes or field potentials of neurons that follow what is asked for:
%   assemblies, latent trajectories, clusters and states, conditions, tags. What was
%   planted comes back beside the data.
%
%   Inputs:
%   Names and values [default]:
%     'kind'  what is recorded; one of calcium/spikes/both/field. ['calcium']
%     'seed'  same seed, same recording; not given: drawn from the host's generator.
%     'units'  neurons or channels. [60]
%     'rate'  frames or samples per second; not given: 30 for calcium, else 200 (Hz).
%     'trials'  number of trials; 0: none, the recording lasts as long as one trial.
%       [20]
%     'trial_length'  length of a trial (s). [4]
%     'trial_jitter'  trials last trial-length * (1 +- this). [0]
%     'gap'  pause before and after each trial (s). [1]
%     'animals'  animals that share their neurons (calcium only). [1]
%     'firing_rate'  median over neurons at rest; not given: 0.5 for calcium, else 5
%       (Hz).
%     'refractory'  shortest time between two spikes of a neuron (s). [0.002]
%     'assemblies'  groups of neurons that are active together. [4]
%     'epochs'  parts of the recording with assemblies of their own; 0: none. [0]
%     'member_share'  share of the neurons in each assembly. [0.2]
%     'event_rate'  events of each assembly (Hz). [0.1]
%     'event_length'  length of an event (s). [1]
%     'event_gain'  factor by which an event raises the firing rate. [10]
%     'latents'  smooth latent trajectories shared by all neurons. [0]
%     'timescale'  timescale of the latents (s). [0.2]
%     'latent_gain'  standard deviation of the log rate that latents cause. [0.7]
%     'clusters'  groups of neurons with latent dynamics of their own. [0]
%     'states'  states that the dynamics switch through. [2]
%     'state_length'  mean time in a state (s). [5]
%     'conditions'  conditions of the trials, each with a pattern over the neurons. [0]
%     'geometry'  how the patterns of the conditions lie to each other; one of
%       ring/line/groups/scatter. ['ring']
%     'pattern_gain'  standard deviation of the log rate over the patterns. [0.7]
%     'tags'  tag frequencies in Hz, e.g. 1,2,4: cosines from the start of each trial.
%     'tag_depth'  amplitude of a tag in the log rate. [0.3]
%     'tag_share'  share of the neurons that follow each tag. [0.3]
%     'tag_conditions'  tags are in trials of the first so many conditions only; 0: in
%       all. [0]
%     'amplitude'  calcium transient of one spike (dF/F). [0.7]
%     'decay'  decay of that transient (s). [0.7]
%     'noise'  standard deviation of the noise (field: in 100 uV) (dF/F). [0.1]
%     'missing'  share of the frames lost at random. [0]
%     'raw'  calcium as raw fluorescence with neuropil: F, Fneu and the truth. [false]
%     'images'  side of pictures of behaviour that latent 0 turns and another scales
%       (pixels). [0]
%     'threads'  number of threads; the result does not depend on it. [1]
%
%   Returns a dataset: the recording, and the truth in members called `truth_...`.
%
%   Example:
%     r = neuraxis.simulate_recording('units', 12, 'trials', 4);
  r = neuraxis.internal.call('simulate_recording', {}, {}, 'dataset', varargin);
end
