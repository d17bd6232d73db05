using Fleet.Cli.CommandLine;
using Fleet.Cli.Output;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Runs;

/// <summary>How the copies stand after a replication.</summary>
internal static class ReplicaTable
{
    public static void Print(Invocation invocation, ZfsReplicateResult? result)
    {
        if (result is null || result.Replicas.Count == 0)
        {
            return;
        }

        invocation.Out.Line("");
        invocation.Out.Table(
            ["COPY", "STATE", "IN COMMON", "BEHIND SINCE", "HOLDS"],
            result.Replicas.Select(r => (Cell[])
            [
                r.Target,
                new Cell(
                    Humane.Words(r.State),
                    r.State == ZfsReplicaState.Current ? Tone.Good : r.State == ZfsReplicaState.Diverged ? Tone.Bad : Tone.Doubtful),
                r.Common,
                Humane.Instant(r.BehindSince, invocation.Environment.Time),
                r.HeldBytes > 0 ? Humane.Bytes(r.HeldBytes) : "",
            ]));
        if (result.ReplicasTotal > result.Replicas.Count)
        {
            invocation.Out.Line(new Cell($"... and {result.ReplicasTotal - result.Replicas.Count} more", Tone.Quiet));
        }
    }
}
