// How the commands that read traces meet those of strangers: what one question may take, and what
// ends it.
#pragma once

#include <CLI/App.hpp>
#include <string>

#include "analysis/trace/reader.hpp"
#include "cli/exit_code.hpp"

namespace elblab::cli {

struct ReadingOptions {
  std::string time_limit = "60s";

  // The limits to open a trace with: also StopSignals ends its questions. Error: of the option.
  Expected<trace::ReadingLimits> limits() const;
};

void add_time_limit_option(CLI::App& command, ReadingOptions& options);

// Of a trace that could not be read to the end: interrupted when a signal was the reason.
ExitCode code_of_unread_trace();

}  // namespace elblab::cli
