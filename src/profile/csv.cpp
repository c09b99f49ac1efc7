#include "profile/csv.hpp"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

#include "base/text.hpp"
#include "profile/byte_scan.hpp"

namespace ms::profile {
namespace {

constexpr std::size_t kBlock = std::size_t{256} << 10;

// The first separator or end of line in [at, end).
const char* find_cell_end(const char* at, const char* end, char separator) {
  return find_byte(at, end, [pattern = repeat(separator)](std::uint64_t word) {
    return equal_bytes(word, pattern) | equal_bytes(word, repeat('\n'));
  });
}

constexpr std::size_t kScanned = 64;

// A bit for every byte of the 64 at `at` that is a separator, an end of line or a quote, the first one
// lowest.
std::uint64_t marks_in(const char* at, char separator) {
#if defined(__SSE2__)
  const __m128i separators = _mm_set1_epi8(separator);
  const __m128i newlines = _mm_set1_epi8('\n');
  const __m128i quotes = _mm_set1_epi8('"');
  std::uint64_t marks = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + 16 * i));
    const __m128i found =
        _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, separators), _mm_cmpeq_epi8(bytes, newlines)),
                     _mm_cmpeq_epi8(bytes, quotes));
    marks |= static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm_movemask_epi8(found))) << (16 * i);
  }
  return marks;
#else
  return mark_64_bytes(at, separator, '\n', '"');
#endif
}

std::string_view without_line_end(std::string_view text) {
  while (!text.empty() && text.back() == '\r') text.remove_suffix(1);
  return text;
}

}  // namespace

CsvReader::CsvReader(ByteSource& source, FileReport& report, char separator)
    : source_(source), report_(report), separator_(separator), buffer_(kBlock) {
  while (end_ - begin_ < 3 && fill()) {
  }
  if (std::string_view(buffer_.data(), end_).starts_with("\xef\xbb\xbf")) begin_ = 3;
}

// Makes room behind what was not consumed and reads into it; false at the end of the file.
bool CsvReader::fill() {
  if (at_end_) return false;
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) buffer_.resize(buffer_.size() * 2);
  const std::size_t count = source_.read(std::span(buffer_).subspan(end_));
  end_ += count;
  filled_ += count;
  at_end_ = count == 0;
  return !at_end_;
}

double CsvReader::bytes_read() const {
  if (filled_ == 0) return 0;
  const double ahead = static_cast<double>(end_ - begin_) / static_cast<double>(filled_);
  return static_cast<double>(source_.consumed()) * (1 - ahead);
}

bool CsvReader::next() {
  while (true) {
    line_ = next_line_;
    if (begin_ == end_ && !fill()) {
      if (!source_.failure().empty()) report_.bad(line_, source_.failure());
      return false;
    }
    if (!parse_record() || (cells_.size() == 1 && trim(cells_[0]).empty())) continue;
    if (header_.size() == 0 || fits_header()) return true;
  }
}

const CsvHeader& CsvReader::read_header() {
  if (next()) header_ = CsvHeader(cells_);
  return header_;
}

// Rows may end early, and may end in separators; only a last line that was cut off can end in half a number.
bool CsvReader::fits_header() {
  while (cells_.size() > header_.size() && trim(cells_.back()).empty()) cells_.pop_back();
  if (cells_.size() > header_.size()) {
    report_.bad(line_, fmt::format("{} cells, the header has {}", cells_.size(), header_.size()));
    return false;
  }
  if (cells_.size() < header_.size() && unfinished_) {
    report_.bad(line_, "the last line is cut off");
    return false;
  }
  return true;
}

// Leaves out the line at the cursor.
void CsvReader::skip_line(std::string reason) {
  report_.bad(line_, std::move(reason));
  cells_.clear();
  while (true) {
    const void* newline = std::memchr(buffer_.data() + begin_, '\n', end_ - begin_);
    if (newline != nullptr) {
      begin_ = static_cast<std::size_t>(static_cast<const char*>(newline) - buffer_.data()) + 1;
      break;
    }
    begin_ = end_;
    if (!fill()) break;
  }
  next_line_ = line_ + 1;
}

