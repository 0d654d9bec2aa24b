#include "pcap/findings/between_findings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "pcap/findings/finding_text.hpp"
#include "pcap/findings/judgement.hpp"

namespace elblab::findings {
namespace {

using Which = std::vector<const Judged*>;
using diagnosis::Confidence;

// Clocks and places are as sure as that.
constexpr Duration kEdge = std::chrono::seconds(1);
constexpr double kLostShare = 0.002;
constexpr std::uint64_t kLeastGone = 3;

class Between {
 public:
  Between(const TwoSides& sides, Judgement& judgement) : sides_(sides), judgement_(judgement) {
    for (const Service& service : sides.near->services) {
      for (const Judged& one : service.connections) take(one);
    }
  }

  void tell() {
    judgement_.harmed = double(never_arrived_.size() + answer_lost_.size() + reset_between_.size() +
                               reset_by_server_.size() + by_server_.size());
    const bool loses = lost_there_ + lost_back_ >= kLeastGone &&
                       double(lost_there_ + lost_back_) >= kLostShare * double(packets_);
    judgement_.delayed = loses ? double(lossy_.size()) : 0;
    add_symptoms();
    found("lost_between", "connections that never arrive at the servers' side",
          "{} left the clients' side and did not arrive at the servers': lost or dropped between "
          "the two (a balancer, a firewall)",
          never_arrived_);
    found("answer_lost_between", "answers that never arrive at the clients' side",
          "{} answered at the servers' side, and the answer did not arrive at the clients'",
          answer_lost_);
    found("reset_between", "connections reset between the two places",
          "{} reset at the clients' side by nobody at the servers' side: something between the two "
          "sent the RST (an idle timeout of a balancer, a firewall)",
          reset_between_);
    found("reset_by_server", "connections reset by the servers' side",
          "{} reset by the servers' side itself", reset_by_server_);
    found("unanswered_by_server", "connections that the servers' side does not answer",
          "{} at the servers' side and found no answer there", by_server_);
    if (loses) tell_loss();
  }

  // Where the time of answers goes.
  std::string times() const {
    if (answers_ == 0) return {};
    const double share = near_time_ > 0 ? far_time_ / near_time_ : 0;
    return fmt::format("of the time that {} took, {} passed at the servers' side or behind it",
                       counted(answers_, "answer", "answers"), share_text(std::min(share, 1.0)));
  }

 private:
  void take(const Judged& one) {
    const Connection& near = sides_.near->at(one);
    const std::uint32_t partner = sides_.partner[one.index];
    if (partner == kNoHop) {
      if (near.is_tcp() && one.handshake == Handshake::unanswered && far_was_there(near)) {
        never_arrived_.push_back(&one);
      }
      return;
    }
    const Connection& far = sides_.far->streams->list[partner];
    judge_pair(one, near, far);
    count_packets(one, near, far, kept_numbers(partner, one.index));
    if (near.answers > 0 && far.answers == near.answers) {
      answers_ += near.answers;
      near_time_ += to_seconds(near.answer_time_sum);
      far_time_ += to_seconds(far.answer_time_sum);
    }
  }

  bool kept_numbers(std::uint32_t, std::uint32_t near) const {
    const auto pair = std::ranges::lower_bound(sides_.pairs, near, {}, &Pair::near);
    return pair != sides_.pairs.end() && pair->near == near && pair->rewriting != Rewriting::proxy;
  }

  bool far_was_there(const Connection& near) const {
    if (!sides_.offset) return false;
    const Duration at = sides_.at_far(near.begin);
    return at >= kEdge && at + kEdge <= sides_.far->end();
  }

  void judge_pair(const Judged& one, const Connection& near, const Connection& far) {
    if (!near.is_tcp()) return;
    if (one.handshake == Handshake::unanswered) {
      (far.syn_ack_at != kNotSeen ? answer_lost_ : by_server_).push_back(&one);
      return;
    }
    const bool near_reset = one.handshake == Handshake::refused ||
                            (near.reset && near.reset_from == Side::server && near.reset_owed);
    if (!near_reset) return;
    const bool far_reset = far.refused || (far.reset && far.reset_from == Side::server) ||
                           far.counts(Side::server).resets > 0;
    (far_reset ? reset_by_server_ : reset_between_).push_back(&one);
  }

