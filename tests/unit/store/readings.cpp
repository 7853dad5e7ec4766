// SPDX-License-Identifier: MIT
#include "store/readings.hpp"

#include <cstring>
#include <stdexcept>

#include "facesearch/core/digest.hpp"

namespace facesearch::test {
namespace {

constexpr std::size_t kReadFaces = 2300;
constexpr std::size_t kErased = 1100;  // of which the last is not in the first block of erased ids

// Collects answers and says them in few bytes.
class Text {
 public:
  void add(const void* bytes, std::size_t size) { text_.append(static_cast<const char*>(bytes), size); }
  void add(std::uint64_t number) { add(&number, sizeof number); }
  void add(const std::string& text) {
    add(text.size());
    text_ += text;
  }
  void add(const Uuid& id) { add(id.bytes.data(), id.bytes.size()); }
  void add(const FaceRecord& face) {
    add(face.face);
    add(face.person);
    add(face.name);
    add(static_cast<std::uint64_t>(face.created));
    for (const auto& [key, value] : face.metadata) {
      add(key);
      add(value);
    }
  }
  void add(std::span<const float> values) { add(values.data(), values.size_bytes()); }
  std::string digest() const { return hex(sha256(text_)); }

 private:
  std::string text_;
};

void search(const Snapshot& view, Text& text) {
  std::vector<std::uint64_t> slots;
  const auto codes = view.code_reader();
  for (std::uint64_t number = 0; number < view.code_blocks(); ++number) {
    const CodeBlock block = codes->read(number);
    for (std::size_t row = 0; row < block.rows; ++row) {
      if ((block.live[row / 64] >> (row % 64) & 1U) == 0) continue;
      slots.push_back(block.first_slot + row);
      text.add(block.codes + row * block.stride, block.stride);
      text.add(block.scales + row, sizeof(float));
      text.add(block.errors + row, sizeof(float));
    }
  }
  view.visit_templates(slots, [&](const TemplateRow& row) {
    text.add(row.slot);
    text.add(row.face);
    text.add(row.person);
    text.add(row.values);
  });
}

void add_pages(const Snapshot& view, Text& text) {
  for (const char* term : {"", "-7"}) {
    const FacePage page = view.page(term, 3, 5000);
    text.add(page.total);
    for (const FaceRecord& face : page.faces) text.add(face);
  }
}

void read(const std::string& way, Collection& collection, const Sample& sample, Text& text) {
  const auto view = collection.snapshot();
  if (way == "counts") {
    text.add(view->face_count());
    text.add(view->next_slot());
    text.add(static_cast<std::uint64_t>(collection.record().policy.min_face_px));
    text.add(collection.record().generation);
  } else if (way == "search") {
    search(*view, text);
  } else if (way == "scan") {
    view->scan(1, [&](const TemplateRow& row) {
      text.add(row.face);
      text.add(row.values);
    });
  } else if (way == "page") {
    add_pages(*view, text);
  } else if (way == "find_face") {
    for (const Uuid& face : sample.live) text.add(view->find_face(face).value());
  } else if (way == "find_nobody") {
    text.add(static_cast<std::uint64_t>(view->find_face(sample.erased[0]).has_value()));
    text.add(static_cast<std::uint64_t>(view->was_erased(sample.live[0])));
  } else if (way == "find_template") {
    for (const Uuid& face : sample.live) text.add(std::span<const float>(view->find_template(face).value()));
  } else if (way == "was_erased") {
    for (const Uuid& face : sample.erased) text.add(static_cast<std::uint64_t>(view->was_erased(face)));
  } else if (way == "has_person") {
    for (const Uuid& person : sample.persons) text.add(static_cast<std::uint64_t>(view->has_person(person)));
  } else if (way == "slots_of") {
    for (const std::uint64_t slot : view->slots_of(sample.persons[0])) text.add(slot);
  } else if (way == "write") {
    struct GivenUp {};
    try {
      collection.write([&](WriteTransaction& transaction) {
        for (const Uuid& face : sample.erased) text.add(static_cast<std::uint64_t>(transaction.erase(face)));
        text.add(static_cast<std::uint64_t>(transaction.erase(sample.live[0])));
        transaction.add(face_record(sample.persons[0]), values_of(9, kOtherDimension));
        text.add(transaction.face_count());
        throw GivenUp{};
      });
    } catch (const GivenUp&) {
    }
  }
}

bool is_damage(const Error& error) {
  return error.cause() == Cause::kStoreDamaged || error.cause() == Cause::kMasterKey;
}

}  // namespace

Answers read_every_way(const std::filesystem::path& folder, const Sample& sample) {
  Answers answers;
  for (const char* way : {"counts", "search", "scan", "page", "find_face", "find_nobody", "find_template",
                          "was_erased", "has_person", "slots_of", "write"}) {
    answers[way] = kDamaged;
  }
  try {
    const auto store = open_store_in(folder);
    const auto collection = store->open("staff");
    for (auto& [way, answer] : answers) {
      try {
        Text text;
        read(way, *collection, sample, text);
        answer = text.digest();
      } catch (const Error& error) {
        if (!is_damage(error)) throw;
      }
    }
  } catch (const Error& error) {
    CAPTURE(error.reason(), error.detail());
    REQUIRE(is_damage(error));
  }
  return answers;
}

std::string check_reason(const std::filesystem::path& folder) {
  try {
    open_store_in(folder)->upkeep().check("staff");
  } catch (const Error& error) {
    CAPTURE(error.reason(), error.detail());
    REQUIRE(is_damage(error));
    return error.reason();
  }
  return {};
}

int require_right_or_damaged(const Answers& right, const Answers& now, const std::string& forgiven) {
  int damaged = 0;
  for (const auto& [way, answer] : now) {
    CAPTURE(way);
    if (answer == kDamaged) {
      ++damaged;
    } else if (way != forgiven && forgiven != kAnything) {
      REQUIRE(answer == right.at(way));
    }
  }
  return damaged;
}

Sample make_large_store(const std::filesystem::path& folder, bool sealed) {
  const auto store = make_store_in(folder);
  std::vector<FaceRecord> faces;
  Sample sample;
  for (int i = 0; i < 7; ++i) sample.persons.push_back(Uuid::make());
  for (unsigned i = 0; i < kReadFaces; ++i) {
    faces.push_back(face_record(sample.persons[i % (sample.persons.size() - 1)]));
    faces.back().name += std::to_string(i);
    if (i % 300 == 299) faces.back().metadata["long"] = std::string(5000, static_cast<char>('a' + i % 7));
  }
  faces[kReadFaces - 1].person = sample.persons.back();  // who has no other face
  for (const char* id : {"staff", "other"}) {
    store->create(collection_record(id, kOtherDimension, sealed));
    store->open(id)->write([&](WriteTransaction& transaction) {
      for (unsigned i = 0; i < kReadFaces; ++i) transaction.add(faces[i], values_of(i, kOtherDimension));
      for (std::size_t i = 0; i < kErased; ++i) transaction.erase(faces[2 * i].face);
    });
  }
  sample.live = {faces[1].face, faces[299].face, faces[1201].face, faces[kReadFaces - 1].face};
  sample.erased = {faces[0].face, faces[2 * (kErased - 1)].face};
  return sample;
}

void change_large_store(const std::filesystem::path& folder, Sample& sample) {
  const auto store = open_store_in(folder);
  const auto collection = store->open("staff");
  const Uuid gone = collection->snapshot()->page("", 3, 1).faces.at(0).face;
  collection->write([&](WriteTransaction& transaction) {
    REQUIRE(transaction.erase(gone));
    FaceRecord added = face_record(sample.persons[1]);
    added.metadata["long"] = std::string(3000, 'z');
    transaction.add(added, values_of(kReadFaces, kOtherDimension));
    sample.live.push_back(added.face);
  });
  sample.erased.push_back(gone);
  Policy policy;
  policy.min_face_px = 77;
  store->open("staff")->update_policy(to(policy));
  for (const unsigned count : {2U, 1U}) {  // the tail has two parts
    store->open("staff")->write([&](WriteTransaction& transaction) {
      for (unsigned i = 0; i < count; ++i) {
        const FaceRecord added = face_record(sample.persons[i]);
        transaction.add(added, values_of(9000 + 2 * count + i, kOtherDimension));
        sample.live.push_back(added.face);
      }
    });
  }
}

}  // namespace facesearch::test
