// SPDX-License-Identifier: Apache-2.0
#include "ingest/json_reader.h"

#include <gtest/gtest.h>

#include "ingest/test_rows.h"

namespace garrison::ingest {
namespace {

using table::Kind;

const DateTime kNow = *parse_iso("2026-05-06T12:00:00Z");

TableBuilder::Definition all_kinds() {
  return make_table("T", {{{"TimeGenerated", Kind::kDateTime},
                           {"s", Kind::kString},
                           {"b", Kind::kBool},
                           {"i", Kind::kInt},
                           {"l", Kind::kLong},
                           {"r", Kind::kReal},
                           {"d", Kind::kDateTime},
                           {"g", Kind::kGuid},
                           {"n", Kind::kDecimal},
                           {"x", Kind::kDynamic}}});
}

class Reading : public testing::Test {
 protected:
  std::string row(std::string_view record) {
    const auto done = reader_.read(keep(record));
    if (!done) return done.error().code;
    const std::vector<DayBlock> blocks = builder_.finish();
    if (blocks.size() != 1) return "blocks: " + std::to_string(blocks.size());
    std::string json = rows_of(blocks[0].native).at(0);
    // Without its time, which most tests do not set.
    const std::string time = R"("TimeGenerated":"2026-05-06T12:00:00.0000000Z")";
    if (const std::size_t at = json.find(time); at != std::string::npos)
      json.erase(at, time.size() + (json[at + time.size()] == ','));
    return json;
  }
  std::string_view keep(std::string_view record) {
    kept_ = padded(record);
    return std::string_view(kept_).substr(0, record.size());
  }

