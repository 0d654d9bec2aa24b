#include "pcap/findings/connect_findings.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "pcap/findings/gathered.hpp"

namespace elblab::findings {
namespace {

using Which = std::vector<const Judged*>;

struct Stretch {
  Duration from{0};
  Duration to{0};
};

class Connects {
 public:
  explicit Connects(Judgement& judgement) : judgement_(judgement), books_(judgement.books) {}

  void look() {
    for (const Service& service : books_.services) {
      if (service.protocol != net::Protocol::tcp) continue;
      unanswered(service);
      refused(service);
      unreachable(service);
      met_another(service);
      client_silent(service);
    }
    tell();
  }

 private:
  std::string name(const Service& service) const { return judgement_.name_of(service); }

  Stretch stretch_of(const Which& which) const {
    Stretch stretch{books_.end(), Duration{0}};
    for (const Judged* one : which) {
      const Connection& c = books_.at(*one);
      stretch.from = std::min(stretch.from, c.begin);
      stretch.to = std::max(stretch.to, c.last);
    }
    return stretch;
  }

  // Handshakes that the service completed in it.
  std::uint64_t answered_in(const Service& service, const Stretch& stretch) const {
    return static_cast<std::uint64_t>(
        std::ranges::count_if(service.connections, [&](const Judged& one) {
          const Duration at = books_.at(one).syn_ack_at;
          return at != kNotSeen && at >= stretch.from && at <= stretch.to;
        }));
  }

  std::uint64_t tries(const Which& which) const {
    std::uint64_t all = 0;
    for (const Judged* one : which) all += books_.at(*one).syns;
    return all;
  }

  void unanswered(const Service& service) {
    const Which which = judgement_.failed(service, Handshake::unanswered);
    if (which.empty()) return late(service);
    const Stretch stretch = stretch_of(which);
    const auto count = double(which.size());
    const std::uint64_t syns = tries(which);
    const std::string silence = fmt::format("{} ({} SYNs) found no answer: {}",
                                            counted(which.size(), "connection", "connections"),
                                            number(syns), some(books_, which));
    const bool insistent = syns > which.size();
    if (service.last_from_server == kNotSeen) {
      dead_.add(name(service),
                evidence_of(fmt::format("not one packet comes from {}; {}", name(service), silence),
                            stretch.from, stretch.to),
                count, insistent);
      return;
    }
    const std::uint64_t answered = answered_in(service, stretch);
    if (answered * 20 <= which.size()) {
      outage(service, which, stretch, silence, insistent);
    } else {
      some_unanswered(service, which, answered, stretch, silence);
    }
  }

  void outage(const Service& service, const Which& which, const Stretch& stretch,
              const std::string& silence, bool insistent) {
    const bool to_the_end = service.last_from_server <= stretch.from + streams::kGivenUp;
    const std::string when =
        to_the_end ? fmt::format("the last packet of {} comes at {}", name(service),
                                 seconds_text(service.last_from_server))
                   : fmt::format("{} answered no SYN from {} to {}", name(service),
                                 seconds_text(stretch.from), seconds_text(stretch.to));
    const bool sure = insistent && which.size() > 1;
    (to_the_end ? stopped_ : silent_)
        .add(name(service), evidence_of(when + "; " + silence, stretch.from, stretch.to),
             double(which.size()), sure);
  }

  // Some, while others are answered.
  void some_unanswered(const Service& service, const Which& which, std::uint64_t answered,
                       const Stretch& stretch, const std::string& silence) {
    const std::uint64_t late = judgement_.late(service).size();
    const std::string text = fmt::format(
        "{} meanwhile completed {} and {} after a SYN that was sent again; {} of {} segments were "
        "sent again; {}",
        name(service), counted(answered, "handshake", "handshakes"), number(late),
        number(service.retransmissions), number(service.segments), silence);
    auto evidence = evidence_of(text, stretch.from, stretch.to);
    const bool in_vain = tries(which) >= 2 * which.size() && late * 50 < which.size();
    if (in_vain) {
      part_.add(name(service), std::move(evidence), double(which.size()), false);
    } else if (judgement_.drops_syns(service)) {
      for (const Judged* one : judgement_.late(service)) judgement_.explained.insert(one->index);
      queue_.add(name(service), std::move(evidence), double(which.size() + late), false);
    } else {
      judgement_.lost += double(which.size());
    }
  }

  // None is lost for good, and many need a second SYN.
  void late(const Service& service) {
    if (!judgement_.drops_syns(service)) return;
    const Which which = judgement_.late(service);
    if (which.empty()) return;
    for (const Judged* one : which) judgement_.explained.insert(one->index);
    const Stretch stretch = stretch_of(which);
    queue_.add(
        name(service),
        evidence_of(
            fmt::format("{} needed more than one SYN or SYN+ACK, while {} of {} segments were "
                        "sent again: {}",
                        counted(which.size(), "connection", "connections"),
                        number(service.retransmissions), number(service.segments),
                        some(books_, which)),
            stretch.from, stretch.to),
        double(which.size()), false);
  }

