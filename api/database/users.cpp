#include "api/database/users.h"

#include "api/database/rows.h"

namespace evently {
namespace {

User user_of(const Row& row) {
  return {number(row, "id"), text(row, "email"), optional_text(row, "name"),
          time(row, "created_at")};
}

}  // namespace

const std::vector<Statement>& user_statements() {
  static const std::vector<Statement> statements = {
      {"create_user",
       "SELECT $1::text AS statement_id, (created).id, (created).email, (created).name,"
       " (created).created_at, replayed"
       " FROM evently.create_user_once($2::text, $3::text, $4::text)"},
      {"delete_user", "SELECT $1::text AS statement_id, id FROM evently.delete_user($2::bigint)"},
      {"find_user",
       "SELECT $1::text AS statement_id, id, name, created_at FROM evently.user_list"
       " WHERE id = $2::bigint"},
      {"users_by_email",
       "SELECT $1::text AS statement_id, id, email, name, created_at FROM evently.user_accounts"
       " WHERE email = $2::text"},
      {"user_exists",
       "SELECT $1::text AS statement_id FROM evently.user_list WHERE id = $2::bigint"},
      {"list_users",
       "SELECT $1::text AS statement_id, id, email, name, created_at FROM evently.user_accounts"
       " WHERE id < $2::bigint ORDER BY id DESC LIMIT $3::bigint"},
  };
  return statements;
}

Created<User> create_user(Session& session, const NewUser& wanted) {
  const pqxx::result rows =
      session.execute("create_user", {wanted.email, wanted.name, wanted.idempotency_key});
  return {user_of(rows[0]), rows[0]["replayed"].as<bool>()};
}

std::optional<PublicUser> find_user(Session& session, std::int64_t user_id) {
  return first<PublicUser>(session.execute("find_user", {parameter(user_id)}), [](const Row& row) {
    return PublicUser{number(row, "id"), optional_text(row, "name"), time(row, "created_at")};
  });
}

std::vector<User> users_by_email(Session& session, const std::string& email) {
  return all<User>(session.execute("users_by_email", {email}), user_of);
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
