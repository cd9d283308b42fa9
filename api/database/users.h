#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/database/database.h"

namespace evently {

// Times are RFC 3339 in UTC, here and in the other files of queries.
struct User {
  std::int64_t id;
  std::string email;
  std::optional<std::string> name;
  std::string created_at;
};

const std::vector<Statement>& user_statements();

User create_user(Session& session, const std::string& email,
                 const std::optional<std::string>& name);
void delete_user(Session& session, std::int64_t user_id);
bool user_exists(Session& session, std::int64_t user_id);
// Newest first, ids below `before_id`; so all histories.
std::vector<User> list_users(Session& session, std::int64_t before_id, std::int64_t limit);

}  // namespace evently
