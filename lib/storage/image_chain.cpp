#include "storage/image_chain.h"

#include "base/reason.h"
#include "model/parse_name.h"
#include "storage/image_name.h"
#include "storage/image_signature.h"
#include "storage/opened_layer.h"
#include "storage/qcow2_header.h"
#include "storage/source_names.h"

#include <fmt/format.h>
#include <iterator>
#include <memory>
#include <optional>

namespace hotplug {

namespace {

constexpr std::size_t maxLayers = 32;

/// A file or device that the walk is about to look at.
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

Qcow2Header readHeader(const OpenedLayer& opened, std::span<const std::uint8_t> start, const Layer& layer)
{
    try {
        const auto header = parseQcow2Header(opened.start(qcow2HeaderArea(start)));
        if (header.encrypted)
            throw Refusal(Reason::NotSupported,
                layer.subject + " is encrypted; only images without encryption are supported");
        return header;
    } catch (const MalformedQcow2& error) {
        throw Refusal(Reason::FormatMismatch, fmt::format("{} {}", layer.subject, error.what()));
    }
}

/// A name out of a header: written by whoever made the image, and so as hostile as a request.
void requireFileName(const std::string& name, const Layer& owner)
{
    const char* problem = nullptr;
    if (!isPrintable(name))
        problem = "has characters that cannot be written in XML";
    else if (hasProtocol(name))
        problem = "is a protocol, not a file; only files and block devices are allowed";
    else if (hasInnerDotDot(name))
        problem = "has .. inside; write it without";
    if (problem)
        throw Refusal(Reason::SourceNotAllowed,
            fmt::format("{} names the file {}, which {}", owner.subject, shown(name), problem));
}

DiskFormat backingFormat(const Qcow2Header& header, const Layer& owner)
{
    // Without the name: it is the image's own word, and people paste commands into a shell.
    constexpr auto repair = "name it with: qemu-img rebase -u -F FORMAT -b BACKING_FILE IMAGE";
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
    explicit Walk(const Fence& fence) : fence_(fence) {}

    HostSource run(Layer top)
    {
        const auto asked = top.path;
        for (std::optional<Layer> layer = std::move(top); layer;)
            layer = visit(std::move(*layer));
        return source(asked);
    }

private:
    HostSource source(const std::string& asked) const
    {
        const auto& top = *opened_.front();
        HostSource source;
        source.kind = top.kind();
        source.path = top.path();
        auto names = top.names();
        names.insert(names.begin(), top.path());
        source.names = documentNames(asked, std::move(names));
        for (auto layer = std::next(opened_.begin()); layer != opened_.end(); ++layer)
            source.backing.push_back((*layer)->resolved());
        return source;
    }

    /// Returns the layer below.
    std::optional<Layer> visit(Layer layer)
    {
        const bool top = opened_.empty();
        const auto& opened = open(layer.path, layer.subject);
        if (top)
            layer.path = opened.path();         // QEMU is given this name, and starts from there
        const auto start = opened.start(signatureArea);
        requireSignature(imageSignature(start), layer);
        if (layer.format == DiskFormat::Raw)
            return std::nullopt;
        const auto header = readHeader(opened, start, layer);
        if (header.dataFile)
            openDataFile(*header.dataFile, layer);
        return backingOf(header, layer);
    }

    const OpenedLayer& open(const std::string& path, const std::string& subject)
    {
        if (opened_.size() >= maxLayers)
            throw Refusal(Reason::SourceNotAllowed,
                fmt::format("{} is one layer too many: at most {} are allowed; merge some with qemu-img commit",
                    subject, maxLayers));
        auto layer = std::make_unique<OpenedLayer>(fence_, path, subject);
        for (const auto& other : opened_)
            if (layer->isSameAs(*other))
                throw Refusal(Reason::SourceNotAllowed, subject + " is in the same chain twice");
        return *opened_.emplace_back(std::move(layer));
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

    const Fence& fence_;
    std::vector<std::unique_ptr<OpenedLayer>> opened_;
};

} // namespace

HostSource inspectImage(const Fence& fence, const std::string& path, DiskFormat declared)
{
    return Walk(fence).run({path, declared, "the source " + path});
}

} // namespace hotplug
