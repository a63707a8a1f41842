#!/usr/bin/env bash
# Makes the comment of the gate on a pull request, or updates the one that is there. Needs SUMMARY, NAME (of the artifact), PULL_REQUEST (empty outside of
# one), GH_TOKEN and GITHUB_REPOSITORY, and the program gh. An error here is only a warning: the gate has already decided.
set -uo pipefail

# GitHub takes 65,536 characters. A character has at most four bytes, but these are nearly all of one.
most=60000
# An invisible mark by which the comment is found again. Other characters of the name than letters, digits, `-`, `_` and `.` are removed.
name=$(printf %s "${NAME:-probe-gate}" | tr -cd 'A-Za-z0-9._-')
marker="<!-- probe-gate: $name -->"

warn() {
    echo "::warning title=probe-gate::$1"
    exit 0
}

if [ -z "${PULL_REQUEST:-}" ]; then
    echo 'this is no pull request: there is nothing to comment on'
    exit 0
fi
[ -f "$SUMMARY" ] || warn "there is no summary at $SUMMARY: does the input out name the directory of the configuration?"

body=$(mktemp)
trap 'rm -f "$body"' EXIT
{
    echo "$marker"
    # Whole lines, as half of one would be broken Markdown.
    awk -v most="$most" '{ size += length($0) + 1; if (size > most) { cut = 1; exit } print } END { if (cut) print "\nThe rest is in the artifact of this run." }' "$SUMMARY"
} >"$body"

comments="repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments"
found=$(gh api --paginate "$comments" --jq ".[] | select(.body | startswith(\"$marker\")) | .id") ||
    warn 'the comments of the pull request cannot be read: give the job the permission pull-requests: write'
found=$(printf '%s\n' "$found" | head -n 1)
if [ -n "$found" ]; then
    gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$found" --field "body=@$body"
else
    gh api --silent --method POST "$comments" --field "body=@$body"
fi || warn 'the comment cannot be written: give the job the permission pull-requests: write'
