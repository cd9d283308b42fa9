#pragma once

#include <vector>

#include "api/database/database.h"

namespace evently {

// Those of every topic: what a connection prepares.
std::vector<Statement> all_statements();

}  // namespace evently
