#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/lang.hpp"
#include "report/text_style.hpp"
#include "rule/verdict.hpp"

namespace ms {

/// The layout for standard output: coloured on a terminal unless NO_COLOR is set, as wide as the terminal
/// (between 60 and 120 columns; 100 where there is none).
TextStyle stdout_style(Lang lang, bool verbose);

/// Writes to standard output at once. Throws InputError when it cannot be written (a full disk, a closed
/// pipe).
void write_stdout(std::string_view text);

/// The language of --lang, or of the locale where it was not given. Throws InputError.
Lang choose_lang(std::string_view word);

/// "note: ..." on standard error.
void print_note(const Text& note, Lang lang);

/// What ends every run: "exit 1: 2 checks at or above 'error' failed" on standard error. Returns the status.
int finish(const Verdict& verdict, Lang lang);

/// What ends a run that was interrupted, where it could clean up: "exit 130: interrupted". Returns 130.
int finish_interrupted(Lang lang);

/// An input error on standard error, with its excerpt, and status 2.
int finish(const InputError& error);

}  // namespace ms
