// The causes there are, one per file of this folder; causes() of cause.hpp puts them in order.
#pragma once

#include "analysis/diagnosis/cause.hpp"

namespace elblab::diagnosis {

const Cause& client_ports();
const Cause& bandwidth();
const Cause& accept_queue();
const Cause& server_cpu();
const Cause& balancer_ports();
const Cause& packet_loss();
const Cause& uneven_weights();

}  // namespace elblab::diagnosis
