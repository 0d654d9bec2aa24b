// Laws that every run of every scenario keeps, whatever it is about, read from its trace: what
// random worlds are held against, for which nobody wrote an expectation.
//
// Each law is judged only where it holds for sure, and says in its own file why. Conservation of
// packets is counted in the worlds themselves (worlds/packet_balance.hpp) and not here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "analysis/trace/reader.hpp"
#include "scenarios/language/scenario.hpp"

namespace elblab::invariants {

struct Broken {
  std::string_view law;  // "address_mapping"
  std::string text;      // the first case in words, and how many there are
};

// Of a complete trace of that scenario. In the order of the laws; empty: all of them are kept. Time
// O(n log n) in the connections of the trace.
std::vector<Broken> broken_by(const trace::Reader& reader, const language::Scenario& scenario);

}  // namespace elblab::invariants
