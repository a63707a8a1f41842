#!/usr/bin/env bash
# Runs the gate, and keeps its exit code for the last step, so that everything is uploaded and said before the job fails.
# Needs CONFIG, ARGUMENTS and PROBE_GATE, and of a runner GITHUB_OUTPUT.
set -uo pipefail
# shellcheck disable=SC2086 # they are several
"$PROBE_GATE" run --config "$CONFIG" $ARGUMENTS
echo "exit-code=$?" >>"$GITHUB_OUTPUT"
