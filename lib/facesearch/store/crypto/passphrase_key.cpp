// SPDX-License-Identifier: MIT
#include "facesearch/store/crypto/passphrase_key.hpp"

#include "facesearch/core/digest.hpp"
#include "facesearch/core/error.hpp"

namespace facesearch::storage {

PassphraseKey stretch(std::string_view passphrase, const Stretching& stretching) {
  if (passphrase.empty()) throw Error(Cause::kInvalidValue, "PASSPHRASE_EMPTY", "the passphrase is empty");
  return {stretching, derive_from_passphrase(passphrase, stretching.salt, stretching.cost)};
}

PassphraseKey stretch(std::string_view passphrase, const ScryptCost& cost) {
  Stretching stretching{cost, {}};
  random_bytes(stretching.salt);
  return stretch(passphrase, stretching);
}

}  // namespace facesearch::storage
