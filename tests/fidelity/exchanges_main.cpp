// Random exchanges on the host model and on this machine's kernel: how many agree, and what kinds
// of differences there are.
//
//   exchanges [--seed N] [--count N] [--workers N] [--harsh | --well-behaved] [--least WELL,HARSH]
//             [--congestion reno] [--list]
//   exchanges --file F [--only NAME] [--verbose] [--shrink]
//   exchanges --seed N --only w1.17-requests --verbose
//   exchanges --file F --record     writes the exchanges with what the kernel does, where it does
//   the
//                                   same three times
//
// Exit code: 0 as many agree as --least (in %) asks for, 1 fewer do, 77 namespaces cannot be made.
#include <sys/utsname.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>

#include "tests/exchanges/exchange_generator.hpp"
#include "tests/fidelity/exchange_battery.hpp"
#include "tests/fidelity/exchange_shrinker.hpp"
#include "tests/fidelity/isolated_host.hpp"
#include "tests/fidelity/kernel_machine.hpp"

namespace elblab::fidelity {
namespace {

constexpr int kSkipped = 77;

struct Arguments {
  std::uint64_t seed = 1;
  std::uint64_t count = 300;  // of each manners
  bool well_behaved = true;
  bool harsh = true;
  bool verbose = false;
  bool shrinks = false;
  bool lists = false;
  bool records = false;
  double least_well_behaved = 0;
  double least_harsh = 0;
  std::string file;
  std::string only;
  BatteryOptions battery{.workers = 80,
                         .congestion_control = std::string(KernelMachine::kCongestionControl)};
};

Arguments read_arguments(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    const auto value = [&] {
      if (i + 1 == argc) throw std::invalid_argument(name + " needs a value");
      return std::string(argv[++i]);
    };
    if (name == "--seed") {
      arguments.seed = std::stoull(value());
    } else if (name == "--count") {
      arguments.count = std::stoull(value());
    } else if (name == "--workers") {
      arguments.battery.workers = static_cast<unsigned>(std::stoul(value()));
    } else if (name == "--congestion") {
      arguments.battery.congestion_control = value();
    } else if (name == "--harsh") {
      arguments.well_behaved = false;
    } else if (name == "--well-behaved") {
      arguments.harsh = false;
    } else if (name == "--least") {
      const std::string both = value();
      arguments.least_well_behaved = std::stod(both);
      arguments.least_harsh = std::stod(both.substr(both.find(',') + 1));
    } else if (name == "--file") {
      arguments.file = value();
    } else if (name == "--only") {
      arguments.only = value();
    } else if (name == "--verbose") {
      arguments.verbose = true;
    } else if (name == "--shrink") {
      arguments.shrinks = true;
    } else if (name == "--record") {
      arguments.records = true;
    } else if (name == "--list") {
      arguments.lists = true;
    } else {
      throw std::invalid_argument("unknown argument: " + name);
    }
  }
  return arguments;
}

std::vector<exchanges::Exchange> generated(const Arguments& arguments, exchanges::Manners manners) {
  std::vector<exchanges::Exchange> all;
  for (std::uint64_t i = 0; i < arguments.count; ++i) {
    all.push_back(exchanges::generate(arguments.seed, i, manners));
  }
  return all;
}

void keep_only(std::vector<exchanges::Exchange>& all, const std::string& only) {
  if (only.empty()) return;
  std::erase_if(all, [&](const exchanges::Exchange& exchange) {
    return exchange.name.find(only) == std::string::npos;
  });
}

void print_transcript(const std::string& whose, const golden::Transcript& transcript) {
  std::printf("  %s:\n", whose.c_str());
  for (const golden::Line& line : transcript) {
    std::printf("  %s\n", golden::to_string(line).c_str());
  }
}

void show(const exchanges::Exchange& exchange, const BatteryOptions& options) {
  std::printf("%s", exchanges::to_string(exchange).c_str());
  const Transcripts transcripts = play_on_both(exchange, options);
  if (!transcripts.kernel.empty()) print_transcript("kernel", transcripts.kernel.front());
  print_transcript("model", transcripts.model);
}

void print_kinds(const std::vector<exchanges::Exchange>& all,
                 const std::vector<Verdict>& verdicts) {
  std::map<std::string, std::pair<int, std::size_t>> kinds;
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    if (verdicts[i].agreement != Agreement::differs) continue;
    auto& [count, example] = kinds.try_emplace(verdicts[i].first.kind, 0, i).first->second;
    ++count;
  }
  std::vector<std::pair<std::string, std::pair<int, std::size_t>>> sorted(kinds.begin(),
                                                                          kinds.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second.first > b.second.first; });
  for (const auto& [kind, found] : sorted) {
    std::printf("%5d  %s   (%s)\n", found.first, kind.c_str(), all[found.second].name.c_str());
  }
}

