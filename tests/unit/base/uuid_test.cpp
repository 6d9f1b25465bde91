#include "support/catch.h"

#include "base/uuid.h"

#include <set>
#include <unordered_set>

using namespace hotplug;

TEST_CASE("A UUID is read in its canonical form, in either case, and printed in lower case")
{
    const std::string lower = "2ed6657d-e927-568b-95e1-2665a8aea6a2";
    const auto parsed = Uuid::parse(lower);
    REQUIRE(parsed);
    CHECK(parsed->str() == lower);
    CHECK(parsed->bytes()[0] == 0x2e);
    CHECK(parsed->bytes()[15] == 0xa2);
    CHECK(Uuid::parse("2ED6657D-E927-568B-95E1-2665A8AEA6A2") == parsed);
    CHECK(Uuid::parse("00000000-0000-0000-0000-000000000000") == Uuid());
}

TEST_CASE("Anything but the canonical form is no UUID")
{
    const auto text = GENERATE(as<std::string>{}, "", "2ed6657d", "2ed6657de927568b95e12665a8aea6a2",
        "{2ed6657d-e927-568b-95e1-2665a8aea6a2}", "2ed6657d-e927-568b-95e1-2665a8aea6a", "2ed6657d-e927-568b-95e1-2665a8aea6a22",
        "2ed6657de-927-568b-95e1-2665a8aea6a2", "2ed6657d-e927-568b-95e1-2665a8aea6ag", " ed6657d-e927-568b-95e1-2665a8aea6a2",
        "2ed6657d-e927-568b-95e1-2665a8aea6 2", "2ed6657d+e927-568b-95e1-2665a8aea6a2", "urn:uuid:2ed6657d-e927-568b-95e1-2665");
    CAPTURE(text);
    CHECK_FALSE(Uuid::parse(text));
}

TEST_CASE("A UUID is not read past the end of the text it stands in")
{
    const std::string longer = "2ed6657d-e927-568b-95e1-2665a8aea6a2ff";
    CHECK(Uuid::parse(std::string_view(longer).substr(0, 36)));
    CHECK_FALSE(Uuid::parse(std::string("2ed6657d-e927-568b-95e1-2665a8aea6a\0", 36)));
}

TEST_CASE("Version 5 UUIDs agree with the vectors that others publish")
{
    struct Vector {
        const char *space, *name, *expected;
    };
    const auto vector = GENERATE(
        Vector{"6ba7b810-9dad-11d1-80b4-00c04fd430c8", "www.example.com", "2ed6657d-e927-568b-95e1-2665a8aea6a2"},
        Vector{"6ba7b810-9dad-11d1-80b4-00c04fd430c8", "python.org", "886313e1-3b8a-5372-9b90-0c9aee199e5d"},
        Vector{"6ba7b811-9dad-11d1-80b4-00c04fd430c8", "http://python.org/", "4c565f0d-3f5a-5890-b41b-20cf47701c5e"},
        Vector{"6ba7b812-9dad-11d1-80b4-00c04fd430c8", "1.3.6.1", "1447fa61-5277-5fef-a9b3-fbc6e44f4af3"});
    CAPTURE(vector.name);
    CHECK(Uuid::fromName(*Uuid::parse(vector.space), vector.name).str() == vector.expected);
}

TEST_CASE("Random UUIDs are of version 4 and differ")
{
    std::set<Uuid> seen;
    for (int i = 0; i < 1000; ++i) {
        const auto uuid = Uuid::random();
        CHECK(uuid.bytes()[6] >> 4 == 4);
        CHECK(uuid.bytes()[8] >> 6 == 2);
        seen.insert(uuid);
    }
    CHECK(seen.size() == 1000);
}

TEST_CASE("UUIDs are compared and hashed by value")
{
    const auto first = *Uuid::parse("10000000-0000-0000-0000-000000000000");
    const auto second = *Uuid::parse("20000000-0000-0000-0000-000000000000");
    CHECK(first < second);
    CHECK(first != second);
    const std::unordered_set<Uuid> both{first, second, first};
    CHECK(both.size() == 2);
    CHECK(both.contains(second));
}
