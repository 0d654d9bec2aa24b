// Captures written by a test and played by `elblab replay --stateful` behind a balancer of two
// listeners and two servers.
#pragma once

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "pcap/writer.hpp"
#include "tests/cli/program.hpp"
#include "tests/conversations/packets.hpp"
#include "tests/must.hpp"
#include "tests/temporary_folder.hpp"

namespace elblab::testing {

struct PlayedCaptures {
  static constexpr const char* kBalancer = R"(
profile: dedicated
balancer:
  address: 198.51.100.10
  nodes: {lvs: 1}
  listeners:
    web: {protocol: tcp, port: 80, group: app}
    shop: {protocol: tcp, port: 8080, group: app}
  groups: {app: {servers: {"b[1..2]": {address: 10.0.1.11-10.0.1.12, port: 90}}}}
)";

  TemporaryFolder folder;
  PlayedCaptures() { std::ofstream(folder / "lb.yaml") << kBalancer; }

  std::string save(const pcap::testing::Packets& packets, const std::string& name = "cap.pcap") {
    const auto writer = must(pcap::Writer::open(folder / name));
    for (const auto& packet : packets.list) {
      writer->write(kStart + Duration{packet.at_ns}, packet.bytes);
    }
    must(writer->close());
    return (folder / name).string();
  }
  test::Ended replay(const std::string& capture, std::vector<std::string> more = {}) {
    std::vector<std::string> all{"replay", capture, "--stateful"};
    all.insert(all.end(), more.begin(), more.end());
    if (std::find(more.begin(), more.end(), "--balancer") == more.end()) {
      all.insert(all.end(), {"--balancer", (folder / "lb.yaml").string()});
    }
    return test::run_program(all);
  }
  static bool says(const std::string& text, const std::string& what) {
    return text.find(what) != std::string::npos;
  }
  // Short connections of three clients to 10.0.0.200, a hundred per second.
  static pcap::testing::Packets connections(std::uint32_t count, std::uint16_t port) {
    pcap::testing::Packets packets;
    for (std::uint32_t i = 0; i < count; ++i) {
      pcap::testing::short_connection(
          packets, i * 10.0,
          pcap::testing::endpoint(1 + i % 3, static_cast<std::uint16_t>(9000 + i)),
          pcap::testing::endpoint(200, port), i * 1000003 + port, i * 999);
    }
    return packets;
  }
};

}  // namespace elblab::testing
