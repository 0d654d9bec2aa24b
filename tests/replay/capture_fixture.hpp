// What the replay tests share: captures from packets with times, a replay of one, and what it
// wrote.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pcap/replay/replay.hpp"
#include "tests/forwarding/scene.hpp"
#include "tests/pcap/capture_builder.hpp"

namespace elblab::replay::test {

using forwarding::at;
using forwarding::Bytes;
using forwarding::icmp;
using forwarding::ip;
using forwarding::kClient;
using forwarding::kVirtual;
using forwarding::tcp;
using forwarding::udp;
namespace flag = forwarding::flag;

// A moment in 2024: captures of real traffic do not begin in 1970.
inline constexpr std::int64_t kMorning = 1'718'000'000;

// A connection as seen at one place: SYN, SYN+ACK, ACK, 100 B, 200 B back, FIN both ways, ACK; ten
// milliseconds apart.
std::vector<Bytes> conversation(const net::Endpoint& client, const net::Endpoint& server,
                                std::uint32_t client_sequence = 1000);

// A capture in memory; each packet 10 ms after the one before.
class Tape {
 public:
  // first: microseconds since the epoch of the first packet.
  explicit Tape(std::int64_t first_us = kMorning * 1'000'000) : next_us_(first_us) {}

  Tape& add(const Bytes& packet) { return add(packet, packet.size()); }
  // Only the first `captured` bytes of the packet.
  Tape& add(const Bytes& packet, std::size_t captured);
  Tape& add(const std::vector<Bytes>& packets);
  Tape& wait(std::int64_t microseconds);  // may be negative
  const Bytes& bytes() const { return capture_.bytes(); }

 private:
  pcap::test::CaptureBuilder capture_;
  std::int64_t next_us_;
};

// A capture replayed.
class Replayed {
 public:
  Replayed(const Tape& tape, const config::LoadBalancer& balancer, ReplayOptions options = {});
  explicit Replayed(const std::filesystem::path& capture, const config::LoadBalancer& balancer,
                    ReplayOptions options = {});

  ReplayReport report;  // empty when there is an error
  std::optional<ReplayError> error;
  std::vector<pcap::test::ReadRecord> written;

  std::uint64_t dropped(telemetry::Reason reason) const {
    return report.engine.dropped[static_cast<std::size_t>(reason)];
  }
  std::uint64_t count(Verdict verdict) const { return report.inputs.of(verdict); }
  // Every record of the capture is in exactly one count, and every packet of the engine in one.
  void check_accounts() const;
  std::filesystem::path trace() const { return folder_ / "replayed.db"; }

 private:
  void run(const std::filesystem::path& capture, const config::LoadBalancer& balancer,
           ReplayOptions options);

  pcap::test::TemporaryFolder folder_;
};

// One captured endpoint taken for one of the balancer's.
EndpointRule listener_rule(const std::string& text, const config::LoadBalancer& balancer);
EndpointRule server_rule(const std::string& text, const config::LoadBalancer& balancer);

// The packets of several captures in one, by time; of one instant in the order given.
void merge(const std::vector<std::filesystem::path>& from, const std::filesystem::path& to);

}  // namespace elblab::replay::test
