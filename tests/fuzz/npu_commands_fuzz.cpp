// Any text is taken as the output of the queries of npu-smi and hccn_tool, and what comes out can be put into
// a document: every field is there, as a value or as absent with a reason.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "facts/document.hpp"
#include "probe/hccn_tool.hpp"
#include "probe/npu_chips.hpp"
#include "probe/npu_queries.hpp"

namespace {

void expect(bool holds) {
  if (!holds) __builtin_trap();
}

void expect_fields(const ms::Json& element, std::span<const ms::LabelledField> fields) {
  for (const ms::LabelledField& field : fields) {
    const auto value = element.find(field.name);
    expect(value != element.end() && !value->is_null());
    if (const auto reason = ms::absent_reason(*value)) expect(!reason->empty());
  }
  // dump() throws where a string is not UTF-8.
  expect(!element.dump().empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const ms::NpuMapping mapping = ms::parse_npu_mapping(text);
  expect(mapping.chips.empty() != mapping.problem.empty());
  for (const ms::NpuChip& chip : mapping.chips) expect(chip.npu >= 0 && chip.chip >= 0);

  const ms::CommandOutput output{.status = 0, .text = std::string(text)};
  for (const ms::NpuQuery& query : ms::npu_queries()) {
    ms::Json element = ms::Json::object();
    ms::add_chip_fields(output, "npu-smi", 0, 1, query.fields, element);
    expect_fields(element, query.fields);
  }
  for (const ms::HccnFact& fact : ms::hccn_facts()) {
    for (const ms::HccnQuery& query : fact.queries) {
      ms::Json element = ms::Json::object();
      ms::add_hccn_fields(query, output, "hccn_tool", element);
      expect_fields(element, query.fields);
    }
  }
  return 0;
}
