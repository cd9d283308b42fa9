#include "api/config.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <map>

namespace evently {
namespace {

using Variables = std::map<std::string, std::string>;

const std::string key = "a key of enough bytes";

struct Reading {
  Config config;
  std::vector<std::string> errors;
};

Reading read(const Variables& given) {
  Variables variables = {{"DATABASE_URL", "postgresql://evently_api@127.0.0.1:5432/evently"}};
  for (const auto& [name, value] : given) variables[name] = value;
  Environment environment([&variables](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
  Config config = read_config(environment);
  return {std::move(config), environment.errors()};
}

bool names(const std::vector<std::string>& errors, const std::string& variable) {
  for (const std::string& error : errors) {
    if (error.rfind(variable + ":", 0) == 0) return true;
  }
  return false;
}

TEST(Config, NeedsOnlyADatabase) {
  const Reading reading = read({});
  EXPECT_TRUE(reading.errors.empty()) << reading.errors.front();
  EXPECT_EQ(reading.config.port, 8080);
  EXPECT_EQ(reading.config.bind_address, "127.0.0.1");
  EXPECT_EQ(reading.config.database.connections_max, 12);
  EXPECT_EQ(reading.config.database.retries_max, 3);
  EXPECT_EQ(reading.config.http_connections, 20'000);
  EXPECT_EQ(reading.config.database.pool_wait_ms, 1000);
  EXPECT_EQ(reading.config.queue_budget_ms, 2000);
  EXPECT_EQ(reading.config.body_bytes_max, 65536u);
  EXPECT_FALSE(reading.config.redis);
  EXPECT_TRUE(reading.config.admin_keys.empty());
  EXPECT_FALSE(reading.config.rate_limits.requests);
  EXPECT_EQ(reading.config.rate_limits.wrong_admin_keys.burst, 100);
}

TEST(Config, ReadsWhatIsSet) {
  const Reading reading = read({{"PORT", "9000"},
                                {"DB_POOL_SIZE", "3"},
                                {"DB_MAX_OVERFLOW", "0"},
                                {"REDIS_URL", "redis://:secret@cache:6380/2"},
                                {"ADMIN_KEY", key},
                                {"EVENTLY_BIND", "0.0.0.0"},
                                {"EVENTLY_CORS_ORIGINS", "https://a.example, http://b:3000"},
                                {"EVENTLY_TRUSTED_PROXIES", "10.0.0.0/8, ::1"}});
  EXPECT_TRUE(reading.errors.empty()) << reading.errors.front();
  EXPECT_EQ(reading.config.port, 9000);
  EXPECT_EQ(reading.config.database.connections_max, 3);
  ASSERT_TRUE(reading.config.redis);
  EXPECT_EQ(reading.config.redis->host, "cache");
  EXPECT_EQ(reading.config.redis->database, 2);
  EXPECT_EQ(reading.config.cors_origins.size(), 2u);
  EXPECT_TRUE(reading.config.trusted_proxies.trusts("10.1.2.3"));
  EXPECT_FALSE(reading.config.trusted_proxies.trusts("11.1.2.3"));
}

TEST(Config, TellsAllFaultsAtOnce) {
  const Reading reading = read({{"DATABASE_URL", "mysql://evently:hush@db/x"},
                                {"REDIS_URL", "rediss://cache"},
                                {"PORT", "0"},
                                {"MAX_RETRIES", "-1"},
                                {"EVENTLY_HTTP_CONNECTIONS", "0"},
                                {"EVENTLY_QUEUE_BUDGET_MS", "0"},
                                {"EVENTLY_CORS_ORIGINS", "https://a.example/"},
                                {"EVENTLY_TRUSTED_PROXIES", "10.0.0.0/33"},
                                {"EVENTLY_BIND", "0.0.0.0"}});
  for (const char* variable : {"DATABASE_URL", "REDIS_URL", "PORT", "MAX_RETRIES",
                               "EVENTLY_HTTP_CONNECTIONS", "EVENTLY_QUEUE_BUDGET_MS",
                               "EVENTLY_CORS_ORIGINS", "EVENTLY_TRUSTED_PROXIES", "ADMIN_KEY"}) {
    EXPECT_TRUE(names(reading.errors, variable)) << variable;
  }
  EXPECT_EQ(reading.errors.size(), 9u);
}

TEST(Config, NeverRepeatsAPassword) {
  const Reading reading = read({{"DATABASE_URL", "postgres//me:hush@db/x"}});
  ASSERT_EQ(reading.errors.size(), 1u);
  EXPECT_EQ(reading.errors[0].find("hush"), std::string::npos);
}

TEST(Config, IsOpenToThePublicOnlyWithAKey) {
  for (const char* address : {"127.0.0.1", "127.8.9.1", "::1", "localhost"}) {
    EXPECT_TRUE(read({{"EVENTLY_BIND", address}}).errors.empty()) << address;
  }
  for (const char* address : {"0.0.0.0", "::", "192.168.1.5", "example.com", "1270.0.0.1"}) {
    EXPECT_TRUE(names(read({{"EVENTLY_BIND", address}}).errors, "ADMIN_KEY")) << address;
    EXPECT_TRUE(read({{"EVENTLY_BIND", address}, {"ADMIN_KEY", key}}).errors.empty()) << address;
  }
}

TEST(Config, TakesTheKeysFromAFileOrOneFromTheEnvironment) {
  EXPECT_EQ(read({{"ADMIN_KEY", key}}).config.admin_keys, std::vector<std::string>{key});
  EXPECT_TRUE(names(read({{"ADMIN_KEY", "too short"}}).errors, "ADMIN_KEY"));
  const std::string path = testing::TempDir() + "evently_config_test_key";
  std::ofstream(path) << "key number one of two\r\nkey number two of two\n";
  EXPECT_EQ(read({{"ADMIN_KEY_FILE", path}}).config.admin_keys,
            (std::vector<std::string>{"key number one of two", "key number two of two"}));
  EXPECT_TRUE(names(read({{"ADMIN_KEY_FILE", path}, {"ADMIN_KEY", key}}).errors, "ADMIN_KEY_FILE"));
  for (const char* content : {"\n", "short\n"}) {
    std::ofstream(path, std::ios::trunc) << content;
    EXPECT_TRUE(names(read({{"ADMIN_KEY_FILE", path}}).errors, "ADMIN_KEY_FILE"));
  }
  std::remove(path.c_str());
  EXPECT_TRUE(names(read({{"ADMIN_KEY_FILE", path}}).errors, "ADMIN_KEY_FILE"));
}

TEST(Config, LimitsClientsOnlyWhenAsked) {
  EXPECT_FALSE(read({{"EVENTLY_RATE_LIMIT_PER_S", "0"}}).config.rate_limits.requests);
  EXPECT_FALSE(read({{"EVENTLY_RATE_LIMIT_BURST", "5"}}).config.rate_limits.requests);
  const auto limit = read({{"EVENTLY_RATE_LIMIT_PER_S", "20"}}).config.rate_limits.requests;
  ASSERT_TRUE(limit);
  EXPECT_EQ(limit->burst, 40) << "two seconds' worth";
  EXPECT_EQ(limit->interval_us, 50'000);
  const auto own = read({{"EVENTLY_RATE_LIMIT_PER_S", "20"}, {"EVENTLY_RATE_LIMIT_BURST", "7"}});
  EXPECT_EQ(own.config.rate_limits.requests->burst, 7);
  for (const char* name :
       {"EVENTLY_RATE_LIMIT_PER_S", "EVENTLY_RATE_LIMIT_BURST", "EVENTLY_ADMIN_FAILURES_PER_MIN"}) {
    EXPECT_TRUE(names(read({{name, "-1"}}).errors, name));
    EXPECT_TRUE(names(read({{name, "1000000"}}).errors, name));
  }
}

}  // namespace
}  // namespace evently
