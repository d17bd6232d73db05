using System.Globalization;
using Fleet.Agent.Zfs.Pool;
using Fleet.Protocol.V1;
using Fleet.Yaml;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Agent.Actions.Zfs.Scrub;

/// <summary>Makes one result of what the scrubs found.</summary>
internal sealed class ScrubReport
{
    private const int MaxDevices = 100;
    private readonly ActionResult _result = new() { Outcome = ActionOutcome.Succeeded, ZfsScrub = new ZfsScrubResult() };
    private readonly List<string> _messages = [];

    public void Add(string pool, ZfsPoolStatus status, ZfsScan scrub, ZfsScrubState state)
    {
        var found = new ZfsScrubbedPool
        {
            Pool = pool,
            State = state,
            Errors = scrub.Errors ?? 0,
            RepairedBytes = scrub.RepairedBytes ?? 0,
            Duration = scrub.Duration is { } duration ? Duration.FromTimeSpan(duration) : null,
            At = Timestamp.FromDateTimeOffset(scrub.At),
            Percent = scrub.Percent ?? 0,
            DataErrors = status.DataErrors ?? 0,
        };
        foreach (var vdev in status.Vdevs.Where(v => v.ReadErrors > 0 || v.WriteErrors > 0 || v.ChecksumErrors > 0).Take(MaxDevices))
        {
            found.Devices.Add(vdev.Name);
            ToolOutcome.AddDetail(_result, $"{pool}: {vdev.Name} has {vdev.ReadErrors ?? 0} read, {vdev.WriteErrors ?? 0} write and "
                + $"{vdev.ChecksumErrors ?? 0} checksum error(s) since the last zpool clear");
        }

        _result.ZfsScrub.Pools.Add(found);
        if (state == ZfsScrubState.Finished && (found.Errors > 0 || found.DataErrors > 0))
        {
            Worsen(ActionOutcome.Failed);
            ToolOutcome.AddDetail(_result, $"{pool}: zpool status -v {pool} names the damaged files; restore them from a copy");
        }
        else if (found.RepairedBytes > 0 || found.Devices.Count > 0)
        {
            Worsen(ActionOutcome.SucceededWithWarnings);
        }

        _messages.Add(state switch
        {
            ZfsScrubState.Finished => string.Create(
                CultureInfo.InvariantCulture, $"{pool}: {found.Errors} error(s) that could not be repaired, "
                    + $"{SizeText.Approximate(found.RepairedBytes)} repaired, {found.DataErrors} file(s) or block(s) lost"),
            ZfsScrubState.Paused => string.Create(CultureInfo.InvariantCulture, $"{pool}: paused at {found.Percent:0} %"),
            _ => $"{pool}: stopped",
        });
    }

    public void Say(string message) => _messages.Add(message);

    public void Fail(string pool, ActionResult why)
    {
        Worsen(why.Outcome);
        _result.Retryable |= why.Retryable;
        _messages.Add($"{pool}: {why.Message}");
    }

    /// <summary>It ended before its end.</summary>
    public void Stop(string pool, ActionResult why)
    {
        _result.Outcome = why.Outcome;
        _result.Retryable = why.Retryable;
        _messages.Add($"{pool}: {why.Message}");
    }

    public ActionResult Result()
    {
        _result.Message = string.Join("; ", _messages);
        return _result;
    }

    private void Worsen(ActionOutcome outcome)
    {
        if (_result.Outcome is ActionOutcome.Succeeded || outcome is not ActionOutcome.SucceededWithWarnings)
        {
            _result.Outcome = outcome;
        }
    }
}
