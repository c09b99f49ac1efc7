#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/byte_source.hpp"
#include "base/error.hpp"
#include "profile/json_text.hpp"
#include "profile/reading_report.hpp"

namespace ms::profile {

/// All bytes of a source, at most `max_bytes`; a longer one is cut there, which is noted in the report.
std::string read_whole(ByteSource& source, std::size_t max_bytes, FileReport& report);

/// "communication.json:1:317": the place of a byte of the text of a file.
std::string place_in(const FileReport& report, std::string_view text, std::size_t offset);

/// Finds records in nested JSON objects: a record is an object that has the member `marker`. Calls
/// `on_record(path, text)` with the keys above it and its text, for each.
///
/// Tolerant by record: behind what is broken, it goes on at the next object that begins with the marker; the
/// keys above that one are those of the broken place, and its own.
template <class OnRecord>
class JsonDescent {
 public:
  JsonDescent(std::string_view marker, FileReport& report, OnRecord on_record)
      : marker_(marker), quoted_("\"" + std::string(marker) + "\""), report_(report), on_record_(on_record) {}

  /// The records in a document.
  void read(std::string_view text) {
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    JsonScan scan{.at = text.data(), .end = text.data() + text.size()};
    scan.skip_space();
    do {
      if (descend(scan) == ScanEnd::kDone) continue;
      recovering_ = true;
      const std::size_t offset = static_cast<std::size_t>(scan.at - text.data());
      report_.bad_at(place_in(report_, text, offset), "not valid JSON in '" + where() + "'");
    } while (recovering_ && find_next(scan, text.data()));
  }

 private:
  static constexpr std::size_t kMaxDepth = 16;

  std::string where() const {
    std::string text;
    for (const std::string& key : path_) text += (text.empty() ? "" : " / ") + key;
    return text;
  }

  // The value at `scan`, whose key is the last of the path.
  ScanEnd descend(JsonScan& scan) {
    if (scan.at == scan.end) return ScanEnd::kNeedMore;
    if (*scan.at != '{') return scan.value(kMaxDepth);
    if (path_.size() > kMaxDepth) return ScanEnd::kTooDeep;
    const char* const begin = scan.at;
    ++scan.at;
    scan.skip_space();
    if (scan.at != scan.end && *scan.at == '}') {
      ++scan.at;
      return ScanEnd::kDone;
    }
    while (true) {
      std::string_view key;
      if (const ScanEnd end = scan.key(key); end != ScanEnd::kDone) return end;
      if (key == marker_) {
        scan.at = begin;
        const ScanEnd end = scan.value(kMaxDepth);
        if (end == ScanEnd::kDone) on_record_(path_, {begin, static_cast<std::size_t>(scan.at - begin)});
        return end;
      }
      path_.emplace_back(key);
      if (const ScanEnd end = descend(scan); end != ScanEnd::kDone) return end;
      path_.pop_back();
      scan.skip_space();
      if (scan.at == scan.end) return ScanEnd::kNeedMore;
      const char separator = *scan.at++;
      if (separator == '}') return ScanEnd::kDone;
      if (separator != ',') return ScanEnd::kBroken;
      scan.skip_space();
    }
  }

  // Stands on the next object behind `scan.at` that begins with the marker, and puts its key at the end of
  // the path.
  bool find_next(JsonScan& scan, const char* begin) {
    while (true) {
      const std::string_view rest(scan.at, static_cast<std::size_t>(scan.end - scan.at));
      const std::size_t found = rest.find(quoted_);
      if (found == std::string_view::npos) return false;
      const std::string_view before(begin, static_cast<std::size_t>(scan.at - begin) + found);
      scan.at += found + quoted_.size();
      const std::size_t brace = before.find_last_not_of(" \t\r\n");
      if (brace == std::string_view::npos || before[brace] != '{') continue;
      const std::size_t colon = before.find_last_not_of(" \t\r\n", brace - (brace > 0 ? 1 : 0));
      if (brace == 0 || colon == std::string_view::npos || before[colon] != ':') continue;
      const std::size_t close =
          colon == 0 ? std::string_view::npos : before.find_last_not_of(" \t\r\n", colon - 1);
      if (close == std::string_view::npos || close == 0 || before[close] != '"') continue;
      const std::size_t open = before.find_last_of('"', close - 1);
      if (open == std::string_view::npos) continue;
      if (!path_.empty()) path_.pop_back();
      path_.emplace_back(before.substr(open + 1, close - open - 1));
      scan.at = begin + brace;
      return true;
    }
  }

  std::string_view marker_;
  std::string quoted_;
  FileReport& report_;
  OnRecord on_record_;
  std::vector<std::string> path_;
  bool recovering_ = false;  // behind what was broken, keys above a record are no longer followed
};

}  // namespace ms::profile
