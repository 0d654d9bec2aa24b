// One possible cause: what it claims of what went wrong, and what it says about itself.
//
// Diagnosis goes in three steps, so that no cause needs to know another: each claims, in the units
// of the books (load.hpp, whereabouts.hpp), what it can account for; the failures are divided
// among the claims (blame.hpp), and what nobody claims stays unexplained; then each makes its
// finding of what it was granted. To add a cause, add a file under causes/ and a line in
// causes.cpp.
#pragma once

#include <span>

#include "analysis/diagnosis/diagnosis.hpp"
#include "analysis/diagnosis/load.hpp"
#include "analysis/diagnosis/user_book.hpp"
#include "analysis/diagnosis/whereabouts.hpp"
#include "scenarios/language/known_causes.hpp"

namespace elblab::diagnosis {

using language::CauseId;

// Everything there is to look at.
struct Case {
  const Observations& seen;
  const Load& load;
  const Whereabouts& where;
  const SessionBook& sessions;
  const UserBook& users;
  const QuicBook& quic;
  bool harmed = false;         // requests failed or were slow, enough of them to be a symptom
  bool sessions_lost = false;  // likewise sessions of users
  // Share of what went wrong that was granted to no cause that is material.
  double unexplained = 0;

  // Uneven traffic ranks below both.
  bool has_worse_than_unevenness() const { return harmed || sessions_lost; }
};

// Per column; an empty curve claims nothing.
struct Claims {
  Curve refused;   // connects refused on the client
  Curve rejected;  // connects answered by RST, datagrams by ICMP unreachable
  Curve reset;     // requests whose connection was reset
  Curve disowned;  // requests on QUIC connections that their server did not know
  Curve syns;      // SYNs it kept from being answered
  Curve waiting;   // requests that stand where they do because of it (mean)
};

// What was granted of each kind of failure, in requests or connects.
struct Granted {
  double refused = 0;
  double unanswered = 0;
  double rejected = 0;
  double reset = 0;
  double disowned = 0;
  double broken = 0;
  double slow = 0;
  double left = 0;
  double share = 0;       // of all that went wrong, 0 … 1
  bool material = false;  // enough of it to be a cause (blame.hpp)
  Curve when;             // what was granted, per column

  double failed() const {
    return refused + unanswered + rejected + reset + disowned + broken + left;
  }
  double total() const { return failed() + slow; }
};

// What many causes claim alike. Its part of what stands on the network and of the SYNs that were
// lost there, and the ports it holds.
Claims claims_on_the_network(const Case& run, CauseId cause);
// Its part of what stands on the network, 0 where it takes nothing there.
Curve waiting_on_the_network(const Case& run, CauseId cause);
// Adds what was refused for want of ports and of room that claims.waiting holds.
void claim_held_ports(const Case& run, Claims& claims);
// What servers refused that are dead and that this cause answers for (DeadServer::blamed).
void claim_refusals(const Case& run, CauseId cause, Claims& claims);

class Cause {
 public:
  virtual ~Cause() = default;
  virtual CauseId id() const = 0;
  // False: there is nothing in this run that it could be about, so that it is not worth a word that
  // it was not found.
  virtual bool applies(const Case&) const { return true; }
  virtual Claims claims(const Case& run) const = 0;
  // `finding` is named and has the title, facts and remedies of the known cause; of one that is not
  // found they are put right afterwards.
  virtual Finding finding(const Case& run, const Granted& granted, Finding finding) const = 0;
};

// In the order of language::known_causes(). Static.
std::span<const Cause* const> causes();

}  // namespace elblab::diagnosis
