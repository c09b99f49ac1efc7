#include "rule/scene.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "base/closest_match.hpp"
#include "base/text.hpp"
#include "rule/expression.hpp"

namespace ms {

Json Scene::to_json() const {
  Json scene = Json::object();
  for (const SceneChoice& choice : choices) scene[choice.dimension] = choice.value;
  return scene;
}

SceneCatalogue SceneCatalogue::load(const TomlTable& root, const cel::Environment& environment) {
  SceneCatalogue catalogue;
  std::map<std::string, std::string> owner;  // value -> the question that it answers
  for (const TomlTable& table : root.tables("scene")) {
    Dimension dimension{.name = table.string("name"),
                        .values = table.strings("values"),
                        .detections = {},
                        .default_value = table.string("default"),
                        .default_reason = table.text("default_reason")};
    const auto check_value = [&](const TomlTable& at, std::string_view key, const std::string& value) {
      if (std::find(dimension.values.begin(), dimension.values.end(), value) != dimension.values.end())
        return;
      at.fail(key, fmt::format("'{}' is not one of the values{}", value,
                               did_you_mean(closest_match(value, dimension.values))));
    };
    for (const std::string& value : dimension.values) {
      const auto [first, is_new] = owner.emplace(value, dimension.name);
      // --scene tells by the value alone which question it answers.
      if (!is_new)
        table.fail("values", fmt::format("'{}' is a value of scene '{}' already", value, first->second));
    }
    check_value(table, "default", dimension.default_value);
    for (const TomlTable& detect : table.tables("detect")) {
      const std::string value = detect.string("value");
      check_value(detect, "value", value);
      dimension.detections.push_back(
          {value, *optional_condition(detect, "when", environment), detect.text("reason")});
      detect.finish();
    }
    table.finish();
    catalogue.dimensions_.push_back(std::move(dimension));
  }
  root.finish();
  return catalogue;
}

Scene SceneCatalogue::detect(const FactDocument& facts, std::string_view overrides) const {
  std::map<std::string, std::string> by_hand;
  std::vector<std::string> all_values;
  for (const Dimension& dimension : dimensions_) {
    all_values.insert(all_values.end(), dimension.values.begin(), dimension.values.end());
  }
  for (const std::string_view part :
       trim(overrides).empty() ? std::vector<std::string_view>() : split(overrides, ',')) {
    const std::string word(trim(part));
    const auto dimension = std::find_if(dimensions_.begin(), dimensions_.end(), [&](const Dimension& d) {
      return std::find(d.values.begin(), d.values.end(), word) != d.values.end();
    });
    if (dimension == dimensions_.end()) {
      const auto suggestion = closest_match(word, all_values);
      throw InputError("--scene",
                       fmt::format("unknown scene '{}'{}", word,
                                   suggestion ? did_you_mean(suggestion)
                                              : fmt::format("; known are {}", fmt::join(all_values, ", "))));
    }
    if (!by_hand.emplace(dimension->name, word).second) {
      throw InputError("--scene", fmt::format("'{}' and '{}' both answer '{}'", by_hand[dimension->name],
                                              word, dimension->name));
    }
  }

  const cel::Activation activation = activation_of(facts);
  cel::Arena arena;
  Scene scene;
  for (const Dimension& dimension : dimensions_) {
    if (const auto chosen = by_hand.find(dimension.name); chosen != by_hand.end()) {
      scene.choices.push_back({dimension.name, chosen->second, {"--scene", "--scene"}});
      continue;
    }
    const auto detected = std::find_if(
        dimension.detections.begin(), dimension.detections.end(),
        [&](const Detection& detection) { return detection.when.evaluate(activation, arena).is_true(); });
    if (detected != dimension.detections.end()) {
      scene.choices.push_back({dimension.name, detected->value, detected->reason});
    } else {
      scene.choices.push_back({dimension.name, dimension.default_value, dimension.default_reason});
    }
  }
  return scene;
}

std::vector<std::string> SceneCatalogue::references() const {
  std::vector<std::string> paths;
  for (const Dimension& dimension : dimensions_) {
    for (const Detection& detection : dimension.detections) {
      for (const std::string_view path : detection.when.references()) paths.emplace_back(path);
    }
  }
  return paths;
}

std::vector<std::string> SceneCatalogue::values() const {
  std::vector<std::string> all;
  for (const Dimension& dimension : dimensions_)
    all.insert(all.end(), dimension.values.begin(), dimension.values.end());
  return all;
}

std::vector<std::string> SceneCatalogue::dimensions() const {
  std::vector<std::string> names;
  for (const Dimension& dimension : dimensions_) names.push_back(dimension.name);
  return names;
}

}  // namespace ms
