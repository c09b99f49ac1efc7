"""Writes what the fuzz targets start from: FOLDER/<target>/<seed>.

usage: seeds.py FOLDER            writes the seeds of every target, and FOLDER/<target>.dict of their words
       seeds.py --check BUILD     every kind of profile that msadvisor knows has a seed that is read as it

The seeds are small files of our own, one of each kind that a reader takes. Targets that tell files by their name get
the name in the first line.
"""

import gzip
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

REQUEST = '{"input_len":1777,"output_len":3,"prefill_bsz":4,"decode_bsz":[157,157],"req_latency":15456.98,' \
    '"latency":[15178.787,208.468,69.542],"queue_latency":[14711475,127888,3709],"input_data":"","output":"..."}'
BAR = "\u2502"

# By kind: the name of a file and its content.
BENCHMARKS = {
    "mindie.requests": ("results_per_request_1.json", '{"3":%s,\n"4":%s}' % (REQUEST, REQUEST)),
    "mindie.perf": ("result_perf_1.csv",
                    "FirstTokenTime,DecodeTime,LastDecodeTime,MaxDecodeTime,GenerateTime,InputTokens,GeneratedTokens,"
                    "PrefillBatchsize,DecoderBatchsize,QueueWaitTime\n"
                    + "".join(f"{i}00 ms,{i} ms,2 ms,{i}0 ms,{i}000 ms,256,{i},4,32,{i}0 us\n" for i in range(1, 9))),
    "mindie.common": ("result_common_1.csv",
                      "CurrentTime,TimeElapsed,DataSource,Failed,Returned,Total,Concurrency,ModelName,lpct,Throughput,"
                      "GenerateSpeed,InputGenerateSpeed,TotalGenerateSpeed,accuracy\n"
                      "2025-05-17,49.0549 s,x,3( 0.3% ),997( 99.7% ),1000[ 100.0% ],199,llama,0.9336 ms,2.789 req/s,"
                      "1995.7208 token/s,2.8 token/s,1998.5 token/s,/\n"),
    "mindie.request_map": ("req_to_data_map.json", '{"1":"a","2":["b",{"c":null}]}'),
    "aisbench.csv": ("gsm8k.csv",
                     "Performance Parameters,Stage,Average,Max,Min,Median,P75,P90,P99,N\n"
                     "TTFT,total,146.1383 ms,200 ms,100 ms,140 ms,150 ms,180 ms,199 ms,84\n"
                     "OutputTokens,total,512.0,512.0,512.0,512.0,512.0,512.0,512.0,84\n"),
    "aisbench.json": ("gsm8k.json",
                      '{"Benchmark Duration":{"total":"34676.2 ms"},"Total Requests":{"total":84},'
                      '"Request Throughput":{"total":"2.4221 req/s"},"Max Concurrency":{"total":100}}'),
    "aisbench.log": ("run.log",
                     f"{BAR} Performance Parameters {BAR} Stage {BAR} Average {BAR} Max {BAR} N {BAR}\n"
                     f"{BAR} TTFT {BAR} total {BAR} 146.1 ms {BAR} 200 ms {BAR} 84 {BAR}\n"
                     f"{BAR} Common Metric {BAR} Stage {BAR} Value {BAR}\n"
                     f"{BAR} Benchmark Duration {BAR} total {BAR} 34676.2 ms {BAR}\n"),
    "vllm.serve": ("serve.json",
                   '{"backend":"vllm","num_prompts":3,"completed":2,"duration":4.0,"max_concurrency":null,'
                   '"mean_ttft_ms":150.0,"p99_ttft_ms":199.0,"input_lens":[10,20,30],"output_lens":[3,3,0],'
                   '"ttfts":[0.1,0.2,0.0],"itls":[[0.05,0.05],[0.04,0.06],[]],"errors":["","","refused"]}\n'
                   '{"mean_ttft_ms":3,"duration":4}\n'),
    "vllm.offline": ("latency.json",
                     '{"avg_latency":1.5,"latencies":[1.4,1.6],"percentiles":{"50":1.5,"99":1.6}}\n'
                     '{"elapsed_time":2,"num_requests":4,"tokens_per_second":100.5}'),
    "requests.jsonl": ("requests.jsonl",
                       '{"prompt_tokens":256,"completion_tokens":11,"ttft_ms":100,"latency_ms":1100,"itl":[0.1,0.2]}\n'
                       '{"output_tokens":11,"ttft":50000,"latency":60000,"success":false}\nnot json\n'),
}

