// One possible cause: what it claims of what went wrong, and what it says about itself.
//
// Diagnosis goes in three steps, so that no cause needs to know another: each claims, in the units
// of the books (load.hpp, whereabouts.hpp), what it can account for; the failures are divided
// among the claims (blame.hpp), and what nobody claims stays unexplained; then each makes its
// finding of what it was granted. To add a cause, add a file under causes/ and a line in
// causes.cpp.
#pragma once

#include <span>
#include <string_view>

#include "analysis/diagnosis/diagnosis.hpp"
#include "analysis/diagnosis/load.hpp"
#include "analysis/diagnosis/whereabouts.hpp"

namespace elblab::diagnosis {

// Everything there is to look at.
struct Case {
  const Observations& seen;
  const Load& load;
  const Whereabouts& where;
  bool harmed = false;  // requests failed or were slow, enough of them to be a symptom
};

// Per column; an empty curve claims nothing.
struct Claims {
  Curve refused;  // connects refused on the client
  Curve syns;     // SYNs it kept from being answered
  Curve waiting;  // requests that stand where they do because of it (mean)
};

// What was granted of each kind of failure, in requests or connects.
struct Granted {
  double refused = 0;
  double unanswered = 0;
  double broken = 0;
  double slow = 0;
  double left = 0;
  double share = 0;       // of all that went wrong, 0 … 1
  bool material = false;  // enough of it to be a cause (blame.hpp)
  Curve when;             // what was granted, per column

  double failed() const { return refused + unanswered + broken + left; }
  double total() const { return failed() + slow; }
};

// What many causes claim alike. That part of what stands on the network and of the SYNs that were
// lost there, and the ports it holds; part: 0 … 1 per column.
Claims claims_on_the_network(const Case& run, const Curve& part);
// Adds what was refused for want of ports that claims.waiting holds.
void claim_held_ports(const Case& run, Claims& claims);

class Cause {
 public:
  virtual ~Cause() = default;
  virtual std::string_view name() const = 0;
  // What it is about, in a few words: its title unless it is found.
  virtual std::string_view subject() const = 0;
  virtual Claims claims(const Case& run) const = 0;
  virtual Finding finding(const Case& run, const Granted& granted) const = 0;
};

// In the order of DIAG-12, what is no stress cause after it. Static.
std::span<const Cause* const> causes();

}  // namespace elblab::diagnosis
