#include "report/run_comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.hpp"

namespace ms {
namespace {

constexpr std::string_view kSchema = "msadvisor.comparison/1";

using Rows = std::vector<std::vector<std::string>>;

std::string shown(const Json& value) {
  if (value.is_null()) return "–";
  if (value.is_number_float()) return fmt::format("{:g}", value.get<double>());
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// Four digits, whole numbers whole.
std::string shown(std::optional<double> value) {
  if (!value) return "–";
  if (std::abs(*value) >= 1000 || *value == std::floor(*value)) return fmt::format("{:.0f}", *value);
  return fmt::format("{:.4g}", *value);
}

std::string percent(std::optional<double> share) {
  return share ? fmt::format("{:+.2f} %", *share * 100) : "–";
}

Rows setting_rows(const RunComparison& comparison) {
  Rows rows;
  for (const SettingDifference& difference : comparison.settings) {
    std::vector<std::string> row = {difference.name};
    for (const Json& value : difference.values) row.push_back(shown(value));
    rows.push_back(std::move(row));
  }
  return rows;
}

Rows metric_rows(const RunComparison& comparison, const TextStyle& style) {
  Rows rows;
  for (const MetricComparison& metric : comparison.metrics) {
    std::vector<std::string> row = {metric.name.in(style.lang) +
                                    (metric.unit.empty() ? "" : " [" + metric.unit + "]")};
    for (const auto& value : metric.values) row.push_back(shown(value));
    rows.push_back(std::move(row));
    const auto add = [&](std::string_view label, const std::vector<std::optional<double>>& changes) {
      if (std::none_of(changes.begin(), changes.end(), [](const auto& one) { return one.has_value(); }))
        return;
      std::vector<std::string> line = {fmt::format("  {}", label), ""};
      for (std::size_t i = 1; i < changes.size(); ++i) line.push_back(percent(changes[i]));
      rows.push_back(std::move(line));
    };
    add(style.pick("over the first", "较首个"), metric.over_first);
    if (comparison.names.size() > 2) add(style.pick("over the one before", "较前一个"), metric.over_previous);
  }
  if (!comparison.ceiling_ratio.empty()) {
    std::vector<std::string> row = {fmt::format(
        fmt::runtime(style.pick("ratio to the ceiling {:g}", "与上限 {:g} 之比")), *comparison.ceiling)};
    for (const auto& ratio : comparison.ceiling_ratio)
      row.push_back(ratio ? fmt::format("{:.2f}", *ratio) : "–");
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<std::string> header(const RunComparison& comparison, std::string first) {
  std::vector<std::string> row = {std::move(first)};
  row.insert(row.end(), comparison.names.begin(), comparison.names.end());
  return row;
}

std::string text_table(Rows rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], display_width(row[i]));
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line = "  " + pad(row.front(), widths.front());
    for (std::size_t i = 1; i < row.size(); ++i)
      line += "  " + std::string(widths[i] - display_width(row[i]), ' ') + row[i];
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

std::string cell(std::string text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '|') text.insert(at++, 1, '\\');
  }
  return text;
}

std::string markdown_table(const Rows& rows) {
  std::string text;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    text += "|";
    for (const std::string& value : rows[i]) text += fmt::format(" {} |", cell(std::string(trim(value))));
    text += "\n";
    if (i == 0) {
      text += "|---|";
      for (std::size_t column = 1; column < rows[0].size(); ++column) text += "---:|";
      text += "\n";
    }
  }
  return text;
}

template <class Table>
std::string sections(const RunComparison& comparison, const TextStyle& style, std::string_view mark,
                     Table table) {
  std::string text;
  Rows settings = setting_rows(comparison);
  if (!settings.empty()) {
    settings.insert(settings.begin(), header(comparison, ""));
    text += fmt::format("{}\n{}\n",
                        paint(style, Color::bold,
                              fmt::format("{}{}", mark, style.pick("Settings that differ", "不同的设置"))),
                        table(settings));
  }
  Rows metrics = metric_rows(comparison, style);
  metrics.insert(metrics.begin(), header(comparison, ""));
  return text + fmt::format("{}\n{}",
                            paint(style, Color::bold,
                                  fmt::format("{}{}", mark, style.pick("What changed", "指标变化"))),
                            table(metrics));
}

OrderedJson numbers(const std::vector<std::optional<double>>& values) {
  OrderedJson list = OrderedJson::array();
  for (const auto& value : values) list.push_back(value ? OrderedJson(*value) : OrderedJson());
  return list;
}

}  // namespace

std::string run_comparison_text(const RunComparison& comparison, const TextStyle& style) {
  return sections(comparison, style, "", text_table);
}

std::string run_comparison_markdown(const RunComparison& comparison, const TextStyle& style) {
  return fmt::format("# {}\n\n", style.pick("Runs side by side", "测试对比")) +
         sections(comparison, {.lang = style.lang}, "## ",
                  [](const Rows& rows) { return "\n" + markdown_table(rows); });
}

OrderedJson run_comparison_json(const RunComparison& comparison, Lang lang) {
  OrderedJson settings = OrderedJson::array();
  for (const SettingDifference& difference : comparison.settings)
    settings.push_back({{"name", difference.name}, {"values", difference.values}});
  OrderedJson metrics = OrderedJson::array();
  for (const MetricComparison& metric : comparison.metrics) {
    metrics.push_back({{"fact", metric.fact},
                       {"name", metric.name.in(lang)},
                       {"unit", metric.unit},
                       {"more_is_better", metric.more_is_better},
                       {"values", numbers(metric.values)},
                       {"over_first", numbers(metric.over_first)},
                       {"over_previous", numbers(metric.over_previous)}});
  }
  return {
      {"schema", kSchema},
      {"runs", comparison.names},
      {"settings", settings},
      {"metrics", metrics},
      {"ceiling_tokens_per_second", comparison.ceiling ? OrderedJson(*comparison.ceiling) : OrderedJson()},
      {"ceiling_ratio", numbers(comparison.ceiling_ratio)}};
}

}  // namespace ms