BATCH_HEADER = ("name,res_list,start_datetime,end_datetime,during_time(ms),batch_type,prof_id,batch_size,total_blocks,"
                "used_blocks,free_blocks,blocks_allocated,blocks_freed,kvcache_usage_rate,start_time(ms),end_time(ms)\n")
SERVICES = {
    "service.batch": ("batch.csv",
                      BATCH_HEADER
                      + "batchFrameworkProcessing,\"[{'rid': 'a', 'iter': 1, 'type': 1, 'num_scheduled_tokens': 1}, "
                      "{'rid': 'b', 'iter': 0, 'type': 0, 'num_scheduled_tokens=': 128}]\",2025-12-06 13:46:40:000999,"
                      "2025-12-06 13:46:40:001156,0.1565,\"Prefill, Decode\",n-1,2,2000.0,6.0,1994.0,3,0,0.003,"
                      "1765000000001000.0,1765000000001156.5\n"
                      "modelExec,[],,,1.5,Decode,n-1,8,,,,,,,1765000000002000.0,1765000000003500.5\n"),
    "service.request": ("request.csv",
                        "http_rid,start_datetime,recv_token_size,reply_token_size,execution_time(ms),"
                        "queue_wait_time(ms),first_token_latency(ms),cache_hit_rate,start_time(ms)\n"
                        "req-0,2025-12-06 13:46:40:000000,256.0,8.0,338.0,0.0008465,0.05245675,N/A,1765000000000.0\n"),
    "service.forward": ("forward.csv",
                        "name,relative_start_time(ms),start_datetime,end_datetime,during_time(ms),bubble_time(ms),"
                        "batch_size,batch_type,forward_iter,dp_rank,prof_id,hostname,start_time(ms),end_time(ms)\n"
                        "forward,0.0,,,50900,790,3,Prefill,1,0,p,node0,1765000000001.3567,1765000000052.2568\n"
                        "forward,0.0,,,20000,,3,Decode,2,1,p,node0,1765000000060,1765000000080\n"),
    "service.kvcache": ("kvcache.csv",
                        "name,start_time,total_blocks,used_blocks,free_blocks,blocks_allocated,blocks_freed,"
                        "kvcache_usage_rate\nKVCacheStatus,2025-12-06 13:46:40,2000.0,6.0,1994.0,0.0,0.0,0.003\n"),
    "service.request_status": ("request_status.csv",
                               "hostuid,pid,start_datetime,relative_timestamp(ms),waiting,running,swapped,"
                               "timestamp(ms)\nh,1,2025-12-06 13:46:40:000000,0,7,3,0,1765000000000\n"),
    "service.status_changes": ("request_status.csv",
                               "time,metrics,+WAITING,+RUNNING,+PENDING,=QueueSize,=deviceKvCache\n"
                               "1727940490718339,x,1,,,3,1000\n1727940490718349,x,-1,1,2,,\n"),
    "service.metrics": ("metric_data_df.csv", "time,metrics\n1727940490718339,\"{'a': 1}\"\n"),
    "service.cpu_use": ("cpu_data_df.csv", "cpu_no,usage,start_time\n0,12.5,1727940490718339\n"),
    "service.coordinator": ("coordinator.csv",
                            "time,address,node_type,add_count,end_count,running_count\n"
                            "2025-12-06 13:46:40:000000,10.0.0.1:80,prefill,5,3,2\n"),
    "service.pd_split_communication": ("pd_split_communication.csv",
                                       "rid,http_req_time(ms),send_request_time(ms),send_request_succ_time(ms),"
                                       "prefill_res_time(ms),request_end_time(ms)\n1,2025-12-06 13:46:40:000,"
                                       "2025-12-06 13:46:40:010,2025-12-06 13:46:40:011,2025-12-06 13:46:40:250,"
                                       "2025-12-06 13:46:42:000\n"),
    "service.pd_split_kvcache": ("pd_split_kvcache.csv",
                                 "domain,rank,rid,block_tables,batch_seq_len,during_time(ms),start_time,end_time\n"
                                 "PullKVCache,0,1,[1],100,2.5,,\n"),
    "service.spec_decode": ("spec_decode.csv", "rid,iter,spec_tokens,accepted_tokens\n1,1,4,3\n"),
    "service.span": ("forward.csv",
                     "span_name,start_datetime,end_datetime,during_time(ms),hostname,pid\nsample,,,1.5,h,1\n"),
    "service.split": ("prefill_split.csv",
                      "name,during_time(ms),max,min,mean,std\nforward,1.5,2,1,1.5,0.5\nBetween-a-b,-1,2,1,1.5,0.5\n"),
    "service.ep_balance": ("ep_balance.csv", "100,101\n200,100\n100,100\n"),
    "service.moe_analysis": ("moe_analysis.csv", "Dataset,Mean,CI_Lower,CI_Upper\n0,1.5,1,2\n"),
    "service.summary": ("batch_summary.csv", "Metric,Average,Max,Min,P50\nbatch_size,1.5,2,1,1\n"),
    "service.trace": ("chrome_tracing.json",
                      '{"traceEvents":[{"name":"httpReq","ph":"I","ts":1765000000000000,"pid":1,'
                      '"args":{"res_list":"http-1"}},\n'
                      '{"name":"link","ph":"X","ts":1765000000000001,"dur":0,"pid":1,'
                      '"args":{"type":3,"from":"http-1","to":0}},\n'
                      '{"name":"BatchSchedule","ph":"X","ts":1765000000001000,"dur":100,"pid":1,'
                      '"args":{"rid":[{"rid":0,"iter":0}],"batchType":0}},\n'
                      '{"name":"modelExec","ph":"X","ts":1765000000060000,"dur":20000,"pid":1,'
                      '"args":{"rid":[{"rid":0,"iter":1}]}},\n'
                      '{"name":"DecodeEnd","ph":"X","ts":1765000000081000,"dur":0,"pid":1,'
                      '"args":{"rid":"http-1","=replyTokenSize":2}},\n'
                      '{"name":"ReqState","ph":"X","ts":1765000000081500,"dur":0,"pid":1,"args":{"rid":"0",'
                      '"status":"waiting","QueueSize=":2,"TotalBlocks":100,"FreeBlocks":50,"UsagePercent":"0.5"}},\n'
                      '{"name":"process_name","ph":"M","args":{}}, 7]}'),
    "service.events": ("tx_data_df.csv",
                       "pid,tid,event_type,mark_id,message,name,start_time,end_time\n"
                       "1,2,start/end,3,\"{'domain': 'Schedule', 'rid': '1', 'QueueSize=': 2}\",httpReq,"
                       "1727940490718339.0,1727940490718439.0\n"),
    "expert.load": ("decode_0.csv", "1,1,2\n1,1,1\nx,1,1\n"),
    "expert.placement": ("expert_map.json",
                         '{"moe_layer_count":2,"layer_list":[{"layer_id":0,"device_count":1,"device_list":'
                         '[{"device_id":0,"device_expert":[0,1]}]},{"layer_id":1}]}'),
    "engine.log": ("vllm.log",
                   "INFO 06-05 16:00:00 [kv_cache_utils.py:1] GPU KV cache size: 252,288 tokens\n"
                   "INFO 06-05 16:00:00 [kv_cache_utils.py:2] Maximum concurrency for 16,384 tokens per request: "
                   "15.40x\nINFO 06-05 16:22:12 [loggers.py:271] Engine 000: Avg prompt throughput: 272.5 tokens/s, "
                   "Avg generation throughput: 5.9 tokens/s, Running: 12 reqs, Waiting: 3 reqs, GPU KV cache usage: "
                   "6.4%, Prefix cache hit rate: 88.6%\nWARNING Sequence group 0 is preempted\n"),
}

