#include "model/safetensors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/json.hpp"
#include "base/units.hpp"
#include "model/saturating.hpp"

namespace ms {
namespace {

constexpr std::int64_t kLengthBytes = 8;
constexpr int kMostDepth = 8;

std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 8; i-- > 0;) value = value << 8U | static_cast<unsigned char>(bytes[i]);
  return value;
}

// Collects "data_offsets" of every tensor without building a document: headers reach megabytes.
class OffsetCollector : public nlohmann::json_sax<Json> {
 public:
  OffsetCollector(std::string source, std::int64_t data_bytes)
      : source_(std::move(source)), data_bytes_(data_bytes) {}

  const SafetensorsSummary& summary() const { return summary_; }

  bool null() override { return scalar(); }
  bool boolean(bool) override { return scalar(); }
  bool string(string_t&) override { return scalar(); }
  bool binary(binary_t&) override { return scalar(); }
  bool number_float(number_float_t, const string_t&) override { return scalar(); }
  bool number_integer(number_integer_t) override { return scalar(); }
  bool number_unsigned(number_unsigned_t value) override {
    if (!in_offsets_) return scalar();
    if (count_ < offsets_.size()) offsets_.at(count_) = value;
    ++count_;
    return true;
  }

  bool start_object(std::size_t) override {
    scalar();
    if (++depth_ > kMostDepth) fail("its header is nested too deeply");
    if (depth_ == 2) has_offsets_ = false;
    return true;
  }
  bool end_object() override {
    if (depth_ == 2 && tensor_ != "__metadata__") {
      if (!has_offsets_) fail(fmt::format("tensor '{}' has no 'data_offsets'", tensor_));
      ++summary_.tensors;
    }
    --depth_;
    return true;
  }
  bool start_array(std::size_t) override {
    if (depth_ == 0) fail("its header is a list, not an object");
    if (++depth_ > kMostDepth) fail("its header is nested too deeply");
    in_offsets_ = depth_ == 3 && key_ == "data_offsets" && tensor_ != "__metadata__";
    count_ = 0;
    return true;
  }
  bool end_array() override {
    --depth_;
    if (in_offsets_) add_tensor();
    in_offsets_ = false;
    return true;
  }
  bool key(string_t& name) override {
    if (depth_ == 1) tensor_ = name;
    key_ = name;
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    fail("its header is not valid JSON");
  }

 private:
  [[noreturn]] void fail(const std::string& message) const {
    throw InputError(source_, "not a safetensors file: " + message);
  }

  bool scalar() {
    if (depth_ == 0 && !seen_root_) {
      seen_root_ = true;
      return true;
    }
    if (depth_ == 1) {
      if (tensor_ != "__metadata__") has_offsets_ = false;
    }
    if (in_offsets_) fail(fmt::format("tensor '{}' has wrong 'data_offsets'", tensor_));
    return true;
  }

  void add_tensor() {
    has_offsets_ = true;
    if (count_ != 2 || offsets_[0] > offsets_[1])
      fail(fmt::format("tensor '{}' has wrong 'data_offsets'", tensor_));
    if (offsets_[1] > static_cast<std::uint64_t>(data_bytes_)) {
      throw InputError(
          source_, fmt::format("is cut off: tensor '{}' ends {} bytes behind the end of the file", tensor_,
                               offsets_[1] - static_cast<std::uint64_t>(data_bytes_)));
    }
    summary_.tensor_bytes =
        saturating_add(summary_.tensor_bytes, static_cast<std::int64_t>(offsets_[1] - offsets_[0]));
  }

  std::string source_;
  std::int64_t data_bytes_;
  SafetensorsSummary summary_;
  std::string tensor_;
  std::string key_;
  int depth_ = 0;
  bool seen_root_ = false;
  bool in_offsets_ = false;
  bool has_offsets_ = false;
  std::array<std::uint64_t, 2> offsets_ = {};
  std::size_t count_ = 0;
};

}  // namespace

std::int64_t safetensors_header_bytes(std::string_view start, std::int64_t file_bytes,
                                      const std::string& source) {
  if (start.size() < static_cast<std::size_t>(kLengthBytes)) {
    throw InputError(source, "not a safetensors file: shorter than 8 bytes");
  }
  const std::uint64_t length = little_endian(start);
  if (length < 2 || length > static_cast<std::uint64_t>(kMostSafetensorsHeaderBytes)) {
    throw InputError(source, fmt::format("not a safetensors file: it states a header of {} bytes", length));
  }
  const auto bytes = static_cast<std::int64_t>(length);
  if (bytes > file_bytes - kLengthBytes) {
    throw InputError(
        source, fmt::format("is cut off: its header takes {} bytes, the file has {}", bytes, file_bytes));
  }
  return bytes;
}

SafetensorsSummary parse_safetensors_header(std::string_view header, std::int64_t file_bytes,
                                            const std::string& source) {
  if (header.empty() || header.front() != '{') {
    throw InputError(source, "not a safetensors file: its header is not a JSON object");
  }
  const std::int64_t data_bytes =
      std::max<std::int64_t>(0, file_bytes - kLengthBytes - static_cast<std::int64_t>(header.size()));
  OffsetCollector collector(source, data_bytes);
  nlohmann::json::sax_parse(header.begin(), header.end(), &collector);
  return collector.summary();
}

SafetensorsSummary read_safetensors(const std::filesystem::path& path) {
  const std::string source = path.string();
  const auto size = ms::file_size(path);
  if (!size) throw InputError(source, size.reason().substr(source.size() + 2));
  const auto start = read_file_start(path, static_cast<std::size_t>(kLengthBytes));
  if (!start) throw InputError(source, start.reason().substr(source.size() + 2));
  const std::int64_t length = safetensors_header_bytes(*start, *size, source);
  const auto head = read_file_start(path, static_cast<std::size_t>(kLengthBytes + length));
  if (!head) throw InputError(source, head.reason().substr(source.size() + 2));
  return parse_safetensors_header(std::string_view(*head).substr(kLengthBytes), *size, source);
}

}  // namespace ms
