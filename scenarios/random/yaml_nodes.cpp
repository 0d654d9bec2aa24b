#include "scenarios/random/yaml_nodes.hpp"

#include <fmt/format.h>

#include <cmath>

namespace elblab::random_scenarios {

std::string time_text(double seconds) {
  const auto nanoseconds = std::llround(seconds * 1e9);
  if (nanoseconds == 0) return "0s";
  if (nanoseconds % 1'000'000'000 == 0) return fmt::format("{}s", nanoseconds / 1'000'000'000);
  if (nanoseconds % 1'000'000 == 0) return fmt::format("{}ms", nanoseconds / 1'000'000);
  if (nanoseconds % 1000 == 0) return fmt::format("{}us", nanoseconds / 1000);
  return fmt::format("{}ns", nanoseconds);
}

std::string bit_rate_text(double bits_per_second) {
  const auto bits = std::llround(bits_per_second);
  if (bits % 1'000'000 == 0) return fmt::format("{}Mbps", bits / 1'000'000);
  return fmt::format("{}bps", bits);
}

std::string percent_text(double share) { return plain(share * 100) + "%"; }

std::string bytes_text(double bytes) { return fmt::format("{}B", std::llround(bytes)); }

std::string plain(double number) {
  std::string text = fmt::format("{:.6f}", number);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string ports_text(const char* format, unsigned first, unsigned count) {
  return fmt::format(fmt::runtime(format), first, first + count - 1);
}

std::string host_names(const std::string& stem, unsigned first, unsigned last) {
  return first == last ? fmt::format("{}{}", stem, first)
                       : fmt::format("{}[{}..{}]", stem, first, last);
}

Node map_of(std::vector<Field> fields) {
  Node map = Node::map();
  for (Field& field : fields) {
    if (field.value) map.put(std::move(field.name), *std::move(field.value));
  }
  return map;
}

std::optional<Node> some(Node map) {
  return map.entries.empty() ? std::nullopt : std::optional(std::move(map));
}

Node list_of(std::vector<Node> items) {
  Node list = Node::list();
  list.items = std::move(items);
  return list;
}

}  // namespace elblab::random_scenarios
