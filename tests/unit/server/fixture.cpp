#include "unit/server/fixture.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <stdexcept>
#include <sys/syscall.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace hotplug::server::test {

namespace {

constexpr std::chrono::seconds patience{20};

} // namespace

TempFolder::TempFolder()
{
    std::string name = std::filesystem::temp_directory_path() / "hotplugd-test-XXXXXX";
    if (!mkdtemp(name.data()))
        throw std::runtime_error("no temporary folder");
    path_ = name;
}

TempFolder::~TempFolder()
{
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

struct LogCapture::Sink : spdlog::sinks::base_sink<spdlog::details::null_mutex> {
    void sink_it_(const spdlog::details::log_msg& message) override
    {
        const std::lock_guard lock(guard);
        lines.emplace_back(message.payload.data(), message.payload.size());
        added.notify_all();
    }
    void flush_() override {}

    std::size_t countLocked(const std::string& text) const
    {
        return static_cast<std::size_t>(std::count_if(
            lines.begin(), lines.end(), [&](const auto& line) { return line.find(text) != std::string::npos; }));
    }

    mutable std::mutex guard;
    std::condition_variable added;
    std::vector<std::string> lines;
};

LogCapture::LogCapture() : sink_(std::make_shared<Sink>()), before_(spdlog::default_logger())
{
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("capture", sink_));
}

LogCapture::~LogCapture()
{
    spdlog::set_default_logger(std::static_pointer_cast<spdlog::logger>(before_));
}

void LogCapture::await(const std::string& text)
{
    std::unique_lock lock(sink_->guard);
    if (!sink_->added.wait_for(lock, patience, [&] { return sink_->countLocked(text) > 0; }))
        throw std::runtime_error("never logged: " + text);
}

std::size_t LogCapture::count(const std::string& text) const
{
    const std::lock_guard lock(sink_->guard);
    return sink_->countLocked(text);
}

void HoldingEndpoint::handle(Request request, Respond respond)
{
    const std::lock_guard lock(mutex_);
    held_.push_back({std::move(request), std::move(respond)});
    arrived_.notify_all();
}

HoldingEndpoint::Held HoldingEndpoint::next()
{
    std::unique_lock lock(mutex_);
    if (!arrived_.wait_for(lock, patience, [this] { return !held_.empty(); }))
        throw std::runtime_error("no request arrived");
    auto held = std::move(held_.front());
    held_.pop_front();
    return held;
}

void echo(Request request, const Respond& respond)
{
    respond(text(request.method + " " + request.target + "\n" + request.body));
}

Reply text(std::string body)
{
    Reply reply;
    reply.contentType = "text/plain";
    reply.body = std::move(body);
    return reply;
}

namespace {

/// The system call: glibc's function would change every thread.
void setThreadUid(uid_t uid)
{
    constexpr auto unchanged = static_cast<uid_t>(-1);
    if (syscall(SYS_setresuid, unchanged, uid, unchanged) != 0)
        throw std::system_error(errno, std::generic_category(), "setresuid");
}

} // namespace

ActingAs::ActingAs(uid_t uid)
{
    setThreadUid(uid);
}

ActingAs::~ActingAs()
{
    setThreadUid(0);
}

void RunningServer::openToAll() const
{
    using std::filesystem::perms;
    const auto file = std::filesystem::path(path);
    std::filesystem::permissions(file, perms::all);
    std::filesystem::permissions(file.parent_path(), perms::all);
}

RunningServer::RunningServer(Endpoint& endpoint, const Limits& limits) : server(endpoint, limits)
{
    server.listen(UnixListener::create({path, 0660, ""}));
    server.start();
}

} // namespace hotplug::server::test
