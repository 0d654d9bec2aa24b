#include "live/shell_run.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>

#include "live/child_command.hpp"
#include "live/listening_ports.hpp"
#include "live/loop.hpp"
#include "live/network/privileges.hpp"
#include "live/network/stale_namespaces.hpp"
#include "live/on_time.hpp"
#include "live/world.hpp"

namespace elblab::live {
namespace {

constexpr Duration kLookEvery = std::chrono::milliseconds(10);
constexpr Duration kListensWithin = std::chrono::seconds(20);
constexpr Duration kPatience = std::chrono::seconds(5);  // with a program that is to end

volatile std::sig_atomic_t end_wanted = 0;
void want_end(int) { end_wanted = 1; }

// While the program runs, Ctrl-C and Ctrl-\ are its own affair; SIGTERM and SIGHUP end the run.
class SignalGuard {
 public:
  SignalGuard() {
    end_wanted = 0;
    set(SIGINT, SIG_IGN, old_[0]);
    set(SIGQUIT, SIG_IGN, old_[1]);
    set(SIGTERM, want_end, old_[2]);
    set(SIGHUP, want_end, old_[3]);
  }
  ~SignalGuard() {
    sigaction(SIGINT, &old_[0], nullptr);
    sigaction(SIGQUIT, &old_[1], nullptr);
    sigaction(SIGTERM, &old_[2], nullptr);
    sigaction(SIGHUP, &old_[3], nullptr);
  }
  SignalGuard(const SignalGuard&) = delete;
  SignalGuard& operator=(const SignalGuard&) = delete;

 private:
  static void set(int signal, void (*handler)(int), struct sigaction& old) {
    struct sigaction action {};
    action.sa_handler = handler;  // without SA_RESTART: a wait shall end
    sigemptyset(&action.sa_mask);
    sigaction(signal, &action, &old);
  }
  struct sigaction old_[4]{};
};

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
}

// A server's program, and the port that it is to open.
struct Served {
  ChildCommand command;
  const NetworkNamespace* network = nullptr;
  std::string name;  // "b1 port 90"
  std::uint16_t port = 0;
  std::filesystem::path log;
};

class ShellRun {
 public:
  ShellRun(const language::Scenario& scenario, const ShellOptions& options, World& world,
           int niceness)
      : scenario_(scenario),
        options_(options),
        world_(world),
        niceness_(niceness),
        loop_(clock_, world.balancer(), world.hosts()) {}

  // With everything up, until the program has ended.
  Failure run(int& status) {
    if (auto failure = loop_.open()) return failure;
    clock_.start();
    world_.start(clock_.now());
    if (!options_.serve.empty()) {
      if (auto failure = serve()) return failure;
      if (auto failure = await_listening()) return failure;
    }
    if (options_.announce) options_.announce(world_.topology());
    return run_program(status);
  }
  Failure finish() { return world_.finish(clock_.now()); }

 private:
  Failure serve() {
    std::error_code error;
    std::filesystem::create_directories(options_.log_folder, error);
    if (error) return options_.log_folder.string() + ": " + error.message();
    for (std::size_t i = 0; i < scenario_.hosts.size(); ++i) {
      for (const workload::ServerParameters& service : scenario_.hosts[i].services) {
        if (auto failure = serve(i, service)) return failure;
      }
    }
    return std::nullopt;
  }

  Failure serve(std::size_t host, const workload::ServerParameters& service) {
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
    served.log = options_.log_folder / (spec.name + "." + port + ".log");
    const CommandPlan plan{{"/bin/sh", "-c", line}, {}, served.log, niceness_};
    if (auto failure = served.command.start(*served.network, plan)) return failure;
    served_.push_back(std::move(served));
    return std::nullopt;
  }

  Failure await_listening() {
    const Instant limit = clock_.now() + kListensWithin;
    for (const Served& served : served_) {
      while (!listens(*served.network, served.port)) {
        if (end_wanted != 0) return "stopped before " + served.name + " listened";
        if (served.command.ended() || clock_.now() > limit) {
          return "what serves on " + served.name +
                 (served.command.ended() ? " ended" : " does not listen") + ": see " +
                 served.log.string();
        }
        loop_.turn(clock_.now() + kLookEvery);
      }
    }
    return std::nullopt;
  }

  Failure run_program(int& status) {
    const std::size_t host = chosen_host();
    const NetworkNamespace& network = world_.topology().hosts[host].network;
    CommandPlan plan;
    plan.niceness = niceness_;
    plan.words = options_.command;
    if (plan.words.empty()) {
      const char* shell = std::getenv("SHELL");
      plan.words = {shell != nullptr && *shell != '\0' ? shell : "/bin/sh"};
    }
    plan.environment = {"ELBLAB_HOST=" + scenario_.hosts[host].name,
                        "ELBLAB_ADDRESS=" + scenario_.balancer.address.to_string()};
    ChildCommand program;
    if (auto failure = program.start(network, plan)) return failure;
    if (auto failure = loop_.end_turns_at(program.descriptor())) return failure;
    Instant patience_ends = kNever;
    while (!loop_.turn(clock_.now() + kLookEvery)) {
      if (clock_.now() > patience_ends) return "the program did not end when asked to: killed";
      if (end_wanted == 0 || patience_ends != kNever) continue;
      program.ask_to_end();
      patience_ends = clock_.now() + kPatience;
    }
    status = program.wait();
    return std::nullopt;
  }

  std::size_t chosen_host() const {
    const auto& hosts = scenario_.hosts;
    const auto chosen = std::find_if(hosts.begin(), hosts.end(), [&](const auto& host) {
      return options_.host.empty() ? host.role == language::HostRole::client
                                   : host.name == options_.host;
    });
    return chosen == hosts.end() ? 0 : static_cast<std::size_t>(chosen - hosts.begin());
  }

  const language::Scenario& scenario_;
  const ShellOptions& options_;
  World& world_;
  int niceness_;  // of the programs started
  RunClock clock_;
  Loop loop_;
  std::vector<Served> served_;
};

Failure check_host(const language::Scenario& scenario, const std::string& wanted) {
  std::string known;
  for (const language::HostSpec& host : scenario.hosts) {
    if (wanted.empty() || host.name == wanted) return std::nullopt;
    known += (known.empty() ? "" : ", ") + host.name;
  }
  return "there is no host '" + wanted + "' (there are: " + known + ")";
}

Failure run_checked(const language::Scenario& scenario, const ShellOptions& options, int& status) {
  if (auto refusal = live_refused()) return refusal;
  if (auto failure = check_host(scenario, options.host)) return failure;
  remove_stale_namespaces();
  const OnTime on_time;
  const SignalGuard signals;
  std::unique_ptr<worlds::Recording> nowhere;
  if (auto failure = worlds::Recording::open({}, {}, nowhere)) return failure;
  World world(scenario, {options.seed, options.packet_io, options.pcap_folder}, *nowhere);
  if (auto failure = world.build()) return failure;
  if (options.servers && options.serve.empty()) world.add_servers();
  const DescendantGuard descendants;
  ShellRun run(scenario, options, world, on_time.niceness_before());
  const Failure failure = run.run(status);
  const Failure written = run.finish();
  return failure ? failure : written;
}

}  // namespace

ShellResult run_shell(const language::Scenario& scenario, const ShellOptions& options) {
  ShellResult result;
  result.error = run_checked(scenario, options, result.status).value_or("");
  return result;
}

}  // namespace elblab::live
