#include "base/subprocess.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>

#include "base/interrupt.hpp"

extern char** environ;

namespace ms {
namespace {

using Clock = std::chrono::steady_clock;

std::string command_line(const std::vector<std::string>& argv) {
  return fmt::format("{}", fmt::join(argv, " "));
}

// Starts the command in a process group of its own with `output` as its standard output and error.
// Returns 0 and sets `pid`, or an errno.
int spawn(const std::vector<std::string>& argv, int output, pid_t& pid) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  posix_spawnattr_setpgroup(&attributes, 0);

  std::vector<char*> arguments;
  arguments.reserve(argv.size() + 1);
  for (const std::string& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  const int error = ::posix_spawnp(&pid, arguments[0], &actions, &attributes, arguments.data(), environ);

  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

// A driver that hangs can leave the command in an uninterruptible wait that SIGKILL does not end: it is given
// a moment to die and then left behind, rather than waited for.
void kill_group(pid_t pid) {
  ::kill(-pid, SIGKILL);
  for (int i = 0; i < 20; ++i) {
    if (::waitpid(pid, nullptr, WNOHANG) != 0) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

int exit_status(int wait_status) {
  return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

enum class ReadEnd { closed, timeout, too_much, interrupted };

ReadEnd read_until(int fd, Clock::time_point deadline, std::size_t max_bytes, std::string& text) {
  char buffer[16384];
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return ReadEnd::timeout;
    if (interrupt_requested()) return ReadEnd::interrupted;
    pollfd waiting = {fd, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(std::min<long>(left, 200)));
    if (ready <= 0) continue;
    const ssize_t count = ::read(fd, buffer, sizeof buffer);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count <= 0) return ReadEnd::closed;
    text.append(buffer, static_cast<std::size_t>(count));
    if (text.size() > max_bytes) return ReadEnd::too_much;
  }
}

}  // namespace

Reading<CommandOutput> run_command(const std::vector<std::string>& argv, std::chrono::milliseconds timeout,
                                   std::size_t max_bytes) {
  const auto deadline = Clock::now() + timeout;
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return Absent{command_line(argv) + ": no pipe: " + std::strerror(errno)};
  pid_t pid = 0;
  const int error = spawn(argv, ends[1], pid);
  ::close(ends[1]);
  if (error != 0) {
    ::close(ends[0]);
    if (error == ENOENT) return Absent{argv[0] + ": not found on PATH"};
    return Absent{fmt::format("{}: cannot be run: {}", argv[0], std::strerror(error))};
  }

  CommandOutput output;
  const ReadEnd end = read_until(ends[0], deadline, max_bytes, output.text);
  ::close(ends[0]);
  const double seconds = std::chrono::duration<double>(timeout).count();
  const Absent no_answer{fmt::format("{}: no answer within {:g} s", command_line(argv), seconds)};
  if (end == ReadEnd::timeout) {
    kill_group(pid);
    return no_answer;
  }
  if (end == ReadEnd::interrupted) {
    kill_group(pid);
    return Absent{command_line(argv) + ": interrupted"};
  }
  if (end == ReadEnd::too_much) {
    kill_group(pid);
    return Absent{fmt::format("{}: printed more than {} bytes", command_line(argv), max_bytes)};
  }

  // The output is closed; a command that closes it and goes on is bound by the same deadline.
  int wait_status = 0;
  for (auto pause = std::chrono::microseconds(100);;
       pause = std::min<std::chrono::microseconds>(pause * 2, std::chrono::milliseconds(5))) {
    const pid_t ended = ::waitpid(pid, &wait_status, WNOHANG);
    if (ended == pid) break;
    if (ended < 0 && errno != EINTR) return Absent{command_line(argv) + ": its exit status was lost"};
    if (Clock::now() >= deadline || interrupt_requested()) {
      kill_group(pid);
      return no_answer;
    }
    std::this_thread::sleep_for(pause);
  }
  output.status = exit_status(wait_status);
  return output;
}

}  // namespace ms
