#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/file.hpp"
#include "facts/catalogue.hpp"
#include "rule/diagnosis.hpp"
#include "rule/library.hpp"

namespace ms {
namespace {

const AdviceLibrary& library() {
  static const AdviceLibrary kLibrary = load_advice_library(computed_facts());
  return kLibrary;
}

FactDocument document_of(const Json& facts) {
  FactDocument document;
  for (const char* tree : {"model", "chip", "service", "workload", "plan"})
    document.set(tree, facts.contains(tree) ? facts[tree] : Json::object(), "test");
  for (const char* tree : {"run", "device"}) {
    if (facts.contains(tree)) document.set(tree, facts[tree], "test");
  }
  return document;
}

std::vector<Diagnosis> diagnoses_of(const char* facts) {
  return diagnose(library().diagnoses, document_of(Json::parse(facts)), Json::object(), "vllm");
}

const Diagnosis* find(const std::vector<Diagnosis>& diagnoses, std::string_view id) {
  for (const Diagnosis& diagnosis : diagnoses) {
    if (diagnosis.id == id) return &diagnosis;
  }
  return nullptr;
}

struct Example {
  const char* id;
  const char* title;  // what it says of the first facts
  const char* ill;
  const char* well;
};

#define STEPS \
  R"("compute_share": 0.6, "exposed_communication_share": 0.2, "overlap_ratio": 0.5, "free_share": 0.05)"

// The numbers are those of the articles where an article has them, otherwise just beyond and within the
// threshold.
const Example kExamples[] = {
    {"RUN-PREFILL-TOKENS-CAP", "prefill batch capped at 32 by maxPrefillTokens",
     R"({"service": {"max_prefill_tokens": 8192, "max_prefill_batch_size": 50},
         "run": {"input_tokens": {"mean": 256}, "prefill": {"largest_batch": 32}}})",
     R"({"service": {"max_prefill_tokens": 12800, "max_prefill_batch_size": 50},
         "run": {"input_tokens": {"mean": 256}, "prefill": {"largest_batch": 50}}})"},
    {"RUN-PREFILL-BATCH-CAP", "prefill batch capped at 20 by maxPrefillBatchSize",
     R"({"service": {"max_batch_size": 200, "max_prefill_batch_size": 20}, "run": {"prefill": {"largest_batch": 20}}})",
     R"({"service": {"max_batch_size": 200, "max_prefill_batch_size": 20}, "run": {"prefill": {"largest_batch": 12}}})"},
    {"RUN-DECODE-BATCH-CAP", "decode batch capped at 100 by maxBatchSize",
     R"({"service": {"max_batch_size": 100}, "run": {"decode": {"largest_batch": 100},
         "concurrency": {"limit": 250}, "queue": {"waiting": {"mean": 90}}, "kv": {"used_ratio": {"p90": 0.4, "max": 0.5}}}})",
     R"({"service": {"max_batch_size": 100}, "run": {"decode": {"largest_batch": 100},
         "concurrency": {"limit": 250}, "queue": {"waiting": {"mean": 90}}, "kv": {"used_ratio": {"p90": 0.97, "max": 0.98}}}})"},
    {"RUN-CACHE-EXHAUSTED", "KV cache exhausted: 12 preemptions",
     R"({"run": {"requests": {"count": 500}, "kv": {"used_ratio": {"max": 0.999, "p90": 0.99}, "preemptions": 12}}})",
     R"({"run": {"requests": {"count": 500}, "kv": {"used_ratio": {"max": 0.9, "p90": 0.8}, "preemptions": 0}}})"},
    {"RUN-CLIENT-TOO-SMALL", "client too small: concurrency 100 with maxBatchSize 438",
     R"({"service": {"max_batch_size": 438}, "run": {"requests": {"count": 500}, "concurrency": {"limit": 100}}})",
     R"({"service": {"max_batch_size": 438}, "run": {"requests": {"count": 500}, "concurrency": {"limit": 450}}})"},
    {"RUN-BATCH-ABOVE-REQUESTS", "maxBatchSize 600 is above the 500 requests of the run",
     R"({"service": {"max_batch_size": 600}, "run": {"requests": {"count": 500}}})",
     R"({"service": {"max_batch_size": 438}, "run": {"requests": {"count": 500}}})"},
    {"RUN-BEST-BATCH", "the best decode batch is 87, not 200",
     R"({"service": {"max_batch_size": 200}, "run": {
         "best": {"batch": 87, "optimum": 86.6, "covered": true, "limit": "throughput", "tpot_seconds": 0.0388,
                  "output_tokens_per_second": 2240, "gain_ratio": 0.2},
         "fit": {"decode": {"constant_seconds": 0.015, "linear_seconds": 0.0001, "square_seconds": 0.000002,
                 "error_ratio": 0.01, "min": 1, "max": 200, "sizes": 200, "steps": 9000}}}})",
     R"({"service": {"max_batch_size": 88}, "run": {
         "best": {"batch": 87, "optimum": 86.6, "covered": true, "limit": "throughput", "tpot_seconds": 0.0388,
                  "output_tokens_per_second": 2240, "gain_ratio": 0.0},
         "fit": {"decode": {"constant_seconds": 0.015, "linear_seconds": 0.0001, "square_seconds": 0.000002,
                 "error_ratio": 0.01, "min": 1, "max": 200, "sizes": 200, "steps": 9000}}}})"},
    {"RUN-BATCH-NOT-EXPLORED", "throughput still rises at the largest batch that was measured, 40",
     R"({"service": {"max_batch_size": 40}, "run": {
         "best": {"batch": 40, "optimum": 86.6, "covered": false, "limit": "throughput"},
         "fit": {"decode": {"constant_seconds": 0.015, "linear_seconds": 0.0001, "square_seconds": 0.000002,
                 "error_ratio": 0.01, "min": 1, "max": 40, "sizes": 40, "steps": 900}}}})",
     R"({"service": {"max_batch_size": 400}, "run": {
         "best": {"batch": 40, "optimum": 86.6, "covered": false, "limit": "throughput"},
         "fit": {"decode": {"constant_seconds": 0.015, "linear_seconds": 0.0001, "square_seconds": 0.000002,
                 "error_ratio": 0.01, "min": 1, "max": 40, "sizes": 40, "steps": 900}}}})"},
    {"RUN-LONG-FIRST-TOKEN", "a tenth of the requests wait more than 6.5 s for their first token",
     R"({"run": {"ttft_seconds": {"p90": 6.5, "mean": 4.0}, "queue_seconds": {"mean": 3.5}}})",
     R"({"run": {"ttft_seconds": {"p90": 4.9, "mean": 4.0}, "queue_seconds": {"mean": 3.5}}})"},
    {"RUN-DISPATCH-BOUND", "dispatch-bound: the card is free 16.0 % of the time",
     R"({"device": {"free_share": 0.16, "compute_share": 0.8, "exposed_communication_share": 0.04, "settings": {}}})",
     R"({"device": {"free_share": 0.09, "compute_share": 0.87, "exposed_communication_share": 0.04, "settings": {}}})"},
    {"RUN-STANDSTILL",
     "the host stands still for up to 0.31 s: the card is free and next to nothing is called",
     R"({"device": {"garbage_collection": {"count": 0, "total_seconds": 0.0, "longest_seconds": 0.0},
          "standstills": [{"rank": 0, "seconds": 0.31, "calls": 2, "calls_per_second": 6.7, "call_share": 0.001}]}})",
     R"({"device": {"garbage_collection": {"count": 0, "total_seconds": 0.0, "longest_seconds": 0.0},
          "standstills": [{"rank": 0, "seconds": 0.31, "calls": 2, "calls_per_second": 6.7, "call_share": 0.9},
                          {"rank": 0, "seconds": 0.30, "calls": 900, "calls_per_second": 3000.0, "call_share": 0.001},
                          {"rank": 0, "seconds": 0.19, "calls": 0, "calls_per_second": 0.0, "call_share": 0.0}]}})"},
    {"RUN-GARBAGE-COLLECTION", "Python's garbage collector stops the host for up to 12.0 ms",
     R"({"device": {"garbage_collection": {"count": 3, "total_seconds": 0.02, "longest_seconds": 0.012}}})",
     R"({"device": {"garbage_collection": {"count": 3, "total_seconds": 0.002, "longest_seconds": 0.0009}}})"},
    {"RUN-SYNCHRONOUS-STREAM", "the host waits for the card 800 times for 1000 kernels",
     R"({"device": {"kernels": {"count": 1000}, "functions": [{"name": "aclrtSynchronizeStreamWithTimeout", "count": 800, "share": 0.4}]}})",
     R"({"device": {"kernels": {"count": 1000}, "functions": [{"name": "aclrtSynchronizeStreamWithTimeout", "count": 8, "share": 0.1}]}})"},
    {"RUN-DEBUG-SWITCHES", "debug switches left on: ASCEND_LAUNCH_BLOCKING, ASCEND_GLOBAL_LOG_LEVEL",
     R"({"device": {"settings": {"ASCEND_LAUNCH_BLOCKING": "1", "HCCL_DIAGNOSE_ENABLE": "0", "ASCEND_GLOBAL_LOG_LEVEL": "1"}}})",
     R"({"device": {"settings": {"ASCEND_LAUNCH_BLOCKING": "0", "ASCEND_GLOBAL_LOG_LEVEL": "3"}}})"},
    {"RUN-OPERATOR-COMPILATION", "operators are compiled while serving: 20 times",
     R"({"device": {"functions": [{"name": "aclopCompileAndExecute", "count": 20, "share": 0.3}]}})",
     R"({"device": {"functions": [{"name": "aclopCompileAndExecute", "count": 19, "share": 0.3}]}})"},
    {"RUN-COPY-BOUND", "copy-bound: 28 copies to the device take 53.6 % of the time",
     R"({"device": {"host_to_device": {"count": 28, "share": 0.536, "total_seconds": 0.00074, "bytes": 280000}}})",
     R"({"device": {"host_to_device": {"count": 28, "share": 0.03, "total_seconds": 0.00074, "bytes": 280000}}})"},
    {"RUN-TINY-KERNELS", "tiny kernels and bubbles: 539998 gaps, 10 % use",
     R"({"device": {"kernels": {"count": 540000, "short_share": 0.9}, "gaps": {"count": 539998, "share": 0.898, "mean_seconds": 0.00003}}})",
     R"({"device": {"kernels": {"count": 540000, "short_share": 0.9}, "gaps": {"count": 539998, "share": 0.2, "mean_seconds": 0.000001}}})"},
    {"RUN-AICPU", "3 operators run slowly on the AI CPU",
     R"({"device": {"aicpu": {"count": 4, "slow_count": 3, "total_seconds": 0.0002, "share": 0.01}}})",
     R"({"device": {"aicpu": {"count": 4, "slow_count": 0, "total_seconds": 0.00002, "share": 0.01}}})"},
    {"RUN-SATURATED-UNITS", "kernels that saturate a unit take 70 % of the computing time",
     R"({"device": {"kernels": {"bound_share": 0.7, "units": [{"unit": "mac", "ratio": 0.85, "seconds": 1}]}}})",
     R"({"device": {"kernels": {"bound_share": 0.2, "units": [{"unit": "mac", "ratio": 0.3, "seconds": 1}]}}})"},
    {"RUN-FEW-CORES", "kernels leave cores idle for 35 % of the computing time",
     R"({"device": {"kernels": {"core_use": [{"core": "cube", "cores": 24, "few_count": 900, "few_share": 0.3, "uneven_count": 20, "uneven_share": 0.05}]}}})",
     R"({"device": {"kernels": {"core_use": [{"core": "cube", "cores": 24, "few_count": 900, "few_share": 0.1, "uneven_count": 20, "uneven_share": 0.05}]}}})"},
    {"RUN-UNALIGNED-SHAPES",
     "matrix products with rows that are no multiple of 512 bytes take 40 % of the computing time",
     R"({"device": {"kernels": {"alignment": {"matrix_products": 80, "share": 0.7, "unaligned_share": 0.4,
         "inputs": [{"input": "4096x1000 DT_BF16", "count": 40, "total_seconds": 0.02}]}}}})",
     R"({"device": {"kernels": {"alignment": {"matrix_products": 80, "share": 0.7, "unaligned_share": 0.1,
         "inputs": [{"input": "4096x1000 DT_BF16", "count": 40, "total_seconds": 0.02}]}}}})"},
    {"RUN-FUSIBLE-CHAINS", "a chain of small kernels could be fused: 4.0 % of the time",
     R"({"device": {"kernels": {"chains": [{"types": "Cast, Mul, Add", "length": 3, "count": 200, "total_seconds": 0.001, "span_seconds": 0.002, "share": 0.04, "idle_share": 0.5, "read_share": 0.2}]}}})",
     R"({"device": {"kernels": {"chains": [{"types": "Cast, Mul, Add", "length": 3, "count": 4, "total_seconds": 0.001, "span_seconds": 0.002, "share": 0.04, "idle_share": 0.5, "read_share": 0.2},
         {"types": "Cast, Mul", "length": 2, "count": 200, "total_seconds": 0.001, "span_seconds": 0.0012, "share": 0.04, "idle_share": 0.2, "read_share": 0.2}]}}})"},
    {"RUN-UNALIGNED-TRANSFERS", "30 % of the transfers over SDMA are no multiple of 512 bytes",
     R"({"device": {"sdma_transfers": {"count": 1000, "unaligned_count": 300, "unaligned_share": 0.3}}})",
     R"({"device": {"sdma_transfers": {"count": 50, "unaligned_count": 30, "unaligned_share": 0.6}}})"},
    {"RUN-MEMORY-CHURN", "device memory is allocated and freed for 25.0 ms",
     R"({"device": {"settings": {}, "memory_functions": {"count": 90, "total_seconds": 0.025, "share": 0.05}}})",
     R"({"device": {"settings": {}, "memory_functions": {"count": 90, "total_seconds": 0.009, "share": 0.05}}})"},
    {"RUN-LOW-FREQUENCY", "AI cores slow down from 1800 to 1500 MHz",
     R"({"device": {"min_frequency_mhz": 1500, "max_frequency_mhz": 1800}})",
     R"({"device": {"min_frequency_mhz": 800, "max_frequency_mhz": 1800}})"},
    {"RUN-COMMUNICATION-BOUND", "communication-bound: 20.0 % of the time is communication that nothing hides",
     "{\"device\": {" STEPS "}}",
     R"({"device": {"compute_share": 0.9, "exposed_communication_share": 0.05, "overlap_ratio": 0.5, "free_share": 0.05}})"},
    {"RUN-SLOW-CARD", "rank 3 is slow: the others wait for it",
     "{\"device\": {" STEPS
     R"(, "ranks": 8, "balance": {"compute_spread": 0.1, "communication_spread": 0.3, "free_spread": 0.02, "slow_rank": 3, "longest_compute_rank": 3}}})",
     "{\"device\": {" STEPS
     R"(, "ranks": 8, "balance": {"compute_spread": 0.01, "communication_spread": 0.03, "free_spread": 0.02, "slow_rank": 3, "longest_compute_rank": 3}}})"},
    {"RUN-COLLECTIVE-WAITS", "collectives wait 24 % of their time for rank 3",
     "{\"device\": {" STEPS
     R"(, "collective_waits": {"compared": 1000, "uneven": 900, "elapsed_seconds": 2.0, "wait_seconds": 0.48, "wait_share": 0.24,
          "last": [{"rank": 3, "count": 800, "total_seconds": 0.4, "mean_seconds": 0.0005, "share": 0.83}],
          "kinds": [{"kind": "allReduce", "count": 900, "total_seconds": 0.48, "mean_seconds": 0.0005, "share": 1.0}]}}})",
     "{\"device\": {" STEPS
     R"(, "collective_waits": {"compared": 1000, "uneven": 9, "elapsed_seconds": 2.0, "wait_seconds": 0.08, "wait_share": 0.04,
          "last": [{"rank": 3, "count": 9, "total_seconds": 0.08, "mean_seconds": 0.0089, "share": 1.0}],
          "kinds": [{"kind": "allReduce", "count": 9, "total_seconds": 0.08, "mean_seconds": 0.0089, "share": 1.0}]}}})"},
    {"RUN-SLOW-LINK", "slow link from 0 to 5 (HCCS)",
     "{\"device\": {" STEPS
     R"(, "slow_link": {"source": "0", "destination": "5", "transport": "HCCS", "bytes_per_second": 9e9, "spread": 0.5}}})",
     "{\"device\": {" STEPS
     R"(, "slow_link": {"source": "0", "destination": "5", "transport": "HCCS", "bytes_per_second": 9e9, "spread": 0.02}}})"},
    {"RUN-SMALL-PACKETS", "small packets over SDMA",
     "{\"device\": {" STEPS
     R"(, "links": [{"kind": "SDMA", "packets": 100, "small_packet_share": 0.9, "bytes": 1e8, "seconds": 0.01, "bytes_per_second": 1e10, "longest_seconds": 0.001}]}})",
     "{\"device\": {" STEPS
     R"(, "links": [{"kind": "SDMA", "packets": 100, "small_packet_share": 0.1, "bytes": 1e8, "seconds": 0.01, "bytes_per_second": 1e10, "longest_seconds": 0.001}]}})"},
    {"RUN-RETRANSMISSION", "RDMA sends again: an operation took 4.2 s",
     R"({"device": {"links": [{"kind": "RDMA", "longest_seconds": 4.2}]}})",
     R"({"device": {"links": [{"kind": "RDMA", "longest_seconds": 0.2}, {"kind": "SDMA", "longest_seconds": 5}]}})"},
    {"RUN-SDMA-BANDWIDTH", "SDMA reaches 9.0 of 18 GB/s",
     "{\"device\": {" STEPS
     R"(, "links": [{"kind": "SDMA", "packets": 10, "small_packet_share": 0.0, "bytes": 9e7, "seconds": 0.01, "bytes_per_second": 9e9, "longest_seconds": 0.001}]}})",
     "{\"device\": {" STEPS
     R"(, "links": [{"kind": "SDMA", "packets": 10, "small_packet_share": 0.0, "bytes": 1.7e8, "seconds": 0.01, "bytes_per_second": 1.7e10, "longest_seconds": 0.001}]}})"},
    {"RUN-DP-SKEW", "data-parallel ranks are loaded unevenly",
     R"({"run": {"dp_ranks": [{"rank": 0, "mean_batch_size": 40.0}, {"rank": 1, "mean_batch_size": 20.0}]}})",
     R"({"run": {"dp_ranks": [{"rank": 0, "mean_batch_size": 40.0}, {"rank": 1, "mean_batch_size": 39.0}]}})"},
    {"RUN-PD-SKEW", "decode nodes get requests unevenly",
     R"({"run": {"nodes": [{"role": "prefill", "node": "a", "added": 100.0}, {"role": "decode", "node": "b", "added": 80.0}, {"role": "decode", "node": "c", "added": 20.0}]}})",
     R"({"run": {"nodes": [{"role": "prefill", "node": "a", "added": 100.0}, {"role": "decode", "node": "b", "added": 51.0}, {"role": "decode", "node": "c", "added": 49.0}]}})"},
    {"RUN-EXPERT-SKEW", "experts load ranks unevenly: the busiest has 1.80 times the mean",
     R"({"run": {"expert_ranks": [{"phase": "decode", "ranks": 16, "balance_ratio": {"mean": 1.8, "max": 2.5}}]}})",
     R"({"run": {"expert_ranks": [{"phase": "decode", "ranks": 16, "balance_ratio": {"mean": 1.1, "max": 1.3}}]}})"},
};

