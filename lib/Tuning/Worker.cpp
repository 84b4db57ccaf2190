//===- Worker.cpp - A child process that runs candidates -----------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The parent's side. Nothing that the child does or says may stop or mislead
// it: every wait has an end, and every answer is looked at as if by a stranger.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Tuning/Worker.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include <chrono>
#include <cmath>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace llvm;
using namespace seednorm;
using namespace seednorm::tuning;

/// The longest answer that is read: a child out of its mind may write for ever.
static constexpr size_t maxAnswer = 1 << 20;

char TrialError::ID = 0;

void TrialError::log(raw_ostream &stream) const { stream << message; }

std::error_code TrialError::convertToErrorCode() const {
  return inconvertibleErrorCode();
}

static double now() {
  std::chrono::duration<double> time =
      std::chrono::steady_clock::now().time_since_epoch();
  return time.count();
}

Worker::~Worker() { stop(); }

//===----------------------------------------------------------------------===//
// The process
//===----------------------------------------------------------------------===//

static Error makeSystemError(const Twine &what, int code) {
  return makeError(what + ": " +
                   std::error_code(code, std::generic_category()).message());
}

Error Worker::spawn() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
    return makeSystemError("cannot connect to a child process", errno);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO,
                                   options.log.empty() ? "/dev/null"
                                                       : options.log.c_str(),
                                   O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // A group of its own: Ctrl-C is this process' to handle, and with the child
  // everything goes that it has started.
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP |
                                            POSIX_SPAWN_SETSIGMASK |
                                            POSIX_SPAWN_SETSIGDEF);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  std::vector<char *> arguments;
  for (std::string &argument : options.command)
    arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  int code = posix_spawn(&pid, arguments[0], &actions, &attributes,
                         arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (code) {
    close(ends[0]);
    pid = -1;
    return makeSystemError("cannot start " + quote(options.command[0]), code);
  }
  socket = ends[0];
  ++numStarts;
  return Error::success();
}

void Worker::stop() {
  if (pid < 0)
    return;
  kill(-pid, SIGKILL);
  kill(pid, SIGKILL);
  while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR)
    ;
  close(socket);
  pid = socket = -1;
}

Error Worker::start() {
  if (pid >= 0)
    return Error::success();
  auto open = [&]() -> Error {
    if (Error error = spawn())
      return error;
    json::Object message = toJSON(setup);
    message["do"] = "open";
    if (auto answer = request(std::move(message)); !answer)
      return answer.takeError();
    if (incumbent.empty())
      return Error::success();
    return request(json::Object{{"do", "incumbent"}, {"object", incumbent}})
        .takeError();
  };
  // The system may have been short of memory just then.
  for (bool isLast : {false, true}) {
    Error error = open();
    if (!error)
      return error;
    stop();
    bool isTrial = error.isA<TrialError>();
    std::string text = toString(std::move(error));
    if (!isTrial)
      return makeError(text);
    if (isLast)
      return makeError("the default schedule cannot be measured: " + text);
  }
  return Error::success();
}

/// Ends the child, which cannot be trusted after that.
Error Worker::fail(Outcome outcome, const Twine &message) {
  std::string text = message.str();
  stop();
  return make_error<TrialError>(outcome, std::move(text));
}

/// What the last line of its stderr says.
static std::string getLastWords(StringRef log) {
  auto file = MemoryBuffer::getFile(log);
  if (log.empty() || !file)
    return {};
  StringRef line = (*file)->getBuffer().rtrim().rsplit('\n').second;
  if (line.empty())
    line = (*file)->getBuffer().rtrim();
  return line.empty() ? std::string() : "; it said " + quote(line);
}

