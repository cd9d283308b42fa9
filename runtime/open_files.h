#pragma once

#include <cstddef>

namespace evently {

// Raises the soft limit of this process's open files to the hard one. Returns what it is then.
std::size_t raise_open_files();

}  // namespace evently