TEST_CASE("every diagnosis is made where its symptom is there, and not where it is not") {
  for (const Example& example : kExamples) {
    CAPTURE(example.id);
    const auto found = diagnoses_of(example.ill);
    const Diagnosis* diagnosis = find(found, example.id);
    REQUIRE(diagnosis != nullptr);
    CHECK(diagnosis->title.en == example.title);
    // What a text asks for is there: a hole without a value is shown as "?".
    for (const Text* text : {&diagnosis->title, &diagnosis->cause, &diagnosis->action, &diagnosis->effect,
                             &diagnosis->measure}) {
      CHECK(text->en.find('?') == std::string::npos);
      CHECK(text->zh.find('?') == std::string::npos);
    }
    for (const Text& line : diagnosis->evidence) {
      CAPTURE(line.en);
      CHECK(line.en.find('?') == std::string::npos);
      CHECK(line.zh.find('?') == std::string::npos);
    }
    CHECK(find(diagnoses_of(example.well), example.id) == nullptr);
  }
}

TEST_CASE("a card is slow where its communication is an outlier, though the spread is small") {
  const auto found =
      diagnoses_of("{\"device\": {" STEPS
                   R"(, "ranks": 8, "balance": {"compute_spread": 0.01, "communication_spread": 0.03,
      "free_spread": 0.02, "slow_rank": 3, "longest_compute_rank": 3, "outlier_test": "dixon"}}})");
  const Diagnosis* diagnosis = find(found, "RUN-SLOW-CARD");
  REQUIRE(diagnosis != nullptr);
  CHECK(diagnosis->evidence.at(0).en.ends_with(
      "shortest communication on rank 3, which is no chance among 8 ranks (Dixon test at 99.5 %)"));
}