COLLECTIVE = '{"Communication Time Info":{"Elapse Time(ms)":10,"Transit Time(ms)":2,"Wait Time(ms)":6,' \
    '"Synchronization Time(ms)":5,"Idle Time(ms)":2},"Communication Bandwidth Info":{"HCCS":{"Transit Size(MB)":40,' \
    '"Transit Time(ms)":4,"Size Distribution":{"20.0":[1,2.0],"5.0":[4,2.0]}}}}'
DEVICES = {
    "device.kernel_details": ("kernel_details.csv",
                              "Step Id,Name,Type,Accelerator Core,Stream ID,Start Time(us),Duration(us),"
                              "Wait Time(us),Block Dim,aic_mac_ratio,aic_mte2_ratio,aiv_vec_ratio\n"
                              "1,mm1,MatMulV2,AI_CORE,2,1000.000\t,100.0,0,24,0.9,0.3,0\n"
                              "1,ar,N/A,HCCL,N/A,1100.000\t,60.0,0,0,N/A,N/A,N/A\n"
                              "1,topk,TopK,AI_CPU,3,1200.000\t,21.0,0,1,,,\n"),
    "device.op_summary": ("op_summary_1.csv",
                          "Device_id,Model ID,Op Name,OP Type,Task Type,Task Start Time(us),Task Duration(us),"
                          "Task Wait Time(us),Block Num\n0,1,x,Cast,AI_VECTOR_CORE,10,2,0,40\n"
                          "1,1,x,Cast,AI_VECTOR_CORE,10,4,0,40\n"),
    "device.task_time": ("task_time_1.csv",
                         "Device_id,kernel_name,kernel_type,stream_id,task_id,task_time(us),task_start(us),"
                         "task_stop(us)\n0,x,AI_VECTOR_CORE,2,1,2,10,12\n0,MEMCPY_ASYNC,PCIE_DMA_SQE,2,2,30,20,50\n"
                         "0,EVENT_WAIT,EVENT_WAIT_SQE,2,3,99,20,119\n"),
    "device.step_trace_time": ("step_trace_time.csv",
                               "Step,Type,Index,Computing,Communication(Not Overlapped),Overlapped,Communication,Free,"
                               "Bubble,Preparing\n7,rank,0,60,20,0,20,20,0,1\n7,stage,\"(0, 1)\",80,20,0,20,20,0,1\n"),
    "device.op_statistic": ("op_statistic_1.csv",
                            "Device_id,Model Name,OP Type,Core Type,Count,Total Time(us),Min Time(us),Avg Time(us),"
                            "Max Time(us),Ratio(%)\n0,m,Cast,AI_VECTOR_CORE,1,2,2,2,2,100\n"),
    "device.api_statistic": ("api_statistic.csv",
                             "Level,API Name,Time(us),Count,Avg(us),Min(us),Max(us),Variance\n"
                             "acl,aclrtFree,30,3,10,5,15,0\nnode,launch,950,5,1,1,1,0\n"),
    "device.operator_details": ("operator_details.csv",
                                "Name,Input Shapes,Call Stack,Host Self Duration(us),Host Total Duration(us),"
                                "Device Self Duration(us),Device Total Duration(us)\naten::add,,\"a;\nb\",10,12,3,3\n"),
    "device.operator_memory": ("operator_memory.csv",
                               "Name,Size(KB),Allocation Time(us),Release Time(us),Duration(us),Device Type\n"
                               "aten::empty,4,1,2,999.9,NPU:0\naten::empty,4,1,,,NPU:0\n"),
    "device.memory_record": ("memory_record.csv",
                             "Component,Timestamp(us),Total Allocated(MB),Total Reserved(MB),Total Active(MB),"
                             "Stream Ptr,Device Type\nPTA,1\t,10.0,20.0,10.0,1,NPU:0\nAPP,3,,30,,,NPU:0\n"),
    "device.module_memory": ("npu_module_mem.csv",
                             "Device_id,Component,Timestamp(us),Total Reserved(MB),Device\n0,HCCL,1,2,NPU:0\n"),
    "device.npu_memory": ("npu_mem_1.csv",
                          "Device_id,event,ddr(KB),hbm(KB),memory(KB),timestamp(us)\n0,APP,0,100,100,1\n"),
    "device.static_memory": ("static_op_mem.csv", "Device_id,Op Name,Model Name,Graph ID,Size(KB)\nhost,x,0,0,8\n"),
    "device.l2_cache": ("l2_cache_1.csv", "Device_id,Stream Id,Task Id,Hit Rate,Victim Rate,Op Name\n0,2,1,0.5,0,mm\n"),
    "device.timeline": ("trace_view.json",
                        '[{"ph":"X","name":"aten::add","pid":1,"tid":1,"ts":"100.0","dur":3,"cat":"cpu_op","args":{}},\n'
                        '{"ph":"X","name":"nn.Module: Linear_0","pid":1,"ts":"100.0","dur":30,"cat":"python_function"},\n'
                        '{"ph":"X","name":"decode","ts":"100.0","dur":40,"cat":"user_annotation","args":{}},\n'
                        '{"ph":"X","name":"AscendCL@aclrtMalloc","pid":2,"ts":"100","dur":7,"args":{"level":"acl"}},\n'
                        '{"ph":"X","name":"MatMul","pid":3,"tid":2,"ts":"110","dur":10,'
                        '"args":{"Task Type":"AI_CORE","Stream Id":2}},\n'
                        '{"ph":"X","name":"MEMCPY_ASYNC","pid":3,"ts":"130","dur":20,"args":{"Task Type":"PCIE_DMA_SQE",'
                        '"operation":"host to device","size(B)":4096}},\n'
                        '{"ph":"X","name":"hcom_allReduce__1_0_1","pid":4,"ts":"150","dur":30,"args":{"count":1}},\n'
                        '{"ph":"X","name":"Free","pid":5,"tid":3,"ts":"120","dur":30},\n'
                        '{"ph":"C","name":"AI Core Freq","pid":6,"ts":"100","args":{"MHz":1800}}]'),
    "device.communication": ("communication.json",
                             '{"step1":{"p2p":{},"collective":{"hcom_allReduce__1_0_1@77":%s,\n"Total Op Info":%s}}}'
                             % (COLLECTIVE, COLLECTIVE)),
    "device.communication_matrix": ("cluster_communication_matrix.json",
                                    '{"step1":{"collective":{"allreduce-total@77":{"0-1":{"Transport Type":"HCCS",'
                                    '"Transit Size(MB)":20,"Transit Time(ms)":1}},"allreduce-top1@77":{"0-1":'
                                    '{"Transport Type":"HCCS"}},"oops":{"here":{"Transport Type":"HCCS"}}}}}'),
    "device.profiler_info": ("profiler_info.json",
                             '{"rank_id":"3","cann_version":"8.0","config":{"experimental_config":'
                             '{"_profiler_level":"Level1"}}}'),
    "device.profiler_metadata": ("profiler_metadata.json", '{"ENV_VARIABLES":{"TASK_QUEUE_ENABLE":"2","X":1}}'),
    "device.communication_group": ("communication_group.json", '{"collective":[[0,1],[2,3]],"p2p":[[0,2]]}'),
}

