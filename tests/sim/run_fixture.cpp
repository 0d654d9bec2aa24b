#include "tests/sim/run_fixture.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

#include "tests/must.hpp"

namespace elblab::sim::test {
namespace {

using namespace std::chrono_literals;

language::HostSpec make_host(const std::string& name, language::HostRole role,
                             const net::IpAddress& address, language::LinkKind kind) {
  language::HostSpec host;
  host.name = name;
  host.role = role;
  host.addresses = {address};
  host.link.kind = kind;
  return host;
}

config::LoadBalancer make_balancer(Mode mode) {
  config::LoadBalancer balancer;
  balancer.profile = config::find_profile(mode == Mode::dnat ? "dedicated" : "shared-2020");
  balancer.address = net::IpAddress::v4(198, 51, 100, 10);
  balancer.backend_subnet = *net::Subnet::parse("10.0.1.0/24");
  config::Listener listener;
  listener.name = "web";
  listener.port = {80, 80};
  listener.group = "app";
  balancer.listeners = {listener};
  balancer.groups.emplace_back().name = "app";
  return balancer;
}

}  // namespace

language::Scenario small_scenario(language::LinkKind kind, Mode mode, std::size_t clients,
                                  std::size_t servers) {
  language::Scenario scenario;
  scenario.id = "TEST";
  scenario.run = "run";
  scenario.duration = 4s;
  scenario.balancers = {make_balancer(mode)};
  language::WorkloadSpec& spec = scenario.workloads.emplace_back();
  for (std::size_t i = 0; i < clients; ++i) {
    const std::string name = "c" + std::to_string(i + 1);
    scenario.hosts.push_back(make_host(name, language::HostRole::client,
                                       net::IpAddress::v4(203, 0, 113, 1).plus(i), kind));
    spec.from.push_back(name);
  }
  for (std::size_t i = 0; i < servers; ++i) {
    const std::string name = "b" + std::to_string(i + 1);
    auto host =
        make_host(name, language::HostRole::server, net::IpAddress::v4(10, 0, 2, 1).plus(i), kind);
    host.services.emplace_back().port = 90;
    config::Server server;
    server.name = name;
    server.address = host.addresses.front();
    server.port = 90;
    scenario.balancers.front().groups.front().servers.push_back(server);
    scenario.hosts.push_back(std::move(host));
  }
  spec.listener = "web";
  spec.parameters.name = "burst";
  spec.parameters.rate_per_second = 100;
  spec.parameters.end = kStart + 2s;
  spec.parameters.destination = {scenario.balancers.front().address, 80};
  return scenario;
}

workload::ClientParameters& burst(language::Scenario& scenario) {
  return scenario.workloads.front().parameters;
}

TracedRun::TracedRun(const language::Scenario& scenario, RunOptions options) {
  options.trace = folder_ / "run.db";
  result_ = must(run(scenario, options));
  reader_ = must(trace::Reader::open(options.trace));
}

bool TracedRun::has_series(const std::string& measure, const std::string& object) const {
  return reader_->find_series(measure, object).has_value();
}

std::vector<trace::Point> TracedRun::samples(const std::string& measure,
                                             const std::string& object) const {
  const auto series = reader_->find_series(measure, object);
  if (!series) throw std::runtime_error("no series " + measure + "(" + object + ")");
  return reader_->samples(series->id, kStart, kNever);
}

double TracedRun::total(const std::string& measure, const std::string& object) const {
  double sum = 0;
  for (const trace::Point& point : samples(measure, object)) sum += point.value;
  return sum;
}

double TracedRun::maximum(const std::string& measure, const std::string& object) const {
  double largest = 0;
  for (const trace::Point& point : samples(measure, object)) {
    largest = std::max(largest, point.value);
  }
  return largest;
}

std::uint64_t TracedRun::events(const std::string& kind, const std::string& reason) const {
  std::uint64_t count = 0;
  for (const trace::ReasonCount& row : reader_->reason_counts()) {
    if (row.kind == kind && row.reason == reason) count += row.count;
  }
  return count;
}

}  // namespace elblab::sim::test
