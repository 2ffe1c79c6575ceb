// An example that runs beside the test, which may send it signals.
#pragma once

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace heed::test {

class Process {
 public:
  /// Starts the program with its arguments; standard output and error go to files in `folder`, from which it runs.
  Process(const std::filesystem::path& program, const std::vector<std::string>& arguments,
          const std::filesystem::path& folder) {
    std::vector<char*> argv{const_cast<char*>(program.c_str())};
    for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    const std::string out = folder / "stdout", err = folder / "stderr";
    // No signal may reach the new process before it has become the program: it has the test's handlers until then.
    sigset_t all, before;
    ::sigfillset(&all);
    ::sigprocmask(SIG_BLOCK, &all, &before);
    id_ = ::fork();
    if (id_ != 0) ::sigprocmask(SIG_SETMASK, &before, nullptr);
    if (id_ < 0) throw std::runtime_error("fork failed");
    if (id_ > 0) return;
    for (const int signal : {SIGINT, SIGTERM}) ::signal(signal, SIG_DFL);  // a shell's background job ignores SIGINT
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    const auto redirect = [](const std::string& file, int to) {
      return ::dup2(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666), to) == to;
    };
    if (redirect(out, STDOUT_FILENO) && redirect(err, STDERR_FILENO) && ::chdir(folder.c_str()) == 0)
      ::execv(program.c_str(), argv.data());
    ::_exit(127);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process() {
    if (id_ <= 0) return;
    ::kill(id_, SIGKILL);
    wait();
  }

  void send(int signal) const { ::kill(id_, signal); }

  /// Its exit status once it has ended; 128 + signal for one that a signal has ended.
  int wait() {
    int status = 0;
    while (::waitpid(id_, &status, 0) < 0 && errno == EINTR) {
    }
    id_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  pid_t id_ = -1;
};

}  // namespace heed::test
