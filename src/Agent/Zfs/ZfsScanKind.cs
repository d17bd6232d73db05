namespace Fleet.Agent.Zfs;

internal enum ZfsScanKind
{
    /// <summary>Reads everything and compares checksums.</summary>
    Scrub,

    /// <summary>Brings a device up to date.</summary>
    Resilver,
}
