#include <algorithm>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "base/file.hpp"
#include "base/text.hpp"
#include "cel/time.hpp"
#include "cel/zone_rule.hpp"

namespace ms::cel {
namespace {

struct Zone {
  std::vector<std::int64_t> transitions;  ///< [s since 1970], rising
  std::vector<std::int32_t> offsets;      ///< behind each of them [s]
  std::int32_t before = 0;                ///< ahead of the first
  std::optional<ZoneRule> after;          ///< behind the last; without it, the last offset stays
};

// Big-endian integers of a TZif file (RFC 8536).
class TzifReader {
 public:
  explicit TzifReader(std::string_view content) : content_(content) {}

  std::int64_t integer(std::size_t bytes) {
    if (content_.size() - position_ < bytes) {
      failed_ = true;
      return 0;
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i)
      value = value << 8 | static_cast<unsigned char>(content_[position_++]);
    const bool negative = bytes == 4 && (value & 0x80000000u) != 0;
    return static_cast<std::int64_t>(negative ? value | 0xFFFFFFFF00000000u : value);
  }
  void skip(std::uint64_t bytes) {
    failed_ = failed_ || content_.size() - position_ < bytes;
    if (!failed_) position_ += bytes;
  }
  // The line that the rest of the file is, between two line ends.
  std::string_view footer() const {
    const std::string_view rest = content_.substr(position_);
    return rest.size() < 2 || rest.front() != '\n' || rest.back() != '\n' ? std::string_view()
                                                                          : rest.substr(1, rest.size() - 2);
  }
  bool failed() const { return failed_; }

 private:
  std::string_view content_;
  std::size_t position_ = 0;
  bool failed_ = false;
};

struct TzifHeader {
  std::uint64_t utc, standard, leaps, times, types, characters;
};

bool read_header(TzifReader& reader, TzifHeader& header) {
  constexpr std::int64_t kMagic = 0x545A6966;  // "TZif"
  if (reader.integer(4) != kMagic) return false;
  reader.skip(16);  // the version and what is reserved
  for (std::uint64_t* count :
       {&header.utc, &header.standard, &header.leaps, &header.times, &header.types, &header.characters}) {
    *count = static_cast<std::uint64_t>(reader.integer(4));
    if (*count > 100'000) return false;
  }
  return !reader.failed();
}

std::optional<Zone> parse_tzif(std::string_view content) {
  TzifReader reader(content);
  TzifHeader header{};
  if (content.size() < 5 || content[4] < '2' || !read_header(reader, header)) return std::nullopt;
  // The first block has 32-bit times; the second one, in every file of today, all of them.
  reader.skip(header.times * 5 + header.types * 6 + header.characters + header.leaps * 8 + header.standard +
              header.utc);
  if (reader.failed() || !read_header(reader, header) || header.types == 0) return std::nullopt;
  Zone zone;
  for (std::uint64_t i = 0; i < header.times; ++i) zone.transitions.push_back(reader.integer(8));
  std::vector<std::uint64_t> type_of;
  for (std::uint64_t i = 0; i < header.times; ++i)
    type_of.push_back(static_cast<std::uint64_t>(reader.integer(1)));
  std::vector<std::int32_t> offsets;
  for (std::uint64_t i = 0; i < header.types; ++i) {
    offsets.push_back(static_cast<std::int32_t>(reader.integer(4)));
    reader.skip(2);
  }
  if (reader.failed()) return std::nullopt;
  for (const std::uint64_t type : type_of) {
    if (type >= offsets.size()) return std::nullopt;
    zone.offsets.push_back(offsets[type]);
  }
  zone.before = offsets[0];
  reader.skip(header.characters + header.leaps * 12 + header.standard + header.utc);
  if (!reader.failed()) zone.after = ZoneRule::parse(reader.footer());
  return zone;
}

// Names of the database are letters, digits and / _ + -, so no name leaves its folder.
bool is_zone_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
           c == '_' || c == '+' || c == '-';
  };
  return !name.empty() && name.size() < 64 && name[0] != '/' &&
         std::all_of(name.begin(), name.end(), allowed);
}

const Zone* load_zone(std::string_view name) {
  static std::mutex mutex;
  static std::unordered_map<std::string, std::optional<Zone>> zones;
  constexpr std::size_t kKept = 1000;  // more than there are
  const std::lock_guard lock(mutex);
  auto found = zones.find(std::string(name));
  if (found == zones.end()) {
    std::optional<Zone> zone;
    if (is_zone_name(name)) {
      const auto content = read_file("/usr/share/zoneinfo/" + std::string(name), std::size_t{1} << 20);
      if (content) zone = parse_tzif(*content);
    }
    if (!zone && zones.size() >= kKept) return nullptr;
    found = zones.emplace(std::string(name), std::move(zone)).first;
  }
  return found->second ? &*found->second : nullptr;
}

// "+01:00", "-02:30", "02:00".
std::optional<std::int32_t> fixed_offset(std::string_view zone) {
  const bool behind = zone.starts_with('-');
  if (behind || zone.starts_with('+')) zone.remove_prefix(1);
  const auto colon = zone.find(':');
  if (colon == zone.npos || colon == 0 || colon > 2 || zone.size() != colon + 3) return std::nullopt;
  const auto hours = parse_int(zone.substr(0, colon));
  const auto minutes = parse_int(zone.substr(colon + 1));
  if (!hours || !minutes || *hours < 0 || *hours > 23 || *minutes < 0 || *minutes > 59) return std::nullopt;
  return static_cast<std::int32_t>((*hours * 3600 + *minutes * 60) * (behind ? -1 : 1));
}

}  // namespace

std::optional<std::int32_t> zone_offset(std::string_view zone, Timestamp time) {
  if (zone == "UTC" || zone == "Z" || zone.empty()) return 0;
  if (const auto offset = fixed_offset(zone)) return offset;
  const Zone* const found = load_zone(zone);
  if (found == nullptr) return std::nullopt;
  const auto& transitions = found->transitions;
  const auto next = std::upper_bound(transitions.begin(), transitions.end(), time.seconds);
  if (next == transitions.end() && found->after) return found->after->offset_at(time.seconds);
  if (next == transitions.begin()) return found->before;
  return found->offsets[static_cast<std::size_t>(next - transitions.begin() - 1)];
}

}  // namespace ms::cel
