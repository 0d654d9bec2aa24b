#include "analysis/invariants/invariants.hpp"

#include <fmt/format.h>

#include "analysis/invariants/cases.hpp"
#include "analysis/invariants/laws.hpp"

namespace elblab::invariants {
namespace {

std::string text_of(const trace::QueryCell& cell) {
  const auto* text = std::get_if<std::string>(&cell);
  return text != nullptr ? *text : "(no text)";
}

}  // namespace

void judge_by(const trace::Reader& reader, std::string_view law, const std::string& sql,
              std::vector<Broken>& broken) {
  trace::Query query = reader.query(sql);
  std::string first;
  std::size_t cases = 0;
  while (query.next()) {
    if (cases++ == 0) first = text_of(query.row().front());
  }
  if (query.problem()) {
    broken.push_back({law, "cannot be read: " + query.problem()->message});
  } else if (cases > 0) {
    broken.push_back({law, cases == 1 ? first : fmt::format("{}; {} such cases", first, cases)});
  }
}

std::vector<Broken> broken_by(const trace::Reader& reader, const language::Scenario& scenario) {
  std::vector<Broken> broken;
  judge_contents(reader, scenario, broken);
  judge_address_mappings(reader, broken);
  judge_sticky_clients(reader, scenario, broken);
  judge_drained_servers(reader, scenario, broken);
  judge_workloads(reader, broken);
  return broken;
}

}  // namespace elblab::invariants
