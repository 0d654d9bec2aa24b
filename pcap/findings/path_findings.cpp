#include "pcap/findings/path_findings.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "pcap/findings/finding_text.hpp"

namespace elblab::findings {
namespace {

struct Loss {
  std::uint64_t segments = 0;
  std::uint64_t again = 0;
  std::uint64_t to_server = 0;  // of `again`
  std::uint64_t late_connects = 0;
  std::uint64_t out_of_order = 0;
  std::uint64_t open = 0;
  std::vector<const Judged*> connections;  // that were held up

  bool is_loss() const {
    const std::uint64_t all = segments + late_connects;
    return again + late_connects >= kLeastLost &&
           double(again + late_connects) >= kLossShare * double(all) && !connections.empty() &&
           double(connections.size()) >= kStalledShare * double(open);
  }
};

// Of connections that worked: those that broke off are somebody else's.
Loss loss_of(const Judgement& judgement) {
  const Books& books = judgement.books;
  Loss loss;
  for (const Service& service : books.services) {
    if (service.protocol != net::Protocol::tcp) continue;
    if (service.server_unseen || service.client_unseen) continue;
    const bool drops_syns = judgement.drops_syns(service);
    for (const Judged& one : service.connections) {
      if (!one.first_hop || one.failed || !streams::was_established(one.handshake)) continue;
      const Connection& c = books.at(one);
      std::uint64_t again = 0;
      for (const Side side : {Side::client, Side::server}) {
        loss.segments += c.counts(side).segments;
        loss.out_of_order += c.counts(side).out_of_order;
        again += c.counts(side).retransmissions;
      }
      if (drops_syns && c.syn_acks_in_vain > 0) again = 0;
      if (again > 0) loss.to_server += c.counts(Side::client).retransmissions;
      loss.again += again;
      const bool late = c.syns > 1 || c.syn_acks > 1;
      // The SYNs of others are told of by themselves.
      const bool foreign =
          drops_syns || c.foreign_acks > 0 || judgement.shared.connections.contains(one.index);
      const bool counts = !foreign || (again > 0 && c.syn_acks_in_vain == 0);
      if (late && counts) ++loss.late_connects;
      ++loss.open;
      const Duration stall =
          std::max(c.sides.client.longest_stall(), c.sides.server.longest_stall());
      if (stall >= kStall && counts) loss.connections.push_back(&one);
    }
  }
  return loss;
}

void closed_windows(Judgement& judgement) {
  constexpr Duration kLong = std::chrono::seconds(1);
  std::vector<const Judged*> which;
  Duration longest{0};
  for (const Service& service : judgement.books.services) {
    for (const Judged& one : service.connections) {
      const Connection& c = judgement.books.at(one);
      const Duration closed =
          std::max(c.sides.client.window_closed(), c.sides.server.window_closed());
      if (closed < kLong || c.crossed_gap) continue;
      which.push_back(&one);
      longest = std::max(longest, closed);
    }
  }
  if (which.empty()) return;
  auto finding = finding_of("window_closed", "a receiver does not read: its window is closed",
                            {"look at the program that should read: its CPU, its disk, its locks"});
  finding.evidence.push_back(
      evidence_of(fmt::format("{} said to wait (window 0), for {} at the longest: {}",
                              counted(which.size(), "connection was", "connections were"),
                              seconds_text(longest), some(judgement.books, which)),
                  Duration{0}, judgement.books.end()));
  find(judgement, std::move(finding), diagnosis::Confidence::possible, 0);
}

}  // namespace

double delayed_connections(const Judgement& judgement) {
  const Loss loss = loss_of(judgement);
  double delayed = loss.is_loss() ? double(loss.connections.size()) : 0;
  for (const Service& service : judgement.books.services) {
    delayed += double(std::ranges::count_if(service.connections, [&](const Judged& one) {
      const Connection& c = judgement.books.at(one);
      return one.first_hop && one.handshake == Handshake::whole && !one.failed &&
             (c.foreign_acks > 0 ||
              (c.syns > 1 && judgement.shared.connections.contains(one.index)));
    }));
    if (!judgement.drops_syns(service)) continue;
    delayed += double(std::ranges::count_if(judgement.late(service),
                                            [](const Judged* one) { return !one->failed; }));
  }
  return delayed;
}

void find_path_troubles(Judgement& judgement) {
  const Loss loss = loss_of(judgement);
  closed_windows(judgement);
  if (!loss.is_loss() && judgement.lost == 0) {
    rule_out(
        judgement, "packet loss",
        fmt::format("{} of {} segments were sent again, and {} for it", number(loss.again),
                    number(loss.segments),
                    counted(loss.connections.size(), "connection waited", "connections waited")));
    return;
  }
  auto finding = finding_of(language::CauseId::packet_loss);
  finding.title = "packets are lost, or held up for long";
  finding.evidence.push_back(evidence_of(
      fmt::format(
          "{} of {} segments were sent again ({}), {} of them towards servers; {} needed "
          "more than one SYN or SYN+ACK: {}",
          number(loss.again), number(loss.segments),
          share_text(double(loss.again) / double(std::max<std::uint64_t>(loss.segments, 1))),
          number(loss.to_server), counted(loss.late_connects, "connection", "connections"),
          some(judgement.books, loss.connections)),
      Duration{0}, judgement.books.end()));
  find(judgement, std::move(finding), diagnosis::Confidence::likely,
       double(loss.connections.size()) + judgement.lost);
}

}  // namespace elblab::findings
