#include "api/database/conninfo.h"

#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <map>
#include <memory>
#include <stdexcept>

namespace evently {
namespace {

constexpr SessionLimits limits{5000, 2000, 10'000};

// As libpq will read it.
std::map<std::string, std::string> keywords(const std::string& conninfo) {
  const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> options(
      PQconninfoParse(conninfo.c_str(), nullptr), PQconninfoFree);
  std::map<std::string, std::string> found;
  for (const PQconninfoOption* option = options.get(); option && option->keyword; ++option) {
    if (option->val != nullptr) found[option->keyword] = option->val;
  }
  return found;
}

TEST(Conninfo, KeepsTheAddressAndBoundsEveryWait) {
  const auto found = keywords(
      conninfo_for_session("postgresql://me:it's%20\\secret@db.example:5433/tickets", limits));
  EXPECT_EQ(found.at("host"), "db.example");
  EXPECT_EQ(found.at("port"), "5433");
  EXPECT_EQ(found.at("user"), "me");
  EXPECT_EQ(found.at("password"), "it's \\secret");
  EXPECT_EQ(found.at("dbname"), "tickets");
  EXPECT_EQ(found.at("application_name"), "evently-api");
  EXPECT_EQ(found.at("connect_timeout"), "3");
  EXPECT_EQ(found.at("options"),
            " -c statement_timeout=5000 -c lock_timeout=2000"
            " -c idle_in_transaction_session_timeout=10000 -c TimeZone=UTC -c DateStyle=ISO");
}

TEST(Conninfo, LeavesWhatTheUrlSets) {
  const auto found = keywords(conninfo_for_session(
      "host=/run/postgresql dbname=x connect_timeout=7 options='-c search_path=y'", limits));
  EXPECT_EQ(found.at("host"), "/run/postgresql");
  EXPECT_EQ(found.at("connect_timeout"), "7");
  EXPECT_EQ(found.at("options").rfind("-c search_path=y -c statement_timeout=5000", 0), 0u);
}

TEST(Conninfo, LeavesTheSessionOfAPoolerAlone) {
  const auto found = keywords(conninfo_for_pooler("postgresql://me@pooler.example:6432/tickets"));
  EXPECT_EQ(found.at("host"), "pooler.example");
  EXPECT_EQ(found.at("connect_timeout"), "3");
  EXPECT_EQ(found.count("options"), 0u);
  EXPECT_EQ(transaction_settings(limits),
            "SET LOCAL statement_timeout = '5000'; SET LOCAL lock_timeout = '2000'; "
            "SET LOCAL idle_in_transaction_session_timeout = '10000'; "
            "SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO'; ");
}

TEST(Conninfo, InsistsOnUtf8) {
  EXPECT_EQ(keywords(conninfo_for_session("client_encoding=LATIN1", limits)).at("client_encoding"),
            "UTF8");
}

TEST(Conninfo, RefusesWhatIsNoAddress) {
  EXPECT_TRUE(is_conninfo("postgres:///x"));
  for (const char* url : {"mysql://db/x", "postgresql+asyncpg://db/x", "just words",
                          "host="
                          "'open"}) {
    EXPECT_FALSE(is_conninfo(url)) << url;
    EXPECT_THROW(conninfo_for_session(url, limits), std::invalid_argument) << url;
  }
}

}  // namespace
}  // namespace evently
