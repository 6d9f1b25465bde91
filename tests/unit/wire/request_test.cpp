#include "wire/vdsm/request.h"

#include "support/catch.h"
#include "wire/jsonrpc/shield.h"

#include <set>

using namespace hotplug;
using namespace hotplug::wire;

namespace {

constexpr const char* someVm = "1b4e28ba-2fa1-11d2-883f-0016d3cca427";

CheckedParams checked(const std::string& method, const std::string& members)
{
    static const Catalogue catalogue;
    const auto inner = std::string(R"({"vmId":")") + someVm + "\"," + members + "}";
    const bool engine = method.starts_with("VM.");
    return checkParams(catalogue, method, parseShielded(engine ? std::string(R"({"vmID":")") + someVm + R"(","params":)" + inner + "}" : inner));
}

} // namespace

TEST_CASE("R5: a field leaves as the caller sent it, in every form")
{
    struct Case { std::string method, members, field, sent; };
    const std::string drive = R"("drive":{"format":"raw"})", list = R"("device":[{"format":"raw"},{"format":"raw"}])";
    const auto one = GENERATE_COPY(values<Case>({
        {"hotplugDisk", drive, "/0/path", "/drive/path"},
        {"hotplugDisk", drive, "/0/specParams/ioTune", "/drive/specParams/ioTune"},
        {"hotplugDisk", drive, "/0", "/drive"},
        {"hotplugDisk", drive, "/0/persist", "/persist"},
        {"hotplugDisk", drive, "/persist", "/persist"},
        {"hotplugDisk", drive, "/vmId", "/vmId"},
        {"hotplugDisk", drive, "", ""},
        {"hotplugDisk", list, "/1/path", "/device/1/path"},
        {"hotplugDisk", list, "/0/address", "/device/0/address"},
        {"hotplugDisk", list, "/1", "/device/1"},
        {"hotplugDisk", list, "/15/path", "/device/15/path"},
        {"hotplugDisk", list, "/1/persist", "/persist"},
        {"VM.hotplugDisk", drive, "/0/path", "/params/drive/path"},
        {"VM.hotplugDisk", list, "/1/path", "/params/device/1/path"},
        {"VM.hotplugDisk", list, "/timeout", "/params/timeout"},
        {"VM.hotplugDisk", drive, "/requestId", "/params/requestId"},
        {"hotplugNic", R"("nic":{"network":"blue"})", "/0/network", "/nic/network"},
        {"hotunplugDisk", R"("deviceId":"d1")", "/0/deviceId", "/deviceId"},
        {"hotunplugDisk", R"("deviceId":"d1")", "/0", "/deviceId"},
        {"hotunplugDisk", R"("alias":"ua-d1")", "/0", "/alias"},
        {"VM.hotunplugDisk", R"("alias":"ua-d1")", "/0/alias", "/params/alias"},
    }));
    CAPTURE(one.method, one.members, one.field);
    CHECK(checked(one.method, one.members).pointerTo(one.field) == one.sent);
}

TEST_CASE("R3: the same request has the same text, in either form, whatever may differ between retries")
{
    const auto text = [](const std::string& method, const std::string& members) { return checked(method, members).canonicalText(); };
    const auto plain = text("hotplugDisk", R"("drive":{"format":"raw","path":"/a"})");
    CHECK(plain == std::string(R"({"drive":{"format":"raw","path":"/a"},"vmId":")") + someVm + "\"}");
    CHECK(text("VM.hotplugDisk", R"("drive":{"path":"/a","format":"raw","serial":""})") == plain);
    CHECK(text("hotplugDisk", R"("drive":{"format":"raw","path":"/a"},"requestId":"r","timeout":500,"waitForGuest":true,"dryRun":false)") == plain);
    CHECK(text("hotplugDisk", R"("drive":{"format":"raw","path":"/a","truesize":"5","vm_custom":{"x":1},"wings":2},"ignoreUnknown":true)") == plain);
    for (const auto* other : {R"("drive":{"format":"raw","path":"/b"})", R"("drive":{"format":"raw","path":"/a"},"persist":false)",
             R"("device":[{"format":"raw","path":"/a"}])"})
        CHECK(text("hotplugDisk", other) != plain);
}

TEST_CASE("R3: params of any length have a text of bounded length")
{
    const auto text = [](const std::string& serial) {
        return checked("hotplugDisk", R"("drive":{"format":"raw","path":"/a","serial":")" + serial + "\"}").canonicalText();
    };
    const auto longText = std::string(100'000, 'x');
    CHECK(text(longText).size() < 100);
    CHECK(text(longText) == text(longText));
    CHECK(text(longText) != text(longText + "y"));
}

TEST_CASE("R3: of a NIC's custom properties only queues is kept")
{
    CHECK(checked("hotplugNic", R"("nic":{"network":"blue","custom":{"queues":"4","hook":"secret"}})").canonicalText()
          == checked("hotplugNic", R"("nic":{"network":"blue","custom":{"queues":"4"}})").canonicalText());
    CHECK(checked("hotplugNic", R"("nic":{"network":"blue","custom":{"hook":"secret"}})").canonicalText()
          == checked("hotplugNic", R"("nic":{"network":"blue"})").canonicalText());
}

TEST_CASE("R3: a request id is 1 to 128 printable characters")
{
    const auto with = [](const std::string& id) { return checked("hotunplugDisk", R"("deviceId":"d","requestId":)" + id).requestId(); };
    const auto at = [&](const std::string& id) {
        try {
            with(id);
            return std::string("nothing");
        } catch (const InvalidParams& invalid) {
            return invalid.problems().front().at;
        }
    };
    CHECK(with("\"9f3c: engine 1\"") == "9f3c: engine 1");
    CHECK(with("\"" + std::string(128, 'x') + "\"").size() == 128);
    for (const auto& bad : {std::string("\"\""), "\"" + std::string(129, 'x') + "\"", std::string(R"("a\nb")"), std::string("7"), std::string("null")})
        CHECK(at(bad) == "/requestId");
    CHECK_THROWS_AS(checked("VM.hotunplugDisk", R"("deviceId":"d","requestId":"a\tb")").requestId(), InvalidParams);
}

TEST_CASE("R2: a list is as many dictionaries, everything else is one")
{
    const auto list = checked("hotplugDisk", R"("device":[{"format":"raw","path":""},{"format":"cow","serial":null}])");
    REQUIRE(list.entries() == 2);
    CHECK(list.entry(0) == parseShielded(R"({"format":"raw"})"));
    CHECK(list.entry(1) == parseShielded(R"({"format":"cow"})"));
    CHECK(checked("hotplugDisk", R"("drive":{"format":"raw"})").entry(0)["format"] == "raw");
    CHECK(checked("hotunplugDisk", R"("deviceId":"d1")").entry(0)["deviceId"] == "d1");
}

TEST_CASE("A3: ignoreUnknown names what it takes out of which dictionary")
{
    CHECK(checked("hotplugDisk", R"("ignoreUnknown":true,"drive":{"format":"raw","wings":2,"specParams":{"z":1}})").warnings.size() == 2);
    const auto list = checked("hotplugDisk", R"("ignoreUnknown":true,"device":[{"format":"raw"},{"format":"raw","wings":2,"specParams":{"z":1}}])");
    CHECK(list.entry(1).size() == 2);
    CHECK(std::set<std::string>(list.warnings.begin(), list.warnings.end())
          == std::set<std::string>{"device[1].wings is unknown and was ignored", "device[1].specParams.z is unknown and was ignored"});
}
