#include "scenarios/language/sections.hpp"

namespace elblab::language {
namespace {

// The kernel shows both ends of the port range in one file, and so do we.
constexpr std::string_view kPortRange = "net.ipv4.ip_local_port_range";

Json setting_schema() {
  Json properties = Json::object();
  for (const host::SysctlEntry& entry : host::sysctl_table()) {
    properties[std::string(entry.name)] = {{"type", "integer"},
                                           {"minimum", entry.low},
                                           {"maximum", entry.high},
                                           {"description", std::string(entry.help)}};
  }
  const auto* low = host::find_sysctl("net.ipv4.ip_local_port_range.low");
  const Json port = {{"type", "integer"}, {"minimum", low->low}, {"maximum", low->high}};
  properties[std::string(kPortRange)] = {
      {"anyOf",
       {{{"type", "string"}, {"pattern", "^[0-9]+[ \\t]+[0-9]+$"}},
        {{"type", "array"}, {"items", port}, {"minItems", 2}, {"maxItems", 2}}}},
      {"description", "first and last local port for outgoing connections"}};
  return {{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
}

std::vector<std::string> known_names() {
  std::vector<std::string> names{std::string(kPortRange)};
  for (const host::SysctlEntry& entry : host::sysctl_table()) names.emplace_back(entry.name);
  return names;
}

void set(const host::SysctlEntry& entry, const Node& node, std::string_view text, Diagnostics& d,
         host::Sysctls& values) {
  const Expected<std::int64_t> parsed = parse_integer(text);
  if (!parsed) return d.error(node.place, parsed.error().message);
  if (*parsed < entry.low || *parsed > entry.high) {
    return d.error(node.place, fmt::format("{} is out of range: {} allows {} … {}", text,
                                           entry.name, entry.low, entry.high));
  }
  values.*entry.member = *parsed;
}

void set_port_range(const Node& node, Diagnostics& d, host::Sysctls& values) {
  std::vector<std::pair<const Node*, std::string>> ends;
  if (node.is_list()) {
    for (const Node& item : node.items) ends.emplace_back(&item, item.text);
  } else {
    const std::size_t gap = node.text.find_first_of(" \t");
    const std::size_t next = node.text.find_first_not_of(" \t", gap);
    ends.emplace_back(&node, node.text.substr(0, gap));
    if (next != std::string::npos && gap != std::string::npos) {
      ends.emplace_back(&node, node.text.substr(next));
    }
  }
  const auto* low = host::find_sysctl("net.ipv4.ip_local_port_range.low");
  const auto* high = host::find_sysctl("net.ipv4.ip_local_port_range.high");
  if (ends.size() != 2 || !low || !high) {
    return d.error(node.place,
                   "expected the first and the last port: \"32768 60999\" or [32768, 60999]");
  }
  set(*low, *ends[0].first, ends[0].second, d, values);
  set(*high, *ends[1].first, ends[1].second, d, values);
}

bool read_sysctls(const Node& node, Diagnostics& d, host::Sysctls& values) {
  if (!node.is_map() && !node.is_null()) {
    d.error(node.place,
            fmt::format("expected a map of kernel settings, not {}", kind_name(node.kind)));
    return false;
  }
  const std::size_t errors = d.size();
  for (const Entry& entry : node.entries) {
    if (d.full()) break;
    if (entry.key == kPortRange) {
      set_port_range(entry.value, d, values);
    } else if (const host::SysctlEntry* known = host::find_sysctl(entry.key); !known) {
      d.error(entry.key_place, fmt::format("unknown kernel setting '{}'", entry.key),
              did_you_mean(nearest(entry.key, known_names())));
    } else if (!entry.value.is_scalar()) {
      d.error(entry.value.is_null() ? entry.key_place : entry.value.place,
              fmt::format("{} needs a whole number", entry.key));
    } else {
      set(*known, entry.value, entry.value.text, d, values);
    }
  }
  if (d.size() == errors && values.ip_local_port_range_low > values.ip_local_port_range_high) {
    d.error(node.place,
            fmt::format("{} ends ({}) before it begins ({})", kPortRange,
                        values.ip_local_port_range_high, values.ip_local_port_range_low));
  }
  return d.size() == errors;
}

Node write_sysctls(const host::Sysctls& values) {
  Node node = Node::map();
  Node range = Node::list();
  range.items.push_back(Node::scalar(fmt::format("{}", values.ip_local_port_range_low)));
  range.items.push_back(Node::scalar(fmt::format("{}", values.ip_local_port_range_high)));
  for (const host::SysctlEntry& entry : host::sysctl_table()) {
    if (!entry.name.starts_with(kPortRange)) {
      node.put(std::string(entry.name), Node::scalar(fmt::format("{}", values.*entry.member)));
    } else if (!node.find(kPortRange)) {
      node.put(std::string(kPortRange), range);
    }
  }
  return node;
}

}  // namespace

Codec<host::Sysctls> sysctls() {
  return {{"map of kernel settings", setting_schema(), TypeInfo::Shape::settings, nullptr},
          read_sysctls,
          write_sysctls};
}

}  // namespace elblab::language
