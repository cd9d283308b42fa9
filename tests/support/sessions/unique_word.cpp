#include "tests/support/sessions/unique_word.h"

#include <unistd.h>

#include <atomic>
#include <chrono>

namespace evently {

std::string unique_word(const std::string& beginning) {
  static const std::string run =
      std::to_string(std::chrono::system_clock::now().time_since_epoch().count()) + "-" +
      std::to_string(getpid());
  static std::atomic<int> words{0};
  return beginning + "-" + run + "-" + std::to_string(++words);
}

}  // namespace evently