TEST_CASE(
    "one rank is blamed for the waiting where it comes last again and again, with or without step times") {
  const auto waits = [](const char* share, int count) {
    return fmt::format(
        R"("collective_waits": {{"compared": 10, "uneven": 9, "elapsed_seconds": 2.0, "wait_seconds": 0.4,
           "wait_share": 0.2, "last": [{{"rank": 3, "count": {}, "total_seconds": 0.1, "mean_seconds": 0.0125, "share": {}}}],
           "kinds": [{{"kind": "allGather", "count": 9, "total_seconds": 0.4, "mean_seconds": 0.05, "share": 1.0}}]}})",
        count, share);
  };
  const struct {
    std::string facts;
    const char* title;
    double gain;
  } cases[] = {
      {std::string(STEPS) + ", " + waits("0.9", 8), "collectives wait 20 % of their time for rank 3",
       0.2 * 0.2},
      {R"("exposed_communication_share": {"$absent": {"reason": "none", "source": "x"}}, )" + waits("0.9", 8),
       "collectives wait 20 % of their time for rank 3", 0},
      {std::string(STEPS) + ", " + waits("0.25", 8),
       "collectives wait 20 % of their time for one rank or another", 0.2 * 0.2},
      {std::string(STEPS) + ", " + waits("0.9", 1),
       "collectives wait 20 % of their time for one rank or another", 0.2 * 0.2}};
  for (const auto& c : cases) {
    CAPTURE(c.facts);
    const auto found = diagnoses_of(("{\"device\": {" + c.facts + "}}").c_str());
    const Diagnosis* diagnosis = find(found, "RUN-COLLECTIVE-WAITS");
    REQUIRE(diagnosis != nullptr);
    CHECK(diagnosis->title.en == c.title);
    CHECK(diagnosis->gain == doctest::Approx(c.gain));
  }
}

