using System.Globalization;
using Fleet.Coordinator.Errors;
using Fleet.Coordinator.Grains;
using Fleet.Coordinator.Limits;
using Fleet.Coordinator.State.Hosts;
using Fleet.Coordinator.State.Runs;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Fleet.Coordinator.Runs;

/// <summary>Answers questions about runs.</summary>
internal sealed class RunQueries(FleetStore store, IGrainFactory grains, TimeProvider clock)
{
    /// <summary>
    /// Most bytes of a result in a list; a larger one is included without its details. Bytes of a run without its result and action.
    /// </summary>
    private const int ListedResultBytes = 128 * 1024;
    private const int RunBytes = 1_024;

    /// <summary>Fewest digits of an id that can name a run.</summary>
    private const int LeastPrefix = 6;

    /// <summary>The run with an id, or with its first digits.</summary>
    /// <exception cref="RpcException">There is no such run, or more than one.</exception>
    public static RunRow Resolve(StoreReader reader, string idOrPrefix)
    {
        if (idOrPrefix.Length is < LeastPrefix or > 32 || !idOrPrefix.All(char.IsAsciiHexDigitLower))
        {
            throw FleetError.InvalidArgument("run_id", $"must be 32 lower-case hex digits, or the first {LeastPrefix} or more of them");
        }

        var found = RunStore.WithPrefix(reader, idOrPrefix);
        return found.Count switch
        {
            1 => found[0],
            0 => throw FleetError.NotFound($"no run {idOrPrefix}", "`fleet runs` lists them"),
            _ => throw FleetError.InvalidArgument(
                "run_id", $"{idOrPrefix} matches more than one run, {found[0].RunId} and {found[1].RunId} among them", "give more digits"),
        };
    }

    public async Task<Run> GetAsync(string idOrPrefix, CancellationToken cancellationToken)
    {
        var (run, waiting) = await store.ReadAsync(
            reader =>
            {
                var row = Resolve(reader, idOrPrefix);
                return (row, WaitingFor(reader, row, clock.GetUtcNow()));
            },
            cancellationToken);
        return await CompleteAsync(run, waiting);
    }

    public async Task<ListRunsResponse> ListAsync(ListRunsRequest request, CancellationToken cancellationToken)
    {
        var size = Paging.Size(request.PageSize);
        var (before, beforeId) = ReadToken(request.PageToken);
        var more = false;
        var rows = await store.ReadAsync(
            reader =>
            {
                var hostId =
                    request.Host.Length == 0
                        ? ""
                        : HostStore.Find(reader, request.Host)?.HostId
                            ?? RemovedHost(reader, request.Host)
                            ?? throw FleetError.NotFound($"no host {request.Host}", "`fleet hosts` lists them");
                var ids = new RunPage(request.Policy, hostId, request.States, request.Since?.ToDateTimeOffset(), (before, beforeId)).Read(
                    reader, size + 1);
                var fit = Fit(reader, ids);
                more = fit.Count < ids.Count || fit.Count > size;
                return fit.Take(size).Select(row => (Row: row, Waiting: WaitingFor(reader, row, clock.GetUtcNow()))).ToList();
            },
            cancellationToken);
        var response = new ListRunsResponse();
        foreach (var (row, waiting) in rows)
        {
            response.Runs.Add(await CompleteAsync(row, waiting));
        }

        if (more && rows.Count > 0)
        {
            var last = rows[^1].Row;
            response.NextPageToken = Paging.Token($"{last.ScheduledAt.ToColumn()}:{last.RunId}");
        }

        return response;
    }

    public async Task<ListRunLogResponse> ListLogAsync(ListRunLogRequest request, CancellationToken cancellationToken)
    {
        var size = Paging.Size(request.PageSize);
        var (attempt, number) = request.PageToken.Length == 0 ? (0, 0L) : ReadLogToken(request.PageToken);
        return await store.ReadAsync(
            reader =>
            {
                var run = Resolve(reader, request.RunId);
                var lines = RunLogStore.After(reader, run.RunId, attempt, number, size + 1);
                var response = new ListRunLogResponse { OmittedLines = RunLogStore.Omitted(reader, run.RunId) };
                var count = Paging.Fit(lines, size);
                response.Lines.AddRange(lines.Take(count));

                // There may be fewer lines than were asked for because they are long.
                if (lines.Count > count || lines.Sum(RunLogStore.Size) >= Paging.MaxPageBytes)
                {
                    response.NextPageToken = Paging.Token($"{lines[count - 1].Attempt}:{lines[count - 1].Number}");
                }

                return response;
            },
            cancellationToken);
    }

