#include "hypervisor/domain_uuid.h"

#include "hypervisor/hypervisor.h"
#include "support/catch.h"

using namespace hotplug;

namespace {

const std::string id = "11111111-2222-4333-8444-555555555555";

struct Case {
    const char* what;
    std::string xml;
    std::optional<std::string> uuid;
};

} // namespace

TEST_CASE("W1: the UUID that libvirt would take from a domain document is found however it is written")
{
    const Case cases[] = {
        {"plain", "<domain type='kvm'><name>a</name><uuid>" + id + "</uuid></domain>", id},
        {"white space in the tags", "<domain ><uuid\n >" + id + "</uuid ></domain>", id},
        {"attributes", "<domain a='>' b=\"'/>\"><uuid x='<uuid>' y='2'>" + id + "</uuid></domain>", id},
        {"white space around", "<domain><uuid>\n " + id + " </uuid></domain>", "\n " + id + " "},
        {"behind a comment", "<?xml version='1.0'?><!-- <domain><uuid>1</uuid> --><domain><!-- > --><uuid>" + id
            + "</uuid></domain>", id},
        {"behind metadata", "<domain><metadata><uuid>1</uuid><a/><b c='/'/></metadata><uuid>" + id + "</uuid></domain>",
            id},
        {"behind CDATA", "<domain><title><![CDATA[</title><uuid>1]]></title><uuid>" + id + "</uuid></domain>", id},
        {"metadata only", "<domain><metadata><uuid>" + id + "</uuid></metadata></domain>", std::nullopt},
        {"none", "<domain><name>a</name></domain>", std::nullopt},
        {"an empty one", "<domain><uuid/></domain>", std::nullopt},
        {"another name", "<domain><uuids>" + id + "</uuids></domain>", std::nullopt},
        {"cut off in a tag", "<domain><uuid x='", std::nullopt},
        {"cut off in a comment", "<domain><!-- ", std::nullopt},
        {"nothing", "", std::nullopt},
        {"no XML", "<<<>>> </ <", std::nullopt},
    };
    for (const auto& one : cases) {
        INFO(one.what);
        CHECK(domainUuid(one.xml) == one.uuid);
    }
}

TEST_CASE("W1: a domain document that could hide its UUID is Invalid")
{
    const std::string documents[] = {
        "<!DOCTYPE domain [<!ENTITY u '1'>]><domain/>",
        "<domain><uuid>&#49;1111111-2222-4333-8444-555555555555</uuid></domain>",
        "<domain><uuid><!-- -->" + id + "</uuid></domain>",
        "<domain><uuid><![CDATA[" + id + "]]></uuid></domain>",
        "<domain><uuid>" + id,
    };
    for (const auto& document : documents) {
        INFO(document);
        CHECK_THROWS_AS(domainUuid(document), HypervisorError);
    }
}
