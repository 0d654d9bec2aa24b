// What a scenario may ask for and a kernel cannot be asked. One that comes from a file was held to
// the same rules there, with the line (scenarios/language/world_rules.hpp).
#pragma once

#include <optional>
#include <string>

#include "scenarios/language/scenario.hpp"

namespace elblab::live {

// The first such thing, with what to change; nullopt if there is none. Settings that this kernel
// does not have are told when the hosts are made. Kinds and segments of links need no check: every
// link is a veth pair, shaped in user space.
std::optional<std::string> unsupported(const language::Scenario& scenario);

}  // namespace elblab::live
