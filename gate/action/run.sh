#!/usr/bin/env bash
# Runs the gate, and keeps its exit code for the last step, so that everything is uploaded and said before the job fails.
# Needs CONFIG, OUT (where artifacts go), BASE (a commit, or nothing), ARGUMENTS and PROBE_GATE, and of a runner GITHUB_OUTPUT.
set -uo pipefail
if [ -n "${BASE-}" ]; then
    # One word, so that no name of a commit is an option.
    command=(compare "--base=$BASE")
else
    command=(run)
fi
# What an earlier run left, as in a cache, is no summary of this one.
rm -f "$OUT/summary.md"
# They are several, and a `*` is for the gate.
set -f
# shellcheck disable=SC2086
"$PROBE_GATE" "${command[@]}" --config "$CONFIG" $ARGUMENTS
echo "exit-code=$?" >>"$GITHUB_OUTPUT"
