// The scenario that the design shows to users, and small changes of it.
#pragma once

#include <boost/test/unit_test.hpp>
#include <string>
#include <string_view>

#include "scenarios/language/scenario_file.hpp"

namespace elblab::language::testing {

inline const std::string kExample =
    R"(# yaml-language-server: $schema=../../docs/scenario.schema.json
scenario: TW-01
title: One client exhausts its ports with short connections
exercises: [BW-07, BW-10, DIAG-12]
profile: dedicated

hosts:
  c1:        {role: client, link: {rate: 1Gbps, delay: 2ms}}
  b[1..4]:   {role: server, link: {rate: 1Gbps, delay: 200us}}

balancer:
  address: 198.51.100.10
  backend_subnet: 10.0.1.0/24
  nodes: {lvs: 2}
  listeners:
    web: {protocol: tcp, port: 80, group: app}
  groups:
    app:
      algorithm: weighted_round_robin
      servers: {b1: {port: 90}, b2: {port: 90}, b3: {port: 90}, b4: {port: 90}}
      protocol: tcp

workload:
  burst: {from: c1, to: web, short_connections: 940/s, for: 300s, request: 200B, response: 1KB, closes: client}

runs:
  symptom: {}
  remedy:  {set: {workload.burst.short_connections: 376/s}}

expect:
  symptom:
    - {measure: time_wait(c1), stat: max, within: [27950, 28232]}
    - {measure: connected(c1), stat: mean, window: 60s, about: 470.5/s, tolerance: 5%}
    - {measure: refused_locally(c1), stat: total, above: 0}
    - {measure: dropped(balancer), stat: total, equals: 0}
  remedy:
    - {measure: refused_locally(c1), stat: total, equals: 0}
)";

// A live section for it.
inline const std::string kLive =
    R"(
live:
  runs:
    symptom: {}
    remedy:  {set: {workload.burst.short_connections: 13.3/s}}
  set: {hosts.c1.sysctl.net.ipv4.ip_local_port_range: 32768 33767,
    workload.burst.short_connections: 33.3/s,
    workload.burst.for: 125s}
  tolerance: 3%
  expect:
    symptom:
      - {measure: time_wait(c1), stat: max, within: [950, 1000]}
    all:
      - {measure: failed(c1), equals: 0}
)";

// `text` with the one occurrence of `from` replaced. Fails the test when there is none.
inline std::string with(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  BOOST_REQUIRE_MESSAGE(at != std::string::npos, "the text has no " << from);
  return text.replace(at, from.size(), to);
}

inline std::string all(const std::vector<Diagnostic>& errors) {
  std::string text;
  for (const Diagnostic& error : errors) text += (text.empty() ? "" : "\n") + error.to_string();
  return text;
}

// What a user reads when `text` stands in x.yaml; empty when it is right.
inline std::string errors_of(const std::string& text) {
  return all(ScenarioFile::parse(text, "x.yaml").errors);
}

// Its first line.
inline std::string first_error_of(const std::string& text) {
  const std::string errors = errors_of(text);
  return errors.substr(0, errors.find('\n'));
}

// The only run of `text`, or the one named.
inline Scenario decoded(const std::string& text, const std::string& run = {},
                        const std::vector<Override>& overrides = {}) {
  ScenarioFile::Loaded loaded = ScenarioFile::parse(text, "area/x.yaml");
  BOOST_REQUIRE_MESSAGE(loaded.file, all(loaded.errors));
  const std::string name = run.empty() ? loaded.file->runs().front() : run;
  ScenarioFile::Decoded result = loaded.file->decode(name, overrides);
  BOOST_REQUIRE_MESSAGE(result.scenario, all(result.errors));
  return *result.scenario;
}

}  // namespace elblab::language::testing