// The rate of whole exchanges that agree, in %.
double report(const char* what, const std::vector<exchanges::Exchange>& all,
              const Arguments& arguments) {
  const std::vector<Verdict> verdicts = judge(all, arguments.battery);
  std::map<Agreement, int> counts;
  int outcomes = 0;
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    const Verdict& verdict = verdicts[i];
    ++counts[verdict.agreement];
    if (verdict.outcome_agrees) ++outcomes;
    if (verdict.agreement == Agreement::agrees) continue;
    if (arguments.lists || verdict.agreement == Agreement::failed) {
      std::printf("%s %c%s\n    kernel %s\n    model  %s\n", all[i].name.c_str(),
                  static_cast<char>(verdict.agreement), verdict.outcome_agrees ? "" : " (outcome)",
                  verdict.first.expected.c_str(),
                  verdict.failure.empty() ? verdict.first.actual.c_str() : verdict.failure.c_str());
    }
  }
  const double all_of_them = static_cast<double>(std::max<std::size_t>(all.size(), 1));
  const double rate = 100 * counts[Agreement::agrees] / all_of_them;
  std::printf(
      "%s: %zu exchanges, %.2f %% agree, outcomes %.2f %%; %d differ, %d unstable on the "
      "kernel, %d failed\n",
      what, all.size(), rate, 100 * outcomes / all_of_them, counts[Agreement::differs],
      counts[Agreement::unstable], counts[Agreement::failed]);
  print_kinds(all, verdicts);
  std::fflush(stdout);
  return rate;
}

std::vector<exchanges::Exchange> from_file(const std::string& name) {
  std::ifstream file(name);
  if (!file) throw std::runtime_error("cannot read " + name);
  std::ostringstream text;
  text << file.rdbuf();
  return exchanges::parse_exchanges(text.str());
}

int record(const Arguments& arguments, std::vector<exchanges::Exchange> all) {
  keep_only(all, arguments.only);
  for (exchanges::Exchange& exchange : all) {
    const Transcripts transcripts = play_on_both(exchange, arguments.battery);
    const bool stable = transcripts.kernel.size() == 3 &&
                        exchanges::compare(transcripts.kernel[0], transcripts.kernel[1]).whole &&
                        exchanges::compare(transcripts.kernel[0], transcripts.kernel[2]).whole;
    if (!stable) {
      std::printf("# not stable on the kernel: %s\n", exchange.name.c_str());
      continue;
    }
    exchange.expected.clear();
    for (const golden::Line& line : transcripts.kernel[0]) {
      exchange.expected += golden::to_string(line) + "\n";
    }
    std::printf("%s\n", exchanges::to_string(exchange).c_str());
  }
  return 0;
}

int look_at(const Arguments& arguments, std::vector<exchanges::Exchange> all) {
  keep_only(all, arguments.only);
  for (exchanges::Exchange& exchange : all) {
    if (arguments.shrinks) exchange = shrink(exchange, arguments.battery);
    show(exchange, arguments.battery);
  }
  return 0;
}

int run(int argc, char** argv) {
  const Arguments arguments = read_arguments(argc, argv);
  const std::string refused = namespaces_refused();
  if (!refused.empty()) {
    std::printf("skipped: no network namespaces here: %s\n", refused.c_str());
    return kSkipped;
  }
  utsname system{};
  uname(&system);
  std::printf("# kernel %s, congestion control %s, seed %llu\n", system.release,
              arguments.battery.congestion_control.c_str(),
              static_cast<unsigned long long>(arguments.seed));
  std::fflush(stdout);  // before the forks, or children would print it again
  std::vector<exchanges::Exchange> well_behaved;
  std::vector<exchanges::Exchange> harsh;
  if (!arguments.file.empty()) {
    well_behaved = from_file(arguments.file);
  } else {
    if (arguments.well_behaved)
      well_behaved = generated(arguments, exchanges::Manners::well_behaved);
    if (arguments.harsh) harsh = generated(arguments, exchanges::Manners::harsh);
  }
  if (arguments.records) return record(arguments, std::move(well_behaved));
  if (arguments.verbose || arguments.shrinks) {
    well_behaved.insert(well_behaved.end(), harsh.begin(), harsh.end());
    return look_at(arguments, std::move(well_behaved));
  }
  keep_only(well_behaved, arguments.only);
  keep_only(harsh, arguments.only);
  bool enough = true;
  if (!well_behaved.empty()) {
    enough &= report("well-behaved", well_behaved, arguments) >= arguments.least_well_behaved;
  }
  if (!harsh.empty()) enough &= report("harsh", harsh, arguments) >= arguments.least_harsh;
  return enough ? 0 : 1;
}

}  // namespace
}  // namespace elblab::fidelity

int main(int argc, char** argv) {
  try {
    return elblab::fidelity::run(argc, argv);
  } catch (const std::exception& error) {
    std::printf("failed: %s\n", error.what());
    return 1;
  }
}
