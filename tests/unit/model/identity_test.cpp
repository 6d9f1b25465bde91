#include "support/catch.h"

#include "model/identity.h"

#include <limits>
#include <set>

using namespace hotplug;

TEST_CASE("A device id is made of 1 to 64 letters, digits, dashes and underscores")
{
    for (const auto& text : {std::string("a"), std::string("Disk_1-b"), std::string("-"), std::string(64, 'x')}) {
        CAPTURE(text);
        REQUIRE(DeviceId::parse(text));
        CHECK(DeviceId::parse(text)->str() == text);
    }
    for (const auto& text : {std::string(), std::string(65, 'x'), std::string("a.b"), std::string("a b"), std::string("a/b"),
             std::string("a:b"), std::string("\xc3\xa4"), std::string("a\0b", 3), std::string("a\n"), std::string("<a>")}) {
        CAPTURE(text);
        CHECK_FALSE(DeviceId::parse(text));
    }
}

TEST_CASE("The same VM and reference always name the same device")
{
    const auto vm = *Uuid::parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
    CHECK(DeviceId::derive(vm, "www.example.com").str() == "2ed6657d-e927-568b-95e1-2665a8aea6a2");
    CHECK(DeviceId::derive(vm, "/a") != DeviceId::derive(vm, "/b"));
    CHECK(DeviceId::derive(Uuid(), "/a") != DeviceId::derive(vm, "/a"));
    CHECK(DeviceId::parse(DeviceId::derive(vm, "/any path at all").str()));
}

TEST_CASE("A device's alias is its id behind ua-, and tells it again")
{
    const auto id = *DeviceId::parse("disk-1");
    CHECK(Alias::of(id).str() == "ua-disk-1");
    CHECK(Alias::of(id).deviceId() == id);
    CHECK(Alias("ua-ua-disk-1").deviceId()->str() == "ua-disk-1");
}

TEST_CASE("An alias that libvirt chose, or that is no id of ours, tells no device id")
{
    for (const auto& text : {std::string("virtio-disk1"), std::string("net0"), std::string(), std::string("ua-"),
             std::string("ua"), std::string("UA-x"), "ua-" + std::string(65, 'x'), std::string("ua-a.b")}) {
        CAPTURE(text);
        CHECK_FALSE(Alias(text).deviceId());
    }
    CHECK(Alias().empty());
    CHECK_FALSE(Alias("net0").empty());
}

TEST_CASE("B9: a MAC address is read in either case and printed in lower case")
{
    REQUIRE(Mac::parse("52:54:00:AA:bb:0C"));
    CHECK(Mac::parse("52:54:00:AA:bb:0C")->str() == "52:54:00:aa:bb:0c");
    CHECK(Mac::parse("52:54:00:AA:bb:0C") == Mac::parse("52:54:00:aa:BB:0c"));
    CHECK(Mac::parse("fe:ff:ff:ff:ff:ff"));
}

TEST_CASE("B9: what is no unicast MAC address is refused")
{
    const auto text = GENERATE(as<std::string>{}, "", "52:54:00:aa:bb", "52:54:00:aa:bb:cc:dd", "52-54-00-aa-bb-cc",
        "525400aabbcc", "52:54:00:aa:bb:c", "52:54:00:aa:bb:cg", "52:54:00:aa:bb;cc", "52:54:00:aa:bb:c ", ":52:54:00:aa:bb:c",
        "01:00:5e:00:00:01", "ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00");
    CAPTURE(text);
    CHECK_FALSE(Mac::parse(text));
}

TEST_CASE("B9: a MAC address drawn for a NIC is QEMU's, unicast and new each time")
{
    std::set<Mac> seen;
    for (int i = 0; i < 100; ++i) {
        const auto mac = Mac::random();
        CHECK(mac.str().starts_with("52:54:00:"));
        CHECK(Mac::parse(mac.str()) == mac);
        seen.insert(mac);
    }
    CHECK(seen.size() > 95);
}

TEST_CASE("A3: the index of a disk counts its target's letters as libvirt does")
{
    struct Case {
        unsigned index;
        const char* expected;
    };
    const auto [index, expected] = GENERATE(Case{0, "vda"}, Case{1, "vdb"}, Case{25, "vdz"}, Case{26, "vdaa"},
        Case{27, "vdab"}, Case{51, "vdaz"}, Case{52, "vdba"}, Case{701, "vdzz"}, Case{702, "vdaaa"}, Case{18277, "vdzzz"},
        Case{18278, "vdaaaa"}, Case{std::numeric_limits<unsigned>::max(), "vdmwlqkwv"});
    CAPTURE(index);
    CHECK(targetName("vd", index) == expected);
}

TEST_CASE("A3: the target's prefix is its bus's")
{
    CHECK(targetName("sd", 1) == "sdb");
    CHECK(targetName("hd", 2) == "hdc");
}
