#include "pcap/findings/tuple_findings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "pcap/findings/finding_text.hpp"

namespace elblab::findings {
namespace {

// From this share of the broken connections on one port towards two addresses is no chance, if it is
// so many times as frequent among them as among all.
constexpr double kLeastShared = 0.5;
constexpr double kTimesMore = 2;
constexpr std::size_t kLeast = 2;

bool broke(const Judged& one) {
  return one.failed && (one.ending == Ending::server_reset || one.ending == Ending::forgotten ||
                        one.handshake == Handshake::met_another ||
                        one.handshake == Handshake::refused);
}

class Tuples {
 public:
  explicit Tuples(Judgement& judgement) : judgement_(judgement), books_(judgement.books) {}

  std::set<std::uint32_t> find() {
    taken_over();
    if (blamed_.empty()) one_port_to_two();
    return std::move(blamed_);
  }

 private:
  void taken_over() {
    std::vector<const Judged*> which;
    for (const Service& service : books_.services) {
      for (const Judged& one : service.connections) {
        if (!one.first_hop && !one.failed) continue;
        const Connection& c = books_.at(one);
        if (c.took_over) which.push_back(&one);
        if (c.took_over || (c.taken_over && one.failed)) blamed_.insert(one.index);
      }
    }
    if (which.size() < kLeast) {
      blamed_.clear();
      return;
    }
    tell(fmt::format("{} with the addresses and ports of a connection that was open: {}",
                     counted(which.size(), "SYN came", "SYNs came"), some(books_, which)),
         double(blamed_.size()));
  }

  // Ports that a client uses towards two addresses at a time.
  bool shared(const Connection& c) const {
    const auto [begin, end] = by_client_.equal_range(c.client);
    return std::any_of(begin, end, [&](const auto& entry) {
      const Connection& other = books_.streams->list[entry.second];
      return other.server != c.server && other.begin <= c.last + streams::kAlive &&
             c.begin <= other.last + streams::kAlive;
    });
  }

  void one_port_to_two() {
    std::vector<const Judged*> broken;
    std::vector<const Judged*> with_two;
    std::size_t all = 0;
    std::size_t all_with_two = 0;
    for (const Service& service : books_.services) {
      for (const Judged& one : service.connections) {
        if (one.first_hop && books_.at(one).is_tcp()) {
          by_client_.emplace(books_.at(one).client, one.index);
        }
      }
    }
    for (const Service& service : books_.services) {
      for (const Judged& one : service.connections) {
        if (!one.first_hop || !books_.at(one).is_tcp()) continue;
        const bool two = shared(books_.at(one));
        ++all;
        all_with_two += two ? 1 : 0;
        if (!broke(one)) continue;
        broken.push_back(&one);
        if (two) with_two.push_back(&one);
      }
    }
    if (with_two.size() < kLeast || all == all_with_two) return;
    const double part = double(with_two.size()) / double(broken.size());
    const double usual = double(all_with_two) / double(all);
    if (part < kLeastShared || part < kTimesMore * usual) return;
    for (const Judged* one : with_two) blamed_.insert(one->index);
    tell(fmt::format("{} of {} connections that broke came from a port that the client used towards "
                     "two addresses at a time ({} of all connections did): {}",
                     number(with_two.size()), number(broken.size()), share_text(usual),
                     some(books_, with_two)),
         double(with_two.size()));
  }

  void tell(std::string text, double failures) {
    auto finding = finding_of(language::CauseId::five_tuple_conflict);
    finding.evidence.push_back(evidence_of(std::move(text), Duration{0}, books_.end()));
    findings::find(judgement_, std::move(finding), diagnosis::Confidence::likely, failures);
  }

  Judgement& judgement_;
  const Books& books_;
  std::multimap<net::Endpoint, std::uint32_t> by_client_;
  std::set<std::uint32_t> blamed_;
};

}  // namespace

std::set<std::uint32_t> find_shared_tuples(Judgement& judgement) {
  return Tuples(judgement).find();
}

}  // namespace elblab::findings