# By kind: the name of a database and the script that makes it.
DATABASES = {
    "service.raw_db": ("ms_service_node-1-1.db", """
        CREATE TABLE slice (id INTEGER PRIMARY KEY, timestamp INTEGER, duration INTEGER, name TEXT, args TEXT);
        INSERT INTO slice VALUES (1, 1765000000000000000, 0, 'httpReq', '{"rid":"1","recvTokenSize=":256}'),
          (2, 1765000000001000000, 100000, 'BatchSchedule', '{"rid":[{"rid":"1","iter":0}],"batchType":0}'),
          (3, 1765000000001100000, 50000000, 'modelExec', '{"rid":[{"rid":"1","iter":0}]}'),
          (4, 1765000000081000000, 0, 'DecodeEnd', '{"rid":"1","replyTokenSize":2}');
        CREATE TABLE Meta (name TEXT, value TEXT);
        INSERT INTO Meta VALUES ('hostname', 'node'), ('dpRankId', '2');"""),
    "service.raw_db (old)": ("ms_service_old-1.db", """
        CREATE TABLE Mstx (pid, tid, event_type, timestamp, endTimestamp, mark_id, message);
        INSERT INTO Mstx VALUES (1, 1, 'marker', 1727940490718339000, 1727940490718339000, 1,
          '^name^: ^httpReq^, ^type^: 2, ^rid^: ^1^, '),
          (1, 1, 'start/end', 1727940490718339000, 1727940490718439000, 2,
          '{^name^: ^BatchSchedule^, ^rid^: [{^rid^: 1, ^iter^: 0}], ^QueueSize=^: 3}');"""),
    "service.profiler_db": ("profiler.db", """
        CREATE TABLE batch (name, res_list, "start_datetime", "during_time(ms)", batch_type, prof_id, batch_size,
          total_blocks, free_blocks, kvcache_usage_rate, "start_time(ms)", "end_time(ms)");
        INSERT INTO batch VALUES ('BatchSchedule', '[{"rid": 1, "iter": 0}]', '2025-12-06 13:46:40:000999', 0.15,
          'Prefill', 'n-1', 1, 2000, 1994, 0.003, 1765000000001.0, 1765000000001.15);
        CREATE TABLE request (http_rid, recv_token_size, reply_token_size, "execution_time(ms)",
          "queue_wait_time(ms)", "first_token_latency(ms)", "start_time(ms)");
        INSERT INTO request VALUES ('1', 256, 8, 338.0, 0.8, 52.4, 1765000000000.0);
        CREATE TABLE request_status ("timestamp(ms)", waiting, running, swapped);
        INSERT INTO request_status VALUES (1765000000000, 7, 3, 0);"""),
    "device.database": ("ascend_pytorch_profiler_0.db", """
        CREATE TABLE STRING_IDS (id INTEGER PRIMARY KEY, value TEXT);
        INSERT INTO STRING_IDS VALUES (1,'mm'),(2,'MatMul'),(3,'AI_CORE'),(4,'MEMCPY_ASYNC'),(5,'hcom_x__1_0_1');
        CREATE TABLE TASK (startNs, endNs, deviceId, globalTaskId, taskType, streamId);
        INSERT INTO TASK VALUES (1000,3000,5,1,3,2),(4000,9000,5,2,4,2),(NULL,1,5,3,3,2);
        CREATE TABLE COMPUTE_TASK_INFO (name, globalTaskId, blockNum, taskType, opType);
        INSERT INTO COMPUTE_TASK_INFO VALUES (1,1,24,3,2),(1,3,24,3,2);
        CREATE TABLE COMMUNICATION_OP (opName, startNs, endNs);
        INSERT INTO COMMUNICATION_OP VALUES (5,10000,20000);
        CREATE TABLE MEMCPY_INFO (globalTaskId, size, memcpyOperation);
        INSERT INTO MEMCPY_INFO VALUES (2,512,1);
        CREATE TABLE ENUM_MEMCPY_OPERATION (id, name);
        INSERT INTO ENUM_MEMCPY_OPERATION VALUES (1,'host to device');
        CREATE TABLE CANN_API (startNs, endNs, type, name);
        INSERT INTO CANN_API VALUES (0,7000,20000,1);
        CREATE TABLE ENUM_API_TYPE (id, name);
        INSERT INTO ENUM_API_TYPE VALUES (20000,'acl');
        CREATE TABLE RANK_DEVICE_MAP (rankId, deviceId);
        INSERT INTO RANK_DEVICE_MAP VALUES (3, 5);
        CREATE TABLE MSTX_EVENTS (startNs, endNs, message);
        INSERT INTO MSTX_EVENTS VALUES (1000, 2000, 1);
        CREATE TABLE AICORE_FREQ (freq);
        INSERT INTO AICORE_FREQ VALUES (1800);
        CREATE TABLE MEMORY_RECORD (component, deviceId, totalAllocated, totalReserved, totalActive);
        INSERT INTO MEMORY_RECORD VALUES (1, 5, 100, 200, 150);
        CREATE TABLE OP_MEMORY (deviceId, size, duration);
        INSERT INTO OP_MEMORY VALUES (5, 4096, 1000);"""),
    "device.database (analysis)": ("analysis.db", """
        CREATE TABLE StepTraceTime (step, computing, communication, communication_not_overlapped, overlapped, free,
          bubble, preparing, deviceId);
        INSERT INTO StepTraceTime VALUES ('7', 60, 20, 20, 0, 20, 0, 1, 5);
        CREATE TABLE CommAnalyzerTime (hccl_op_name, elapse_time, transit_time, wait_time, synchronization_time,
          idle_time, step);
        INSERT INTO CommAnalyzerTime VALUES ('hcom_allReduce__1', 10, 2, 6, 5, 2, 's');
        CREATE TABLE CommAnalyzerBandwidth (hccl_op_name, transport_type, package_size, count, total_duration,
          transit_size, transit_time, group_name, step, type);
        INSERT INTO CommAnalyzerBandwidth VALUES ('hcom_allReduce__1', 'HCCS', 20.0, 1, 2.0, 20, 2, 'g', 's', 't');
        CREATE TABLE CommAnalyzerMatrix (src_rank, dst_rank, transport_type, transit_size, transit_time, hccl_op_name);
        INSERT INTO CommAnalyzerMatrix VALUES ('0', '1', 'HCCS', 20, 1, 'allreduce');"""),
}

