// What happened in a capture, from its packets alone: which connections came about, what was asked
// and answered, what was sent again, who reset whom, and why that may be (DIAG-01, DIAG-02).
//
// Nothing is concluded from what the capture cannot show: a direction that is not in it, what its
// end cuts off, which server a balancer chose in a capture from the client's side. A finding says
// "likely" where the packets allow another reading; what cannot be told stands in not_observable.
#pragma once

#include "analysis/diagnosis/diagnosis.hpp"
#include "pcap/findings/endpoint_names.hpp"
#include "pcap/findings/service.hpp"

namespace elblab::findings {

diagnosis::Diagnosis diagnose_capture(const Books& books, const EndpointNames& names);

// What the capture is, a sentence each: what was guessed of its roles, what it lacks.
std::vector<std::string> describe_capture(const Books& books, const EndpointNames& names);

}  // namespace elblab::findings
