#include "probe/network_output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.hpp"

namespace ms {
namespace {

// What the system itself says of an address that no packet was sent to. Source: iputils, busybox.
constexpr std::array<std::string_view, 2> kNoWay = {"network is unreachable", "no route to host"};

constexpr std::size_t kMaxDescription = 80;

// The whole numbers of a line, as they come.
std::vector<std::int64_t> numbers_in(std::string_view line) {
  constexpr std::string_view kDigits = "0123456789";
  std::vector<std::int64_t> numbers;
  for (auto at = line.find_first_of(kDigits); at != line.npos; at = line.find_first_of(kDigits, at)) {
    const auto end = std::min(line.find_first_not_of(kDigits, at), line.size());
    if (const auto number = parse_int(line.substr(at, end - at))) numbers.push_back(*number);
    at = end;
  }
  return numbers;
}

}  // namespace

Reading<PingCounts> ping_counts(const CommandOutput& output, const std::string& command) {
  // The line with the loss in percent: words and their order are those of the locale, the numbers are not.
  for (const std::string_view line : split_lines(output.text)) {
    if (line.find('%') == line.npos) continue;
    const auto numbers = numbers_in(line);
    if (numbers.size() >= 3 && numbers[1] <= numbers[0]) return PingCounts{numbers[0], numbers[1]};
  }
  const std::string text = to_lower(output.text);
  for (const std::string_view phrase : kNoWay) {
    if (text.find(phrase) != text.npos) return PingCounts{};
  }
  return Absent{nothing_found(command, output)};
}

Reading<std::string> lldp_peer(const CommandOutput& output, const std::string& command) {
  const auto lines = split_lines(output.text);
  const auto title = std::find_if(lines.begin(), lines.end(), [](std::string_view line) {
    return trim(line).starts_with("System Description TLV");
  });
  if (title == lines.end() || title + 1 == lines.end() || trim(*(title + 1)).empty()) {
    return Absent{title == lines.end() ? nothing_found(command, output)
                                       : fmt::format("{}: the peer does not describe itself", command)};
  }
  const std::string_view description = trim(*(title + 1));
  if (description.find("AscendNPU") != description.npos) return std::string("npu");
  if (description.find("Routing") != description.npos) return std::string("switch");
  return sanitize_utf8(description.substr(0, kMaxDescription));
}

}  // namespace ms
