#include <doctest/doctest.h>
#include <fmt/format.h>

#include "device_reading.hpp"

using namespace ms::profile;
using namespace ms::test;
using ms::Json;

TEST_CASE("collectives give times, bandwidth and small packets of each kind of link") {
  const std::string text = R"x({"step1": {"p2p": {}, "collective": {
    "hcom_allReduce__1_0_1@77": {"Communication Time Info": {"Elapse Time(ms)": 10, "Transit Time(ms)": 2,
      "Wait Time(ms)": 6, "Synchronization Time(ms)": 5, "Idle Time(ms)": 2},
      "Communication Bandwidth Info": {"HCCS": {"Transit Size(MB)": 40, "Transit Time(ms)": 4,
        "Size Distribution": {"20.0": [1, 2.0], "5.0": [4, 2.0]}},
        "RDMA": {"Transit Size(MB)": 8, "Transit Time(ms)": 4500, "Size Distribution": {"2.0": [4, 4500]}}}},
    "Total Op Info": {"Communication Time Info": {"Elapse Time(ms)": 10}}}}})x";
  const Result result = read({{"communication.json", text}});
  REQUIRE(result.reports[0].kind == "device.communication");
  CHECK(result.reports[0].records == 2);
  CHECK(result.fact("communication")["count"] == 1);
  CHECK(result.fact("communication")["elapsed_seconds"].get<double>() == doctest::Approx(0.010));
  CHECK(result.fact("communication")["wait_share"].get<double>() == doctest::Approx(0.75));
  const Json& hccs = entry(result.fact("links"), "kind", "HCCS");
  CHECK(hccs["bytes_per_second"].get<double>() == doctest::Approx(10e9));
  CHECK(hccs["packets"] == 5);
  CHECK(hccs["small_packets"] == 4);  // below 16 MB
  const Json& rdma = entry(result.fact("links"), "kind", "RDMA");
  CHECK(rdma["small_packets"] == 0);                                     // below 1 MB
  CHECK(rdma["longest_seconds"].get<double>() == doctest::Approx(4.5));  // retransmission: over 4 s
  CHECK(entry(result.fact("collectives"), "kind", "allReduce")["count"] == 1);
}

TEST_CASE("collectives of several ranks tell who came last, and how long the others waited") {
  const auto call = [](const char* operation, double milliseconds) {
    return fmt::format(R"x("{}": {{"Communication Time Info": {{"Elapse Time(ms)": {}}}}})x", operation,
                       milliseconds);
  };
  const auto file = [](const std::string& calls) { return R"({"step1": {"collective": {)" + calls + "}}}"; };
  // The second rank comes last to the first two; the third call differs by less than 5 %, the fourth by less
  // than 100 us; messages between two ranks, what goes out from a root, and what one rank alone recorded say
  // nothing, nor does what one rank did twice.
  const std::string first = call("hcom_allReduce__1_0_1@7", 10) + "," + call("hcom_allGather__1_1_1@7", 4) +
                            "," + call("hcom_allReduce__1_2_1@7", 100) + "," +
                            call("hcom_allReduce__1_3_1@7", 0.15) + "," + call("hcom_send__1_4_1@7", 50) +
                            "," + call("hcom_broadcast__1_5_1@7", 50) + "," +
                            call("hcom_allReduce__1_9_1@7", 5);
  const std::string second = call("hcom_allReduce__1_0_1@7", 4) + "," + call("hcom_allGather__1_1_1@7", 2) +
                             "," + call("hcom_allReduce__1_2_1@7", 97) + "," +
                             call("hcom_allReduce__1_3_1@7", 0.08) + "," + call("hcom_send__1_4_1@7", 1) +
                             "," + call("hcom_broadcast__1_5_1@7", 1);
  const Result result =
      read_folder({{"rank0/communication.json", file(first)}, {"rank1/communication.json", file(second)}});
  const Json& waits = result.fact("collective_waits");
  CHECK(waits["compared"] == 4);
  CHECK(waits["uneven"] == 2);
  CHECK(waits["wait_seconds"].get<double>() == doctest::Approx(0.006 + 0.002));
  CHECK(waits["wait_share"].get<double>() == doctest::Approx(0.008 / (0.010 + 0.004 + 0.100 + 0.00015)));
  REQUIRE(waits["last"].size() == 1);
  CHECK(waits["last"][0]["rank"] == 1);
  CHECK(waits["last"][0]["count"] == 2);
  CHECK(waits["kinds"][0]["kind"] == "allReduce");
  CHECK(waits["kinds"][0]["share"].get<double>() == doctest::Approx(0.75));

  const std::string none = "no collective was recorded on two ranks";
  const std::string ten = call("hcom_allReduce__1_0_1@7", 10);
  CHECK(read({{"communication.json", file(ten)}}).absent("collective_waits") == none);
  // The same rank in two runs, and another step.
  CHECK(read_folder(
            {{"run1/rank0/communication.json", file(first)}, {"run2/rank0/communication.json", file(second)}})
            .absent("collective_waits") == none);
  CHECK(read_folder({{"rank0/communication.json", file(ten)},
                     {"rank1/communication.json", R"({"step2": {"collective": {)" + ten + "}}}"}})
            .absent("collective_waits") == none);
  CHECK(read_folder(
            {{"rank0/communication.json", file(ten + "," + ten)}, {"rank1/communication.json", file(ten)}})
            .absent("collective_waits") == none);
}

