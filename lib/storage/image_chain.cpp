#include "storage/image_chain.h"

#include "base/reason.h"
#include "model/parse_name.h"
#include "storage/image_name.h"
#include "storage/image_signature.h"
#include "storage/qcow2_header.h"

#include <fmt/format.h>
#include <memory>
#include <optional>

namespace hotplug {

namespace {

constexpr std::size_t maxLayers = 32;

/// A file that the walk is about to look at.
struct Layer {
    std::string path;           ///< Absolute, symlinks and all: relative names in its header start from here.
    DiskFormat format;
    std::string subject;        ///< How sentences begin.
};

void requireSignature(std::string_view found, const Layer& layer)
{
    const bool raw = layer.format == DiskFormat::Raw;
    if (found == (raw ? "" : name(layer.format)))
        return;
    if (raw)
        throw Refusal(Reason::FormatMismatch,
            fmt::format("{} is declared raw but has a {} header; {}, or wipe the header if a guest wrote it there",
                layer.subject, found, found == "qcow2" ? "declare qcow2" : "convert it with qemu-img convert"));
    throw Refusal(Reason::FormatMismatch,
        fmt::format("{} is declared {} but has {}; declare its real format, or convert it with qemu-img convert",
            layer.subject, name(layer.format), found.empty() ? "no such header" : fmt::format("a {} header", found)));
}

Qcow2Header readHeader(const ImageFile& file, std::span<const std::uint8_t> start, const Layer& layer)
{
    try {
        const auto header = parseQcow2Header(file.start(qcow2HeaderArea(start)));
        if (header.encrypted)
            throw Refusal(Reason::NotSupported,
                layer.subject + " is encrypted; only images without encryption are supported");
        return header;
    } catch (const MalformedQcow2& error) {
        throw Refusal(Reason::FormatMismatch, fmt::format("{} {}", layer.subject, error.what()));
    }
}

/// What a raw image would say of itself: nothing but its size.
Qcow2Header rawHeader(const ImageFile& file)
{
    Qcow2Header header;
    header.bytes = file.bytes();
    return header;
}

/// A name out of a header: written by whoever made the image, and so as hostile as a request.
void requireFileName(const std::string& name, const Layer& owner)
{
    const char* problem = nullptr;
    if (!isPrintable(name))
        problem = "has characters that cannot be written in XML";
    else if (hasProtocol(name))
        problem = "is a protocol, not a file; only files inside the image roots are allowed";
    else if (hasInnerDotDot(name))
        problem = "has .. inside; write it without";
    if (problem)
        throw Refusal(Reason::SourceNotAllowed,
            fmt::format("{} names the file {}, which {}", owner.subject, shown(name), problem));
}

DiskFormat backingFormat(const Qcow2Header& header, const Layer& owner)
{
    const auto repair =
        fmt::format("name it with: qemu-img rebase -u -F raw|qcow2 -b {} IMAGE", shown(header.backingName));
    if (!header.backingFormat)
        throw Refusal(Reason::FormatMismatch,
            fmt::format("{} does not name the format of its backing file; {}", owner.subject, repair));
    const auto format = parseName<DiskFormat>(*header.backingFormat);
    if (!format)
        throw Refusal(Reason::FormatMismatch,
            fmt::format("{} names {} as the format of its backing file, raw and qcow2 are allowed; {}",
                owner.subject, shown(*header.backingFormat), repair));
    return *format;
}

class Walk {
public:
    explicit Walk(const ImageRoots& roots) : roots_(roots) {}

    HostSource run(Layer top)
    {
        source_.format = top.format;
        for (std::optional<Layer> layer = std::move(top); layer;)
            layer = visit(std::move(*layer));
        for (const auto& file : files_)
            source_.layers.push_back(file->path());
        source_.path = source_.layers.front();
        return std::move(source_);
    }

private:
    /// Returns the layer below.
    std::optional<Layer> visit(Layer layer)
    {
        const bool top = files_.empty();
        const auto& file = open(layer.path, layer.subject);
        if (top)
            layer.path = file.path();           // QEMU is given the resolved name, and starts from there
        const auto start = file.start(signatureArea);
        requireSignature(imageSignature(start), layer);
        const auto header = layer.format == DiskFormat::Qcow2 ? readHeader(file, start, layer) : rawHeader(file);
        if (top)
            source_.bytes = header.bytes;
        if (header.dataFile)
            openDataFile(*header.dataFile, layer);
        return backingOf(header, layer);
    }

    const ImageFile& open(const std::string& path, const std::string& subject)
    {
        if (files_.size() >= maxLayers)
            throw Refusal(Reason::SourceNotAllowed,
                fmt::format("{} is one layer too many: at most {} are allowed; merge some with qemu-img commit",
                    subject, maxLayers));
        auto file = std::make_unique<ImageFile>(roots_, path, subject);
        for (const auto& other : files_)
            if (file->isSameFileAs(*other))
                throw Refusal(Reason::SourceNotAllowed, subject + " is in the same chain twice");
        return *files_.emplace_back(std::move(file));
    }

    /// QEMU opens it as plain bytes, so that its own beginning does not matter.
    void openDataFile(const std::string& name, const Layer& owner)
    {
        requireFileName(name, owner);
        if (!name.starts_with('/'))
            throw Refusal(Reason::SourceNotAllowed,
                fmt::format("{} names the data file {}, which QEMU would look for in its own working directory; "
                    "name it absolutely with: qemu-img amend -o data_file=/…", owner.subject, shown(name)));
        open(name, fmt::format("the data file {} of {}", name, owner.path));
    }

    std::optional<Layer> backingOf(const Qcow2Header& header, const Layer& owner) const
    {
        const auto& name = header.backingName;
        if (name.empty())
            return std::nullopt;
        requireFileName(name, owner);
        const auto format = backingFormat(header, owner);
        const auto path = name.starts_with('/') ? name : lexicalDirectory(owner.path) + '/' + name;
        return Layer{path, format, fmt::format("the backing file {} of {}", name, owner.path)};
    }

    const ImageRoots& roots_;
    HostSource source_;
    std::vector<std::unique_ptr<ImageFile>> files_;
};

} // namespace

HostSource inspectImage(const ImageRoots& roots, const std::string& path, DiskFormat declared)
{
    return Walk(roots).run({path, declared, "the source " + path});
}

} // namespace hotplug
