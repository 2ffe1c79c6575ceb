#include "table/child.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>

namespace heed::bench {

Child::Child(std::vector<std::string> command) : name_(command.at(0)) {
  int in[2], out[2];  // both close by themselves in programs that are started later
  if (pipe2(in, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  if (pipe2(out, O_CLOEXEC) != 0) {
    close(in[0]), close(in[1]);
    throw std::runtime_error("no pipe");
  }
  std::vector<char*> arguments;
  for (std::string& argument : command) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  const int status = posix_spawn(&id_, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(in[0]), close(out[1]);
  to_ = fdopen(in[1], "w"), from_ = fdopen(out[0], "r");
  if (status == 0) return;
  std::fclose(to_), std::fclose(from_);
  throw std::runtime_error("cannot start " + name_);
}

Child::~Child() {
  kill(id_, SIGKILL);
  waitpid(id_, nullptr, 0);
  std::fclose(to_), std::fclose(from_);
}

Child::Answer Child::take_steps(int steps) {
  Answer answer{};
  std::fprintf(to_, "%d\n", steps);
  std::fflush(to_);
  if (std::fscanf(from_, "%lf %lf", &answer.seconds, &answer.value) != 2)
    throw std::runtime_error(name_ + " has ended without an answer");
  return answer;
}

std::string first_line(const std::string& command) {
  std::FILE* const pipe = popen(command.c_str(), "r");
  if (!pipe) return {};
  std::string line;
  for (int c; (c = std::fgetc(pipe)) != EOF && c != '\n';) line += static_cast<char>(c);
  return pclose(pipe) == 0 ? line : std::string();
}

}  // namespace heed::bench
