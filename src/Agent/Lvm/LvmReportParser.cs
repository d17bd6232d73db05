using System.Globalization;
using System.Text.Json;
using Fleet.Agent.Logging;

namespace Fleet.Agent.Lvm;

/// <summary>
/// Reads the JSON reports of lvs, vgs and pvs. Pure. A row whose values are not understood is refused and shown; a report that is
/// no such JSON is refused as a whole.
/// </summary>
internal static class LvmReportParser
{
    private const int MaxRefused = 20;

    /// <summary>A volume with several segments comes once per segment, with the same values: it is read once.</summary>
    public static LvmReading<LvmVolume> Volumes(ReadOnlySpan<byte> report) =>
        Read(report, p => p.Lv, r => $"{r.VgName}/{r.LvName}", Volume, v => v.Uuid);

    public static LvmReading<LvmGroup> Groups(ReadOnlySpan<byte> report) => Read(report, p => p.Vg, r => r.VgName, Group, g => g.Uuid);

    public static LvmReading<LvmDevice> Devices(ReadOnlySpan<byte> report) => Read(report, p => p.Pv, r => r.PvName, Device, d => d.Uuid);

    private static LvmReading<T> Read<TRow, T>(
        ReadOnlySpan<byte> report, Func<LvmReportJson.Part, IReadOnlyList<TRow>?> rows, Func<TRow, string?> name, Func<TRow, T?> parse,
        Func<T, string> uuid)
        where T : class
    {
        LvmReportJson? json;
        try
        {
            json = JsonSerializer.Deserialize(report, LvmReportJsonContext.Default.LvmReportJson);
        }
        catch (JsonException e)
        {
            return new([], [$"the report is not the JSON that was expected: {LogText.Escape(e.Message)}"]);
        }

        if (json?.Report is not { Count: > 0 } parts || parts.All(p => p is null || rows(p) is null))
        {
            return new([], ["the report holds no list"]);
        }

        Dictionary<string, T> items = [];
        List<T> order = [];
        List<string> refused = [];
        foreach (var row in parts.SelectMany(p => p is null ? [] : rows(p) ?? []))
        {
            if (row is not null && parse(row) is { } item)
            {
                if (items.TryAdd(uuid(item), item))
                {
                    order.Add(item);
                }
            }
            else if (refused.Count < MaxRefused)
            {
                refused.Add(LogText.Escape($"{(row is null ? null : name(row))}: {row}"));
            }
        }

        return new(order, refused);
    }

    private static LvmVolume? Volume(LvmReportJson.Volume row)
    {
        var values = new LvmValues();
        var volume = new LvmVolume
        {
            Uuid = values.Text(row.LvUuid),
            Group = values.Text(row.VgName),
            Name = values.Text(Unhidden(row.LvName)),
            Kind = Kind(values.Words(row.LvLayout), values.Words(row.LvRole)),
            Attributes = values.Text(row.LvAttr),
            SizeBytes = values.Number(row.LvSize),
            Tags = values.Words(row.LvTags),
            Created = values.NumberOrNone(row.LvTime) is { } seconds and > 0 and < 253_402_300_800
                ? DateTimeOffset.FromUnixTimeSeconds(seconds)
                : null,
            Active = values.Flag(row.LvActive, "active"),
            SkipsActivation = values.Flag(row.LvSkipActivation, "skip activation") ?? false,
            Writable = row.LvAttr is [_, 'w', ..],
            Pool = values.TextOrNone(Unhidden(row.PoolLv)),
            PoolUuid = values.TextOrNone(row.PoolLvUuid),
            Origin = values.TextOrNone(Unhidden(row.Origin)),
            OriginUuid = values.TextOrNone(row.OriginUuid),
            DataPercent = values.Percent(row.DataPercent),
            MetadataPercent = values.Percent(row.MetadataPercent),
            MetadataSizeBytes = values.NumberOrNone(row.LvMetadataSize),
            FailsWhenFull = row.LvWhenFull is "" or null ? null : values.Flag(row.LvWhenFull == "queue" ? "" : row.LvWhenFull, "error"),
            Monitored = row.SegMonitor is "" or null
                ? null
                : values.Flag(row.SegMonitor == "not monitored" ? "" : row.SegMonitor, "monitored"),
            Merging = values.Flag(row.LvMerging, "merging") ?? false,
            MergeFailed = values.Flag(row.LvMergeFailed, "merge failed") ?? false,
            SnapshotInvalid = values.Flag(row.LvSnapshotInvalid, "snapshot invalid") ?? false,
            Health = values.Present(row.LvHealthStatus),
        };
        return values.AreWhole && LvmNames.IsUuid(volume.Uuid) ? volume : null;
    }

