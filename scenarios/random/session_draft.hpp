// Users of a lane who have sessions that servers keep for themselves, and what stands between them
// and their server.
#pragma once

namespace elblab::random_scenarios {

// A CDN or WAF.
struct Front {
  bool is_waf = false;
  const char* egress = "per_request";
  unsigned addresses = 1;
};

struct Sessions {
  bool sticky = true;
  bool by_source = false;  // the source hash, which does without stickiness
  double duration = 0;     // s; 0: the profile's
  bool fixed_timer = false;
  Front front;
  bool has_front = false;
  double roam_every = 0;  // 0: users stay
};

}  // namespace elblab::random_scenarios
