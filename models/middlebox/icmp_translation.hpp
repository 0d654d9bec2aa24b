// ICMP through a NAT box (RFC 5508): echoes that inside hosts send, by their identifier, and errors
// about translated packets in both directions, with what they quote translated along.
//
// Echo sessions begin inside only, and only the host asked may answer. An error changes no session:
// it neither keeps one alive nor ends it (RFC 4787 REQ-12, RFC 5382 REQ-10). Packets are rewritten
// in place; Reason::none: it may go on.
#pragma once

#include "models/middlebox/translations.hpp"

namespace elblab::middlebox {

class IcmpTranslation {
 public:
  // translations must outlive it.
  explicit IcmpTranslation(Translations& translations) : translations_(translations) {}

  telemetry::Reason outward(net::PacketView& packet, Instant now);
  telemetry::Reason inward(net::PacketView& packet, Instant now);

 private:
  telemetry::Reason outward_error(net::PacketView& error);
  telemetry::Reason inward_error(net::PacketView& error);

  Translations& translations_;
};

}  // namespace elblab::middlebox
