// A row of the table of measured Linux behaviour, as a case that can be played on any host.
//
// Each case holds the transcript the table prescribes. That is the independent truth: a host is
// right when its transcript agrees with it, whether or not a kernel is there to compare with.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/golden/host_under_test.hpp"
#include "tests/golden/scene.hpp"
#include "tests/golden/transcript.hpp"

namespace elblab::golden {

struct GoldenCase {
  std::string_view row;   // "4", "14b": the table's row, with a letter where a row has variants
  std::string_view name;  // what the host does, as a sentence
  void (*play)(Scene&);
  std::string_view expected;
  Tolerance tolerance{};
  // What differs between kernel versions, empty if nothing is known to.
  std::string_view version_note{};
};

// By theme; each is defined in cases/<theme>.cpp.
std::vector<GoldenCase> connect_cases();
std::vector<GoldenCase> established_cases();
std::vector<GoldenCase> data_cases();
std::vector<GoldenCase> handshake_cases();
std::vector<GoldenCase> stray_cases();
std::vector<GoldenCase> ending_cases();
std::vector<GoldenCase> time_wait_cases();
std::vector<GoldenCase> port_cases();
std::vector<GoldenCase> listen_cases();
std::vector<GoldenCase> option_cases();
std::vector<GoldenCase> icmp_cases();
std::vector<GoldenCase> udp_cases();
std::vector<GoldenCase> address_cases();

// All of them, in the order of the table.
const std::vector<GoldenCase>& golden_cases();

// Plays a case from its beginning on a fresh host.
Transcript play(const GoldenCase& golden_case, HostUnderTest& host);

}  // namespace elblab::golden
