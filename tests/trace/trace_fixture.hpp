// What the tests of traces share: a folder that goes away, rows with known contents, and a way to
// ask the file questions without the code under test.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "analysis/trace/reader.hpp"
#include "analysis/trace/writer.hpp"
#include "tests/temporary_folder.hpp"

namespace elblab::trace::test {

using testing::TemporaryFolder;

RunMetadata metadata();
// Row number i: every field is a function of i, and fields differ from each other.
telemetry::Event event_of(std::uint32_t i);
telemetry::ConnectionRecord connection_of(std::uint32_t i);
Instant at_seconds(double seconds);

// Fails the test when it cannot.
std::unique_ptr<Writer> open_writer(const std::filesystem::path& path,
                                    const RunMetadata& run = metadata());
std::unique_ptr<Reader> open_reader(const std::filesystem::path& path);
void finish(Writer& writer, Instant end = at_seconds(300));
// A finished trace with what `fill` writes.
void write_trace(const std::filesystem::path& path, const std::function<void(Writer&)>& fill);
// A small finished trace: three objects, two series, 1,000 events, 1,000 connections.
void write_small_trace(const std::filesystem::path& path);

// The first column of the first row, as text; straight from SQLite.
std::string query(const std::filesystem::path& path, const std::string& sql);
// Runs statements on a file, to damage it.
void execute(const std::filesystem::path& path, const std::string& sql);

// Runs `body` in a child process and gives what waitpid() says; the child's exit code is the
// body's result.
int in_child(const std::function<int()>& body);

}  // namespace elblab::trace::test
