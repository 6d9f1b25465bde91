#include "wire/jsonrpc/schema.h"

#include "base/reason.h"
#include "support/catch.h"
#include "wire/jsonrpc/catalogue.h"
#include "wire/jsonrpc/schema_files.h"
#include "wire/jsonrpc/shield.h"

#include <set>
#include <string>

using namespace hotplug;
using namespace hotplug::wire;

namespace {

constexpr const char* someVm = "1b4e28ba-2fa1-11d2-883f-0016d3cca427";

std::string toDrive(const std::string& members, const std::string& others = {})
{
    return std::string(R"({"vmId":")") + someVm + R"(","drive":{"format":"raw","path":"/a")" + members + "}" + others + "}";
}

/// `/at problem` of each, or the form's name.
std::vector<std::string> verdict(const std::string& verb, const std::string& params)
{
    static const Catalogue catalogue;
    try {
        return {catalogue.verb(verb).check(parseShielded(params))};
    } catch (const InvalidParams& invalid) {
        std::vector<std::string> problems;
        for (const auto& problem : invalid.problems())
            problems.push_back(problem.at + " " + problem.problem);
        return problems;
    }
}

using Verdict = std::vector<std::string>;

void findForbidden(const Json::Value& schema, std::set<std::string>& found)
{
    for (const auto& key : schema.isObject() ? schema.getMemberNames() : Json::Value::Members())
        for (const auto* forbidden : {"pattern", "oneOf", "anyOf", "patternProperties"})
            if (key == forbidden)
                found.insert(key);
    for (const auto& part : schema)
        findForbidden(part, found);
}

} // namespace

TEST_CASE("R7: leaf errors are JSON Pointers and say what is allowed")
{
    CHECK(verdict("hotplugDisk", toDrive("")) == Verdict{"drive"});
    CHECK(verdict("hotplugDisk", toDrive(R"(,"iface":"fdc")")) == Verdict{"/drive/iface must be virtio, scsi, ide or sata"});
    CHECK(verdict("hotplugDisk", toDrive(R"(,"index":true)")) == Verdict{"/drive/index must be of type integer or string"});
    CHECK(verdict("hotplugDisk", toDrive(R"(,"index":1.5)")) == Verdict{"/drive/index must be of type integer or string"});
    CHECK(verdict("hotplugDisk", toDrive(R"(,"index":99999999999999999999)")) == Verdict{"/drive/index must be of type integer or string"});
    CHECK(verdict("hotplugDisk", toDrive(R"(,"foo~/bar":1)")) == Verdict{"/drive/foo~0~1bar is not a key known here"});
    CHECK(verdict("hotplugDisk", toDrive(R"(,"specParams":{"ioTune":{"x":1}})")) == Verdict{"/drive/specParams/ioTune/x is not a key known here"});
    CHECK(verdict("hotplugDisk", toDrive(R"(,"address":{})")) == Verdict{"/drive/address/type is required"});
    CHECK(verdict("hotplugDisk", toDrive("", R"(,"timeout":99)")) == Verdict{"/timeout must be from 100 to 600000"});
    CHECK(verdict("hotplugDisk", toDrive("", R"(,"timeout":5000000000)")) == Verdict{"/timeout must be from 100 to 600000"});
    CHECK(verdict("hotplugDisk", toDrive("", R"(,"timeout":99999999999999999999)")).size() == 1);
    CHECK(verdict("hotplugDisk", toDrive("", R"(,"dryRun":"true")")) == Verdict{"/dryRun must be of type boolean"});
    CHECK(verdict("hotplugDisk", R"({"drive":{"path":"/a"}})") == Verdict{"/drive/format is required", "/vmId is required"});
    CHECK(verdict("ping", R"({"x":1})") == Verdict{"/x is not a key known here"});
    CHECK(verdict("ping", "[]") == Verdict{" must be an object: parameters are given by name"});
}

TEST_CASE("R2: the form of a request is chosen by its key")
{
    const auto vm = std::string(R"({"vmId":")") + someVm + "\"";
    CHECK(verdict("hotunplugDisk", vm + R"(,"deviceId":"a"})") == Verdict{"deviceId"});
    CHECK(verdict("hotunplugDisk", vm + R"(,"alias":"virtio-disk1"})") == Verdict{"alias"});
    CHECK(verdict("hotunplugDisk", vm + R"(,"drive":{"path":"/a"}})") == Verdict{"drive"});
    CHECK(verdict("hotunplugNic", vm + R"(,"nic":{"macAddr":"x"}})") == Verdict{"nic"});
    CHECK(verdict("hotplugDisk", vm + R"(,"device":[{"format":"raw","path":"/a"}]})") == Verdict{"device"});
    CHECK(verdict("hotunplugDisk", vm + R"(,"device":[{"path":"/a"},{"deviceId":"b"}]})") == Verdict{"device"});
    CHECK(verdict("hotplugDisk", vm + R"(,"drive":{"format":"raw"},"device":[]})") == Verdict{"/device is not a key known here"});
    CHECK(verdict("hotplugNic", vm + R"(,"device":[{}]})") == Verdict{"/device is not a key known here", "/nic is required"});
    CHECK(verdict("hotunplugDisk", vm + R"(,"drive":{},"deviceId":"a"})") == Verdict{"/deviceId is not a key known here"});
    CHECK(verdict("hotunplugDisk", vm + "}") == Verdict{" one of alias, device, deviceId, drive is required"});
}

TEST_CASE("R2: what is wrong with a list is told at its entries, all at once")
{
    const auto list = [](const std::string& entries) {
        return std::string(R"({"vmId":")") + someVm + R"(","device":)" + entries + "}";
    };
    CHECK(verdict("hotplugDisk", list(R"([{"format":"raw"},{"iface":"virtio"},{"format":"raw","foo":1}])"))
          == Verdict{"/device/1/format is required", "/device/2/foo is not a key known here"});
    CHECK(verdict("hotplugDisk", list(R"([{"format":"raw"},7])")) == Verdict{"/device/1 must be of type object"});
    CHECK(verdict("hotplugDisk", list("[]")) == Verdict{"/device must have 1 to 16 entries"});
    CHECK(verdict("hotplugDisk", list("{}")) == Verdict{"/device must be of type array"});
    std::string many;
    for (int i = 0; i < 17; ++i)
        many += std::string(i == 0 ? "" : ",") + R"({"format":"raw"})";
    CHECK(verdict("hotplugDisk", list("[" + many + "]")) == Verdict{"/device must have 1 to 16 entries"});
    CHECK(verdict("hotplugDisk", toDrive(R"(,"protocol":"rbd","hosts":[{"name":"a"},{"name":"b","transport":"rdma"},{"port":1}])"))
          == Verdict{"/drive/hosts/1/transport must be tcp", "/drive/hosts/2/name is required"});
}

TEST_CASE("A3: ignoreUnknown takes unknown keys out of the dictionary only")
{
    const Catalogue catalogue;
    const auto& verb = catalogue.verb("hotplugDisk");
    auto params = parseShielded(toDrive(R"(,"x":1,"y~/":2,"specParams":{"z":1})", R"(,"ignoreUnknown":true)"));
    const auto [form, dropped] = verb.checkLeniently(params);
    CHECK(form == "drive");
    CHECK(std::set<std::string>(dropped.begin(), dropped.end()) == std::set<std::string>{"/drive/x", "/drive/y~0~1", "/drive/specParams/z"});
    CHECK(params["drive"].size() == 3);

    auto list = parseShielded(std::string(R"({"vmId":")") + someVm + R"(","device":[{"format":"raw"},{"format":"raw","x":1,"specParams":{"z":1}}]})");
    CHECK(verb.checkLeniently(list).second.size() == 2);
    CHECK(list["device"][1] == parseShielded(R"({"format":"raw","specParams":{}})"));

    auto outside = parseShielded(toDrive("", R"(,"ignoreUnknown":true,"timeuot":1)"));
    CHECK_THROWS_AS(verb.checkLeniently(outside), InvalidParams);
}

TEST_CASE("R7: a long value costs no stack and little time")
{
    const std::string longText(900'000, 'a');
    CHECK(verdict("hotplugDisk", toDrive(R"(,"serial":")" + longText + "\"")) == Verdict{"drive"});
    CHECK(verdict("hotplugDisk", toDrive(R"(,"iface":")" + longText + "\"")).size() == 1);
    std::string many;
    for (int i = 0; i < 3'000; ++i)
        many += ",\"k" + std::to_string(i) + "\":0";
    CHECK(verdict("hotplugDisk", toDrive(many)).size() == 1);
    const Catalogue catalogue;
    auto params = parseShielded(toDrive(many, R"(,"ignoreUnknown":true)"));
    CHECK_THROWS_AS(catalogue.verb("hotplugDisk").checkLeniently(params), InvalidParams);
}

TEST_CASE("R6: errors.json and the table of reasons agree")
{
    const auto errors = schemaDocument("errors.json");
    REQUIRE(errors["reasons"].size() == reasonTable().size());
    Json::ArrayIndex i = 0;
    for (const auto& entry : reasonTable()) {
        const auto& listed = errors["reasons"][i++];
        CAPTURE(std::string(entry.name));
        CHECK(listed["reason"].asString() == entry.name);
        CHECK(listed["code"].isNull() == !entry.code.has_value());
        CHECK((!entry.code || listed["code"].asInt() == *entry.code));
        CHECK(listed["http"].asInt() == entry.httpStatus);
        CHECK(listed["meaning"].asString() == entry.meaning);
        CHECK((!entry.code || errors["codes"].isMember(std::to_string(*entry.code))));
    }
}

TEST_CASE("R5: every verb's schema has its code and that code's text")
{
    const Catalogue catalogue;
    REQUIRE(catalogue.verbs().size() >= 14);
    for (const auto& verb : catalogue.verbs()) {
        const auto document = schemaDocument("verbs/" + verb.name() + ".json");
        CAPTURE(verb.name());
        CHECK(catalogue.textOf(verb.code()) == document["failure"].asString());
        CHECK(document["title"].isString());
        CHECK(document["description"].isString());
        CHECK(document["rows"].size() > 0);
        CHECK(document.isMember("result"));
        CHECK_NOTHROW(Schema(document["result"], schemaDocument("definitions.json")["definitions"]));
    }
    CHECK(catalogue.verb("hotplugDisk").code() == 45);
    CHECK(catalogue.verb("VM.hotunplugDisk").code() == 46);
    CHECK(catalogue.verb("hotplugNic").code() == 49);
    CHECK(catalogue.verb("hotunplugNic").code() == 50);
}

TEST_CASE("R7: no schema uses what overflows the stack or hides the leaf error")
{
    for (const auto& file : schemaFiles()) {
        std::set<std::string> found;
        findForbidden(schemaDocument(std::string(file.path)), found);
        CAPTURE(std::string(file.path));
        CHECK(found.empty());
    }
}
