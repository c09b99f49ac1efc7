#include "report/profile.hpp"

namespace ms {

OrderedJson profile_json(const ProfileResult& result, Lang lang, bool stats) {
  OrderedJson files = OrderedJson::array();
  for (const profile::FileReport& file : result.reading.files) {
    OrderedJson bad = OrderedJson::array();
    for (const profile::BadRecord& record : file.first_bad) {
      bad.push_back({{"place", record.place}, {"reason", record.reason}});
    }
    OrderedJson notes = OrderedJson::array();
    for (const Text& note : file.notes) notes.push_back(note.in(lang));
    OrderedJson entry = {{"path", file.path},
                         {"kind", file.kind},
                         {"bytes", file.bytes},
                         {"records", file.records},
                         {"bad_records", file.bad_records},
                         {"first_bad", bad},
                         {"notes", notes}};
    if (stats) entry["seconds"] = file.seconds;
    files.push_back(std::move(entry));
  }
  OrderedJson document = {
      {"schema", "msadvisor.profile/1"},
      {"folder", result.root},
      {"files", files},
      {"other_files", result.reading.others},
      {"unreadable", result.reading.unreadable},
      {"search_cut", result.reading.search_cut},
      {"run", OrderedJson(result.facts)},
      {"exit",
       {{"status", static_cast<int>(result.verdict.status)}, {"reason", result.verdict.reason.in(lang)}}}};
  if (result.device.contains("device")) document["device"] = OrderedJson(result.device["device"]);
  return document;
}

}  // namespace ms
