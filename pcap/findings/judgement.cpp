#include "pcap/findings/judgement.hpp"

#include <algorithm>

namespace elblab::findings {

std::vector<const Judged*> Judgement::late(const Service& service) const {
  std::vector<const Judged*> which;
  for (const Judged& one : service.connections) {
    const Connection& c = books.at(one);
    const bool again = c.syns > 1 || c.syn_acks_in_vain > 0;
    const bool needed_more = one.handshake == Handshake::whole && again && c.foreign_acks == 0;
    if (needed_more && one.first_hop && !shared.connections.contains(one.index)) {
      which.push_back(&one);
    }
  }
  return which;
}

bool Judgement::drops_syns(const Service& service) const {
  constexpr double kTimesMore = 3;
  std::uint64_t segments = 0;
  std::uint64_t retransmissions = 0;
  for (const Judged& one : service.connections) {
    const Connection& c = books.at(one);
    if (c.syn_acks_in_vain > 0) continue;  // nobody takes what it sends
    for (const Side side : {Side::client, Side::server}) {
      segments += c.counts(side).segments;
      retransmissions += c.counts(side).retransmissions;
    }
  }
  const double share = segments == 0 ? 0 : double(retransmissions) / double(segments);
  const double expected = kTimesMore * share * double(service.judged()) + 1;
  const std::size_t dropped = failed(service, Handshake::unanswered).size() + late(service).size();
  return double(dropped) > expected;
}

diagnosis::Finding finding_of(language::CauseId id) {
  const language::KnownCause& known = language::known_cause(id);
  diagnosis::Finding finding;
  finding.cause = known.name;
  finding.title = known.title;
  finding.facts.assign(known.facts.begin(), known.facts.end());
  finding.remedies.assign(known.remedies.begin(), known.remedies.end());
  return finding;
}

diagnosis::Finding finding_of(std::string cause, std::string title,
                              std::vector<std::string> remedies) {
  diagnosis::Finding finding;
  finding.cause = std::move(cause);
  finding.title = std::move(title);
  finding.remedies = std::move(remedies);
  return finding;
}

diagnosis::Evidence evidence_of(std::string text, Duration from, Duration to) {
  diagnosis::Evidence evidence;
  evidence.text = std::move(text);
  evidence.from = kStart + from;
  evidence.to = kStart + to;
  return evidence;
}

void find(Judgement& judgement, diagnosis::Finding finding, diagnosis::Confidence confidence,
          double failures) {
  finding.standing = diagnosis::Standing::found;
  finding.confidence = confidence;
  const double all = judgement.harmed + judgement.delayed;
  finding.explains = all > 0 ? std::min(failures / all, 1.0) : 0;
  if (failures > 0 && (finding.explains < kLeastShare || judgement.is_too_little())) {
    const std::string figures = finding.evidence.empty() ? "" : finding.evidence.front().text;
    rule_out(judgement, finding.title, "too few to matter: " + figures);
    return;
  }
  judgement.diagnosis.found.push_back(std::move(finding));
}

namespace {

diagnosis::Finding not_found(diagnosis::Standing standing, std::string subject,
                             std::string because) {
  diagnosis::Finding finding;
  finding.cause = subject;
  finding.title = std::move(subject);
  finding.standing = standing;
  finding.because = std::move(because);
  return finding;
}

}  // namespace

void cannot_tell(Judgement& judgement, std::string subject, std::string because) {
  judgement.diagnosis.not_observable.push_back(
      not_found(diagnosis::Standing::not_observable, std::move(subject), std::move(because)));
}

void rule_out(Judgement& judgement, std::string subject, std::string because) {
  judgement.diagnosis.ruled_out.push_back(
      not_found(diagnosis::Standing::ruled_out, std::move(subject), std::move(because)));
}

}  // namespace elblab::findings
