// Pieces of YAML that a drawn scenario is put together from: values as the language spells them,
// and maps that leave out what is not there.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/language/tree.hpp"

namespace elblab::random_scenarios {

using language::Node;

// Seconds, in the largest unit in which they are a whole number: "1500ms".
std::string time_text(double seconds);
std::string bit_rate_text(double bits_per_second);
std::string percent_text(double share);
std::string bytes_text(double bytes);
// Without zeros at the end: "0.5".
std::string plain(double number);
// A range by its first number and its length; format has a {} for each end.
std::string ports_text(const char* format, unsigned first, unsigned count);
// "webs[2..3]", of one "webs2".
std::string host_names(const std::string& stem, unsigned first, unsigned last);

inline Node scalar(const std::string& text) { return Node::scalar(text); }
inline Node scalar(const char* text) { return Node::scalar(text); }
inline Node scalar(bool yes) { return Node::scalar(yes ? "true" : "false"); }
inline Node scalar(unsigned number) { return Node::scalar(std::to_string(number)); }

// An entry of a map; without a value it is left out.
struct Field {
  std::string name;
  std::optional<Node> value;

  Field(std::string key, Node node) : name(std::move(key)), value(std::move(node)) {}
  Field(std::string key, std::optional<Node> node) : name(std::move(key)), value(std::move(node)) {}
  template <typename Value>
  Field(std::string key, const Value& plain_value)
      : name(std::move(key)), value(scalar(plain_value)) {}
};

template <typename Value>
std::optional<Node> only_if(bool wanted, const Value& value) {
  return wanted ? std::optional(scalar(value)) : std::nullopt;
}

Node map_of(std::vector<Field> fields);
// Nothing instead of an empty map.
std::optional<Node> some(Node map);
Node list_of(std::vector<Node> items);

}  // namespace elblab::random_scenarios
