// A path where a trace is to be written: who may be there already, and what is made there.
#pragma once

#include <filesystem>

#include "analysis/trace/database.hpp"
#include "analysis/trace/trace_claim.hpp"
#include "analysis/trace/writer.hpp"

namespace elblab::trace {

// A trace that this process writes: on return of begin_trace() the file is a readable, incomplete
// trace, and the database holds the write lock, which it keeps until the run is over.
struct BegunTrace {
  TraceClaim claim;  // outlives the database, see there
  Database database;
};

// Creates the file with schema, lookup rows and the run's row, and begins to write in WAL mode. At
// no moment there stands a part of that at `path`.
//
// A trace of ours that stands there (whole, incomplete or of another schema version) is replaced,
// with the files SQLite kept beside it, unless a run is writing it now; of two that begin at once
// one is refused. Anything else is left alone and is an error; an empty file counts as nothing.
Expected<BegunTrace> begin_trace(const std::filesystem::path& path, const RunMetadata& metadata);

// What went wrong at `path`, why, and what to do, from what SQLite says.
Error write_error(const std::filesystem::path& path, const SqliteError& error);

}  // namespace elblab::trace
