// Writes steps of an exchange, with the turns that random exchanges are made of.
#pragma once

#include <initializer_list>
#include <string>

#include "models/random/stream.hpp"
#include "tests/exchanges/exchange.hpp"

namespace elblab::exchanges {

class ExchangeWriter {
 public:
  ExchangeWriter(Exchange& exchange, random::Stream stream)
      : exchange_(exchange), stream_(stream) {}

  void step(const std::string& line) { exchange_.steps.push_back(parse_step(line)); }
  void wait(std::int64_t ms) { step("wait " + std::to_string(ms)); }
  // A number in [low, high].
  std::int64_t number(std::int64_t low, std::int64_t high) {
    return low +
           static_cast<std::int64_t>(stream_.below(static_cast<std::uint64_t>(high - low + 1)));
  }
  bool chance(double probability) { return stream_.chance(probability); }
  std::int64_t one_of(std::initializer_list<std::int64_t> numbers) {
    return *(numbers.begin() + number(0, static_cast<std::int64_t>(numbers.size()) - 1));
  }
  std::string one_of(std::initializer_list<const char*> texts) {
    return *(texts.begin() + number(0, static_cast<std::int64_t>(texts.size()) - 1));
  }

  // The options that a peer offers; `mss` for what it takes.
  std::string options();
  // A peer that connects to the host (socket 0 then), or that the host connects to. `definition`:
  // more of the peer's line. Steps up to the established connection.
  void open_as_client(const std::string& definition = {});
  void open_as_server(const std::string& definition = {});
  // Either.
  void open(const std::string& definition = {});
  // What the peer sends, in one or more segments of at most the MSS.
  void peer_sends(std::int64_t bytes);
  // The application writes, in one or more pieces.
  void host_sends(std::int64_t bytes);
  void peer_acknowledges() { step("seg P ."); }
  // Who closes first, and how it goes on.
  void close();
  void tail(std::int64_t ms) { step("tail " + std::to_string(ms)); }

  std::int64_t mss() const { return mss_; }
  bool v6() const { return exchange_.v6; }

 private:
  Exchange& exchange_;
  random::Stream stream_;
  std::int64_t mss_ = 1460;
};

}  // namespace elblab::exchanges
