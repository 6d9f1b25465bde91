#include "base/thread_pool.h"

#include "base/log.h"
#include "base/scope_guard.h"

#include <pthread.h>
#include <system_error>

namespace hotplug {

void nameThisThread(const std::string& name)
{
    constexpr std::size_t kernelLimit = 15;
    pthread_setname_np(pthread_self(), name.substr(0, kernelLimit).c_str());
}

ThreadPool::ThreadPool(std::string name, std::size_t threads, std::size_t maxQueued)
    : name_(std::move(name)), maxQueued_(maxQueued)
{
    ScopeGuard undo([this] { stop(); });
    for (std::size_t i = 0; i < threads; ++i)
        threads_.emplace_back([this] { work(); });
    undo.dismiss();
}

ThreadPool::~ThreadPool()
{
    stop();
}

void ThreadPool::stop()
{
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    for (auto& thread : threads_)
        thread.join();
}

bool ThreadPool::post(std::function<void()> task)
{
    {
        const std::lock_guard lock(mutex_);
        if (stopping_ || tasks_.size() >= maxQueued_)
            return false;
        tasks_.push_back(std::move(task));
    }
    wake_.notify_one();
    return true;
}

bool ThreadPool::drain(milliseconds patience)
{
    std::unique_lock lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
    return idle_.wait_for(lock, patience, [this] { return tasks_.empty() && running_ == 0; });
}

void ThreadPool::work()
{
    nameThisThread(name_);
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
        if (tasks_.empty())
            return;
        auto task = std::move(tasks_.front());
        tasks_.pop_front();
        ++running_;
        lock.unlock();
        guarded(name_.c_str(), task);
        task = nullptr;
        lock.lock();
        --running_;
        idle_.notify_all();
    }
}

PatientThreads::PatientThreads(std::string name, std::size_t max) : name_(std::move(name)), max_(max), threads_(name_) {}

PatientThreads::~PatientThreads()
{
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [this] { return running_ == 0; });
}

bool PatientThreads::run(std::function<void()> task)
{
    {
        const std::lock_guard lock(mutex_);
        if (stopping_ || running_ >= max_)
            return false;
        ++running_;
    }
    ScopeGuard undo([this] { finished(); });
    try {
        threads_.start([this, task = std::move(task)]() mutable {
            guarded(name_.c_str(), task);
            task = nullptr;
            finished();
        });
    } catch (const std::system_error& error) {
        spdlog::warn("{}: no thread for a task: {}", name_, error.what());
        return false;
    }
    undo.dismiss();
    return true;
}

bool PatientThreads::drain(milliseconds patience)
{
    std::unique_lock lock(mutex_);
    stopping_ = true;
    return idle_.wait_for(lock, patience, [this] { return running_ == 0; });
}

void PatientThreads::finished()
{
    const std::lock_guard lock(mutex_);
    --running_;
    idle_.notify_all();
}

} // namespace hotplug
