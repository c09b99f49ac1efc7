#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

#include "profile/input.hpp"
#include "profile/metrics.hpp"
#include "profile/run.hpp"

using namespace ms;
using namespace ms::profile;

TEST_CASE("MindIE: a request's latencies, batches and queue") {
  // By hand: TTFT 15178.787 ms of which 14711.475 in the queue; two decode steps in batches of 157.
  Run run;
  const FileReport report = read_text("results_per_request_202507181613.json", R"({"3":{"input_len":1777,
    "output_len":3,"prefill_bsz":4,"decode_bsz":[157,157],"req_latency":15456.98,
    "latency":[15178.787,208.468,69.542],"queue_latency":[14711475,127888,3709],"input_data":"","output":"..."}})",
                                      run);
  CHECK(report.kind == "mindie.requests");
  CHECK(report.records == 1);
  const Json facts = run_facts(run);
  CHECK(facts["ttft_seconds"]["mean"].get<double>() == doctest::Approx(15.178787));
  CHECK(facts["queue_seconds"]["mean"].get<double>() == doctest::Approx(14.711475));
  CHECK(facts["tpot_seconds"]["mean"].get<double>() == doctest::Approx(0.139005));
  CHECK(facts["latency_seconds"]["mean"].get<double>() == doctest::Approx(15.456797));
  CHECK(facts["decode"]["by_batch"][0]["batch"] == 157);
  CHECK(facts["decode"]["by_batch"][0]["count"] == 2);
  CHECK(facts["prefill"]["by_batch"][0]["mean_seconds"].get<double>() == doctest::Approx(0.467312));
}

TEST_CASE("MindIE: rows of result_perf have no labels, and 6 of them in old versions") {
  const std::string header =
      "FirstTokenTime,DecodeTime,GenerateTime,InputTokens,GeneratedTokens,QueueWaitTime\n";
  const auto row = [](int value) { return fmt::format("{0} ms,{0} ms,{0} ms,{0},{0},{0} us\n", value); };
  std::string eight = header;
  std::string six = header;
  for (int i = 1; i <= 8; ++i) eight += row(i * 100);
  for (int i = 1; i <= 6; ++i) six += row(i * 100);
  Run run;
  CHECK(read_text("result_perf_20250517041302288.csv", eight, run).records == 8);
  CHECK(run.benchmarks.at(0).spreads.at("ttft").at("p99") == doctest::Approx(0.7));
  CHECK(run.benchmarks.at(0).spreads.at("queue").at("mean") == doctest::Approx(100e-6));
  Run old;
  CHECK(read_text("result_perf_1.csv", six, old).records == 6);
  CHECK(old.benchmarks.at(0).spreads.at("ttft").at("p99") == doctest::Approx(0.5));
  CHECK_FALSE(old.benchmarks.at(0).spreads.at("ttft").contains("p90"));
}

TEST_CASE("MindIE: result_common with its percents and units") {
  Run run;
  const FileReport report = read_text("result_common_1.csv",
                                      "CurrentTime,TimeElapsed,DataSource,Failed,Returned,Total,Concurrency,"
                                      "ModelName,lpct,Throughput,GenerateSpeed,"
                                      "GenerateSpeedPerClient,accuracy\n"
                                      "2025-05-17,49.0549 s,x,3( 0.3% ),997( 99.7% ),1000[ 100.0% "
                                      "],199,llama,0.9336 ms,2.789 req/s,1995.7208 "
                                      "token/s,2.8 token/s,/\n",
                                      run);
  CHECK(report.kind == "mindie.common");
  const Json facts = run_facts(run);
  CHECK(facts["requests"] == Json({{"count", 997}, {"failed", 3}, {"source", "stated"}}));
  CHECK(facts["throughput"]["output_tokens_per_second"] == 1995.7208);
  CHECK(facts["throughput"]["duration_seconds"] == 49.0549);
  CHECK(facts["concurrency"]["limit"] == 199);
}