// Takes the record at the cursor apart where it has no quotes and ends well within the buffer; false, with
// nothing done, where that is not so.
bool CsvReader::parse_plain_record() {
  cells_.clear();
  const char* const start = buffer_.data() + begin_;
  const char* const end = buffer_.data() + end_;
  const char* cell = start;
  for (const char* at = start; end - at >= static_cast<std::ptrdiff_t>(kScanned); at += kScanned) {
    for (std::uint64_t marks = marks_in(at, separator_); marks != 0; marks &= marks - 1) {
      const char* const mark = at + std::countr_zero(marks);
      if (*mark == '"' || cells_.size() >= kMaxCells) return false;
      const std::string_view text(cell, static_cast<std::size_t>(mark - cell));
      cell = mark + 1;
      if (*mark != '\n') {
        cells_.push_back(text);
        continue;
      }
      cells_.push_back(without_line_end(text));
      unfinished_ = false;
      begin_ += static_cast<std::size_t>(cell - start);
      next_line_ = line_ + 1;
      return true;
    }
  }
  return false;
}

// Takes the record at the cursor apart; false where there is none (a blank or a bad line), with the cursor
// behind it. Starts again with more bytes when the record does not end within those that are there.
bool CsvReader::parse_record() {
  if (parse_plain_record()) return true;
  while (true) {
    cells_.clear();
    const char* const start = buffer_.data() + begin_;
    const char* const end = buffer_.data() + end_;
    const char* at = start;
    std::size_t lines = 0;
    bool complete = false;
    bool any_quoted = false;
    while (!complete) {
      const char* cell = at;
      bool quoted = false;
      if (at < end && *at == '"') {
        quoted = true;
        ++at;
        while (at < end) {
          const auto* quote =
              static_cast<const char*>(std::memchr(at, '"', static_cast<std::size_t>(end - at)));
          if (quote == nullptr) {
            at = end;
            break;
          }
          at = quote + 1;
          if (at < end && *at == '"') {
            ++at;
            continue;
          }
          quoted = false;  // closed
          break;
        }
        if (quoted) break;  // not closed within the buffer
        lines += static_cast<std::size_t>(std::count(cell, at, '\n'));
        // What may follow is white space, a separator or the end of the line.
        const char* behind = at;
        while (behind < end && (*behind == ' ' || *behind == '\t' || *behind == '\r')) ++behind;
        if (behind == end && !at_end_) break;
        if (behind < end && *behind != separator_ && *behind != '\n') {
          skip_line("text behind a closing quote");
          return false;
        }
        cells_.emplace_back(cell, static_cast<std::size_t>(at - cell));
        any_quoted = true;
        at = behind;
      } else {
        at = find_cell_end(at, end, separator_);
        if (at == end && !at_end_) break;
        const std::string_view text(cell, static_cast<std::size_t>(at - cell));
        cells_.push_back(at == end || *at == '\n' ? without_line_end(text) : text);
      }
      if (cells_.size() > kMaxCells) {
        skip_line(fmt::format("more than {} cells", kMaxCells));
        return false;
      }
      complete = at == end || *at == '\n';
      if (at < end) ++at;
    }
    if (complete) {
      // Only now, since a record that does not end in the buffer is read again.
      if (any_quoted) {
        for (std::string_view& cell : cells_) {
          if (!cell.empty() && cell.front() == '"') cell = unquote(cell);
        }
      }
      unfinished_ = at_end_ && (at == start || at[-1] != '\n');
      begin_ += static_cast<std::size_t>(at - start);
      next_line_ = line_ + lines + 1;
      return true;
    }
    if (end_ - begin_ > kMaxRecordBytes) {
      skip_line(
          fmt::format("a record of more than {} bytes, or a quote that is not closed", kMaxRecordBytes));
      return false;
    }
    if (at_end_) {
      skip_line("a quote is not closed");
      return false;
    }
    fill();
  }
}

// The text between the quotes. Doubled quotes become one in place: the bytes of the record are ours.
std::string_view CsvReader::unquote(std::string_view cell) {
  char* const text = buffer_.data() + (cell.data() - buffer_.data()) + 1;
  const std::size_t size = cell.size() - 2;
  if (std::memchr(text, '"', size) == nullptr) return {text, size};
  std::size_t length = 0;
  for (std::size_t i = 0; i < size; ++i) {
    text[length++] = text[i];
    if (text[i] == '"' && i + 1 < size && text[i + 1] == '"') ++i;
  }
  return {text, length};
}

