// What the parts of a capture's diagnosis share: what they look at, and where they put what they find.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "analysis/diagnosis/diagnosis.hpp"
#include "pcap/findings/endpoint_names.hpp"
#include "pcap/findings/service.hpp"
#include "scenarios/language/known_causes.hpp"

namespace elblab::findings {

struct Judgement {
  const Books& books;
  const EndpointNames& names;
  diagnosis::Diagnosis& diagnosis;
  double harmed = 0;  // connections and questions that failed, as users met them
  double delayed = 0;

  std::string name_of(const Service& service) const { return names.of(service.endpoint); }
};

// A finding of a cause that runs know too: its facts and remedies.
diagnosis::Finding finding_of(language::CauseId id);
// ... of one that only captures show.
diagnosis::Finding finding_of(std::string cause, std::string title,
                              std::vector<std::string> remedies);
diagnosis::Evidence evidence_of(std::string text, Duration from, Duration to);
// Found, with a share of what went wrong.
void find(Judgement& judgement, diagnosis::Finding finding, diagnosis::Confidence confidence,
          double failures);
// Looked for, and cannot be seen.
void cannot_tell(Judgement& judgement, std::string subject, std::string because);
void rule_out(Judgement& judgement, std::string subject, std::string because);

}  // namespace elblab::findings