TEST_CASE("AISBench: the table and the summary of one run belong together") {
  Run run;
  read_text("gsm8k.csv",
            "Performance Parameters,Stage,Average,Max,Min,Median,P75,P90,P99,N\n"
            "TTFT,total,146.1383 ms,200 ms,100 ms,140 ms,150 ms,180 ms,199 ms,84\n"
            "OutputTokens,total,512.0,512.0,512.0,512.0,512.0,512.0,512.0,84\n",
            run);
  const FileReport report = read_text(
      "gsm8k.json",
      R"({"Benchmark Duration":{"total":"34676.2 ms"},"Total Requests":{"total":84},"Success Requests":{"total":84},
          "Request Throughput":{"total":"2.4221 req/s"},"Output Token Throughput":{"total":"1240.1267 token/s"},
          "Concurrency":{"total":40},"Max Concurrency":{"total":100}})",
      run);
  CHECK(report.kind == "aisbench.json");
  CHECK(run.benchmarks.size() == 1);
  const Json facts = run_facts(run);
  CHECK(facts["ttft_seconds"]["p90"].get<double>() == doctest::Approx(0.18));
  CHECK(facts["ttft_seconds"]["count"] == 84);
  CHECK(facts["throughput"]["duration_seconds"].get<double>() == doctest::Approx(34.6762));
  CHECK(facts["concurrency"]["limit"] == 100);
}

TEST_CASE("vllm bench serve: statistics, and every request where it was saved with details") {
  Run run;
  const FileReport report = read_text(
      "serve.json",
      R"({"backend":"vllm","num_prompts":3,"completed":2,"duration":4.0,"max_concurrency":null,"mean_ttft_ms":150.0,
          "p99_ttft_ms":199.0,"input_lens":[10,20,30],"output_lens":[3,3,0],"ttfts":[0.1,0.2,0.0],
          "itls":[[0.05,0.05],[0.04,0.06],[]],"errors":["","","refused"]})",
      run);
  CHECK(report.kind == "vllm.serve");
  CHECK(report.bad_records == 0);
  CHECK(run.failed_client_requests == 1);
  const Json facts = run_facts(run);
  CHECK(facts["requests"]["count"] == 2);
  CHECK(facts["ttft_seconds"]["mean"].get<double>() == doctest::Approx(0.15));
  CHECK(facts["tpot_seconds"]["mean"].get<double>() == doctest::Approx(0.05));
  CHECK(facts["latency_seconds"]["max"].get<double>() == doctest::Approx(0.3));
  CHECK(facts["itl_seconds"]["count"] == 4);
  CHECK(facts["throughput"]["output_tokens_per_second"].get<double>() == doctest::Approx(1.5));
}

TEST_CASE("vllm bench: results that were appended are one run each") {
  Run run;
  const FileReport report = read_text(
      "all.json", "{\"mean_ttft_ms\":1,\"duration\":2}\n{\"mean_ttft_ms\":3,\"duration\":4}\n", run);
  CHECK(report.records == 4);
  CHECK(run.benchmarks.size() == 2);
}

TEST_CASE("requests as lines: units by name, and by magnitude where the name has none") {
  Run run;
  const FileReport report =
      read_text("r.jsonl",
                "{\"prompt_tokens\":256,\"completion_tokens\":11,\"ttft_ms\":100,\"latency_ms\":1100}\n"
                "not json\n"
                "{\"prompt_tokens\":256,\"completion_tokens\":11,\"ttft_ms\":-1}\n",
                run);
  CHECK(report.kind == "requests.jsonl");
  CHECK(report.records == 1);
  CHECK(report.bad_records == 2);
  CHECK(run.client_requests[0].tpot == doctest::Approx(0.1));
  Run milliseconds;
  const FileReport corrected =
      read_text("r.jsonl", "{\"output_tokens\":11,\"ttft\":50000,\"latency\":60000}\n", milliseconds);
  CHECK(milliseconds.client_requests[0].ttft == doctest::Approx(50));
  CHECK(corrected.notes.size() == 1);
}

