#include "models/access/rule_table.hpp"

#include <algorithm>
#include <bit>

#include "models/net/icmp.hpp"

namespace elblab::access {
namespace {

using config::IcmpMessage;
using config::PacketRule;
using config::RuleProtocol;

constexpr std::uint8_t kV4FragmentationNeeded = 4;  // RFC 792: code of destination unreachable
constexpr std::uint8_t kV6TooBig = 2;               // RFC 4443: types
constexpr std::uint8_t kV6TimeExceeded = 3;

std::optional<IcmpMessage> v4_message(std::uint8_t type, std::uint8_t code) {
  switch (type) {
    case net::icmp_type::echo_request:
      return IcmpMessage::echo_request;
    case net::icmp_type::echo_reply:
      return IcmpMessage::echo_reply;
    case net::icmp_type::destination_unreachable:
      return code == kV4FragmentationNeeded ? IcmpMessage::too_big : IcmpMessage::unreachable;
    case net::icmp_type::time_exceeded:
      return IcmpMessage::time_exceeded;
    default:
      return std::nullopt;
  }
}

std::optional<IcmpMessage> v6_message(std::uint8_t type) {
  switch (type) {
    case net::icmp_type::v6_echo_request:
      return IcmpMessage::echo_request;
    case net::icmp_type::v6_echo_reply:
      return IcmpMessage::echo_reply;
    case net::icmp_type::v6_destination_unreachable:
      return IcmpMessage::unreachable;
    case kV6TooBig:
      return IcmpMessage::too_big;
    case kV6TimeExceeded:
      return IcmpMessage::time_exceeded;
    default:
      return std::nullopt;
  }
}

__extension__ using AddressNumber = unsigned __int128;

// IPv4 addresses stand among those of IPv6 (net::IpAddress), where ::/0 would cover them.
constexpr AddressNumber kFirstV4 = AddressNumber{0xFFFF} << 32;
constexpr AddressNumber kLastV4 = kFirstV4 | 0xFFFFFFFF;

// Calls add(first, last) for the addresses of a subnet: once, or before and behind those of IPv4.
template <typename Add>
void for_each_range(const net::Subnet& subnet, Add&& add) {
  const net::IpAddress& base = subnet.base();
  const unsigned free = (base.is_v4() ? 32 : 128) - subnet.prefix_length();
  const AddressNumber first = AddressNumber{base.high()} << 64 | base.low();
  const AddressNumber size_less_one =
      free == 128 ? ~AddressNumber{0} : (AddressNumber{1} << free) - 1;
  const AddressNumber last = first + size_less_one;
  if (base.is_v4() || last < kFirstV4 || kLastV4 < first) return add(first, last);
  add(first, kFirstV4 - 1);
  if (kLastV4 < last) add(kLastV4 + 1, last);
}

}  // namespace

std::uint16_t icmp_number(IcmpMessage message) {
  return static_cast<std::uint16_t>(static_cast<unsigned>(message) + 1);
}

std::uint16_t icmp_number(const net::PacketView& icmp) {
  const auto message = icmp.protocol() == net::Protocol::icmpv6
                           ? v6_message(icmp.icmp_type())
                           : v4_message(icmp.icmp_type(), icmp.icmp_code());
  return message ? icmp_number(*message) : std::uint16_t{0};
}

PacketTraits PacketTraits::of(const net::PacketView& packet) {
  PacketTraits traits{packet.source(), packet.destination(), packet.source_port(),
                      packet.destination_port(), Kind::tcp};
  if (packet.protocol() == net::Protocol::udp) traits.kind = Kind::udp;
  if (!packet.has_ports()) {
    traits.kind = Kind::icmp;
    traits.destination_port = icmp_number(packet);
  }
  return traits;
}

RuleTable::RuleTable(std::span<const PacketRule> rules)
    : words_((rules.size() + kBits - 1) / kBits), summary_words_((words_ + kBits - 1) / kBits) {
  std::vector<Piece<std::uint8_t>> kinds;
  std::vector<Piece<AddressNumber>> sources;
  std::vector<Piece<AddressNumber>> destinations;
  std::vector<Piece<std::uint16_t>> source_ports;
  std::vector<Piece<std::uint16_t>> destination_ports;
  std::uint32_t rule = 0;
  const auto add_subnets = [&](const std::vector<net::Subnet>& subnets, auto& pieces) {
    if (subnets.empty()) pieces.push_back({AddressNumber{0}, ~AddressNumber{0}, rule});
    for (const net::Subnet& subnet : subnets) {
      for_each_range(subnet, [&](AddressNumber first, AddressNumber last) {
        pieces.push_back({first, last, rule});
      });
    }
  };
  const auto add_ports = [&](const std::vector<config::PortRange>& ports, auto& pieces) {
    if (ports.empty()) pieces.push_back({std::uint16_t{0}, std::uint16_t{0xFFFF}, rule});
    for (const config::PortRange& range : ports) pieces.push_back({range.first, range.last, rule});
  };
  for (const PacketRule& each : rules) {
    const config::Traffic& traffic = each.traffic;
    const bool all = traffic.protocol == RuleProtocol::all;
    const auto only = static_cast<std::uint8_t>(  // RuleProtocol without `all`
        all ? 0 : static_cast<unsigned>(traffic.protocol) - 1);
    kinds.push_back({only, all ? std::uint8_t{2} : only, rule});
    add_subnets(each.from, sources);
    add_subnets(each.to, destinations);
    add_ports(each.from_ports, source_ports);
    if (traffic.messages.empty()) {
      add_ports(traffic.ports, destination_ports);
    }
    for (const IcmpMessage message : traffic.messages) {
      destination_ports.push_back({icmp_number(message), icmp_number(message), rule});
    }
    allow_.push_back(each.allow ? 1 : 0);
    ++rule;
  }
  compile(kinds_, kinds);
  compile(sources_, sources);
  compile(destinations_, destinations);
  compile(source_ports_, source_ports);
  compile(destination_ports_, destination_ports);
}

template <typename Value>
void RuleTable::compile(Field<Value>& field, const std::vector<Piece<Value>>& pieces) const {
  struct Change {
    Value at;
    std::uint32_t rule;
    int by;
  };
  std::vector<Change> changes;
  for (const Piece<Value>& piece : pieces) {
    changes.push_back({piece.first, piece.rule, 1});
    const auto behind = static_cast<Value>(piece.last + 1);
    if (behind != 0) changes.push_back({behind, piece.rule, -1});
  }
  std::sort(changes.begin(), changes.end(),
            [](const Change& a, const Change& b) { return a.at < b.at; });
  field.borders.push_back(0);
  for (const Change& change : changes) {
    if (field.borders.back() < change.at) field.borders.push_back(change.at);
  }
  field.rows.resize(field.borders.size() * row_words());
  std::vector<int> covered(allow_.size());  // by how many pieces of the rule
  std::vector<Word> bits(words_);
  auto change = changes.begin();
  for (std::size_t i = 0; i < field.borders.size(); ++i) {
    for (; change != changes.end() && !(field.borders[i] < change->at); ++change) {
      const Word bit = Word{1} << change->rule % kBits;
      Word& word = bits[change->rule / kBits];
      word = (covered[change->rule] += change->by) > 0 ? word | bit : word & ~bit;
    }
    Word* const row = field.rows.data() + i * row_words();  // without rules a row has no words
    std::copy(bits.begin(), bits.end(), row + summary_words_);
    for (std::size_t w = 0; w < words_; ++w) {
      if (bits[w] != 0) row[w / kBits] |= Word{1} << w % kBits;
    }
  }
}

// The interval that the value lies in, without branches that depend on it.
template <typename Value>
const RuleTable::Word* RuleTable::row(const Field<Value>& field, Value value) const {
  const Value* interval = field.borders.data();
  for (std::size_t left = field.borders.size(); left > 1;) {
    const std::size_t half = left / 2;
    interval = interval[half] <= value ? interval + half : interval;
    left -= half;
  }
  return field.rows.data() +
         static_cast<std::size_t>(interval - field.borders.data()) * row_words();
}

std::optional<std::uint32_t> RuleTable::first_match(const PacketTraits& packet) const {
  if (words_ == 0) return std::nullopt;
  const Word* const rows[] = {
      row(kinds_, static_cast<std::uint8_t>(packet.kind)), row(sources_, number_of(packet.source)),
      row(destinations_, number_of(packet.destination)), row(source_ports_, packet.source_port),
      row(destination_ports_, packet.destination_port)};
  const auto common = [&rows](std::size_t at) {
    return rows[0][at] & rows[1][at] & rows[2][at] & rows[3][at] & rows[4][at];
  };
  for (std::size_t s = 0; s < summary_words_; ++s) {
    for (Word candidates = common(s); candidates != 0; candidates &= candidates - 1) {
      const std::size_t w = s * kBits + static_cast<std::size_t>(std::countr_zero(candidates));
      const Word matching = common(summary_words_ + w);
      if (matching == 0) continue;
      return static_cast<std::uint32_t>(w * kBits +
                                        static_cast<std::size_t>(std::countr_zero(matching)));
    }
  }
  return std::nullopt;
}

std::size_t RuleTable::memory_bytes() const {
  const auto of = [](const auto& field) {
    return field.borders.size() * sizeof(field.borders[0]) + field.rows.size() * sizeof(Word);
  };
  return of(kinds_) + of(sources_) + of(destinations_) + of(source_ports_) +
         of(destination_ports_) + allow_.size();
}

}  // namespace elblab::access
