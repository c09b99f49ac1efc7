#pragma once

#include <string>

namespace ms {

enum class Lang { en, zh };

/// A text that a person reads, in both languages.
struct Text {
  std::string en;
  std::string zh;

  const std::string& in(Lang lang) const { return lang == Lang::zh ? zh : en; }
};

/// Chinese where LC_ALL, LC_MESSAGES or LANG (the first one that is set) starts with "zh"; English otherwise.
Lang lang_from_locale();

}  // namespace ms
