// Connections that were open and broke off while the client waited: by whom, and after what.
#pragma once

#include "pcap/findings/judgement.hpp"

namespace elblab::findings {

void find_broken_exchanges(Judgement& judgement);

}  // namespace elblab::findings
