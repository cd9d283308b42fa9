// The reference H: cpp-httplib as it comes, with the service's socket settings and threads, that
// reads a request and gives one constant answer for every POST and one for every GET. usage:
// evently-bench-echo POST_ANSWER GET_ANSWER: files with an answer of the service each, as `curl -i`
// prints it. Prints its port.
#include <httplib.h>
#include <sys/socket.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace {

constexpr int backlog = 1024;
constexpr int threads = 320;

struct Answer {
  int status = 0;
  httplib::Headers headers;  // without those that the library writes itself
  std::string type, body;
};

Answer read_answer(const char* path) {
  std::ifstream file(path);
  Answer answer;
  std::string line, version;
  file >> version >> answer.status;
  std::getline(file, line);
  while (std::getline(file, line) && line != "\r") {
    const std::string name = line.substr(0, line.find(':'));
    const std::string value = line.substr(name.size() + 2, line.size() - name.size() - 3);
    if (name == "Content-Type") {
      answer.type = value;
    } else if (name != "Content-Length" && name != "Keep-Alive") {
      answer.headers.emplace(name, value);
    }
  }
  answer.body.assign(std::istreambuf_iterator<char>(file), {});
  if (answer.body.empty()) throw std::runtime_error(std::string(path) + " holds no answer");
  return answer;
}

class EchoServer : public httplib::Server {
 public:
  int bind() {
    set_tcp_nodelay(true);
    set_keep_alive_max_count(1'000'000'000);
    set_socket_options([](auto socket) {
      const int on = 1;
      setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    });
    new_task_queue = [] { return new httplib::ThreadPool(threads); };
    const int port = bind_to_any_port("127.0.0.1");
    // The library's own backlog is 5.
    return port > 0 && ::listen(svr_sock_, backlog) == 0 ? port : -1;
  }
};

}  // namespace

int main(int count, char** arguments) try {
  if (count != 3) throw std::runtime_error("usage: evently-bench-echo POST_ANSWER GET_ANSWER");
  const Answer post = read_answer(arguments[1]), get = read_answer(arguments[2]);
  const auto give = [](const Answer& answer) {
    return [&answer](const httplib::Request&, httplib::Response& response) {
      response.status = answer.status;
      response.headers = answer.headers;
      response.set_content(answer.body, answer.type.c_str());
    };
  };
  EchoServer server;
  server.Post(".*", give(post));
  server.Get(".*", give(get));
  const int port = server.bind();
  if (port < 0) throw std::runtime_error("cannot listen on 127.0.0.1");
  std::printf("%d\n", port);
  std::fflush(stdout);
  return server.listen_after_bind() ? 0 : 1;
} catch (const std::exception& error) {
  std::fprintf(stderr, "evently-bench-echo: %s\n", error.what());
  return 1;
}
