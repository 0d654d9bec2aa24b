#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "analysis/trace/decision_query.hpp"

namespace elblab::trace {
namespace {

using telemetry::DecisionGround;
using Candidate = DecisionRow::Candidate;
using Candidates = std::vector<const Candidate*>;

constexpr std::size_t kMostNamed = 6;

// "b1" of "app/b1".
std::string_view short_name(std::string_view server) {
  const std::size_t slash = server.rfind('/');
  return slash == std::string_view::npos ? server : server.substr(slash + 1);
}

std::string load_of(const Candidate& candidate) {
  return fmt::format("{}/{}", candidate.active_connections, candidate.weight);
}

std::string credit_of(const Candidate& candidate) {
  return fmt::format("{}", candidate.credit.value_or(0));
}

const Candidate* find_chosen(const DecisionRow& decision) {
  const auto at =
      std::find_if(decision.candidates.begin(), decision.candidates.end(),
                   [&](const Candidate& each) { return each.server == decision.chosen; });
  return at == decision.candidates.end() ? nullptr : &*at;
}

bool less_loaded(const Candidate& a, const Candidate& b) {
  return a.active_connections * b.weight < b.active_connections * a.weight;
}

// The usable ones beside the chosen, in the order of `before`.
template <class Before>
Candidates others(const DecisionRow& decision, Before before) {
  Candidates found;
  for (const Candidate& each : decision.candidates) {
    if (each.usable() && each.server != decision.chosen) found.push_back(&each);
  }
  std::stable_sort(found.begin(), found.end(), before);
  return found;
}

// "4/1 (b1), 5/1 (b3) …"
template <class Key>
std::string listed(const Candidates& candidates, Key key) {
  std::string text;
  for (std::size_t i = 0; i < candidates.size() && i < kMostNamed; ++i) {
    text += fmt::format("{}{} ({})", i == 0 ? "" : ", ", key(*candidates[i]),
                        short_name(candidates[i]->server));
  }
  return candidates.size() > kMostNamed ? text + " …" : text;
}

// "3 > 1 (b1), -2 (b3)": who has the largest credit of those who take part.
std::string turn_text(const DecisionRow& decision, const Candidate& chosen) {
  Candidates rest = others(decision, [](const Candidate* a, const Candidate* b) {
    return a->credit.value_or(0) > b->credit.value_or(0);
  });
  std::erase_if(rest, [](const Candidate* each) { return !each->credit; });
  if (rest.empty()) return "nobody else takes part";
  const bool equal = rest.front()->credit == chosen.credit;
  return fmt::format("credit {} {} {}", credit_of(chosen), equal ? "≥" : ">",
                     listed(rest, credit_of));
}

std::string load_text(const DecisionRow& decision, const Candidate& chosen) {
  const Candidates rest =
      others(decision, [](const Candidate* a, const Candidate* b) { return less_loaded(*a, *b); });
  if (rest.empty()) return "the only one that may be chosen";
  const bool equal = !less_loaded(chosen, *rest.front());
  return fmt::format("{} {} {}", load_of(chosen), equal ? "≤" : "<", listed(rest, load_of));
}

std::string out_text(const DecisionRow& decision) {
  std::string text;
  std::size_t named = 0;
  for (const Candidate& each : decision.candidates) {
    if (each.usable()) continue;
    if (++named > kMostNamed) return text + " …";
    text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", short_name(each.server),
                        each.kept_out.empty() ? "weight 0" : each.kept_out);
  }
  return text;
}

std::string ground_text(const DecisionRow& decision, const Candidate& chosen) {
  switch (decision.ground) {
    case DecisionGround::turn:
      return "its turn: " + turn_text(decision, chosen);
    case DecisionGround::least_load:
      return "fewest connections for its weight: " + load_text(decision, chosen);
    case DecisionGround::tied_turn:
      return fmt::format("fewest connections for its weight: {}; of equals its turn: {}",
                         load_text(decision, chosen), turn_text(decision, chosen));
    case DecisionGround::table_slot:
      return fmt::format("holds slot {} of the source hash", decision.slot.value_or(0));
    case DecisionGround::connection_id:
      return "gave out the connection ID of the datagram";
    case DecisionGround::stickiness:
      return "the client is bound to it (stickiness)";
    case DecisionGround::nobody_usable:
    case DecisionGround::count_:
      break;
  }
  return {};
}

}  // namespace

std::string decision_text(const DecisionRow& decision) {
  const Candidate* chosen = find_chosen(decision);
  std::string text = chosen == nullptr
                         ? fmt::format("nobody of {}: none may be chosen", decision.servers)
                         : fmt::format("{} of {}, {}", decision.chosen, decision.servers,
                                       ground_text(decision, *chosen));
  if (const std::string out = out_text(decision); !out.empty()) text += "; out: " + out;
  return text;
}

}  // namespace elblab::trace
