#include <doctest/doctest.h>

#include "base/error.hpp"
#include "plan/lengths.hpp"

namespace ms {
namespace {

double mean_of(const Lengths& lengths) {
  return statistic_of(lengths, Statistic::average);
}

TEST_CASE("lengths are read as a number, a range, a mean with its deviation, or a histogram") {
  CHECK(mean_of(parse_lengths("256", "-in")) == 256);
  CHECK(deviation_of(parse_lengths("256", "-in")) == 0);
  CHECK(mean_of(parse_lengths("200-400", "-in")) == doctest::Approx(300).epsilon(0.002));
  // A uniform length from a to b deviates by (b - a) / sqrt(12).
  CHECK(deviation_of(parse_lengths("200-400", "-in")) == doctest::Approx(57.7).epsilon(0.02));
  CHECK(mean_of(parse_lengths("256~64", "-in")) == doctest::Approx(256).epsilon(0.002));
  CHECK(deviation_of(parse_lengths("256~64", "-in")) == doctest::Approx(64).epsilon(0.03));
  CHECK(mean_of(parse_lengths("128:10, 512:5", "-in")) == 256);  // (1280 + 2560) / 15
}

TEST_CASE("a statistic picks the length that stands for all") {
  const Lengths lengths =
      parse_lengths("100:1,200:1,300:1,400:1,500:1,600:1,700:1,800:1,900:1,1000:1", "-in");
  CHECK(statistic_of(lengths, Statistic::min) == 100);
  CHECK(statistic_of(lengths, Statistic::p50) == 500);
  CHECK(statistic_of(lengths, Statistic::p75) == 800);
  CHECK(statistic_of(lengths, Statistic::p90) == 900);
  CHECK(statistic_of(lengths, Statistic::p99) == 1000);
  CHECK(statistic_of(lengths, Statistic::max) == 1000);
  CHECK(parse_statistic("P90", "-m") == Statistic::p90);
  CHECK(parse_statistic("mean", "-m") == Statistic::average);
  CHECK_THROWS_WITH_AS(parse_statistic("p9", "-m"), doctest::Contains("did you mean 'p9"), InputError);
}

TEST_CASE("what is no length is refused with the forms that are") {
  for (const char* text : {"", "0", "-5", "many", "400-200", "256~", "~64", "256~-1", "128:x", "128:0",
                           "1e3-", "12-", "99999999999999999999", "256~nan", "0-5"}) {
    CAPTURE(text);
    CHECK_THROWS_WITH_AS(parse_lengths(text, "-in"), doctest::Contains("write 256, 200-400"), InputError);
  }
}

TEST_CASE("requests are read from JSON Lines, and a broken line costs only itself") {
  const RequestLengths lengths = read_request_lengths(
      "{\"input_tokens\": 10, \"output_tokens\": 5}\n{broken\n{\"prompt_len\": \"20\", \"output_len\": 7}\n"
      "{\"input_tokens\": 0, \"output_tokens\": 5}\n",
      "run.jsonl");
  REQUIRE(lengths.requests.size() == 2);
  CHECK(lengths.requests[1].input == 20);
  CHECK(lengths.requests[1].output == 7);
  REQUIRE(lengths.notes.size() == 1);
  CHECK(lengths.notes[0] == "run.jsonl: 2 records without lengths left out");
}

TEST_CASE("requests are read from CSV, from details of a benchmark, and from conversations") {
  CHECK(
      read_request_lengths("id,InputTokens,GeneratedTokens\n1,100,50\n2,200,60\n", "a.csv").requests.size() ==
      2);
  const auto bench = read_request_lengths("{\"input_lens\": [10, 20], \"output_lens\": [5, 6]}", "b.json");
  CHECK(mean_of(inputs_of(bench)) == 15);
  CHECK(mean_of(outputs_of(bench)) == 5.5);
  // Four letters a token: 8 letters and 16.
  const auto talk = read_request_lengths(
      "[{\"id\": \"x\", \"conversations\": [{\"from\": \"human\", \"value\": \"abcdefgh\"}, "
      "{\"from\": \"gpt\", \"value\": \"abcdefghijklmnop\"}]}, {\"conversations\": []}]",
      "sharegpt.json");
  REQUIRE(talk.requests.size() == 1);
  CHECK(talk.requests[0].input == 2);
  CHECK(talk.requests[0].output == 4);
  CHECK(talk.notes.size() == 2);
}

TEST_CASE("a file without one request says what was expected") {
  CHECK_THROWS_WITH_AS(read_request_lengths("a,b\n1,2\n", "x.csv"), doctest::Contains("holds no request"),
                       InputError);
  CHECK_THROWS_WITH_AS(read_request_lengths("[1, 2", "x.json"), doctest::Contains("x.json:1"), InputError);
  CHECK_THROWS_AS(read_request_lengths(" \n", "x.json"), InputError);
}

}  // namespace
}  // namespace ms
