// Every kind of file that is no trace, for the commands that read traces.
#pragma once

#include <string>
#include <vector>

#include "tests/cli/program.hpp"
#include "tests/cli/scenario_folder.hpp"

namespace elblab::test {

// Checks that `elblab <command> <bad trace> <more>` answers each of them with one line of error
// that names the file, nothing on stdout, exit code 2, and leaves the file as it was. Needs a whole
// trace out/T-1.symptom.seed1.db in the folder.
void check_bad_traces(const ScenarioFolder& folder, const Surroundings& here,
                      const std::vector<std::string>& command,
                      const std::vector<std::string>& more = {});

}  // namespace elblab::test
