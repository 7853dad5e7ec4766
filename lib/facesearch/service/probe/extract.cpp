// SPDX-License-Identifier: MIT
#include "facesearch/service/probe/extract.hpp"

namespace facesearch::service {

ExtractResult extract(EngineCache& engines, const std::string& pack, std::span<const std::uint8_t> picture,
                      const Policy& policy) {
  require_picture(picture);
  SidePolicy side = policy.enroll;
  side.liveness = false;
  ProbeRules rules = rules_of(policy, side);
  rules.report_liveness = true;
  ExtractResult result;
  result.pack = pack;
  result.fingerprint = fingerprint(engines.pack(pack));
  result.probe = make_probe(engines.engine(pack), picture, rules);
  result.warnings = warnings_of(result.probe);
  return result;
}

}  // namespace facesearch::service
