#include "scenarios/language/access_sections.hpp"

#include <algorithm>
#include <map>
#include <span>

#include "scenarios/language/sections.hpp"

namespace elblab::language {
namespace {

using config::IcmpMessage;
using config::PacketRule;
using config::PortRange;
using config::RuleProtocol;
using config::Traffic;

const std::vector<std::pair<std::string, RuleProtocol>> kProtocols{{"all", RuleProtocol::all},
                                                                   {"tcp", RuleProtocol::tcp},
                                                                   {"udp", RuleProtocol::udp},
                                                                   {"icmp", RuleProtocol::icmp}};
const std::vector<std::pair<std::string, IcmpMessage>> kMessages{
    {"echo_request", IcmpMessage::echo_request},
    {"echo_reply", IcmpMessage::echo_reply},
    {"unreachable", IcmpMessage::unreachable},
    {"too_big", IcmpMessage::too_big},
    {"time_exceeded", IcmpMessage::time_exceeded}};

template <typename E>
const std::string& word_of(const std::vector<std::pair<std::string, E>>& words, E value) {
  return std::find_if(words.begin(), words.end(),
                      [value](const auto& known) { return known.second == value; })
      ->first;
}

// A scalar's words, each as a node that knows its place. Blanks and commas part them.
std::vector<Node> words_of(const Node& node) {
  constexpr std::string_view kBetween = " ,\t\n";
  const std::string_view text = node.text;
  std::vector<Node> words;
  for (std::size_t at = text.find_first_not_of(kBetween); at != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(kBetween, at), text.size());
    Node word = Node::scalar(std::string(text.substr(at, end - at)));
    word.place = node.place;
    // As long as the text stands in one line as it is, which text of several lines does not.
    const std::size_t column = at + (node.quoted ? 1 : 0);
    const std::string_view line =
        node.place.source ? node.place.source->line(node.place.line) : std::string_view();
    const std::size_t in_line =
        static_cast<std::size_t>(std::max(1, node.place.column)) - 1 + column;
    if (in_line < line.size() && line.substr(in_line).starts_with(word.text)) {
      word.place.column += static_cast<int>(column);
      word.place.length = static_cast<int>(word.text.size());
    }
    words.push_back(std::move(word));
    at = text.find_first_not_of(kBetween, end);
  }
  return words;
}

bool begins_with_digit(std::string_view text) {
  return !text.empty() && text.front() >= '0' && text.front() <= '9';
}

bool read_protocol(const Node& word, Diagnostics& d, RuleProtocol& protocol) {
  if (begins_with_digit(word.text)) {
    d.error(word.place, fmt::format("'{}' has no protocol: write tcp {} or udp {}", word.text,
                                    word.text, word.text));
    return false;
  }
  return choice<RuleProtocol>(kProtocols).read(word, d, protocol);
}

bool read_detail(const Node& word, Diagnostics& d, Traffic& traffic) {
  switch (traffic.protocol) {
    case RuleProtocol::tcp:
    case RuleProtocol::udp: {
      PortRange range;
      if (!port_range().read(word, d, range)) return false;
      traffic.ports.push_back(range);
      return true;
    }
    case RuleProtocol::icmp: {
      IcmpMessage message{};
      if (!choice<IcmpMessage>(kMessages).read(word, d, message)) return false;
      traffic.messages.push_back(message);
      return true;
    }
    case RuleProtocol::all:
      break;
  }
  d.error(word.place,
          fmt::format("'{}' behind 'all': only tcp and udp have ports, only icmp has messages",
                      word.text));
  return false;
}

bool read_traffic(const Node& node, Diagnostics& d, Traffic& traffic) {
  if (!node.is_scalar()) {
    d.error(node.place, fmt::format("expected a protocol with ports, such as tcp 80, not {}",
                                    kind_name(node.kind)));
    return false;
  }
  const std::vector<Node> words = words_of(node);
  if (words.empty()) {
    d.error(node.place, "expected a protocol with ports, such as tcp 80");
    return false;
  }
  Traffic read;
  if (!read_protocol(words.front(), d, read.protocol)) return false;
  for (auto word = words.begin() + 1; word != words.end(); ++word) {
    if (!read_detail(*word, d, read)) return false;
  }
  traffic = std::move(read);
  return true;
}

Node write_traffic(const Traffic& traffic) {
  std::string text = word_of(kProtocols, traffic.protocol);
  for (const PortRange& range : traffic.ports) text += " " + port_range().write(range).text;
  for (const IcmpMessage message : traffic.messages) text += " " + word_of(kMessages, message);
  return Node::scalar(text);
}

// A rule as it is written down.
struct RuleEntry {
  std::optional<Traffic> allow;
  std::optional<Traffic> deny;
  std::vector<net::Subnet> from;
  std::vector<PortRange> from_ports;
  std::vector<net::Subnet> to;

