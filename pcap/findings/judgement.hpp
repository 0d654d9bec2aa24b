// What the parts of a capture's diagnosis share: what they look at, and where they put what they
// find.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "analysis/diagnosis/diagnosis.hpp"
#include "pcap/findings/endpoint_names.hpp"
#include "pcap/findings/service.hpp"
#include "pcap/findings/tuple_findings.hpp"
#include "scenarios/language/known_causes.hpp"

namespace elblab::findings {

// Below this share of everything that was asked nothing is wrong: one reset in a thousand.
inline constexpr double kLeastOfAll = 0.002;

struct Judgement {
  const Books& books;
  const EndpointNames& names;
  diagnosis::Diagnosis& diagnosis;
  double asked = 0;   // connections and questions that can be judged
  double harmed = 0;  // connections and questions that failed, as users met them
  double delayed = 0;
  SharedTuples shared = {};
  std::set<std::uint32_t> explained = {};  // connections that a finding accounts for already
  double lost = 0;                         // of what failed: what packet loss alone accounts for

  std::string name_of(const Service& service) const { return names.of(service.endpoint); }
  // Those of a service that failed so, and that nothing found before accounts for.
  template <typename Kind>
  std::vector<const Judged*> failed(const Service& service, Kind kind) const {
    std::vector<const Judged*> which = service.failed(kind);
    std::erase_if(which, [&](const Judged* one) {
      return shared.connections.contains(one->index) || explained.contains(one->index);
    });
    return which;
  }
  bool is_too_little() const { return harmed + delayed < kLeastOfAll * asked; }
  // Connections that needed more than one SYN, or whose server sent its SYN+ACK again after it had
  // been acknowledged (it had no room), and that met nothing that accounts for it.
  std::vector<const Judged*> late(const Service& service) const;
  // Whether SYNs go unanswered more often than what else is lost accounts for.
  bool drops_syns(const Service& service) const;
};

// A finding of a cause that runs know too: its facts and remedies.
diagnosis::Finding finding_of(language::CauseId id);
// ... of one that only captures show.
diagnosis::Finding finding_of(std::string cause, std::string title,
                              std::vector<std::string> remedies);
diagnosis::Evidence evidence_of(std::string text, Duration from, Duration to);
// Found, with a share of what went wrong; told as too little where it is less than kLeastShare.
inline constexpr double kLeastShare = 0.03;
void find(Judgement& judgement, diagnosis::Finding finding, diagnosis::Confidence confidence,
          double failures);
// Looked for, and cannot be seen.
void cannot_tell(Judgement& judgement, std::string subject, std::string because);
void rule_out(Judgement& judgement, std::string subject, std::string because);

}  // namespace elblab::findings
