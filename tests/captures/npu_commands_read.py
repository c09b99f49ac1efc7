#!/usr/bin/env python3
"""A second reading of what npu-smi and hccn_tool print for their queries, to hold the tool's own against.

    npu_commands_read.py FILE ...

prints a JSON list of sections: {"file", "kind", "text", "values"}. A section is what stands between one command
in a file and the next; its values are searched for one by one with a regular expression each.
"""
import json
import re
import sys

COMMAND = re.compile(r"npu-smi info (?:-m|-l)\b|npu-smi info [^`|]*-t \w+|hccn_tool -i \S+ -\w+ -g")
# Files that hold the output of one command and do not repeat it.
NAMED = {"t_common": "common", "t_usages": "usages", "npu-smi-info-m": "-m"}


def mebibytes(text):
    return int(text) * 1024 * 1024


def percent(text):
    return float(text) / 100


def first_word(text):
    return float(text.split()[0])


def lit(text):
    return int(text, 16) != 0


USAGES = {
    "hbm_total_bytes": (r"HBM Capacity\(MB\)", mebibytes),
    "hbm_ratio": (r"HBM Usage Rate\(%\)", percent),
    "hbm_bandwidth_ratio": (r"HBM Bandwidth Usage Rate\(%\)", percent),
    "ddr_total_bytes": (r"DDR Capacity\(MB\)", mebibytes),
    "ddr_ratio": (r"DDR Usage Rate\(%\)", percent),
    "aicore_ratio": (r"Aicore Usage Rate\(%\)", percent),
    "aivector_ratio": (r"Aivector Usage Rate\(%\)", percent),
    "aicpu_ratio": (r"Aicpu Usage Rate\(%\)", percent),
    "ctrlcpu_ratio": (r"Ctrlcpu Usage Rate\(%\)", percent),
}
COMMON = {
    "aicore_count": (r"Aicore Count", int),
    "aicore_ratio": (r"Aicore Usage Rate\(%\)", percent),
    "aicore_mhz": (r"Aicore curFreq\(MHZ\)", float),
    "aicore_rated_mhz": (r"Aicore Freq\(MHZ\)", float),
    "hbm_ratio": (r"HBM Usage Rate\(%\)", percent),
    "memory_ratio": (r"Memory Usage Rate\(%\)", percent),
    "temperature_celsius": (r"Temperature\(C\)", float),
    "power_watts": (r"NPU Real-time Power\(W\)", float),
}
MEMORY = {
    "hbm_total_bytes": (r"HBM Capacity\(MB\)", mebibytes),
    "hbm_mhz": (r"HBM Clock Speed\(MHz\)", float),
    "hbm_temperature_celsius": (r"HBM Temperature\(C\)", float),
    "hbm_manufacturer_id": (r"HBM Manufacturer ID", str),
    "ddr_total_bytes": (r"DDR Capacity\(MB\)", mebibytes),
    "ddr_mhz": (r"DDR Clock Speed\(MHz\)", float),
}
BOARD = {
    "software_version": (r"Software Version", str),
    "firmware_version": (r"Firmware Version", str),
    "compatibility": (r"Compatibility", str),
    "product": (r"Product Name", str),
    "model": (r"Model", str),
    "serial_number": (r"Serial Number", str),
    "board_id": (r"Board ID", str),
    "bus_id": (r"PCIe Bus Info", str),
    "pci_device_id": (r"PCI Device ID", str),
    "slot": (r"Slot ID", int),
    "chips": (r"Chip Count", int),
}
CHIP_BOARD = {
    "chip_name": (r"Chip Name", str),
    "npu_name": (r"NPU Name", str),
    "chip_version": (r"Chip Version", str),
    "firmware_version": (r"Firmware Version", str),
    "bus_id": (r"PCIe Bus Info", str),
}
OPTICAL = {
    "vendor": (r"vendor name", str),
    "part_number": (r"vendor part number", str),
    "temperature_celsius": (r"temperature", first_word),
    "temperature_high_celsius": (r"Temp High Thres", first_word),
    "tx_power_low_milliwatts": (r"TxPower Low Thres", first_word),
    "rx_power_low_milliwatts": (r"RxPower Low Thres", first_word),
    "tx_lost": (r"Tx Los Flag", lit),
    "rx_lost": (r"Rx Los Flag", lit),
}
FIELDS = {
    "usages": USAGES, "common": COMMON, "memory": MEMORY, "board": BOARD, "chip board": CHIP_BOARD,
    "-optical": OPTICAL,
    "-link": {"link": (r"link status", str)},
    "-ip": {"ip": (r"ipaddr", str), "netmask": (r"netmask", str)},
    "-net_health": {"health": (r"net health status", str)},
    "-stat": {"rx_error_packets": (r"roce_rx_err_pkt_num", int), "tx_error_packets": (r"roce_tx_err_pkt_num", int)},
    "-link_stat": {"link_up_count": (r"\[devid \d+\]link up count", int)},
}


def kind_of(command):
    if tool := re.search(r"hccn_tool -i \S+ (-\w+)", command):
        return tool[1]
    if listing := re.search(r"info (-[ml])\b", command):
        return listing[1]
    kind = re.search(r"-t (\w+)", command)[1]
    return "chip board" if kind == "board" and re.search(r"-c ", command) else kind


def values_of(kind, text):
    if kind == "-m":
        rows = [re.split(r"\s{2,}", line.strip()) for line in text.splitlines()]
        rows = [row for row in rows if row[0].isdigit() and row[-1] != "Mcu"]
        return [[int(row[0]), row[-1]] for row in rows if len(row) > 3]
    if kind == "-l":
        return [int(found) for found in re.findall(r"NPU ID *: (\d+)", text)]
    values = {}
    for name, (label, convert) in FIELDS[kind].items():
        found = re.search(rf"^[ \t]*{label} *: *(.*?)[ \t]*$", text, re.M)
        values[name] = convert(found[1]) if found and found[1] not in ("", "NA") else None
    if kind == "-optical":
        found = re.search(r"^present *: (.*)$", text, re.M)
        values["present"] = found and found[1] == "present"
        for side in "tx", "rx":
            powers = re.findall(rf"^{side} Power\d* *: ([\d.]+) mW$", text, re.M | re.I)
            values[f"{side}_power_milliwatts"] = [float(power) for power in powers] or None
    return values


def sections(name):
    with open(name, encoding="utf-8", errors="replace") as file:
        lines = file.read().splitlines()
    kind, text = None, []
    for marker, named in NAMED.items():
        if marker in name:
            kind = named
    for line in lines:
        if command := COMMAND.search(line):
            yield kind, text
            kind, text = kind_of(command[0]), []
        else:
            text.append(line)
    yield kind, text


out = []
for path in sys.argv[1:]:
    for kind, lines in sections(path):
        if kind in FIELDS or kind in ("-m", "-l"):
            text = "\n".join(lines)
            out.append({"file": path, "kind": kind, "text": text, "values": values_of(kind, text)})
json.dump(out, sys.stdout)
