#pragma once

#include <string>

#include "base/json.hpp"
#include "profile/input.hpp"
#include "report/text_style.hpp"
#include "rule/verdict.hpp"

namespace ms {

/// What `msadvisor profile` has to say.
struct ProfileResult {
  std::string root;
  profile::FolderReading reading;
  Json facts;   ///< the tree `run`
  Json device;  ///< an object with the tree `device`; empty where no card was recorded
  Verdict verdict;
};

/// The files and what each gave, what was wrong with them, and the metrics. With `stats` also the time and
/// the speed of every file.
std::string profile_text(const ProfileResult& result, const TextStyle& style, bool stats);

/// The part of it about cards: shares of their time, kernels, gaps, links, memory.
std::string device_text(const Json& device, const TextStyle& style);

/// docs/schema/profile.schema.json. Times of reading are in it only with `stats`: without them the same files
/// give the same bytes.
OrderedJson profile_json(const ProfileResult& result, Lang lang, bool stats);

}  // namespace ms
