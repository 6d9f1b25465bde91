#include "storage/qcow2_header.h"

#include <algorithm>
#include <cstdlib>

/// An image's first bytes as `storage` reads them: how much is wanted, then that much. MalformedQcow2 is the answer to
/// what is wrong; anything else that is thrown, a memory error or a header beyond the promised limits is a finding.

using namespace hotplug;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::span bytes(data, size);
    try {
        const auto wanted = qcow2HeaderArea(bytes);
        if (wanted > maxQcow2Cluster)
            std::abort();
        const auto header = parseQcow2Header(bytes.first(std::min(wanted, size)));
        if (header.backingName.size() > wanted || header.bytes >> 63)
            std::abort();
    } catch (const MalformedQcow2&) {
    }
    return 0;
}
