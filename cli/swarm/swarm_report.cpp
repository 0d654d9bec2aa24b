#include "cli/swarm/swarm_report.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/printing/junit_writer.hpp"

namespace elblab::cli {

SwarmTotals totals_of(const SwarmLog& log) {
  SwarmTotals totals;
  for (const auto& [seed, row] : log.rows()) {
    ++totals.worlds;
    totals.repeated += row.repeated ? 1 : 0;
    totals.live += row.live ? 1 : 0;
    totals.connections += row.connections;
    totals.packets += row.packets;
    if (row.finding == "unsupported") {
      ++totals.unsupported;
    } else if (row.finding != "ok") {
      ++totals.findings;
    }
  }
  return totals;
}

std::string swarm_text(const SwarmTotals& totals, const SwarmSession& session,
                       const Terminal& terminal) {
  std::string text = fmt::format(
      "{} worlds, {} of them three times, {} live too: {} connections, {} packets through "
      "balancers\n",
      totals.worlds, totals.repeated, totals.live, totals.connections, totals.packets);
  if (totals.unsupported > 0) {
    text += fmt::format("{} ask for what the simulation does not have, and were not run\n",
                        totals.unsupported);
  }
  if (session.tried() > 0) {
    text += fmt::format("{} worlds in {:.1f} s: {:.1f} per second\n", session.tried(),
                        session.wall_seconds(),
                        static_cast<double>(session.tried()) / session.wall_seconds());
  }
  const std::string verdict =
      totals.findings == 0 ? "no finding" : fmt::format("{} with a finding", totals.findings);
  return text + terminal.styled(verdict, totals.findings == 0 ? Style::good : Style::bad) + "\n";
}

std::string swarm_json(const SwarmTotals& totals, const std::vector<KeptFinding>& kept) {
  nlohmann::ordered_json findings = nlohmann::ordered_json::array();
  for (const KeptFinding& one : kept) {
    findings.push_back({{"seed", one.seed},
                        {"world", one.name},
                        {"kind", one.finding.kind},
                        {"text", one.finding.text},
                        {"file", one.file.string()},
                        {"values_before", one.values_before},
                        {"values_after", one.values_after}});
  }
  const nlohmann::ordered_json all = {{"worlds", totals.worlds},
                                      {"repeated", totals.repeated},
                                      {"live", totals.live},
                                      {"unsupported", totals.unsupported},
                                      {"connections", totals.connections},
                                      {"packets", totals.packets},
                                      {"with_finding", totals.findings},
                                      {"findings", findings}};
  return all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string swarm_junit(const SwarmTotals& totals, const std::vector<KeptFinding>& kept) {
  std::string cases =
      fmt::format("  <testcase classname=\"swarm\" name=\"{} worlds without a finding\"/>\n",
                  totals.worlds - std::min<std::uint64_t>(totals.worlds, totals.findings));
  for (const KeptFinding& one : kept) {
    cases += fmt::format(
        "  <testcase classname=\"swarm\" name=\"{}\"><failure message=\"{}: {}\"/></testcase>\n",
        xml_escaped(one.name), xml_escaped(one.finding.kind), xml_escaped(one.finding.text));
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite name=\"swarm\""
      " tests=\"{}\" failures=\"{}\" errors=\"0\">\n{}</testsuite>\n</testsuites>\n",
      kept.size() + 1, kept.size(), cases);
}

}  // namespace elblab::cli
