// One shell in a built world: what serves, then the user's program, while the balancer forwards.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "live/child_command.hpp"
#include "live/loop.hpp"
#include "live/shell_run.hpp"
#include "live/world.hpp"

namespace elblab::live {

class ShellSession {
 public:
  // All must outlive the session. niceness: of the programs started.
  ShellSession(const language::Scenario& scenario, const ShellOptions& options, World& world,
               int niceness);

  // Until the program has ended; `status` as shells count it.
  Expected<int> run();
  // Closes captures.
  Expected<void> finish() { return world_.finish(clock_.now()); }

 private:
  // A server's program, and the port that it is to open.
  struct Served {
    ChildCommand command;
    const NetworkNamespace* network = nullptr;
    std::string name;  // "b1 port 90"
    std::uint16_t port = 0;
    bool udp = false;  // nobody is waited for
    std::filesystem::path log;
  };

  Expected<void> serve();
  Expected<void> serve(std::size_t host, const workload::ServerParameters& service);
  Expected<void> await_listening();
  Expected<void> await_listening(const Served& served, Instant limit);
  Expected<int> run_program();
  // Until the program has ended, or does not although it was asked to.
  Expected<void> await_end(const ChildCommand& program);
  std::size_t chosen_host() const;

  const language::Scenario& scenario_;
  const ShellOptions& options_;
  World& world_;
  int niceness_;
  RunClock clock_;
  Loop loop_;
  std::vector<Served> served_;
};

}  // namespace elblab::live