TEST_CASE("batch.csv: lists as Python prints them, both spellings of mixed batches, µs under (ms)") {
  const std::string header =
      "name,res_list,start_datetime,end_datetime,during_time(ms),batch_type,prof_id,batch_size,total_blocks,"
      "used_blocks,"
      "free_blocks,blocks_allocated,blocks_freed,kvcache_usage_rate,start_time(ms),end_time(ms)\n";
  const auto row = [](std::string_view name, std::string_view list, std::string_view type, int size) {
    return fmt::format(
        "{},\"{}\",2025-12-06 13:46:40:000999,2025-12-06 13:46:40:001156,0.1565,{},n-1,{},2000.0,6.0,"
        "1994.0,3,0,0.003,1765000000001000.0,1765000000001156.5\n",
        name, list, type, size);
  };
  Run run;
  const FileReport report =
      read_text("batch.csv",
                header +
                    row("batchFrameworkProcessing",
                        "[{'rid': 'a', 'iter': 0, 'type': 0, 'num_scheduled_tokens': 256}]", "Prefill", 1) +
                    row("batchFrameworkProcessing",
                        "[{'rid': 'a', 'iter': 1, 'type': 1, 'num_scheduled_tokens': 1}, {'rid': 'b', "
                        "'iter': 0, 'type': 0, "
                        "'num_scheduled_tokens': 128}]",
                        "\"Prefill,Decode\"", 2) +
                    row("batchFrameworkProcessing",
                        "[{'rid': 'a', 'iter': 2, 'num_scheduled_tokens=': 1}, {'rid': 'b', 'iter': 1, "
                        "'num_scheduled_tokens=': "
                        "1}]",
                        "\"Prefill, Decode\"", 2) +
                    "batchFrameworkProcessing,[],,,,Prefill,n-1,,,,,,,,,\n",
                run);
  CHECK(report.kind == "service.batch");
  CHECK(report.records == 3);
  CHECK(report.bad_records == 1);
  REQUIRE(report.notes.size() == 2);
  CHECK(report.notes[0].en == "column start_time(ms) holds \xc2\xb5s: corrected");
  const Json facts = run_facts(run);
  CHECK(facts["mixed_batches"] == 1);
  CHECK(facts["prefill"]["batches"] == 1);
  CHECK(facts["prefill"]["tokens"]["mean"] == 256);
  CHECK(facts["decode"]["batch_size"]["mean"] == 2);
  CHECK(facts["batch_tokens"]["max"] == 256);
  CHECK(facts["kv"]["total_blocks"] == 2000);
  CHECK(facts["kv"]["used_ratio"]["mean"].get<double>() == doctest::Approx(0.003));
  CHECK(run.of(Origin::csv).batches[0].start == doctest::Approx(1765000000.001));
}

TEST_CASE("request.csv as `analyze` writes it: times a thousand times too short are found and corrected") {
  const std::string header =
      "http_rid,start_datetime,recv_token_size,reply_token_size,execution_time(ms),queue_wait_time(ms),"
      "first_token_latency(ms),cache_hit_rate,start_time(ms)\n";
  const std::string start = "req-0,2025-12-06 13:46:40:000000,256.0,8.0,338.0,";
  Run good;
  const FileReport as_parsed =
      read_text("request.csv", header + start + "0.8465,52.45675,N/A,1765000000000.0\n", good);
  CHECK(as_parsed.notes.empty());
  CHECK(good.of(Origin::csv).requests[0].ttft == doctest::Approx(0.05245675));
  Run wrong;
  const FileReport as_analyzed =
      read_text("request.csv", header + start + "0.0008465,0.05245675,N/A,1765000000000.0\n", wrong);
  REQUIRE(as_analyzed.notes.size() == 1);
  CHECK(wrong.of(Origin::csv).requests[0].ttft == doctest::Approx(0.05245675));
  CHECK(wrong.of(Origin::csv).requests[0].queue == doctest::Approx(0.0008465));
}

TEST_CASE("request.csv of old versions: microseconds by the name of the column") {
  Run run;
  const FileReport report = read_text("request.csv",
                                      "http_rid,start_time_httpReq(microsecond),recv_token_size,reply_token_"
                                      "size,execution_time(microsecond)\n"
                                      "1,1727940490718339.0,4,250,5222623.25\n",
                                      run);
  CHECK(report.kind == "service.request");
  CHECK(run.of(Origin::csv).requests[0].latency == doctest::Approx(5.22262325));
  CHECK(run.of(Origin::csv).requests[0].arrival == doctest::Approx(1727940490.718339));
}