  PacketRule rule() const {
    return {allow.has_value(), allow ? *allow : deny.value_or(Traffic{}), from, from_ports, to};
  }
  static RuleEntry of(const PacketRule& rule) {
    RuleEntry entry;
    (rule.allow ? entry.allow : entry.deny) = rule.traffic;
    entry.from = rule.from;
    entry.from_ports = rule.from_ports;
    entry.to = rule.to;
    return entry;
  }
};

// A list that is there names something: of none, nobody knows whether it means nothing or all.
template <typename V>
Codec<std::vector<V>> some_of(Codec<V> item) {
  Codec<std::vector<V>> codec = list_of(std::move(item));
  codec.read = [read = codec.read](const Node& node, Diagnostics& d, std::vector<V>& values) {
    if (node.is_list() && node.items.empty()) {
      d.error(node.place, "an empty list matches nothing; left out, the field matches everything");
      return false;
    }
    return read(node, d, values);
  };
  codec.write = [write = codec.write](const std::vector<V>& values) {
    return values.empty() ? Node::scalar("") : write(values);  // left out
  };
  return codec;
}

bool of_one_family(const std::vector<net::Subnet>& from, const std::vector<net::Subnet>& to) {
  if (from.empty() || to.empty()) return true;
  return std::any_of(from.begin(), from.end(), [&](const net::Subnet& a) {
    return std::any_of(to.begin(), to.end(),
                       [&](const net::Subnet& b) { return a.base().is_v4() == b.base().is_v4(); });
  });
}

// What the tables of rules share.
class RuleFields : public Section<RuleEntry> {
 protected:
  using R = RuleEntry;
  RuleFields(std::string name, std::string help) : Section(std::move(name), std::move(help)) {
    check([](const Node& node, Diagnostics& d, RuleEntry& entry) {
      const Traffic& traffic = entry.allow ? *entry.allow : entry.deny.value_or(Traffic{});
      const bool ports =
          traffic.protocol == RuleProtocol::tcp || traffic.protocol == RuleProtocol::udp;
      if (!entry.from_ports.empty() && !ports) {
        d.error(node.find("from_ports")->key_place, "only tcp and udp have ports");
      }
      if (!of_one_family(entry.from, entry.to)) {
        d.error(node.find("to")->key_place,
                "no packet goes from IPv4 to IPv6 or back: 'from' and 'to' do not fit");
      }
    });
  }
  void allow_or(const char* refusal, const char* help) {
    field("allow", &R::allow, traffic(), "what passes: all, tcp 80 8000-8010, icmp echo_request")
        .choice = "verdict";
    field(refusal, &R::deny, traffic(), help).choice = "verdict";
    exactly_one("verdict");
  }
  void from() { field("from", &R::from, some_of(subnet()), "source").default_text = "everywhere"; }
  void to() { field("to", &R::to, some_of(subnet()), "destination").default_text = "everywhere"; }
  void from_ports() {
    field("from_ports", &R::from_ports, some_of(port_range()), "tcp and udp: source ports")
        .default_text = "all";
  }
};

struct AclRuleTable : RuleFields {
  AclRuleTable()
      : RuleFields("network ACL rule",
                   "Of the rules in a list the first that fits a packet decides.") {
    allow_or("deny", "what is dropped");
    from();
    from_ports();
    to();
  }
};

struct FirewallRuleTable : RuleFields {
  FirewallRuleTable()
      : RuleFields("firewall rule",
                   "Of the rules in a list the first that fits a packet decides.") {
    allow_or("drop", "what is dropped");
    from();
    from_ports();
    to();
  }
};

struct GroupInRuleTable : RuleFields {
  GroupInRuleTable() : RuleFields("inbound rule", "What a security group lets in.") {
    required("allow", &R::allow, traffic(),
             "what passes: all, tcp 80 8000-8010, icmp echo_request");
    from();
  }
};

struct GroupOutRuleTable : RuleFields {
  GroupOutRuleTable() : RuleFields("outbound rule", "What a security group lets out.") {
    required("allow", &R::allow, traffic(),
             "what passes: all, tcp 80 8000-8010, icmp echo_request");
    to();
  }
};

// What people write who know other firewalls, and what to write here. True: it was one.
struct Foreign {
  std::string_view key;
  std::string_view message;
};
constexpr Foreign kOfAcls[]{
    {"drop", "a network ACL drops what it denies: write 'deny'"},
    {"reject", "rejecting (with RST or ICMP) is not built: 'deny' drops without a word"}};
constexpr Foreign kOfFirewalls[]{
    {"deny", "a firewall drops: write 'drop'"},
    {"reject", "rejecting (with RST or ICMP) is not built: 'drop' drops without a word"}};
constexpr Foreign kOfGroups[]{
    {"deny", "a security group only allows: what none of its rules allows is dropped"},
    {"drop", "a security group only allows: what none of its rules allows is dropped"},
    {"reject", "a security group only allows: what none of its rules allows is dropped"}};

bool refuse_foreign(const Node& rule, std::span<const Foreign> keys, Diagnostics& d) {
  if (!rule.is_map()) return false;
  for (const Foreign& foreign : keys) {
    const Entry* const entry = rule.find(foreign.key);
    if (entry == nullptr) continue;
    d.error(entry->key_place, std::string(foreign.message));
    return true;
  }
  return false;
}

// Which packets a rule fits, in words that are the same where the packets are.
std::string packets_of(const RuleEntry& entry) {
  static const Codec<PortRange> ports = port_range();
  static const Codec<net::Subnet> subnets = subnet();
  static const Codec<IcmpMessage> messages = choice<IcmpMessage>(kMessages);
  const auto some = [](const auto& codec, const auto& values) {
    std::vector<std::string> words;
    for (const auto& value : values) words.push_back(codec.write(value).text);
    std::sort(words.begin(), words.end());
    return fmt::format("{}", fmt::join(words, " "));
  };
  const Traffic& traffic = entry.allow ? *entry.allow : entry.deny.value_or(Traffic{});
  return fmt::format("{} {} {}|{}|{}|{}", word_of(kProtocols, traffic.protocol),
                     some(ports, traffic.ports), some(messages, traffic.messages),
                     some(subnets, entry.from), some(ports, entry.from_ports),
                     some(subnets, entry.to));
}

// Of two rules for the same packets only the first can ever decide.
bool refuse_repetition(const Node& list, const std::vector<RuleEntry>& entries, Diagnostics& d) {
  std::map<std::string, std::size_t> earlier;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto [first, is_new] = earlier.emplace(packets_of(entries[i]), i);
    if (is_new) continue;
    const bool alike = entries[i].allow.has_value() == entries[first->second].allow.has_value();
    d.error(list.items[i].place, fmt::format("{} rule {}, which fits the same packets{}",
                                             alike ? "repeats" : "contradicts", first->second + 1,
                                             alike ? "" : " and comes first"));
    return true;
  }
  return false;
}

