#!/usr/bin/env python3
"""Holds `msadvisor profile` against readings by csv, json and sqlite3: real captures where they are at hand, and
generated profiles.

    profiles_read.py BIN_DIR
"""
import csv
import json
import os
import pathlib
import sqlite3
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/bench"))
import profile_data  # noqa: E402

TOOL = pathlib.Path(sys.argv[1]).resolve() / "msadvisor"
CAPTURES = pathlib.Path(os.environ.get("MS_CAPTURES", ROOT.parent / "shared/data"))
failures = []


def profile(path):
    done = subprocess.run([TOOL, "profile", path, "--format", "json"], capture_output=True, timeout=60)
    return json.loads(done.stdout)


def check(what, got, expected):
    near = isinstance(expected, float) and got is not None and abs(got - expected) <= 1e-6 * max(1, abs(expected))
    if got != expected and not near:
        failures.append(f"{what}: {got}, expected {expected}")


def only(report, path):
    files = {file["path"]: file for file in report["files"]}
    if path not in files:
        failures.append(f"{path}: not recognised")
        return {"records": None, "bad_records": None}
    return files[path]


def rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def captures():
    bench = CAPTURES / "06_bench/vllm_bench_json"
    for path in sorted(bench.glob("*.json")):
        stated = json.load(open(path))
        report = profile(path)
        if "accuracy" in path.name:
            check(path.name, report["files"], [])
        elif "mean_ttft_ms" in stated:
            check(path.name, report["files"][0]["kind"], "vllm.serve")
            for quantity in ("ttft", "tpot", "itl"):
                spread = report["run"][f"{quantity}_seconds"]
                for ours, theirs in (("mean", "mean"), ("p50", "median"), ("p99", "p99")):
                    check(f"{path.name} {quantity}", spread[ours], stated[f"{theirs}_{quantity}_ms"] / 1000)
        elif "latencies" in stated:
            spread = report["run"]["benchmarks"][0]["spreads"]["batch_latency"]
            check(path.name, spread["mean"], statistics.fmean(stated["latencies"]))
            check(path.name, spread["p90"], stated["percentiles"]["90"])
        else:
            check(path.name, report["run"]["throughput"]["total_tokens_per_second"], stated["tokens_per_second"])

    old = CAPTURES / "07_msserviceprofiler/real_202410"
    report = profile(old)
    for name in ("cpu_data_df.csv", "metric_data_df.csv", "metric_data_details_df.csv", "request_status.csv",
                 "tx_data_df.csv"):
        check(name, only(report, name)["records"], len(rows(old / name)))
        check(name, only(report, name)["bad_records"], 0)
    trace = json.load(open(old / "chrome_tracing.json"))["traceEvents"]
    check("chrome_tracing.json", only(report, "chrome_tracing.json")["records"], len(trace))
    events = [row for row in rows(old / "tx_data_df.csv") if row["name"] == "BatchSchedule"]
    for phase, key in (("Prefill", "prefill"), ("Decode", "decode")):
        check(phase, report["run"][key]["batches"], sum(row["batch_type"] == phase for row in events))
    check("reply tokens", report["run"]["output_tokens"]["mean"], 250.0)

    experts = CAPTURES / "09_expert"
    report = profile(experts)
    for name in ("msinsight_655000_prefill_0.csv", "msinsight_c4ed5b_decode_0.csv"):
        table = [[int(cell) for cell in row] for row in csv.reader(open(experts / name))]
        check(name, only(report, name)["records"], len(table))
        phase = "prefill" if "prefill" in name else "decode"
        entry = next(entry for entry in report["run"]["experts"] if entry["phase"] == phase)
        check(name, entry["tokens"], float(sum(map(sum, table))))
        check(name, entry["balance_ratio"]["mean"],
              statistics.fmean(max(layer) * len(layer) / sum(layer) for layer in table))


def generated(folder):
    profile_data.instance(folder, 300, 40)
    records = json.load(open(folder / "results_per_request_1.json")).values()
    run = profile(folder)["run"]
    check("requests", run["requests"]["count"], len(records))
    check("TTFT", run["ttft_seconds"]["mean"], statistics.fmean(r["latency"][0] for r in records) / 1000)
    check("latency", run["latency_seconds"]["max"], max(sum(r["latency"]) for r in records) / 1000)
    check("steps", run["itl_seconds"]["count"], sum(len(r["latency"]) - 1 for r in records))
    check("ITL", run["itl_seconds"]["mean"], statistics.fmean(x for r in records for x in r["latency"][1:]) / 1000)
    by_batch = {entry["batch"]: entry for entry in run["decode"]["by_batch"]}
    check("batches", sorted(by_batch), sorted({b for r in records for b in r["decode_bsz"]}))

    profile_data.raw(folder / "raw", 50, 20)
    report = profile(folder / "raw")
    database = sqlite3.connect(folder / "raw/ms_service_host-1.db")
    one = lambda sql: database.execute(sql).fetchone()[0]
    check("rows", only(report, "ms_service_host-1.db")["records"], one("SELECT count(*) FROM slice"))
    run = report["run"]
    check("forward", run["forward_seconds"]["mean"], one("SELECT avg(duration) FROM slice WHERE name='forward'") / 1e9)
    check("prefill", run["prefill"]["batches"], 50)
    check("prefill tokens", run["prefill"]["tokens"]["mean"], 256.0)
    check("decode", run["decode"]["batches"], 50 * 19)
    check("queue", run["queue_seconds"]["mean"], 50e-6)

    profile_data.forward(folder / "csv", 2000)
    table = rows(folder / "csv/forward.csv")
    run = profile(folder / "csv")["run"]
    check("forward.csv", run["forward_seconds"]["mean"],
          statistics.fmean(float(row["during_time(ms)"]) for row in table) / 1000)
    check("ranks", [rank["forwards"] for rank in run["dp_ranks"]], [500] * 4)


def main():
    with tempfile.TemporaryDirectory() as scratch:
        (pathlib.Path(scratch) / "raw").mkdir()
        (pathlib.Path(scratch) / "csv").mkdir()
        generated(pathlib.Path(scratch))
    if CAPTURES.is_dir():
        captures()
    else:
        print(f"no captures in {CAPTURES}: generated profiles alone")
    print("\n".join(failures) or "all readings agree")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