TEST_CASE("durations in µs under (ms) are found by start and end") {
  Run run;
  const FileReport report =
      read_text("forward.csv",
                "name,relative_start_time(ms),start_datetime,end_datetime,during_time(ms),bubble_time(ms),"
                "batch_size,batch_type,"
                "forward_iter,dp_rank,prof_id,hostname,start_time(ms),end_time(ms)\n"
                "forward,0.0,,,50900,790,3,Prefill,1,0,p,node0,1765000000001.3567,1765000000052.2568\n"
                "forward,0.0,,,20000,,3,Decode,2,1,p,node0,1765000000060,1765000000080\n",
                run);
  CHECK(report.kind == "service.forward");
  const Json facts = run_facts(run);
  CHECK(facts["forward_seconds"]["max"].get<double>() == doctest::Approx(0.0509));
  CHECK(facts["dp_ranks"].size() == 2);
  CHECK(facts["gaps"]["seconds"]["max"].get<double>() == doctest::Approx(0.0077433).epsilon(0.01));
  CHECK(report.notes.size() == 1);
}

TEST_CASE("the other tables of service profiles") {
  Run run;
  CHECK(read_text("kvcache.csv",
                  "name,start_time,total_blocks,used_blocks,free_blocks,blocks_allocated,blocks_freed,"
                  "kvcache_usage_rate\n"
                  "KVCacheStatus,2025-12-06 13:46:40,2000.0,6.0,1994.0,0.0,0.0,0.003\n",
                  run)
            .records == 1);
  CHECK(read_text("kvcache.csv",
                  "rid,name,start_time,device_kvcache_left,kvcache_usage_rate\n"
                  "req-0,Allocate,2025-12-06 13:46:40,1000,0.5\n",
                  run)
            .records == 1);
  CHECK(read_text("request_status.csv",
                  "hostuid,pid,start_datetime,relative_timestamp(ms),waiting,running,swapped,timestamp(ms)\n"
                  "h,1,2025-12-06 13:46:40:000000,0,7,3,0,1765000000000\n",
                  run)
            .records == 1);
  CHECK(read_text("coordinator.csv",
                  "time,address,node_type,add_count,end_count,running_count\n"
                  "2025-12-06 13:46:40:000000,10.0.0.1:80,prefill,5,3,2\n"
                  "2025-12-06 13:46:45:000000,10.0.0.1:80,prefill,1,2,1\n",
                  run)
            .records == 2);
  CHECK(
      read_text("pd_split_communication.csv",
                "rid,http_req_time(ms),send_request_time(ms),send_request_succ_time(ms),prefill_res_time(ms),"
                "request_end_time(ms)\n"
                "1,2025-12-06 13:46:40:000,2025-12-06 13:46:40:010,2025-12-06 13:46:40:011,2025-12-06 "
                "13:46:40:250,2025-12-06 13:46:42:000\n",
                run)
          .records == 1);
  CHECK(read_text("pd_split_kvcache.csv",
                  "domain,rank,rid,block_tables,batch_seq_len,during_time(ms),start_time,end_time\n"
                  "PullKVCache,0,1,[1],100,2.5,,\n",
                  run)
            .records == 1);
  CHECK(read_text("ep_balance.csv", "100,101\n200,100\n100,100\n", run).records == 2);
  CHECK(read_text("spec_decode.csv", "rid,iter,spec_tokens,accepted_tokens\n1,1,4,3\n", run).records == 1);
  CHECK(read_text("forward.csv",
                  "span_name,start_datetime,end_datetime,during_time(ms),hostname,pid\nsample,,,1.5,h,1\n",
                  run)
            .kind == "service.span");
  const Json facts = run_facts(run);
  CHECK(facts["kv"]["min_free_blocks"] == 1000);
  CHECK(facts["queue"]["waiting"]["max"] == 7);
  CHECK(facts["nodes"][0]["added"] == 6);
  CHECK(facts["nodes"][0]["running"]["mean"] == 1.5);
  CHECK(facts["ttft_seconds"]["mean"].get<double>() == doctest::Approx(0.25));
  // By hand: 200 of a mean of 150, and balanced.
  CHECK(facts["expert_ranks"][0]["balance_ratio"]["max"].get<double>() == doctest::Approx(200.0 / 150));
  CHECK(facts["speculative_acceptance_ratio"] == 0.75);
}