Codec<std::vector<PacketRule>> rules(const Section<RuleEntry>& table,
                                     std::span<const Foreign> foreign) {
  const Codec<std::vector<RuleEntry>> entries = listed<RuleEntry>(table);
  Codec<std::vector<PacketRule>> codec;
  codec.type = entries.type;
  codec.read = [entries, foreign](const Node& node, Diagnostics& d,
                                  std::vector<PacketRule>& values) {
    if (node.is_list() && node.items.size() > kMostRules) {
      d.error(node.items[kMostRules].place,
              fmt::format("{} rules: a list holds at most {}", node.items.size(), kMostRules));
      return false;
    }
    for (const Node& item : node.items) {
      if (refuse_foreign(item, foreign, d)) return false;
    }
    std::vector<RuleEntry> read;
    if (!entries.read(node, d, read) || refuse_repetition(node, read, d)) return false;
    values.clear();
    for (const RuleEntry& entry : read) values.push_back(entry.rule());
    return true;
  };
  codec.write = [entries](const std::vector<PacketRule>& values) {
    std::vector<RuleEntry> written;
    for (const PacketRule& rule : values) written.push_back(RuleEntry::of(rule));
    return entries.write(written);
  };
  return codec;
}

struct NetworkAclTable : Section<config::NetworkAcl> {
  using A = config::NetworkAcl;
  NetworkAclTable()
      : Section("acl",
                "The network ACL of a subnet. Stateless: answers need rules of their own. Packets "
                "that no rule fits are dropped; those between hosts of the subnet never meet it.") {
    field("in", &A::in, rules(only<AclRuleTable>(), kOfAcls), "into the subnet").default_text =
        "none: nothing enters";
    field("out", &A::out, rules(only<AclRuleTable>(), kOfAcls), "out of the subnet").default_text =
        "none: nothing leaves";
  }
};

