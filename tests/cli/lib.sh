# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by the tests of the command. A test script looks like this:
#
#   . "$NAX_SRCDIR/tests/cli/lib.sh"
#   run neuraxis info "$file"                # fills $status, $tmp/out, $tmp/err
#   is_status 0 "info reads a file"
#   out_has 'time' "and names its axes"
#   err_empty "and is quiet about it"
#   done_testing
#
# Everything a test writes goes to $tmp, which is removed at the end.
n=0
tmp=$(mktemp -d "${TMPDIR:-/tmp}/nax-test.XXXXXX") || exit 99
trap 'rm -rf "$tmp"' EXIT
trap 'exit 99' HUP INT TERM

PATH=$NAX_BUILDDIR:$PATH
export PATH

ok() { # NAME
  n=$((n + 1))
  echo "ok $n - $1"
}

not_ok() { # NAME [TEXT-FILE...]: the files are shown as comments
  n=$((n + 1))
  echo "not ok $n - $1"
  shift
  for f; do
    echo "# $(basename "$f"):"
    sed 's/^/#   /' "$f" | head -n 40
  done
}

check() { # NAME COMMAND...: passes when the command does
  check_name=$1
  shift
  if "$@" >"$tmp/check" 2>&1; then
    ok "$check_name"
  else
    not_ok "$check_name" "$tmp/check"
  fi
}

skip() { # NAME REASON
  n=$((n + 1))
  echo "ok $n - $1 # SKIP $2"
}

skip_all() { # REASON
  echo "1..0 # SKIP $1"
  exit 0
}

run() { # COMMAND...
  status=0
  "$@" >"$tmp/out" 2>"$tmp/err" </dev/null || status=$?
}

is_status() { # STATUS NAME
  if test "$status" -eq "$1"; then
    ok "$2"
  else
    echo "exit status $status, expected $1" >"$tmp/status"
    not_ok "$2" "$tmp/status" "$tmp/out" "$tmp/err"
  fi
}

out_has() { # BASIC-REGEX NAME
  if grep -q -e "$1" "$tmp/out"; then ok "$2"; else not_ok "$2" "$tmp/out" "$tmp/err"; fi
}

out_is() { # TEXT NAME: stdout is exactly this line (or these lines)
  printf '%s\n' "$1" >"$tmp/want"
  if cmp -s "$tmp/want" "$tmp/out"; then ok "$2"; else not_ok "$2" "$tmp/want" "$tmp/out"; fi
}

out_empty() { # NAME
  if test -s "$tmp/out"; then not_ok "$1" "$tmp/out"; else ok "$1"; fi
}

err_has() { # BASIC-REGEX NAME
  if grep -q -e "$1" "$tmp/err"; then ok "$2"; else not_ok "$2" "$tmp/err"; fi
}

err_empty() { # NAME
  if test -s "$tmp/err"; then not_ok "$1" "$tmp/err"; else ok "$1"; fi
}

err_one_line() { # NAME: an error is one line
  if test "$(wc -l <"$tmp/err")" -eq 1; then ok "$1"; else not_ok "$1" "$tmp/err"; fi
}

shared() { # PATH: prints where a shared recording lies, or fails
  test -e "$NAX_TEST_SHARED/$1" && printf '%s\n' "$NAX_TEST_SHARED/$1"
}

done_testing() {
  echo "1..$n"
}
