#pragma once

#include <optional>
#include <pqxx/pqxx>
#include <string>
#include <utility>
#include <vector>

// All that the service knows of the differences between libpqxx 6 (Debian 12) and 7.10 and 8 (later
// ones): how values are bound, what a row of a result is, what is deprecated.
namespace evently {

#if PQXX_VERSION_MAJOR >= 8
using Row = pqxx::row_ref;  // valid as long as its result
#else
using Row = pqxx::row;
#endif
using ColumnNumber = decltype(std::declval<pqxx::result>().column_number(""));

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

#if PQXX_VERSION_MAJOR >= 7

using BoundValues = pqxx::params;

inline BoundValues bind(const std::vector<std::optional<std::string>>& values) {
  BoundValues bound;
  for (const auto& value : values) {
    value ? bound.append(pqxx::zview(*value)) : bound.append();
  }
  return bound;
}

inline void inhibit_reactivation(pqxx::connection&) {}  // never does since 7.0

inline pqxx::result exec_prepared(pqxx::nontransaction& transaction, const char* statement,
                                  const BoundValues& values) {
  return transaction.exec(pqxx::prepped(statement), values);
}

inline pqxx::result exec_bound(pqxx::nontransaction& transaction, const char* sql,
                               const BoundValues& values) {
  return transaction.exec(sql, values);
}

#else

using BoundValues = std::vector<const char*>;

// Points into the values.
inline BoundValues bind(const std::vector<std::optional<std::string>>& values) {
  BoundValues bound;
  bound.reserve(values.size());
  for (const auto& value : values) bound.push_back(value ? value->c_str() : nullptr);
  return bound;
}

inline void inhibit_reactivation(pqxx::connection& connection) {
  connection.inhibit_reactivation(true);
}

inline pqxx::result exec_prepared(pqxx::nontransaction& transaction, const char* statement,
                                  const BoundValues& values) {
  return transaction.exec_prepared(statement, pqxx::prepare::make_dynamic_params(values));
}

inline pqxx::result exec_bound(pqxx::nontransaction& transaction, const char* sql,
                               const BoundValues& values) {
  return transaction.exec_params(sql, pqxx::prepare::make_dynamic_params(values));
}

#endif
#pragma GCC diagnostic pop

}  // namespace evently
