#!/usr/bin/env bash
# Runs the gate, and keeps its exit code for the last step, so that everything is uploaded and said before the job fails.
# Needs CONFIG, BASE (a commit, or nothing), ARGUMENTS and PROBE_GATE, and of a runner GITHUB_OUTPUT.
set -uo pipefail
if [ -n "${BASE-}" ]; then
    # One word, so that no name of a commit is an option.
    command=(compare "--base=$BASE")
else
    command=(run)
fi
# shellcheck disable=SC2086 # they are several
"$PROBE_GATE" "${command[@]}" --config "$CONFIG" $ARGUMENTS
echo "exit-code=$?" >>"$GITHUB_OUTPUT"
