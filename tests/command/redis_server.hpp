// A real redis-server for tests: on a socket in a folder of its own, gone with the test.
#pragma once

#include "probe/command/redis.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

class RedisServer
{
public:
    explicit RedisServer(std::vector<std::string> options = {}) : options_(std::move(options))
    {
        std::string name = (std::filesystem::temp_directory_path() / "mxtls-redis-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr)
            throw std::runtime_error("no temporary folder");
        folder_ = name;
        start();
    }

    ~RedisServer()
    {
        kill();
        std::filesystem::remove_all(folder_);
    }

    RedisServer(const RedisServer&) = delete;
    RedisServer& operator=(const RedisServer&) = delete;

    /// Again, with what it had stored.
    void start()
    {
        std::array<int, 2> pipe{};
        if (::pipe2(pipe.data(), O_CLOEXEC) != 0)
            throw std::runtime_error("no pipe");
        // Before the fork: another thread may hold the lock of the memory that this takes.
        auto words = command_line();
        std::vector<char*> arguments;
        for (auto& word : words)
            arguments.push_back(word.data());
        arguments.push_back(nullptr);
        process_ = ::fork();
        if (process_ == 0)
            become_server(pipe[1], arguments.data());
        ::close(pipe[1]);
        wait_until_ready(pipe[0]);
    }

    void kill()
    {
        if (process_ <= 0)
            return;
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
        process_ = -1;
    }

    std::string socket() const { return folder_ + "/redis.sock"; }
    std::string url(const std::string& parameters = "") const
    {
        return "unix://" + socket() + "?" + parameters;
    }

    /// Of a client that knows nothing of queues.
    command::RedisReply ask(const command::RedisCommand& command)
    {
        return client().ask(command, std::chrono::seconds{20});
    }

    long long number(const command::RedisCommand& command) { return ask(command).number; }

private:
    command::RedisLink& client()
    {
        if (!client_) {
            command::RedisPlace place;
            place.path = socket();
            client_ = std::make_unique<command::RedisLink>(place, std::chrono::seconds{0});
        }
        return *client_;
    }

    std::vector<std::string> command_line() const
    {
        std::vector<std::string> words{FIXTURES "/world/redis.py", "--port", "0", "--unixsocket", socket()};
        words.insert(words.end(), {"--dir", folder_, "--save", "", "--appendonly", "yes"});
        // By default what was answered is written later where the disk is busy, and kill() would lose it.
        words.insert(words.end(), {"--appendfsync", "always"});
        words.insert(words.end(), options_.begin(), options_.end());
        return words;
    }

    [[noreturn]] static void become_server(int out, char* const* arguments)
    {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::dup2(out, STDOUT_FILENO);
        ::execv(*arguments, arguments);
        ::_exit(1);
    }

    void wait_until_ready(int in)
    {
        std::string said;
        std::array<char, 4096> octets{};
        while (said.find("eady to accept connections") == said.npos) {
            const auto count = ::read(in, octets.data(), octets.size());
            if (count <= 0)
                throw std::runtime_error("redis-server did not come up: " + said);
            said.append(octets.data(), static_cast<std::size_t>(count));
        }
        log_.push_back(in); // open as long as it may write
    }

    std::vector<std::string> options_;
    std::string folder_;
    std::vector<int> log_;
    pid_t process_ = -1;
    std::unique_ptr<command::RedisLink> client_;
};