LOGS = [
    "INFO [model_runner_v1.py:2589] Loading model weights took 16.9570 GB\n"
    "INFO [worker.py:357] Available KV cache memory: 34.65 GiB\n"
    "INFO [kv_cache_utils.py:1316] GPU KV cache size: 252,288 tokens\nAvailable memory: 21000000000, total memory: "
    "65452113920\n# NPU blocks: 3243, # CPU blocks: 0\n",
    "[INFO] After prefill warmup, peak mem: 18.25G, total_mem: 29.50G\n[DEBUG] block_size:128,num_heads:4,"
    "head_size:128,num_layers: 28, cache_block_bytes:7340032,num_cpu_blocks:0, num_npu_blocks: 1000\n",
    "model weights take 14.99GiB; the rest of the memory reserved for KV Cache is 3.81GiB.\n# CUDA blocks: 1952\n",
]
LENGTHS = [
    "256", "200-400", "256~64", "128:10,512:5", "input_tokens,output_tokens\n256,16\n\"12\",8\nx,1\n",
    '{"input_tokens":256,"output_tokens":16}\n{"prompt_len":"12","output_len":8.4}\nnot json\n',
    '{"input_lens":[1,2,3],"output_lens":[4,5]}',
    '[{"conversations":[{"from":"human","value":"hello there"},{"from":"gpt","value":"\u4f60\u597d"}]}]',
]
VLLM_ARGUMENTS = [
    "export VLLM_USE_V1=1\nMODEL=/models/qwen\nvllm serve $MODEL --tensor-parallel-size 4 \\\n  --max-model-len=16k "
    "--gpu-memory-utilization 0.9 --enforce-eager --speculative-config '{\"method\":\"eagle3\","
    "\"num_speculative_tokens\":2}'\n",
    "model: /models/qwen\nmax-num-seqs: 16\ntensor_parallel_size: 8\ndata-parallel-size: 2\n"
    "enable-expert-parallel: true\n",
    "--max-num-seqs 256 --max-num-batched-tokens 1M --kv-cache-dtype fp8",
]
DOCUMENTS = [
    '// a comment\n{"a": {"b": [1, 2.5, null, {"c.d": "x"}], "a/b": true}, "e": "\\u00e9"}',
    "a: &x {b: [1, 0x10, ~, yes], 'c.d': 1e3}\ne: *x\n<<: *x\n---\nf: |\n  text\n  more\n",
]
RECORDS = [
    '{"schema":"msprecheck.facts/1","facts":{"host":{"name":"node-1"},"env":{"TASK_QUEUE_ENABLE":"2"},'
    '"memory":{"total_bytes":540000000000,"thp":{"mode":"always"}},"cpu":{"governors":[{"cpu":0,"governor":'
    '"performance"}],"count":{"$absent":{"reason":"not read","source":"lscpu"}}},"npu":{"devices":[{"id":0,'
    '"health":"OK"}]}},"provenance":{"host.name":{"source":"/proc"}}}',
    '{"schema":"msprecheck.precheck/1","host":{"name":"node-2"},"exit":{"status":1},"findings":[{"rule":"A",'
    '"severity":"error","title":"t","actual":"x","outcome":"fail"},{"rule":"B","outcome":"pass"}]}',
]


