// The one rtnetlink request the fidelity tests need: make a veth pair across two namespaces.
// Source: rtnetlink(7), if_link.h (IFLA_LINKINFO, VETH_INFO_PEER).
#pragma once

namespace elblab::fidelity {

// Makes `name` in the current namespace, and its peer in the namespace of the descriptor.
// Throws std::system_error.
void make_veth_pair(const char* name, const char* peer_name, int peer_namespace);

}  // namespace elblab::fidelity
