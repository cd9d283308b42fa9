// Several admin keys in a file, read again on SIGHUP, never in the log, and asked for before a
// service listens where others can reach it.
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "tests/support/service_process.h"
#include "tests/support/service_test.h"
#include "tests/support/sessions/eventually.h"

namespace evently {
namespace {

constexpr Milliseconds prompt{1000};

class KeyFileOnDisk {
 public:
  explicit KeyFileOnDisk(const std::string& content) {
    const int file = mkstemp(path_);
    if (file < 0) throw std::runtime_error("no key file");
    close(file);
    write(content);
  }
  ~KeyFileOnDisk() { remove(); }
  KeyFileOnDisk(const KeyFileOnDisk&) = delete;
  KeyFileOnDisk& operator=(const KeyFileOnDisk&) = delete;

  void write(const std::string& content) { std::ofstream(path_, std::ios::trunc) << content; }
  void remove() { unlink(path_); }
  std::string path() const { return path_; }

 private:
  char path_[32] = "/tmp/evently-admin-key-XXXXXX";
};

class AdminKeys : public ServiceTest {
 protected:
  static int status(const ServiceProcess& service, const std::string& key) {
    return HttpClient(service.url()).get("/admin/analytics", {{"X-Admin-Key", key}}).status;
  }
  // Lets the service read its file again and waits for what it says of it.
  static testing::AssertionResult reread(ServiceProcess& service, const std::string& said) {
    const std::size_t before = service.log().size();
    service.signal(SIGHUP);
    constexpr Milliseconds log_limit{3000};  // the log is written each second
    return eventually_true(log_limit, "no word of: " + said,
                           [&] { return service.log().find(said, before) != std::string::npos; });
  }
  static std::string key() { return unique_word("a-key-of-enough-bytes"); }
};

TEST_F(AdminKeys, RotateWithoutARestart) {
  const std::string old_key = key();
  const std::string new_key = key();
  KeyFileOnDisk file("# one alone\n" + old_key + "\n");
  ServiceProcess service{{"ADMIN_KEY", ""}, {"ADMIN_KEY_FILE", file.path()}};
  EXPECT_EQ(status(service, old_key), 200);
  EXPECT_EQ(status(service, new_key), 401);
  file.write(old_key + "\n" + new_key + "\n");
  ASSERT_TRUE(reread(service, "admin keys read again"));
  EXPECT_EQ(status(service, old_key), 200) << "both count while callers change over";
  EXPECT_EQ(status(service, new_key), 200);
  file.write(new_key);
  ASSERT_TRUE(reread(service, "admin keys read again"));
  EXPECT_EQ(status(service, old_key), 401);
  EXPECT_EQ(status(service, new_key), 200);
}

// Administrators are not locked out then, strangers are not let in, and no part of the file counts.
TEST_F(AdminKeys, ABadFileLeavesTheOldOnes) {
  const std::string old_key = key();
  const std::string new_key = key();
  KeyFileOnDisk file(old_key);
  ServiceProcess service{{"ADMIN_KEY", ""}, {"ADMIN_KEY_FILE", file.path()}};
  const std::string said = "the old ones stay";
  for (const std::string& content :
       Texts{"", "# nothing\n", new_key + "\nshort\n", new_key + "\na bell \a in the middle\n"}) {
    file.write(content);
    ASSERT_TRUE(reread(service, said)) << content;
    EXPECT_EQ(status(service, old_key), 200);
    EXPECT_EQ(status(service, new_key), 401);
    EXPECT_EQ(status(service, ""), 401);
  }
  file.remove();
  ASSERT_TRUE(reread(service, said));
  EXPECT_EQ(status(service, old_key), 200);
  EXPECT_NE(service.log().find("\"level\":\"error\""), std::string::npos);
}

TEST_F(AdminKeys, AreNeverInTheLog) {
  const Texts keys = {key(), key(), key()};
  const std::string wrong = key();
  KeyFileOnDisk file(keys[0] + "\n" + keys[1] + "\n");
  ServiceProcess service{{"ADMIN_KEY", ""},
                         {"ADMIN_KEY_FILE", file.path()},
                         {"EVENTLY_LOG_LEVEL", "debug"},
                         {"REDIS_URL", ""},  // its own count of failures
                         {"EVENTLY_RATE_LIMIT_PER_S", "1000"},
                         {"EVENTLY_ADMIN_FAILURES_PER_MIN", "3"}};
  HttpClient one(service.url());
  EXPECT_EQ(status(service, keys[0]), 200);
  const Headers good = {{"X-Admin-Key", keys[1]}};
  EXPECT_EQ(one.get("/admin/events/" + unused_id + "/bookings", good).status, 404);
  EXPECT_EQ(one.send("POST", "/admin/events", "{", good).status, 400);
  EXPECT_EQ(one.send("PATCH", "/admin/events", "{}", good).status, 405);
  EXPECT_EQ(one.get("/admin/users?key=" + keys[1], good).status, 400) << "sent by mistake";
  for (int i = 0; i < 5; ++i) status(service, wrong);
  file.write(keys[2] + "\ntoo-short\n");
  ASSERT_TRUE(reread(service, "the old ones stay"));
  file.write(keys[2]);
  ASSERT_TRUE(reread(service, "admin keys read again"));
  one.get("/health", {{"X-Request-Id", "the-last-one"}});
  ASSERT_TRUE(eventually_true(prompt + prompt, "not in the log", [&] {
    return service.log().find("the-last-one") != std::string::npos;
  }));
  const std::string log = service.log();
  for (const std::string& secret : Texts{keys[0], keys[1], keys[2], wrong, "too-short"})
    EXPECT_EQ(log.find(secret), std::string::npos) << secret;
}

TEST_F(AdminKeys, WithoutOneAdministratorsAreRefused) {
  const ServiceProcess service{{"ADMIN_KEY", ""}};
  HttpClient one(service.url());
  EXPECT_EQ(one.get("/events").status, 200);
  EXPECT_TRUE(is_problem(one.get("/admin/users"), 401, "admin-key-required"));
  EXPECT_TRUE(
      is_problem(one.get("/admin/users", {{"X-Admin-Key", ""}}), 401, "admin-key-required"));
  EXPECT_TRUE(
      is_problem(one.get("/admin/users", {{"X-Admin-Key", "x"}}), 401, "admin-key-required"));
}

// It says so before it listens, and does not say the key.
void expect_refusal(std::initializer_list<ServiceProcess::Settings::value_type> settings,
                    const std::string& variable, const std::string& secret = "") {
  try {
    const ServiceProcess service(settings);
    ADD_FAILURE() << "it starts";
  } catch (const ServiceProcess::Ended& ended) {
    EXPECT_EQ(ended.status, 2);
    EXPECT_NE(ended.log.find(variable + ":"), std::string::npos) << ended.log;
    if (!secret.empty()) {
      EXPECT_EQ(ended.log.find(secret), std::string::npos) << ended.log;
    }
  }
}

TEST_F(AdminKeys, AreNeededOnAPublicAddress) {
  for (const char* address : {"0.0.0.0", "::", "192.0.2.1"})
    expect_refusal({{"EVENTLY_BIND", address}, {"ADMIN_KEY", ""}}, "ADMIN_KEY");
  KeyFileOnDisk file("# none yet\n");
  expect_refusal({{"EVENTLY_BIND", "0.0.0.0"}, {"ADMIN_KEY", ""}, {"ADMIN_KEY_FILE", file.path()}},
                 "ADMIN_KEY_FILE");
}

TEST_F(AdminKeys, AreRefusedWhenShort) {
  expect_refusal({{"ADMIN_KEY", "easy-to-guess"}}, "ADMIN_KEY", "easy-to-guess");
  KeyFileOnDisk file("easy-to-guess\n");
  expect_refusal({{"ADMIN_KEY", ""}, {"ADMIN_KEY_FILE", file.path()}}, "ADMIN_KEY_FILE",
                 "easy-to-guess");
}

}  // namespace
}  // namespace evently
