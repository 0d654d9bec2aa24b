#include "pcap/findings/tuple_findings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "pcap/findings/finding_text.hpp"

namespace elblab::findings {
namespace {

// What broke while another one began on its port is no chance, from this share of what broke on,
// and if it is so many times as frequent as among the ends of all.
constexpr double kLeastShared = 0.5;
constexpr double kTimesMore = 2;
constexpr std::size_t kLeast = 2;
// From the SYN of the other to what it breaks.
constexpr Duration kAtOnce = std::chrono::milliseconds(500);

bool is_late(const Judged& one, const Connection& c) {
  return one.handshake == Handshake::whole && c.syns > 1;
}

bool broke(const Judged& one, const Connection& c) {
  const bool failed =
      one.failed &&
      (one.ending == Ending::server_reset || one.ending == Ending::forgotten ||
       one.handshake == Handshake::met_another || one.handshake == Handshake::refused);
  return failed || is_late(one, c);
}

class Tuples {
 public:
  explicit Tuples(const Books& books) : books_(books) {}

  SharedTuples find() {
    taken_over();
    if (found_.connections.empty()) one_port_to_two();
    return std::move(found_);
  }

 private:
  template <typename Visit>
  void each(Visit&& visit) const {
    for (const Service& service : books_.services) {
      for (const Judged& one : service.connections) {
        if (books_.at(one).is_tcp()) visit(one, books_.at(one));
      }
    }
  }

  void taken_over() {
    std::vector<const Judged*> which;
    each([&](const Judged& one, const Connection& c) {
      if (!one.first_hop && !one.failed) return;
      if (c.took_over) which.push_back(&one);
      if (c.took_over || (c.taken_over && one.failed)) found_.connections.insert(one.index);
    });
    if (which.size() < kLeast) {
      found_.connections.clear();
      return;
    }
    found_.evidence =
        fmt::format("{} with the addresses and ports of a connection that was open: {}",
                    counted(which.size(), "SYN came", "SYNs came"), some(books_, which));
  }

  // Whether its client used its port towards another address just before, or meanwhile.
  bool shared(const Connection& c, Duration at) const {
    const auto [begin, end] = by_client_.equal_range(c.client);
    return std::any_of(begin, end, [&](const auto& entry) {
      const Connection& other = books_.streams->list[entry.second];
      if (other.server == c.server) return false;
      const bool began = other.begin <= at && at - other.begin <= kAtOnce;
      const bool open = other.begin <= c.begin && other.last >= c.begin;
      return began || open;
    });
  }

  static Duration moment(const Judged& one, const Connection& c) {
    if (is_late(one, c) || one.handshake != Handshake::whole) return c.begin;
    return c.reset ? c.reset_at : c.last;
  }

  void one_port_to_two() {
    each([&](const Judged& one, const Connection& c) {
      if (one.first_hop) by_client_.emplace(c.client, one.index);
    });
    std::size_t broken = 0;
    std::size_t well = 0;
    std::size_t well_shared = 0;
    std::vector<const Judged*> which;
    each([&](const Judged& one, const Connection& c) {
      if (!one.first_hop) return;
      const bool two = shared(c, moment(one, c));
      if (!broke(one, c)) {
        ++well;
        well_shared += two ? 1 : 0;
        return;
      }
      ++broken;
      if (two) which.push_back(&one);
    });
    if (which.size() < kLeast) return;
    const double part = double(which.size()) / double(broken);
    const double usual = well == 0 ? 0 : double(well_shared) / double(well);
    if (part < kLeastShared || part < kTimesMore * usual) return;
    for (const Judged* one : which) found_.connections.insert(one->index);
    found_.evidence = fmt::format(
        "{} of {} connections that broke or came late shared their port with one towards another "
        "address that was open or had just begun ({} of the others did): {}",
        number(which.size()), number(broken), share_text(usual), some(books_, which));
  }

  const Books& books_;
  std::multimap<net::Endpoint, std::uint32_t> by_client_;
  SharedTuples found_;
};

}  // namespace

SharedTuples find_shared_tuples(const Books& books) { return Tuples(books).find(); }

}  // namespace elblab::findings