TEST_CASE("a standstill is left alone where collections are recorded, and all that are told are counted") {
  const char* const kStill =
      R"("standstills": [{"rank": 0, "seconds": 0.31, "calls": 2, "calls_per_second": 6.7, "call_share": 0.001},
                         {"rank": 0, "seconds": 0.25, "calls": 0, "calls_per_second": 0.0, "call_share": 0.0}])";
  const auto found_with = [&](int collections) {
    return diagnoses_of(
        fmt::format(R"({{"device": {{"garbage_collection": {{"count": {}, "total_seconds": 0.0,
                                        "longest_seconds": 0.0}}, {}}}}})",
                    collections, kStill)
            .c_str());
  };
  const auto unrecorded = found_with(0);
  const Diagnosis* diagnosis = find(unrecorded, "RUN-STANDSTILL");
  REQUIRE(diagnosis != nullptr);
  CHECK(diagnosis->evidence.at(0).en.starts_with(
      "2 standstills of more than 0.2 s; in the longest the host calls"));
  CHECK(find(found_with(3), "RUN-STANDSTILL") == nullptr);
}

TEST_CASE("docs/profiles.md names every diagnosis") {
  const auto text = read_file(MS_SOURCE_DIR "/docs/profiles.md");
  REQUIRE(text);
  for (const DiagnosisPack& pack : library().diagnoses) {
    for (const DiagnosisRule& rule : pack.rules) {
      CAPTURE(rule.id);
      CHECK(text->find("`" + rule.id + "`") != std::string::npos);
    }
  }
}

