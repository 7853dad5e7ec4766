// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "facesearch/contract/requests/request.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/inputs/folder_walk.hpp"
#include "facesearch/inputs/name_from.hpp"

namespace facesearch::app {

/// An input of many before it is read.
struct BatchItem {
  std::string input;
  contract::RawRequest raw;
  std::string file;            ///< the picture's; may be empty
  std::string json;            ///< the request, which is to be parsed yet: `raw` is empty
  std::optional<Error> fault;  ///< why it cannot be read
};

/// The request of an item, its picture read. Throws its fault, and as read_picture.
contract::RawRequest read_item(BatchItem item);

/// The item of a folder that cannot be read.
BatchItem item_of_unreadable(const FolderWalk::Found& folder);

/// A member that is a text; else empty.
std::string text_of(const contract::RawRequest& raw, const std::string& member);

/// Completes items: adds the members that all have in common, and the name that the file's path gives.
class ItemMaker {
 public:
  /// `base`: members of every request that has not its own. `name`: the member that a name goes
  /// to. `name_from`: the rule of NameFrom, or empty. Throws as NameFrom.
  ItemMaker(contract::RawRequest base, std::string name, const std::string& name_from);

  const std::string& name() const { return name_; }

  BatchItem item_of_file(const std::string& file) const;
  void complete(BatchItem& item) const;

 private:
  contract::RawRequest base_;
  std::string name_;
  std::optional<NameFrom> name_from_;
};

}  // namespace facesearch::app
