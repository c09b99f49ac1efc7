#include "cli/console.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/closest_match.hpp"

namespace ms {

TextStyle stdout_style(Lang lang, bool verbose) {
  TextStyle style{.lang = lang, .color = false, .verbose = verbose};
  if (::isatty(STDOUT_FILENO) == 0) return style;
  const char* no_color = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  const bool dumb = terminal != nullptr && std::string_view(terminal) == "dumb";
  style.color = (no_color == nullptr || *no_color == '\0') && !dumb;
  winsize size = {};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    style.width = std::clamp<std::size_t>(size.ws_col, 60, 120);
  }
  return style;
}

void write_stdout(std::string_view text) {
  const bool written =
      std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (!written)
    throw InputError("standard output", std::string("cannot be written: ") + std::strerror(errno));
}

Lang choose_lang(std::string_view word) {
  if (word.empty()) return lang_from_locale();
  if (word == "en") return Lang::en;
  if (word == "zh") return Lang::zh;
  throw InputError("--lang", fmt::format("unknown language '{}'; known are en and zh", word));
}

void print_note(const Text& note, Lang lang) {
  fmt::print(stderr, fmt::runtime(lang == Lang::zh ? "提示：{}\n" : "note: {}\n"), note.in(lang));
}

int finish(const Verdict& verdict, Lang lang) {
  const int status = static_cast<int>(verdict.status);
  fmt::print(stderr, fmt::runtime(lang == Lang::zh ? "退出 {}：{}\n" : "exit {}: {}\n"), status,
             verdict.reason.in(lang));
  return status;
}

int finish_interrupted(Lang lang) {
  const int status = static_cast<int>(ExitStatus::interrupted);
  fmt::print(stderr, fmt::runtime(lang == Lang::zh ? "退出 {}：被中断\n" : "exit {}: interrupted\n"), status);
  return status;
}

int finish(const InputError& error) {
  fmt::print(stderr, "{}\n", error.what());
  if (!error.excerpt().empty()) fmt::print(stderr, "{}\n", error.excerpt());
  const int status = static_cast<int>(ExitStatus::wrong_input);
  fmt::print(stderr, "exit {}: wrong input\n", status);
  return status;
}

}  // namespace ms
