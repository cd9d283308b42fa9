// Breaks a running stack while clients book and cancel, and proves from journal, database and Redis
// that nothing was lost, doubled or oversold. tests/chaos/run calls it.
#include <algorithm>
#include <ctime>
#include <fstream>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include "tests/chaos/experiments.h"
#include "tests/chaos/observe.h"
#include "tests/support/http.h"
#include "tests/support/sessions/database.h"

namespace evently {
namespace {

constexpr int wrong = 1;
constexpr int cannot = 2;
constexpr Milliseconds quiet{1000};  // I7
const std::string not_measured = "not measured";

int usage() {
  std::cerr << "usage: evently-chaos experiments\n"
               "       evently-chaos run EXPERIMENT COUNT SEED JOURNAL [--short]\n"
               "       evently-chaos check EXPERIMENT JOURNAL\n"
               "       evently-chaos table DIRECTORY_OF_RESULTS [SUITE]...\n"
               "run and check want the environment of a running stack: source its env file\n";
  return cannot;
}

const Experiment* find_experiment(const std::string& name) {
  for (const Experiment& experiment : experiments())
    if (name == experiment.name) return &experiment;
  return nullptr;
}

Verdict verdict_on(const std::string& journal, bool sold_out_is_bounded) {
  const History history = read_history(journal);
  OwnerDatabase database;
  const auto differing = tokens_that_differ(read_events(database.connection(), history), quiet);
  Verdict verdict =
      check_history(history, read_snapshot(database.connection(), history), sold_out_is_bounded);
  for (const std::string& finding : differing) verdict.find(finding);
  return verdict;
}

nlohmann::ordered_json json_of(const Verdict& verdict) {
  nlohmann::ordered_json statuses;
  for (const auto& [status, count] : verdict.statuses)
    statuses[status == no_answer     ? "none"
             : status == done_by_sql ? "sql"
                                     : std::to_string(status)] = count;
  return {{"acknowledged", verdict.acknowledged},
          {"lost", verdict.lost},
          {"doubled", verdict.doubled},
          {"oversold", verdict.oversold},
          {"longest_outage_ms", verdict.longest_outage_ms},
          {"cancelled", verdict.cancelled},
          {"unknown", verdict.unknown},
          {"wrong_counters", verdict.wrong_counters},
          {"unasked", verdict.unasked},
          {"refused_yet_booked", verdict.refused_yet_booked},
          {"false_sold_out", verdict.false_sold_out},
          {"unexpected_answers", verdict.unexpected_answers},
          {"answers", statuses},
          {"violations", verdict.violations},
          {"findings", verdict.findings}};
}

std::string today() {
  const std::time_t now = std::time(nullptr);
  char text[sizeof "2000-01-01"];
  std::strftime(text, sizeof text, "%Y-%m-%d", std::gmtime(&now));
  return text;
}

int run_experiment(const Experiment& experiment, int count, std::uint64_t seed,
                   const std::string& path, bool is_short) {
  Journal journal(path);
  Run run{journal, std::mt19937_64(seed), seed, count, is_short, {}};
  std::string ended_early;
  try {
    experiment.run(run);
  } catch (const std::exception& error) {
    ended_early = error.what();
  }
  Verdict verdict = verdict_on(path, experiment.sold_out_is_bounded);
  for (const std::string& finding : run.findings) verdict.find(finding);
  if (!ended_early.empty()) verdict.find("ended early: " + ended_early);
  if (experiment.outage_ms_max != 0 && verdict.longest_outage_ms > experiment.outage_ms_max)
    verdict.find("no client was served for " + std::to_string(verdict.longest_outage_ms) + " ms");
  if (verdict.acknowledged == 0) verdict.find("nothing was booked, so nothing is shown");
  nlohmann::ordered_json result = {
      {"fault", experiment.name}, {"count", count}, {"seed", seed}, {"date", today()}};
  result.update(json_of(verdict));
  std::cout << result.dump() << "\n";
  return verdict.violations == 0 ? 0 : wrong;
}

int check(const Experiment& experiment, const std::string& journal) {
  const Verdict verdict = verdict_on(journal, experiment.sold_out_is_bounded);
  std::cout << json_of(verdict).dump() << "\n";
  return verdict.violations == 0 ? 0 : wrong;
}

void print_row(const std::string& title, const Json& result, const std::string& outage) {
  const auto named = result.at("lost").get<std::uint64_t>() +
                     result.at("doubled").get<std::uint64_t>() +
                     (result.at("oversold").get<std::uint64_t>() > 0 ? 1 : 0);
  const auto all = result.at("violations").get<std::uint64_t>();
  const auto false_sold_out = result.find("false_sold_out");
  std::cout << "| " << title << " | " << result.at("count") << " | " << result.at("acknowledged")
            << " | " << result.at("lost") << " | " << result.at("doubled") << " | "
            << result.at("oversold") << " | " << all - std::min<std::uint64_t>(named, all) << " | "
            << (false_sold_out == result.end() ? not_measured : false_sold_out->dump()) << " | "
            << outage << " | " << result.at("seed") << " |\n";
}

void print_not_run(const std::string& title) {
  std::cout << "| " << title << " | not run | | | | | | | | |\n";
}

std::string outage_of(const Json& result) {
  return result.at("longest_outage_ms").dump() + " ms";
}

// Null when there is none.
Json result_of(const std::string& directory, const std::string& name) {
  std::ifstream file(directory + "/" + name + ".json");
  const Json result = file ? Json::parse(file, nullptr, false) : Json();
  return result.is_object() ? result : Json();
}

// As it stands in docs/testing.md: the experiments, then what suites have added
// (tests/support/sessions/chaos_row.h).
int print_table(const std::string& directory, const std::vector<std::string>& suites) {
  std::cout << "| fault | count | acknowledged | lost | doubled | oversold | other violations | "
               "false sold out | longest outage | seed |\n"
               "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";
  for (const Experiment& experiment : experiments()) {
    const Json result = result_of(directory, experiment.name);
    if (result.is_null())
      print_not_run(experiment.title);
    else
      print_row(experiment.title, result,
                experiment.outage_ms_max == 0 ? "on purpose" : outage_of(result));
  }
  for (const std::string& suite : suites) {
    const Json result = result_of(directory, suite);
    if (result.is_null())
      print_not_run(suite);
    else
      print_row(result.at("title").get<std::string>(), result,
                result.at("longest_outage_ms") == 0 ? not_measured : outage_of(result));
  }
  return 0;
}

int list_experiments() {
  for (const Experiment& experiment : experiments())
    std::cout << experiment.name << " " << experiment.short_count << " " << experiment.long_count
              << "\n";
  return 0;
}

int main_with(const std::vector<std::string>& words) {
  if (words == std::vector<std::string>{"experiments"}) return list_experiments();
  if (words.size() >= 2 && words[0] == "table")
    return print_table(words[1], {words.begin() + 2, words.end()});
  const Experiment* experiment = words.size() < 2 ? nullptr : find_experiment(words[1]);
  if (experiment == nullptr) return usage();
  if (words.size() == 3 && words[0] == "check") return check(*experiment, words[2]);
  const bool is_short = words.size() == 6 && words[5] == "--short";
  if (words[0] != "run" || (words.size() != 5 && !is_short)) return usage();
  return run_experiment(*experiment, std::stoi(words[2]), std::stoull(words[3]), words[4],
                        is_short);
}

}  // namespace
}  // namespace evently

int main(int count, char** words) {
  try {
    return evently::main_with({words + 1, words + count});
  } catch (const std::exception& error) {
    std::cerr << "evently-chaos: " << error.what() << "\n";
    return evently::cannot;
  }
}
