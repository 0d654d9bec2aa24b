// DIAG-04, DIAG-05: a cause for which a server is unhealthy, or falsely healthy. They all look at
// the judgements of the health book, and differ in their words.
#pragma once

#include "analysis/diagnosis/cause.hpp"

namespace elblab::diagnosis {

class HealthCause final : public Cause {
 public:
  explicit HealthCause(CauseId id) : id_(id) {}

  CauseId id() const override { return id_; }
  bool applies(const Case& run) const override;
  Claims claims(const Case& run) const override;
  Finding finding(const Case& run, const Granted& granted, Finding finding) const override;

 private:
  CauseId id_;
};

}  // namespace elblab::diagnosis
