// Plays an exchange on a host: the steps one after the other, the peers' automatic answers between
// them, and writes down what the host sent and what its applications saw.
//
// A step that is not "nd=1" is followed by 3 ms, and the time of the script (peers' timestamps)
// goes on by as much; a late player does not change it. Lines: `<` to the host, `>` from it, the
// rest is what the applications know at the end.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "tests/exchanges/exchange.hpp"
#include "tests/exchanges/exchange_peer.hpp"
#include "tests/golden/host_under_test.hpp"
#include "tests/golden/transcript.hpp"

namespace elblab::exchanges {

class ExchangePlayer {
 public:
  // `number` makes the peers' address: exchanges played on one host must not share it. Below
  // 60,000.
  ExchangePlayer(const Exchange& exchange, golden::HostUnderTest& host, std::uint32_t number);

  // To the end; the host's sockets are gone afterwards. Throws what the host throws.
  golden::Transcript play();

 private:
  struct Pending {
    Duration at{};
    ExchangePeer* peer = nullptr;
  };

  void perform(const Step& step);
  bool perform_on_socket(const Step& step);
  void send_error(const Step& step);
  void send_echo(const Step& step);
  void send_datagram(const Step& step);
  void inject(const std::vector<std::uint8_t>& packet, std::string text);
  void run_until(Duration deadline);
  void receive(golden::EmittedPacket& packet);
  void write_outcomes();
  void clean_up();
  std::uint32_t script_ms() const;
  // Steps about a peer that is not there (yet) do nothing.
  ExchangePeer* peer(const std::string& name);
  std::optional<golden::SocketHandle> socket(const Step& step) const;

  const Exchange& exchange_;
  golden::HostUnderTest& host_;
  net::IpAddress host_address_;
  net::IpAddress peer_address_;
  golden::Transcript transcript_;
  std::deque<ExchangePeer> peers_;  // the latest of one flow counts
  std::map<std::string, golden::ListenerHandle> listeners_;
  std::vector<golden::SocketHandle> udp_sockets_;
  std::vector<Pending> pending_;
  std::vector<std::uint8_t> last_udp_;  // of the host, for an ICMP error to quote
  bool accepts_ = true;
  bool reads_ = true;
  Duration began_{};
  Duration script_{};  // what the steps so far took
};

}  // namespace elblab::exchanges
