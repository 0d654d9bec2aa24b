// Ordered rules in a form that finds the first match without looking at each.
//
// Every field of a packet (protocol, source and destination address, source and destination port)
// falls into one interval between the borders that the rules draw, found by binary search. An
// interval has a bit per rule: set if the rule lets the field be. The first bit that is set in all
// five is the first match; words of bits that cannot hold one are skipped by a summary, a bit per
// word (Baboescu and Varghese, "Scalable Packet Classification", SIGCOMM 2001).
//
// first_match: O(log rules) and a word in 4,096 rules, plus the words whose summaries agree by
// chance. Memory: up to rules^2 bytes (each of four fields: two intervals and a bit per rule);
// 1,000 rules at most 1 MB, 10,000 at most 100 MB, much less where rules share subnets and ports.
// Immutable: hosts with the same rules share one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "models/config/packet_rules.hpp"
#include "models/net/packet_view.hpp"

namespace elblab::access {

// What rules see of a packet.
struct PacketTraits {
  enum class Kind : std::uint8_t { tcp, udp, icmp };

  net::IpAddress source;
  net::IpAddress destination;
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;  // icmp: the message, see icmp_number
  Kind kind = Kind::tcp;

  static PacketTraits of(const net::PacketView& packet);
};
// The message as a number in place of a port; 0: one that no rule names.
std::uint16_t icmp_number(config::IcmpMessage message);
std::uint16_t icmp_number(const net::PacketView& icmp);

class RuleTable {
 public:
  explicit RuleTable(std::span<const config::PacketRule> rules);

  // The number of the first rule that matches; nullopt: none does.
  std::optional<std::uint32_t> first_match(const PacketTraits& packet) const;
  bool allows(std::uint32_t rule) const { return allow_[rule] != 0; }
  std::size_t size() const { return allow_.size(); }
  std::size_t memory_bytes() const;

 private:
  using Word = std::uint64_t;
  __extension__ using AddressNumber = unsigned __int128;  // of the 16 bytes of an IpAddress
  static constexpr std::size_t kBits = 64;

  // From one border up to the next; the first is 0.
  template <typename Value>
  struct Field {
    std::vector<Value> borders;  // ascending
    std::vector<Word> rows;      // of each interval: summary, then words
  };
  template <typename Value>
  struct Piece {  // first..last, which one rule lets be
    Value first;
    Value last;
    std::uint32_t rule;
  };

  template <typename Value>
  void compile(Field<Value>& field, const std::vector<Piece<Value>>& pieces) const;
  template <typename Value>
  const Word* row(const Field<Value>& field, Value value) const;
  static AddressNumber number_of(const net::IpAddress& address) {
    return AddressNumber{address.high()} << 64 | address.low();
  }
  std::size_t row_words() const { return summary_words_ + words_; }

  std::size_t words_ = 0;
  std::size_t summary_words_ = 0;
  Field<std::uint8_t> kinds_;
  Field<AddressNumber> sources_;
  Field<AddressNumber> destinations_;
  Field<std::uint16_t> source_ports_;
  Field<std::uint16_t> destination_ports_;
  std::vector<std::uint8_t> allow_;  // of each rule
};

}  // namespace elblab::access
