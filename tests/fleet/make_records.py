#!/usr/bin/env python3
"""Writes a fleet of recorded hosts, all like the built-in example of a healthy one but for what differs between
hosts in the same state: names, addresses, temperatures, loads.

    tests/fleet/make_records.py DIR COUNT [--small]

Three outliers are planted, at places that hang on COUNT alone: they have another driver. With --small a record is some
10 KB: the lists of single CPUs, links and ports are left out. Prints the names of the outliers.
"""
import json
import pathlib
import random
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LONG_LISTS = {"cpu": ["frequencies"], "npu": ["links", "optics", "traffic", "irqs", "common", "usage", "memory",
                                              "boards", "chip_boards", "cards", "chips", "network", "pci_devices"]}


def vary(facts, number, dice):
    """What no two hosts have the same."""
    facts["host"]["name"] = f"node{number:05d}"
    facts["env"]["HOSTNAME"] = facts["host"]["name"]
    facts["host"]["load_1min"] = round(dice.uniform(0, 3), 2)
    facts["memory"]["available_bytes"] -= dice.randrange(1 << 30)
    facts["memory"]["total_bytes"] -= dice.randrange(64) * 4096
    for device in facts["npu"]["devices"]:
        device["temperature_celsius"] = float(dice.randrange(35, 60))
        device["power_watts"] = round(dice.uniform(80, 120), 1)


def main():
    folder, count, small = pathlib.Path(sys.argv[1]), int(sys.argv[2]), "--small" in sys.argv[3:]
    folder.mkdir(parents=True, exist_ok=True)
    record = json.loads((ROOT / "examples/hosts/healthy-800i-a2.json").read_text())
    facts = record["facts"]
    if small:
        for tree, names in LONG_LISTS.items():
            for name in names:
                facts[tree].pop(name, None)
        facts["cpu"]["governors"] = facts["cpu"]["governors"][:8]
        record["provenance"] = {}
    outliers = [count // 7, count // 2, count - 2]
    driver = facts["ascend"]["driver"]["version"]
    dice = random.Random(count)
    for number in range(count):
        vary(facts, number, dice)
        version = "23.0.7" if number in outliers else driver
        facts["ascend"]["driver"]["version"] = facts["npu"]["driver_version"] = version
        (folder / f"node{number:05d}.json").write_text(json.dumps(record))
    print("\n".join(f"node{number:05d}" for number in outliers))
    return 0


if __name__ == "__main__":
    sys.exit(main())
