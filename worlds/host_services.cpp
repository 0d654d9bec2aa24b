#include "worlds/host_services.hpp"

#include <algorithm>
#include <utility>

#include "models/workload/make_application.hpp"

namespace elblab::worlds {

HostServices::HostServices(const language::HostSpec& spec, Host& host, std::uint64_t seed,
                           const RecordedUsers& users)
    : host_(spec.name), users_(std::make_unique<RecordedUsers>(users)) {
  if (!spec.services.empty() && spec.services.front().cpu.time > Duration{0}) {
    cpus_ = std::make_unique<workload::CpuQueue>(spec.services.front().cpu,
                                                 random::Stream(seed, "cpu/" + spec.name));
  }
  random::Stream ids(seed, "connection_ids/" + spec.name);
  for (workload::ServerParameters service : spec.services) {
    service.connection_id_seed = ids.next();
    servers_.push_back(workload::make_server(service, host.sockets(), cpus_.get(), users_.get()));
    host.add(*servers_.back());
  }
  if (cpus_ != nullptr) host.add(*cpus_);
  if (spec.relay) add_relay(*spec.relay, host, seed);
}

void HostServices::add_relay(const language::RelaySpec& spec, Host& host, std::uint64_t seed) {
  workload::ServerParameters listener;
  listener.port = spec.port;
  auto relay = std::make_unique<relay::Relay>(listener, spec.parameters, host.sockets(),
                                              random::Stream(seed, "relay/" + host_));
  relay_ = relay.get();
  servers_.push_back(std::move(relay));
  host.add(*relay_);
}

std::optional<std::string> HostServices::problem() const {
  for (const auto& server : servers_) {
    if (!server->port_refused()) continue;
    return "host '" + host_ + "': port " + std::to_string(server->parameters().port) +
           " could not be opened for its service";
  }
  return std::nullopt;
}

std::optional<double> HostServices::value(std::string_view measure, Instant now) {
  if (measure == "cpu") return cpu_percent(now);
  if (measure == "requests_waiting") return cpus_ != nullptr ? cpus_->waiting() : 0;
  using Counters = workload::ServerCounters;
  for (const auto& [name, counter] :
       {std::pair<std::string_view, std::uint64_t Counters::*>{"served", &Counters::responses},
        {"sessions_begun", &Counters::sessions_begun},
        {"sessions_kept", &Counters::sessions_kept},
        {"sessions_lost", &Counters::sessions_lost}}) {
    if (name != measure) continue;
    std::uint64_t sum = 0;
    for (const auto& server : servers_) sum += server->counters().*counter;
    return static_cast<double>(sum);
  }
  return std::nullopt;
}

// A live world that notices late that a CPU became free makes up for it in the next interval.
double HostServices::cpu_percent(Instant now) {
  if (cpus_ == nullptr || now <= asked_at_) return 0;
  const Duration busy = cpus_->busy_time(now) - busy_then_;
  const double there_was = to_seconds(now - asked_at_) * cpus_->cpus();
  asked_at_ = now;
  busy_then_ += busy;
  return std::min(100.0, 100 * to_seconds(busy) / there_was);
}

}  // namespace elblab::worlds
