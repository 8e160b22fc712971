// SPDX-License-Identifier: Apache-2.0
// garrison_case_runner [--variants FILE] PATH...: runs the *.case files under the paths, each under every variant; the
// variants are those of variants.txt in the first path when no file is named.
// Exit code 0: all passed; 1: some failed; 2: wrong use; 77: the engine's library is not here.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>

#include "base/disk.h"
#include "base/text.h"
#include "case_runner.h"
#include "engine/test_engine.h"

using namespace garrison;

int main(int argc, char** argv) {
  SystemDisk disk;
  std::vector<std::string> paths;
  std::vector<cases::Variant> variants;
  std::string variants_file;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--variants" && i + 1 < argc) {
      variants_file = argv[++i];
    } else {
      paths.push_back(argument);
    }
  }
  if (paths.empty()) return std::fprintf(stderr, "usage: garrison_case_runner [--variants FILE] PATH...\n"), 2;
  if (variants_file.empty() && disk.exists(paths.front() + "/variants.txt")) variants_file = paths.front() + "/variants.txt";
  if (!variants_file.empty()) {
    const auto text = disk.read_file(variants_file);
    if (!text.ok()) return std::fprintf(stderr, "%s\n", text.error().to_string().c_str()), 2;
    for (const std::string_view line : text::split(*text, '\n')) {
      if (text::trim(line).empty() || line.starts_with('#')) continue;
      auto variant = cases::parse_variant(line);
      if (!variant.ok()) return std::fprintf(stderr, "%s\n", variant.error().to_string().c_str()), 2;
      variants.push_back(std::move(*variant));
    }
  }
  if (variants.empty()) variants.emplace_back();
  if (const std::string reason = engine::TestEngine::why_not(); !reason.empty()) {
    std::printf("skipped: %s\n", reason.c_str());
    return 77;
  }
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    std::error_code error;
    if (!std::filesystem::is_directory(path, error)) {
      files.push_back(path);
      continue;
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path, error)) {
      if (entry.path().extension() == ".case") files.push_back(entry.path().string());
    }
  }
  std::sort(files.begin(), files.end());

  std::size_t num_passed = 0, num_failed = 0;
  std::unique_ptr<engine::TestEngine> engine;
  bool is_child = false;
  for (const cases::Variant& variant : variants) {
    if (!engine || is_child != variant.child_engine) {
      engine.reset();
      is_child = variant.child_engine;
      engine = engine::TestEngine::start(is_child ? engine::EngineRoute::kChild : engine::EngineRoute::kInProcess);
      if (!engine) return 2;
    }
    for (const std::string& file : files) {
      const auto text = disk.read_file(file);
      std::vector<std::string> problems;
      if (!text.ok()) {
        problems.push_back(text.error().to_string());
      } else if (const auto parsed = cases::parse_case(*text); !parsed.ok()) {
        problems.push_back(parsed.error().to_string());
      } else {
        problems = cases::run_case(*parsed, engine->engine(), variant);
      }
      (problems.empty() ? num_passed : num_failed) += 1;
      for (const std::string& problem : problems) {
        std::printf("%s:%s\n  under %s\n", file.c_str(), problem.c_str(), variant.name.c_str());
      }
    }
  }
  engine.reset();
  std::printf("%zu passed, %zu failed\n", num_passed, num_failed);
  return num_failed == 0 ? 0 : 1;
}