  void refused(const Service& service) {
    const Which which = judgement_.failed(service, Handshake::refused);
    if (which.empty()) return;
    const Stretch stretch = stretch_of(which);
    const std::uint64_t answered = answered_in(service, stretch);
    auto evidence =
        evidence_of(fmt::format("{} answered {} by RST and completed {} meanwhile: {}",
                                name(service), counted(which.size(), "SYN", "SYNs"),
                                counted(answered, "handshake", "handshakes"), some(books_, which)),
                    stretch.from, stretch.to);
    refused_.add(name(service), std::move(evidence), double(which.size()), answered == 0);
  }

  void unreachable(const Service& service) {
    const Which which = judgement_.failed(service, Handshake::unreachable);
    if (which.empty()) return;
    const Stretch stretch = stretch_of(which);
    unreachable_.add(name(service),
                     evidence_of(fmt::format("{} to {} were answered by an ICMP error: {}",
                                             counted(which.size(), "connect", "connects"),
                                             name(service), some(books_, which)),
                                 stretch.from, stretch.to),
                     double(which.size()), true);
  }

  void met_another(const Service& service) {
    Which which = judgement_.failed(service, Handshake::met_another);
    for (const Judged& one : service.connections) {
      // Let in at last.
      const bool late = one.handshake == Handshake::whole && books_.at(one).foreign_acks > 0;
      if (late && one.first_hop) which.push_back(&one);
    }
    if (which.empty()) return;
    const Stretch stretch = stretch_of(which);
    const auto before = static_cast<std::uint64_t>(std::ranges::count_if(
        which, [&](const Judged* one) { return books_.at(*one).ports_used_before; }));
    auto evidence = evidence_of(
        fmt::format("{} to {} were answered by an ACK of another connection; of {} the same ports "
                    "are seen in use before: {}",
                    counted(which.size(), "SYN", "SYNs"), name(service), number(before),
                    some(books_, which)),
        stretch.from, stretch.to);
    const bool reused = before * 2 >= which.size();
    (reused ? reused_ : conflict_)
        .add(name(service), std::move(evidence), double(which.size()), false);
  }

  void client_silent(const Service& service) {
    const Which which = judgement_.failed(service, Handshake::client_silent);
    if (which.empty()) return;
    const Stretch stretch = stretch_of(which);
    std::uint64_t answers = 0;
    for (const Judged* one : which) answers += books_.at(*one).syn_acks;
    half_open_.add(
        name(service),
        evidence_of(fmt::format("{} answered {} by {}, and nothing more came from the "
                                "client: {}",
                                name(service), counted(which.size(), "connect", "connects"),
                                counted(answers, "SYN+ACK", "SYN+ACKs"), some(books_, which)),
                    stretch.from, stretch.to),
        double(which.size()), answers > which.size());
  }

  void tell() {
    using language::CauseId;
    const auto dead = finding_of(CauseId::dead_server);
    dead_.tell(judgement_, dead, "is dead or cut off: nothing comes from it",
               "are dead or cut off: nothing comes from them");
    stopped_.tell(judgement_, dead, "stopped answering", "stopped answering");
    silent_.tell(judgement_, dead, "answered nothing for a time", "answered nothing for a time");
    part_.tell(judgement_, dead,
               "answers some connections and never others: a server behind it "
               "is dead or cut off",
               "answer some connections and never others: servers behind them are dead or cut off");
    refused_.tell(judgement_, dead, "refuses connects: nobody listens there, or nobody behind it",
                  "refuse connects: nobody listens there, or nobody behind them");
    unreachable_.tell(judgement_,
                      finding_of("unreachable", "",
                                 {"look at the way to it: routes, security "
                                  "groups, whether its host is up"}),
                      "cannot be reached", "cannot be reached");
    queue_.tell(
        judgement_, finding_of(CauseId::accept_queue),
        "drops SYNs while what is established flows: a full accept queue, or a limit on SYNs on "
        "the way",
        "drop SYNs while what is established flows: full accept queues, or limits on SYNs on "
        "the way");
    reused_.tell(judgement_, finding_of(CauseId::time_wait_refused),
                 "refuses new connections whose ports are in TIME_WAIT there",
                 "refuse new connections whose ports are in TIME_WAIT there");
    conflict_.tell(judgement_, finding_of(CauseId::five_tuple_conflict),
                   "answers new connections for others with the same 5-tuple",
                   "answer new connections for others with the same 5-tuple");
    half_open_.tell(judgement_,
                    finding_of("client_silent", "",
                               {"look at the clients, and at the way of the SYN+ACK back to them: "
                                "asymmetric routes, firewalls",
                                "a flood of SYNs: SYN cookies, a limit per address"}),
                    "answers, and clients fall silent: half-open connections",
                    "answer, and clients fall silent: half-open connections");
  }

  Judgement& judgement_;
  const Books& books_;
  Gathered dead_, stopped_, silent_, part_, refused_, unreachable_, queue_, reused_, conflict_,
      half_open_;
};

}  // namespace

void find_failed_connects(Judgement& judgement) { Connects(judgement).look(); }

}  // namespace elblab::findings
