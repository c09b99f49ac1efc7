#include "cli/documentation_commands.hpp"

#include <memory>

#include "cli/console.hpp"

namespace ms {

std::vector<ManEntry> environment_of_tools() {
  return {{"LC_ALL, LC_MESSAGES, LANG",
           "The first that is set chooses the language where --lang does not: zh..., or English"},
          {"NO_COLOR", "Where it is set and not empty, nothing is coloured"},
          {"PATH", "Where npu-smi and other commands are looked up"}};
}

void add_documentation_commands(CLI::App& app, std::function<int()>& run, ManDetails details,
                                std::function<CompletionWords()> words) {
  auto shell = std::make_shared<std::string>();
  CLI::App* completion = app.add_subcommand("completion", "Write the completion script of a shell");
  completion->add_option("shell", *shell, "The shell")
      ->type_name("SHELL")
      ->check(CLI::IsMember(std::vector<std::string>(kShells.begin(), kShells.end())))
      ->required();
  completion->callback([&app, shell, words = std::move(words), &run] {
    run = [&app, shell, words] {
      write_stdout(completion_script(*shell, describe_commands(app), words()));
      return 0;
    };
  });
  CLI::App* man = app.add_subcommand("man", "Write the manual: read it with 'man -l FILE'");
  man->callback([&app, details = std::move(details), &run] {
    run = [&app, details] {
      write_stdout(man_page(describe_commands(app), details));
      return 0;
    };
  });
}

}  // namespace ms
