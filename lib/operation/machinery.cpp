#include "operation/machinery.h"

#include "base/spare_threads.h"
#include "operation/timer.h"

namespace hotplug {

namespace {

class RealMachinery : public Machinery {
public:
    Clock::time_point now() const override { return Clock::now(); }
    void at(Clock::time_point when, std::function<void()> call) override { timer_.at(when, std::move(call)); }
    void start(std::function<void()> work) override { threads_.start(std::move(work)); }
    void stopTimer() override { timer_.stop(); }

private:
    SpareThreads threads_{"lane"};
    Timer timer_;
};

} // namespace

std::unique_ptr<Machinery> realMachinery()
{
    return std::make_unique<RealMachinery>();
}

} // namespace hotplug