TEST_CASE("a broken collective is reported with its place, and those around it are kept") {
  const std::string good = R"x({"Communication Time Info": {"Elapse Time(ms)": 1}})x";
  const std::string broken_json = "not valid JSON in 'step1 / collective / b'";
  const std::string no_time = "no Elapse Time(ms) in 'b'";
  const struct {
    std::string broken;
    std::string reason;
  } cases[] = {{R"x({"Communication Time Info": {"Elapse Time(ms)": }})x", broken_json},
               {R"x({"Communication Time Info": {"Elapse Time(ms)": 1 2}})x", broken_json},
               {R"x({"Communication Time Info": ["x" "y"]})x", broken_json},
               {R"x({"Communication Time Info": {"Wait Time(ms)": 1}})x", no_time},
               {R"x({"Communication Time Info": null})x", no_time},
               {R"x({"Communication Time Info": {"Elapse Time(ms)": "abc"}})x", no_time}};
  for (const auto& c : cases) {
    CAPTURE(c.broken);
    const std::string text = R"({"step1": {"collective": {"a": )" + good + R"(, "b": )" + c.broken +
                             R"(, "c": )" + good + R"(, "d": )" + good + "}}}";
    const Result result = read({{"communication.json", text}});
    REQUIRE(result.reports[0].bad_records == 1);
    CHECK(result.reports[0].first_bad[0].reason == c.reason);
    CHECK(result.reports[0].first_bad[0].place.starts_with("communication.json:1:"));
    CHECK(result.fact("communication")["count"] == 3);
  }
}

TEST_CASE("a communication.json that is cut off keeps what came before the cut") {
  const std::string one = R"x({"Communication Time Info": {"Elapse Time(ms)": 1}})x";
  const std::string text =
      R"({"step1": {"collective": {"a": )" + one + R"(, "b": )" + one + R"(, "c": {"Communication Ti)";
  const Result result = read({{"communication.json", text}});
  CHECK(result.fact("communication")["count"] == 2);
  CHECK(result.reports[0].bad_records == 1);
}

TEST_CASE("traffic between ranks gives the slowest link") {
  const std::string text = R"x({"step1": {"collective": {
    "allreduce-total@77": {"0-0": {"Transport Type": "LOCAL", "Transit Size(MB)": 1, "Transit Time(ms)": 1},
      "0-1": {"Transport Type": "HCCS", "Transit Size(MB)": 20, "Transit Time(ms)": 1},
      "0-2": {"Transport Type": "HCCS", "Transit Size(MB)": 20, "Transit Time(ms)": 4}},
    "allreduce-top1@77": {"0-1": {"Transport Type": "HCCS", "Transit Size(MB)": 20, "Transit Time(ms)": 1}},
    "allreduce-bottom2@77": {"0-1": {"Transport Type": "HCCS", "Transit Size(MB)": 20, "Transit Time(ms)": 1}},
    "oops": {"here": {"Transport Type": "HCCS"}}}}})x";
  const Result result = read({{"communication_matrix.json", text}});
  REQUIRE(result.reports[0].kind == "device.communication_matrix");
  CHECK(result.reports[0].bad_records == 1);
  // 20 and 5 GB/s: (20 - 5) / 12.5.
  const Json& slow = result.fact("slow_link");
  CHECK(slow["source"] == "0");
  CHECK(slow["destination"] == "2");
  CHECK(slow["spread"].get<double>() == doctest::Approx(15.0 / 12.5));
  CHECK(entry(result.fact("traffic"), "destination", "1")["bytes"].get<double>() == doctest::Approx(20e6));
}
