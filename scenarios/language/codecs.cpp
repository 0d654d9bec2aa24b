#include "scenarios/language/codecs.hpp"

#include <algorithm>

#include "scenarios/language/characters.hpp"

namespace elblab::language {
namespace {

// In one list; more than any scenario has hosts.
constexpr std::size_t kMostListedNames = 10'000;

Json pattern(std::string_view regex) { return {{"type", "string"}, {"pattern", regex}}; }

Expected<std::string> parse_name(std::string_view text) {
  if (text.empty() || !std::all_of(text.begin(), text.end(), is_name_character)) {
    return Error{fmt::format("'{}' is not a name: letters, digits, '-' and '_'", text)};
  }
  return std::string(text);
}

Expected<config::PortRange> parse_port_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  const Expected<std::int64_t> first = parse_integer(text.substr(0, dash));
  const Expected<std::int64_t> last =
      dash == std::string_view::npos ? first : parse_integer(text.substr(dash + 1));
  if (!first || !last) {
    return Error{fmt::format("'{}' is not a port; write 80 or 80-90", text)};
  }
  for (const std::int64_t port : {*first, *last}) {
    if (port < 1 || port > 65535) {
      return Error{fmt::format("port {} is out of range: allowed are 1 … 65535", port)};
    }
  }
  if (*last < *first) {
    return Error{fmt::format("port range '{}' ends before it begins", text)};
  }
  return config::PortRange{static_cast<std::uint16_t>(*first), static_cast<std::uint16_t>(*last)};
}

template <typename V>
Expected<V> within(Expected<V> parsed, V low, V high,
                   const std::function<std::string(const V&)>& show, std::string_view text) {
  if (parsed && (*parsed < low || *parsed > high)) {
    return Error{
        fmt::format("{} is out of range: allowed are {} … {}", text, show(low), show(high))};
  }
  return parsed;
}

}  // namespace

Codec<bool> boolean() {
  return scalar_codec<bool>(
      {"true or false", Json{{"type", "boolean"}}},
      [](std::string_view text) -> Expected<bool> {
        if (text == "true") return true;
        if (text == "false") return false;
        return Error{fmt::format("'{}' is neither true nor false", text)};
      },
      [](const bool& value) { return std::string(value ? "true" : "false"); }, true);
}

Codec<std::string> text() {
  return scalar_codec<std::string>(
      {"text", Json{{"type", {"string", "number", "boolean"}}}},
      [](std::string_view text) { return std::string(text); },
      [](const std::string& value) { return value; });
}

Codec<std::string> name() {
  return scalar_codec<std::string>(
      {"name", Json{{"type", {"string", "integer"}}, {"pattern", "^[A-Za-z0-9_-]+$"}}}, parse_name,
      [](const std::string& value) { return value; });
}

Codec<Duration> duration(Duration low, Duration high) {
  return scalar_codec<Duration>(
      {"duration", pattern("^[0-9]+(\\.[0-9]+)?(ns|us|ms|s|min|h)$")},
      [low, high](std::string_view text) {
        return within<Duration>(parse_duration(text), low, high, format_duration, text);
      },
      format_duration);
}

Codec<double> bit_rate() {
  return scalar_codec<double>(
      {"rate", pattern("^[0-9]+(\\.[0-9]+)?[kMG]?bps$")},
      [](std::string_view text) {
        return within<double>(parse_bit_rate(text), 1, 1e12, format_bit_rate, text);
      },
      format_bit_rate);
}

Codec<double> per_second() {
  return scalar_codec<double>(
      {"number per second", pattern("^[0-9]+(\\.[0-9]+)?/s$")},
      [](std::string_view text) {
        return within<double>(parse_per_second(text), 0, 1e7, format_per_second, text);
      },
      format_per_second);
}

Codec<std::uint64_t> size(std::uint64_t low, std::uint64_t high) {
  return scalar_codec<std::uint64_t>(
      {fmt::format("size {} … {}", format_size(low), format_size(high)),
       pattern("^[0-9]+(\\.[0-9]+)?([KMG]i?)?B$")},
      [low, high](std::string_view text) {
        return within<std::uint64_t>(parse_size(text), low, high, format_size, text);
      },
      format_size);
}

