// What is wrong with a question in SQL, for the person who wrote it: the line, a caret under the
// place, and the name that was probably meant.
#pragma once

#include <string>
#include <string_view>

#include "analysis/trace/query.hpp"
#include "analysis/trace/reader.hpp"

namespace elblab::cli {

// Several lines, with a newline at the end. The trace gives the names there are.
std::string sql_problem_text(const trace::QueryProblem& problem, std::string_view sql,
                             const trace::Reader& trace);

}  // namespace elblab::cli
