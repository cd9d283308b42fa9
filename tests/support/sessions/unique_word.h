#pragma once

#include <string>

namespace evently {

// A word that no test of this or an earlier run has used.
std::string unique_word(const std::string& beginning);

}  // namespace evently