struct SecurityGroupTable : Section<config::SecurityGroup> {
  using G = config::SecurityGroup;
  SecurityGroupTable()
      : Section("security group",
                "What may reach the hosts in it, and what they may send. A host in several of them "
                "has the rules of all.") {
    field("in", &G::in, rules(only<GroupInRuleTable>(), kOfGroups), "to the host").default_text =
        "none: only answers";
    field("out", &G::out, rules(only<GroupOutRuleTable>(), kOfGroups), "from the host")
        .default_text = "everything";
    field("stateful", &G::stateful, boolean(),
          "answers of what it allowed pass; false: they need rules too");
  }
};

struct HostFirewallTable : Section<config::HostFirewall> {
  using F = config::HostFirewall;
  HostFirewallTable()
      : Section("firewall",
                "The host's own firewall (iptables). Stateless; packets that no rule fits pass.") {
    field("in", &F::in, rules(only<FirewallRuleTable>(), kOfFirewalls), "to the host")
        .default_text = "none: everything enters";
    field("out", &F::out, rules(only<FirewallRuleTable>(), kOfFirewalls), "from the host")
        .default_text = "none: everything leaves";
  }
};

}  // namespace

Codec<Traffic> traffic() {
  return {{"protocol with ports or ICMP messages",
           Json{{"type", "string"}, {"pattern", "^(all|(tcp|udp|icmp)([ ,]+[a-z0-9_-]+)*)$"}}},
          read_traffic,
          write_traffic};
}

const Section<config::NetworkAcl>& network_acl_section() { return only<NetworkAclTable>(); }
const Section<config::SecurityGroup>& security_group_section() {
  return only<SecurityGroupTable>();
}
const Section<config::HostFirewall>& host_firewall_section() { return only<HostFirewallTable>(); }

}  // namespace elblab::language
