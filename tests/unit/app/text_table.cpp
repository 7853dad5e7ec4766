// SPDX-License-Identifier: MIT
#include "facesearch/output/text_table.hpp"

#include "catch.hpp"
#include "facesearch/output/document_table.hpp"
#include "facesearch/output/document_text.hpp"

namespace facesearch::app {

TEST_CASE("columns are aligned by display width") {
  const std::vector<Column> columns{{"name", false, {"王小明", "Zoe\u0308", "Ada"}},
                                    {"score", true, {"9", "99.5", ""}}};
  CHECK(text_table(columns, {}) ==
        "name    score\n"
        "王小明      9\n"
        "Zoe\u0308      99.5\n"
        "Ada\n");
  CHECK(text_table({}, {}).empty());
}

TEST_CASE("cells are cut where a width is known, ids before names, and never below eight columns") {
  const std::string id(36, '1');
  std::vector<Column> columns{{"name", false, {"A rather long name"}, true}, {"id", false, {id}}};
  CHECK(text_table(columns, {Form::kTable, false, 0}) ==
        "name                id\nA rather long name  " + id + '\n');
  CHECK(text_table(columns, {Form::kTable, false, 30}) ==
        "name                id\nA rather long name  111111111…\n");
  CHECK(text_table(columns, {Form::kTable, false, 20}) == "name        id\nA rather …  1111111…\n");
  CHECK(text_table(columns, {Form::kTable, false, 1}) == "name      id\nA rathe…  1111111…\n");
}

TEST_CASE("a header is bold where colours are wanted") {
  CHECK(text_table({{"id", false, {"a"}}}, {Form::kTable, true, 0}) == "\x1b[1mid\x1b[0m\na\n");
}

TEST_CASE("a document's lists become tables, its other members lines") {
  CHECK(document_table(
            R"({"message":"success","result":[{"id":"b","n":1},{"id":"a","m":null}],"totalCount":2})", {}) ==
        "id  n\n"
        "b   1\n"
        "a\n\n"
        "totalCount  2");
  // Candidates of faces: a row each, with the number of the face.
  CHECK(document_table(R"({"faces":[{"face":{"x":1,"y":2,"width":3,"height":4},"result":[{"user_name":"A"},)"
                       R"({"user_name":"B"}]},{"reason":"FACE_TOO_SMALL","result":[]}]})",
                       {}) ==
        "#  user_name  face        reason\n"
        "1  A          3x4 at 1,2\n"
        "1  B          3x4 at 1,2\n"
        "2                         FACE_TOO_SMALL");
  // Pairs, beside a number that has the name of a list.
  CHECK(
      document_table(R"({"faces":3,"result":[{"faces":[{"user_name":"A"},{"user_name":"B"}],"n":9}]})", {}) ==
      "#  user_name  n\n"
      "1  A          9\n"
      "1  B          9\n\n"
      "faces  3");
  CHECK(document_table(R"({"message":"success"})", {}) == "message  success");
  CHECK(document_table("{}", {}).empty());
}

TEST_CASE("nothing in a document acts on a terminal") {
  const std::string document =
      R"({"\u001b[2J":"a\u001b]0;x\u0007b\nc","result":[{"user_name":"\u202e\u0085"}]})";
  for (const std::string& text : {document_table(document, {}), document_text(document, {})}) {
    CAPTURE(text);
    CHECK(text.find_first_of("\x1b\x07") == std::string::npos);
    CHECK(text.find("\u202e") == std::string::npos);
    CHECK(text.find("\u0085") == std::string::npos);
  }
  CHECK(document_table(document, {}).find(R"(a\x1b]0;x\x07b\nc)") != std::string::npos);
  CHECK(document_text(document, {}).find(R"(\u202e\u0085)") != std::string::npos);
}

TEST_CASE("numbers are shown as the document has them") {
  CHECK(document_text(R"({"a":1e-05,"b":80,"c":97.3,"d":[],"e":{}})", {}) ==
        "{\n  \"a\": 1e-05,\n  \"b\": 80,\n  \"c\": 97.3,\n  \"d\": [],\n  \"e\": {}\n}");
}

TEST_CASE("a batch's rows have the answers in a few words") {
  BatchTable table({});
  CHECK(table.rows(
            R"({"input":"a.jpg","result":[{"user_name":"Ada","similarity_score":97.3},{"user_name":"B"}]})"
            "\n"
            R"({"input":"a\nlong.jpg","result":[]})"
            "\n") ==
        "a.jpg  Ada 97.3 and 1 more\n"
        "a\\nlong.jpg  nobody\n");
  CHECK(table.rows(R"({"input":"b.jpg","errorCode":6038,"reason":"FACE_NOT_FOUND","detail":"no face"})"
                   "\n") == "b.jpg        FACE_NOT_FOUND: no face\n");
  CHECK(
      table.rows(
          R"({"input":"c.jpg","faces":[{"outcome":"new","user_name":"unknown-1"},{"reason":"X","errorCode":1}]})"
          "\n") == "c.jpg        2 faces: new unknown-1, X\n");
}

TEST_CASE("a long input leaves room for its answer and those of others") {
  BatchTable table({.width = 30});
  const std::string name(90, 'a');
  CHECK(table.rows(R"({"input":")" + name +
                   R"(","result":[]})"
                   "\n") == "aaaaaaaaaaaaaa…  nobody\n");
  CHECK(table.rows(R"({"input":"b","result":[]})"
                   "\n") == "b                nobody\n");
}

TEST_CASE("an answer that cannot be shown otherwise is shown as it is") {
  for (const std::string text : {"", "no JSON", R"({"message":"suc)", "{} {}", "nan"}) {
    CAPTURE(text);
    CHECK(document_table(text, {}) == text);
    CHECK(document_text(text, {}) == text);
    CHECK(BatchTable({}).rows(text + "\n") == text + "\n");
  }
  // JSON, but no object.
  for (const std::string text : {"17", R"("x")", "[1,2]"}) {
    CAPTURE(text);
    CHECK(BatchTable({}).rows(text + "\n") == text + "\n");
  }
  CHECK(document_table("\x1b[2J", {}) == R"(\x1b[2J)");
  CHECK(document_text("\x1b[2J", {}) == R"(\x1b[2J)");
}

}  // namespace facesearch::app
