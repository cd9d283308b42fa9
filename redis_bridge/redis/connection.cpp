#include "redis_bridge/redis/connection.h"

#include <hiredis/hiredis.h>
#include <openssl/evp.h>
#include <sys/time.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "runtime/digits.h"

namespace evently {
namespace {

// Never zero: hiredis takes that for "wait without end".
timeval time_left(RedisConnection::Clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::microseconds>(
      deadline - RedisConnection::Clock::now());
  const auto left_us = std::max<std::int64_t>(left.count(), 1000);
  timeval result{};
  result.tv_sec = static_cast<time_t>(left_us / 1'000'000);
  result.tv_usec = static_cast<suseconds_t>(left_us % 1'000'000);
  return result;
}

bool is_error(const redisReply& reply) {
  return reply.type == REDIS_REPLY_ERROR;
}

// The socket's own time-out shows as EAGAIN, which reads like anything but a time-out.
std::string fault_of(const redisContext& context) {
  const bool timed_out = context.err == REDIS_ERR_IO && (errno == EAGAIN || errno == ETIMEDOUT);
  return timed_out ? "no answer in time" : context.errstr;
}

std::string error_text(const redisReply& reply) {
  return std::string(reply.str, reply.len);
}

}  // namespace

RedisScript::RedisScript(std::string text) : text_(std::move(text)) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  if (EVP_Digest(text_.data(), text_.size(), digest, &length, EVP_sha1(), nullptr) != 1) {
    throw std::runtime_error("SHA-1 is not available from OpenSSL");
  }
  for (unsigned int i = 0; i < length; ++i) append_hex(sha1_, digest[i]);
}

void RedisConnection::ReplyDeleter::operator()(redisReply* reply) const {
  freeReplyObject(reply);
}

void RedisConnection::ContextDeleter::operator()(redisContext* context) const {
  redisFree(context);
}

RedisConnection::RedisConnection(RedisUrl url) : url_(std::move(url)) {}

RedisConnection::~RedisConnection() = default;

RedisConnection::Reply RedisConnection::command(const std::vector<std::string>& arguments) {
  if (!context_) connect();
  Reply reply = send(arguments);
  if (is_error(*reply)) throw RedisError(error_text(*reply), false);
  return reply;
}

RedisConnection::Reply RedisConnection::evaluate(const RedisScript& script,
                                                 const std::vector<std::string>& keys,
                                                 const std::vector<std::string>& arguments) {
  if (!context_) connect();
  std::vector<std::string> call{"EVALSHA", script.sha1(), std::to_string(keys.size())};
  call.insert(call.end(), keys.begin(), keys.end());
  call.insert(call.end(), arguments.begin(), arguments.end());
  Reply reply = send(call);
  if (is_error(*reply) && std::strncmp(reply->str, "NOSCRIPT", 8) == 0) {
    call[0] = "EVAL";  // Redis keeps the script from then on
    call[1] = script.text();
    reply = send(call);
  }
  if (is_error(*reply)) throw RedisError(error_text(*reply), false);
  return reply;
}

void RedisConnection::connect() {
  if (dead_) throw RedisError("the connection to Redis has failed before", true);
  context_.reset(redisConnectWithTimeout(url_.host.c_str(), url_.port, time_left(deadline_)));
  if (!context_) die("out of memory");
  if (context_->err != 0) die(fault_of(*context_));
  greet();
}

void RedisConnection::greet() {
  std::vector<std::vector<std::string>> greetings;
  if (!url_.password.empty() && url_.user.empty()) greetings.push_back({"AUTH", url_.password});
  if (!url_.user.empty()) greetings.push_back({"AUTH", url_.user, url_.password});
  if (url_.database != 0) greetings.push_back({"SELECT", std::to_string(url_.database)});
  for (const std::vector<std::string>& greeting : greetings) {
    const Reply reply = send(greeting);
    if (is_error(*reply)) die(greeting.front() + ": " + error_text(*reply));
  }
}

RedisConnection::Reply RedisConnection::send(const std::vector<std::string>& arguments) {
  if (Clock::now() >= deadline_) die("no time left");
  if (redisSetTimeout(context_.get(), time_left(deadline_)) != REDIS_OK) die(context_->errstr);
  std::vector<const char*> texts;
  std::vector<std::size_t> lengths;
  texts.reserve(arguments.size());
  lengths.reserve(arguments.size());
  for (const std::string& argument : arguments) {
    texts.push_back(argument.data());
    lengths.push_back(argument.size());
  }
  Reply reply(static_cast<redisReply*>(redisCommandArgv(
      context_.get(), static_cast<int>(arguments.size()), texts.data(), lengths.data())));
  if (!reply) die(fault_of(*context_));
  return reply;
}

void RedisConnection::die(const std::string& what) {
  const std::string message =
      "Redis at " + url_.host + ":" + std::to_string(url_.port) + ": " + what;
  dead_ = true;
  context_.reset();
  throw RedisError(message, true);
}

}  // namespace evently