std::string column_key(std::string_view name) {
  std::string key;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const auto byte = static_cast<unsigned char>(name[i]);
    if (byte == ' ' || byte == '_' || byte == '\t' || byte == '"') continue;
    // Full-width brackets, as a Chinese keyboard writes them.
    if (name.substr(i, 3) == "\xef\xbc\x88" || name.substr(i, 3) == "\xef\xbc\x89") {
      key += name[i + 2] == '\x88' ? '(' : ')';
      i += 2;
      continue;
    }
    key += byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : name[i];
  }
  return key;
}

CsvHeader::CsvHeader(std::span<const std::string_view> cells) {
  for (const std::string_view cell : cells) names_.push_back(column_key(cell));
}

std::optional<std::size_t> CsvHeader::column(std::initializer_list<std::string_view> names) const {
  for (const std::string_view name : names) {
    const auto found = std::find(names_.begin(), names_.end(), column_key(name));
    if (found != names_.end()) return static_cast<std::size_t>(found - names_.begin());
  }
  return std::nullopt;
}

bool is_blank(std::string_view cell) {
  constexpr std::size_t kLongest = 6;
  cell = trim(cell);
  if (cell.empty()) return true;
  if (cell.size() > kLongest) return false;
  constexpr std::array<std::string_view, 9> kNone = {"/",    "-",  "--",   "N/A", "nan",
                                                     "None", "NA", "null", "<NA>"};
  const std::string lower = to_lower(cell);
  return std::any_of(kNone.begin(), kNone.end(),
                     [&](std::string_view none) { return lower == to_lower(none); });
}

namespace {

// A decimal of at most 15 digits and nothing else, which is most cells: the quotient of two numbers that a
// double holds exactly is the nearest double. nullopt for any other text.
std::optional<double> parse_short_decimal(std::string_view cell) {
  constexpr std::size_t kLongest = 16;
  constexpr std::array<double, kLongest> kPowersOfTen = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                         1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  if (cell.empty() || cell.size() > kLongest) return std::nullopt;
  std::uint64_t digits = 0;
  const char* at = cell.data();
  const char* const end = at + cell.size();
  const auto take_digits = [&] {
    for (; at < end; ++at) {
      const auto digit = static_cast<unsigned char>(*at - '0');
      if (digit > 9) break;
      digits = digits * 10 + digit;
    }
  };
  take_digits();
  if (at == end) {
    return cell.size() < kLongest ? std::optional(static_cast<double>(digits)) : std::nullopt;
  }
  if (*at != '.' || cell.size() == 1) return std::nullopt;
  const char* const point = at++;
  take_digits();
  if (at != end) return std::nullopt;
  return static_cast<double>(digits) / kPowersOfTen[static_cast<std::size_t>(end - point - 1)];
}

}  // namespace

std::optional<Quantity> parse_quantity(std::string_view cell) {
  if (const auto decimal = parse_short_decimal(cell)) return Quantity{.value = *decimal, .unit = {}};
  cell = trim(cell);
  if (!cell.empty() && cell.front() == '+') cell.remove_prefix(1);
  // A letter first is "nan", "inf" or no number; from_chars would take the former two.
  if (cell.empty() ||
      !(cell.front() == '-' || cell.front() == '.' || (cell.front() >= '0' && cell.front() <= '9'))) {
    return std::nullopt;
  }
  Quantity quantity;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), quantity.value);
  if (error != std::errc() || !std::isfinite(quantity.value)) return std::nullopt;
  quantity.unit = trim({end, static_cast<std::size_t>(cell.data() + cell.size() - end)});
  return quantity;
}

std::optional<double> parse_number(std::string_view cell) {
  if (const auto decimal = parse_short_decimal(cell)) return decimal;
  const auto quantity = parse_quantity(cell);
  if (!quantity) return std::nullopt;
  return quantity->value;
}

std::optional<double> parse_seconds(std::string_view cell, double default_unit_seconds) {
  const auto quantity = parse_quantity(cell);
  if (!quantity) return std::nullopt;
  struct Unit {
    std::string_view name;
    double seconds;
  };
  constexpr std::array<Unit, 6> kUnits = {
      {{"ms", 1e-3}, {"us", 1e-6}, {"\xc2\xb5s", 1e-6}, {"\xce\xbcs", 1e-6}, {"ns", 1e-9}, {"s", 1.0}}};
  for (const Unit& unit : kUnits) {
    if (quantity->unit == unit.name) return quantity->value * unit.seconds;
  }
  return quantity->value * default_unit_seconds;
}

}  // namespace ms::profile
