// What a service answers over HTTP: pages with their status codes, and the name of the host.
#pragma once

#include "models/workload/parameters.hpp"
#include "scenarios/language/codecs.hpp"

namespace elblab::language {

// A map of paths to status codes.
Codec<std::vector<workload::HttpPage>> http_pages();
// As a Host field names one, without a port.
Codec<std::string> host_name();

}  // namespace elblab::language
