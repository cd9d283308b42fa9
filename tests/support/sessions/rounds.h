#pragma once

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>

namespace evently {

// How long an experiment is: EVENTLY_FAULT_ROUNDS for the long form.
inline int fault_rounds(int short_form) {
  const char* value = std::getenv("EVENTLY_FAULT_ROUNDS");
  return value == nullptr ? short_form : std::stoi(value);
}

// What an experiment does by chance. EVENTLY_FAULT_SEED repeats it.
class Chance {
 public:
  Chance() {
    const char* value = std::getenv("EVENTLY_FAULT_SEED");
    const std::uint64_t seed = value == nullptr ? std::random_device()() : std::stoull(value);
    std::cout << "EVENTLY_FAULT_SEED=" << seed << "\n";
    random_.seed(seed);
  }

  // For another thread.
  Chance split() { return Chance(random_()); }

  int below(int end) { return static_cast<int>(random_() % static_cast<std::uint64_t>(end)); }
  bool one_in(int count) { return below(count) == 0; }
  template <class Things>
  const auto& one_of(const Things& things) {
    return things[static_cast<std::size_t>(below(static_cast<int>(things.size())))];
  }

 private:
  explicit Chance(std::uint64_t seed) : random_(seed) {}

  std::mt19937_64 random_;
};

}  // namespace evently
