// Any text as the rules of a network ACL: errors that stand in the text, or rules that can be
// written and read again, and that decide about any packets as each of them reads - as an ACL, and
// as a security group. The text ends at the first NUL; behind it are packets (packet_sequence.hpp).
#include <algorithm>
#include <span>
#include <string>

#include "models/access/network_acl.hpp"
#include "models/access/security_groups.hpp"
#include "scenarios/language/access_sections.hpp"
#include "scenarios/language/tree_loader.hpp"
#include "scenarios/language/yaml_writer.hpp"
#include "tests/access/reference_groups.hpp"
#include "tests/fuzz/expect.hpp"
#include "tests/fuzz/packet_sequence.hpp"

namespace {

using namespace elblab;  // NOLINT: a program of its own
using fuzz::expect;
using network::Direction;

std::optional<config::NetworkAcl> read(const std::string& text) {
  language::Diagnostics diagnostics;
  const auto source = std::make_shared<const language::Source>("x.yaml", text);
  config::NetworkAcl acl;
  const auto node = language::load_tree(source, diagnostics);
  if (node) {
    language::network_acl_section().read(*node, node->place, diagnostics, acl);
  }
  if (diagnostics.empty() && node) return acl;
  for (const language::Diagnostic& error : diagnostics.take()) {
    expect(!error.message.empty(), "an error says something");
    expect(error.line >= 0 && error.line <= 1 + std::ranges::count(text, '\n'),
           "an error stands in the text");
    expect(!error.to_string().empty(), "an error can be shown");
  }
  return std::nullopt;
}

std::string written(const config::NetworkAcl& acl) {
  return language::to_yaml(language::network_acl_section().write(acl), 1);
}

void check_packets(const config::NetworkAcl& rules, fuzz::PacketSequence packets) {
  access::NetworkAcl acl(rules);
  const config::SecurityGroup group{"g", rules.in, rules.out, true};
  const access::TrackingLimits limits;
  access::SecurityGroups groups({access::compile(group)}, 1, limits);
  access::ReferenceGroups reference(rules.in, rules.out, limits);
  Instant now = kStart;
  fuzz::FuzzedPacket packet;
  while (packets.next(packet)) {
    now += packet.pause;
    net::PacketView view;
    if (net::PacketView::parse(packet.bytes, view) != net::ParseError::none) continue;
    const bool inwards = (packet.options & 4) != 0;
    const Direction direction = inwards ? Direction::in : Direction::out;
    const auto& list = inwards ? rules.in : rules.out;
    const auto match = access::first_match_by_scan(list, view);
    expect(acl.admits(view, direction, now) == (match && list[*match].allow),
           "the first rule that matches decides");
    const bool admitted = groups.admits(view, direction, now);
    if (!view.has_ports()) {
      expect(admitted || !match, "what a rule of a group allows passes");
      continue;
    }
    expect(admitted == reference.admits(view, inwards, now), "flows are known as they should be");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span input(data, size);
  const auto end = std::ranges::find(input, std::uint8_t{0});
  const auto length = static_cast<std::size_t>(end - input.begin());
  const auto rules = read(std::string(reinterpret_cast<const char*>(data), length));
  if (!rules) return 0;
  const std::string form = written(*rules);
  const auto again = read(form);
  expect(again.has_value() && written(*again) == form, "rules that are written can be read");
  check_packets(*rules, fuzz::PacketSequence(input.subspan(std::min(length + 1, size))));
  return 0;
}
