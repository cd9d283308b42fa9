// What Debian's libboost_context lacks: the half for ucontext, which alone tells the sanitizers
// when a coroutine goes on with another stack. Built into the programs under sanitizers only.
#include <boost/context/fiber.hpp>
#include <cstddef>

namespace boost::context::detail {
namespace {

thread_local fiber_activation_record* current_record = nullptr;
thread_local std::size_t users = 0;

}  // namespace

fiber_activation_record*& fiber_activation_record::current() noexcept {
  // The stack with which a thread begins has a record as well.
  thread_local const fiber_activation_record_initializer of_this_thread;
  return current_record;
}

fiber_activation_record_initializer::fiber_activation_record_initializer() noexcept {
  if (users++ == 0) current_record = new fiber_activation_record();
}

fiber_activation_record_initializer::~fiber_activation_record_initializer() {
  if (--users == 0) delete current_record;
}

}  // namespace boost::context::detail
