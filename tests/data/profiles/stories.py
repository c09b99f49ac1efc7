#!/usr/bin/env python3
"""Writes the folders serving-story and recommendation-story beside this file: small runs in the formats that
tools write, with the figures of two published tuning cases.

serving-story: Qwen2.5-7B on one card, 500 requests of 256/256 tokens. Free share 16 %, prefill batches of 32 at
maxPrefillTokens 8192, decode batches up to 371; 2655, 2662 and 2673 output tokens a second; and a client of 100
against maxBatchSize 438.
recommendation-story: 28 copies to the device in 0.740230 of 1.383355 ms, kernels of 1 to 5 us, 10 % use.
"""
import json
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
BATCH_COLUMNS = ("name,res_list,start_datetime,end_datetime,during_time(ms),batch_type,prof_id,batch_size,"
                 "total_blocks,used_blocks,free_blocks,blocks_allocated,blocks_freed,kvcache_usage_rate,"
                 "prefill_batch_size,decode_batch_size,prefill_scheduled_tokens,decode_scheduled_tokens,"
                 "total_scheduled_tokens,dp_rank,start_time(ms),end_time(ms)")


def write(path, text):
    path = HERE / path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def config(max_batch, prefill_tokens):
    return json.dumps({
        "ServerConfig": {"maxLinkNum": 1000},
        "BackendConfig": {
            "npuDeviceIds": [[0]],
            "ModelDeployConfig": {
                "maxSeqLen": 2560, "maxInputTokenLen": 2048,
                "ModelConfig": [{"modelName": "qwen2.5-7b-instruct", "modelWeightPath": "/models/Qwen2.5-7B-Instruct",
                                 "worldSize": 1, "npuMemSize": -1, "cpuMemSize": 0}]},
            "ScheduleConfig": {"cacheBlockSize": 128, "maxPrefillBatchSize": 50, "maxPrefillTokens": prefill_tokens,
                               "prefillTimeMsPerReq": 150, "decodeTimeMsPerReq": 50, "maxBatchSize": max_batch,
                               "maxIterTimes": 512, "maxPreemptCount": 0, "supportSelectBatch": False}}},
        indent=4) + "\n"


def result_common(speed, concurrency, requests=500, output=256):
    seconds = requests * output / speed
    return ("CurrentTime,TimeElapsed,DataSource,Failed,Returned,Total,Concurrency,ModelName,lpct,Throughput,"
            "GenerateSpeed,GenerateSpeedPerClient,accuracy\n"
            f"2025-08-18 19:52:00,{seconds:.4f} s,synthetic,0( 0.0% ),{requests}( 100.0% ),{requests}[ 100.0% ],"
            f"{concurrency},qwen,0.3 ms,{requests / seconds:.4f} req/s,{speed:.4f} token/s,"
            f"{speed / concurrency:.4f} token/s,/\n")


def result_perf(requests=500):
    names = ("FirstTokenTime,DecodeTime,LastDecodeTime,MaxDecodeTime,GenerateTime,InputTokens,GeneratedTokens")
    rows = [names]
    for first, decode, whole in ((6000, 100, 31500), (12000, 400, 47000), (800, 20, 20000), (9000, 110, 40000),
                                 (11000, 140, 44000), (11000, 140, 44000), (11900, 300, 46800)):
        rows.append(f"{first} ms,{decode} ms,{decode} ms,{decode} ms,{whole} ms,256.0,256.0")
    rows.append(",".join([str(requests)] * 7))
    return "\n".join(rows) + "\n"


def batches():
    """Prefill steps of 32 prompts until 500 are in, and decode steps between them: 18 + 0.17 b ms."""
    rows = [BATCH_COLUMNS]
    clock = 1755580000000000.0  # us, under a header that says ms
    blocks = 1755

    def add(name, phase, size, tokens, millis):
        nonlocal clock
        prefill, decode = (size, 0) if phase == "Prefill" else (0, size)
        step = 0 if phase == "Prefill" else 1
        used = min(blocks - 100, 3 * size + 200)
        end = clock + millis * 1000
        kv = f"{blocks},{used},{blocks - used},{size},0,{used / blocks:.4f}"
        rows.append(f"{name},\"[{{'rid': 'r', 'iter': {step}, 'type': {step}}}]\",2025-08-19 05:06:40:000000,"
                    f"2025-08-19 05:06:40:000000,{millis:g},{phase},ms_service_node0-1,{size},{kv},{prefill},{decode},"
                    f"{tokens if prefill else 0},{0 if prefill else tokens},{tokens},0,{clock},{end}")
        clock = end

    def step(phase, size, tokens, millis):
        add("BatchSchedule", phase, size, tokens, 0.2)
        add("modelExec", phase, size, tokens, millis)

    running = 0
    for i in range(16):
        prompts = min(32, 500 - 32 * i)
        step("Prefill", prompts, prompts * 256, 30 + 0.05 * prompts * 256)
        running = min(371, running + prompts)
        for _ in range(3):
            step("Decode", running, running, 18 + 0.17 * running)
    return "\n".join(rows) + "\n"


def step_trace(computing, exposed, free):
    return ("Step,Computing,Communication(Not Overlapped),Overlapped,Communication,Free,Stage,Bubble,"
            "Communication(Not Overlapped and Exclude Receive),Preparing\n"
            f"1,{computing},{exposed},0,{exposed},{free},0,0,{exposed},5\n")


def serving_story():
    story = pathlib.Path("serving-story")
    for name, speed, max_batch, tokens, clients in (("client-100", 1700, 438, 8192, 100),
                                                    ("2655", 2655, 600, 8192, 500),
                                                    ("2662", 2662, 600, 8192, 500),
                                                    ("2673", 2673, 600, 12800, 500)):
        write(story / name / "config.json", config(max_batch, tokens))
        write(story / name / "result_common_20250818195200000.csv", result_common(speed, clients))
        write(story / name / "result_perf_20250818195200000.csv", result_perf())
    write(story / "2655" / "batch.csv", batches())
    write(story / "2655" / "ASCEND_PROFILER_OUTPUT" / "step_trace_time.csv", step_trace(804000, 36000, 160000))


def recommendation_story():
    """Ten inferences of 1383.355 us: 28 copies of 26.437 us among 150 kernels of 1 us, 3.2875 us apart."""
    rows = ["Device_id,kernel_name,kernel_type,stream_id,task_id,task_time(us),task_start(us),task_stop(us)"]
    task = 0
    def add(name, kind, micros):
        nonlocal at, task
        rows.append(f"0,{name},{kind},3,{task},{micros:.3f},{at:.3f},{at + micros:.3f}")
        at += micros
        task += 1

    at = 1000
    for _ in range(10):
        for kernel in range(150):
            if kernel == 75:
                for _ in range(28):
                    add("N/A", "PCIE_DMA_SQE", 740.230 / 28)
            add(f"Add_{kernel}", "KERNEL_AIVEC", 1)
            at += 3.2875
    write(pathlib.Path("recommendation-story") / "task_time_20250101000000.csv", "\n".join(rows) + "\n")


serving_story()
recommendation_story()
