// Any datagrams between clients and the servers of a QUIC group: a client goes to a usable server,
// by its ID only to one that gave that ID out, and nothing grows the table.
//
// Input: datagrams, each behind two bytes. Of the first, the lowest bit says who sent it (0 a
// client, 1 a server), the next two which server, and bit 3 puts that server out or in; the second
// is the length, of which the input may hold less.
#include <algorithm>
#include <memory>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "models/net/quic_header.hpp"
#include "models/scheduling/connection_id_scheduler.hpp"
#include "models/scheduling/smooth_weighted_round_robin.hpp"
#include "tests/fuzz/expect.hpp"

namespace {

using namespace elblab;  // NOLINT: a program of its own
using fuzz::expect;
using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t kServers = 4;
constexpr std::size_t kIdBytes = 4;
constexpr std::size_t kMostBytesPerId = 72 + 14;  // as the table's header says

class QuicGroup {
 public:
  QuicGroup()
      : table_(std::make_shared<scheduling::ConnectionIdTable>(kIdBytes, 16, 0)),
        // What goes by no ID takes turns here: a source hash would fill its 65,537 slots anew for
        // each input, and whenever a server goes or comes, which took nearly all of the time.
        scheduler_(std::make_unique<scheduling::SmoothWeightedRoundRobin>(), table_),
        memory_(table_->memory_bytes()) {
    for (std::size_t server = 0; server < kServers; ++server) candidates_.add(server, 1);
    scheduler_.reset(kServers);
  }

  void toggle(std::size_t server) {
    candidates_.set(server, scheduling::Owner::health, !candidates_[server].eligible());
  }
  void answer(std::size_t server, const Bytes& datagram) {
    scheduler_.answered(server, datagram);
    const auto header = net::parse_quic_header(datagram, kIdBytes);
    if (header && header->is_long) {
      given_out_.insert({{header->source.begin(), header->source.end()}, server});
    }
  }
  void ask(const Bytes& datagram) {
    const auto header = net::parse_quic_header(datagram, kIdBytes);
    const auto holder = scheduler_.holder(datagram);
    expect(!holder || header, "an ID comes out of a header");
    if (holder) {
      const Bytes id(header->destination.begin(), header->destination.end());
      expect(given_out_.contains({id, *holder}), "the holder of an ID gave it out");
    }
    const auto client =
        net::IpAddress::v4(static_cast<std::uint32_t>(datagram.size()) * 0x01010101);
    const auto chosen = scheduler_.pick(candidates_, {client, datagram});
    const auto states = candidates_.states();
    const bool any =
        std::any_of(states.begin(), states.end(), [](const auto& c) { return c.usable(); });
    expect(chosen.has_value() == any, "somebody is chosen where anybody is usable");
    expect(!chosen || candidates_[*chosen].usable(), "who is chosen is usable");
    const bool holder_is_usable = holder && candidates_[*holder].usable();
    expect(!holder_is_usable || chosen == holder, "an ID leads to its server");
  }
  void check() const {
    const scheduling::ConnectionIdTable& table = *table_;
    expect(table.size() <= table.capacity(), "the table keeps to its capacity");
    expect(table.memory_bytes() <= memory_ + kMostBytesPerId * table.capacity(),
           "the table takes no more memory than its IDs may");
  }

 private:
  scheduling::Candidates candidates_;
  std::shared_ptr<scheduling::ConnectionIdTable> table_;
  scheduling::ConnectionIdScheduler scheduler_;
  std::size_t memory_;
  std::set<std::pair<Bytes, std::size_t>> given_out_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  QuicGroup group;
  std::span<const std::uint8_t> input(data, size);
  while (input.size() >= 2) {
    const std::uint8_t kind = input[0];
    const std::size_t length = std::min<std::size_t>(input[1], input.size() - 2);
    const Bytes datagram(input.begin() + 2,
                         input.begin() + 2 + static_cast<std::ptrdiff_t>(length));
    input = input.subspan(2 + length);
    const std::size_t server = kind >> 1 & 3;
    if ((kind & 8) != 0) group.toggle(server);
    if ((kind & 1) != 0) {
      group.answer(server, datagram);
    } else {
      group.ask(datagram);
    }
    group.check();
  }
  return 0;
}
