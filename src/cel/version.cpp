#include "cel/version.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace ms::cel {
namespace {

// The place of a part in the order: what comes before the plain end of a version (kRelease) precedes the
// release.
enum Rank : int {
  kDev,
  kAlpha,
  kBeta,
  kTest,
  kCandidate,
  kRelease,
  kBuild,
  kOtherWord,
  kNumber,
};

struct Part {
  int rank = kRelease;
  std::uint64_t number = 0;
  std::string_view word = {};  // of kOtherWord
};

struct Word {
  std::string_view name;
  Rank rank;
};

constexpr std::array kWords = {
    Word{"dev", kDev},   Word{"alpha", kAlpha},  Word{"a", kAlpha},     Word{"beta", kBeta},
    Word{"t", kTest},    Word{"rc", kCandidate}, Word{"c", kCandidate}, Word{"post", kBuild},
    Word{"spc", kBuild}, Word{"sp", kBuild},     Word{"b", kBuild},     Word{"build", kBuild},
    Word{"p", kBuild},   Word{"patch", kBuild},
};

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return lower(c) >= 'a' && lower(c) <= 'z';
}
bool is_separator(char c) {
  return c == '.' || c == '-' || c == '_' || c == '+' || c == '~';
}

bool equal_words(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

int compare_words(std::string_view a, std::string_view b) {
  const auto less = [](char x, char y) { return lower(x) < lower(y); };
  if (std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), less)) return -1;
  return std::lexicographical_compare(b.begin(), b.end(), a.begin(), a.end(), less) ? 1 : 0;
}

// Hands out the parts of a version one by one; behind the last one, kRelease for ever.
class Parts {
 public:
  explicit Parts(std::string_view text) : text_(text) {
    if (!text_.empty() && lower(text_[0]) == 'v') text_.remove_prefix(1);
  }

  Part next() {
    bool dash = false;
    while (!text_.empty() && is_separator(text_[0])) {
      dash = dash || text_[0] == '-' || text_[0] == '+';
      text_.remove_prefix(1);
    }
    if (text_.empty()) return {};
    if (is_digit(text_[0])) {
      // "5.10.0-182": the build of a distribution, later than any release of the same number.
      if (dash && !in_build_) {
        in_build_ = true;
        return {.rank = kBuild, .number = number()};
      }
      return {.rank = kNumber, .number = number()};
    }
    const std::string_view word = letters();
    for (const Word& known : kWords) {
      if (!equal_words(known.name, word) || in_build_) continue;
      if (known.rank == kTest && (text_.empty() || !is_digit(text_[0]))) break;
      skip_to_digit();
      return {.rank = known.rank, .number = !text_.empty() && is_digit(text_[0]) ? number() : 0};
    }
    return {.rank = kOtherWord, .number = 0, .word = word};
  }

  bool done() const { return std::all_of(text_.begin(), text_.end(), is_separator); }

 private:
  std::uint64_t number() {
    std::uint64_t value = 0;
    while (!text_.empty() && is_digit(text_[0])) {
      constexpr std::uint64_t kLargest =
          1'000'000'000'000'000'000;  // date stamps fit, overflow does not happen
      if (value < kLargest) value = value * 10 + static_cast<std::uint64_t>(text_[0] - '0');
      text_.remove_prefix(1);
    }
    return value;
  }

  std::string_view letters() {
    const auto end = std::find_if_not(text_.begin(), text_.end(), is_letter);
    const auto length = static_cast<std::size_t>(end - text_.begin());
    const std::string_view word = text_.substr(0, length);
    text_.remove_prefix(length);
    return word;
  }

  // "beta.1" is "beta1"; "RC1.alpha2" is two parts.
  void skip_to_digit() {
    std::size_t i = 0;
    while (i < text_.size() && is_separator(text_[i])) ++i;
    if (i > 0 && i < text_.size() && is_digit(text_[i])) text_.remove_prefix(i);
  }

  std::string_view text_;
  bool in_build_ = false;
};

}  // namespace

bool is_version(std::string_view text) {
  if (!text.empty() && lower(text[0]) == 'v') text.remove_prefix(1);
  if (text.empty() || text.size() > 256 || !is_digit(text[0])) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_digit(c) || is_letter(c) || is_separator(c); });
}

std::strong_ordering compare_versions(std::string_view a, std::string_view b) {
  Parts left_parts(a);
  Parts right_parts(b);
  Part left = left_parts.next();
  Part right = right_parts.next();
  while (true) {
    // A missing number is 0, so that 24.1 is 24.1.0 and 24.1.RC2 precedes both.
    const bool pad_left = left.rank != kNumber && right.rank == kNumber;
    const bool pad_right = right.rank != kNumber && left.rank == kNumber;
    const Part zero{.rank = kNumber, .number = 0};
    const Part& x = pad_left ? zero : left;
    const Part& y = pad_right ? zero : right;
    if (x.rank != y.rank) return x.rank <=> y.rank;
    if (x.number != y.number) return x.number <=> y.number;
    if (const int order = compare_words(x.word, y.word); order != 0) return order <=> 0;
    if (x.rank == kRelease) return std::strong_ordering::equal;
    if (!pad_left) left = left_parts.next();
    if (!pad_right) right = right_parts.next();
  }
}

std::optional<Version> Version::parse(std::string_view text) {
  if (!is_version(text)) return std::nullopt;
  return Version(std::string(text));
}

std::strong_ordering operator<=>(const Version& a, const Version& b) {
  return compare_versions(a.text_, b.text_);
}

}  // namespace ms::cel
