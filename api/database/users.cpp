#include "api/database/users.h"

#include "api/database/rows.h"

namespace evently {
namespace {

User user_of(const pqxx::row& row) {
  return {number(row, "id"), text(row, "email"), optional_text(row, "name"),
          time(row, "created_at")};
}

}  // namespace

const std::vector<Statement>& user_statements() {
  static const std::vector<Statement> statements = {
      {"create_user",
       "SELECT $1::text AS statement_id, id, email, name, created_at"
       " FROM evently.create_user($2::text, $3::text)"},
      {"delete_user", "SELECT $1::text AS statement_id, id FROM evently.delete_user($2::bigint)"},
      {"user_exists",
       "SELECT $1::text AS statement_id FROM evently.user_list WHERE id = $2::bigint"},
      {"list_users",
       "SELECT $1::text AS statement_id, id, email, name, created_at FROM evently.user_accounts"
       " WHERE id < $2::bigint ORDER BY id DESC LIMIT $3::bigint"},
  };
  return statements;
}

User create_user(Session& session, const std::string& email,
                 const std::optional<std::string>& name) {
  return user_of(session.execute("create_user", {email, name})[0]);
}

void delete_user(Session& session, std::int64_t user_id) {
  session.execute("delete_user", {parameter(user_id)});
}

bool user_exists(Session& session, std::int64_t user_id) {
  return !session.execute("user_exists", {parameter(user_id)}).empty();
}

std::vector<User> list_users(Session& session, std::int64_t before_id, std::int64_t limit) {
  return all<User>(session.execute("list_users", {parameter(before_id), parameter(limit)}),
                   user_of);
}

}  // namespace evently
