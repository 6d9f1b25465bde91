#include "storage/storage.h"

#include "storage/bounded_looks.h"
#include "storage/image_chain.h"
#include "storage/image_file.h"
#include "storage/image_name.h"

#include <climits>
#include <fmt/format.h>

namespace hotplug {

namespace {

/// Threads left behind per root on storage that never answered, before it counts as down without another try.
constexpr std::size_t maxStuckThreads = 16;

void requirePath(const std::string& path)
{
    std::string problem;
    if (path.size() >= PATH_MAX)
        problem = fmt::format("is longer than {} bytes", PATH_MAX - 1);
    else if (hasOverlongPart(path))
        problem = fmt::format("has a part of more than {} bytes", NAME_MAX);
    else if (!isPrintable(path))
        problem = "has control characters or is not UTF-8";
    else if (!path.starts_with('/'))
        problem = "is not absolute; begin it with a slash";
    else if (hasInnerDotDot(path))
        problem = "has .. inside; write it without";
    if (!problem.empty())
        throw Refusal(Reason::InvalidParameter, "the source's path " + problem);
}

} // namespace

Storage::Storage(StoragePolicy policy)
    : policy_(std::move(policy)), looks_(std::make_unique<BoundedLooks>(maxStuckThreads)) {}

Storage::~Storage() = default;

HostSource Storage::resolve(const std::string& path, DiskFormat declared) const
{
    requirePath(path);
    const ImageRoots roots(policy_.imageRoots);
    auto source = looks_->take(roots.placeOf(path), policy_.patience,
        [roots, path, declared] { return inspectImage(roots, path, declared); });
    if (!source)
        throw Refusal(Reason::SourceNotResponding,
            fmt::format("the storage of {} did not answer within {} ms; check whether its file system hangs",
                path, policy_.patience.count()));
    return *std::move(source);
}

} // namespace hotplug
