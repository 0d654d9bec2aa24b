#include "pcap/findings/exchange_findings.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "pcap/findings/gathered.hpp"

namespace elblab::findings {
namespace {

using Which = std::vector<const Judged*>;

// An idle timeout ends connections after the same silence each time.
constexpr double kSameSilence = 0.03;
constexpr Duration kLeastIdle = std::chrono::seconds(1);
// A connection whose entry is gone, somewhere on the way, had been silent for so long.
constexpr Duration kLongIdle = std::chrono::seconds(10);

class Exchanges {
 public:
  explicit Exchanges(Judgement& judgement) : judgement_(judgement), books_(judgement.books) {}

  void look() {
    for (const Service& service : books_.services) {
      if (service.protocol != net::Protocol::tcp) continue;
      resets(service);
      forgotten(service);
      given_up(service);
      closed_early(service);
    }
    tell();
  }

 private:
  std::string name(const Service& service) const { return judgement_.name_of(service); }

  diagnosis::Evidence evidence(std::string text, const Which& which) const {
    Duration from = books_.end();
    Duration to{0};
    for (const Judged* one : which) {
      from = std::min(from, books_.at(*one).begin);
      to = std::max(to, books_.at(*one).last);
    }
    return evidence_of(text + ": " + some(books_, which), from, to);
  }

  // A reset whose packet had a longer or shorter way than the server's comes from something
  // between.
  std::uint64_t by_others(const Which& which) const {
    return static_cast<std::uint64_t>(std::ranges::count_if(which, [&](const Judged* one) {
      const Connection& c = books_.at(*one);
      return c.server_hop_limit != 0 && c.reset_hop_limit != 0 &&
             c.server_hop_limit != c.reset_hop_limit;
    }));
  }

  static bool silent_before_reset(const Connection& c) {
    return c.silence_before_reset >= kLeastIdle;
  }
  static bool stale(const Connection& c) { return c.silence_before_question >= kLongIdle; }

  void resets(const Service& service) {
    const Which all = judgement_.failed(service, Ending::server_reset);
    Which idle;
    Which gone;
    Which rest;
    for (const Judged* one : all) {
      const Connection& c = books_.at(*one);
      (silent_before_reset(c) ? idle : stale(c) ? gone : rest).push_back(one);
    }
    idle_timeout(service, idle, rest, "reset");
    stale_entries(service, gone, "and was then reset at the first word");
    plain_resets(service, rest);
  }

  // What is no idle timeout goes to `rest`.
  void idle_timeout(const Service& service, const Which& idle, Which& rest, const char* how) {
    if (idle.empty()) return;
    const auto silence = [&](const Judged* one) { return books_.at(*one).silence_before_reset; };
    const Duration least = silence(*std::ranges::min_element(idle, {}, silence));
    const Duration most = silence(*std::ranges::max_element(idle, {}, silence));
    const bool alike = to_seconds(most - least) <= kSameSilence * to_seconds(most);
    if (!alike) {
      rest.insert(rest.end(), idle.begin(), idle.end());
      return;
    }
    const std::string after =
        idle.size() == 1 ? seconds_text(least) : seconds_text(least) + " … " + seconds_text(most);
    timeout_.add(name(service),
                 evidence(fmt::format("{} {} while the client waited for an answer, after {} of "
                                      "silence{}",
                                      counted(idle.size(), "connection was", "connections were"),
                                      how, after, sent_by(idle)),
                          idle),
                 double(idle.size()), idle.size() >= 3);
  }

  std::string sent_by(const Which& which) const {
    const std::uint64_t others = by_others(which);
    if (others == 0) return "";
    return fmt::format(
        "; {} of the resets came another way than the server's packets (by their TTL)",
        number(others));
  }

  void stale_entries(const Service& service, const Which& which, const char* what) {
    if (which.empty()) return;
    Duration least = books_.at(*which.front()).silence_before_question;
    for (const Judged* one : which) {
      least = std::min(least, books_.at(*one).silence_before_question);
    }
    stale_.add(name(service),
               evidence(fmt::format("{} silent for {} or longer {}",
                                    counted(which.size(), "connection was", "connections were"),
                                    seconds_text(least), what),
                        which),
               double(which.size()), false);
  }

