// Connections that never came about: whose silence, or whose refusal, it was.
#pragma once

#include "pcap/findings/judgement.hpp"

namespace elblab::findings {

void find_failed_connects(Judgement& judgement);

}  // namespace elblab::findings
