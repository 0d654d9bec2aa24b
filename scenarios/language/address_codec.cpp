#include "scenarios/language/address_codec.hpp"

#include <optional>

namespace elblab::language {
namespace {

// last - first + 1; nullopt unless within 1 … kMostAddresses and of one family.
std::optional<std::uint32_t> span_of(const net::IpAddress& first, const net::IpAddress& last) {
  if (first.is_v4() != last.is_v4() || first.high() != last.high() || last < first) {
    return std::nullopt;
  }
  const std::uint64_t distance = last.low() - first.low();
  if (distance >= kMostAddresses) return std::nullopt;
  return static_cast<std::uint32_t>(distance + 1);
}

bool read_range(const Node& node, Diagnostics& d, std::vector<AddressRange>& given) {
  const std::size_t dash = node.text.find('-');
  const auto first = net::IpAddress::parse(std::string_view(node.text).substr(0, dash));
  const auto last = dash == std::string::npos
                        ? first
                        : net::IpAddress::parse(std::string_view(node.text).substr(dash + 1));
  if (!node.is_scalar() || !first || !last) {
    d.error(node.place, fmt::format("'{}' is neither a number of addresses nor an IP address nor a "
                                    "range of them (203.0.113.1-203.0.113.4)",
                                    node.text));
    return false;
  }
  const auto count = span_of(*first, *last);
  if (!count) {
    d.error(node.place,
            fmt::format("'{}' is not a range of 1 … {} addresses", node.text, kMostAddresses));
    return false;
  }
  given.push_back({*first, *count});
  return true;
}

bool is_count(const Node& node) {
  return node.is_scalar() && node.text.find_first_not_of("-0123456789") == std::string::npos;
}

bool read_plan(const Node& node, Diagnostics& d, AddressPlan& plan) {
  if (is_count(node)) return integer<std::uint32_t>(1, kMostAddresses).read(node, d, plan.count);
  std::vector<AddressRange> given;
  bool ok = true;
  if (node.is_list()) {
    for (const Node& item : node.items) ok = read_range(item, d, given) && ok;
    if (node.items.empty()) {
      d.error(node.place, "a host needs at least one address");
      return false;
    }
  } else {
    ok = read_range(node, d, given);
  }
  if (ok) plan.given = std::move(given);
  return ok;
}

Node write_plan(const AddressPlan& plan) {
  if (plan.given.empty()) return Node::scalar(fmt::format("{}", plan.count));
  Node node = Node::list();
  for (const AddressRange& range : plan.given) {
    const std::string first = range.first.to_string();
    node.items.push_back(Node::scalar(
        range.count == 1 ? first : first + "-" + range.first.plus(range.count - 1).to_string()));
  }
  return node;
}

}  // namespace

Codec<AddressPlan> address_list() {
  const Json word = {{"type", "string"}};
  Codec<AddressPlan> codec = address_plan();
  codec.type = {"address, range or list of them",
                Json{{"anyOf", {word, {{"type", "array"}, {"items", word}, {"minItems", 1}}}}}};
  codec.read = [](const Node& node, Diagnostics& d, AddressPlan& plan) {
    if (!is_count(node)) return read_plan(node, d, plan);
    d.error(node.place,
            fmt::format("'{}' is not an IP address, nor a range or list of them", node.text));
    return false;
  };
  return codec;
}

Codec<AddressPlan> address_plan() {
  const Json word = {{"type", "string"}};
  const Json schema = {{"anyOf",
                        {{{"type", "integer"}, {"minimum", 1}, {"maximum", kMostAddresses}},
                         word,
                         {{"type", "array"}, {"items", word}, {"minItems", 1}}}}};
  return {{"number of addresses, address, range or list of them", schema}, read_plan, write_plan};
}

}  // namespace elblab::language
