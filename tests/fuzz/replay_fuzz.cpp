// Any bytes as a capture to replay through a balancer, its addresses guessed: a message, or a
// replay in which every packet is accounted for.
#include "pcap/replay/replay.hpp"
#include "tests/forwarding/scene.hpp"
#include "tests/fuzz/expect.hpp"
#include "tests/fuzz/memory_file.hpp"

namespace {

using namespace elblab;  // NOLINT: a program of its own

// Whose servers are probed, over HTTP and UDP.
config::LoadBalancer checking(config::LoadBalancer balancer) {
  config::HealthCheck http;
  http.protocol = config::ProbeProtocol::http;
  config::HealthCheck udp;
  udp.protocol = config::ProbeProtocol::udp;
  balancer.groups[0].health_check = http;
  balancer.groups[1].health_check = udp;
  return balancer;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using fuzz::expect;
  static const config::LoadBalancer kKept = checking(forwarding::kept_address_balancer());
  static const config::LoadBalancer kFull = checking(forwarding::full_nat_balancer());
  const fuzz::MemoryFile file({data, size});
  for (const config::LoadBalancer* balancer : {&kKept, &kFull}) {
    for (const bool guess : {false, true}) {
      replay::ReplayOptions options;
      options.capture = file.path();
      options.balancers = {*balancer};
      options.roles.guess = guess;
      if (!guess) options.roles.probe_sources = {*net::Subnet::parse("0.0.0.0/0")};
      options.drain = std::chrono::seconds(1'000);
      // Captures that span decades are as good as others here; 200,000 samples of each are not.
      options.sample_interval = std::chrono::hours(24 * 365);
      const auto report = replay::replay(options);
      if (!report) {
        expect(!report.error().message.empty(), "an error has a message");
        expect(report.error().cause == replay::ReplayError::Cause::bad_input,
               "a bad capture is bad input");
        continue;
      }
      expect(report->conservation_problem.empty(), "every packet is accounted for");
      expect(report->engine.conserved(), "the engine counts every packet");
    }
  }
  return 0;
}
