#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "profile/input.hpp"
#include "profile/metrics.hpp"
#include "profile/run.hpp"
#include "support/temporary_folder.hpp"

using namespace ms;
using namespace ms::profile;

namespace {

const std::string kGood =
    R"({"input_len":256,"output_len":2,"prefill_bsz":4,"decode_bsz":[8],"latency":[100,20],)"
    R"("queue_latency":[1000,10]})";

struct Case {
  std::string what;
  std::string record;
  bool usable;
};

// What the existing tool ends in a traceback or in nonsense for: one such record among two good ones.
const std::vector<Case> kRecords = {
    {"a list for a request", "[1,2]", false},
    {"null for a request", "null", false},
    {"text for a request", "\"x\"", false},
    {"no latency", R"({"prefill_bsz":4,"decode_bsz":[8]})", false},
    {"latency is a number", R"({"latency":5,"prefill_bsz":4,"decode_bsz":[8]})", false},
    {"latency is empty", R"({"latency":[],"prefill_bsz":4,"decode_bsz":[]})", false},
    {"latency is 0", R"({"latency":[0,20],"prefill_bsz":4,"decode_bsz":[8]})", false},
    {"latency is NaN", R"({"latency":[NaN,20],"prefill_bsz":4,"decode_bsz":[8]})", false},
    {"latency is infinite", R"({"latency":[Infinity,20],"prefill_bsz":4,"decode_bsz":[8]})", false},
    {"latency is text", R"({"latency":["a",20],"prefill_bsz":4,"decode_bsz":[8]})", false},
    {"latency is null", R"({"latency":[null,20],"prefill_bsz":4,"decode_bsz":[8]})", false},
    {"latency is negative", R"({"latency":[-5,20],"prefill_bsz":4,"decode_bsz":[8]})", false},
    {"a decode step is negative", R"({"latency":[5,-20],"prefill_bsz":4,"decode_bsz":[8]})", false},
    {"latency is beyond all numbers", R"({"latency":[1e999,20],"prefill_bsz":4,"decode_bsz":[8]})", false},
    {"prefill batch is 0", R"({"latency":[5,20],"prefill_bsz":0,"decode_bsz":[8]})", false},
    {"prefill batch is text", R"({"latency":[5,20],"prefill_bsz":"many","decode_bsz":[8]})", false},
    {"prefill batch is a list", R"({"latency":[5,20],"prefill_bsz":[4],"decode_bsz":[8]})", false},
    {"prefill batch is huge", R"({"latency":[5,20],"prefill_bsz":1e18,"decode_bsz":[8]})", false},
    {"decode batch is 0", R"({"latency":[5,20],"prefill_bsz":4,"decode_bsz":[0]})", false},
    {"decode batch is negative", R"({"latency":[5,20],"prefill_bsz":4,"decode_bsz":[-3]})", false},
    {"decode batch is no list", R"({"latency":[5,20],"prefill_bsz":4,"decode_bsz":8})", false},
    {"decode batch is text", R"({"latency":[5,20],"prefill_bsz":4,"decode_bsz":["8"]})", false},
    {"broken JSON", R"({"latency":[5 20],"prefill_bsz":4})", false},
    {"nested without end", R"({"latency":)" + std::string(100, '[') + std::string(100, ']') + "}", false},
    {"no batches", R"({"latency":[5,20]})", true},
    {"no decode batches", R"({"latency":[5,20],"prefill_bsz":4})", true},
    {"fewer batches than tokens", R"({"latency":[5,20,20],"prefill_bsz":4,"decode_bsz":[8]})", true},
    {"no lengths", R"({"latency":[5,20],"prefill_bsz":4,"decode_bsz":[8]})", true},
    {"a decode step of no time", R"({"latency":[5,0],"prefill_bsz":4,"decode_bsz":[8]})", true},
    {"req_latency of another clock", R"({"latency":[5,20],"req_latency":2348332643508911})", true},
};

}  // namespace

TEST_CASE("a malformed request costs itself, and is counted with its place") {
  for (const Case& malformed : kRecords) {
    INFO(malformed.what);
    Run run;
    const FileReport report =
        read_text("results_per_request_1.json",
                  fmt::format("{{\"0\":{},\n\"1\":{},\n\"2\":{}}}", kGood, malformed.record, kGood), run);
    CHECK(report.kind == "mindie.requests");
    CHECK(report.records == (malformed.usable ? 3 : 2));
    CHECK(report.bad_records == (malformed.usable ? 0 : 1));
    CHECK(run.client_requests.size() == report.records);
    if (!malformed.usable) CHECK(report.first_bad.at(0).place == "results_per_request_1.json:2");
  }
}

TEST_CASE("a file of requests that is cut off anywhere keeps the requests before") {
  const std::string text = fmt::format("{{\"0\":{},\"1\":{}}}", kGood, kGood);
  for (std::size_t size = 0; size < text.size(); ++size) {
    CAPTURE(size);
    Run run;
    const FileReport report = read_text("results_per_request_1.json", text.substr(0, size), run);
    if (size == 0) continue;  // an empty file is of no kind
    CHECK(report.records == (size > kGood.size() + 4 ? 1 : 0) + (size >= text.size() - 1 ? 1 : 0));
    CHECK(report.bad_records + report.notes.size() >= 1);
  }
}

