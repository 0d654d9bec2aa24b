#include "scenarios/language/effective.hpp"

#include <algorithm>
#include <set>

#include "scenarios/language/sections.hpp"
#include "scenarios/language/yaml_writer.hpp"

namespace elblab::language {
namespace {

constexpr int kBlockLevels = 2;

// This run's expectations, those of every run among them, under its own name.
ExpectEntry own_expectations(const Document& document, const std::string& run) {
  ExpectEntry own{run, {}};
  for (const ExpectEntry& entry : document.expect) {
    if (entry.run != run && entry.run != "all") continue;
    own.items.insert(own.items.end(), entry.items.begin(), entry.items.end());
  }
  return own;
}

}  // namespace

std::string effective_yaml(Document document, const std::string& run, Variant variant) {
  std::string note;
  document.live.reset();  // its settings were written for the file, not for what they led to
  ExpectEntry own = own_expectations(document, run);
  std::set<std::string> needed{run};
  for (const ExpectItem& item : own.items) {
    if (item.relative_to) needed.insert(*item.relative_to);
  }
  std::erase_if(document.runs, [&](const RunEntry& each) { return !needed.contains(each.name); });
  for (RunEntry& each : document.runs) {
    each.set = Node::map();
    if (each.name == run) continue;
    each.title.clear();
    each.why.clear();
    note +=
        "# Run " + each.name + " is only compared with; its own settings are not repeated here.\n";
  }
  document.expect.clear();
  if (!own.items.empty()) document.expect.push_back(std::move(own));
  const std::string how = variant == Variant::live ? ", as it is run live," : "";
  return "# Run " + run + how + " with every default spelled out.\n" + note +
         to_yaml(document_section().write(document), kBlockLevels);
}

}  // namespace elblab::language