Codec<double> share() {
  Json schema = {{"anyOf",
                  {{{"type", "number"}, {"minimum", 0}, {"maximum", 1}},
                   {{"type", "string"}, {"pattern", "^[0-9]+(\\.[0-9]+)?%$"}}}}};
  return scalar_codec<double>(
      {"share (5% or 0.05)", schema},
      [](std::string_view text) {
        return within<double>(parse_share(text), 0, 1, format_share, text);
      },
      format_share);
}

Codec<net::IpAddress> address() {
  return scalar_codec<net::IpAddress>(
      {"IP address", Json{{"type", "string"}}},
      [](std::string_view text) -> Expected<net::IpAddress> {
        if (const auto parsed = net::IpAddress::parse(text)) return *parsed;
        return Error{fmt::format("'{}' is not an IP address", text)};
      },
      [](const net::IpAddress& value) { return value.to_string(); });
}

Codec<net::Subnet> subnet() {
  return scalar_codec<net::Subnet>(
      {"subnet", Json{{"type", "string"}}},
      [](std::string_view text) -> Expected<net::Subnet> {
        if (const auto parsed = net::Subnet::parse(text)) return *parsed;
        return Error{fmt::format(
            "'{}' is not a subnet; write an address and a prefix length, 10.0.1.0/24", text)};
      },
      [](const net::Subnet& value) { return value.to_string(); });
}

Codec<config::PortRange> port_range() {
  const Json schema = {{"anyOf",
                        {{{"type", "integer"}, {"minimum", 1}, {"maximum", 65535}},
                         {{"type", "string"}, {"pattern", "^[0-9]+-[0-9]+$"}}}}};
  return scalar_codec<config::PortRange>(
      {"port or range of ports (80, 80-90)", schema}, parse_port_range,
      [](const config::PortRange& range) {
        return range.first == range.last ? fmt::format("{}", range.first)
                                         : fmt::format("{}-{}", range.first, range.last);
      });
}

Codec<std::vector<std::string>> names() {
  const Json word = {{"type", {"string", "integer"}},
                     {"pattern", "^[A-Za-z0-9_-]+(\\[[0-9]+\\.\\.[0-9]+\\][A-Za-z0-9_-]*)?$"}};
  Codec<std::vector<std::string>> codec;
  codec.type = {"name or list of names, b[1..4] for four",
                Json{{"anyOf", {word, {{"type", "array"}, {"items", word}}}}}};
  codec.read = [](const Node& node, Diagnostics& d, std::vector<std::string>& values) {
    const std::size_t errors = d.size();
    std::vector<std::string> read;
    // False: there are too many, and it is no use to go on.
    const auto add = [&](const Node& one) {
      if (!one.is_scalar()) {
        d.error(one.place, fmt::format("expected a name, not {}", kind_name(one.kind)));
        return true;
      }
      const auto expanded = expand_name(one.text);
      if (!expanded) {
        d.error(one.place, expanded.error().message);
        return true;
      }
      for (const std::string& each : *expanded) {
        if (const auto parsed = parse_name(each); !parsed) {
          d.error(one.place, parsed.error().message);
          return true;
        }
      }
      if (read.size() + expanded->size() > kMostListedNames) {
        d.error(node.place, fmt::format("more than {} names", kMostListedNames));
        return false;
      }
      read.insert(read.end(), expanded->begin(), expanded->end());
      return true;
    };
    if (node.is_list()) {
      for (const Node& one : node.items) {
        if (d.full() || !add(one)) break;
      }
    } else {
      add(node);
    }
    values = std::move(read);
    return d.size() == errors;
  };
  codec.write = [](const std::vector<std::string>& values) {
    Node node = Node::list();
    for (const std::string& value : values) node.items.push_back(Node::scalar(value));
    return node;
  };
  return codec;
}

}  // namespace elblab::language