    /// <summary>The protocol's message of a run, with its newest progress while it runs.</summary>
    public async Task<Run> CompleteAsync(RunRow row, string waitingFor)
    {
        var run = ToMessage(row);
        run.WaitingFor = waitingFor;
        if (row.State == RunState.Running
            && await grains.GetGrain<IRunGrain>(row.RunId).GetProgressAsync() is { } report && report.Attempt == row.Attempt)
        {
            run.Progress = RunProgress.Parser.ParseFrom(report.Progress);
        }

        return run;
    }

    /// <summary>Why a run waits. Empty if it does not.</summary>
    public static string WaitingFor(StoreReader reader, RunRow run, DateTimeOffset now)
    {
        if (run.State == RunState.Dispatched)
        {
            return "sent to the agent, which has not confirmed the start yet";
        }

        if (run.State != RunState.Queued)
        {
            return "";
        }

        if (HostStore.FindById(reader, run.HostId) is not { Connected: true })
        {
            return "host is offline";
        }

        if (run.NotBefore > now)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"pause before attempt {run.Attempt + 1}, until {run.NotBefore.UtcDateTime:HH:mm:ss}Z");
        }

        var ahead = RunStore.Active(reader, run.HostId).FirstOrDefault(other => other.Policy == run.Policy && run.Policy.Length > 0);
        return ahead is null ? "about to be sent" : $"run {ahead.RunId[..8]} of the same policy is ahead of it";
    }

    private static Run ToMessage(RunRow row)
    {
        var run = new Run
        {
            RunId = row.RunId,
            Policy = row.Policy,
            PolicyRevision = row.PolicyRevision,
            HostId = row.HostId,
            HostName = row.HostName,
            State = row.State,
            Trigger = row.Trigger,
            ScheduledAt = Timestamp.FromDateTimeOffset(row.ScheduledAt),
            QueuedAt = Timestamp.FromDateTimeOffset(row.QueuedAt),
            Attempt = row.Attempt,
            ExpiresAt = Timestamp.FromDateTimeOffset(row.ExpiresAt),
            Result = row.Result,
            RequestedBy = row.RequestedBy,
            Action = row.Action,
            TraceId = row.TraceId,
            Note = row.Note,
        };
        if (row.StartedAt is { } started)
        {
            run.StartedAt = Timestamp.FromDateTimeOffset(started);
        }

        if (row.FinishedAt is { } finished)
        {
            run.FinishedAt = Timestamp.FromDateTimeOffset(finished);
        }

        return run;
    }

    /// <summary>The first of these runs, as many as fit on a page; one that is too large for a page is alone on it.</summary>
    private static List<RunRow> Fit(StoreReader reader, List<string> ids)
    {
        var rows = new List<RunRow>(ids.Count);
        var bytes = 0L;
        foreach (var id in ids)
        {
            if (RunStore.Find(reader, id) is not { } found)
            {
                // Deleted since its id was read; the runs after it still belong to this page.
                continue;
            }

            var row = found.Result is { } result ? found with { Result = ForList(result) } : found;
            bytes += RunBytes + (row.Result?.CalculateSize() ?? 0) + row.Action.CalculateSize();
            if (bytes > Paging.MaxPageBytes && rows.Count > 0)
            {
                break;
            }

            rows.Add(row);
        }

        return rows;
    }

    /// <summary>Results that each name thousands of snapshots would make the page larger than a message may be.</summary>
    private static ActionResult ForList(ActionResult result)
    {
        // It was read for this list, so nobody else uses it.
        result.ZfsPrune?.Decisions.Clear();
        result.ZfsPrune?.Destroyed.Clear();
        result.ZfsSnapshot?.Snapshots.Clear();
        result.LvmPrune?.Decisions.Clear();
        result.LvmPrune?.Destroyed.Clear();
        result.LvmSnapshot?.Snapshots.Clear();
        result.ZfsReplicate?.Replicas.Clear();
        result.RsyncPlan?.Deletions.Clear();
        return result.CalculateSize() > ListedResultBytes ? ResultCaps.Core(result) : result;
    }

    private static string? RemovedHost(StoreReader reader, string host) => HostStore.FindById(reader, host)?.HostId;

    private static (long Before, string BeforeId) ReadToken(string token)
    {
        if (token.Length == 0)
        {
            return (long.MaxValue, "");
        }

        var parts = Paging.Read(token).Split(':');
        return parts.Length == 2 && long.TryParse(parts[0], CultureInfo.InvariantCulture, out var at)
            ? (at, parts[1])
            : throw Paging.Invalid();
    }

    private static (int Attempt, long Number) ReadLogToken(string token)
    {
        var parts = Paging.Read(token).Split(':');
        return parts.Length == 2
            && int.TryParse(parts[0], CultureInfo.InvariantCulture, out var attempt)
            && long.TryParse(parts[1], CultureInfo.InvariantCulture, out var number)
            ? (attempt, number)
            : throw Paging.Invalid();
    }
}
