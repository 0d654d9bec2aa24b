// The laws one by one; each adds what is broken of it.
#pragma once

#include <vector>

#include "analysis/invariants/invariants.hpp"

namespace elblab::invariants {

// A trace is whole: SQLite finds no damage, its own scenario reads back as the same run, times lie
// within the run, and the counts that were kept while writing are those of the rows.
void judge_contents(const trace::Reader& reader, const language::Scenario& scenario,
                    std::vector<Broken>& broken);

// One address and port of a balancer's pool, towards one server, is one connection's at a time; one
// of a NAT box, towards one destination, one connection's too (RFC 4787, FWD-09).
void judge_address_mappings(const trace::Reader& reader, std::vector<Broken>& broken);

// All connections of a client's address to a sticky group go to one server (STK-05), where nothing
// of the run breaks or ends a binding.
void judge_sticky_clients(const trace::Reader& reader, const language::Scenario& scenario,
                          std::vector<Broken>& broken);

// After a server was removed, or got weight 0, the nodes give it no new connection, and after the
// deregistration delay no data of those it has (LIFE-10 to LIFE-12).
void judge_drained_servers(const trace::Reader& reader, const language::Scenario& scenario,
                           std::vector<Broken>& broken);

// No workload has more answers and failures than requests.
void judge_workloads(const trace::Reader& reader, std::vector<Broken>& broken);

}  // namespace elblab::invariants
