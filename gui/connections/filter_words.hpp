// What a person types to find connections, as a filter: "c1 refused_by_peer 10.0.0.1:80".
#pragma once

#include <QString>
#include <QStringList>

#include "analysis/trace/connection_query.hpp"

namespace elblab::gui {

// What there is in a trace that a word may mean.
struct KnownNames {
  QStringList objects;
  QStringList peers;
  QStringList roles;
  QStringList reasons;
  QStringList protocols;
};

struct WordsFilter {
  trace::ConnectionFilter filter;
  QString problem;  // a word that means nothing here; the others still count
};

// Words are separated by blanks. A word is, in this order: a name of the trace (role, protocol,
// object, server, reason; of a reason also a part, so that "refused" means every reason with it),
// ">N" at least N + 1 retransmissions, else an address, a port (":80") or both. Words of one kind
// are alternatives; kinds must all hold.
WordsFilter filter_of_words(const QString& words, const KnownNames& names);

}  // namespace elblab::gui
