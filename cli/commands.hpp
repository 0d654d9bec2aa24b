// The subcommands. Each registers its options on the CLI11 application; its work is a callback that
// main() starts after parsing, and whose result is the exit code of the program.
#pragma once

#include <CLI/App.hpp>
#include <functional>

#include "cli/exit_code.hpp"

namespace elblab::cli {

using Action = std::function<ExitCode()>;

// `chosen` receives the action of the subcommand that the user named; it must outlive parsing.
void add_run_command(CLI::App& app, Action& chosen);
void add_live_command(CLI::App& app, Action& chosen);
void add_agree_command(CLI::App& app, Action& chosen);
void add_compare_command(CLI::App& app, Action& chosen);
void add_diagnose_command(CLI::App& app, Action& chosen);
void add_replay_command(CLI::App& app, Action& chosen);
void add_import_command(CLI::App& app, Action& chosen);
void add_query_command(CLI::App& app, Action& chosen);
void add_export_command(CLI::App& app, Action& chosen);
void add_score_command(CLI::App& app, Action& chosen);
void add_report_command(CLI::App& app, Action& chosen);
void add_list_command(CLI::App& app, Action& chosen);
void add_explain_command(CLI::App& app, Action& chosen);
void add_coverage_command(CLI::App& app, Action& chosen);
void add_health_command(CLI::App& app, Action& chosen);
void add_shares_command(CLI::App& app, Action& chosen);
void add_swarm_command(CLI::App& app, Action& chosen);
void add_sweep_command(CLI::App& app, Action& chosen);
void add_show_command(CLI::App& app, Action& chosen);
void add_validate_command(CLI::App& app, Action& chosen);
void add_schema_command(CLI::App& app, Action& chosen);

}  // namespace elblab::cli
