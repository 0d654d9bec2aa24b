#include "tests/fidelity/exchange_shrinker.hpp"

namespace elblab::fidelity {
namespace {

using exchanges::Exchange;

// All shorter by one step, tried at once.
std::vector<Exchange> shorter(const Exchange& exchange) {
  std::vector<Exchange> candidates;
  for (std::size_t i = 0; i < exchange.steps.size(); ++i) {
    Exchange candidate = exchange;
    candidate.steps.erase(candidate.steps.begin() + static_cast<std::ptrdiff_t>(i));
    candidates.push_back(std::move(candidate));
  }
  return candidates;
}

}  // namespace

Exchange shrink(Exchange exchange, const BatteryOptions& options) {
  const std::vector<Verdict> first = judge({exchange}, options);
  if (first.front().agreement != Agreement::differs) return exchange;
  const std::string kind = first.front().first.kind;
  for (bool smaller = true; smaller;) {
    smaller = false;
    const std::vector<Exchange> candidates = shorter(exchange);
    const std::vector<Verdict> verdicts = judge(candidates, options);
    for (std::size_t i = candidates.size(); i-- > 0 && !smaller;) {
      if (verdicts[i].agreement != Agreement::differs || verdicts[i].first.kind != kind) continue;
      exchange = candidates[i];
      smaller = true;
    }
  }
  return exchange;
}

}  // namespace elblab::fidelity