  void plain_resets(const Service& service, const Which& which) {
    if (which.empty()) return;
    reset_.add(name(service),
               evidence(fmt::format("{} reset from the server's direction before an answer{}",
                                    counted(which.size(), "connection was", "connections were"),
                                    sent_by(which)),
                        which),
               double(which.size()), true);
  }

  void forgotten(const Service& service) {
    Which gone;
    Which dead;
    for (const Judged* one : judgement_.failed(service, Ending::forgotten)) {
      (stale(books_.at(*one)) ? gone : dead).push_back(one);
    }
    stale_entries(service, gone, "and what was then sent, again and again, found no answer");
    if (dead.empty()) return;
    const Duration since = service.last_from_server;
    dead_.add(name(service),
              evidence(fmt::format("on {} data was sent again and again without a word back; the "
                                   "last packet of {} comes at {}",
                                   counted(dead.size(), "connection", "connections"), name(service),
                                   seconds_text(since)),
                       dead),
              double(dead.size()), false);
  }

  void given_up(const Service& service) {
    Which all = judgement_.failed(service, Ending::client_left);
    // A reset that had another way than the client's SYN is a balancer's.
    Which foreign;
    for (const Judged* one : judgement_.failed(service, Ending::client_reset)) {
      const Connection& c = books_.at(*one);
      (c.client_hop_limit != c.reset_hop_limit ? foreign : all).push_back(one);
    }
    idle_timeout(service, foreign, all, "reset from the client's direction");
    Which which;
    for (const Judged* one : all) {
      // What was sent again was lost: who waited for that has not met a silent service.
      const Connection& c = books_.at(*one);
      const bool lost =
          c.counts(Side::client).retransmissions + c.counts(Side::server).retransmissions > 0;
      if (lost) judgement_.lost += 1;
      if (!lost) which.push_back(one);
    }
    if (which.empty()) return;
    silent_.add(name(service),
                evidence(fmt::format("{} closed by the client, which had waited at least {} for an "
                                     "answer; {} of {} questions were answered",
                                     counted(which.size(), "connection was", "connections were"),
                                     seconds_text(streams::kPatience), number(service.answers),
                                     number(service.questions)),
                         which),
                double(which.size()), false);
  }

  void closed_early(const Service& service) {
    const Which which = judgement_.failed(service, Ending::server_left);
    if (which.empty()) return;
    closed_.add(name(service),
                evidence(fmt::format("{} asked, and closed by the server without an answer",
                                     counted(which.size(), "connection was", "connections were")),
                         which),
                double(which.size()), false);
  }

  void tell() {
    using language::CauseId;
    timeout_.tell(judgement_, finding_of(CauseId::idle_timeout),
                  "waits longer for answers than an idle timeout allows",
                  "wait longer for answers than an idle timeout allows");
    stale_.tell(judgement_, finding_of(CauseId::idle_timeout),
                "meets connections that were idle for too long: something on the way had forgotten "
                "them",
                "meet connections that were idle for too long: something on the way had forgotten "
                "them");
    reset_.tell(judgement_,
                finding_of("connection_reset", "",
                           {"look why: the server's log, a program that ends or restarts, a device "
                            "on the way"}),
                "breaks connections by RST before an answer",
                "break connections by RST before an answer");
    dead_.tell(judgement_, finding_of(CauseId::dead_server),
               "falls silent in the middle of connections",
               "fall silent in the middle of connections");
    silent_.tell(judgement_, finding_of(CauseId::silent_service),
                 "takes requests and leaves some without an answer",
                 "take requests and leave some without an answer");
    closed_.tell(
        judgement_, finding_of("closed_early", "", {"look why: the server's log, its limits"}),
        "takes requests and closes without an answer", "take requests and close without an answer");
  }

  Judgement& judgement_;
  const Books& books_;
  Gathered timeout_, stale_, reset_, dead_, silent_, closed_;
};

}  // namespace

void find_broken_exchanges(Judgement& judgement) { Exchanges(judgement).look(); }

}  // namespace elblab::findings
