#include "tests/support/pgbouncer.h"

#include <libpq-fe.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <stdexcept>
#include <vector>

#include "tests/support/sessions/eventually.h"
#include "tests/support/sessions/stack.h"
#include "tests/support/taken_port.h"

namespace evently {
namespace {

// The address of the service's role as `keyword=value`, which pgbouncer's file has, too.
std::string server_of(const std::string& url) {
  const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> options(
      PQconninfoParse(url.c_str(), nullptr), PQconninfoFree);
  if (!options) throw std::invalid_argument("not a PostgreSQL address");
  const std::set<std::string> known{"host", "port", "dbname", "user", "password"};
  std::string server;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr && known.count(option->keyword) != 0)
      server += std::string(option->keyword) + '=' + option->val + ' ';
  }
  return server;
}

std::string write_settings(int port, int server_connections) {
  std::string folder = std::filesystem::temp_directory_path() / "evently-pgbouncer.XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) throw std::runtime_error("no folder for pgbouncer");
  std::ofstream file(folder + "/pgbouncer.ini");
  file << "[databases]\n"
       << "evently = " << server_of(setting("DATABASE_URL")) << "\n"
       << "[pgbouncer]\n"
       << "listen_addr = 127.0.0.1\nlisten_port = " << port << "\n"
       << "auth_type = any\npool_mode = transaction\nunix_socket_dir =\n"
       << "default_pool_size = " << server_connections << "\n";
  if (!file.flush()) throw std::runtime_error("no settings for pgbouncer");
  std::filesystem::permissions(folder, std::filesystem::perms(0755));
  return folder;
}

// It refuses to run as root.
std::vector<std::string> command(const std::string& folder) {
  std::vector<std::string> words{"/usr/sbin/pgbouncer", folder + "/pgbouncer.ini"};
  if (geteuid() == 0) words.insert(words.begin() + 1, {"-u", "postgres"});
  return words;
}

}  // namespace

Pgbouncer::Pgbouncer(int server_connections)
    : port_(TakenPort().number()),
      url_("postgresql://evently_api@127.0.0.1:" + std::to_string(port_) + "/evently"),
      folder_(write_settings(port_, server_connections)),
      process_(command(folder_), {}) {
  const bool started = eventually_true(Milliseconds(10'000), "no answer", [this] {
    if (process_.exit_status(Milliseconds(0))) return true;
    try {
      pqxx::connection connection(url_);
      return connection.is_open();
    } catch (const pqxx::broken_connection&) {
      return false;
    }
  });
  if (!started || process_.exit_status(Milliseconds(0)))
    throw std::runtime_error("pgbouncer does not start: " + process_.log());
}

Pgbouncer::~Pgbouncer() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

}  // namespace evently
