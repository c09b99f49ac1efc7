#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.hpp"
#include "profile/device_readers.hpp"
#include "profile/json_cursor.hpp"
#include "profile/json_descent.hpp"

// communication.json and communication_matrix.json, of one rank or of a cluster. Their "MB" are 10^6 bytes.
namespace ms::profile {
namespace {

constexpr double kMillisecond = 1e-3;
constexpr double kMegabyte = 1e6;
constexpr std::size_t kMaxSizes = 10'000;
constexpr std::string_view kTotal = "Total Op Info";

// Summaries over operations that stand beside them.
bool is_total(std::string_view operation) {
  return operation == kTotal;
}

// The rank that a record of a cluster is about: its last key is a number.
std::optional<int> rank_of(const std::string& key) {
  const auto number = parse_int(key);
  constexpr std::int64_t kMostRanks = 1 << 20;
  return number && *number >= 0 && *number < kMostRanks ? std::optional(static_cast<int>(*number))
                                                        : std::nullopt;
}

Communication& communication_of(Card& card) {
  return card.communication ? *card.communication : card.communication.emplace();
}

struct Times {
  std::optional<double> elapsed;
  double transit = 0;
  double wait = 0;
  double synchronization = 0;
  double idle = 0;
};

Times read_times(JsonCursor& json) {
  Times times;
  const auto milliseconds = [&] { return json.number_or_text().value_or(0) * kMillisecond; };
  json.object([&](std::string_view name) {
    if (name == "Elapse Time(ms)") {
      if (const auto elapsed = json.number_or_text()) times.elapsed = *elapsed * kMillisecond;
    } else if (name == "Transit Time(ms)") {
      times.transit = milliseconds();
    } else if (name == "Wait Time(ms)") {
      times.wait = milliseconds();
    } else if (name == "Synchronization Time(ms)") {
      times.synchronization = milliseconds();
    } else if (name == "Idle Time(ms)") {
      times.idle = milliseconds();
    } else {
      json.skip();
    }
  });
  return times;
}

// "Size Distribution": {"2.064384": [12, 1.578]}: megabytes of a packet, how many, milliseconds together.
void read_packets(JsonCursor& json, std::map<double, PacketSize>& packets) {
  json.object([&](std::string_view size) {
    const auto megabytes = parse_double(size);
    std::array<double, 2> values{};
    std::size_t at = 0;
    json.array([&] {
      const double value = json.number_or_text().value_or(0);
      if (at < values.size()) values[at++] = value;
    });
    constexpr double kMostPackets = 1e15;
    if (!megabytes || values[0] < 0 || values[0] > kMostPackets) return;
    const double bytes = std::round(*megabytes * kMegabyte);
    if (packets.size() >= kMaxSizes && !packets.contains(bytes)) return;
    PacketSize& packet = packets[bytes];
    packet.count += static_cast<std::uint64_t>(values[0]);
    packet.seconds += values[1] * kMillisecond;
  });
}

void read_link(JsonCursor& json, LinkKind& link) {
  json.object([&](std::string_view name) {
    if (name == "Transit Size(MB)") {
      link.bytes += json.number_or_text().value_or(0) * kMegabyte;
    } else if (name == "Transit Time(ms)") {
      const double seconds = json.number_or_text().value_or(0) * kMillisecond;
      link.seconds += seconds;
      link.max_seconds = std::max(link.max_seconds, seconds);
    } else if (name == "Size Distribution") {
      read_packets(json, link.packets);
    } else {
      json.skip();
    }
  });
}

// One operation of one rank. False where it says nothing of its time.
bool add_operation(std::string_view step, std::string_view operation, std::string_view text,
                   Communication& communication) {
  constexpr std::size_t kMaxLinkKinds = 64;
  JsonCursor json(text);
  Times times;
  json.object([&](std::string_view name) {
    if (name == "Communication Time Info") {
      times = read_times(json);
    } else if (name == "Communication Bandwidth Info") {
      json.object([&](std::string_view kind) {
        if (communication.links.size() >= kMaxLinkKinds && !communication.links.contains(kind)) {
          json.skip();
        } else {
          read_link(json, communication.links[std::string(kind)]);
        }
      });
    } else {
      json.skip();
    }
  });
  if (!times.elapsed) return false;
  communication.add(step, operation, *times.elapsed);
  communication.transit_seconds += times.transit;
  communication.wait_seconds += times.wait;
  communication.synchronization_seconds += times.synchronization;
  communication.idle_seconds += times.idle;
  return true;
}

/// A larger file is cut: its records hold their text in memory.
constexpr std::size_t kMaxBytes = std::size_t{512} << 20;

// Calls `on_record(path, record, place)` for each object with `marker` in the file.
template <class OnRecord>
void each_record(Input& input, FileReport& report, std::string_view marker, OnRecord on_record) {
  const std::string text = read_whole(input.bytes, kMaxBytes, report);
  JsonDescent descent(marker, report, [&](const std::vector<std::string>& path, std::string_view record) {
    const auto bad = [&](std::string reason) {
      report.bad_at(place_in(report, text, static_cast<std::size_t>(record.data() - text.data())),
                    std::move(reason));
    };
    on_record(path, record, bad);
  });
  descent.read(text);
}

// A collective of the matrix is named once for each of its slowest and fastest calls, and once for all.
bool is_excerpt(std::string_view operation) {
  const std::string_view name = operation.substr(0, operation.find('@'));
  for (const std::string_view part : {"-top", "-bottom", "-middle"}) {
    const std::size_t at = name.rfind(part);
    if (at != std::string_view::npos &&
        name.find_first_not_of("0123456789", at + part.size()) == std::string_view::npos) {
      return true;
    }
  }
  return false;
}

bool add_traffic(std::string_view ranks, std::string_view text, LinkMatrix& links) {
  constexpr std::size_t kMaxLinks = 1'000'000;
  const std::size_t dash = ranks.find('-');
  if (dash == std::string_view::npos) return false;
  Link link{.source = std::string(ranks.substr(0, dash)),
            .destination = std::string(ranks.substr(dash + 1)),
            .transport = {}};
  LinkTraffic traffic;
  JsonCursor json(text);
  json.object([&](std::string_view name) {
    if (name == "Transport Type") {
      link.transport = json.string().value_or("");
    } else if (name == "Transit Size(MB)") {
      traffic.bytes = json.number_or_text().value_or(0) * kMegabyte;
    } else if (name == "Transit Time(ms)") {
      traffic.seconds = json.number_or_text().value_or(0) * kMillisecond;
    } else {
      json.skip();
    }
  });
  if (links.size() >= kMaxLinks && !links.contains(link)) return true;
  LinkTraffic& sum = links[std::move(link)];
  sum.bytes += traffic.bytes;
  sum.seconds += traffic.seconds;
  return true;
}

}  // namespace

void read_communication(Input& input, Run& run, FileReport& report) {
  each_record(input, report, "Communication Time Info",
              [&](const std::vector<std::string>& path, std::string_view text, auto bad) {
                const auto rank = path.size() > 3 ? rank_of(path.back()) : std::nullopt;
                const std::string operation = path.empty() ? std::string()
                                              : rank       ? path[path.size() - 2]
                                                           : path.back();
                if (is_total(operation)) {
                  ++report.records;
                  return;
                }
                Card& card =
                    rank ? run.device.cluster_card(input.folder, *rank) : run.device.card(input.folder);
                // step / collective / operation of a rank, group / step / operation / rank of a cluster.
                const std::string_view step = path.size() > 2 ? std::string_view(path[path.size() - 3]) : "";
                if (add_operation(step, operation, text, communication_of(card))) {
                  ++report.records;
                } else {
                  bad("no Elapse Time(ms) in '" + sanitize_utf8(operation) + "'");
                }
              });
}

void read_communication_matrix(Input& input, Run& run, FileReport& report) {
  const bool of_cluster = input.name.find("cluster") != std::string::npos;
  each_record(input, report, "Transport Type",
              [&](const std::vector<std::string>& path, std::string_view text, auto bad) {
                const std::string_view operation =
                    path.size() > 1 ? std::string_view(path[path.size() - 2]) : "";
                const std::string ranks = path.empty() ? std::string() : path.back();
                const auto source = rank_of(ranks.substr(0, ranks.find('-')));
                if (is_total(operation) || is_excerpt(operation)) {
                  ++report.records;
                  return;
                }
                Card& card = of_cluster && source ? run.device.cluster_card(input.folder, *source)
                                                  : run.device.card(input.folder);
                if (add_traffic(ranks, text, card.links)) {
                  ++report.records;
                } else {
                  bad("'" + sanitize_utf8(ranks) + "' is no pair of ranks");
                }
              });
}

}  // namespace ms::profile
