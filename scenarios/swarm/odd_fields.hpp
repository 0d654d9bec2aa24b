// Fields of any section of the language with any value of their range, drawn from its one table: so
// a field that is added to the language is tried by random worlds from its first day.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scenarios/language/field.hpp"
#include "scenarios/swarm/sketch.hpp"

namespace elblab::swarm {

struct OddField {
  std::vector<std::string> path;  // keys from the top of the file; a map that is not there is made
  Node value;
};

// A field that the tree does not give, of a section that is there or may be added; values near the
// ends of the range are as likely as others. Left out: what names something else, alternatives of
// a choice, and what stands at the top of the file. nullopt: none was found by chance.
std::optional<OddField> draw_odd_field(const Node& tree, Draw& draw);
void put(Node& tree, const OddField& field);

// A value for a field of that type; nullopt: values of that type name something or are a list.
std::optional<Node> draw_value(const language::TypeInfo& type, Draw& draw);

}  // namespace elblab::swarm
