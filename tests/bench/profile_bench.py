#!/usr/bin/env python3
"""Times msadvisor profile against the readers of Python, paired: each file is read by all in turn.

    profile_bench.py BIN_DIR [--rounds 5] [--python-rounds 1] [--only CASE ...]

Prints the least wall and processor seconds (user and system) of each, and the greatest memory. Other work on a machine makes
both longer, never shorter. Python reads alone and computes nothing; pandas is timed where it can be imported.
"""
import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import profile_data

CASES = {  # name: size, the file, and how Python reads it
    "instance": ((10_000, 256), "results_per_request_1.json", {"python json": "import json; json.load(open('{0}'))"}),
    "raw": ((1_000, 140), "ms_service_host-1.db",
            {"python sqlite3": "import json, sqlite3\nfor row in sqlite3.connect('{0}').execute('SELECT * FROM slice'): "
                               "json.loads(row[5])"}),
    "forward": ((3_000_000,), "forward.csv",
                {"python csv": "import csv\nfor row in csv.reader(open('{0}')): pass",
                 "pandas": "import pandas; pandas.read_csv('{0}')"}),
    "trace": ((1_000,), "trace_view.json", {"python json": "import json; json.load(open('{0}'))"}),
}


def run(command):
    """Wall seconds, processor seconds and largest resident set in MiB of a command; None where it fails."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    return (wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024) if status == 0 else None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binaries", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--python-rounds", type=int, default=1)
    parser.add_argument("--only", nargs="*", choices=CASES, default=list(CASES))
    arguments = parser.parse_args()
    for name in arguments.only:
        size, file, readers = CASES[name]
        with tempfile.TemporaryDirectory() as scratch:
            getattr(profile_data, name)(pathlib.Path(scratch), *size)
            path = pathlib.Path(scratch) / file
            megabytes = path.stat().st_size / 1e6
            commands = {"msadvisor": [arguments.binaries / "msadvisor", "profile", path]}
            commands |= {who: [sys.executable, "-c", code.format(path)] for who, code in readers.items()}
            taken = {who: [] for who in commands}
            for turn in range(max(arguments.rounds, arguments.python_rounds)):
                for who, command in commands.items():
                    rounds = arguments.rounds if who == "msadvisor" else arguments.python_rounds
                    measured = run(command) if turn < rounds else None
                    if measured:
                        taken[who].append(measured)
            for who, figures in taken.items():
                if not figures:
                    print(f"{name:9} {megabytes:6.0f} MB  {who:14}  not run", flush=True)
                    continue
                wall, cpu = (min(column) for column in list(zip(*figures))[:2])
                print(f"{name:9} {megabytes:6.0f} MB  {who:14}  {wall:7.3f} s wall  {cpu:7.3f} s processor  "
                      f"{max(figure[2] for figure in figures):5.0f} MiB", flush=True)


if __name__ == "__main__":
    main()
