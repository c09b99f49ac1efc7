#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "profile/input.hpp"
#include "profile/run.hpp"
#include "support/temporary_folder.hpp"

using namespace ms;
using namespace ms::profile;

namespace {

struct Example {
  std::string kind;
  std::string name;
  std::string text;
  std::uint64_t records;
};

// A small file of every kind that is text.
const std::vector<Example> kExamples = {
    {"mindie.requests", "results_per_request_1.json",
     R"({"0":{"latency":[5,20],"prefill_bsz":4,"decode_bsz":[8]}})", 1},
    {"mindie.perf", "result_perf_1.csv",
     "FirstTokenTime,InputTokens,GeneratedTokens\n5 ms,1,2\n5 ms,1,2\n5 ms,1,2\n5 ms,1,2\n5 ms,1,2\n5 "
     "ms,1,2\n",
     6},
    {"mindie.common", "result_common_1.csv", "TimeElapsed,Concurrency\n4 s,10\n", 1},
    {"mindie.request_map", "req_to_data_map.json", R"({"a":"0","b":"1"})", 2},
    {"aisbench.csv", "gsm8k.csv",
     "Performance Parameters,Stage,Average,Max,Min,Median,P75,P90,P99,N\nTTFT,total,1 ms,1 ms,1 ms,1 ms,1 "
     "ms,1 ms,1 ms,84\n",
     1},
    {"aisbench.json", "gsm8k.json",
     R"({"Benchmark Duration":{"total":"1 ms"},"Total Requests":{"total":84}})", 2},
    {"aisbench.log", "run.log",
     "│ Performance Parameters │ Stage │ Average │ N │\n│ TTFT │ total │ 1 ms │ 84 │\n", 1},
    {"vllm.serve", "serve.json", R"({"mean_ttft_ms":150.0,"duration":4.0})", 2},
    {"vllm.offline", "latency.json", R"({"avg_latency":1.0,"latencies":[1.0,1.0]})", 2},
    {"requests.jsonl", "r.jsonl", "{\"output_tokens\":11,\"ttft_ms\":1,\"latency_ms\":5}\n", 1},
    {"service.trace", "chrome_tracing.json",
     R"([{"name":"httpReq","ph":"X","ts":1765000000000000,"dur":1,"pid":1,"args":{"rid":"a"}}])", 1},
    {"service.events", "events.csv",
     "message,name,pid,event_type,start_time,end_time,mark_id\n\"{'rid': "
     "'a'}\",httpReq,1,marker,1000,2000,1\n",
     1},
    {"expert.load", "prefill_0.csv", "1,2,3\n4,5,6\n", 2},
    {"expert.placement", "placement.json", R"({"moe_layer_count":1,"layer_list":[{"layer_id":0}]})", 1},
    {"service.batch", "batch.csv",
     "name,res_list,during_time(ms),batch_type,batch_size\nmodelExec,[],1,Decode,4\n", 1},
    {"service.forward", "forward.csv", "name,during_time(ms),bubble_time(ms),batch_size\nforward,1,0,4\n", 1},
    {"service.request", "request.csv", "http_rid,recv_token_size,execution_time(ms)\na,5,10\n", 1},
    {"service.pd_split_communication", "pd_split_communication.csv",
     "rid,http_req_time(ms),prefill_res_time(ms)\n1,2025-12-06 13:46:40:000,2025-12-06 13:46:41:000\n", 1},
    {"service.spec_decode", "spec_decode.csv", "rid,iter,spec_tokens,accepted_tokens\n1,1,4,3\n", 1},
    {"service.kvcache", "kvcache.csv",
     "name,start_time,total_blocks,free_blocks,kvcache_usage_rate\nFree,2025-12-06 13:46:40,9,3,0.5\n", 1},
    {"service.request_status", "request_status.csv",
     "waiting,running,swapped,timestamp(ms)\n7,3,0,1765000000000\n", 1},
    {"service.queue_size", "queue.csv", "timestamp,QueueSize=,status\n1765000000000,7,waiting\n", 1},
    {"service.status_changes", "request_status.csv",
     "time,metrics,+WAITING,+RUNNING\n2025-12-06 13:46:40,x,1,0\n", 1},
    {"service.coordinator", "coordinator.csv",
     "time,address,node_type,add_count,end_count,running_count\n2025-12-06 13:46:40,a,prefill,5,3,2\n", 1},
    {"service.pd_split_kvcache", "pd_split_kvcache.csv",
     "domain,rank,rid,block_tables,batch_seq_len,during_time(ms)\nPullKVCache,0,1,[1],100,2.5\n", 1},
    {"service.span", "sample.csv", "span_name,during_time(ms)\nsample,1.5\n", 1},
    {"service.split", "prefill.csv", "name,during_time(ms),max,min,mean,std\nforward,50,50,50,50,0\n", 1},
    {"service.ep_balance", "ep_balance.csv", "100,101\n200,100\n", 1},
    {"service.moe_analysis", "moe_analysis.csv", "Dataset,Mean,CI_Lower,CI_Upper\na,1,1,1\n", 1},
    {"service.metrics", "metrics.csv", "time,metrics\n1,2\n", 1},
    {"service.cpu_use", "cpu.csv", "cpu_no,usage,start_time\n1,2,3\n", 1},
    {"service.summary", "batch_summary.csv", "Metric,Average,Max\nx,1,2\n", 1},
    {"engine.log", "vllm.log",
     "INFO 06-05 16:00:00 [kv_cache_utils.py:1] GPU KV cache size: 252,288 tokens\n", 1},
    {"device.kernel_details", "kernel_details.csv",
     "Name,Type,Accelerator Core,Start Time(us),Duration(us)\na,A,AI_CORE,1,2\n", 1},
    {"device.op_summary", "op_summary_1.csv",
     "Op Name,OP Type,Task Type,Task Start Time(us),Task Duration(us)\na,A,AI_CORE,1,2\n", 1},
    {"device.task_time", "task_time_1.csv",
     "kernel_name,kernel_type,stream_id,task_time(us),task_start(us)\na,AI_CORE,2,2,10\n", 1},
    {"device.step_trace_time", "step_trace_time.csv",
     "Step,Computing,Communication(Not Overlapped),Free\n1,1,1,1\n", 1},
    {"device.op_statistic", "op_statistic.csv", "OP Type,Core Type,Count,Total Time(us)\nCast,AI_CORE,1,2\n",
     1},
    {"device.api_statistic", "api_statistic.csv", "Level,API Name,Time(us),Count\nacl,aclrtFree,30,3\n", 1},
    {"device.operator_details", "operator_details.csv", "Name,Host Self Duration(us)\naten::add,10\n", 1},
    {"device.operator_memory", "operator_memory.csv", "Name,Size(KB),Allocation Time(us)\naten::empty,4,1\n",
     1},
    {"device.memory_record", "memory_record.csv",
     "Component,Timestamp(us),Total Allocated(MB),Total Reserved(MB),Device Type\nPTA,1,10,20,NPU:0\n", 1},
    {"device.module_memory", "npu_module_mem.csv",
     "Device_id,Component,Timestamp(us),Total Reserved(MB),Device\n0,HCCL,1,2,NPU:0\n", 1},
    {"device.npu_memory", "npu_mem_1.csv",
     "Device_id,event,ddr(KB),hbm(KB),memory(KB),timestamp(us)\n0,APP,0,5,5,1\n", 1},
    {"device.static_memory", "static_op_mem.csv", "Device_id,Op Name,Graph ID,Size(KB)\n0,x,0,8\n", 1},
    {"device.l2_cache", "l2_cache.csv",
     "Device_id,Stream Id,Task Id,Hit Rate,Victim Rate,Op Name\n0,1,1,0.5,0,x\n", 1},
    {"device.timeline", "trace_view.json",
     R"([{"ph":"X","name":"MatMul","pid":3,"tid":2,"ts":"110","dur":10,"args":{"Task Type":"AI_CORE"}}])", 1},
    {"device.communication", "communication.json",
     R"x({"s":{"collective":{"hcom_allReduce__1_0_1@7":{"Communication Time Info":{"Elapse Time(ms)":10}}}}})x",
     1},
    {"device.communication_matrix", "communication_matrix.json",
     R"x({"s":{"collective":{"allreduce-total@7":{"0-1":{"Transport Type":"HCCS","Transit Size(MB)":20,
          "Transit Time(ms)":1}}}}})x",
     1},
    {"device.profiler_info", "profiler_info_3.json",
     R"({"config":{"experimental_config":{"_profiler_level":"Level1"}}})", 1},
    {"device.profiler_metadata", "profiler_metadata.json", R"({"ENV_VARIABLES":{"TASK_QUEUE_ENABLE":"2"}})",
     1},
    {"device.communication_group", "communication_group.json", R"({"collective":[[0,1]],"p2p":[]})", 1},
};