TEST_CASE("every diagnosis has an example") {
  for (const DiagnosisPack& pack : library().diagnoses) {
    for (const DiagnosisRule& rule : pack.rules) {
      CAPTURE(rule.id);
      bool there = false;
      for (const Example& example : kExamples) there = there || example.id == rule.id;
      CHECK(there);
    }
  }
}

TEST_CASE("settings are what the articles set") {
  const auto prefill = diagnoses_of(kExamples[0].ill);
  REQUIRE(find(prefill, "RUN-PREFILL-TOKENS-CAP")->settings.size() == 2);
  // 50 prompts x 256 tokens.
  CHECK(find(prefill, "RUN-PREFILL-TOKENS-CAP")->settings[0].target == "maxPrefillTokens");
  CHECK(find(prefill, "RUN-PREFILL-TOKENS-CAP")->settings[0].value == 12'800);
  CHECK(find(prefill, "RUN-PREFILL-TOKENS-CAP")->settings[0].current == 8192);
  CHECK(find(prefill, "RUN-PREFILL-TOKENS-CAP")->settings[1].changes_nothing());  // maxPrefillBatchSize
  const auto dispatch = diagnoses_of(R"({"device": {"free_share": 0.16, "compute_share": 0.8,
      "exposed_communication_share": 0.04, "settings": {"TASK_QUEUE_ENABLE": "1"}}})");
  REQUIRE(dispatch.size() == 1);
  REQUIRE(dispatch[0].settings.size() == 3);
  CHECK(dispatch[0].settings[0].target == "TASK_QUEUE_ENABLE");
  CHECK(dispatch[0].settings[0].value == "2");
  CHECK(dispatch[0].settings[0].current == "1");
  CHECK(dispatch[0].priority() == "high");
}

