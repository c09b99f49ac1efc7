#!/usr/bin/env python3
"""Times msadvisor profile against the readers of Python's standard library, paired: each file is read by both in turn.

    profile_bench.py BIN_DIR [ROUNDS]

Prints the median of the wall and processor seconds of each, and the greatest memory of msadvisor. Python reads alone;
it computes nothing.
"""
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

import profile_data

READ = {
    "instance": "import json; json.load(open('{0}/results_per_request_1.json'))",
    "raw": "import json, sqlite3\nfor row in sqlite3.connect('{0}/ms_service_host-1.db').execute("
           "'SELECT * FROM slice'): json.loads(row[5])",
    "forward": "import csv\nfor row in csv.reader(open('{0}/forward.csv')): pass",
}
DATA = {"instance": (10_000, 256), "raw": (1_000, 140), "forward": (3_000_000,)}


def run(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    tool = pathlib.Path(sys.argv[1]).resolve() / "msadvisor"
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    for name, size in DATA.items():
        with tempfile.TemporaryDirectory() as scratch:
            folder = pathlib.Path(scratch)
            getattr(profile_data, name)(folder, *size)
            megabytes = sum(file.stat().st_size for file in folder.iterdir()) / 1e6
            times = {"msadvisor": [], "python": []}
            for _ in range(rounds):
                times["msadvisor"].append(run([tool, "profile", folder]))
                times["python"].append(run([sys.executable, "-c", READ[name].format(folder)]))
            peak = subprocess.run([sys.executable, "-c", "import resource,subprocess,sys; subprocess.run(sys.argv[1:],"
                                   "stdout=subprocess.DEVNULL,stderr=subprocess.DEVNULL); print(resource.getrusage("
                                   "resource.RUSAGE_CHILDREN).ru_maxrss)", tool, "profile", folder],
                                  capture_output=True, text=True).stdout
            for who, taken in times.items():
                wall, cpu = (statistics.median(column) for column in zip(*taken))
                print(f"{name:9} {megabytes:6.0f} MB  {who:9}  {wall:7.3f} s wall  {cpu:7.3f} s processor")
            print(f"{name:9} msadvisor at most {int(peak) / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
