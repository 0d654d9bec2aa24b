// Questions in datagrams that stay without an answer.
#pragma once

#include "pcap/findings/judgement.hpp"

namespace elblab::findings {

void find_unanswered_datagrams(Judgement& judgement);

}  // namespace elblab::findings
