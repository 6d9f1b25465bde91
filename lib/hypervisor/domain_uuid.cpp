#include "hypervisor/domain_uuid.h"

#include "hypervisor/hypervisor.h"

namespace hotplug {

namespace {

constexpr auto npos = std::string_view::npos;

/// The documents are small and libvirt parses them anyway: this finds its way through tags and no more.
class TagWalk {
public:
    explicit TagWalk(std::string_view xml) : xml_(xml) {}

    std::optional<std::string> uuid()
    {
        while ((at_ = xml_.find('<', at_)) != npos) {
            if (passed("<!--", "-->") || passed("<![CDATA[", "]]>") || passed("<?", "?>"))
                continue;
            if (here("<!"))
                throw HypervisorError(ErrorKind::Invalid, "a domain document must not have a DOCTYPE");
            if (here("</"))
                close();
            else if (const auto name = open(); name == "uuid" && depth_ == 2)
                return digits();
        }
        return std::nullopt;
    }

private:
    bool here(std::string_view text) const { return xml_.substr(at_).starts_with(text); }

    bool passed(std::string_view begin, std::string_view end)
    {
        if (!here(begin))
            return false;
        at_ = xml_.find(end, at_ + begin.size());
        return true;
    }

    void close()
    {
        --depth_;
        at_ = xml_.find('>', at_);
    }

    /// Its name; empty for an element without content or a tag that does not end. `at_` is behind the tag then.
    std::string_view open()
    {
        const auto name = xml_.substr(at_ + 1, xml_.find_first_of(" \t\r\n/>", at_) - at_ - 1);
        const auto end = endOfTag();
        const bool empty = end == npos || xml_[end - 1] == '/';
        at_ = end == npos ? xml_.size() : end + 1;
        depth_ += empty ? 0 : 1;
        return empty ? std::string_view() : name;
    }

    /// Where its `>` is: not one inside an attribute's value.
    std::size_t endOfTag() const
    {
        auto end = xml_.find_first_of("'\">", at_);
        while (end != npos && xml_[end] != '>') {
            const auto closing = xml_.find(xml_[end], end + 1);
            end = closing == npos ? npos : xml_.find_first_of("'\">", closing + 1);
        }
        return end;
    }

    std::string digits() const
    {
        const auto end = xml_.find_first_not_of("0123456789abcdefABCDEF- \t\r\n", at_);
        if (end == npos || !xml_.substr(end).starts_with("</"))
            throw HypervisorError(ErrorKind::Invalid, "the domain's uuid must be written in plain digits");
        return std::string(xml_.substr(at_, end - at_));
    }

    const std::string_view xml_;
    std::size_t at_ = 0;
    int depth_ = 0;
};

} // namespace

std::optional<std::string> domainUuid(std::string_view domainXml)
{
    return TagWalk(domainXml).uuid();
}

} // namespace hotplug
