// SPDX-License-Identifier: MIT
#include "support/memory_collection.hpp"

#include <utility>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"

namespace facesearch::memory {

void throw_busy(std::string_view id) {
  throw Error(Cause::kStoreBusy, "LOCK_TIMEOUT",
              fmt::format("collection '{}' is in use; waited {} s for it; try again", id, kPatience.count()));
}

void MemoryNewSide::go_live(const std::function<void(const Becoming&)>& accept) {
  std::unique_lock lock(shared_->mutex);
  Slot& slot = require_base(shared_->lone_slot(id_, lock));
  Becoming next;
  next.record = slot.record;
  next.record.generation = generation_;
  next.record.binding = binding_;
  for (const auto& row : slot.faces->rows) {
    if (find_pair(faces_.slots, row->record.face).second) {
      ++next.faces;
    } else {
      next.left_out.push_back({row->slot, row->record.face});
    }
  }
  accept(next);
  MemoryWriteTransaction side(faces_, static_cast<std::size_t>(binding_.dimension));
  for (const auto& [face, place] : std::vector(faces_.slots)) {
    if (!find_pair(slot.faces->slots, face).second) {
      side.erase(face);
    }
  }
  for (const auto& row : slot.faces->rows) {
    side.update(row->record);
  }
  for (const Uuid& face : slot.faces->erased) {
    side.bury(face, false);
  }
  for (const FaceSlot& face : next.left_out) {
    side.bury(face.face, true);
  }
  side.set_decisions(carried_over(slot.faces->decisions, {}));
  faces_.next_slot = slot.faces->next_slot;
  faces_.generations = slot.faces->generations;
  faces_.switches = slot.faces->switches + 1;
  slot.kept_record = std::exchange(slot.record, next.record);
  slot.kept_faces = std::exchange(slot.faces, std::make_shared<const Faces>(std::move(faces_)));
}

}  // namespace facesearch::memory
