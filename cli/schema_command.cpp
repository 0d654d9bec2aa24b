// elblab schema: the scenario language for editors, or as a page for people.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "cli/commands.hpp"
#include "cli/text/terminal.hpp"
#include "scenarios/language/scenario_file.hpp"

namespace elblab::cli {
namespace {

std::string with_newline(std::string text) {
  if (!text.empty() && text.back() != '\n') text += '\n';
  return text;
}

}  // namespace

void add_schema_command(CLI::App& app, Action& chosen) {
  auto* command = app.add_subcommand("schema", "Print the JSON Schema of the scenario language");
  auto markdown = std::make_shared<bool>(false);
  auto balancer = std::make_shared<bool>(false);
  auto* page = command->add_flag("--markdown", *markdown, "Print the reference page instead");
  command->add_flag("--balancer", *balancer, "Print the schema of balancer files instead")
      ->excludes(page);
  command->footer(
      "\nFor editors that speak YAML: put this at the top of a scenario file\n"
      "  # yaml-language-server: $schema=<path to the schema>");
  command->callback([markdown, balancer, &chosen] {
    chosen = [markdown, balancer] {
      Terminal(stdout).write(with_newline(*markdown   ? language::reference_markdown()
                                          : *balancer ? language::balancer_json_schema()
                                                      : language::json_schema()));
      return ExitCode::holds;
    };
  });
}

}  // namespace elblab::cli
