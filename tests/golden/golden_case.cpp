#include "tests/golden/golden_case.hpp"

#include <algorithm>
#include <charconv>

namespace elblab::golden {
namespace {

int row_number(const GoldenCase& golden_case) {
  int number = 0;
  std::from_chars(golden_case.row.data(), golden_case.row.data() + golden_case.row.size(), number);
  return number;
}

std::vector<GoldenCase> collect() {
  std::vector<GoldenCase> all;
  for (const auto theme : {connect_cases, established_cases, data_cases, handshake_cases,
                           stray_cases, ending_cases, time_wait_cases, port_cases, listen_cases,
                           option_cases, icmp_cases, udp_cases, address_cases}) {
    const auto cases = theme();
    all.insert(all.end(), cases.begin(), cases.end());
  }
  std::stable_sort(all.begin(), all.end(), [](const GoldenCase& a, const GoldenCase& b) {
    return row_number(a) != row_number(b) ? row_number(a) < row_number(b) : a.row < b.row;
  });
  return all;
}

}  // namespace

const std::vector<GoldenCase>& golden_cases() {
  static const std::vector<GoldenCase> cases = collect();
  return cases;
}

Transcript play(const GoldenCase& golden_case, HostUnderTest& host) {
  // The default follows from the kernel's version and the machine's memory, and sets the window
  // scale of every SYN: 7 for these 6 MiB.
  host.set_sysctl("net.ipv4.tcp_rmem.max", 6291456);
  Scene scene(host);
  golden_case.play(scene);
  return scene.transcript();
}

}  // namespace elblab::golden
