#include "data.h"
#include "libvirtxml/domain.h"
#include "support/catch.h"

using namespace hotplug;
using namespace hotplug::test;

namespace {

using Sources = std::vector<std::string>;

DomainDisk read(const std::string& attributes, const std::string& inside)
{
    const auto document = parseDefinition(domainAround("<disk " + attributes + ">" + inside
        + "<target dev='sdc' bus='scsi'/></disk>"));
    return document.disks.at(0);
}

} // namespace

TEST_CASE("Disks of every kind of source are read")
{
    struct Case {
        const char *type, *source, *expected;
    };
    const auto [type, source, expected] = GENERATE(
        Case{"file", "<source file='/a b/&lt;c&gt;&amp;.img'/>", "/a b/<c>&.img"},
        Case{"block", "<source dev='/dev/mapper/lun' index='1'/>", "/dev/mapper/lun"},
        Case{"dir", "<source dir='/srv/fat'/>", "/srv/fat"},
        Case{"volume", "<source pool='default' volume='one'/>", "one"});
    CAPTURE(type);
    const auto disk = read(std::string("type='") + type + "' device='lun'", source);
    CHECK(disk.device == "lun");
    CHECK(disk.type == type);
    CHECK(disk.sources == Sources{expected});
    CHECK_FALSE(disk.volume);
    CHECK_FALSE(disk.address);
}

TEST_CASE("A4: network volumes are known by one text each, ports filled in where a document has none")
{
    struct Case {
        const char *source, *expected;
    };
    const auto [source, expected] = GENERATE(
        Case{"protocol='iscsi' name='iqn.a/1'><host name='store'/>", "iscsi://store:3260/iqn.a/1"},
        Case{"protocol='iscsi' name='iqn.a/1'><host name='store' port='3261'/>", "iscsi://store:3261/iqn.a/1"},
        Case{"protocol='rbd' name='pool/v'><host name='a'/><host name='b' port='1'/>", "rbd://a:6789,b:1/pool/v"},
        Case{"protocol='rbd' name='pool/v'>", "rbd:///pool/v"},
        Case{"protocol='nbd'><host name='h' transport='tcp'/>", "nbd://h:10809/"},
        Case{"protocol='nbd' name='e'><host transport='unix' socket='/run/nbd'/>", "nbd:///run/nbd:10809/e"},
        Case{"protocol='https' name='a.iso'><host name='h' port='443'/><host name='i'/>", "https://h:443,i/a.iso"});
    CAPTURE(source);
    const auto disk = read("type='network'", std::string("<source ") + source + "</source>");
    CHECK(disk.sources == Sources{expected});
    CHECK(disk.volume.has_value() == (std::string(expected).find("https") != 0));
}

TEST_CASE("A port that is none is as if it were not there")
{
    const auto port = GENERATE("", "65536", "-1", "x");
    const auto disk = read("type='network'", std::string("<source protocol='nbd' name='e'><host name='h' port='") + port
        + "'/></source>");
    CHECK(disk.sources == Sources{"nbd://h:10809/e"});
}

TEST_CASE("The layers behind a disk are read whatever their kind")
{
    const auto disk = read("type='file'", "<source file='/i/top'/><backingStore type='block'><source dev='/dev/vg/mid'/>"
        "<backingStore type='network'><source protocol='nbd' name='base'><host name='h' port='10810'/></source>"
        "<backingStore/></backingStore></backingStore>");
    CHECK(disk.type == "file");
    CHECK(disk.sources == Sources{"/i/top", "/dev/vg/mid", "nbd://h:10810/base"});
    CHECK_FALSE(disk.volume);
}

TEST_CASE("A drive without a medium has no source")
{
    CHECK(read("type='file' device='cdrom'", "").sources.empty());
}
