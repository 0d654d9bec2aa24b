// A 64-bit fingerprint of what a table says.
//
// Every row in the order of rowids, every column but those named wall_*, with the column's name and
// the value's type, so that no two different tables read alike. Not cryptographic.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "analysis/trace/database.hpp"

namespace elblab::trace {

// nullopt when the table cannot be read to its end.
std::optional<std::uint64_t> table_digest(const Database& database, std::string_view table);

std::uint64_t combine_digests(std::uint64_t so_far, std::uint64_t next);

}  // namespace elblab::trace