TEST_CASE("without a config the defaults of MindIE are taken for runs of its benchmark alone") {
  const char* facts = R"({"run": {"benchmarks": [{"tool": "%s"}], "input_tokens": {"mean": 256},
                                  "prefill": {"largest_batch": 32}}})";
  const auto with = [&](const char* tool) {
    std::string text = facts;
    text.replace(text.find("%s"), 2, tool);
    return diagnoses_of(text.c_str());
  };
  const auto mindie = with("mindie");
  REQUIRE(find(mindie, "RUN-PREFILL-TOKENS-CAP") != nullptr);
  CHECK(find(mindie, "RUN-PREFILL-TOKENS-CAP")->evidence[0].en.find("default") != std::string::npos);
  CHECK(with("vllm").empty());
}

TEST_CASE("settings of vLLM go by their own names") {
  const FactDocument facts = document_of(Json::parse(
      R"({"service": {"engine": "vllm-ascend", "max_num_batched_tokens": 2048, "max_num_seqs": 32},
          "run": {"input_tokens": {"mean": 256}, "prefill": {"largest_batch": 8}, "concurrency": {"limit": 8}}})"));
  const auto found = diagnose(library().diagnoses, facts, Json::object(), "mindie");
  const Diagnosis* prefill = find(found, "RUN-PREFILL-TOKENS-CAP");
  REQUIRE(prefill != nullptr);
  CHECK(prefill->title.en == "prefill batch capped at 8 by max_num_batched_tokens");
  REQUIRE(prefill->settings.size() == 1);
  CHECK(prefill->settings[0].target == "max_num_batched_tokens");
  CHECK(prefill->settings[0].value == 4096);  // half of 32 sequences x 256 tokens
  REQUIRE(find(found, "RUN-CLIENT-TOO-SMALL") != nullptr);
  CHECK(find(found, "RUN-CLIENT-TOO-SMALL")->title.en ==
        "client too small: concurrency 8 with max_num_seqs 32");
}

