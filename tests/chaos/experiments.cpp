#include "tests/chaos/experiments.h"

#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>

#include "tests/chaos/load.h"
#include "tests/chaos/quiet_event.h"
#include "tests/support/raw_socket.h"
#include "tests/support/redis.h"
#include "tests/support/service_test.h"
#include "tests/support/sessions/database.h"
#include "tests/support/sessions/eventually.h"
#include "tests/support/sessions/stack.h"
#include "tests/support/sold_out.h"

namespace evently {
namespace {

constexpr Milliseconds comes_back_within{30'000};
constexpr std::uint64_t served_between = 40;  // requests before, during and after a fault
// Two that sell out with each tide, and one that never does.
const std::vector<int> capacities = {40, 60, 1'000'000};

// Throws what eventually() says, when it is not so.
void require(const testing::AssertionResult& result) {
  if (!result) throw std::runtime_error(result.message());
}

// Asks the database, as soon as it answers.
pqxx::result ask_database(const std::string& statement) {
  pqxx::result result;
  require(eventually(comes_back_within, [&]() -> std::string {
    try {
      result = OwnerDatabase().run(statement);
      return "";
    } catch (const std::exception& error) {
      return error.what();
    }
  }));
  return result;
}

void await_served(const Load& load, std::uint64_t more = served_between) {
  const std::uint64_t before = load.served();
  require(eventually_true(comes_back_within, "no client is served",
                          [&] { return load.served() >= before + more; }));
}

int between(Run& run, int least, int most) {
  return least + static_cast<int>(run.random() % static_cast<unsigned>(most - least + 1));
}

LoadSettings load_settings(const Run& run) {
  LoadSettings settings;
  settings.urls = {setting("API_URL")};
  settings.database_url = setting("DATABASE_URL");
  settings.seed = run.seed;
  return settings;
}

// Calls fault(round, load, quiet) again and again while clients are served before and after it.
void beside_a_quiet_event(Run& run,
                          const std::function<void(int, const Load&, QuietEvent&)>& fault) {
  const Fixtures fixtures = make_fixtures(OwnerDatabase().connection(), run.journal, capacities);
  QuietEvent quiet(run, fixtures);
  Load load(load_settings(run), fixtures, run.journal);
  for (int round = 0; round < run.count; ++round) {
    await_served(load);
    fault(round, load, quiet);
    await_served(load);
  }
  load.stop();
}

void under_load(Run& run, const std::function<void(int, const Load&)>& fault) {
  beside_a_quiet_event(run, [&](int round, const Load& load, QuietEvent&) { fault(round, load); });
}

void calm(Run& run) {
  under_load(run, [](int, const Load& load) { await_served(load, 1000); });
}

// Any process of the server but the postmaster: sessions of service and bridge, the notifier, the
// checkpointer and so on.
void kill_backends(Run& run) {
  under_load(run, [&](int, const Load&) {
    const auto rows =
        ask_database("SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid() ORDER BY pid");
    const int row = between(run, 0, static_cast<int>(rows.size()) - 1);
    kill(rows.at(static_cast<pqxx::result::size_type>(row))[0].as<pid_t>(), SIGKILL);
  });
}

void kill_postmaster(Run& run) {
  under_load(run, [](int, const Load&) {
    kill_part("postgres");
    start_part("postgres");
  });
}

void kill_service(Run& run) {
  under_load(run, [](int, const Load&) {
    kill_part("api");
    start_part("api");
  });
}

// What it has taken it finishes; who comes later is refused the connection, and asks again.
void stop_service(Run& run) {
  under_load(run, [](int, const Load&) {
    stop_part("api");
    start_part("api");
  });
}

// Clients that say nothing, half a head or half a body, and then are gone without a word.
void crowd_service(Run& run) {
  const std::string head = "POST /bookings HTTP/1.1\r\nContent-Type: application/json\r\n";
  const std::string said[] = {"", head, head + "Host: local\r\nContent-Length: 60\r\n\r\n{"};
  under_load(run, [&](int, const Load& load) {
    std::vector<std::unique_ptr<RawSocket>> crowd;
    for (int i = 0; i < 500; ++i) {
      crowd.push_back(std::make_unique<RawSocket>());
      crowd.back()->send(said[i % 3]);
    }
    await_served(load);
  });
}

// Sometimes for longer than its lease and a tide.
void kill_bridge(Run& run) {
  beside_a_quiet_event(run, [](int round, const Load& load, QuietEvent& quiet) {
    quiet.sell_out();
    kill_part("bridge");
    quiet.must_not_stay_sold_out("without a bridge");
    if (round % 5 == 0) std::this_thread::sleep_for(Milliseconds(3000));
    await_served(load);
    start_part("bridge");
  });
}

void break_redis(Run& run) {
  under_load(run, [](int round, const Load& load) {
    if (round % 2 == 1) {
      TestRedis().command({"FLUSHALL"});
      return;
    }
    kill_part("redis");
    await_served(load);
    start_part("redis");
  });
}

void send_duplicates(Run& run) {
  const Fixtures fixtures = make_fixtures(OwnerDatabase().connection(), run.journal, capacities);
  LoadSettings settings = load_settings(run);
  settings.burst_percent = 20;
  settings.burst = 8;
  settings.served_max = static_cast<std::uint64_t>(run.count);
  Load load(settings, fixtures, run.journal);
  while (!load.is_over()) {
    const std::uint64_t before = load.served();
    require(eventually_true(comes_back_within, "no client is served",
                            [&] { return load.is_over() || load.served() > before; }));
  }
  load.stop();
}

// The process that sends the notifications: there is one while something changes.
pid_t notifier() {
  std::optional<pid_t> pid;
  require(eventually_true(comes_back_within, "no notifier", [&] {
    const auto found = ask_database("SELECT notifier_pid FROM evently.pg_stat_evently");
    if (!found[0][0].is_null()) pid = found[0][0].as<pid_t>();
    return pid.has_value();
  }));
  return *pid;
}

void freeze(Run& run) {
  beside_a_quiet_event(run, [&](int round, const Load&, QuietEvent& quiet) {
    const int part = round % 3;
    if (part != 0) quiet.sell_out();
    const pid_t pid = part == 0 ? part_pid("api") : part == 1 ? part_pid("bridge") : notifier();
    const Frozen frozen(pid);
    if (part != 0) quiet.must_not_stay_sold_out("with bridge or notifier frozen");
    std::this_thread::sleep_for(Milliseconds(between(run, 1000, run.is_short ? 2000 : 10'000)));
  });
}

// Clients that wait for one event, whose lock the experiment holds, so that the service has taken
// their tokens and not their seats.
class Waiting {
 public:
  Waiting(Run& run, const Fixtures& fixtures, int round, Served& served) {
    for (int i = 0; i < 4; ++i) {
      Operation operation{
          std::to_string(run.seed) + "-" + std::to_string(round) + "-" + std::to_string(i),
          fixtures.users[static_cast<std::size_t>(i)], fixtures.events[0], 1};
      threads_.emplace_back([operation, &run, &served] {
        Sender(setting("API_URL"), run.journal, served).book(operation);
      });
    }
  }
  ~Waiting() {
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  std::vector<std::thread> threads_;
};

void kill_service_with_tokens(Run& run) {
  constexpr Milliseconds home_within{1000};
  OwnerDatabase database;
  const Fixtures fixtures = make_fixtures(database.connection(), run.journal, {1'000'000});
  const std::int64_t event = fixtures.events[0];
  Served served{0};
  for (int round = 0; round < run.count; ++round) {
    std::int64_t seats = database.seats_available(event);
    require(tokens_become(event, seats, comes_back_within));
    auto held = std::make_unique<HeldEvent>(event);
    const Waiting waiting(run, fixtures, round, served);
    const auto taken = eventually_true(comes_back_within, "no token is taken", [&] {
      return TestRedis().tokens(event).value_or(seats) < seats;
    });
    kill_part("api");
    held->release();
    // What the dead service had sent may still be booked; from then on there is quiet.
    require(eventually_true(comes_back_within, "sessions of the dead service", [&] {
      return database.value<int>(
                 "SELECT count(*) FROM pg_stat_activity WHERE usename = "
                 "'evently_api'") == 0;
    }));
    seats = database.seats_available(event);
    const auto home = tokens_become(event, seats, home_within);
    if (!home) run.findings.push_back(std::string("I7: a dead service's ") + home.message());
    start_part("api");
    require(taken);
  }
}

// The answer that sells the last seat is lost: its key must bring it, though no token is left.
void lose_last_answers(Run& run) {
  OwnerDatabase database;
  const Fixtures fixtures = make_fixtures(database.connection(), run.journal, {});
  Served served{0};
  Sender again(setting("API_URL"), run.journal, served);
  for (int round = 0; round < run.count; ++round) {
    const std::int64_t event = make_event(database.connection(), run.journal, 1);
    require(tokens_become(event, 1, comes_back_within));
    const std::string key = std::to_string(run.seed) + "-" + std::to_string(round);
    const Operation last{key, fixtures.users[0], event, 1};
    const std::string body = body_of(last);
    run.journal.complete(last, run.journal.invoke(last), no_answer, 0);
    RawSocket().send(
        "POST /bookings HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
        "Content-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body);
    require(eventually_true(comes_back_within, "the last seat is not sold",
                            [&] { return database.seats_available(event) == 0; }));
    require(tokens_become(event, 0, comes_back_within));
    again.book({key + "-other", fixtures.users[1], event, 1});
    if (!again.book(last))
      run.findings.push_back("I8: the last seat of event " + std::to_string(event) +
                             " is sold, and its key does not bring the booking");
  }
}

void run_command(const std::string& command) {
  if (std::system(command.c_str()) != 0) throw std::runtime_error("failed: " + command);
}

// What the stack's database is now, to come back later.
class Dump {
 public:
  Dump() : path_(setting("EVENTLY_HOME") + "/older.dump") {
    run_command("pg_dump -Fc -f '" + path_ + "' '" + setting("EVENTLY_OWNER_URL") + "'");
  }
  ~Dump() { std::remove(path_.c_str()); }
  Dump(const Dump&) = delete;
  Dump& operator=(const Dump&) = delete;

  // As docs/operating/upgrade.md has it: beside the present one, whose name it takes then.
  void restore() const {
    const std::string owner = setting("EVENTLY_OWNER_URL");
    const std::string server = owner.substr(0, owner.rfind('/') + 1);
    OwnerDatabase elsewhere(server + "postgres");
    elsewhere.run("CREATE DATABASE restored");
    run_command("pg_restore --exit-on-error -d '" + server + "restored' '" + path_ + "'");
    elsewhere.run("DROP DATABASE evently WITH (FORCE)");
    elsewhere.run("ALTER DATABASE restored RENAME TO evently");
  }

 private:
  std::string path_;
};

// An event is sold out, and an older dump comes back in which it is not. Bridge, service and Redis
// go on all the time. What was booked after the dump is not in the journal: it is gone.
void restore_dump(Run& run) {
  const Fixtures fixtures = make_fixtures(OwnerDatabase().connection(), run.journal, {});
  Served served{0};
  Sender sender(setting("API_URL"), run.journal, served);
  for (int round = 0; round < run.count; ++round) {
    const std::int64_t event = make_event(OwnerDatabase().connection(), run.journal, 3);
    const std::string key = std::to_string(run.seed) + "-" + std::to_string(round);
    sender.book({key, fixtures.users[0], event, 1});
    const Dump dump;
    HttpClient forgotten(setting("API_URL"));
    forgotten.post("/bookings", booking_fields(fixtures.users[1], event, 2, key + "-forgotten"));
    require(tokens_become(event, 0, comes_back_within));
    dump.restore();
    const auto restored = Clock::now();
    Milliseconds sold_out_for{0};
    require(is_on_sale_again(setting("API_URL"), event, restored, sold_out_for));
    if (sold_out_for > put_right_within)
      run.findings.push_back("I9: sold out for " + std::to_string(sold_out_for.count()) +
                             " ms after the restore");
    const auto home = tokens_become(event, 2, put_right_within);
    if (!home) run.findings.push_back(std::string("I7: after the restore ") + home.message());
    if (!sender.book({key + "-again", fixtures.users[2], event, 2}))
      run.findings.push_back("I9: seats that are free again cannot be booked");
  }
}

// Takes the room on the disk of the stack, all but a little.
class FullDisk {
 public:
  FullDisk() : path_(setting("EVENTLY_HOME") + "/ballast") {
    std::ofstream file(path_, std::ios::binary);
    const std::string block(64 * 1024, 'x');
    while (file.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
  }
  ~FullDisk() { std::remove(path_.c_str()); }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  std::string path_;
};

void fill_disk(Run& run) {
  const std::string refusal_wait = "bookings go on with a full disk";
  under_load(run, [&](int, const Load& load) {
    {
      const FullDisk disk;
      // Room in what is allocated lasts for a while; then no client is served.
      require(eventually_true(Milliseconds(120'000), refusal_wait, [&] {
        const std::uint64_t before = load.served();
        std::this_thread::sleep_for(Milliseconds(1000));
        return load.served() == before;
      }));
    }
    start_part("postgres");  // which has stopped when it could not write its log
    await_served(load);
    ask_database("CHECKPOINT");  // gives the log's room back
  });
}

}  // namespace

const std::vector<Experiment>& experiments() {
  constexpr std::int64_t in_time = 10'000;
  constexpr std::int64_t frozen = 20'000;  // 10 s of it on purpose
  constexpr std::int64_t unlimited = 0;    // outages are part of the experiment
  static const std::vector<Experiment> rows = {
      {"calm", "nothing is broken", 1, 10, in_time, true, calm},
      {"backend", "kill -9 of a random backend", 5, 300, in_time, true, kill_backends},
      {"postmaster", "kill -9 of the postmaster", 3, 100, in_time, true, kill_postmaster},
      {"api", "kill -9 of the service", 5, 300, in_time, true, kill_service},
      {"stop", "SIGTERM to the service", 3, 100, in_time, true, stop_service},
      {"crowd", "500 clients that say nothing or half a request, and leave", 2, 50, in_time, true,
       crowd_service},
      {"bridge", "kill -9 of the bridge", 5, 300, in_time, true, kill_bridge},
      {"redis", "Redis killed or flushed", 5, 100, in_time, true, break_redis},
      {"duplicates", "requests, one in five sent 8 times at once", 10'000, 1'000'000, in_time, true,
       send_duplicates},
      {"frozen", "SIGSTOP of service, bridge, notifier for 1-10 s", 3, 100, frozen, true, freeze},
      {"tokens", "the service killed while it holds tokens", 5, 100, unlimited, true,
       kill_service_with_tokens},
      {"last_seat", "the last seat's answer lost, key sent again", 10, 1000, unlimited, true,
       lose_last_answers},
      {"restore", "an older dump restored under service and bridge", 1, 5, unlimited, true,
       restore_dump},
      {"disk_full", "disk full while booking", 0, 20, unlimited, false, fill_disk},
  };
  return rows;
}

}  // namespace evently
