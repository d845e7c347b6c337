function tests = test_values()
%TEST_VALUES  Arrays, spike trains, tables and datasets on their way to C and back.
  tests = struct( ...
    'a_dataset_survives_a_file', @dataset_survives, ...
    'a_result_with_a_member_called_values_does_too', @results_survive, ...
    'plain_arrays_get_names_in_order', @plain_arrays, ...
    'axes_are_kept', @axes_kept, ...
    'the_input_is_not_copied_on_its_way', @no_copy, ...
    'spike_trains_go_out_and_come_back', @spikes_back, ...
    'integers_and_singles_are_converted', @conversion, ...
    'axis_values_are_times_or_labels', @values_of_axes);
end

function check(condition, text)
  if ~condition
    error('test:failed', '%s', text);
  end
end

function dataset_survives()
  d = neuraxis.simulate_recording('units', 4, 'trials', 2, 'seed', 3);
  file = [tempname() '.nc'];
  c = onCleanup(@() delete(file));
  neuraxis.write_dataset(d, file);
  e = neuraxis.read_recording(file);
  check(isequal(e.dff.values, d.dff.values), 'values');
  check(isequal(e.trials.start_time, d.trials.start_time), 'table');
  check(strcmp(e.dff.description, d.dff.description), 'description');
  check(~isempty(d.dff.description), 'there is a description');
  check(isequal(e.dff.axes{2}.rate, d.dff.axes{2}.rate), 'rate');
  info = neuraxis.recording_info(file);
  check(any(strcmp('dff', info.variables.name)), 'info');
end

function results_survive()
  file = [tempname() '.nc'];
  c = onCleanup(@() delete(file));
  r = neuraxis.freqtag_ress(randn(4, 400, 3), 10, 'rate', 100);
  neuraxis.write_dataset(r, file);
  e = neuraxis.read_recording(file);
  check(isequal(e.values.values, r.values.values), 'values');
  check(isequal(e.component.values, r.component.values), 'component');
end

function plain_arrays()
  r = neuraxis.zscore(reshape(1:24, 2, 4, 3));
  check(strcmp(r.axes{1}.name, 'neuron'), 'first');
  check(strcmp(r.axes{3}.name, 'trial'), 'third');
  check(isequal(size(r.values), [2 4 3]), 'size');
end

function axes_kept()
  x = neuraxis.array(rand(3, 50), {'neuron', 'time'}, 'rate', 10, 'neuron', {'a', 'b', 'c'});
  y = neuraxis.smooth_time(x, 'width', 0.3);
  check(isequal(y.axes{1}.labels(:)', {'a', 'b', 'c'}), 'labels');
  check(abs(y.axes{2}.rate - 10) < 1e-12, 'rate');
end

% A copy of the input would be 80 MB.
function no_copy()
  if ~exist('/proc/self/status', 'file')
    fprintf('  memory in use is not told here\n');
    return
  end
  x = neuraxis.array(ones(1000, 10000), {'neuron', 'time'}, 'rate', 30);
  neuraxis.find_gaps(x); % loads what is loaded once
  before = resident();
  for i = 1:3
    neuraxis.find_gaps(x);
  end
  check(resident() - before < 20e3, 'memory grows');
end

% Most memory that was in use so far, kB.
function kb = resident()
  found = regexp(fileread('/proc/self/status'), 'VmHWM:\s+(\d+)', 'tokens', 'once');
  kb = str2double(found{1});
end

function spikes_back()
  s = struct('times', {{[0.1 0.4], 0.25}}, 'intervals', [0; 1]);
  b = neuraxis.bin_spikes(s, 'bin', 0.5);
  check(isequal(b.values, [2 0; 1 0]), 'counts');
end

function conversion()
  a = neuraxis.zscore(int16([1 2 3; 4 6 8]));
  b = neuraxis.zscore(single([1 2 3; 4 6 8]));
  check(isequal(a.values, b.values), 'int16 and single');
end

function values_of_axes()
  x = neuraxis.array(rand(2, 3), {'neuron', 'time'}, 'rate', 2, 'start', 1);
  check(isequal(neuraxis.axis_values(x, 'time'), [1 1.5 2]), 'times');
  check(isequal(neuraxis.axis_values(x, 1), 1:2), 'index');
end
