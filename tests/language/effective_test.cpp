// The effective scenario reads back as the same scenario, whatever the file said.
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <random>

#include "tests/language/describe.hpp"
#include "tests/language/example.hpp"

namespace elblab::language {
namespace {

using testing::kExample;
using testing::with;

void check_round_trip(const std::string& text) {
  const auto loaded = ScenarioFile::parse(text, "x.yaml");
  BOOST_REQUIRE_MESSAGE(loaded.file, testing::all(loaded.errors));
  for (const std::string& run : loaded.file->runs()) {
    const Scenario once = testing::decoded(text, run);
    const Scenario twice = testing::decoded(once.effective_yaml, run);
    BOOST_REQUIRE_EQUAL(testing::describe(once), testing::describe(twice));
    BOOST_REQUIRE_EQUAL(once.effective_yaml, twice.effective_yaml);
  }
}

// One of the rows, or nothing.
std::string maybe(std::mt19937& random, const std::vector<std::string>& rows) {
  const std::size_t chosen = random() % (rows.size() + 1);
  return chosen < rows.size() ? rows[chosen] : std::string();
}

// What only the model obeys goes with it.
std::string settings_of_model(std::mt19937& random) {
  return maybe(random, {"initial_sequence: random, "}) +
         maybe(random, {"time_wait: 1500ms, ", "time_wait: 0.1s, "}) +
         maybe(random,
               {"sysctl: {net.ipv4.ip_local_port_range: 1024 1123, net.ipv4.tcp_tw_reuse: 0}, "}) +
         maybe(random, {"addresses: 3, ", "addresses: [203.0.113.7, 203.0.113.9-203.0.113.11], ",
                        "addresses: 300, "});
}

std::string random_scenario(std::mt19937& random) {
  std::string text = kExample;
  const bool native = random() % 3 == 0;
  const std::string client = native ? "stack: ns3, " : settings_of_model(random);
  std::vector<std::string> links{"loss: 0.1%",  "loss: 0.333", "delay: 1234567ns",
                                 "jitter: 3us", "queue: 5",    "kind: csma, segment: lan"};
  if (!native) links.emplace_back("kind: pooled");
  text = with(text, "role: client, ", "role: client, " + client);
  text = with(text, "delay: 2ms", maybe(random, links));
  text = with(text, "link: {rate: 1Gbps, delay: 200us}",
              maybe(random, {"service: {time: 7ms}", "service: {accept_rate: 12.5/s, backlog: 3}",
                             "service: {listening: false}",
                             "service: {pages: {/: 200, /a.b: 404}, deny: 10.0.0.0/8}"}));
  text = with(
      text, "  nodes: {lvs: 2}\n",
      maybe(random, {"  nodes: {lvs: 1}\n", "  source_pool: {addresses: 6, ports: 2000-3000}\n",
                     "  tcp_timeouts: {closed: 60s}\n", "  eip: {bandwidth: 2.5Mbps}\n",
                     "  eip: {bandwidth: 10Mbps, burst: 128KB, queue: 0B}\n"}));
  text = with(text, "short_connections: 940/s, for: 300s",
              (random() % 2 ? "users: 5, for: 300s" : "short_connections: 0.3333/s, for: 300s") +
                  maybe(random, {", hold: 1ms", ", close_with: rst", ", retries: 3",
                                 ", source_port: 100", ", arrivals: poisson"}));
  const std::string title = maybe(random, {"\"quotes \\\" and: colons # and\\nlines\"",
                                           "'[brackets] {braces}'", "\"~\"", "12", "naïve é"});
  text = with(text, "title: One client exhausts its ports with short connections",
              "title: " + (title.empty() ? "x" : title));
  text = with(
      text, "runs:\n",
      maybe(random, {"timeline: [{at: 3s, link_down: c1}, {at: 1s, set_loss: b2, loss: 3%}]\n",
                     "duration: 333s\n", "sample_interval: 500ms\n", "curves: [time_wait(c1)]\n",
                     "why: >\n  a\n\n  b {max time_wait(c1)}\n", "seeds: [5, 9]\n"}) +
          "runs:\n");
  return text;
}

BOOST_AUTO_TEST_SUITE(effective)

BOOST_AUTO_TEST_CASE(the_example_reads_back_the_same) { check_round_trip(kExample); }

BOOST_AUTO_TEST_CASE(random_scenarios_read_back_the_same) {
  std::mt19937 random(20261120);
  for (int i = 0; i < 150; ++i) {
    const std::string text = random_scenario(random);
    BOOST_TEST_CONTEXT(text) { check_round_trip(text); }
  }
}

BOOST_AUTO_TEST_CASE(a_comparison_keeps_its_reference) {
  check_round_trip(
      with(kExample, "  remedy:\n",
           "  remedy:\n    - {measure: opened(c1), relative_to: symptom, below: 1}\n"));
}

BOOST_AUTO_TEST_CASE(every_default_is_spelled_out) {
  const std::string text = testing::decoded(kExample).effective_yaml;
  for (const std::string line :
       {"time_wait: 60s", "net.ipv4.tcp_fin_timeout: 60", "connection_limit: 2097152",
        "queue: 1000", "request_timeout: 30s", "net.ipv4.ip_local_port_range: [32768, 60999]",
        "duration: 300s", "addresses: [203.0.113.1]"}) {
    BOOST_TEST(text.find(line) != std::string::npos, line);
  }
}

BOOST_AUTO_TEST_CASE(the_shipped_scenarios_read_back_the_same) {
  const std::filesystem::path folder = std::filesystem::path(ELBLAB_SOURCE_DIR) / "scenarios";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.path().string().ends_with(".elb.yaml")) continue;
    const auto loaded = ScenarioFile::load(entry.path());
    BOOST_REQUIRE_MESSAGE(loaded.file, testing::all(loaded.errors));
    const Scenario any = *loaded.file->decode(loaded.file->runs().front()).scenario;
    BOOST_TEST_CONTEXT(entry.path()) { check_round_trip(any.source_text.str()); }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::language