TEST_CASE("tables of the benchmark with cells that are no numbers") {
  const std::string header = "FirstTokenTime,InputTokens,GeneratedTokens\n";
  for (const char* cell : {"256 token", "nan", "inf", "/", "", "abc", "\xff\xfe", "1e999"}) {
    INFO(cell);
    Run run;
    std::string text = header;
    for (int i = 0; i < 8; ++i) text += fmt::format("5 ms,{},7\n", cell);
    const FileReport report = read_text("result_perf_1.csv", text, run);
    CHECK(report.records == 8);
    CHECK(run.benchmarks.at(0).spreads.at("output_tokens").at("mean") == 7);
  }
  for (const std::string& text :
       {header, std::string("\xef\xbb\xbf") + header + "5 ms,1,2\n", header + "5 ms\n\n5 ms,1,2,3,4\n"}) {
    Run run;
    const FileReport report = read_text("result_perf_1.csv", text, run);
    CHECK(report.kind == "mindie.perf");
    CHECK(run_facts(run).is_object());
  }
}

TEST_CASE("bad rows of batch.csv are counted, and the others are read") {
  const std::string header =
      "name,res_list,during_time(ms),batch_type,prof_id,batch_size,start_time(ms),end_time(ms)\n";
  const std::string good =
      "BatchSchedule,\"[{'rid': 'a', 'iter': 0}]\",1.5,Prefill,p,1,1765000000001000,1765000000002500\n";
  const std::vector<Case> rows = {
      {"negative", "BatchSchedule,[],-1,Prefill,p,1,1,2\n", false},
      {"no number", "BatchSchedule,[],x,Prefill,p,1,1,2\n", false},
      {"no size and no list", "BatchSchedule,None,1,Prefill,p,,1,2\n", false},
      {"too many cells", "BatchSchedule,[],1,Prefill,p,1,1,2,3\n", false},
      {"an open quote", "BatchSchedule,\"[{'rid',1,Prefill\n", false},
      {"a formula", "=cmd|x!A1,[],1,Prefill,p,1,1,2\n", true},
      {"no times", "BatchSchedule,[],1,Prefill,p,1,,\n", true},
      {"huge times", "BatchSchedule,[],1,Prefill,p,1,1e300,1e300\n", true},
      {"a list that is none", "BatchSchedule,{{{,1,Prefill,p,1,1,2\n", true},
  };
  for (const Case& row : rows) {
    INFO(row.what);
    Run run;
    const FileReport report = read_text("batch.csv", header + good + row.record + good, run);
    CHECK(report.records == (row.usable ? 3 : 2));
    CHECK(report.bad_records == (row.usable ? 0 : 1));
  }
}

TEST_CASE("any of the four files of an instance may be missing") {
  const std::vector<std::pair<std::string, std::string>> files = {
      {"req_to_data_map.json", R"({"a":"0"})"},
      {"result_perf_1.csv",
       "FirstTokenTime,InputTokens,GeneratedTokens\n5 ms,1,2\n5 ms,1,2\n5 ms,1,2\n5 ms,1,2\n"
       "5 ms,1,2\n5 ms,1,2\n5 ms,1,2\n1,1,1\n"},
      {"result_common_1.csv", "TimeElapsed,Concurrency,GenerateSpeed\n4 s,10,64 token/s\n"},
      {"results_per_request_1.json", fmt::format("{{\"0\":{}}}", kGood)},
  };
  for (unsigned present = 0; present < 16; ++present) {
    CAPTURE(present);
    const TemporaryFolder folder;
    std::size_t count = 0;
    for (std::size_t i = 0; i < files.size(); ++i) {
      if ((present >> i & 1U) == 0) continue;
      folder.write(files[i].first, files[i].second);
      ++count;
    }
    Run run;
    const FolderReading reading = read_profiles(folder.path(), run);
    CHECK(reading.files.size() == count);
    for (const FileReport& file : reading.files) CHECK(file.bad_records == 0);
    const Json facts = run_facts(run);
    CHECK(facts.contains("ttft_seconds") == ((present & 0b1010) != 0));
    CHECK(facts.contains(Json::json_pointer("/throughput/output_tokens_per_second")) ==
          ((present & 0b0100) != 0));
    CHECK(facts.contains("decode") == ((present & 0b1000) != 0));
  }
}

TEST_CASE("a file that is nothing of what its name says is of no kind, or is reported") {
  for (const char* name :
       {"results_per_request_1.json", "result_perf_1.csv", "result_common_1.csv", "req_to_data_map.json"}) {
    for (const std::string& text :
         {std::string(), std::string("\x00\xff\xfe\x01", 4), std::string("[]"), std::string("{}"),
          std::string("[1,2,3]"), std::string("null"), std::string(100000, '['), std::string(100000, '{'),
          std::string("\xef\xbb\xbf"), std::string("a,b\n1,2\n"), std::string(5000, 'x')}) {
      INFO(name, ": ", text.substr(0, 10));
      Run run;
      const FileReport report = read_text(name, text, run);
      CHECK(report.records == 0);
      CHECK(run.client_requests.empty());
      // Empty JSON of the right kind holds nothing that could be wrong.
      const bool nothing = report.kind.empty() || text == "{}";
      CHECK((nothing || report.bad_records + report.notes.size() > 0));
    }
  }
}
