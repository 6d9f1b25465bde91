#pragma once

#include "base/uuid.h"
#include "model/device.h"
#include "model/outcome.h"
#include "model/record.h"

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace hotplug {

enum class Machine { Q35, Pc, Other };

/// A PCI or SCSI controller of a VM.
struct Controller {
    std::string type;                           ///< `pci`, `scsi`, `sata`, `ide` …
    std::string model;                          ///< `pcie-root-port`, `virtio-scsi` …
    unsigned index = 0;                         ///< For PCI: the bus number that it provides.
    std::optional<PciAddress> address;
    bool hotplug = true;                        ///< False for `<target hotplug='off'/>`.
};

struct DomainDisk {
    std::string device;                         ///< `disk`, `lun`, `cdrom`, `floppy`
    std::string type;                           ///< Of its top layer: `file`, `block`, `network` …
    std::string bus, target, serial;
    std::vector<std::string> sources;           ///< Live: the source and every layer behind it; may be empty (no medium).
                                                ///< Network volumes by their reference().
    std::optional<NetworkVolume> volume;        ///< The top layer, when it is by a protocol that we plug; no auth.
    Alias alias;                                ///< Empty in a definition for devices that others attached.
    std::optional<Address> address;
    std::optional<unsigned> bootOrder;
    bool shareable = false, readonly = false;
};

struct DomainNic {
    std::string type, source, model, target;    ///< `bridge`, `hp0`, `virtio`, `vnet3` (live only)
    std::optional<PciAddress> virtualFunction;  ///< Of a `hostdev`: on the host; `source` is its text.
    std::optional<Mac> mac;
    Alias alias;
    std::optional<Address> address;
    std::optional<unsigned> bootOrder;
};

/// Something that occupies a PCI address, with a name to tell the caller.
struct PciOccupant {
    PciAddress address;
    std::string holder;                         ///< Its alias, else target, MAC or its element's name.
};

/// Something that occupies a unit of a SCSI controller.
struct ScsiOccupant {
    DriveAddress address;
    std::string holder;                         ///< As for PCI.
};

/// One document: the live or the persistent one.
struct Definition {
    Uuid uuid;
    std::string name;
    Machine machine = Machine::Other;
    std::uint64_t memoryMiB = 0;
    bool bootDevices = false;                   ///< `<os><boot dev=…/>`: per-device boot orders are refused (SPEC C2).
    std::vector<Controller> controllers;
    std::vector<DomainDisk> disks;
    std::vector<DomainNic> nics;
    std::vector<PciOccupant> pci;               ///< Every PCI address in the document, controllers included.
    std::vector<ScsiOccupant> scsi;             ///< Every unit behind a SCSI controller: disks and host devices.
    std::vector<unsigned> storageNumbers;       ///< Live: by which QEMU's block nodes are named, of all disks' layers.
};

/// The document is not one that libvirt would give.
class XmlError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The name that a definition, not yet libvirt's, asks for; empty when there is none or it is no XML.
std::string nameInDefinition(const std::string& xml);

/// Throws XmlError.
Definition parseDefinition(const std::string& xml);

/// What `Hypervisor::writeRecords` takes: the whole document of one VM.
std::string printRecords(const VmRecord& records);

/// A VM as one read saw it: both documents, and the records of the one with the higher counter.
struct Domain {
    VmStatus status = VmStatus::Down;
    std::optional<Definition> live, config;
    VmRecord records;
    std::optional<VmRecord> liveRecords, configRecords;     ///< Each document's own; empty: it has none, or unreadable.
    std::string recordsProblem;                 ///< Not empty: RECORD_UNREADABLE.

    bool persistent() const { return config.has_value(); }
    /// Its name and UUID, from whichever document there is.
    const Definition& any() const { return live ? *live : *config; }
};

/// The VM as it would be with one more device, given as libvirt takes it for attach: live, and persist: defined.
void addDevice(Domain& domain, const std::string& deviceXml, bool persist);

/// Parses each document once. Throws XmlError; damaged records are no error but a `recordsProblem`.
Domain parseDomain(VmStatus status, const std::optional<std::string>& live, const std::optional<std::string>& config);

} // namespace hotplug
