// The tables of a trace, in one place: what the writer makes and the reader, the digest and
// docs/trace-schema.md expect.
//
// Version rule: `kSchemaVersion` grows when a reader of the version before would misread the file.
// New tables, views and lookup rows do not count; changed meanings and removed columns do.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace elblab::trace {

// "ELBT" in SQLite's header (https://www.sqlite.org/fileformat2.html, offset 68): `file` and
// everything else can tell a trace from any other database.
inline constexpr std::int32_t kApplicationId = 0x454C4254;
// In the header's user_version.
inline constexpr std::int32_t kSchemaVersion = 6;

// How many buckets of one level make a bucket of the next (level 0: samples).
inline constexpr unsigned kLevelFactor = 4;

// Everything but the rows: application id, version, tables, lookup tables' definitions, views.
std::string create_schema_sql();
// What makes queries fast; made once, after the last row.
std::string create_indices_sql();
// Every table that holds rows of a run, in the order in which the digest reads them.
std::span<const std::string_view> tables();

}  // namespace elblab::trace
