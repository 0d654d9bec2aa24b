#include "scenarios/language/live_variant.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/language/overrides.hpp"
#include "scenarios/language/quantities.hpp"
#include "scenarios/language/suggestion.hpp"

namespace elblab::language {
namespace {

// TCP_TIMEWAIT_LEN of include/net/tcp.h: compiled in (linux-host.md, row 12).
constexpr Duration kKernelTimeWait = std::chrono::seconds(60);

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<std::string> run_names(const Document& document) {
  std::vector<std::string> names;
  for (const RunEntry& run : document.runs) names.push_back(run.name);
  return names;
}

class LiveSectionCheck {
 public:
  LiveSectionCheck(const Document& document, const Node& tree, Diagnostics& diagnostics)
      : document_(document),
        tree_(tree),
        diagnostics_(diagnostics),
        all_(run_names(document)),
        live_(live_run_names(document)) {}

  void check() {
    for (const LiveRunEntry& run : document_.live->runs) {
      check_run(run.name, all_, key_place_of(tree_, {"live", "runs", run.name}));
    }
    const bool own = document_.live->expect.has_value();
    check_expectations(
        own ? *document_.live->expect : document_.expect,
        own ? std::vector<std::string>{"live", "expect"} : std::vector<std::string>{"expect"}, own);
  }

 private:
  void check_run(const std::string& name, const std::vector<std::string>& allowed,
                 const Place& place) {
    if (holds(allowed, name)) return;
    if (holds(all_, name)) {
      diagnostics_.error(place, fmt::format("run '{}' is not run live: live.runs names {}", name,
                                            fmt::join(live_, ", ")));
    } else {
      diagnostics_.error(place, fmt::format("there is no run named '{}'", name),
                         did_you_mean(nearest(name, allowed)));
    }
  }

  // `own`: those of the live section. The file's may also name runs that are not run live.
  void check_expectations(const std::vector<ExpectEntry>& entries, std::vector<std::string> path,
                          bool own) {
    for (const ExpectEntry& entry : entries) {
      path.push_back(entry.run);
      if (own && entry.run != kEveryRun) check_run(entry.run, live_, key_place_of(tree_, path));
      const bool judged = entry.run == kEveryRun || holds(live_, entry.run);
      for (std::size_t i = 0; judged && i < entry.items.size(); ++i) {
        if (!entry.items[i].relative_to) continue;
        path.push_back(fmt::format("{}", i));
        path.emplace_back("relative_to");
        check_run(*entry.items[i].relative_to, live_, place_of(tree_, path));
        path.resize(path.size() - 2);
      }
      path.pop_back();
    }
  }

  const Document& document_;
  const Node& tree_;
  Diagnostics& diagnostics_;
  std::vector<std::string> all_;
  std::vector<std::string> live_;
};

}  // namespace

std::vector<std::string> live_run_names(const Document& document) {
  if (!document.live) return {};
  if (document.live->runs.empty()) return run_names(document);
  std::vector<std::string> named;
  for (const LiveRunEntry& run : document.live->runs) named.push_back(run.name);
  std::vector<std::string> ordered;
  for (std::string& name : run_names(document)) {
    if (holds(named, name)) ordered.push_back(std::move(name));
  }
  return ordered;
}

void check_live_section(const Document& document, const Node& tree, Diagnostics& diagnostics) {
  if (document.live) LiveSectionCheck(document, tree, diagnostics).check();
}

void apply_live(Node& tree, const Document& document, const std::string& run,
                Diagnostics& diagnostics) {
  if (!document.live) return;
  apply_set(tree, document.live->set, diagnostics);
  for (const LiveRunEntry& entry : document.live->runs) {
    if (entry.name == run) apply_set(tree, entry.set, diagnostics);
  }
  if (!document.live->expect) return;
  // With the places of the live section, so that messages point there.
  const Node expect = tree.find("live")->value.find("expect")->value;
  tree.put("expect", expect);
}

void check_possible_live(const Scenario& scenario, const Node& tree, Diagnostics& diagnostics) {
  for (const HostSpec& host : scenario.hosts) {
    if (host.time_wait != kKernelTimeWait) {
      diagnostics.error(place_of(tree, {"hosts", host.name, "time_wait"}),
                        fmt::format("host {} cannot be run live: a kernel keeps TIME_WAIT for 60 "
                                    "s; set hosts.{}.time_wait: 60s in the live section",
                                    host.name, host.name));
    }
    if (host.stack != HostStack::model) {
      diagnostics.error(place_of(tree, {"hosts", host.name, "stack"}),
                        fmt::format("host {} cannot be run live: its TCP is that of ns-3; set "
                                    "hosts.{}.stack: model in the live section",
                                    host.name, host.name));
    }
  }
}

}  // namespace elblab::language