/// After its end of the connection was closed.
Error Worker::describeEnd() {
  int status = 0;
  // Closing comes shortly before the end itself.
  for (int i = 0; i < 100; ++i) {
    if (waitpid(pid, &status, WNOHANG) == pid) {
      // Its number may be another's from here on.
      kill(-pid, SIGKILL);
      close(socket);
      pid = socket = -1;
      std::string words = getLastWords(options.log);
      if (WIFSIGNALED(status))
        return make_error<TrialError>(
            Outcome::Crashed,
            formatv("killed by signal {0} ({1}){2}", WTERMSIG(status),
                    strsignal(WTERMSIG(status)), words),
            WTERMSIG(status) == SIGKILL);
      return make_error<TrialError>(
          Outcome::Crashed,
          formatv("ended with exit code {0}{1}", WEXITSTATUS(status), words));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return fail(Outcome::Crashed, "closed its output");
}

//===----------------------------------------------------------------------===//
// Talking to it
//===----------------------------------------------------------------------===//

/// Whether the socket is ready for `events` within `patience` seconds, of which
/// the wait is taken off.
static bool waitFor(int socket, short events, double &patience) {
  // Of a slice only so much counts: who was stopped meanwhile, both of us
  // perhaps, does not pay for it.
  constexpr double slice = 0.1;
  while (patience > 0) {
    double before = now();
    pollfd entry{socket, events, 0};
    int count =
        poll(&entry, 1,
             static_cast<int>(std::ceil(std::min(patience, slice) * 1000)));
    patience -= std::min(now() - before, 2 * slice);
    if (count > 0)
      return true;
    if (count < 0 && errno != EINTR)
      return false;
  }
  return false;
}

static std::string describeTimeout(double seconds) {
  return formatv("no answer within {0:f1} s (see --time-limit)", seconds);
}

Error Worker::send(StringRef line, double &patience) {
  while (!line.empty()) {
    if (!waitFor(socket, POLLOUT, patience))
      return fail(Outcome::TimedOut, describeTimeout(limit));
    ssize_t count =
        ::send(socket, line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count > 0)
      line = line.drop_front(count);
    else if (errno != EINTR && errno != EAGAIN)
      return describeEnd();
  }
  return Error::success();
}

Expected<std::string> Worker::receive(double &patience) {
  std::string answer;
  while (answer.empty() || answer.back() != '\n') {
    if (!waitFor(socket, POLLIN, patience))
      return fail(Outcome::TimedOut, describeTimeout(limit));
    char buffer[4096];
    ssize_t count = recv(socket, buffer, sizeof(buffer), MSG_DONTWAIT);
    if (count > 0)
      answer.append(buffer, count);
    else if (count == 0 || (errno != EINTR && errno != EAGAIN))
      return describeEnd();
    if (answer.size() > maxAnswer)
      return fail(Outcome::Crashed, "its answer has no end");
  }
  answer.pop_back();
  return answer;
}

Expected<json::Object> Worker::request(json::Object object,
                                       double usualSeconds) {
  constexpr double factor = 4;
  limit = std::max(options.timeLimit, factor * usualSeconds);
  double patience = limit;
  if (Error error = send(formatv("{0}\n", json::Value(std::move(object))).str(),
                         patience))
    return error;
  Expected<std::string> text = receive(patience);
  if (!text)
    return text.takeError();
  Expected<json::Value> answer = json::parse(*text);
  json::Object *result = answer ? answer->getAsObject() : nullptr;
  if (!answer)
    consumeError(answer.takeError());
  if (!result)
    return fail(Outcome::Crashed, "answered " + quote(*text));
  if (auto wrong = result->getString("wrong"))
    return fail(Outcome::Wrong, *wrong);
  if (auto error = result->getString("error"))
    return fail(Outcome::Crashed, *error);
  return std::move(*result);
}

Error Worker::load(StringRef object, bool approximate) {
  if (Error error = start())
    return error;
  double before = now();
  auto answer = request(json::Object{{"do", "load"},
                                     {"object", object},
                                     {"approximate", approximate}},
                        loadSeconds);
  if (!answer)
    return answer.takeError();
  // It was executed at least once, and a pair is two executions.
  if (loadSeconds == 0) {
    loadSeconds = now() - before;
    pairSeconds = 2 * loadSeconds;
  }
  return Error::success();
}

Error Worker::setIncumbent(StringRef object) {
  incumbent = object.str();
  // Else it is told when it starts.
  if (pid < 0)
    return Error::success();
  return request(json::Object{{"do", "incumbent"}, {"object", incumbent}})
      .takeError();
}

Expected<std::vector<TimePair>> Worker::measure(unsigned count) {
  if (pid < 0)
    return makeError("no candidate is loaded");
  double before = now();
  auto answer =
      request(json::Object{{"do", "measure"}, {"pairs", int64_t(count)}},
              count * pairSeconds);
  if (!answer)
    return answer.takeError();
  std::vector<TimePair> pairs;
  if (const json::Array *times = answer->getArray("seconds");
      times && times->size() == 2 * size_t(count))
    for (size_t i = 0; i + 1 < times->size(); i += 2)
      pairs.push_back({(*times)[i].getAsNumber().value_or(0),
                       (*times)[i + 1].getAsNumber().value_or(0)});
  auto isTime = [](double seconds) {
    return std::isfinite(seconds) && seconds > 0;
  };
  if (pairs.size() != count || !all_of(pairs, [&](const TimePair &pair) {
        return isTime(pair.incumbent) && isTime(pair.candidate);
      }))
    return fail(Outcome::Crashed, "answered what are no times");
  pairSeconds = (now() - before) / count;
  return pairs;
}
