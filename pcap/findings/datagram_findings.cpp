#include "pcap/findings/datagram_findings.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "pcap/findings/gathered.hpp"

namespace elblab::findings {
namespace {

class Datagrams {
 public:
  explicit Datagrams(Judgement& judgement) : judgement_(judgement), books_(judgement.books) {}

  void look() {
    for (const Service& service : books_.services) {
      if (service.protocol != net::Protocol::udp) continue;
      if (service.one_way) ++one_way_;
      if (service.unanswered > 0) take(service);
    }
    tell();
  }

 private:
  void take(const Service& service) {
    std::vector<const Judged*> which;
    std::uint64_t closed = 0;
    Duration from = books_.end();
    Duration last_asked{0};
    for (const Judged& one : service.connections) {
      if (!one.failed) continue;
      const Connection& c = books_.at(one);
      which.push_back(&one);
      if (c.unreachable) ++closed;
      from = std::min(from, c.last_packet.server == kNotSeen ? c.begin : c.last_packet.server);
      last_asked = std::max(last_asked, c.asked_at);
    }
    if (which.empty()) return;
    const std::string name = judgement_.name_of(service);
    const std::string text =
        fmt::format("{} of {} questions to {} found no answer ({} were asked again): {}",
                    number(service.unanswered), number(service.questions), name,
                    number(service.asked_again), some(books_, which));
    const auto failures = double(service.unanswered);
    if (closed > 0) {
      closed_.add(name,
                  evidence_of(fmt::format("{}; {} were answered by ICMP unreachable", text,
                                          counted(closed, "flow", "flows")),
                              from, last_asked),
                  failures, true);
    } else if (service.last_from_server == kNotSeen) {
      dead_.add(name, evidence_of("nothing comes from it; " + text, from, last_asked), failures,
                false);
    } else if (service.last_from_server <= from + streams::kGivenUp) {
      dead_.add(name,
                evidence_of(fmt::format("its last datagram comes at {}; {}",
                                        seconds_text(service.last_from_server), text),
                            from, last_asked),
                failures, which.size() > 1 || service.unanswered > 3);
    } else {
      some_.add(name, evidence_of(text, from, last_asked), failures, false);
    }
  }

  void tell() {
    using language::CauseId;
    closed_.tell(judgement_, finding_of(CauseId::dead_server), "is a closed UDP port",
                 "are closed UDP ports");
    dead_.tell(judgement_, finding_of(CauseId::dead_server), "answers no datagram any more",
               "answer no datagram any more");
    some_.tell(judgement_, finding_of(CauseId::silent_udp),
               "leaves questions in datagrams without an answer, or they are lost",
               "leave questions in datagrams without an answer, or they are lost");
    if (one_way_ > 0) {
      cannot_tell(
          judgement_, "datagrams in one direction",
          fmt::format("{} answers nobody and nobody asks again: a protocol without answers, "
                      "or a dead service",
                      counted(one_way_, "endpoint", "endpoints")));
    }
  }

  Judgement& judgement_;
  const Books& books_;
  std::uint64_t one_way_ = 0;
  Gathered closed_, dead_, some_;
};

}  // namespace

void find_unanswered_datagrams(Judgement& judgement) { Datagrams(judgement).look(); }

}  // namespace elblab::findings
