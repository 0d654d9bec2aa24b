// What a file costs to load grows with its length, not with the square of it.
//
// Time is measured, since that is what people wait for: four times the file may take up to nine
// times as long (a square would take sixteen), the best of several attempts.
#include <fmt/format.h>

#include <boost/test/unit_test.hpp>
#include <chrono>

#include "tests/language/example.hpp"

namespace elblab::language {
namespace {

using Text = std::function<std::string(int)>;

double seconds_to_load(const std::string& text, bool valid) {
  const auto begin = std::chrono::steady_clock::now();
  const auto loaded = ScenarioFile::parse(text, "x.yaml");
  const auto end = std::chrono::steady_clock::now();
  const std::string first = loaded.errors.empty() ? "" : loaded.errors.front().message;
  BOOST_REQUIRE_MESSAGE((loaded.file != nullptr) == valid, first);
  return std::chrono::duration<double>(end - begin).count();
}

// The machine may be busy with others: the best attempt counts.
double best_seconds(const std::string& text, bool valid) {
  double best = seconds_to_load(text, valid);
  for (int i = 0; i < 2; ++i) best = std::min(best, seconds_to_load(text, valid));
  return best;
}

void check_growth(const Text& text, int few, bool valid = true) {
  constexpr double kMostTimesAsLong = 9;
  const std::string small = text(few);
  const std::string large = text(4 * few);
  BOOST_TEST_CONTEXT(few << " and four times as many") {
    double ratio = kMostTimesAsLong;
    for (int attempt = 0; attempt < 3 && ratio >= kMostTimesAsLong; ++attempt) {
      ratio = best_seconds(large, valid) / best_seconds(small, valid);
    }
    BOOST_TEST(ratio < kMostTimesAsLong);
  }
}

std::string list_of(int count, const std::string& item) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    text += (i > 0 ? ", " : "") + fmt::format(fmt::runtime(item), fmt::arg("i", i));
  }
  return text;
}

struct Parts {
  std::string hosts = "b1: {role: server}";
  std::string listeners = "web: {protocol: tcp, port: 80, group: app}";
  std::string servers = "b1: {port: 90}";
  std::string workload = "w: {from: c1, to: web, short_connections: 10/s, for: 2s}";
  std::string rest;
};

std::string scenario(const Parts& parts) {
  return fmt::format(R"(scenario: G-1
title: Growth
hosts: {{c1: {{role: client}}, {}}}
balancer:
  listeners: {{{}}}
  groups: {{app: {{servers: {{{}}}}}}}
workload: {{{}}}
networks: {{servers: 10.8.0.0/16}}
{})",
                     parts.hosts, parts.listeners, parts.servers, parts.workload, parts.rest);
}

BOOST_AUTO_TEST_SUITE(growth)

BOOST_AUTO_TEST_CASE(of_runs) {
  check_growth(
      [](int n) {
        Parts parts;
        parts.rest =
            "runs: {" + list_of(n, "r{i}: {{set: {{workload.w.short_connections: 5/s}}}}") + "}\n";
        return scenario(parts);
      },
      500);
}

BOOST_AUTO_TEST_CASE(of_runs_with_expectations_that_compare_them) {
  check_growth(
      [](int n) {
        Parts parts;
        parts.rest = "runs: {" + list_of(n, "r{i}: {{}}") + ", base: {}}\nexpect:\n";
        for (int i = 0; i < n; ++i) {
          parts.rest +=
              fmt::format("  r{}: [{{measure: opened(c1), relative_to: base, above: 0}}]\n", i);
        }
        return scenario(parts);
      },
      500);
}

BOOST_AUTO_TEST_CASE(of_runs_that_are_run_live) {
  check_growth(
      [](int n) {
        Parts parts;
        parts.rest = "runs: {" + list_of(n, "r{i}: {{}}") + "}\nlive: {runs: {" +
                     list_of(n, "r{i}: {{set: {{workload.w.for: 1s}}}}") + "}}\n";
        return scenario(parts);
      },
      300);
}

BOOST_AUTO_TEST_CASE(of_hosts) {
  check_growth(
      [](int n) {
        Parts parts;
        parts.hosts += ", " + list_of(n, "h{i}: {{role: client}}");
        return scenario(parts);
      },
      1000);
}

BOOST_AUTO_TEST_CASE(of_servers) {
  check_growth(
      [](int n) {
        Parts parts;
        parts.hosts = list_of(n, "b{i}: {{role: server}}");
        parts.servers = list_of(n, "b{i}: {{port: 90}}");
        return scenario(parts);
      },
      500);
}

BOOST_AUTO_TEST_CASE(of_listeners) {
  check_growth(
      [](int n) {
        Parts parts;
        parts.listeners = "web: {protocol: tcp, port: 80, group: app}, ";
        for (int i = 0; i < n; ++i) {
          parts.listeners +=
              fmt::format("l{}: {{protocol: tcp, port: {}, group: app}}, ", i, 1000 + i);
        }
        return scenario(parts);
      },
      500);
}

BOOST_AUTO_TEST_CASE(of_workloads) {
  check_growth(
      [](int n) {
        Parts parts;
        parts.workload = list_of(n, "w{i}: {{from: c1, to: web, short_connections: 1/s, for: 2s}}");
        return scenario(parts);
      },
      500);
}

BOOST_AUTO_TEST_CASE(of_clients_of_a_workload) {
  check_growth(
      [](int n) {
        Parts parts;
        parts.hosts += ", " + list_of(n, "h{i}: {{role: client}}");
        parts.workload =
            "w: {from: [" + list_of(n, "h{i}") + "], to: web, short_connections: 1/s, for: 2s}";
        return scenario(parts);
      },
      1000);
}

BOOST_AUTO_TEST_CASE(of_a_list_of_ranges) {
  check_growth(
      [](int n) {
        Parts parts;
        parts.workload = "w: {from: [" + list_of(n, "c[1..1000]") +
                         "], to: web, short_connections: 1/s, for: 2s}";
        return scenario(parts);
      },
      10'000, false);
}

// Each is an error, all on one line.
BOOST_AUTO_TEST_CASE(of_mistakes_on_one_line) {
  check_growth(
      [](int n) {
        Parts parts;
        parts.hosts += ", x: {role: server, service: {ports: [" + list_of(n, "b[1..4]") + "]}}";
        return scenario(parts);
      },
      10'000, false);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::language
