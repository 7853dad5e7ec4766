// SPDX-License-Identifier: MIT
#include "facesearch/store/format/template_rules.hpp"

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/core/template.hpp"

namespace facesearch::storage {

void require_storable(std::span<const float> values, std::size_t dimension) {
  if (values.size() != dimension || !is_unit(values)) {
    throw Error(Cause::kInvalidValue, "TEMPLATE_INVALID",
                fmt::format("the collection takes templates of {} finite numbers and length 1", dimension));
  }
}

}  // namespace facesearch::storage
