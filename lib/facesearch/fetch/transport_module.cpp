// SPDX-License-Identifier: MIT
#include "facesearch/fetch/transport_module.hpp"

#include "facesearch/core/shared_module.hpp"

namespace facesearch {

const Transport& load_transport(const std::filesystem::path& folder) {
  using GetTransport = const Transport* (*)();
  void* symbol = symbol_of_module(folder / "facesearch-curl.so", kTransportSymbol, "fetches files");
  return *reinterpret_cast<GetTransport>(symbol)();
}

}  // namespace facesearch