TEST_CASE("logs of vLLM: throughput, queues and cache over time, and what the start says") {
  Run run;
  const FileReport report = read_text(
      "vllm.log",
      "INFO 06-05 16:00:00 [kv_cache_utils.py:1] GPU KV cache size: 252,288 tokens\n"
      "INFO 06-05 16:00:00 [kv_cache_utils.py:2] Maximum concurrency for 16,384 tokens per request: 15.40x\n"
      "INFO 06-05 16:22:12 [loggers.py:271] Engine 000: Avg prompt throughput: 272.5 tokens/s, Avg "
      "generation "
      "throughput: 5.9 tokens/s, Running: 12 reqs, Waiting: 3 reqs, GPU KV cache usage: 6.4%, Prefix cache "
      "hit rate: "
      "88.6%\n",
      run);
  CHECK(report.kind == "engine.log");
  CHECK(report.records == 3);
  const Json facts = run_facts(run);
  CHECK(facts["log"]["kv_tokens"] == 252288);
  CHECK(facts["log"]["max_concurrency"] == 15.4);
  CHECK(facts["log"]["prompt_tokens_per_second"]["mean"] == 272.5);
  CHECK(facts["queue"]["running"]["max"] == 12);
  CHECK(facts["kv"]["used_ratio"]["max"].get<double>() == doctest::Approx(0.064));
}

TEST_CASE("loads of experts: the busiest over the mean, by layer and between ranks") {
  Run run;
  CHECK(read_text("decode_0.csv", "1,1,2\n1,1,1\nx,1,1\n", run).bad_records == 1);
  CHECK(read_text("decode_1.csv", "2,2,4\n1,1,1\n", run).records == 2);
  const Json facts = run_facts(run);
  // Layer 0 of rank 0: 2 of a mean of 4/3. Between ranks: 8 of a mean of 6 in layer 0.
  CHECK(facts["experts"][0]["balance_ratio"]["max"].get<double>() == doctest::Approx(1.5));
  CHECK(facts["expert_ranks"][0]["balance_ratio"]["max"].get<double>() == doctest::Approx(8.0 / 6));
}

TEST_CASE("a trace: times in µs, ids of the engine and of the client, an answer that is not streamed") {
  Run run;
  const FileReport report = read_text("chrome_tracing.json", R"([
    {"name":"httpReq","ph":"I","ts":1765000000000000,"pid":1,"args":{"res_list":"http-1"}},
    {"name":"link","ph":"X","ts":1765000000000001,"dur":0,"pid":1,"args":{"type":3,"from":"http-1","to":0}},
    {"name":"BatchSchedule","ph":"X","ts":1765000000001000,"dur":100,"pid":1,"args":{"rid":[{"rid":0,"iter":0}]}},
    {"name":"modelExec","ph":"X","ts":1765000000001100,"dur":50000,"pid":1,"args":{"rid":[{"rid":0,"iter":0}]}},
    {"name":"modelExec","ph":"X","ts":1765000000060000,"dur":20000,"pid":1,"args":{"rid":[{"rid":0,"iter":1}]}},
    {"name":"DecodeEnd","ph":"X","ts":1765000000081000,"dur":0,"pid":1,"args":{"rid":"http-1","=replyTokenSize":2}},
    {"name":"decode","ph":"X","ts":1765000000081000,"dur":10,"pid":1,"args":{"rid":"http-1"}},
    {"name":"process_name","ph":"M","args":{}}, {"ts":1}, 7, {"name":"forward","ph":"X","pid":1} ])",
                                      run);
  CHECK(report.bad_records == 2);
  const Json facts = run_facts(run);
  CHECK(facts["requests"]["count"] == 1);
  CHECK(facts["ttft_seconds"]["mean"].get<double>() == doctest::Approx(0.060));
  CHECK(facts["latency_seconds"]["mean"].get<double>() == doctest::Approx(0.081).epsilon(1e-4));
  CHECK(facts["decode"]["seconds"]["mean"].get<double>() == doctest::Approx(0.02));
}

