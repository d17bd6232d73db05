using System.CommandLine;
using System.Globalization;
using Fleet.Cli.Commands;
using Fleet.Cli.Outcomes;
using Fleet.Cli.Output;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Snapshots;

/// <summary><c>fleet storage HOST</c>: lists pools, volume groups and thin pools, and with <c>--datasets</c> what is in them.</summary>
internal static class StorageCommand
{
    private const double FullFromPercent = 80;

    public static Command Create(CommandActions actions)
    {
        var host = actions.Names.HostArgument();
        var datasets = new Option<bool>("--datasets") { Description = "Also list datasets and volumes." };
        var command = new FleetCommand("storage", "Shows what a host has in ZFS and LVM, as its agent last reported it.",
            "fleet storage nas",
            "fleet storage nas --datasets")
        {
            host,
            datasets,
        };
        return actions.Online(command, async invocation =>
        {
            var storage = await invocation.Connection.Fleet.GetStorageAsync(
                new GetStorageRequest { Host = invocation.Get(host) }, invocation.Connection.Unary);
            if (invocation.Json)
            {
                invocation.Out.Message(storage);
                return ExitCode.Ok;
            }

            Print(invocation, storage, invocation.Get(datasets));
            return ExitCode.Ok;
        });
    }

    private static void Print(Invocation invocation, GetStorageResponse storage, bool withDatasets)
    {
        var stock = storage.Stock;
        invocation.Out.Line(new Cell($"{storage.HostName}, reported {HumanText.Relative(storage.ReceivedAt, invocation.Now)}", Tone.Quiet));
        Table(
            invocation,
            ["POOL", "HEALTH", "SIZE", "FREE", "FULL", "FRAGMENTED", "ERRORS", "SCRUB"],
            stock.Pools.Select(p => Pool(invocation, p)),
            2,
            3,
            4,
            5,
            6);
        Table(
            invocation,
            ["GROUP", "SIZE", "FREE", "MISSING DISKS"],
            stock.Groups.Select(g =>
                (Cell[])
                    [
                        g.Name,
                        HumanText.Bytes(g.SizeBytes),
                        HumanText.Bytes(g.FreeBytes),
                        new Cell(Number(g.MissingDevices), g.MissingDevices > 0 ? Tone.Bad : Tone.Plain),
                    ]),
            1,
            2,
            3);
        Table(
            invocation,
            ["THIN POOL", "SIZE", "DATA", "METADATA", "HEALTH"],
            stock
                .Volumes.Where(v => v.IsThinPool)
                .Select(v =>
                    (Cell[])
                        [
                            v.Name,
                            HumanText.Bytes(v.SizeBytes),
                            Full(v.HasDataPercent ? v.DataPercent : null),
                            Full(v.HasMetadataPercent ? v.MetadataPercent : null),
                            new Cell(v.Health, Tone.Bad),
                        ]),
            1,
            2,
            3);
        if (withDatasets)
        {
            Table(
                invocation,
                ["DATASET", "USED", "AVAILABLE", "QUOTA", "NEW SINCE SNAPSHOT", "NOTES"],
                stock.Datasets.Select(d =>
                    (Cell[])
                        [
                            d.Name,
                            HumanText.Bytes(d.UsedBytes),
                            HumanText.Bytes(d.AvailableBytes),
                            d.HasQuotaBytes ? HumanText.Bytes(d.QuotaBytes) : "",
                            HumanText.Bytes(d.WrittenBytes),
                            Notes(d),
                        ]),
                1,
                2,
                3,
                4);
            Table(
                invocation,
                ["VOLUME", "SIZE", "THIN POOL", "HEALTH"],
                stock
                    .Volumes.Where(v => !v.IsThinPool)
                    .Select(v => (Cell[])[v.Name, HumanText.Bytes(v.SizeBytes), v.Pool, new Cell(v.Health, Tone.Bad)]),
                1);
        }

        foreach (var problem in stock.Pools.Where(p => p.Problem.Length > 0).Select(p => $"{p.Name}: {p.Problem}").Concat(stock.Problems))
        {
            invocation.Out.Line("");
            invocation.Out.Line(new Cell(problem, Tone.Doubtful));
        }

        if (stock.Pools.Count + stock.Groups.Count + stock.Problems.Count == 0)
        {
            invocation.Out.Line("It has neither pools nor volume groups.");
        }
    }

    private static void Table(
        Invocation invocation, IReadOnlyList<string> headers, IEnumerable<Cell[]> rows, params ReadOnlySpan<int> rightAligned)
    {
        var all = rows.ToList();
        if (all.Count > 0)
        {
            invocation.Out.Line("");
            invocation.Out.Table(headers, all, rightAligned);
        }
    }

    private static Cell[] Pool(Invocation invocation, ZfsPoolState pool)
    {
        var errors = pool.DeviceErrors + (pool.HasDataErrors ? pool.DataErrors : 0);
        return
        [
            pool.Name,
            new Cell(pool.Health, pool.Health == "online" ? Tone.Good : Tone.Bad),
            pool.HasSizeBytes ? HumanText.Bytes(pool.SizeBytes) : "",
            pool.HasFreeBytes ? HumanText.Bytes(pool.FreeBytes) : "",
            Full(pool.HasCapacityPercent ? pool.CapacityPercent : null),
            pool.HasFragmentationPercent ? $"{pool.FragmentationPercent} %" : "",
            new Cell(Number(errors), errors > 0 ? Tone.Bad : Tone.Plain),
            Scrub(invocation, pool),
        ];
    }

    private static Cell Scrub(Invocation invocation, ZfsPoolState pool)
    {
        if (pool.Scans.FirstOrDefault(s => s is { Kind: "resilver", State: "running" }) is { } resilver)
        {
            return new Cell($"resilver {Percent(resilver)}", Tone.Doubtful);
        }

        return pool.Scans.FirstOrDefault(s => s.Kind == "scrub") switch
        {
            null => new Cell("never", Tone.Doubtful),
            { State: "finished" } scrub => new Cell(
                $"{HumanText.Relative(scrub.At, invocation.Now)}{(scrub.Errors > 0 ? $", {scrub.Errors} errors" : "")}", scrub.Errors > 0
                    ? Tone.Bad
                    : Tone.Plain),
            var scrub => $"{scrub.State} {Percent(scrub)}".TrimEnd(),
        };
    }

    private static string Percent(ZfsScanReport scan) =>
        scan.HasPercent ? string.Create(CultureInfo.InvariantCulture, $"{scan.Percent:0.#} %") : "";

    private static Cell Full(double? percent) => percent is { } full
        ? new Cell(string.Create(CultureInfo.InvariantCulture, $"{full:0.#} %"), full >= FullFromPercent ? Tone.Bad : Tone.Plain)
        : "";

    private static string Notes(ZfsDatasetState dataset) => string.Join(", ", new[]
    {
        dataset.IsVolume ? "volume" : "",
        dataset.ReadOnly ? "read-only" : "",
        dataset.EncryptionRoot.Length == 0 ? "" : dataset.KeyAvailable ? "encrypted" : "encrypted, key not loaded",
    }.Where(n => n.Length > 0));

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
