// Healthy traffic of every shape: nothing wrong is said of it.
#include <random>

#include "tests/findings/diagnosed.hpp"

namespace elblab::findings::test {
namespace {

// Draws shapes; the engine of the standard is the same everywhere.
class Shapes {
 public:
  explicit Shapes(unsigned seed) : random_(seed) {}

  Packets draw() {
    const int connections = 5 + below(40);
    for (int i = 0; i < connections; ++i) {
      const double at = below(20'000);
      const auto port = static_cast<std::uint16_t>(20'000 + i);
      switch (below(6)) {
        case 0:
          long_poll(at, port);
          break;
        case 1:
          health_check(at, port);
          break;
        case 2:
          kept_alive(at, port);
          break;
        case 3:
          lookup(at, port);
          break;
        default:
          healthy(packets_, at, port);
          break;
      }
    }
    sort_by_time(packets_);
    alter();
    return std::move(packets_);
  }

 private:
  int below(int bound) { return static_cast<int>(random_() % static_cast<unsigned>(bound)); }

  void open(double at, const net::Endpoint& client) {
    packets_.tcp(at, client, kServer, flag::syn, 100, 0);
    packets_.tcp(at + 1, kServer, client, flag::syn | flag::ack, 500, 101);
    packets_.tcp(at + 2, client, kServer, flag::ack, 101, 501);
  }

  // Asked, and answered after up to a minute.
  void long_poll(double at, std::uint16_t port) {
    const net::Endpoint client = endpoint(3, port);
    open(at, client);
    packets_.tcp(at + 3, client, kServer, flag::ack | flag::psh, 101, 501, 50);
    packets_.tcp(at + 4, kServer, client, flag::ack, 501, 151);
    const double answer = at + 1000 + below(60'000);
    packets_.tcp(answer, kServer, client, flag::ack | flag::psh, 501, 151, 90);
    packets_.tcp(answer + 1, client, kServer, flag::ack | flag::fin, 151, 591);
    packets_.tcp(answer + 2, kServer, client, flag::ack | flag::fin, 591, 152);
  }

  void health_check(double at, std::uint16_t port) {
    const net::Endpoint client = endpoint(4, port);
    packets_.tcp(at, client, kServer, flag::syn, 100, 0);
    packets_.tcp(at + 0.02, kServer, client, flag::syn | flag::ack, 500, 101);
    packets_.tcp(at + 0.09, client, kServer, flag::rst | flag::ack, 101, 501);
  }

  void kept_alive(double at, std::uint16_t port) {
    const net::Endpoint client = endpoint(5, port);
    open(at, client);
    packets_.tcp(at + 3, client, kServer, flag::ack | flag::psh, 101, 501, 50);
    packets_.tcp(at + 5, kServer, client, flag::ack | flag::psh, 501, 151, 90);
    for (int i = 1; i < 8; ++i) {
      packets_.tcp(at + 15'000 * i, client, kServer, flag::ack, 150, 591);
      packets_.tcp(at + 15'000 * i + 1, kServer, client, flag::ack, 591, 151);
    }
  }

  void lookup(double at, std::uint16_t port) {
    packets_.udp(at, endpoint(6, port), endpoint(201, 53), 40, 'q');
    packets_.udp(at + 3, endpoint(201, 53), endpoint(6, port), 120, 'q');
  }

  // How the capture was taken: whole, cut short, mirrored, one direction.
  void alter() {
    const int how = below(5);
    Packets kept;
    for (std::size_t i = 0; i < packets_.list.size(); ++i) {
      auto& packet = packets_.list[i];
      if (how == 1) packet.cut(54);
      if (how == 2 && i > packets_.list.size() * 2 / 3) break;
      if (how == 3 && packet.bytes[19] < 200) continue;
      kept.list.push_back(packet);
      if (how != 4) continue;
      kept.list.push_back(packet);
      kept.list.back().at_ns += 30'000;
    }
    packets_ = std::move(kept);
  }

  std::mt19937 random_;
  Packets packets_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(healthy_traffic)

BOOST_AUTO_TEST_CASE(of_every_shape_and_however_captured_has_nothing_wrong) {
  constexpr unsigned kCaptures = 600;
  for (unsigned seed = 0; seed < kCaptures; ++seed) {
    const Diagnosed capture(Shapes(seed).draw());
    BOOST_TEST(capture->nothing_wrong(), "seed " << seed << ": " << capture->verdict);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::findings::test
