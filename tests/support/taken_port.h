#pragma once

namespace evently {

// A port of 127.0.0.1 that no other process can have while this object lives.
class TakenPort {
 public:
  TakenPort();
  ~TakenPort();
  TakenPort(const TakenPort&) = delete;
  TakenPort& operator=(const TakenPort&) = delete;

  int number() const { return number_; }

 private:
  int socket_;
  int number_;
};

}  // namespace evently
