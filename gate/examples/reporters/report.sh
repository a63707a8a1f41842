#!/bin/sh
began=$(date +%s)
linked=8 # the work
seconds=$(($(date +%s) - began))
[ -z "$CONCURRENCY_PROBE_REPORT" ] && exit
printf '{"schema":"concurrency-probe/1","scope":"install","wall_ns":%s,"counts":{"linked":%s}}\n' \
    "$((seconds * 1000000000))" "$linked" >> "$CONCURRENCY_PROBE_REPORT"