def text_of(*path):
    with open(os.path.join(ROOT, *path), "rb") as file:
        return file.read()


def files_below(*path):
    for folder, _, names in sorted(os.walk(os.path.join(ROOT, *path))):
        for name in sorted(names):
            yield os.path.join(folder, name)


def image_of(script):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "seed.db")
        database = sqlite3.connect(path)
        database.execute("PRAGMA page_size = 512")
        database.executescript(script)
        database.commit()
        database.close()
        return text_of(path)


def named(files):
    return [f"{name}\n{text}".encode() for name, text in files.values()]


def compressed():
    samples = [text for files in (BENCHMARKS, SERVICES, DEVICES) for _, text in files.values()]
    whole = [gzip.compress(text.encode(), mtime=0) for text in samples]
    return whole + [samples[0].encode(), whole[1] + whole[1], whole[2][:-9]]


def hosts():
    """Recorded hosts in parts of some files each; what a host has of every CPU, of two of them."""
    parts = []
    for host in sorted(os.listdir(os.path.join(ROOT, "tests/data/hosts"))):
        root = os.path.join(ROOT, "tests/data/hosts", host)
        part = b""
        for path in files_below(root):
            content, name = text_of(path)[:1500], path[len(root):]
            if re.search(r"/cpu([2-9]|[1-9][0-9]+)/|/node[2-9]/", name) or not content.strip():
                continue
            if name == "/environ":
                part += b"".join(b"@=" + line.replace(b"=", b"\n", 1) + b"\n" for line in content.splitlines())
            elif name.startswith("/commands/"):
                command = os.path.splitext(os.path.basename(name))[0].replace("_", " ")
                part += f"@$ {command}\n".encode() + content
            else:
                part += f"@{name}\n".encode() + content
            if not part.endswith(b"\n"):
                part += b"\n"
            if len(part) > 6000:
                parts.append(part)
                part = b""
        parts.append(part)
    return parts