TEST_CASE("what is wrong in a file of diagnoses is said with its place") {
  const std::string sound = R"(
[constants]
limit = 1
[[diagnosis]]
id = "A"
let.free = 'device.free_share'
when = 'free > constants.limit'
gain = 'free'
title = { en = "a", zh = "a" }
cause = { en = "a", zh = "a" }
action = { en = "a", zh = "a" }
effect = { en = "a", zh = "a" }
measure = { en = "a", zh = "a" }
source = ["somebody"]
[[diagnosis.evidence]]
en = "{{free}}"
zh = "{{free}}"
[[diagnosis.setting]]
target = "x"
apply = "env"
value = '"1"'
)";
  const auto load = [](const std::string& toml) {
    const TomlTable root = parse_toml(toml, "own.toml");
    DiagnosisPack pack = load_diagnoses(root, library().environment);
    root.finish();
    return pack.rules.size();
  };
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = sound;
    text.replace(text.find(from), from.size(), to);
    try {
      load(text);
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string("nothing is wrong");
  };
  CHECK(load(sound) == 1);
  CHECK(with("limit = 1", "limit = 'one'").find("own.toml:3") != std::string::npos);
  CHECK(with("constants.limit", "constants.limits").find("limit") != std::string::npos);
  CHECK(with("apply = \"env\"", "apply = \"enw\"").find("did you mean 'env'") != std::string::npos);
  CHECK(with("source = [\"somebody\"]", "source = []").find("has no 'source'") != std::string::npos);
  CHECK(with("gain =", "gian =").find("gain") != std::string::npos);
  CHECK(
      with("[[diagnosis.evidence]]\nen = \"{{free}}\"\nzh = \"{{free}}\"\n", "").find("has no 'evidence'") !=
      std::string::npos);
  CHECK(with("device.free_share", "device.fre_share").find("free_share") != std::string::npos);
}

TEST_CASE("a run of which nothing is known has no symptom") {
  CHECK(diagnoses_of("{}").empty());
  CHECK(diagnoses_of(R"({"run": {}, "device": {}})").empty());
  CHECK(diagnoses_of(R"({"run": {"kv": {"total_blocks": 100}}, "device": {"ranks": 1}})").empty());
}

TEST_CASE("the greatest gain comes first") {
  const auto found = diagnoses_of(R"({"service": {"max_batch_size": 600}, "run": {"requests": {"count": 500},
      "concurrency": {"limit": 500}}, "device": {"free_share": 0.16, "compute_share": 0.8,
      "exposed_communication_share": 0.04, "settings": {},
      "host_to_device": {"count": 28, "share": 0.536, "total_seconds": 0.00074, "bytes": 280000}}})");
  REQUIRE(found.size() == 3);
  CHECK(found[0].id == "RUN-COPY-BOUND");
  CHECK(found[1].id == "RUN-DISPATCH-BOUND");
  CHECK(found[2].id == "RUN-BATCH-ABOVE-REQUESTS");
}

}  // namespace
}  // namespace ms
