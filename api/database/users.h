#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/database/created.h"
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

// A user as anybody may see one.
struct PublicUser {
  std::int64_t id;
  std::optional<std::string> name;
  std::string created_at;
};

struct NewUser {
  std::string email;
  std::optional<std::string> name;
  std::optional<std::string> idempotency_key;  // counts per address
};
Created<User> create_user(Session& session, const NewUser& wanted);
std::optional<PublicUser> find_user(Session& session, std::int64_t user_id);
// By the address as it is stored; one at most.
std::vector<User> users_by_email(Session& session, const std::string& email);
void delete_user(Session& session, std::int64_t user_id);
bool user_exists(Session& session, std::int64_t user_id);
// Newest first, ids below `before_id`; so all histories.
std::vector<User> list_users(Session& session, std::int64_t before_id, std::int64_t limit);

}  // namespace evently
