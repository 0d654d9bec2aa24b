#include "live/shell_session.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "live/listening_ports.hpp"
#include "live/shell_signals.hpp"

namespace elblab::live {
namespace {

constexpr Duration kLookEvery = std::chrono::milliseconds(10);
constexpr Duration kListensWithin = std::chrono::seconds(20);
constexpr Duration kPatience = std::chrono::seconds(5);  // with a program that is to end

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
}

std::vector<std::string> shell_of_the_user() {
  const char* shell = std::getenv("SHELL");
  return {shell != nullptr && *shell != '\0' ? shell : "/bin/sh"};
}

}  // namespace

ShellSession::ShellSession(const language::Scenario& scenario, const ShellOptions& options,
                           World& world, int niceness)
    : scenario_(scenario), options_(options), world_(world), niceness_(niceness), loop_(clock_) {
  world.put_on(loop_);
}

Expected<int> ShellSession::run() {
  if (auto done = loop_.open(); !done) return done.error();
  clock_.start();
  if (auto done = world_.start(clock_.now()); !done) return done.error();
  if (!options_.serve.empty()) {
    if (auto done = serve(); !done) return done.error();
    if (auto done = await_listening(); !done) return done.error();
  }
  if (options_.announce) options_.announce(world_.topology());
  return run_program();
}

Expected<void> ShellSession::serve() {
  std::error_code error;
  std::filesystem::create_directories(options_.log_folder, error);
  if (error) return Error{options_.log_folder.string() + ": " + error.message()};
  for (std::size_t i = 0; i < scenario_.hosts.size(); ++i) {
    for (const workload::ServerParameters& service : scenario_.hosts[i].services) {
      if (auto done = serve(i, service); !done) return done;
    }
  }
  return {};
}

Expected<void> ShellSession::serve(std::size_t host, const workload::ServerParameters& service) {
  const language::HostSpec& spec = scenario_.hosts[host];
  const std::string port = std::to_string(service.port);
  std::string line = options_.serve;
  replace_all(line, "{port}", port);
  replace_all(line, "{host}", spec.name);
  replace_all(line, "{address}", spec.addresses.front().to_string());
  Served served;
  served.network = &world_.topology().hosts[host].network;
  served.name = spec.name + " port " + port;
  served.port = service.port;
  served.udp = service.udp;
  served.log = options_.log_folder / (spec.name + "." + port + ".log");
  const CommandPlan plan{{"/bin/sh", "-c", line}, {}, served.log, niceness_};
  if (auto done = served.command.start(*served.network, plan); !done) return done;
  served_.push_back(std::move(served));
  return {};
}

Expected<void> ShellSession::await_listening() {
  const Instant limit = clock_.now() + kListensWithin;
  for (const Served& served : served_) {
    if (served.udp) continue;
    if (auto done = await_listening(served, limit); !done) return done;
  }
  return {};
}

Expected<void> ShellSession::await_listening(const Served& served, Instant limit) {
  for (;;) {
    const auto listens = ask_listening(*served.network, served.port);
    if (!listens) return listens.error();
    if (*listens) return {};
    if (ShellSignals::end_wanted()) return Error{"stopped before " + served.name + " listened"};
    const bool ended = served.command.ended();
    if (ended || clock_.now() > limit) {
      return Error{"what serves on " + served.name + (ended ? " ended" : " does not listen") +
                   ": see " + served.log.string()};
    }
    loop_.turn(clock_.now() + kLookEvery);
  }
}

Expected<int> ShellSession::run_program() {
  const std::size_t host = chosen_host();
  CommandPlan plan;
  plan.words = options_.command.empty() ? shell_of_the_user() : options_.command;
  plan.environment = {"ELBLAB_HOST=" + scenario_.hosts[host].name,
                      "ELBLAB_ADDRESS=" + scenario_.balancers.front().address.to_string()};
  plan.niceness = niceness_;
  ChildCommand program;
  if (auto done = program.start(world_.topology().hosts[host].network, plan); !done) {
    return done.error();
  }
  if (auto done = loop_.end_turns_at(program.descriptor()); !done) return done.error();
  if (auto done = await_end(program); !done) return done.error();
  return program.wait();
}

Expected<void> ShellSession::await_end(const ChildCommand& program) {
  Instant patience_ends = kNever;
  while (!loop_.turn(clock_.now() + kLookEvery)) {
    if (clock_.now() > patience_ends) return Error{"the program did not end when asked to: killed"};
    if (!ShellSignals::end_wanted() || patience_ends != kNever) continue;
    program.ask_to_end();
    patience_ends = clock_.now() + kPatience;
  }
  return {};
}

std::size_t ShellSession::chosen_host() const {
  const auto& hosts = scenario_.hosts;
  const auto chosen = std::find_if(hosts.begin(), hosts.end(), [&](const auto& host) {
    return options_.host.empty() ? host.role == language::HostRole::client
                                 : host.name == options_.host;
  });
  return chosen == hosts.end() ? 0 : static_cast<std::size_t>(chosen - hosts.begin());
}

}  // namespace elblab::live
