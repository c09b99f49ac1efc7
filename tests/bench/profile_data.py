#!/usr/bin/env python3
"""Writes profiles in the formats of docs/profiles.md, for tests and benchmarks.

    profile_data.py instance DIR REQUESTS TOKENS    results_per_request_1.json
    profile_data.py raw DIR REQUESTS TOKENS         ms_service_host-1.db, of the new schema
    profile_data.py forward DIR ROWS                forward.csv
    profile_data.py trace DIR MEGABYTES             trace_view.json: operators with call stacks, kernels, functions of
                                                    the host, arrows and counters
"""
import json
import pathlib
import random
import sqlite3
import sys

START_NS = 1_765_000_000_000_000_000


def instance(folder, requests, tokens):
    chance = random.Random(7)
    with open(folder / "results_per_request_1.json", "w") as file:
        for i in range(requests):
            batch = chance.randint(1, 200)
            queue = chance.uniform(0, 500)
            record = {"input_len": chance.randint(200, 300), "output_len": tokens, "prefill_bsz": batch % 50 + 1,
                      "decode_bsz": [batch] * (tokens - 1),
                      "latency": [queue + 40 + batch] + [15 + 0.1 * batch + chance.random() for _ in range(tokens - 1)],
                      "queue_latency": [int(queue * 1000)] + [50] * (tokens - 1)}
            file.write(("{" if i == 0 else ",\n") + f'"{i}": ' + json.dumps(record))
        file.write("}")


def raw(folder, requests, tokens):
    rows = []

    def add(name, domain, start_us, micros, **attributes):
        start = START_NS + int(start_us * 1000)
        rows.append((start, int(micros * 1000), name, domain, json.dumps({k.replace("__", "="): v for k, v in
                                                                          attributes.items()})))

    for i in range(requests):
        at = i * 1000.0
        add("httpReq", "Request", at, 0, rid=f"r{i}")
        add("Enqueue", "Schedule", at + 10, 0, rid=f"r{i}", QueueSize__=1, status="waiting")
        add("Dequeue", "Schedule", at + 60, 0, rid=f"r{i}", QueueSize__=0, status="waiting")
        for step in range(tokens):
            begin = at + 100 + step * 20000
            items = [{"rid": f"r{i}", "iter": step, "num_scheduled_tokens=": 256 if step == 0 else 1}]
            add("BatchSchedule", "Schedule", begin, 100, rid=items, batchType=int(step > 0))
            add("forward", "ModelExecute", begin + 150, 19000 + i % 7, rid=[{"rid": f"r{i}"}], dp_rank="0")
        add("DecodeEnd", "Request", at + 100 + tokens * 20000, 0, rid=f"r{i}", replyTokenSize__=tokens,
            recvTokenSize__=256)
    path = folder / "ms_service_host-1.db"
    path.unlink(missing_ok=True)
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE Meta (name TEXT, value TEXT, slice TEXT)")
    database.execute("CREATE TABLE slice (id INTEGER PRIMARY KEY, timestamp INTEGER, duration INTEGER, name TEXT, "
                     "cat TEXT, args TEXT)")
    database.executemany("INSERT INTO slice (timestamp, duration, name, cat, args) VALUES (?,?,?,?,?)", rows)
    database.commit()
    database.close()


def forward(folder, count):
    chance = random.Random(7)
    columns = ("name,relative_start_time(ms),start_datetime,end_datetime,during_time(ms),bubble_time(ms),batch_size,"
               "batch_type,forward_iter,dp_rank,prof_id,hostname,start_time(ms),end_time(ms)\n")
    with open(folder / "forward.csv", "w") as file:
        file.write(columns)
        at = START_NS / 1e6
        for i in range(count):
            during = round(20 + chance.random(), 4)
            file.write(f"forward,{i}.0,,,{during},0.7,{i % 64 + 1},Decode,{i},{i % 4},p-{i % 4},h,{at:.4f},"
                       f"{at + during:.4f}\n")
            at += during + 0.7


STACK = ";\r\n".join(f"/usr/lib/python3.10/site-packages/vllm/worker/model_runner_{i}.py({i * 17}): execute" for i in range(6))


def trace_events(index):
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


def trace(folder, megabytes):
    with open(folder / "trace_view.json", "w") as file:
        written = file.write("[")
        index = 0
        while written < megabytes * 1_000_000:
            text = (", " if index else "") + ", ".join(json.dumps(event) for event in trace_events(index))
            written += file.write(text)
            index += 1
        file.write("]")


if __name__ == "__main__":
    target = pathlib.Path(sys.argv[2])
    target.mkdir(parents=True, exist_ok=True)
    {"instance": instance, "raw": raw, "forward": forward, "trace": trace}[sys.argv[1]](target, *map(int, sys.argv[3:]))
