#include "model/parse_name.h"

#include "support/catch.h"

using namespace hotplug;

namespace {

template<typename Enum> void expectAllBack()
{
    for (const auto value : enumerators<Enum>) {
        CAPTURE(name(value));
        CHECK((parseName<Enum>(name(value)) == value));
    }
    CHECK_FALSE(parseName<Enum>(""));
    CHECK_FALSE(parseName<Enum>("usb"));
}

} // namespace

TEST_CASE("R7: every name leads back to its enumerator, and no other text to any")
{
    expectAllBack<DeviceKind>();
    expectAllBack<Bus>();
    expectAllBack<DiskFormat>();
    expectAllBack<Goal>();
    expectAllBack<Outcome>();
}
