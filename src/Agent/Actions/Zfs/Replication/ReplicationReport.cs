using Fleet.Protocol.V1;

namespace Fleet.Agent.Actions.Zfs.Replication;

/// <summary>Makes one result of what came of each dataset.</summary>
internal sealed class ReplicationReport
{
    private const int MaxDetails = 100;

    /// <summary>As ZfsReplicateResult.replicas says.</summary>
    public const int MaxReplicas = 1_000;

    private readonly ZfsReplicateResult _result = new();
    private readonly List<string> _details = [];
    private bool _isRetryable;
    private int _problems;
    private int _empty;

    public void Add(ZfsReplica replica, ReplicaCopy copy)
    {
        _result.ReplicasTotal++;
        if (_result.Replicas.Count < MaxReplicas)
        {
            _result.Replicas.Add(replica);
        }

        _result.SnapshotsSent += copy.SnapshotsSent;
        _result.Resumed += copy.Resumed ? 1 : 0;
        _result.CurrentTotal += replica.State == ZfsReplicaState.Current ? 1 : 0;
        if (replica.State == ZfsReplicaState.NothingToCopy)
        {
            _empty++;
        }
        else if (replica.State != ZfsReplicaState.Current)
        {
            // Worth another attempt as long as one of them is.
            _isRetryable |= copy.Retryable;
            _problems++;
        }

        if (replica.Problem.Length > 0)
        {
            _details.Add($"{replica.Source}: {replica.Problem}");
        }

        _details.AddRange(copy.Notes);
    }

    public ActionResult Result(long sentBytes, bool isCancelled)
    {
        _result.SentBytes = sentBytes;
        var isEmpty = _empty > 0 && _empty == _result.ReplicasTotal;
        var result = new ActionResult
        {
            ZfsReplicate = _result,
            Outcome = isCancelled ? ActionOutcome.Cancelled
                : _problems > 0 || isEmpty ? ActionOutcome.Failed
                : _details.Count > 0 ? ActionOutcome.SucceededWithWarnings
                : ActionOutcome.Succeeded,
            Retryable = !isCancelled && _problems > 0 && _isRetryable,
            DetailsTotal = _details.Count,
            Details = { _details.Take(MaxDetails) },
        };
        result.Message = isCancelled ? "cancelled; what arrived is kept, and the next run continues from there"
            : isEmpty ? $"nothing was copied: {_details[0]}"
            : $"{_result.CurrentTotal} of {_result.ReplicasTotal} copies are current, {_result.SnapshotsSent} snapshot(s) sent"
                + (_problems > 0 ? $"; {_details[0]}" : "");
        return result;
    }
}