  // Packets that are here and not there, of connections that both captures hold from SYN to end.
  void count_packets(const Judged& one, const Connection& near, const Connection& far,
                     bool numbers) {
    if (!numbers || !near.is_tcp() || near.reset || far.reset) return;
    if (near.closed_at == kNotSeen || far.closed_at == kNotSeen) return;
    const auto lost = [](std::uint64_t sent, std::uint64_t arrived) {
      return sent > arrived ? sent - arrived : 0;
    };
    const std::uint64_t there =
        lost(near.counts(Side::client).packets, far.counts(Side::client).packets);
    const std::uint64_t back =
        lost(far.counts(Side::server).packets, near.counts(Side::server).packets);
    packets_ += near.counts(Side::client).packets + far.counts(Side::server).packets;
    lost_there_ += there;
    lost_back_ += back;
    if (there + back > 0) lossy_.push_back(&one);
  }

  void add_symptoms() {
    if (judgement_.harmed + judgement_.delayed == 0) return;
    judgement_.diagnosis.symptoms.push_back(
        {fmt::format("{} connections failed and {} lost packets, as both sides show",
                     number(static_cast<std::uint64_t>(judgement_.harmed)),
                     number(static_cast<std::uint64_t>(judgement_.delayed))),
         "failed_requests", kStart, kStart + sides_.near->end()});
  }

  void found(const char* cause, const char* title, const char* text, const Which& which) {
    if (which.empty()) return;
    auto finding = finding_of(cause, title, {});
    const std::string whole =
        fmt::format(fmt::runtime(text), counted(which.size(), "connection", "connections"));
    finding.evidence.push_back(
        evidence_of(whole + ": " + some(*sides_.near, which), Duration{0}, sides_.near->end()));
    find(judgement_, std::move(finding),
         which.size() > 1 ? Confidence::certain : Confidence::likely, double(which.size()));
  }

  void tell_loss() {
    auto finding = finding_of(language::CauseId::packet_loss);
    finding.title = "packets are lost between the two places";
    finding.evidence.push_back(evidence_of(
        fmt::format(
            "{} packets towards servers and {} back are in one capture and not in the other, "
            "of {}: {}",
            number(lost_there_), number(lost_back_), number(packets_), some(*sides_.near, lossy_)),
        Duration{0}, sides_.near->end()));
    find(judgement_, std::move(finding), Confidence::certain, double(lossy_.size()));
  }

  const TwoSides& sides_;
  Judgement& judgement_;
  Which never_arrived_, answer_lost_, reset_between_, reset_by_server_, by_server_, lossy_;
  std::uint64_t packets_ = 0;
  std::uint64_t lost_there_ = 0;
  std::uint64_t lost_back_ = 0;
  std::uint64_t answers_ = 0;
  double near_time_ = 0;
  double far_time_ = 0;
};

}  // namespace

diagnosis::Diagnosis diagnose_between(const TwoSides& sides, const EndpointNames& names) {
  diagnosis::Diagnosis diagnosis;
  Judgement judgement{*sides.near, names, diagnosis};
  Between between(sides, judgement);
  between.tell();
  if (const std::string times = between.times(); !times.empty()) {
    diagnosis.balanced.push_back(times);
  }
  if (sides.pairs.empty()) {
    diagnosis.verdict = "no connection of the one is found in the other: nothing can be said";
    cannot_tell(judgement, "what is between them", "no connection stands in both captures");
  } else {
    diagnosis.verdict = "nothing wrong between them";
    for (const auto& finding : diagnosis.found) {
      diagnosis.verdict = &finding == &diagnosis.found.front()
                              ? finding.title
                              : diagnosis.verdict + "; " + finding.title;
    }
  }
  return diagnosis;
}

std::vector<std::string> describe_sides(const TwoSides& sides) {
  std::array<std::uint64_t, 4> kinds{};
  for (const Pair& pair : sides.pairs) ++kinds[static_cast<std::size_t>(pair.rewriting)];
  std::vector<std::string> said;
  said.push_back(
      fmt::format("the {} capture was taken nearer to the clients (handshakes take longer there)",
                  sides.swapped ? "second" : "first"));
  said.push_back(
      fmt::format("{} of {} connections stand in both: {} as they were, {} with another "
                  "server (DNAT), {} with another client too (fullNAT), {} made anew by a "
                  "proxy",
                  number(sides.pairs.size()), number(sides.partner.size()), number(kinds[0]),
                  number(kinds[1]), number(kinds[2]), number(kinds[3])));
  if (sides.offset) {
    const double offset = to_seconds(*sides.offset);
    said.push_back(
        fmt::format("the clock of the servers' side is {:.6f} s {} that of the clients', "
                    "and gains {:.1f} ppm; a round trip between the two takes {}",
                    std::abs(offset), offset < 0 ? "behind" : "ahead of", sides.drift_ppm,
                    seconds_text(sides.round_trip_between)));
  }
  return said;
}

}  // namespace elblab::findings