  std::string kept_;
  TableBuilder builder_{all_kinds(), {kNow, "test", 1, ""}, TimeMode::kLive};
  JsonReader reader_{builder_};
};

TEST_F(Reading, TakesEveryKind) {
  EXPECT_EQ(row(R"({"s":"a","b":true,"i":-5,"l":9007199254740993,"r":1.5,"d":"2026-01-02T03:04:05.1234567Z",)"
                R"("g":"{01234567-89AB-cdef-0123-456789abcdef}","n":"1.25","x":{"k":[1,2]}})"),
            R"({"s":"a","b":true,"i":-5,"l":9007199254740993,"r":1.5,"d":"2026-01-02T03:04:05.1234567Z",)"
            R"("g":"01234567-89ab-cdef-0123-456789abcdef","n":1.25,"x":{"k":[1,2]}})");
}

TEST_F(Reading, ConvertsWhatMeansTheSame) {
  EXPECT_EQ(row(R"({"s":12.50,"b":"TRUE","i":"0x1F","l":"-7","r":"2.5","d":1767323045,"n":3})"),
            R"({"s":"12.50","b":true,"i":31,"l":-7,"r":2.5,"d":"2026-01-02T03:04:05.0000000Z","n":3})");
  EXPECT_EQ(row(R"({"i":5.0,"l":5e3,"r":7,"s":true,"b":1,"x":"text"})"),
            R"({"s":"true","b":true,"i":5,"l":5000,"r":7,"x":"text"})");
  EXPECT_EQ(row(R"({"s":{"a": [1 , {"b":null}]}})"), R"({"s":"{\"a\":[1,{\"b\":null}]}"})");
  for (const char* text : {"2026-01-02 03:04:05", "1/2/2026 3:04:05 AM", "2026-01-02T05:04:05+02:00", "1767323045000",
                           "Fri, 02 Jan 2026 03:04:05 GMT"})
    EXPECT_EQ(row(std::string(R"({"d":")") + text + "\"}"), R"({"d":"2026-01-02T03:04:05.0000000Z"})") << text;
}

TEST_F(Reading, KeepsWhatFitsNoColumn) {
  EXPECT_EQ(row(R"({"i":3000000000,"b":"maybe","d":"soon","g":"no","unknown":{"deep":[true]},"i2":null})"),
            R"({"_Extra":{"i":3000000000,"b":"maybe","d":"soon","g":"no","unknown":{"deep":[true]}}})");
  EXPECT_EQ(row(R"({"s":"first","s":"second"})"), R"({"s":"first","_Extra":{"s":"second"}})");
  EXPECT_EQ(row(R"({"_Extra":1,"_Source":"forged"})"), R"({"_Extra":{"_Extra":1,"_Source":"forged"}})");
}

TEST_F(Reading, DynamicsAreCanonical) {
  EXPECT_EQ(row(R"({"x": [ 12345678901234567890123, 1e400, -0.0, 18446744073709551615, 1.50 ]})"),
            R"({"x":[1.2345678901234568e+22,"1e400",-0.0,18446744073709551615,1.50]})");
  EXPECT_EQ(row(R"({"x":"{\"a\": 1}"})"), R"({"x":{"a":1}})");
  EXPECT_EQ(row(R"({"x":"{not json"})"), R"({"x":"{not json"})");
  EXPECT_EQ(row("{\"x\":{\"k\":\"a\\u0000b\"}}"), "{\"x\":{\"k\":\"a\\u0000b\"}}");
}

TEST_F(Reading, RepairsTextInsteadOfRefusingIt) {
  EXPECT_EQ(row("{\"s\":\"a\xff z\"}"), "{\"s\":\"a\xEF\xBF\xBD z\"}");
  EXPECT_EQ(row(R"({"s":"lone \ud800 end","x":["\udc00"]})"),
            "{\"s\":\"lone \xEF\xBF\xBD end\",\"x\":[\"\xEF\xBF\xBD\"]}");
  EXPECT_EQ(row(R"({"s":"\u00e9\ud83d\ude00\n"})"), "{\"s\":\"\xC3\xA9\xF0\x9F\x98\x80\\n\"}");
}

TEST_F(Reading, RefusesWholeRecordsAndAddsNothing) {
  for (const char* bad :
       {"", "{", "[1]", "7", "nonsense", R"({"s":"a")", R"({"s":"a"} x)", R"({"s":"a",})", R"({"s" "a"})",
        R"({"i":01})", R"({"r":1.})", R"({"b":tru})", R"({"s":"\q"})", R"({"x":[1,2})", R"({"s":nul})"}) {
    const std::string code = row(bad);
    EXPECT_TRUE(code == "INGEST-0010" || code == "INGEST-0011") << bad << " gave " << code;
    EXPECT_EQ(builder_.num_rows(), 0u) << bad;
  }
  // A refused record leaves no trace in the next one.
  EXPECT_EQ(row(R"({"s":"half","l":1,"x":[}])"), "INGEST-0010");
  EXPECT_EQ(row(R"({"l":2})"), R"({"l":2})");
}

TEST_F(Reading, Limits) {
  std::string deep = R"({"x":)" + std::string(70, '[') + std::string(70, ']') + "}";
  EXPECT_EQ(row(deep), "INGEST-0013");
  std::string wide = "{";
  for (int i = 0; i <= 1'000; ++i) wide += (i > 0 ? ",\"f" : "\"f") + std::to_string(i) + "\":1";
  EXPECT_EQ(row(wide + "}"), "INGEST-0014");
  EXPECT_EQ(row(R"({"s":")" + std::string(1 << 20, 'a') + "\"}"), "INGEST-0012");
}

TEST_F(Reading, NewColumnsHaveTheKindOfAllTheirValues) {
  row(R"({"n1":1,"n2":1,"t":"2026-01-02T03:04:05Z","m":1,"o":{},"f":true,"bad name":1,"z":null})");
  row(R"({"n1":2,"n2":2.5,"t":"2026-01-02T03:04:05Z","m":"x","o":1})");
  std::string found;
  for (const auto& [name, kind] : reader_.new_columns()) found += name + ":" + std::string(to_string(kind)) + " ";
  EXPECT_EQ(found, "f:bool m:string n1:long n2:real o:dynamic t:datetime ");
}

TEST_F(Reading, KeysInAnyOrder) {
  EXPECT_EQ(row(R"({"s":"1","i":1})"), R"({"s":"1","i":1})");
  EXPECT_EQ(row(R"({"i":2,"s":"2"})"), R"({"s":"2","i":2})");
  EXPECT_EQ(row(R"({"s":"3","ii":1,"i":3})"), R"({"s":"3","i":3,"_Extra":{"ii":1}})");
  EXPECT_EQ(row(R"({"\u0073":"4"})"), R"({"s":"4"})");
}

TEST(TimeRule, LiveEventsFarFromNowGetTheirReceiveTime) {
  TableBuilder builder(all_kinds(), {kNow, "test", 1, ""}, TimeMode::kLive);
  JsonReader reader(builder);
  for (const char* time : {"2026-05-04T12:00:00Z", "2026-05-04T11:59:59Z", "2026-05-07T12:00:01Z"}) {
    const std::string text = padded(std::string(R"({"TimeGenerated":")") + time + "\"}");
    ASSERT_TRUE(reader.read(std::string_view(text).substr(0, text.size() - kRecordPadding)));
  }
  std::vector<std::string> rows;
  for (const DayBlock& block : builder.finish())
    for (std::string& row : rows_of(block.native)) rows.push_back(std::move(row));
  EXPECT_EQ(
      rows,
      (std::vector<std::string>{
          R"({"TimeGenerated":"2026-05-04T12:00:00.0000000Z"})",
          R"({"TimeGenerated":"2026-05-06T12:00:00.0000000Z","_Extra":{"TimeGenerated":"2026-05-04T11:59:59.0000000Z"}})",
          R"({"TimeGenerated":"2026-05-06T12:00:00.0000000Z","_Extra":{"TimeGenerated":"2026-05-07T12:00:01.0000000Z"}})"}));
}

TEST(TimeRule, BackfillKeepsTimesAndSplitsDays) {
  TableBuilder builder(all_kinds(), {kNow, "test", 1, ""}, TimeMode::kBackfill);
  JsonReader reader(builder);
  std::string text;
  for (int day = 0; day < 150; ++day)
    for (int n = 0; n < 2; ++n) {
      const std::string time = format_iso({kNow.ticks - day * kTicksPerDay});
      text = padded(R"({"TimeGenerated":")" + time + R"(","s":"d)" + std::to_string(day) + "\"}");
      ASSERT_TRUE(reader.read(std::string_view(text).substr(0, text.size() - kRecordPadding)));
    }
  const std::vector<DayBlock> blocks = builder.finish();
  ASSERT_EQ(blocks.size(), 150u);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    EXPECT_EQ(blocks[i].num_rows, 2u);
    EXPECT_EQ(rows_of(blocks[i].native)[1].find("\"s\":\"d" + std::to_string(149 - i) + "\"") == std::string::npos,
              false);
  }
  text = padded(R"({"TimeGenerated":"0001-01-01T00:00:00Z"})");
  ASSERT_TRUE(reader.read(std::string_view(text).substr(0, text.size() - kRecordPadding)));
  EXPECT_NE(rows_of(builder.finish().at(0).native).at(0).find("0001-01-01"), std::string::npos);
}

TEST(Stamp, FillsTypeTenantAndHiddenColumns) {
  TableBuilder builder(
      make_table("T", {{{"TimeGenerated", Kind::kDateTime}, {"Type", Kind::kString}, {"TenantId", Kind::kString}}}),
      {kNow, "sensor-1", 42, "main"}, TimeMode::kLive);
  builder.begin_row();
  builder.commit_row();
  const std::string native = builder.finish().at(0).native;
  const auto block = read_native_block(native);
  ASSERT_TRUE(block);
  std::string json;
  append_row_json(json, *block, 0);
  EXPECT_EQ(json, R"({"TimeGenerated":"2026-05-06T12:00:00.0000000Z","Type":"T","TenantId":"main",)"
                  R"("_IngestionTime":"2026-05-06T12:00:00.0000000Z","_Source":"sensor-1","_Batch":42})");
}

}  // namespace
}  // namespace garrison::ingest
