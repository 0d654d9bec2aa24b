// One finding about several endpoints: its names, its evidence, its failures.
#pragma once

#include <string>
#include <vector>

#include "pcap/findings/finding_text.hpp"
#include "pcap/findings/judgement.hpp"

namespace elblab::findings {

class Gathered {
 public:
  bool empty() const { return names_.empty(); }
  // failures: of what went wrong, how much; `sure` false: the whole is likely at most.
  void add(std::string name, diagnosis::Evidence evidence, double failures, bool sure);
  // Puts the finding into the diagnosis, if there is one: the title begins with the names, and goes
  // on with `one` or `many`.
  void tell(Judgement& judgement, diagnosis::Finding finding, const std::string& one,
            const std::string& many);

 private:
  std::vector<std::string> names_;
  std::vector<diagnosis::Evidence> evidence_;
  double failures_ = 0;
  bool sure_ = true;
};

}  // namespace elblab::findings
