import { appendFileSync } from "node:fs";

const began = process.hrtime.bigint();
const linked = Array.from({ length: 8 }).length; // the work
const report = {
  schema: "concurrency-probe/1",
  scope: "install",
  wall_ns: Number(process.hrtime.bigint() - began),
  counts: { linked },
};
const path = process.env.CONCURRENCY_PROBE_REPORT;
if (path) appendFileSync(path, JSON.stringify(report) + "\n");
