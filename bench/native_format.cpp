// SPDX-License-Identifier: Apache-2.0
// Encoding and decoding of ClickHouse's Native format: rows and bytes a second, per kind of column.
#include <benchmark/benchmark.h>

#include <string>

#include "base/ticks.h"
#include "engine/native_format.h"

namespace {

using namespace garrison;
using table::Batch;
using table::Kind;
using table::Schema;

constexpr int kNumRows = 65'536;

Batch sample(Kind kind) {
  Batch batch(Schema{{{"c", kind}}});
  table::ColumnVector& column = batch.columns[0];
  for (int i = 0; i < kNumRows; ++i) {
    if (kind == Kind::kReal) {
      column.append_real(i);
    } else if (kind == Kind::kGuid) {
      column.append_text("00112233-4455-6677-8899-aabbccddeeff");
    } else if (kind == Kind::kDecimal) {
      column.append_text("12345.678");
    } else if (table::ColumnVector::is_text(kind)) {
      column.append_text(std::string("C:\\Windows\\System32\\svchost.exe -k netsvcs ") + std::to_string(i));
    } else {
      column.append_integer(kUnixEpochTicks + i);
    }
  }
  return batch;
}

void BM_Encode(benchmark::State& state) {
  const Batch batch = sample(static_cast<Kind>(state.range(0)));
  std::string bytes;
  for (auto _ : state) {
    bytes.clear();
    if (!engine::encode_native(bytes, batch).ok()) state.SkipWithError("not encoded");
    benchmark::DoNotOptimize(bytes.data());
  }
  state.SetLabel(std::string(to_string(static_cast<Kind>(state.range(0)))));
  state.SetItemsProcessed(state.iterations() * kNumRows);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes.size()));
}

void BM_Decode(benchmark::State& state) {
  const Batch batch = sample(static_cast<Kind>(state.range(0)));
  std::string bytes;
  if (!engine::encode_native(bytes, batch).ok()) state.SkipWithError("not encoded");
  for (auto _ : state) {
    engine::NativeDecoder decoder(batch.schema);
    const auto done = decoder.write(bytes, [](Batch&& decoded) -> Result<void> {
      benchmark::DoNotOptimize(decoded.num_rows());
      return {};
    });
    if (!done.ok()) state.SkipWithError("not decoded");
  }
  state.SetLabel(std::string(to_string(static_cast<Kind>(state.range(0)))));
  state.SetItemsProcessed(state.iterations() * kNumRows);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes.size()));
}

BENCHMARK(BM_Encode)->DenseRange(0, static_cast<int>(Kind::kDynamic));
BENCHMARK(BM_Decode)->DenseRange(0, static_cast<int>(Kind::kDynamic));

}  // namespace

BENCHMARK_MAIN();
