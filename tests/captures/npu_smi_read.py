#!/usr/bin/env python3
"""A second reading of `npu-smi info` tables, to hold the tool's own against.

    npu_smi_read.py FILE ...

prints a JSON object: file name -> {"devices": [...], "processes": [...]}. Works line by line with regular
expressions and knows nothing of headers, so that it shares no idea with the parser that it checks.
"""
import json
import re
import sys

# | 0     910B4-1 | OK | 93.7 ...   and, on a 950, | 0 | Ascend950PR | OK | 202.6 ...
DEVICE = re.compile(r"^\s*\|\s*(\d+)(?:\s*\|)?\s+(\S+)\s*\|\s*([A-Za-z]+)\s*\|\s*([\d.]+|NA|-)\s+(\d+)\b")
# | 0  0 | 0000:C1:00.0 | ...
CHIP = re.compile(r"^\s*\|[\s\d|]*\|\s*([0-9A-Fa-f]{4}:[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}\.[0-9])\s*\|(.*)\|\s*$")
PAIR = re.compile(r"(\d+)\s*/\s*([\d.a-z]+)")
PROCESS = re.compile(r"^\s*\|\s*(\d+)(?:\s+\d+)?\s*\|\s*(\d+)\s*\|([^|]*)\|\s*(\d+)\s*\|(?:\s*\d+\s*\|)?\s*$")


def whole(text):
    return int(text) if text.isdigit() else None


def read(text):
    devices, processes, pair_counts = [], [], []
    for line in text.splitlines():
        if process := PROCESS.match(line):
            npu, pid, name, memory = process.groups()
            processes.append({"npu": int(npu), "pid": int(pid), "name": name.strip(), "memory": int(memory)})
        elif device := DEVICE.match(line):
            devices.append({"id": int(device[1]), "name": device[2], "health": device[3], "pairs": [],
                            "bus_id": None})
        elif (chip := CHIP.match(line)) and devices:
            devices[-1]["bus_id"] = chip[1]
            devices[-1]["pairs"] = PAIR.findall(chip[2])
            pair_counts.append(len(devices[-1]["pairs"]))
    widest = max(pair_counts, default=0)
    for device in devices:
        pairs = device.pop("pairs")
        # The last pair of a full row is the HBM, or on chips without HBM the only memory.
        used, total = pairs[-1] if widest and len(pairs) == widest else ("", "")
        device["hbm_used"], device["hbm_total"] = whole(used), whole(total)
    return {"devices": devices, "processes": processes}


def main():
    result = {}
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8", errors="replace") as file:
            result[path] = read(file.read())
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
