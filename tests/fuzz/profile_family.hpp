#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>

#include "base/error.hpp"
#include "facts/document.hpp"
#include "profile/device_facts.hpp"
#include "profile/kinds.hpp"
#include "profile/metrics.hpp"
#include "profile/run.hpp"

namespace ms::test {

inline void require(bool holds) {
  if (!holds) std::abort();
}

/// Reads a text of which the first line is the name of a file and the rest its content, where that is of one
/// of these kinds. Facts follow from whatever was found, and pieces of any size hold the same records.
inline void read_as(std::span<const profile::Kind> kinds, std::span<const std::uint8_t> bytes) {
  const std::string_view input(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const std::size_t line_end = input.find('\n');
  if (line_end == input.npos) return;
  const std::string_view name = input.substr(0, line_end);
  const std::string_view text = input.substr(line_end + 1);
  const profile::Head head = profile::head_of(name, std::string(text.substr(0, profile::Head::kBytes)));
  const profile::Kind* kind = profile::recognise(head);
  const bool is_of_family = kind != nullptr && std::any_of(kinds.begin(), kinds.end(), [&](const auto& one) {
                              return one.name == kind->name;
                            });
  if (!is_of_family) return;

  profile::Run run;
  const profile::FileReport report = profile::read_text(name, text, run);
  require(report.first_bad.size() <= report.bad_records);
  require(profile::run_facts(run).is_object());
  FactDocument facts;
  profile::add_device_facts(run.device, facts);
  facts.to_json().dump(-1, ' ', false, Json::error_handler_t::replace);
  if (report.kind.empty()) return;  // a database

  constexpr std::size_t kPiece = 7;
  const auto source = text_source(text, kPiece);
  profile::Input pieces{std::filesystem::path(name), head.name, "", *source};
  profile::Run same;
  profile::FileReport again;
  again.path = name;
  try {
    kind->read(pieces, same, again);
  } catch (const InputError& error) {
    again.bad_at(again.path, error.message());
  }
  require(again.records == report.records && again.bad_records == report.bad_records);
}

}  // namespace ms::test
