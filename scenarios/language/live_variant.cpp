#include "scenarios/language/live_variant.hpp"

#include <fmt/format.h>

#include <set>

#include "scenarios/language/overrides.hpp"
#include "scenarios/language/quantities.hpp"
#include "scenarios/language/suggestion.hpp"

namespace elblab::language {
namespace {

using Names = std::set<std::string>;

Names set_of(const std::vector<std::string>& names) { return {names.begin(), names.end()}; }

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
        all_(set_of(run_names(document))),
        live_in_order_(live_run_names(document)),
        live_(set_of(live_in_order_)) {}

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
  void check_run(const std::string& name, const Names& allowed, const Place& place) {
    if (allowed.contains(name)) return;
    if (all_.contains(name)) {
      diagnostics_.error(place, fmt::format("run '{}' is not run live: live.runs names {}", name,
                                            fmt::join(live_in_order_, ", ")));
    } else {
      diagnostics_.error(place, fmt::format("there is no run named '{}'", name),
                         did_you_mean(nearest(name, {allowed.begin(), allowed.end()})));
    }
  }

  // `own`: those of the live section. The file's may also name runs that are not run live.
  void check_expectations(const std::vector<ExpectEntry>& entries, std::vector<std::string> path,
                          bool own) {
    for (const ExpectEntry& entry : entries) {
      path.push_back(entry.run);
      if (own && entry.run != kEveryRun) check_run(entry.run, live_, key_place_of(tree_, path));
      const bool judged = entry.run == kEveryRun || live_.contains(entry.run);
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
  Names all_;
  std::vector<std::string> live_in_order_;
  Names live_;
};

}  // namespace

std::vector<std::string> live_run_names(const Document& document) {
  if (!document.live) return {};
  if (document.live->runs.empty()) return run_names(document);
  Names named;
  for (const LiveRunEntry& run : document.live->runs) named.insert(run.name);
  std::vector<std::string> ordered;
  for (std::string& name : run_names(document)) {
    if (named.contains(name)) ordered.push_back(std::move(name));
  }
  return ordered;
}

void check_live_section(const Document& document, const Node& tree, Diagnostics& diagnostics) {
  if (document.live) LiveSectionCheck(document, tree, diagnostics).check();
}

void apply_live(Node& tree, const LiveEntry& live, const LiveRunEntry* run,
                Diagnostics& diagnostics) {
  apply_set(tree, live.set, diagnostics);
  if (run != nullptr) apply_set(tree, run->set, diagnostics);
}

}  // namespace elblab::language
