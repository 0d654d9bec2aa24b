#include "pcap/findings/capture_diagnosis.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "pcap/findings/connect_findings.hpp"
#include "pcap/findings/datagram_findings.hpp"
#include "pcap/findings/exchange_findings.hpp"
#include "pcap/findings/finding_text.hpp"
#include "pcap/findings/judgement.hpp"
#include "pcap/findings/path_findings.hpp"
#include "pcap/findings/tuple_findings.hpp"

namespace elblab::findings {
namespace {

// Of everybody's connections and questions.
struct Sums {
  std::uint64_t judged = 0;
  std::uint64_t unanswered = 0;
  std::uint64_t refused = 0;
  std::uint64_t unreachable = 0;
  std::uint64_t met_another = 0;
  std::uint64_t half_open = 0;
  std::uint64_t reset = 0;
  std::uint64_t given_up = 0;
  std::uint64_t silent = 0;
  std::uint64_t questions = 0;  // UDP
  std::uint64_t questions_failed = 0;
  std::uint64_t unjudged = 0;
  std::uint64_t checks = 0;  // answered, and reset by the client

  std::uint64_t failed() const {
    return unanswered + refused + unreachable + met_another + half_open + reset + given_up + silent;
  }
};

Sums sums_of(const Books& books) {
  Sums sums;
  for (const Service& service : books.services) {
    if (service.protocol == net::Protocol::udp) {
      sums.questions += service.is_behind ? 0 : service.questions;
      sums.questions_failed += service.unanswered;
      continue;
    }
    for (const Judged& one : service.connections) {
      const bool judged =
          one.handshake != Handshake::not_judged && one.handshake != Handshake::stray;
      if (one.first_hop && judged) ++sums.judged;
      if (one.first_hop && !judged) ++sums.unjudged;
      if (one.first_hop && one.handshake == Handshake::client_reset) ++sums.checks;
    }
    sums.unanswered += service.failed(Handshake::unanswered).size();
    sums.refused += service.failed(Handshake::refused).size();
    sums.unreachable += service.failed(Handshake::unreachable).size();
    sums.met_another += service.failed(Handshake::met_another).size();
    sums.half_open += service.failed(Handshake::client_silent).size();
    sums.reset += service.failed(Ending::server_reset).size();
    sums.given_up += service.failed(Ending::client_left).size() +
                     service.failed(Ending::client_reset).size() +
                     service.failed(Ending::server_left).size();
    sums.silent += service.failed(Ending::forgotten).size();
  }
  return sums;
}

std::string split(const Sums& sums) {
  std::vector<std::string> parts;
  const auto say = [&](std::uint64_t count, const char* words) {
    if (count > 0) parts.push_back(number(count) + " " + words);
  };
  say(sums.unanswered, "without an answer to their SYN");
  say(sums.refused, "refused by RST");
  say(sums.unreachable, "answered by ICMP unreachable");
  say(sums.met_another, "answered by an ACK of another connection");
  say(sums.half_open, "answered by SYN+ACK, and the client fell silent");
  say(sums.reset, "reset before an answer");
  say(sums.given_up, "closed without an answer");
  say(sums.silent, "fallen silent in the middle");
  return fmt::format("{}", fmt::join(parts, ", "));
}

void add_symptoms(Judgement& judgement, const Sums& sums) {
  if (judgement.is_too_little()) return;
  auto& symptoms = judgement.diagnosis.symptoms;
  const Instant end = kStart + judgement.books.end();
  if (sums.failed() > 0) {
    symptoms.push_back({fmt::format("{} of {} connections failed: {}", number(sums.failed()),
                                    number(std::max(sums.judged, sums.failed())), split(sums)),
                        "failed_requests", kStart, end});
  }
  if (sums.questions_failed > 0) {
    symptoms.push_back({fmt::format("{} of {} questions in datagrams found no answer",
                                    number(sums.questions_failed),
                                    number(std::max(sums.questions, sums.questions_failed))),
                        "failed_requests", kStart, end});
  }
  if (judgement.delayed > 0) {
    symptoms.push_back(
        {fmt::format("{} of {} connections waited for something that was sent again",
                     number(static_cast<std::uint64_t>(judgement.delayed)), number(sums.judged)),
         "slow_answers", kStart, end});
  }
}

std::string verdict_of(const diagnosis::Diagnosis& diagnosis, const Sums& sums) {
  if (diagnosis.nothing_wrong()) {
    return sums.judged + sums.questions == 0
               ? "nothing to judge: no connection and no question is seen whole"
               : "nothing wrong";
  }
  std::vector<std::string> titles;
  for (const auto& finding : diagnosis.found) titles.push_back(finding.title);
  if (titles.empty()) return "no known cause explains it";
  if (diagnosis.symptoms.empty()) return "nothing failed; " + titles.front();
  return fmt::format("{}", fmt::join(titles, "; "));
}

void tell_shared_tuples(Judgement& judgement) {
  if (judgement.shared.connections.empty()) return;
  auto finding = finding_of(language::CauseId::five_tuple_conflict);
  finding.evidence.push_back(
      evidence_of(judgement.shared.evidence, Duration{0}, judgement.books.end()));
  find(judgement, std::move(finding), diagnosis::Confidence::likely,
       double(judgement.shared.connections.size()));
}

// What no capture shows.
void add_blind_spots(Judgement& judgement) {
  cannot_tell(judgement, "server CPU", "a capture shows no host");
  cannot_tell(judgement, "client ports", "a connect without a free port sends no packet");
  cannot_tell(judgement, "how slow is too slow",
              "a capture does not say how long users accept to wait");
}

void add_unseen(Judgement& judgement) {
  for (const bool server : {true, false}) {
    std::vector<std::string> names;
    for (const Service& service : judgement.books.services) {
      if (server ? service.server_unseen : service.client_unseen) {
        names.push_back(judgement.name_of(service));
      }
    }
    if (names.empty()) continue;
    const std::size_t more = names.size() > 2 ? names.size() - 2 : 0;
    names.resize(std::min<std::size_t>(names.size(), 2));
    std::string text = fmt::format("{}", fmt::join(names, ", "));
    if (more > 0) text += fmt::format(" and {} more", more);
    cannot_tell(
        judgement, server ? "answers of " + text : "what was asked of " + text,
        fmt::format("the capture holds the {} direction only: nothing is concluded from the "
                    "silence of the other",
                    server ? "clients'" : "servers'"));
  }
}

void add_unjudged(Judgement& judgement, const Sums& sums) {
  if (sums.unjudged == 0) return;
  cannot_tell(judgement, "connections at its edges",
              fmt::format("{} cut off by the end of the capture, or seen by a bare packet",
                          counted(sums.unjudged, "is", "are")));
}

void add_ruled_out(Judgement& judgement, const Sums& sums) {
  if (sums.checks > 0) {
    rule_out(judgement, "connections reset by their client",
             fmt::format("{} answered at once and reset: a health check, or a scan",
                         counted(sums.checks, "was", "were")));
  }
  if (judgement.books.silent_probes > 0) {
    rule_out(judgement, "UDP health checks",
             fmt::format("{} come in a rhythm from addresses that nobody answers: to a UDP check "
                         "silence is health",
                         counted(judgement.books.silent_probes, "datagram", "datagrams")));
  }
  if (!judgement.books.scanners.empty()) {
    rule_out(judgement, "scans",
             fmt::format("{} of {} tried ten endpoints or more in vain: left out",
                         counted(judgement.books.scanned, "connection", "connections"),
                         judgement.books.scanners.front().to_string()));
  }
}

}  // namespace

diagnosis::Diagnosis diagnose_capture(const Books& books, const EndpointNames& names) {
  diagnosis::Diagnosis diagnosis;
  const Sums sums = sums_of(books);
  Judgement judgement{books, names, diagnosis};
  judgement.asked = static_cast<double>(sums.judged + sums.questions);
  judgement.harmed = static_cast<double>(sums.failed() + sums.questions_failed);
  judgement.shared = find_shared_tuples(books);
  judgement.delayed = delayed_connections(judgement);
  add_symptoms(judgement, sums);
  tell_shared_tuples(judgement);
  find_failed_connects(judgement);
  find_broken_exchanges(judgement);
  find_unanswered_datagrams(judgement);
  find_path_troubles(judgement);
  add_ruled_out(judgement, sums);
  add_unseen(judgement);
  add_unjudged(judgement, sums);
  add_blind_spots(judgement);
  std::ranges::stable_sort(diagnosis.found,
                           [](const auto& a, const auto& b) { return a.explains > b.explains; });
  diagnosis.verdict = verdict_of(diagnosis, sums);
  return diagnosis;
}

}  // namespace elblab::findings
