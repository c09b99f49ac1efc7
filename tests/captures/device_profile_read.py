"""Sums of a file of the Ascend profilers, by the csv, json and sqlite3 of Python: what the readers are held against.

usage: device_profile_read.py KIND FILE
"""
import csv
import json
import sqlite3
import sys
from collections import defaultdict

US, MS, MB, KIB, MIB = 1e-6, 1e-3, 1e6, 1024, 1024 * 1024


def rows(path):
    with open(path, newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def number(text):
    try:
        return float(text)
    except (TypeError, ValueError):
        return None


def kernel_sums(kernels):
    """kernels: (type, core, start us or None, duration us), in the order of the file."""
    types = defaultdict(lambda: [0, 0.0])
    compute = communication = gaps = 0.0
    short = 0
    busy_until = None
    for kind, core, start, duration in kernels:
        entry = types[f"{kind}/{core}"]
        entry[0] += 1
        entry[1] += duration * US
        if core in ("HCCL", "COMMUNICATION"):
            communication += duration * US
        else:
            compute += duration * US
            short += duration < 5
        if start is not None:
            if busy_until is not None and start > busy_until:
                gaps += (start - busy_until) * US
            busy_until = max(busy_until or 0, start + duration)
    return {"compute": compute, "communication": communication, "short": short, "gaps": gaps, "types": dict(types)}


# Starts of kernels lie near 1.7e15 us, where a double keeps 0.25 us: the first is taken off as text.
def microseconds(text, base):
    from decimal import Decimal

    return float(Decimal(text.strip()) - base)


def kernel_details(path):
    from decimal import Decimal

    table = rows(path)
    base = Decimal(table[0]["Start Time(us)"].strip())
    kernels = []
    for row in table:
        kind = row["Type"] if row["Type"] != "N/A" else row["Name"]
        kernels.append((kind, row["Accelerator Core"], microseconds(row["Start Time(us)"], base), float(row["Duration(us)"])))
    return len(table), [{"kernels": kernel_sums(kernels)}]


def step_trace_time(path):
    table = rows(path)
    split = lambda row: [float(row[name]) * US for name in ("Computing", "Communication(Not Overlapped)", "Free")]
    if "Type" in table[0]:
        ranks = [row for row in table if row["Type"] == "rank"]
        return len(table), [{"steps": [split(row)]} for row in ranks]
    return len(table), [{"steps": [split(row) for row in table]}]


def op_statistic(path):
    table = rows(path)
    return len(table), [{"op_statistic": [sum(int(r["Count"]) for r in table), sum(float(r["Total Time(us)"]) for r in table) * US]}]


def api_statistic(path):
    table = rows(path)
    return len(table), [{"api": [sum(int(r["Count"]) for r in table), sum(float(r["Time(us)"]) for r in table) * US]}]


def operator_details(path):
    table = rows(path)
    return len(table), [{"operators": [len(table), sum(float(r["Host Self Duration(us)"]) for r in table) * US]}]


def l2_cache(path):
    table = rows(path)
    rates = [r for r in (number(row["Hit Rate"]) for row in table) if r is not None]
    return len(table), ([{"l2": [len(rates), sum(rates)]}] if rates else [])


def memory(reserved=0.0, modules=0.0, allocations=0, allocated=0.0, static=0.0):
    return [{"memory": [reserved, modules, allocations, allocated, static]}]


def memory_record(path):
    table = rows(path)
    peaks = defaultdict(float)
    for row in table:
        peaks[row["Component"]] = max(peaks[row["Component"]], (number(row["Total Reserved(MB)"]) or 0) * MIB)
    return len(table), memory(reserved=sum(peaks.values()))


def operator_memory(path):
    table = rows(path)
    return len(table), memory(allocations=len(table), allocated=sum(max(float(r["Size(KB)"]), 0) * KIB for r in table))


def module_memory(path):
    table = rows(path)
    peaks = defaultdict(float)
    for row in table:
        peaks[row["Component"]] = max(peaks[row["Component"]], float(row["Total Reserved(MB)"]) * MIB)
    return len(table), memory(modules=sum(peaks.values()))


def static_memory(path):
    table = rows(path)
    return len(table), memory(static=sum(float(r["Size(KB)"]) for r in table) * KIB)


def walk(tree, marker, path=()):
    if marker in tree:
        yield path, tree
        return
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from walk(value, marker, path + (key,))


def communication(path):
    tree = json.load(open(path, encoding="utf-8"))
    found = list(walk(tree, "Communication Time Info"))
    ranks = defaultdict(lambda: [0, 0.0, 0.0, 0])
    for keys, operation in found:
        cluster = len(keys) > 3
        if keys[-2 if cluster else -1] == "Total Op Info":
            continue
        sums = ranks[int(keys[-1]) if cluster else -1]
        sums[0] += 1
        sums[1] += operation["Communication Time Info"]["Elapse Time(ms)"] * MS
        for link in operation["Communication Bandwidth Info"].values():
            sums[2] += link["Transit Size(MB)"] * MB
            sums[3] += sum(size[0] for size in link["Size Distribution"].values())
    return len(found), [{"communication": ranks[rank]} for rank in sorted(ranks)]


def communication_matrix(path):
    import re

    tree = json.load(open(path, encoding="utf-8"))
    found = list(walk(tree, "Transport Type"))
    ranks = defaultdict(lambda: [0.0, 0.0])
    for keys, link in found:
        operation = keys[-2].split("@")[0]
        if keys[-2] == "Total Op Info" or re.search(r"-(top|bottom|middle)\d*$", operation):
            continue
        sums = ranks[int(keys[-1].split("-")[0]) if "cluster" in path.rsplit("/", 1)[-1] else -1]
        sums[0] += link["Transit Size(MB)"] * MB
        sums[1] += link["Transit Time(ms)"] * MS
    return len(found), [{"links": ranks[rank]} for rank in sorted(ranks)]


def timeline(path):
    from decimal import ROUND_HALF_UP, Decimal

    # Durations are kept in whole nanoseconds.
    whole_ns = lambda us: float(Decimal(str(us)).quantize(Decimal("0.001"), ROUND_HALF_UP))
    events = json.load(open(path, encoding="utf-8"))
    process = {e["pid"]: e["args"]["name"] for e in events if e["ph"] == "M" and e["name"] == "process_name"}
    lanes, categories = defaultdict(lambda: [0, 0.0]), defaultdict(lambda: [0, 0.0])
    kernels, copies, api = [], [0, 0.0], 0
    for event in events:
        if event["ph"] != "X":
            continue
        owner, duration = process.get(event["pid"]), whole_ns(event["dur"])
        seconds = duration * US
        if "cat" in event:
            categories[event["cat"]][0] += 1
            categories[event["cat"]][1] += seconds
        elif owner == "Overlap Analysis":
            lanes[event["name"]][0] += 1
            lanes[event["name"]][1] += seconds
        elif owner == "Ascend Hardware":
            kind = event["args"]["Task Type"]
            if "MEMCPY" in event["name"]:
                copies[0] += 1
                copies[1] += seconds
            elif not (kind in ("Notify Wait", "Write Value", "SDMA") or "EVENT" in kind or "PLACE_HOLDER" in kind
                      or event["name"] == "PROFILING_ENABLE"):
                kernels.append((event["name"], kind, Decimal(event["ts"]), duration))
        elif owner == "HCCL" and event["name"].startswith("hcom_"):
            kernels.append((event["name"][5:].split("_")[0], "HCCL", Decimal(event["ts"]), duration))
    card = {"timeline": {"events": len(events), "lanes": lanes, "categories": categories}}
    if kernels:
        base = kernels[0][2]
        # The timeline orders hardware and collectives each for itself: gaps are held against kernel_details.csv.
        card["kernels"] = kernel_sums([(k, c, float(t - base), d) for k, c, t, d in kernels])
    if copies[0]:
        card["copies"] = copies
    return len(events), [card]


def one_record(path):
    json.load(open(path, encoding="utf-8"))
    return 1, []


def communication_group(path):
    tree = json.load(open(path, encoding="utf-8"))
    return len(tree.get("collective", [])) + len(tree.get("p2p", [])), []


def query(database, sql):
    try:
        return database.execute(sql).fetchall()
    except sqlite3.OperationalError:
        return []


def database(path):
    file = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    card = {}
    kernels = query(
        file,
        "SELECT y.value, n.value, c.value, t.startNs, t.endNs FROM TASK t, COMPUTE_TASK_INFO i, STRING_IDS n, STRING_IDS y,"
        " STRING_IDS c WHERE i.globalTaskId = t.globalTaskId AND n.id = i.name AND y.id = i.opType AND c.id = i.taskType",
    )
    kernels = [(y if y != "N/A" else n, c, s, e) for y, n, c, s, e in kernels]
    kernels += [
        (n[5:].split("_")[0], "HCCL", s, e)
        for n, s, e in query(file, "SELECT value, startNs, endNs FROM COMMUNICATION_OP, STRING_IDS WHERE id = opName")
    ]
    kernels.sort(key=lambda kernel: kernel[2])
    if kernels:
        base = kernels[0][2]
        card["kernels"] = kernel_sums([(k, c, (s - base) / 1e3, (e - s) / 1e3) for k, c, s, e in kernels])
    copies = query(file, "SELECT endNs - startNs FROM TASK, STRING_IDS WHERE id = taskType AND value = 'MEMCPY_ASYNC'")
    if copies:
        card["copies"] = [len(copies), sum(c[0] for c in copies) / 1e9]
    api = query(file, "SELECT endNs - startNs FROM CANN_API")
    if api:
        card["api"] = [len(api), sum(a[0] for a in api) / 1e9]
    records = query(file, "SELECT component, max(totalReserved) FROM MEMORY_RECORD GROUP BY 1")
    modules = query(file, "SELECT moduleId, max(totalReserved) FROM NPU_MODULE_MEM GROUP BY 1")
    operators = query(file, "SELECT size FROM OP_MEMORY")
    if records:
        card.update(memory(sum(r[1] or 0 for r in records), sum(m[1] for m in modules), len(operators), sum(max(o[0], 0) for o in operators))[0])
    cards = [card] if card else []
    elapsed = query(file, "SELECT elapse_time FROM CommAnalyzerTime WHERE hccl_op_name <> 'Total Op Info'")
    link_rows = query(file, "SELECT * FROM CommAnalyzerBandwidth WHERE hccl_op_name <> 'Total Op Info'")
    if elapsed:
        sizes, packets = {}, 0
        for name, group, kind, size, _, _, _, package, count, _, step, place in link_rows:
            sizes[(name, group, kind, step, place)] = size
            packets += count or 0 if package is not None else 0
        card["communication"] = [len(elapsed), sum(e[0] for e in elapsed) * MS, sum(sizes.values()) * MB, packets]
        import re

        traffic = query(file, "SELECT hccl_op_name, transit_size, transit_time FROM CommAnalyzerMatrix")
        kept = [t for t in traffic if t[0] != "Total Op Info" and not re.search(r"-(top|bottom|middle)\d*", t[0])]
        if kept:
            card["links"] = [sum(t[1] for t in kept) * MB, sum(t[2] for t in kept) * MS]
        cards = [card]
    steps = query(file, "SELECT deviceId, computing, communication_not_overlapped, free FROM StepTraceTime ORDER BY 1")
    if not steps:
        steps = [(0, *row) for row in query(file, "SELECT computing, communication_not_overlapped, free FROM StepTraceTime")]
    devices = defaultdict(list)
    for device, *split in steps:
        devices[device].append([value * US for value in split])
    if len(devices) == 1:
        card["steps"] = devices.popitem()[1]
        cards = [card]
    elif devices:
        cards = [{"steps": devices[device]} for device in sorted(devices)]
    return None, cards


READERS = {
    "device.profiler_info": one_record,
    "device.profiler_metadata": one_record,
    "device.communication_group": communication_group,
}

if __name__ == "__main__":
    kind, path = sys.argv[1:]
    records, cards = (READERS.get(kind) or globals()[kind.removeprefix("device.")])(path)
    json.dump({"records": records, "cards": cards}, sys.stdout)
