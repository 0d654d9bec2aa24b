// Transcripts as they go through a pipe between processes: fields end with a byte that is in no
// text.
#pragma once

#include <string>
#include <string_view>

#include "tests/golden/transcript.hpp"

namespace elblab::fidelity {

inline constexpr char kFieldEnd = '\x1f';
inline constexpr char kRecordEnd = '\x1e';

std::string to_text(const golden::Transcript& transcript);
// Throws std::runtime_error on a text that is cut off.
golden::Transcript from_text(std::string_view text);
// To a descriptor; gives up when the other end is gone.
void write_all(int descriptor, std::string_view text);

}  // namespace elblab::fidelity
