// SPDX-License-Identifier: Apache-2.0
#include "engine/engine_supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/log.h"
#include "engine/chdb_api.h"
#include "net/http_client.h"

namespace garrison::engine {
namespace {

constexpr int kLookMilliseconds = 5;  // how often a starting child is asked whether it answers
constexpr std::int64_t kStopTicks = 10 * kTicksPerSecond;
constexpr std::int64_t kShortLifeTicks = 10 * kTicksPerSecond;
constexpr int kMaxPauseMilliseconds = 1000;
constexpr std::size_t kMaxLineBytes = 8192;

int pause_milliseconds(int num_short_lives) {
  if (num_short_lives <= 1) return 0;
  return std::min(50 << std::min(num_short_lives - 2, 10), kMaxPauseMilliseconds);
}

std::string describe_end(int status) {
  if (WIFSIGNALED(status)) return fmt::format("killed by signal {}", WTERMSIG(status));
  return fmt::format("exit code {}", WEXITSTATUS(status));
}

// Writes a line of the child's log, "2024-05-06T07:08:09.123Z warning text", at its level.
void write_line(std::string_view line) {
  const auto level_at = line.find("Z ");
  const auto text_at = level_at == std::string_view::npos ? level_at : line.find(' ', level_at + 2);
  if (text_at == std::string_view::npos) {
    log::info("engine: {}", line);
    return;
  }
  const std::string_view level = line.substr(level_at + 2, text_at - level_at - 2);
  const std::string_view text = line.substr(text_at + 1);
  if (level == "error") {
    log::error("engine: {}", text);
  } else if (level == "warning") {
    log::warning("engine: {}", text);
  } else {
    log::info("engine: {}", text);
  }
}

class SpawnActions {
 public:
  SpawnActions() { posix_spawn_file_actions_init(&actions_); }
  ~SpawnActions() { posix_spawn_file_actions_destroy(&actions_); }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;
  posix_spawn_file_actions_t* get() { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

}  // namespace

// A running child: its process and the read end of its log.
struct EngineSupervisor::Child {
  int process_id = 0;
  int process_descriptor = -1;
  int log_descriptor = -1;
  std::string line;       // not complete yet
  std::string last_line;
};

Result<std::unique_ptr<EngineSupervisor>> EngineSupervisor::start(SupervisorOptions options, const Clock& clock) {
  const int wake = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake < 0) return unavailable("ENGINE-0040", fmt::format("the engine cannot be supervised: {}", strerror(errno)));
  return std::unique_ptr<EngineSupervisor>(new EngineSupervisor(std::move(options), clock, wake));
}

EngineSupervisor::EngineSupervisor(SupervisorOptions options, const Clock& clock, int wake_descriptor)
    : options_(std::move(options)), clock_(clock), wake_descriptor_(wake_descriptor), thread_([this] { run(); }) {}

EngineSupervisor::~EngineSupervisor() {
  stop();
  ::close(wake_descriptor_);
}

void EngineSupervisor::stop() {
  {
    Lock lock(mutex_);
    is_stopping_ = true;
  }
  const std::uint64_t one = 1;
  if (::write(wake_descriptor_, &one, sizeof one) != sizeof one) log::warning("the supervisor cannot be woken");
  if (thread_.joinable()) thread_.join();
}

EngineSupervisor::Health EngineSupervisor::health() const {
  Lock lock(mutex_);
  return health_;
}

Result<void> EngineSupervisor::await_ready(Timespan patience) {
  const std::int64_t deadline = clock_.monotonic_ticks() + patience.ticks;
  Lock lock(mutex_);
  while (health_.state != State::kReady) {
    if (health_.state == State::kStopped || (health_.num_restarts > 0 && health_.state == State::kRestarting)) {
      return unavailable("ENGINE-0041", "the engine does not start: " + health_.last_words);
    }
    if (clock_.monotonic_ticks() >= deadline) return timeout("ENGINE-0042", "the engine does not answer");
    changed_.wait_for(mutex_, std::chrono::milliseconds(50));
  }
  return {};
}

void EngineSupervisor::change(State state, int process_id) {
  Lock lock(mutex_);
  health_.state = state;
  health_.process_id = process_id;
  changed_.notify_all();
}

Result<EngineSupervisor::Child> EngineSupervisor::spawn() {
  int log_pipe[2];
  if (::pipe2(log_pipe, O_CLOEXEC) != 0) return unavailable("ENGINE-0040", strerror(errno));
  ::fcntl(log_pipe[0], F_SETFL, O_NONBLOCK);
  std::vector<std::string> arguments = {options_.program};
  arguments.insert(arguments.end(), options_.arguments.begin(), options_.arguments.end());
  for (const auto& [name, value] : {std::pair("--path", options_.path), std::pair("--socket", options_.socket),
                                    std::pair("--max-memory", std::to_string(options_.max_memory_bytes)),
                                    std::pair("--parent", std::to_string(::getpid()))}) {
    arguments.emplace_back(name);
    arguments.push_back(value);
  }
  std::vector<char*> argument_pointers;
  for (std::string& argument : arguments) argument_pointers.push_back(argument.data());
  argument_pointers.push_back(nullptr);
  // Nothing of our environment, which may hold secrets, but where the library is.
  std::string library = "GARRISON_CHDB=" + (options_.library.empty() ? find_chdb_library() : options_.library);
  char* environment[] = {library.data(), nullptr};

  SpawnActions actions;
  posix_spawn_file_actions_addopen(actions.get(), STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(actions.get(), log_pipe[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(actions.get(), log_pipe[1], STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  sigset_t defaults;
  sigfillset(&defaults);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  Child child;
  const int failure = ::posix_spawn(&child.process_id, options_.program.c_str(), actions.get(), &attributes,
                                    argument_pointers.data(), environment);
  posix_spawnattr_destroy(&attributes);
  ::close(log_pipe[1]);
  if (failure != 0) {
    ::close(log_pipe[0]);
    return unavailable("ENGINE-0040", fmt::format("{} cannot be started: {}", options_.program, strerror(failure)));
  }
  child.log_descriptor = log_pipe[0];
  child.process_descriptor = static_cast<int>(::syscall(SYS_pidfd_open, child.process_id, 0));
  return child;
}

void EngineSupervisor::take_log(Child& child) {
  std::array<char, 4096> buffer;
  while (true) {
    const ssize_t count = ::read(child.log_descriptor, buffer.data(), buffer.size());
    if (count <= 0) return;
    for (const char c : std::string_view(buffer.data(), static_cast<std::size_t>(count))) {
      if (c != '\n' && child.line.size() < kMaxLineBytes) {
        child.line += c;
        continue;
      }
      if (!child.line.empty()) {
        write_line(child.line);
        child.last_line = std::move(child.line);
        child.line.clear();
      }
    }
  }
}

bool EngineSupervisor::answers() {
  net::HttpClient client = net::HttpClient::unix_socket(options_.socket);
  net::OutgoingRequest request;
  request.url = "http://engine/ping";
  request.timeout = std::chrono::seconds(1);
  const auto reply = client.send(request);
  return reply.ok() && reply->status == 200;
}

// Follows one child until it has ended.
void EngineSupervisor::attend(Child& child) {
  bool is_ready = false;
  std::int64_t kill_at = 0;
  while (true) {
    pollfd descriptors[] = {{child.process_descriptor, POLLIN, 0},
                            {child.log_descriptor, POLLIN, 0},
                            {kill_at == 0 ? wake_descriptor_ : -1, POLLIN, 0}};
    ::poll(descriptors, std::size(descriptors), is_ready && kill_at == 0 ? -1 : kLookMilliseconds);
    take_log(child);
    if (descriptors[0].revents != 0) break;
    // Closed by the child: it is about to end.
    if ((descriptors[1].revents & POLLHUP) != 0) {
      pollfd ended{child.process_descriptor, POLLIN, 0};
      ::poll(&ended, 1, kLookMilliseconds);
    }
    if (descriptors[2].revents != 0) {
      ::kill(child.process_id, SIGTERM);
      kill_at = clock_.monotonic_ticks() + kStopTicks;
    } else if (kill_at != 0 && clock_.monotonic_ticks() >= kill_at) {
      ::kill(child.process_id, SIGKILL);
    }
    if (!is_ready && kill_at == 0 && answers()) {
      is_ready = true;
      change(State::kReady, child.process_id);
    }
  }
  int status = 0;
  ::waitpid(child.process_id, &status, 0);
  take_log(child);
  ::close(child.log_descriptor);
  ::close(child.process_descriptor);
  Lock lock(mutex_);
  if (!is_stopping_) log::error("the engine ended ({}) and is started again", describe_end(status));
  health_.last_words = child.last_line.empty() ? describe_end(status) : child.last_line;
}

void EngineSupervisor::run() {
  int num_short_lives = 0;
  while (true) {
    const std::int64_t born = clock_.monotonic_ticks();
    auto child = spawn();
    if (child.ok()) {
      attend(*child);
    } else {
      log::error("{}", child.error().to_string());
      Lock lock(mutex_);
      health_.last_words = child.error().message;
    }
    const bool is_short_life = clock_.monotonic_ticks() - born < kShortLifeTicks;
    num_short_lives = is_short_life ? num_short_lives + 1 : 0;
    {
      Lock lock(mutex_);
      if (is_stopping_) break;
      ++health_.num_restarts;
    }
    change(State::kRestarting, 0);
    pollfd wake{wake_descriptor_, POLLIN, 0};
    if (const int pause = pause_milliseconds(num_short_lives); pause > 0) ::poll(&wake, 1, pause);
    Lock lock(mutex_);
    if (is_stopping_) break;
  }
  change(State::kStopped, 0);
}

}  // namespace garrison::engine