def seeds():
    """By target: its seeds."""
    rules = [text_of(path) for folder in ("rules/precheck", "tests/data/rules", "tests/data/waivers",
                                          "tests/data/profiles", "probes")
             for path in files_below(folder) if path.endswith(".toml") and os.path.getsize(path) < 4000]
    return {
        "benchmark_profile_fuzz": named(BENCHMARKS),
        "service_profile_fuzz": named(SERVICES),
        "device_profile_fuzz": named(DEVICES),
        "json_events_fuzz": [DEVICES["device.timeline"][1].encode(), SERVICES["service.trace"][1].encode()],
        "profile_database_fuzz": [image_of(script) for _, script in DATABASES.values()],
        "compressed_profile_fuzz": compressed(),
        "record_scan_fuzz": [text.encode() for text in RECORDS],
        "config_document_fuzz": [text.encode() for text in DOCUMENTS]
                                + [text_of(path) for path in files_below("tests/data/import")
                                   if path.endswith((".json", ".yaml"))],
        "rule_file_fuzz": rules,
        "start_log_fuzz": [text.encode() for text in LOGS],
        "lengths_fuzz": [text.encode() for text in LENGTHS],
        "vllm_arguments_fuzz": [text.encode() for text in VLLM_ARGUMENTS],
        "host_fuzz": hosts(),
        "import_cmate_fuzz": [text_of("tests/data/import/service.cmate")],
        "import_yaml_rules_fuzz": [text_of("tests/data/import/service.yaml")],
        "environment_file_fuzz": [text_of(path) for path in files_below("tests/data/env")],
        "collect_env_fuzz": [text_of(path) for path in files_below("tests/data/reports")],
        "npu_smi_fuzz": [text_of(path) for path in files_below("tests/data/hosts") if "npu-smi_info" in path],
        "npu_commands_fuzz": [text_of(path) for path in files_below("tests/data/hosts")
                              if "npu-smi" in path or "hccn" in path],
    }


