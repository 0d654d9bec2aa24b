// The sections of a report, each from the runs it is about. A section without blocks is left out.
#pragma once

#include <vector>

#include "analysis/reports/document.hpp"
#include "analysis/reports/reported_run.hpp"

namespace elblab::reports {

using Runs = std::vector<ReportedRun>;

Section runs_section(const Runs& runs);
Section diagnosis_section(const Runs& runs);
Section expectations_section(const Runs& runs);
// Key figures of several runs side by side; nothing of one.
Section differences_section(const Runs& runs);
Section charts_section(const Runs& runs);
Section servers_section(const Runs& runs);
Section occupancy_section(const Runs& runs);
// Nothing where nobody changed anything.
Section operations_section(const Runs& runs);
// Nothing where nobody's health was checked.
Section health_section(const Runs& runs);
Section requests_section(const Runs& runs);
// Nothing where no user had a session.
Section users_section(const Runs& runs);
Section drops_section(const Runs& runs);
Section cloud_section(const Runs& runs);
Section support_section(const Runs& runs);

}  // namespace elblab::reports
