#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_source.hpp"
#include "base/lang.hpp"
#include "profile/csv.hpp"
#include "profile/reading_report.hpp"

namespace ms::profile {

struct Run;

/// How a file looks before it is read: what its kind is told by.
struct Head {
  static constexpr std::size_t kBytes = std::size_t{64} << 10;

  std::string name;  ///< of the file, in lower case, without ".gz"
  std::string text;  ///< the first kBytes, decompressed
  CsvHeader header;  ///< the cells of the first line of the text, as if it were CSV

  /// Whether the first line has all of these columns.
  bool has_columns(std::initializer_list<std::string_view> names) const;
  /// Whether `"name"` followed by a colon stands in the text.
  bool has_member(std::string_view name) const;
  /// The first byte that is no white space; 0 where there is none.
  char first_byte() const;
};

/// The head of a text as of a file of that name.
Head head_of(std::string_view file_name, std::string text);

/// A file that is being read.
struct Input {
  std::filesystem::path path;
  std::string name;    ///< in lower case, without ".gz": "prefill_0.csv"
  std::string folder;  ///< below the folder that was searched: "rank0/ASCEND_PROFILER_OUTPUT"; "" at its top
  ByteSource& bytes;   ///< from the start of the file, decompressed. Databases are opened by path instead
};

/// A kind of file: how it is told, and how it is read. The table of kinds has a row for each.
struct Kind {
  std::string_view name;  ///< "mindie.results_per_request"
  Text doc;               ///< what it holds, in a few words
  bool (*recognise)(const Head& head);
  void (*read)(Input& input, Run& run, FileReport& report);
};

/// All kinds. A file is of the first one that recognises it.
std::span<const Kind> kinds();

/// The kind of a file that begins so; nullptr where it is of none.
const Kind* recognise(const Head& head);

/// How far a folder is searched.
struct SearchLimits {
  int depth = 16;
  std::size_t files = 20000;
};

/// A file below the folder that was searched.
struct FoundFile {
  std::filesystem::path path;
  std::string relative;  ///< below the folder
  std::uint64_t bytes = 0;
};

/// What a search found.
struct FoundFiles {
  std::vector<FoundFile> files;
  std::vector<std::string> unreadable;  ///< folders that could not be listed, with the reason
  bool cut = false;                     ///< whether a limit ended the search
};

/// The regular files below `root` in order of their names, or `root` itself where it is a file. Links to
/// files are followed, links to folders are not. Throws InputError when `root` is not there.
FoundFiles find_files(const std::filesystem::path& root, const SearchLimits& limits);

/// What was found, and what it holds.
struct FolderReading {
  std::vector<FileReport> files;        ///< of a kind
  std::vector<std::string> others;      ///< of none
  std::vector<std::string> unreadable;  ///< with the reason: "DIR/a.csv: Permission denied"
  bool search_cut = false;              ///< more files than SearchLimits allows
};

/// Hears of the progress of a long read: bytes read so far, bytes to read, and the file.
using Progress = std::function<void(std::uint64_t done, std::uint64_t total, const std::string& file)>;

/// Reads all files below a folder that are of a kind into `run`. Throws InputError when the folder is not
/// there.
FolderReading read_profiles(const std::filesystem::path& root, Run& run, const Progress& progress = {},
                            const SearchLimits& limits = {});

/// Reads one text as a file of that name, as tests and fuzzers do; report.kind is empty where it is of no
/// kind. Kinds that are databases need a file and are not tried.
FileReport read_text(std::string_view file_name, std::string_view text, Run& run);

}  // namespace ms::profile
