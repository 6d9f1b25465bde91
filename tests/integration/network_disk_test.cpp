#include "round_trip.h"
#include "sources.h"
#include "support/images.h"
#include "support/iscsi_target.h"
#include "support/libvirtd.h"

#include <fstream>
#include <sstream>

// Volumes with a login, and those whose servers no test has: these as far as the XML.

using namespace hotplug::test;

namespace {

constexpr auto secret = "0a81f5b2-8403-7b23-c8d6-21ccc2f80d6f";

void virsh(const TestHost& host, const std::vector<std::string>& words)
{
    std::vector<std::string> command{"virsh", "-c", host.uri()};
    command.insert(command.end(), words.begin(), words.end());
    const auto done = runProgram(command);
    if (done.code != 0)
        throw std::runtime_error("virsh: " + done.err);
}

void defineSecret(const TestHost& host, const std::string& password)
{
    const auto definition = host.path() / "secret.xml", value = host.path() / "password";
    std::ofstream(definition) << "<secret ephemeral='no' private='yes'><uuid>" << secret
                              << "</uuid><usage type='iscsi'><target>t</target></usage></secret>";
    std::ofstream(value) << password;
    virsh(host, {"secret-define", definition});
    virsh(host, {"secret-set-value", secret, "--plain", "--file", value});
}

Json::Value login(const char* type, const std::string& user)
{
    return object({{"type", type}, {"username", user}, {"uuid", secret}});
}

/// What a dry run would plug; in the VM's definition libvirt's schema must accept it.
pugi::xml_document plannedXml(TestVm& vm, const TestHost& host, const Json::Value& params)
{
    const auto reply = vm.must("hotplugDisk", with(params, {{"dryRun", true}}));
    auto planned = parseDomain(reply["plan"]["xml"].asString());
    auto whole = parseDomain(vm.configXml());
    whole.child("domain").child("devices").append_copy(planned.document_element());
    const auto file = host.path() / "planned.xml";
    whole.save_file(file.c_str());
    const auto judged = runProgram({"virt-xml-validate", file, "domain"});
    INFO(reply["plan"]["xml"].asString());
    INFO(judged.out << judged.err);
    CHECK(judged.code == 0);
    return planned;
}

} // namespace

TEST_CASE("A4: an iSCSI volume with a login is plugged with the secret that libvirt keeps", "[integration]")
{
    TestHost host;
    const IscsiTarget iscsi(makeRaw(host.outside() / "d.img", 8), {"somebody", "correct-horse-battery"});
    const Libvirtd libvirtd(host);
    defineSecret(host, "correct-horse-battery");
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.boot();
    const auto open = networkDrive("iscsi", iscsi.name(), iscsi.port(), {{"serial", "LOGIN"}});
    CHECK(vm.call("hotplugDisk", open).outcome() == "failed");

    auto params = open;
    params["drive"]["auth"] = login("chap", "somebody");
    unplugLeavingNothing(vm, params, plugAndRead(vm, params, "LOGIN", 8 * mib));
    CHECK(daemon.log().find("correct-horse") == std::string::npos);
}

TEST_CASE("A4 R3: an rbd volume becomes XML that libvirt's schema accepts", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.start();
    auto params = networkDrive("rbd", "pool/image", 6789, {{"auth", login("ceph", "admin")}, {"cache", "writeback"}});
    params["drive"]["hosts"].append(object({{"name", "mon2.example.org"}}));

    const auto planned = plannedXml(vm, host, params);
    const auto disk = planned.child("disk");
    CHECK(disk.attribute("type").value() == std::string("network"));
    CHECK(disk.select_node("source[@protocol='rbd'][@name='pool/image']"));
    CHECK(disk.select_node("source/host[1][@name='127.0.0.1'][@port='6789']"));
    CHECK(disk.select_node("source/host[2][@name='mon2.example.org']"));
    CHECK(disk.select_node(("source/auth[@username='admin']/secret[@type='ceph'][@uuid='"
        + std::string(secret) + "']").c_str()));
    CHECK(disk.select_node("driver[@type='raw'][@cache='writeback']"));

    const auto iscsi = networkDrive("iscsi", "iqn.2012-06.test:x/3", 3260,
        {{"auth", login("chap", "somebody")}, {"device", "lun"}, {"iface", "scsi"}});
    CHECK(plannedXml(vm, host, iscsi).select_node("disk[@device='lun']/source/auth/secret[@type='iscsi']"));
    CHECK(plannedXml(vm, host, networkDrive("nbd", "", 10809)).select_node("disk/source[@protocol='nbd'][not(@name)]"));
}
