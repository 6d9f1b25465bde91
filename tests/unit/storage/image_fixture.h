#pragma once

#include "storage/storage.h"
#include "support/catch.h"
#include "unit/storage/qcow2_bytes.h"
#include "unit/storage/temp_directory.h"

#include <cstdlib>

namespace hotplug::test {

/// What a refusal said; the name of its reason is empty when nothing was refused.
struct SourceAnswer {
    std::string reason, sentence, field;
};

inline SourceAnswer answerOf(const Storage& storage, const SourceRef& source, DiskFormat declared)
{
    try {
        storage.resolve(source, declared);
        return {};
    } catch (const Refusal& refusal) {
        CHECK((refusal.field().empty() || std::holds_alternative<NetworkVolume>(source)));     // the caller knows it
        return {std::string(nameOf(refusal.reason())), refusal.what(), refusal.field()};
    }
}

/// A policy whose patience only hung storage exhausts.
inline StoragePolicy allowing(std::vector<std::string> imageRoots, std::vector<std::string> blockDevices = {},
    milliseconds patience = milliseconds(10'000))
{
    return {std::move(imageRoots), std::move(blockDevices), {}, patience};
}

/// An allowed root with a forbidden neighbour, and real images in both.
struct Images {
    TempDirectory directory;
    std::string root = directory / "images", outside = directory / "images-evil";
    Storage storage{allowing({root})};

    Images()
    {
        std::filesystem::create_directory(root);
        std::filesystem::create_directory(outside);
    }

    std::string at(const std::string& name) const { return root + '/' + name; }

    /// `qemu-img create`, run in the root.
    void create(const std::string& arguments) const
    {
        REQUIRE(std::system(("cd '" + root + "' && qemu-img create -q " + arguments).c_str()) == 0);
    }

    HostSource resolve(const std::string& path, DiskFormat declared) const
    {
        return storage.resolve(ImagePath{path}, declared);
    }
    SourceAnswer ask(const std::string& path, DiskFormat declared) const
    {
        return answerOf(storage, ImagePath{path}, declared);
    }

    /// How a qcow2 image in the root is answered whose header names this backing file.
    SourceAnswer askWithBacking(const std::string& backing, const std::string& format = "raw") const
    {
        Qcow2Bytes bytes;
        bytes.backing = backing;
        bytes.extensions = {{Qcow2Bytes::backingFormat, format}};
        write(at("top.qcow2"), bytes.str());
        return ask(at("top.qcow2"), DiskFormat::Qcow2);
    }
};

} // namespace hotplug::test
