import json, os, time

began = time.perf_counter_ns()
linked = sum(1 for _ in range(8))  # the work
report = {
    "schema": "concurrency-probe/1",
    "scope": "install",
    "wall_ns": time.perf_counter_ns() - began,
    "counts": {"linked": linked},
}
if path := os.environ.get("CONCURRENCY_PROBE_REPORT"):
    with open(path, "a") as file:
        file.write(json.dumps(report) + "\n")
