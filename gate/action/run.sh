#!/usr/bin/env bash
# Runs the gate, and keeps its exit code for the last step, so that everything is uploaded and commented before the job fails.
# Needs CONFIG, OUT (where artifacts go), BASE (a commit, or nothing), ARGUMENTS and PROBE_GATE, and of a runner GITHUB_OUTPUT.
set -uo pipefail
if [ -n "${BASE-}" ]; then
    # One word, so that the name of a commit cannot be an option.
    command=(compare "--base=$BASE")
else
    command=(run)
fi
# An earlier run, as in a cache, may have left a summary. It is not the summary of this run.
rm -f "$OUT/summary.md"
# ARGUMENTS is split at spaces. The shell must not expand a `*`: it is for the gate.
set -f
# shellcheck disable=SC2086
"$PROBE_GATE" "${command[@]}" --config "$CONFIG" $ARGUMENTS
echo "exit-code=$?" >>"$GITHUB_OUTPUT"
