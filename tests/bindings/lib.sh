# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by the tests of the bindings, after tests/cli/lib.sh.
unset MALLOC_PERTURB_ # of the host's own memory, which we do not judge
unset MAKEFLAGS MFLAGS MAKELEVEL # R runs a make of its own, which is no part of ours
PKG_CONFIG_PATH=$NAX_BUILDDIR
export PKG_CONFIG_PATH

# Sums up lines "ok NAME" and "not ok NAME" of a host's tests; the rest are comments.
relay() { # FILE
  while IFS= read -r line; do
    case $line in
      "ok "*) ok "${line#ok }" ;;
      "not ok "*) n=$((n + 1)) && echo "not ok $n - ${line#not ok }" ;;
      *) printf '# %s\n' "$line" ;;
    esac
  done <"$1"
}

# Runs a command that prints "started" before a long fit, interrupts it a second later, and
# fills $status, $took (milliseconds from the interrupt to its end) and $tmp/out.
interrupted() { # COMMAND...
  "$@" >"$tmp/out" 2>&1 </dev/null &
  pid=$!
  waited=0
  until grep -q '^started' "$tmp/out" || test "$waited" -ge 60; do
    sleep 1
    waited=$((waited + 1))
  done
  sleep 1
  t0=$(date +%s%N)
  kill -INT "$pid"
  status=0
  wait "$pid" || status=$?
  took=$((($(date +%s%N) - t0) / 1000000))
}
