// elblab shares: what each server is due, and what moves when one goes, without any traffic.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <memory>

#include "cli/captures/capture_roles.hpp"
#include "cli/catalogue/catalogue_json.hpp"
#include "cli/commands.hpp"
#include "cli/shares/shares_report.hpp"
#include "cli/text/one_line.hpp"
#include "cli/whole_number.hpp"
#include "scenarios/language/balancer_file.hpp"
#include "scenarios/language/suggestion.hpp"

namespace elblab::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostServers = 5000;
constexpr std::size_t kMostExamples = 16;

constexpr const char* kHelp = R"(
The due share of a server is what its weight, or its slots in the table of the
source hash, come to. Slots and clients are counted exactly, by the schedulers
that the balancer's nodes use; the static table, in which all but one in N slots
change hands when one of N servers goes, stands beside the consistent one.

A client list has one entry a line, an address, a block or a range; what is listed
twice is two clients. At most 1,048,576 clients in all.

Examples:
  elblab shares lb.yaml                        what each server is due
  elblab shares IMB-05 --client 203.0.113.0/24 whom these clients would meet
  elblab shares lb.yaml --clients log.txt --removed b2
  elblab shares --servers 4 10 100 1000        what moves when one of N goes
  elblab shares lb.yaml --format json

Exit codes: 0 said, 2 bad input (a mistake in a file, an unknown server).)";

struct SharesArguments {
  std::string what;
  std::string profile;
  std::vector<std::string> removed;
  std::vector<std::size_t> servers;
  std::vector<std::string> clients;
  std::vector<std::string> client_files;
  std::uint64_t seed = 0;
  bool seed_given = false;
  bool each = false;
  bool json = false;
};

class Sharer {
 public:
  explicit Sharer(const SharesArguments& arguments) : arguments_(arguments) {}

  ExitCode run() {
    report_.each_client = arguments_.each;
    read_clients();
    check_arguments();
    if (errors_.empty() && !arguments_.what.empty()) read_balancers();
    if (errors_.empty()) work_out_examples();
    for (const std::string& error : errors_) err_.write(error + "\n");
    if (!errors_.empty()) return ExitCode::bad_input;
    out_.write(arguments_.json ? json_text(shares_json(report_)) : shares_text(report_, out_));
    out_.flush();
    return ExitCode::holds;
  }

 private:
  // What would be without effect is a mistake.
  void check_arguments() {
    const bool no_file = arguments_.what.empty();
    const bool no_example = arguments_.servers.empty();
    if (no_file && no_example) {
      errors_.emplace_back(
          "name a balancer file, a scenario file or a scenario's id, or a number of --servers");
    } else if (no_file && !arguments_.profile.empty()) {
      errors_.emplace_back("--profile goes with a balancer file or a scenario");
    }
    if (no_example && arguments_.seed_given) {
      errors_.emplace_back("--seed goes with --servers; a balancer file has its own (source_hash)");
    }
    const bool no_clients = arguments_.clients.empty() && arguments_.client_files.empty();
    if (arguments_.each && (no_clients || no_file)) {
      errors_.emplace_back("--each goes with a balancer and with --client or --clients");
    }
  }

  void read_clients() {
    for (const std::string& entry : arguments_.clients) {
      const auto added = report_.clients.add(entry, "--client");
      if (!added) errors_.push_back(added.error().message);
    }
    for (const std::string& path : arguments_.client_files) {
      for (std::string& error : report_.clients.add_file(path)) {
        errors_.push_back(std::move(error));
      }
    }
  }

  void read_balancers() {
    const auto found = find_balancer(arguments_.what);
    if (!found) {
      // Which says that it is about an option: here it has no name.
      constexpr std::string_view kOption = "--balancer ";
      std::string message = found.error().message;
      if (message.starts_with(kOption)) message.erase(0, kOption.size());
      errors_.push_back(std::move(message));
      return;
    }
    const fs::path& file = *found;
    const std::optional<std::string> profile =
        arguments_.profile.empty() ? std::nullopt : std::optional(arguments_.profile);
    const auto loaded = language::load_balancer_file(file, profile);
    for (const auto& error : loaded.errors) errors_.push_back(error.to_string());
    if (!errors_.empty()) return;
    report_.file = file.string();
    if (loaded.surroundings) {
      for (const auto& place : loaded.surroundings->places) report_.places.push_back(place.name);
    }
    if (arguments_.servers.empty()) check_removed(loaded.balancers);
    if (!errors_.empty()) return;
    for (const config::LoadBalancer& balancer : loaded.balancers) work_out(balancer);
  }

