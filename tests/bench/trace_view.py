#!/usr/bin/env python3
"""Reading a large timeline: `msadvisor profile` against the json module of Python, on one file in one run.

usage: tests/bench/trace_view.py MSADVISOR [--megabytes 200] [--runs 3]

The file is made of events as the Ascend PyTorch profiler writes them: operators with call stacks, kernels, host
functions, arrows and counters. Prints seconds of the wall clock and of the processor, MB/s of both, and the largest
resident set. The processor's time is what a busy machine leaves comparable.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

STACK = ";\r\n".join(f"/usr/lib/python3.10/site-packages/vllm/worker/model_runner_{i}.py({i * 17}): execute" for i in range(6))


def events(index):
    start = 1736405443863674.4 + index * 12.5
    at = lambda offset: f"{start + offset:.3f}"
    link = {"id": str(index), "cat": "HostToDevice", "name": f"HostToDevice{index}"}
    return [
        {"ph": "X", "name": "aten::add", "pid": 3016828, "tid": 3016828, "ts": at(0), "dur": 4.25, "cat": "cpu_op",
         "args": {"Sequence number": index, "Input Dims": "[1, 4096];\r\n[4096]", "Call stack": STACK if index % 8 == 0 else ""}},
        {"name": "AscendCL@aclnnAdd", "pid": 96, "tid": 3016828, "ts": at(1), "dur": 2.5, "ph": "X",
         "args": {"Thread Id": 3016828, "Mode": "ACL_OP", "level": "acl", "id": "aclnnAdd", "item_id": "0", "connection_id": index}},
        {"ph": "s", "bp": "e", "pid": 96, "tid": 3016828, "ts": at(1), **link},
        {"name": "aclnnAdd_AddAiCore_Add", "pid": 288, "tid": 2, "ts": at(6), "dur": 3.0 + index % 7, "ph": "X",
         "args": {"Model Id": 4294967295, "Task Type": "AI_VECTOR_CORE", "Physic Stream Id": 2, "Task Id": index % 65536,
                  "Batch Id": 0, "Subtask Id": 4294967295, "connection_id": index}},
        {"ph": "f", "bp": "e", "pid": 288, "tid": 2, "ts": at(6), **link},
        {"name": "Computing", "pid": 608, "tid": 0, "ts": at(6), "dur": 3.0 + index % 7, "ph": "X"},
        {"name": "HBM 0/Read", "ts": at(6), "pid": 416, "tid": 0, "args": {"Read(MB/s)": index % 1000}, "ph": "C"},
    ]


def generate(path, megabytes):
    with open(path, "w") as file:
        file.write("[")
        written = index = 0
        while written < megabytes * 1_000_000:
            text = (", " if index else "") + ", ".join(json.dumps(event) for event in events(index))
            written += file.write(text)
            index += 1
        file.write("]")


def measure(command):
    """Wall seconds, processor seconds and largest resident set in MB of a command."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"{command[0]} failed")
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


PYTHON = """
import json, sys
from collections import Counter
sums = Counter()
for event in json.load(open(sys.argv[1])):
    if event["ph"] == "X":
        sums[event["name"]] += event["dur"]
"""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("msadvisor")
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "trace_view.json")
        generate(path, arguments.megabytes)
        size = os.path.getsize(path) / 1e6
        tools = {"msadvisor": [arguments.msadvisor, "profile", path], "python json": [sys.executable, "-c", PYTHON, path]}
        best = {}
        for _ in range(arguments.runs):  # in turns, so that a busy moment meets both
            for name, command in tools.items():
                best[name] = min(best.get(name, (1e9, 1e9, 0)), measure(command), key=lambda m: m[1])
        print(f"{size:.0f} MB, best of {arguments.runs}")
        for name, (wall, cpu, resident) in best.items():
            print(f"{name:12}  wall {wall:7.2f} s {size / wall:6.0f} MB/s   cpu {cpu:7.2f} s {size / cpu:6.0f} MB/s   {resident:7.1f} MB")


if __name__ == "__main__":
    main()
