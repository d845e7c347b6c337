function v = version()
%VERSION  Version of the library that is linked.
%   v = neuraxis.version()
  v = neuraxis.internal.neuraxis_mex('version');
end