std::string gzipped(std::string_view text) {
  z_stream stream = {};
  constexpr int kGzip = 16 + MAX_WBITS;
  REQUIRE(deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

FolderReading read(const TemporaryFolder& folder, const SearchLimits& limits = {}) {
  Run run;
  return read_profiles(folder.path(), run, {}, limits);
}

std::vector<std::string> paths_of(const FolderReading& reading) {
  std::vector<std::string> paths;
  for (const FileReport& file : reading.files) paths.push_back(file.path);
  return paths;
}

const Example& example(std::string_view kind) {
  const auto found =
      std::find_if(kExamples.begin(), kExamples.end(), [&](const Example& one) { return one.kind == kind; });
  REQUIRE(found != kExamples.end());
  return *found;
}

}  // namespace

TEST_CASE("there is an example of every kind that is text") {
  std::set<std::string> known;
  for (const Example& one : kExamples) known.insert(one.kind);
  std::set<std::string> kinds_of_text;
  for (const Kind& kind : kinds()) {
    const std::string name(kind.name);
    if (!name.ends_with("_db") && name != "device.database") kinds_of_text.insert(name);
  }
  CHECK(known == kinds_of_text);
}

TEST_CASE("every kind of text is read from .gz as it is without") {
  for (const Example& one : kExamples) {
    INFO(one.kind);
    const TemporaryFolder plain;
    plain.write(one.name, one.text);
    const TemporaryFolder compressed;
    compressed.write(one.name + ".gz", gzipped(one.text));
    const FolderReading expected = read(plain);
    const FolderReading reading = read(compressed);
    REQUIRE(expected.files.size() == 1);
    CHECK(expected.files[0].kind == one.kind);
    CHECK(expected.files[0].records == one.records);
    CHECK(expected.files[0].bad_records == 0);
    REQUIRE(reading.files.size() == 1);
    CHECK(reading.files[0].kind == one.kind);
    CHECK(reading.files[0].records == one.records);
    CHECK(reading.files[0].bad_records == 0);
    CHECK(reading.files[0].path == one.name + ".gz");
  }
}

TEST_CASE("compressed data that is cut off keeps what came before, and says so") {
  const Example& one = example("service.request");
  std::string text = one.text;
  for (int i = 0; i < 20000; ++i) text += std::to_string(i * 7919 % 10007) + ",5,10\n";
  std::string bytes = gzipped(text);
  bytes.resize(bytes.size() / 2);
  const TemporaryFolder folder;
  folder.write("request.csv.gz", bytes);
  const FolderReading reading = read(folder);
  REQUIRE(reading.files.size() == 1);
  CHECK(reading.files[0].records > 1000);
  CHECK(reading.files[0].bad_records >= 1);
  CHECK(std::any_of(reading.files[0].first_bad.begin(), reading.files[0].first_bad.end(),
                    [](const BadRecord& bad) { return bad.reason == "compressed data is cut off"; }));
}

TEST_CASE("folders are searched to their depth, and unknown files are named") {
  const Example& one = example("service.request");
  const TemporaryFolder folder;
  folder.write("request.csv", one.text);
  folder.write("a/b/c/d/request.csv", one.text);
  folder.write("a/notes.txt", "nothing of a run\n");
  folder.write("a/picture.bin", std::string("\x89PNG\0\0\0", 7));
  folder.write("empty.json", "");
  const FolderReading reading = read(folder);
  CHECK(paths_of(reading) == std::vector<std::string>{"a/b/c/d/request.csv", "request.csv"});
  CHECK(reading.others == std::vector<std::string>{"a/notes.txt", "a/picture.bin", "empty.json"});
  CHECK_FALSE(reading.search_cut);
}

TEST_CASE("a search ends at its limits, and says so") {
  const Example& one = example("service.request");
  const TemporaryFolder folder;
  folder.write("a/b/c/request.csv", one.text);
  folder.write("request.csv", one.text);
  const FolderReading shallow = read(folder, {.depth = 2});
  CHECK(shallow.search_cut);
  CHECK(read(folder, {.files = 1}).search_cut);
  CHECK(read(folder, {.files = 1}).files.size() == 1);
}

TEST_CASE("links to folders are not followed, so that a loop ends; links to files are") {
  const Example& one = example("service.request");
  const TemporaryFolder folder;
  folder.write("run/request.csv", one.text);
  folder.link("..", "run/up");
  folder.link("run", "self");
  folder.link("run/request.csv", "linked.csv");
  folder.link("gone.csv", "broken.csv");
  folder.link("circle.csv", "circle.csv");
  const FolderReading reading = read(folder);
  CHECK(paths_of(reading) == std::vector<std::string>{"linked.csv", "run/request.csv"});
  CHECK(reading.others.empty());
}

TEST_CASE("a FIFO is passed over: opening it would wait for ever") {
  const TemporaryFolder folder;
  REQUIRE(::mkfifo(folder.at("pipe.csv").c_str(), 0600) == 0);
  folder.write("request.csv", example("service.request").text);
  CHECK(read(folder).files.size() == 1);
}

TEST_CASE("what cannot be opened is named with the reason, and does not stop the search") {
  const TemporaryFolder folder;
  folder.write("a.csv", example("service.request").text);
  folder.write("b.csv", example("service.request").text);
  folder.write("c/d.csv", example("service.request").text);
  REQUIRE(::chmod(folder.at("a.csv").c_str(), 0) == 0);
  REQUIRE(::chmod(folder.at("c").c_str(), 0) == 0);
  if (::geteuid() != 0) {  // root reads everything
    const FolderReading reading = read(folder);
    CHECK(paths_of(reading) == std::vector<std::string>{"b.csv"});
    CHECK(reading.unreadable == std::vector<std::string>{folder.at("c") + ": Permission denied",
                                                         folder.at("a.csv") + ": Permission denied"});
  }
  REQUIRE(::chmod(folder.at("c").c_str(), 0700) == 0);
}

TEST_CASE("a folder that is not there is an error, an empty one is not") {
  const TemporaryFolder folder;
  Run run;
  CHECK_THROWS_AS(read_profiles(folder.at("gone"), run), InputError);
  const FolderReading reading = read(folder);
  CHECK(reading.files.empty());
  CHECK(reading.others.empty());
}
