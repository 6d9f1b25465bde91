#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hotplug::test {

/// A qcow2 header by hand, honest as it stands; a test spoils one thing.
struct Qcow2Bytes {
    struct Extension {
        std::uint32_t kind = 0;
        std::string value;
        std::uint32_t lengthAdded = 0;          ///< A lie about the length.
    };
    static constexpr std::uint32_t backingFormat = 0xE2792ACA, dataFile = 0x44415441, featureNames = 0x6803f857;

    std::uint32_t magic = 0x514649fb, version = 3, clusterBits = 16, encryption = 0, headerLength = 104;
    std::uint64_t bytes = 1 << 20, features = 0;
    std::vector<Extension> extensions;
    bool endExtensions = true;
    std::string backing;                        ///< Behind the extensions, unless the next two say otherwise.
    std::uint64_t backingOffset = 0;
    std::uint32_t backingSize = 0;
    std::size_t fileSize = 65536;

    std::string str() const
    {
        std::string out(version == 2 ? 72 : 104, '\0');
        std::string tail = extensionBytes();
        const bool behind = !backingOffset && (!backing.empty() || backingSize);
        const auto offset = behind ? out.size() + tail.size() : backingOffset;
        put(out, 0, magic, 4);
        put(out, 4, version, 4);
        put(out, 8, offset, 8);
        put(out, 16, backingSize ? backingSize : backing.size(), 4);
        put(out, 20, clusterBits, 4);
        put(out, 24, bytes, 8);
        put(out, 32, encryption, 4);
        if (version != 2) {
            put(out, 72, features, 8);
            put(out, 96, 4, 4);
            put(out, 100, headerLength, 4);
        }
        out += tail + backing;
        out.resize(fileSize);
        return out;
    }

private:
    static void put(std::string& out, std::size_t offset, std::uint64_t value, std::size_t size)
    {
        for (std::size_t i = 0; i < size; ++i)
            out[offset + i] = static_cast<char>(value >> (8 * (size - 1 - i)) & 0xff);
    }

    std::string extensionBytes() const
    {
        std::string out;
        for (const auto& one : extensions) {
            std::string head(8, '\0');
            put(head, 0, one.kind, 4);
            put(head, 4, one.value.size() + one.lengthAdded, 4);
            out += head + one.value + std::string((8 - one.value.size() % 8) % 8, '\0');
        }
        return endExtensions ? out + std::string(8, '\0') : out;
    }
};

} // namespace hotplug::test
