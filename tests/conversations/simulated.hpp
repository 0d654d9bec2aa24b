// Scenarios run in simulation, with the captures of their links, for tests that take these up.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "analysis/trace/reader.hpp"
#include "scenarios/language/scenario.hpp"
#include "tests/temporary_folder.hpp"

namespace elblab::testing {

using Folder = TemporaryFolder;

// One run of a scenario file with changes ("path=value"); throws what is wrong with it.
language::Scenario decode(const std::filesystem::path& file, const std::string& run,
                          const std::vector<std::string>& settings);
language::Scenario decode_text(const std::string& text);

// Runs it; every packet is conserved and nothing fails, or it throws. Captures, where wanted, are
// <captures>/<host>.pcap.
void simulate(const language::Scenario& scenario, const std::filesystem::path& trace,
              const std::filesystem::path& captures = {});

std::unique_ptr<trace::Reader> open_trace(const std::filesystem::path& path);
// The samples of a measure, by the second; throws when there is none.
std::vector<double> samples(const trace::Reader& trace, const std::string& measure,
                            const std::string& object);
double total(const std::vector<double>& samples);

// What a program prints; nullopt when it is not installed or fails.
std::optional<std::string> output_of(const std::string& command);

}  // namespace elblab::testing