  // With --servers the names may be those of the examples.
  void check_removed(const std::vector<config::LoadBalancer>& balancers) {
    std::vector<std::string> known;
    for (const auto& balancer : balancers) {
      for (const auto& group : balancer.groups) {
        for (const auto& server : group.servers) known.push_back(server.name);
      }
    }
    for (const std::string& name : arguments_.removed) {
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      const std::string near = language::nearest(name, known);
      errors_.push_back(fmt::format("--removed {}: {} has no such server{}", one_line(name),
                                    report_.file,
                                    near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
    }
  }

  void work_out(const config::LoadBalancer& balancer) {
    DueBalancer due;
    due.name = balancer.name;
    due.address = balancer.address.to_string();
    due.profile = std::string(balancer.profile->name);
    due.nodes = balancer.nodes.lvs;
    for (const config::BackendGroup& group : balancer.groups) {
      due.groups.push_back(
          due_shares(balancer, group, report_.clients.addresses(), arguments_.removed));
    }
    report_.balancers.push_back(std::move(due));
  }

  // b2 of b1 … bN, or those that --removed names.
  void work_out_examples() {
    report_.example_hash.seed = arguments_.seed;
    std::vector<std::string> names = arguments_.removed;
    if (names.empty()) names.emplace_back("b2");
    for (const std::size_t servers : arguments_.servers) {
      std::vector<std::string> known;
      for (std::size_t i = 1; i <= servers; ++i) known.push_back(fmt::format("b{}", i));
      for (const std::string& name : names) {
        const auto found = std::find(known.begin(), known.end(), name);
        if (found == known.end()) {
          errors_.push_back(fmt::format("--removed {}: {} servers are called b1 … b{}",
                                        one_line(name), servers, servers));
          return;
        }
        work_out_example(known, static_cast<std::size_t>(found - known.begin()));
      }
    }
  }

  void work_out_example(const std::vector<std::string>& names, std::size_t removed) {
    std::vector<scheduling::ServerKey> keys;
    for (const std::string& name : names) keys.push_back(scheduling::server_key(name));
    DueExample example;
    example.servers = names.size();
    example.removed = names[removed];
    const auto& clients = report_.clients.addresses();
    const std::uint64_t seed = report_.example_hash.seed;
    using Kind = config::SourceHash::Kind;
    example.consistent =
        scheduling::disruption_by_removing(removed, keys, {Kind::consistent, seed}, clients);
    example.numbered =
        scheduling::disruption_by_removing(removed, keys, {Kind::table, seed}, clients);
    report_.examples.push_back(std::move(example));
  }

  const SharesArguments& arguments_;
  Terminal out_{stdout};
  Terminal err_{stderr};
  SharesReport report_;
  std::vector<std::string> errors_;
};

CLI::Option* any_number(CLI::Option* option) {
  return option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void add_client_options(CLI::App& command, SharesArguments& arguments) {
  any_number(command
                 .add_option("--client", arguments.clients,
                             "A client's address, a block or a range (may be repeated)")
                 ->type_name("ADDRESS")
                 ->expected(1, 64));
  any_number(command.add_option("--clients", arguments.client_files, "A file that lists clients")
                 ->type_name("FILE")
                 ->expected(1));
  command.add_flag("--each", arguments.each, "Say of each client where it goes");
}

void add_hash_options(CLI::App& command, SharesArguments& arguments) {
  any_number(command
                 .add_option("--removed", arguments.removed,
                             "The server that goes (may be repeated: one at a time)")
                 ->type_name("NAME")
                 ->expected(1));
  any_number(command
                 .add_option("--servers", arguments.servers,
                             "What moves when one of N made-up servers b1 … bN goes")
                 ->type_name("N")
                 ->expected(1, static_cast<int>(kMostExamples))
                 ->check(CLI::Range(std::size_t{2}, kMostServers)));
}

}  // namespace

void add_shares_command(CLI::App& app, Action& chosen) {
  auto* command =
      app.add_subcommand("shares", "Show what each server is due, and what moves when one goes");
  auto arguments = std::make_shared<SharesArguments>();
  auto format = std::make_shared<std::string>("text");
  command
      ->add_option("balancer", arguments->what,
                   "A balancer file, a scenario file or a scenario's id")
      ->type_name("WHAT");
  command->add_option("--profile", arguments->profile, "Instead of the file's own")
      ->type_name("NAME");
  add_client_options(*command, *arguments);
  add_hash_options(*command, *arguments);
  auto* seed = command->add_option("--seed", arguments->seed, "With --servers: of the source hash")
                   ->check(CLI::Validator(whole_number, ""));
  command->add_option("--format", *format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command->footer(kHelp);
  command->callback([arguments, format, seed, &chosen] {
    arguments->json = *format == "json";
    arguments->seed_given = seed->count() > 0;
    chosen = [arguments] { return Sharer(*arguments).run(); };
  });
}

}  // namespace elblab::cli
