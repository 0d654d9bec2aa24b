// What a law is asked for in SQL: a row for each case that breaks it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "analysis/invariants/invariants.hpp"

namespace elblab::invariants {

// sql: one text column that says what is wrong, a row per case. What cannot be read breaks the law
// too: a trace that was written whole answers every question.
void judge_by(const trace::Reader& reader, std::string_view law, const std::string& sql,
              std::vector<Broken>& broken);

}  // namespace elblab::invariants
