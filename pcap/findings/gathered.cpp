#include "pcap/findings/gathered.hpp"

#include <fmt/format.h>

namespace elblab::findings {
namespace {

constexpr std::size_t kMostEvidence = 5;
constexpr std::size_t kMostNames = 2;

std::string names_text(const std::vector<std::string>& names) {
  if (names.size() == 1) return names.front();
  if (names.size() == kMostNames) return names[0] + " and " + names[1];
  return fmt::format("{}, {} and {} more", names[0], names[1], names.size() - kMostNames);
}

}  // namespace

void Gathered::add(std::string name, diagnosis::Evidence evidence, double failures, bool sure) {
  names_.push_back(std::move(name));
  if (evidence_.size() < kMostEvidence) evidence_.push_back(std::move(evidence));
  failures_ += failures;
  sure_ = sure_ && sure;
}

void Gathered::tell(Judgement& judgement, diagnosis::Finding finding, const std::string& one,
                    const std::string& many) {
  if (empty()) return;
  finding.title = names_text(names_) + " " + (names_.size() == 1 ? one : many);
  finding.evidence = std::move(evidence_);
  find(judgement, std::move(finding),
       sure_ ? diagnosis::Confidence::certain : diagnosis::Confidence::likely, failures_);
}

}  // namespace elblab::findings
