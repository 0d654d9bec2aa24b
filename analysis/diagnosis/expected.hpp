// Whether a diagnosis is the one that a scenario expects.
#pragma once

#include "analysis/diagnosis/diagnosis.hpp"
#include "analysis/expectations/evaluate.hpp"
#include "scenarios/language/expectation.hpp"

namespace elblab::diagnosis {

// The causes that explain most, as many as are asked for ("client_ports and packet_loss"); with
// none found "none" where nothing is wrong, else "no known cause".
std::string top_causes(const Diagnosis& diagnosis, std::size_t most);

// Its measure is called "diagnosis"; the texts name the causes.
expectations::Verdict evaluate(const language::DiagnosisExpectation& expected,
                               const Diagnosis& diagnosis);

}  // namespace elblab::diagnosis
