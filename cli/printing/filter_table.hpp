// What may pass in a scenario, as a table: network ACLs, security groups with their hosts,
// firewalls, access lists of listeners. Empty where nothing is refused.
#pragma once

#include <string>

#include "cli/text/terminal.hpp"
#include "scenarios/language/scenario.hpp"

namespace elblab::cli {

std::string filter_table(const language::Scenario& scenario, const Terminal& out);

}  // namespace elblab::cli