def dictionary(contents):
    """The names in the seeds, as libFuzzer takes words that are worth to be put in elsewhere."""
    words = set()
    for content in contents:
        words.update(re.findall(rb'"[A-Za-z][^"\\\n]{1,40}"|[A-Za-z_=+-][A-Za-z0-9_()./%=-]{2,40}', content))
    lines = [word.decode("ascii").replace("\\", "\\\\").replace('"', '\\"') for word in words if word.isascii()]
    return "".join(f'"{line}"\n' for line in sorted(lines))


def write(folder):
    os.makedirs(folder, exist_ok=True)
    for target, contents in seeds().items():
        with open(os.path.join(folder, target + ".dict"), "w", encoding="ascii") as file:
            file.write(dictionary(contents))
        os.makedirs(os.path.join(folder, target), exist_ok=True)
        for number, content in enumerate(contents):
            with open(os.path.join(folder, target, f"seed-{number:02}"), "wb") as file:
                file.write(content)


def check(build):
    """Each seed alone in a folder, so that none is of another's kind by its name."""
    problems = []
    wanted = {kind: (name, text.encode()) for files in (BENCHMARKS, SERVICES, DEVICES)
              for kind, (name, text) in files.items()}
    wanted.update({kind: (name, image_of(script)) for kind, (name, script) in DATABASES.items()})
    for label, (name, content) in wanted.items():
        kind = label.split(" ")[0]
        folder = tempfile.mkdtemp()
        with open(os.path.join(folder, name), "wb") as file:
            file.write(content)
        output = subprocess.run([os.path.join(build, "msadvisor"), "profile", folder, "--format", "json"],
                                capture_output=True, check=False).stdout
        shutil.rmtree(folder)
        found = json.loads(output or "{}").get("files", [])
        if [file["kind"] for file in found] != [kind] or found[0]["records"] == 0:
            problems.append(f"{label}: read as {found}")
    print("\n".join(problems) or f"{len(wanted)} seeds are read as what they are")
    return 1 if problems else 0


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "--check":
        sys.exit(check(sys.argv[2]))
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    write(sys.argv[1])
