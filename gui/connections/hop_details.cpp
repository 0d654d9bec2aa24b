#include "gui/connections/hop_details.hpp"

#include "gui/connections/ladder_layout.hpp"

namespace elblab::gui {
namespace {

QString text(const std::string& words) { return QString::fromStdString(words); }

QString fate_text(const LadderHop& hop) {
  QString fate;
  if (hop.fate == Fate::lost) fate = QStringLiteral("lost");
  if (hop.fate == Fate::dropped_there) fate = QStringLiteral("dropped");
  if (!hop.where.empty()) fate += QStringLiteral(" by ") + text(hop.where);
  if (!hop.reason.empty()) {
    fate += QStringLiteral(": ") + text(hop.reason).replace(QLatin1Char('_'), QLatin1Char(' '));
  }
  return fate;
}

QString options_text(const trace::PacketRow& packet) {
  QString options;
  if (packet.mss > 0) options += QStringLiteral(" mss %1").arg(packet.mss);
  if (packet.has_timestamps) {
    options +=
        QStringLiteral(" timestamps %1/%2").arg(packet.timestamp_value).arg(packet.timestamp_echo);
  }
  return options.trimmed();
}

QString nanoseconds(Instant at) { return QString::number(at.time_since_epoch().count()); }

}  // namespace

QString hop_details(const Ladder& ladder, const LadderHop& hop) {
  const trace::PacketRow& packet = hop.packet;
  QString lines = QStringLiteral("%1 → %2   %3")
                      .arg(text(lane_word(ladder, hop.from)), text(lane_word(ladder, hop.to)),
                           text(hop_text(hop)));
  lines += QStringLiteral("\n%1 → %2").arg(text(hop.source), text(hop.destination));
  if (hop.rewritten) {
    const std::string by = lane_word(ladder, hop.from);
    lines += QStringLiteral("   (rewritten by %1)")
                 .arg(by == "balancer" ? QStringLiteral("the balancer") : text(by));
  }
  lines += QLatin1Char('\n') + since_text(hop.departed - ladder.begin);
  if (hop.arrived != hop.departed && hop.fate != Fate::lost) {
    lines += QStringLiteral(", arrived after %1").arg(span_text(hop.arrived - hop.departed));
  }
  if (hop.retransmission) lines += QStringLiteral(", sent again");
  if (hop.fate != Fate::arrived) lines += QStringLiteral(", ") + fate_text(hop);
  if (packet.protocol == "tcp") {
    lines += QStringLiteral("\nsequence %1, acknowledgment %2, window %3  %4")
                 .arg(packet.sequence)
                 .arg(packet.acknowledgment)
                 .arg(packet.window)
                 .arg(options_text(packet));
  }
  return lines;
}

QStringList hop_columns() {
  return {"departed (ns)",  "arrived (ns)", "from",        "to",
          "source",         "destination",  "packet",      "sequence",
          "acknowledgment", "window",       "payload (B)", "options",
          "retransmission", "rewritten",    "fate"};
}

QStringList hop_row(const Ladder& ladder, const LadderHop& hop) {
  const trace::PacketRow& packet = hop.packet;
  return {nanoseconds(hop.departed),
          hop.fate == Fate::lost ? QString() : nanoseconds(hop.arrived),
          text(lane_word(ladder, hop.from)),
          text(lane_word(ladder, hop.to)),
          text(hop.source),
          text(hop.destination),
          text(hop_text(hop)),
          QString::number(packet.sequence),
          QString::number(packet.acknowledgment),
          QString::number(packet.window),
          QString::number(packet.payload_bytes),
          options_text(packet),
          hop.retransmission ? QStringLiteral("yes") : QString(),
          hop.rewritten ? QStringLiteral("yes") : QString(),
          fate_text(hop)};
}

}  // namespace elblab::gui
