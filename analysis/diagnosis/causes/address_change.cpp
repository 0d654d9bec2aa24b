// STK-06, STK-09, STK-24, third question: does the address that the balancer sees change? A CDN, a
// WAF, a NAT pool or the user's own moving make him another client of stickiness and source hash.
#include <fmt/format.h>

#include "analysis/diagnosis/causes/causes.hpp"
#include "analysis/diagnosis/causes/lost_sessions.hpp"
#include "analysis/diagnosis/evidence.hpp"

namespace elblab::diagnosis {
namespace {

// How many users met at an address, at the mean of the addresses that sessions were lost at.
double users_per_address(const LostSessions& lost) {
  double users = 0;
  for (const auto& [address, of_users] : lost.addresses)
    users += static_cast<double>(of_users.size());
  return ratio(users, static_cast<double>(lost.addresses.size()));
}

class AddressChange final : public Cause {
 public:
  CauseId id() const override { return CauseId::address_change; }

  Claims claims(const Case&) const override { return {}; }

  Finding finding(const Case& run, const Granted&, Finding finding) const override {
    constexpr SwitchCause kThis = SwitchCause::address_change;
    if (!loses_sessions(run, kThis)) {
      return no_sessions_lost(run, std::move(finding), kThis,
                              "those who lost one came from the address of before");
    }
    finding = sessions_lost(run, std::move(finding), kThis,
                            "the balancer saw another address than before");
    finding.evidence.push_back(whose(run.users.of(kThis)));
    return finding;
  }

 private:
  // Who shares addresses stands behind something; who has his own has moved.
  static Evidence whose(const LostSessions& lost) {
    Evidence evidence;
    const double each = users_per_address(lost);
    const std::string addresses = count_text(static_cast<double>(lost.addresses.size()));
    if (lost.users.size() == 1) {
      evidence.text = fmt::format("one user came from {} addresses", addresses);
    } else if (each > 1) {
      evidence.text = fmt::format(
          "{} addresses with {:.1f} of these users each: something in front of the balancer shares "
          "them, a CDN, a WAF or a NAT pool",
          addresses, each);
    } else {
      evidence.text =
          fmt::format("{} addresses, each of one user: they move, or are given others", addresses);
    }
    evidence.query =
        "SELECT client, count(DISTINCT user) FROM user_requests WHERE cause = 'address_change' "
        "GROUP BY client";
    return evidence;
  }
};

}  // namespace

const Cause& address_change() {
  static const AddressChange kCause;
  return kCause;
}

}  // namespace elblab::diagnosis