TEST_CASE("a log says what the engine was started with") {
  Run run;
  const FileReport report = read_text(
      "vllm.log",
      "INFO 06-05 16:00:00 [utils.py:328] non-default args: {'model': '/m/Qwen, 8B', 'max_model_len': 8192, "
      "'enforce_eager': True, 'served_model_name': ['a', 'b'], 'override': {'x': 1}, 'note': 'it\\'s'}\n",
      run);
  CHECK(report.kind == "engine.log");
  CHECK(report.records == 1);
  const Json arguments = run_facts(run)["log"]["arguments"];
  CHECK(arguments == Json({{"model", "/m/Qwen, 8B"},
                           {"max_model_len", "8192"},
                           {"enforce_eager", "True"},
                           {"served_model_name", "['a', 'b']"},
                           {"override", "{'x': 1}"},
                           {"note", "it\\'s"}}));
}

TEST_CASE("the throughput of the model alone counts the time in steps") {
  // By hand: a prefill of 4 requests in 100 ms, then three decode steps of 4 in 20 ms: 12 tokens in 60 ms,
  // and 16 in 160 ms; each of the two DP ranks does that.
  std::string text =
      "name,res_list,during_time(ms),batch_type,prof_id,batch_size,dp_rank,start_time(ms),end_time(ms)\n";
  for (int rank = 0; rank < 2; ++rank) {
    text += fmt::format("modelExec,[],100,Prefill,p{0},4,{0},1765000000000000,1765000000100000\n", rank);
    for (int step = 0; step < 3; ++step) {
      text += fmt::format("modelExec,[],20,Decode,p{0},4,{0},{1},{2}\n", rank,
                          1765000000200000 + step * 50000, 1765000000220000 + step * 50000);
    }
  }
  Run run;
  REQUIRE(read_text("batch.csv", text, run).records == 8);
  const Json model = run_facts(run)["model_throughput"];
  CHECK(model["non_first_tokens_per_second"].get<double>() == doctest::Approx(2 * 12 / 0.060));
  CHECK(model["end_to_end_tokens_per_second"].get<double>() == doctest::Approx(2 * 16 / 0.160));
}

TEST_CASE("the context of decode steps is taken from the tokens that were computed before") {
  std::string text =
      "name,res_list,during_time(ms),batch_type,prof_id,batch_size,prefill_batch_size,decode_batch_size,"
      "start_time(ms),end_time(ms)\n";
  for (int batch = 2; batch <= 40; batch += 2) {
    for (const int context : {100, 1000, 3000}) {
      std::string items;
      for (int i = 0; i < batch; ++i) {
        items += fmt::format(
            "{}{{'rid': 'r{}', 'iter': 5, 'type': 1, 'num_scheduled_tokens': 1, 'num_computed_tokens': {}}}",
            i == 0 ? "" : ", ", i, context - 1);
      }
      // 10 + 0.2 b + 0.0002 k ms
      const double ms = 10 + 0.2 * batch + 0.0002 * batch * context;
      text += fmt::format("modelExec,\"[{}]\",{:.6f},Decode,p,{},0,{},1765000000000000,{:.3f}\n", items, ms,
                          batch, batch, 1765000000000000 + ms * 1000);
    }
  }
  Run run;
  REQUIRE(read_text("batch.csv", text, run).records == 60);
  const Json fit = run_facts(run)["fit"]["decode_context"];
  CHECK(fit["constant_seconds"].get<double>() == doctest::Approx(0.010).epsilon(0.02));
  CHECK(fit["request_seconds"].get<double>() == doctest::Approx(0.0002).epsilon(0.05));
  CHECK(fit["context_token_seconds"].get<double>() == doctest::Approx(2e-7).epsilon(0.02));
  CHECK(fit["max_context_tokens"] == 40 * 3000);
  CHECK(fit["error_ratio"].get<double>() < fit["size_error_ratio"].get<double>());
}
