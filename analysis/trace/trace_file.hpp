// A path where a trace is to be written: who may be there already, and what is made there.
#pragma once

#include <filesystem>

#include "analysis/trace/database.hpp"
#include "analysis/trace/writer.hpp"

namespace elblab::trace {

// Makes room at `path`: a trace of ours (whole, incomplete or of another schema version) and the
// files SQLite kept beside it are removed, unless a run is writing it now. Anything else that
// stands there is left alone and is an error; an empty file counts as nothing.
Expected<void> clear_path(const std::filesystem::path& path);

// Creates the file with schema, lookup rows and the run's row, and begins to write in WAL mode:
// on return the file is a readable, incomplete trace and the database holds the write lock, which
// it keeps until the run is over.
Expected<Database> create_trace(const std::filesystem::path& path, const RunMetadata& metadata);

// What went wrong at `path`, why, and what to do, from what SQLite says.
Error write_error(const std::filesystem::path& path, const SqliteError& error);

}  // namespace elblab::trace
