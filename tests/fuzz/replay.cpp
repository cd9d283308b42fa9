// Replays the corpus through every fuzz target, and then mutants of it: seeded, blind, so that the
// ordinary compiler will do. `make fuzz` lets libFuzzer look for more.
// usage: fuzz_replay CORPUS [MUTANTS]; EVENTLY_FUZZ_SEED repeats a run
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "tests/fuzz/fuzz.h"

namespace evently {
namespace {

using Random = std::mt19937_64;
using Corpus = std::vector<std::string>;

constexpr std::size_t input_bytes_max = 4096;

Corpus read_corpus(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());  // so that a seed means the same everywhere
  Corpus corpus;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return corpus;
}

std::size_t below(Random& random, std::size_t end) {
  return end == 0 ? 0 : random() % end;
}

// Changes one thing: a byte, a piece cut out or doubled, or a piece of another input put in.
void mutate(std::string& input, const Corpus& corpus, Random& random) {
  const std::string& other = corpus[below(random, corpus.size())];
  const std::size_t at = below(random, input.size() + 1);
  const std::size_t length = 1 + below(random, 16);
  switch (random() % 5) {
    case 0:
      input.insert(at, 1, static_cast<char>(random()));
      return;
    case 1:
      if (at < input.size()) input[at] = static_cast<char>(input[at] ^ (1 << below(random, 8)));
      return;
    case 2:
      input.erase(at, length);
      return;
    case 3:
      input.insert(at, input.substr(below(random, input.size() + 1), length));
      return;
    default:
      input.insert(at, other.substr(below(random, other.size() + 1), length));
      return;
  }
}

std::string printable(const std::string& input) {
  std::string text;
  for (const unsigned char c : input) {
    char escaped[5];
    std::snprintf(escaped, sizeof escaped, c >= ' ' && c < 0x7f && c != '\\' ? "%c" : "\\x%02x", c);
    text += escaped;
  }
  return text;
}

bool passes(const FuzzTarget& target, const std::string& input) {
  try {
    target.run(input);
    return true;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s, after the input:\n%s\n", target.name, error.what(),
                 printable(input).c_str());
    return false;
  }
}

// One failure a target is enough: the same one would come again and again.
bool holds(const FuzzTarget& target, const Corpus& corpus, std::size_t mutants,
           std::uint64_t seed) {
  for (const std::string& input : corpus) {
    if (!passes(target, input)) return false;
  }
  Random random(seed);
  std::string input;
  for (std::size_t i = 0; i < mutants; ++i) {
    // Mutants of mutants get further; now and then a new beginning.
    if (i % 8 == 0 || input.size() > input_bytes_max) input = corpus[below(random, corpus.size())];
    mutate(input, corpus, random);
    if (!passes(target, input)) return false;
  }
  return true;
}

int run(const std::filesystem::path& folder, std::size_t mutants) {
  const char* given = std::getenv("EVENTLY_FUZZ_SEED");
  const std::uint64_t seed = given != nullptr ? std::stoull(given) : std::random_device()();
  std::printf("EVENTLY_FUZZ_SEED=%llu\n", static_cast<unsigned long long>(seed));
  std::fflush(stdout);
  int failed = 0;
  for (const FuzzTarget& target : fuzz_targets) {
    const Corpus corpus = read_corpus(folder / target.name);
    if (corpus.empty()) throw std::runtime_error(std::string("no corpus for ") + target.name);
    const bool held = holds(target, corpus, mutants, seed);
    std::printf("%s %s: %zu inputs, %zu mutants\n", held ? "ok" : "not ok", target.name,
                corpus.size(), mutants);
    std::fflush(stdout);
    failed += held ? 0 : 1;
  }
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace evently

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    std::fprintf(stderr, "usage: fuzz_replay CORPUS [MUTANTS]\n");
    return 2;
  }
  try {
    return evently::run(argv[1], argc == 3 ? std::stoul(argv[2]) : 0);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "fuzz_replay: %s\n", error.what());
    return 1;
  }
}