    /// <summary>What LVM hides from its users it shows in brackets.</summary>
    private static string? Unhidden(string? name) => name is ['[', .., ']'] ? name[1..^1] : name;

    private static LvmVolumeKind Kind(IReadOnlyList<string> layout, IReadOnlyList<string> role) =>
        layout.Contains("thin") && layout.Contains("pool") ? LvmVolumeKind.ThinPool
        : role.Contains("private") ? LvmVolumeKind.Internal
        : layout.Contains("thin") ? LvmVolumeKind.Thin
        : role.Contains("snapshot") && !role.Contains("thinsnapshot") ? LvmVolumeKind.ClassicSnapshot
        : LvmVolumeKind.Plain;

    private static LvmGroup? Group(LvmReportJson.Group row)
    {
        var values = new LvmValues();
        var group = new LvmGroup
        {
            Uuid = values.Text(row.VgUuid),
            Name = values.Text(row.VgName),
            Attributes = values.Text(row.VgAttr),
            SizeBytes = values.Number(row.VgSize),
            FreeBytes = values.Number(row.VgFree),
            ExtentBytes = values.Number(row.VgExtentSize),
            MissingDevices = values.Number(row.VgMissingPvCount),
            Tags = values.Words(row.VgTags),
        };
        return values.AreWhole ? group : null;
    }

    private static LvmDevice? Device(LvmReportJson.Device row)
    {
        var values = new LvmValues();
        var device = new LvmDevice
        {
            Uuid = values.Text(row.PvUuid),
            Name = values.Text(row.PvName),
            Group = values.TextOrNone(row.VgName),
            SizeBytes = values.Number(row.PvSize),
            FreeBytes = values.Number(row.PvFree),
            Missing = values.Flag(row.PvMissing, "missing") ?? false,
        };
        return values.AreWhole ? device : null;
    }
}

/// <summary>What was read of a report.</summary>
/// <param name="Items">Each once, by uuid.</param>
/// <param name="Refused">Rows that were not understood, or the whole report. Safe to show.</param>
internal sealed record LvmReading<T>(IReadOnlyList<T> Items, IReadOnlyList<string> Refused)
{
    /// <summary>Nothing was refused: the list is complete.</summary>
    public bool IsComplete => Refused.Count == 0;
}

/// <summary>
/// Reads the texts of a report's row. A value that is missing or of another shape makes <see cref="AreWhole"/> false for good, so
/// that one question at the end of the row is enough.
/// </summary>
internal struct LvmValues()
{
    private bool _failed;

    public readonly bool AreWhole => !_failed;

    /// <summary>Text that is not empty.</summary>
    public string Text(string? value)
    {
        _failed |= string.IsNullOrEmpty(value);
        return value ?? "";
    }

    /// <summary>Text that may be empty.</summary>
    public string Present(string? value)
    {
        _failed |= value is null;
        return value ?? "";
    }

    /// <summary>Null if empty.</summary>
    public string? TextOrNone(string? value)
    {
        var text = Present(value);
        return text.Length == 0 ? null : text;
    }

    /// <summary>A whole number that is not negative.</summary>
    public long Number(string? value)
    {
        _failed |= !long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        return number;
    }

    /// <summary>Null if empty.</summary>
    public long? NumberOrNone(string? value) => TextOrNone(value) is { } text ? Number(text) : null;

    /// <summary>0 to 100, with a point. Null if empty.</summary>
    public double? Percent(string? value)
    {
        if (TextOrNone(value) is not { } text)
        {
            return null;
        }

        _failed |= !double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent);
        return percent;
    }

    /// <summary>Parted by commas.</summary>
    public IReadOnlyList<string> Words(string? value) => Present(value) is { Length: > 0 } text ? text.Split(',') : [];

    /// <summary>True: the word; false: empty; null: "unknown", as of what is not active.</summary>
    public bool? Flag(string? value, string word)
    {
        _failed |= value is null || (value.Length > 0 && value != word && value != "unknown");
        return value == "unknown" ? null : value == word;
    }
}
